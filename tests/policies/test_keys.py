import json
from typing import Any, Final

import pytest

from agentcore_policies.model import SECRET, UNKNOWN, Resource, Value
from agentcore_policies.resource_policy import KMS_POLICIES
from agentcore_policies.rule import Context, Finding
from agentcore_policies.rules.keys import RULES
from tests.policies.judged import finding, not_checked, resource, told, urn, verdicts

KEY: Final = "aws:kms/key:Key"
NATIVE: Final = "aws-native:kms:Key"
KEY_POLICY: Final = "aws:kms/keyPolicy:KeyPolicy"
KEYS: Final = (KEY, NATIVE)
WINDOWS: Final = {
    KEY: "deletionWindowInDays",
    "aws:kms/replicaKey:ReplicaKey": "deletionWindowInDays",
    "aws:kms/externalKey:ExternalKey": "deletionWindowInDays",
    "aws:kms/replicaExternalKey:ReplicaExternalKey": "deletionWindowInDays",
    NATIVE: "pendingWindowInDays",
    "aws-native:kms:ReplicaKey": "pendingWindowInDays",
}
GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
NATIVE_GROUP: Final = "aws-native:logs:LogGroup"
ACCOUNT: Final = "222222222222"
ROOT: Final = f"arn:aws:iam::{ACCOUNT}:root"
ROLE: Final = f"arn:aws:iam::{ACCOUNT}:role/admin"
ARN: Final = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1"
CONTEXT: Final = "kms:EncryptionContext:aws:logs:arn"
GROUP_ARN: Final = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:agents"
HIDDEN: Final = (UNKNOWN, SECRET)


def statement(principal: Any, action: Any = "kms:*", **elements: Any) -> dict[str, Any]:
    given = {"Principal": principal, "Action": action, "Resource": "*", **elements}
    return {"Effect": "Allow", **{k: v for k, v in given.items() if v is not None}}


ADMIN: Final = statement({"AWS": ROOT})
LOGS_ACTIONS: Final = [
    *("kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"),
]


def logs(value: Any = GROUP_ARN, **elements: Any) -> dict[str, Any]:
    condition = {"ArnLike": {CONTEXT: value}}
    service = {"Service": "logs.us-east-1.amazonaws.com"}
    return {**statement(service, LOGS_ACTIONS, Condition=condition), **elements}


