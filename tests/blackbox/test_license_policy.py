"""Policies: what a license takes from its template, when its terms begin, and what is refused."""

import datetime

import pytest

from harness.families import unique

LICENSES, TEMPLATES = "/v1/licenses", "/v1/license-templates"
DAY = datetime.timedelta(days=1)


def made(licensing, **members):
    answer = licensing.post(LICENSES, "InsertLicenseRequest", {"license": members})
    assert answer.status == 200, answer
    return int(answer.value["licenseId"])


def template(licensing, **members):
    answer = licensing.post(TEMPLATES, "InsertLicenseTemplateRequest",
                            {"licenseTemplate": {"name": unique("template")} | members})
    assert answer.status == 200, answer
    return int(answer.value["templateId"])


def shown(licensing, number):
    return licensing.get(f"{LICENSES}?filter=id%20=%20{number}").value["licenses"][0]


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def test_without_policy_all_is_as_before(licensing):
    row = shown(licensing, made(licensing))
    assert row["policy"] is None and row["state"] == "active"
    assert row["suspended"] in (False, "false") and row["firstActivatedAt"] is None
    assert row["expireDate"] is None


@pytest.mark.parametrize("basis,ends", [("creation", True), ("date", False), ("firstActivation", False),
                                        ("firstValidation", False)])
def test_terms_begin_by_their_basis(licensing, basis, ends):
    row = shown(licensing, made(licensing, issueDate="2026-01-31T12:00:00Z", policy={
        "expiryBasis": basis, "expiryDays": 30, "supportBasis": basis, "supportDays": 10}))
    for member, days in (("expireDate", 30), ("supportExpireDate", 10)):
        assert (row[member] is not None) == ends
        if ends:
            assert moment(row[member]) - moment("2026-01-31T12:00:00Z") == days * DAY


def test_a_date_that_is_sent_stays(licensing):
    row = shown(licensing, made(licensing, expireDate="2030-01-01T00:00:00Z",
                                policy={"expiryBasis": "creation", "expiryDays": 30}))
    assert row["expireDate"] == "2030-01-01T00:00:00Z"


def test_template_gives_what_the_license_does_not_say(licensing):
    number = template(licensing, expireDays=20, policy={
        "expiryBasis": "firstActivation", "graceDays": 3, "overage": "1.5x", "allowedNetworks": ["192.0.2.0/24"]})
    row = shown(licensing, made(licensing, templateId=number, policy={"graceDays": 5}))
    licensing.check(row["policy"], {"expiryBasis": "firstActivation", "graceDays": 5, "overage": "1.5x",
                                    "allowedNetworks": ["192.0.2.0/24"], "expiryDays": 20})
    # The template's days wait for the first activation.
    assert row["expireDate"] is None
    plain = shown(licensing, made(licensing, templateId=template(licensing, expireDays=20)))
    assert plain["policy"] is None and plain["expireDate"] is not None


def test_put_merges_the_policy(licensing):
    number = made(licensing, policy={"graceDays": 3, "overage": "2x"})
    answer = licensing.put(LICENSES, "UpdateLicenseRequest", {"license": {
        "id": number, "suspended": True, "policy": {"overage": None, "leaseSeconds": 60}}})
    assert answer.status == 200, answer
    row = shown(licensing, number)
    licensing.check(row["policy"], {"graceDays": 3, "overage": None, "leaseSeconds": 60})
    assert row["state"] == "suspended"
    answer = licensing.put(LICENSES, "UpdateLicenseRequest", {"license": {"id": number, "policy": None}})
    assert answer.status == 200, answer
    assert shown(licensing, number)["policy"] is None


@pytest.mark.parametrize("policy,path", [
    ({"expiryBasis": "someday"}, "license.policy.expiryBasis"),
    ({"expiryDays": 0}, "license.policy.expiryDays"),
    ({"graceDays": 36501}, "license.policy.graceDays"),
    ({"leaseSeconds": 9}, "license.policy.leaseSeconds"),
    ({"overage": "3x"}, "license.policy.overage"),
    ({"allowedNetworks": ["192.0.2.0/24", "192.0.2.1/24"]}, "license.policy.allowedNetworks[1]"),
])
def test_faults_name_the_member(licensing, policy, path):
    answer = licensing.post(LICENSES, "InsertLicenseRequest", {"license": {"policy": policy}})
    assert answer.status == 400, answer
    assert path in licensing.faults(answer), answer
