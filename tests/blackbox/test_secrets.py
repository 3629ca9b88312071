"""The search for secrets that runs at the end of every installation finds what there is to find."""

from harness.families import unique
from harness.secrets import Secrets


def test_the_search_finds_what_requests_and_answers_carried(tmp_path):
    secrets = Secrets()
    token = "cat_" + "a1-B_" * 8 + "xyz"
    chosen = unique("chosen-secret")
    carried = secrets.note_request("/x", {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
                                   f'{{"apiKey": {{"clientSecret": "{chosen}", "name": "other"}}}}'.encode())
    assert carried == {token, chosen}
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "log").write_bytes(b"\0binary " + token.encode() + b" and more")
    (tmp_path / "form").write_text(f"text {chosen}")
    (tmp_path / "clean").write_text(f"{token[:-1]} other")
    assert secrets.leaks(tmp_path) == [f"{tmp_path}/below/log:{token}", f"{tmp_path}/form:{chosen}"]


def test_forms_and_made_keys_are_remembered():
    secrets = Secrets()
    secrets.note_request("/Token", {"Content-Type": "application/x-www-form-urlencoded"},
                         b"grant_type=password&password=correct+horse+battery&username=someone")
    secrets.note_text('{"key": "api_abcdefghijklmnopqrstuvwx"}')
    assert secrets.known == {"correct horse battery", "api_abcdefghijklmnopqrstuvwx"}
    assert secrets.note_request("/", {}, None) == set()