def policy(*statements: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


@pytest.mark.parametrize("kind", KEYS)
def test_a_key_has_to_rotate(kind: str) -> None:
    assert not verdicts(RULES, "kms-key-rotation", resource(kind, {"enableKeyRotation": True}))
    absent: list[dict[str, Value]] = [
        {},
        {"enableKeyRotation": None},
        {"enableKeyRotation": False},
        {"enableKeyRotation": "true"},
    ]
    for props in absent:
        found = verdicts(RULES, "kms-key-rotation", resource(kind, props))
        assert told(found) == finding("enableKeyRotation"), props
    for hidden in HIDDEN:
        found = verdicts(RULES, "kms-key-rotation", resource(kind, {"enableKeyRotation": hidden}))
        assert told(found) == not_checked("enableKeyRotation")


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize(
    ("name", "cannot", "can"),
    [
        ("keySpec", "RSA_4096", "SYMMETRIC_DEFAULT"),
        ("keySpec", "RSA_4096", ""),
        ("origin", "EXTERNAL", ""),
        ("keyUsage", "SIGN_VERIFY", ""),
        ("customerMasterKeySpec", "HMAC_256", "SYMMETRIC_DEFAULT"),
        ("keyUsage", "SIGN_VERIFY", "ENCRYPT_DECRYPT"),
        ("customKeyStoreId", "cks-1234567890abcdef0", ""),
        ("xksKeyId", "bb8562717f809024", ""),
        ("origin", "EXTERNAL", "AWS_KMS"),
    ],
)
def test_a_key_that_cannot_rotate_is_not_asked_to(
    kind: str, name: str, cannot: str, can: str
) -> None:
    assert not verdicts(RULES, "kms-key-rotation", resource(kind, {name: cannot}))
    found = verdicts(RULES, "kms-key-rotation", resource(kind, {name: can}))
    assert told(found) == finding("enableKeyRotation")
    found = verdicts(RULES, "kms-key-rotation", resource(kind, {name: UNKNOWN}))
    assert told(found) == not_checked(name)
    rotating = resource(kind, {name: UNKNOWN, "enableKeyRotation": True})
    assert not verdicts(RULES, "kms-key-rotation", rotating)


@pytest.mark.parametrize("kind", KEYS)
def test_a_rotation_is_at_least_once_a_year(kind: str) -> None:
    path = "rotationPeriodInDays"

    def rotated(days: Value) -> Resource:
        return resource(kind, {"enableKeyRotation": True, path: days})

    for days in (None, 90, 365.0):
        assert not verdicts(RULES, "kms-key-rotation", rotated(days))
    for days in (89, 366, "90", True):
        assert told(verdicts(RULES, "kms-key-rotation", rotated(days))) == finding(path)
    assert told(verdicts(RULES, "kms-key-rotation", rotated(UNKNOWN))) == not_checked(path)
    setting = {"maximumRotationDays": 180}
    assert told(verdicts(RULES, "kms-key-rotation", rotated(None), **setting)) == finding(path)
    assert not verdicts(RULES, "kms-key-rotation", rotated(2560), maximumRotationDays=2560)
    found = verdicts(RULES, "kms-key-rotation", rotated(2561), maximumRotationDays=9999)
    assert told(found) == finding(path), "KMS takes no longer period"
    found = verdicts(RULES, "kms-key-rotation", rotated(90.0), maximumRotationDays=1)
    assert told(found) == finding(path)


@pytest.mark.parametrize(("kind", "path"), WINDOWS.items())
def test_a_deleted_key_can_be_had_back(kind: str, path: str) -> None:
    for days in (None, 30, 30.0):
        assert not verdicts(RULES, "kms-deletion-window", resource(kind, {path: days}))
    assert not verdicts(RULES, "kms-deletion-window", resource(kind, {})), "KMS takes 30 days"
    for days in (0, 6, 29, 31, "30", True):
        found = verdicts(RULES, "kms-deletion-window", resource(kind, {path: days}))
        assert told(found) == finding(path), days
    for hidden in HIDDEN:
        found = verdicts(RULES, "kms-deletion-window", resource(kind, {path: hidden}))
        assert told(found) == not_checked(path)
    for days, passes in ((14, True), (13, False)):
        subject = resource(kind, {path: days})
        assert (not verdicts(RULES, "kms-deletion-window", subject, productionDays=14)) == passes


def test_outside_production_any_window_of_kms_passes() -> None:
    (rule,) = (rule for rule in RULES if rule.id == "kms-deletion-window")
    assert rule.check
    context = Context(stack="dev", production=False, settings={"productionDays": 30})
    for days, passes in ((6, False), (7, True), (30, True), (31, False)):
        subject = resource(KEY, {"deletionWindowInDays": days})
        assert (not list(rule.check(subject, context))) == passes, days


@pytest.mark.parametrize("kind", [*WINDOWS, KEY_POLICY])
def test_the_check_for_a_lockout_is_left_on(kind: str) -> None:
    path = "bypassPolicyLockoutSafetyCheck"
    for value in (None, False):
        assert not verdicts(RULES, "kms-lockout-check", resource(kind, {path: value}))
    for value in (True, "true"):
        found = verdicts(RULES, "kms-lockout-check", resource(kind, {path: value}))
        assert told(found) == finding(path)
    for hidden in HIDDEN:
        found = verdicts(RULES, "kms-lockout-check", resource(kind, {path: hidden}))
        assert told(found) == not_checked(path)


ADMINISTERED: Final = (
    policy(ADMIN),
    policy(statement({"AWS": ACCOUNT})),
    policy(statement({"AWS": [ROLE, ROOT]}, ["KMS:put*"])),
    policy(statement({"AWS": ROOT}, None, NotAction="kms:Decrypt")),
    policy(statement({"AWS": "arn:aws-us-gov:iam::222222222222:root"}, "*")),
    policy(ADMIN, statement({"AWS": ROLE}, "kms:Decrypt")),
    policy(ADMIN, statement("*", Effect="Deny", Condition={"Bool": {"aws:SecureTransport": "x"}})),
    policy(ADMIN, statement("*", "kms:ScheduleKeyDeletion", Effect="Deny")),
    policy(ADMIN, statement({"AWS": ROLE}, Effect="Deny")),
)
LOCKED_OUT: Final = (
    policy(statement({"AWS": ROLE})),
    policy(statement({"AWS": ROOT}, "kms:Decrypt")),
    policy(statement({"AWS": ROOT}, None, NotAction="kms:Put*")),
    policy({**ADMIN, "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}),
    policy(statement({"Service": "logs.amazonaws.com"})),
    policy({**ADMIN, "Effect": "Deny"}, statement({"AWS": ROLE})),
    policy(statement({"CanonicalUser": ROOT})),
)


@pytest.mark.parametrize(("kind", "path"), KMS_POLICIES.items())
def test_the_account_can_always_change_the_policy(kind: str, path: str) -> None:
    for document in ADMINISTERED:
        for given in (document, json.dumps(document)):
            assert not verdicts(RULES, "kms-policy-lockout", resource(kind, {path: given}))
    for document in LOCKED_OUT:
        for given in (document, json.dumps(document)):
            found = verdicts(RULES, "kms-policy-lockout", resource(kind, {path: given}))
            assert [type(one) for one in found] == [Finding], document
            assert found[0].path.startswith(path)


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"AWS": ROOT}])
def test_a_deny_for_everybody_locks_the_account_out(principal: Any) -> None:
    denied = policy(ADMIN, statement(principal, "kms:Put*", Effect="Deny"))
    found = verdicts(RULES, "kms-policy-lockout", resource(KEY, {"policy": denied}))
    assert told(found) == finding("policy.Statement[1]")


