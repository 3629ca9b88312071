"""The machines of these tests: side by side, none of them disturbs another."""

import machine as machines


def test_a_machine_leaves_services_of_another_one_alone(base):
    """What has one name in both; and nothing of one that was shut down is left."""
    with machines.Machine(base) as one:
        with machines.Machine(base) as other:
            for running in (one, other):
                running.run("systemd-run --unit=same sh -c 'sleep 1000 & sleep 1000'")
            one.run("systemctl stop same; systemctl reset-failed")
            assert "Failed to kill" not in one.run("journalctl --unit=same").stdout
            assert other.run("systemctl is-active same; pgrep -cx sleep").stdout == "active\n2\n"
            assert one.run("pgrep -cx sleep", check=False).stdout == "0\n"
        assert not [group for group in other.groups if group.exists()]
        one.run("systemd-run --unit=same sleep 1000; systemctl is-active same")