@pytest.mark.parametrize(("kind", "path"), KMS_POLICIES.items())
def test_a_policy_that_is_not_known_may_let_the_account_in(kind: str, path: str) -> None:
    for hidden in HIDDEN:
        found = verdicts(RULES, "kms-policy-lockout", resource(kind, {path: hidden}))
        assert told(found) == not_checked(path)
    for one, where in (
        (statement({"AWS": UNKNOWN}), "Principal.AWS"),
        (statement(UNKNOWN), "Principal"),
        (statement({"AWS": ROOT}, UNKNOWN), "Action"),
        (statement({"AWS": ROOT}, None, NotAction=UNKNOWN), "NotAction"),
        (statement({"AWS": ROOT}, None, NotAction=["kms:Decrypt", UNKNOWN]), "NotAction"),
        ({**ADMIN, "Effect": UNKNOWN}, "Effect"),
    ):
        found = verdicts(RULES, "kms-policy-lockout", resource(kind, {path: policy(one)}))
        assert told(found) == not_checked(f"{path}.Statement[0].{where}")
    denied = policy(statement({"AWS": ROLE}), statement({"AWS": UNKNOWN}, Effect="Deny"))
    found = verdicts(RULES, "kms-policy-lockout", resource(kind, {path: denied}))
    assert told(found) == finding(path), "whoever is denied, nobody is let in"
    beside = policy(ADMIN, statement({"AWS": UNKNOWN}))
    assert not verdicts(RULES, "kms-policy-lockout", resource(kind, {path: beside}))


def test_what_is_no_policy_is_judged_elsewhere() -> None:
    for kind in (KEY, KEY_POLICY):
        nothing: list[Value] = ["{", policy(), [], {"Version": "2012-10-17"}]
        for given in nothing:
            assert not verdicts(RULES, "kms-policy-lockout", resource(kind, {"policy": given}))
    nobody = {**policy(statement({"AWS": ROLE})), "Id": 1}
    found = verdicts(RULES, "kms-policy-lockout", resource(KEY, {"policy": nobody}))
    assert told(found) == finding("policy"), "a fault lets nobody in"


def test_without_a_policy_no_log_group_is_let_in() -> None:
    for props in ({}, {"policy": None}, {"policy": ""}):
        assert not verdicts(RULES, "kms-logs-context", resource(KEY, props))
        key = resource(KEY, {"arn": ARN, **props}, "key")
        group = resource(GROUP, {"name": "agents", "kmsKeyId": ARN}, "group")
        assert told(verdicts(RULES, "kms-logs-grant", [key, group])) == finding("kmsKeyId")


def test_without_a_policy_kms_lets_the_account_in() -> None:
    for props in ({}, {"policy": None}, {"policy": ""}):
        assert not verdicts(RULES, "kms-policy-lockout", resource(KEY, props))


def test_a_role_may_be_enough_where_config_says_so() -> None:
    nobody = resource(KEY, {"policy": policy(statement({"AWS": "*"}))})
    assert told(verdicts(RULES, "kms-policy-lockout", nobody, rolesSuffice=True)) == (
        finding("policy")
    )
    subject = resource(KEY, {"policy": policy(statement({"AWS": ROLE}))})
    assert not verdicts(RULES, "kms-policy-lockout", subject, rolesSuffice=True)


def test_another_account_does_not_administer_the_key() -> None:
    for accounts, passes in (([ACCOUNT], True), (["333333333333"], False), (UNKNOWN, True)):
        for given in (accounts, json.dumps(accounts) if isinstance(accounts, list) else accounts):
            subject = Resource(
                type=KEY,
                name="one",
                urn=urn(KEY, "one"),
                props={"policy": policy(ADMIN)},
                provider={"allowedAccountIds": given},
            )
            assert (not verdicts(RULES, "kms-policy-lockout", subject)) == passes, accounts


@pytest.mark.parametrize(("kind", "path"), KMS_POLICIES.items())
def test_logs_may_use_a_key_for_certain_groups_only(kind: str, path: str) -> None:
    def said(*statements: Any) -> list[tuple[str, str]]:
        subject = resource(kind, {path: policy(ADMIN, *statements)})
        return told(verdicts(RULES, "kms-logs-context", subject))

    assert not said()
    for value in (GROUP_ARN, f"arn:aws:logs:us-east-1:{ACCOUNT}:*", [GROUP_ARN, f"{GROUP_ARN}:*"]):
        assert not said(logs(value)), value
    where = f"{path}.Statement[1]"
    for value in ("*", "arn:aws:logs:*:*:*", [GROUP_ARN, "*"]):
        assert said(logs(value)) == finding(where), value
    unbounded = {key: value for key, value in logs().items() if key != "Condition"}
    assert said(unbounded) == finding(where)
    for service in ("logs.amazonaws.com", "logs.cn-north-1.amazonaws.com.cn"):
        assert said({**unbounded, "Principal": {"Service": service}}) == finding(where)
    account_only = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    assert said({**unbounded, "Condition": account_only}) == finding(where)
    assert said(logs(UNKNOWN)) == not_checked(f"{where}.Condition.ArnLike.{CONTEXT}")
    assert said({**unbounded, "Condition": UNKNOWN}) == not_checked(f"{where}.Condition")
    assert not said({**unbounded, "Effect": "Deny"})
    assert not said({**unbounded, "Principal": {"Service": "sns.amazonaws.com"}})
    assert not said({**unbounded, "Principal": {"AWS": "logs.amazonaws.com"}})
    other = {"ArnLike": {"aws:SourceArn": UNKNOWN}}
    assert said({**unbounded, "Condition": other}) == finding(where), "it is no log group's"
    for hidden in HIDDEN:
        found = verdicts(RULES, "kms-logs-context", resource(kind, {path: hidden}))
        assert told(found) == not_checked(path)


def grant(
    group: Resource | None = None, key_policy: Value = None, *more: Resource, kind: str = KEY
) -> list[tuple[str, str]]:
    group = group or resource(GROUP, {"name": "agents", "kmsKeyId": ARN})
    key = resource(kind, {"arn": ARN, KMS_POLICIES[kind]: key_policy}, "key")
    return told(verdicts(RULES, "kms-logs-grant", [group, key, *more]))


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize(("group", "name"), [(GROUP, "name"), (NATIVE_GROUP, "logGroupName")])
def test_the_key_of_a_log_group_lets_logs_use_it(kind: str, group: str, name: str) -> None:
    named = resource(group, {name: "agents", "kmsKeyId": ARN})
    depending = resource(
        group, {name: "agents", "kmsKeyId": UNKNOWN}, dependencies={"kmsKeyId": [urn(kind, "key")]}
    )
    for subject in (named, depending):
        assert not grant(subject, policy(ADMIN, logs()), kind=kind)
        for given in (None, "", policy(ADMIN), UNKNOWN):
            assert grant(subject, given, kind=kind) == finding("kmsKeyId"), given


def test_every_action_of_logs_has_to_be_allowed_for_this_group_in_this_region() -> None:
    whole = logs(Action=["kms:*"])
    assert not grant(None, policy(ADMIN, whole))
    for elements in (
        {"Action": ["kms:Decrypt", "kms:Encrypt"]},
        {"Action": LOGS_ACTIONS[:4]},
        {"Principal": {"Service": "logs.eu-west-1.amazonaws.com"}},
        {"Principal": {"Service": "sns.amazonaws.com"}},
        {"Condition": {"ArnLike": {CONTEXT: f"{GROUP_ARN}-of-others"}}},
        {"Condition": {"ArnLike": {CONTEXT: f"{GROUP_ARN}-of-others:*"}}},
        {"Effect": "Deny"},
    ):
        assert grant(None, policy(ADMIN, logs(**elements))) == finding("kmsKeyId"), elements
    for elements in (
        {"Principal": {"Service": "logs.amazonaws.com"}},
        {"Condition": {"ArnLike": {CONTEXT: f"arn:aws:logs:us-east-1:{ACCOUNT}:*"}}},
        {"Condition": {"ArnEquals": {CONTEXT: f"{GROUP_ARN}:*"}}},
        {"Condition": {"ArnEquals": {CONTEXT: UNKNOWN}}},
    ):
        assert not grant(None, policy(ADMIN, logs(**elements))), elements


def test_a_policy_apart_counts_before_the_keys_own() -> None:
    for key_id, links in ((ARN, {}), (UNKNOWN, {"keyId": [urn(KEY, "key")]})):
        apart = resource(
            KEY_POLICY,
            {"keyId": key_id, "policy": policy(ADMIN, logs())},
            dependencies=links,
        )
        assert not grant(None, None, apart)
        without = resource(KEY_POLICY, {"keyId": ARN, "policy": policy(ADMIN)})
        assert grant(None, policy(ADMIN, logs()), without) == finding("kmsKeyId")


def test_what_nobody_knows_of_a_key_is_not_checked() -> None:
    lost = resource(GROUP, {"name": "agents", "kmsKeyId": UNKNOWN})
    assert grant(lost, policy(ADMIN)) == not_checked("kmsKeyId")
    secret = resource(GROUP, {"name": "agents", "kmsKeyId": SECRET})
    assert grant(secret, policy(ADMIN)) == not_checked("kmsKeyId")
    assert grant(None, policy(ADMIN, UNKNOWN)) == not_checked("policy")
    hidden = policy(ADMIN, logs(Principal={"Service": UNKNOWN}))
    assert grant(None, hidden) == not_checked("policy.Statement[1].Principal.Service")


@pytest.mark.parametrize("told_by", ["arn", "keyId", "id"])
def test_a_key_is_found_by_whatever_tells_it(told_by: str) -> None:
    key = resource(KEY, {told_by: ARN, "policy": policy(ADMIN)}, "key")
    other = resource(KEY, {told_by: f"{ARN}2", "policy": policy(ADMIN, logs())}, "other")
    group = resource(GROUP, {"name": "agents", "kmsKeyId": ARN})
    found = verdicts(RULES, "kms-logs-grant", [other, key, group])
    assert told(found) == finding("kmsKeyId")


def test_each_log_group_is_judged_on_its_own() -> None:
    key = resource(KEY, {"arn": ARN, "policy": policy(ADMIN)}, "key")
    passed = [
        resource(GROUP, {"name": "a"}, "a"),
        resource(GROUP, {"name": "b", "kmsKeyId": f"{ARN}2"}, "b"),
        resource(GROUP, {"name": "c", "kmsKeyId": UNKNOWN}, "c"),
    ]
    wrong = resource(GROUP, {"name": "d", "kmsKeyId": ARN}, "d")
    found = verdicts(RULES, "kms-logs-grant", [key, *passed, wrong])
    assert [one.urn for one in found] == [passed[2].urn, wrong.urn]


def test_a_policy_of_another_key_does_not_count() -> None:
    apart = resource(KEY_POLICY, {"keyId": f"{ARN}2", "policy": policy(ADMIN, logs())})
    assert grant(None, policy(ADMIN), apart) == finding("kmsKeyId")


@pytest.mark.parametrize(("kind", "name"), [(GROUP, "name"), (NATIVE_GROUP, "logGroupName")])
def test_a_grant_is_for_the_groups_own_region_and_name(kind: str, name: str) -> None:
    abroad = logs(Principal={"Service": "logs.eu-west-1.amazonaws.com"})
    props: dict[str, Value] = {name: "agents", "kmsKeyId": ARN}
    moved = resource(kind, {**props, "region": "eu-west-1"})
    assert not grant(moved, policy(ADMIN, abroad)), "its own region counts"
    assert grant(moved, policy(ADMIN, logs())) == finding("kmsKeyId")
    nowhere = resource(kind, props, region=None)
    assert not grant(nowhere, policy(ADMIN, abroad)), "it may be there"
    others = logs(f"{GROUP_ARN}-of-others")
    assert grant(resource(kind, props), policy(ADMIN, others)) == finding("kmsKeyId")
    unnamed = resource(kind, {**props, name: UNKNOWN})
    assert not grant(unnamed, policy(ADMIN, others)), "it may be called so"
    streams = logs(f"{GROUP_ARN}:log-stream:x")
    assert not grant(resource(kind, props), policy(ADMIN, streams))
    also = {"ArnLike": {CONTEXT: GROUP_ARN}, "StringEquals": {"aws:SourceAccount": ACCOUNT}}
    assert not grant(resource(kind, props), policy(ADMIN, logs(Condition=also)))


def test_what_denies_is_not_asked_whom_it_lets_in() -> None:
    denying = {**logs(Principal={"Service": UNKNOWN}), "Effect": "Deny"}
    assert grant(None, policy(ADMIN, denying)) == finding("kmsKeyId")


def test_a_key_of_another_stack_and_no_key_are_judged_elsewhere() -> None:
    foreign = resource(GROUP, {"name": "agents", "kmsKeyId": f"{ARN}2"})
    assert not grant(foreign, policy(ADMIN))
    for value in (None, ""):
        assert not grant(resource(GROUP, {"name": "agents", "kmsKeyId": value}), policy(ADMIN))
