"""Faults of what an agent's role may reach, and of roles that are brought."""

from typing import Final

from tests.unit.fault_table import (
    AGENT,
    BOUNDARY_ARN,
    KEY_ARN,
    LIST,
    MAPPING,
    NOT_LISTS,
    NOT_MAPPINGS,
    NOT_TEXT,
    REMOVED,
    ROLE_ARN,
    SECRET_ARN,
    TEXT,
    Table,
)

_REGION: Final = (("region",),)
_WILDCARDS: Final = "wildcards and policy variables are not taken"
_BOOLEAN: Final = "must be true or false, without quotes"
_KEY: Final = (*AGENT, "kmsKeys", 0)
_OBJECTS: Final = (*AGENT, "s3Prefixes", 0)


def add_to(table: Table) -> None:
    """The rows of this file."""
    for part in (
        _secrets,
        _keys,
        _agentcore_resources,
        _objects,
        _brought_role,
        _boundary,
        _unknown_keys,
    ):
        part(table)


def _in(partition: str, arn: str) -> str:
    return arn.replace("arn:aws:", f"arn:{partition}:")


def _secrets(table: Table) -> None:
    path = (*AGENT, "secrets")
    form = (
        "reads arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-SUFFIX with its six last "
        "characters",
        "a secret of the stack's own account may be given by name",
        "aws secretsmanager describe-secret",
    )
    table.values(
        (*path, 0),
        [
            *("", "db orders", "db:orders", "db#1", "dbé", "x" * 513, "db\n"),
            SECRET_ARN.removesuffix("-AbCdEf"),
            SECRET_ARN.replace("secretsmanager", "ssm"),
            SECRET_ARN.replace("111111111111", "11111111111"),
            SECRET_ARN.replace("111111111111", "aws"),
            SECRET_ARN.replace(":us-east-1:", "::"),
            f"{SECRET_ARN}:password:AWSCURRENT:",
        ],
        [
            *("d", "db_orders", "db/orders", "db@1", "db+=.-!", "x" * 512, "db"),
            SECRET_ARN,
            SECRET_ARN.replace("secret:db", "secret:rds!db/x"),
            SECRET_ARN.replace("111111111111", "333333333333"),
        ],
        *form,
        shown=False,
    )
    table.values(
        (*path, 0),
        ["*", "db/*", "db-??????", "${aws:username}", SECRET_ARN.replace("db-AbCdEf", "*")],
        ["db", "db/a", "db-aaaaaa", "aws_username", SECRET_ARN],
        _WILDCARDS,
        "aws secretsmanager describe-secret",
        shown=False,
    )
    table.values(
        (*path, 0),
        ["AKIAIOSFODNN7EXAMPLE", "password=hunter2", "sk-abcdefghijklmnopqrstuvwx"],
        ["AKIA", "password", "sk-learn"],
        "this looks like a secret itself",
        "Put it into Secrets Manager and write its name or ARN.",
        shown=False,
    )
    table.values(
        (*path, 0),
        [SECRET_ARN.replace("us-east-1", "eu-west-1")],
        [SECRET_ARN],
        "a secret is used in the stack's own region (us-east-1)",
        "Replicate it to that region",
        undone_by=_REGION,
    )
    table.values(
        (*path, 0),
        [_in("aws-cn", SECRET_ARN), _in("aws-us-gov", SECRET_ARN)],
        [SECRET_ARN],
        "lies in partition aws, whose ARNs begin with arn:aws:",
        shown=False,
        undone_by=_REGION,
    )
    table.values((*path, 0), NOT_TEXT, ["5"], TEXT)
    table.values(path, NOT_LISTS, [[]], LIST)
    table.values(path, [["db", "a", "db"]], [["db", "a"]], "db is listed more than once")


def _keys(table: Table) -> None:
    arn = (*_KEY, "arn")
    table.values(
        arn,
        [
            "alias/orders",
            KEY_ARN.replace("key/01234567-89ab-cdef-0123-456789abcdef", "alias/orders"),
            KEY_ARN.rpartition("/")[2],
            KEY_ARN.upper(),
            KEY_ARN[:-1],
            f"{KEY_ARN}0",
            KEY_ARN.replace("kms", "s3"),
            KEY_ARN.replace("111111111111", "aws"),
            KEY_ARN.replace("-89ab", "89ab"),
            "",
        ],
        [
            KEY_ARN,
            KEY_ARN.replace("111111111111", "333333333333"),
            KEY_ARN.replace(KEY_ARN.rpartition("/")[2], f"mrk-{'0' * 32}"),
        ],
        "a KMS key reads arn:aws:kms:REGION:ACCOUNT:key/ID; an alias may be moved",
        "aws kms describe-key --key-id ALIAS",
    )
    table.values(
        arn,
        ["*", KEY_ARN.replace("01234567", "*"), "arn:aws:kms:us-east-1:111111111111:key/*"],
        [KEY_ARN],
        _WILDCARDS,
    )
    table.values(
        arn,
        [KEY_ARN.replace("us-east-1", "us-west-2")],
        [KEY_ARN],
        "a KMS key is used in the stack's own region (us-east-1)",
        undone_by=_REGION,
    )
    table.values(
        arn, [_in("aws-us-gov", KEY_ARN)], [KEY_ARN], "lies in partition aws", undone_by=_REGION
    )
    table.values(arn, NOT_TEXT, [KEY_ARN], TEXT)
    for key, right in (("arn", KEY_ARN), ("via", ["s3"])):
        table.values((*_KEY, key), [REMOVED], [right], "is required and missing")
    table.values(
        (*_KEY, "via"),
        [[]],
        [["s3"]],
        "granted through the services that use it, never by itself",
        "Name at least one",
    )
    table.values((*_KEY, "via"), [["s3", "s3"]], [["s3", "sqs"]], "s3 is listed more than once")
    table.values((*_KEY, "via"), NOT_LISTS, [["s3"]], LIST)
    table.values(
        (*_KEY, "via", 0),
        ["s3.us-east-1.amazonaws.com", "S3", "", "*", "secrets manager", "s3\n"],
        ["s3", "secretsmanager", "bedrock-agentcore"],
        "named by the first part of its endpoint",
        "Write it such as secretsmanager or s3.",
    )
    table.values((*_KEY, "write"), ["true", 1, None, "yes"], [True], _BOOLEAN)
    table.values(_KEY, NOT_MAPPINGS, [{"arn": KEY_ARN, "via": ["s3"]}], MAPPING)
    table.values((*AGENT, "kmsKeys"), NOT_LISTS, [[]], LIST)
    one = {"arn": KEY_ARN, "via": ["s3"]}
    table.values(
        (*AGENT, "kmsKeys"),
        [[one, {**one, "via": ["sqs"]}]],
        [[one, {**one, "arn": KEY_ARN.replace("111111111111", "333333333333")}]],
        f"{KEY_ARN} is listed more than once",
        undone_by=_REGION,
    )


def _agentcore_resources(table: Table) -> None:
    arn = "arn:aws:bedrock-agentcore:us-east-1:111111111111"
    for key, what, bad, good in (
        ("memories", "a memory", ["notes", "1notes-0123456789"], ["notes-0123456789"]),
        (
            "gateways",
            "a gateway",
            ["tools", "Tools-0123456789", f"{'x' * 101}-0123456789"],
            ["tools-0123456789", "1-0123456789", f"{'x' * 100}-0123456789"],
        ),
        (
            "codeInterpreters",
            "a code interpreter (AWS's own: aws.codeinterpreter.v1)",
            ["aws.codeinterpreter.v2", "aws.browser.v1", "mine"],
            ["aws.codeinterpreter.v1", "mine-AbCdEfGhIj"],
        ),
        (
            "browsers",
            "a browser (AWS's own: aws.browser.v1)",
            ["aws.codeinterpreter.v1", "aws.browser", "my-own-0123456789"],
            ["aws.browser.v1", "my_own-0123456789"],
        ),
    ):
        path = (*AGENT, key)
        table.values(
            (*path, 0),
            [
                *bad,
                "",
                "*",
                f"{good[-1]}*",
                f"{good[-1]}\n",
                f"{arn}:any/{good[-1]}",
                "x-012345678",
            ],
            [*good, *[good[-1]] * 3, "x-0123456789"],
            f"{what} is given by its id, not by name or ARN; wildcards are not taken",
            "List yours with: aws bedrock-agentcore-control list-",
        )
        table.values((*path, 0), NOT_TEXT, [good[0]], TEXT)
        table.values(path, NOT_LISTS, [[]], LIST)
        table.values(
            path, [[good[0]] * 2], [[good[0]]], f"{good[0]} is listed more than once", "each once"
        )


def _objects(table: Table) -> None:
    table.values(
        (*_OBJECTS, "bucket"),
        [
            *("Orders", "ab", "x" * 64, "or_ders", "-orders", "orders-", ".orders", "or..ders"),
            *("10.0.0.1", "*", "orders*", "", "arn:aws:s3:::orders", "orders/reports", "orders\n"),
        ],
        [
            *("orders", "abc", "x" * 63, "or-ders", "o-rders", "orders-1", "1.orders", "or.ders"),
            *("10.0.0.1a", "orders"),
        ],
        "3 to 63 lower-case letters, digits, dots and hyphens",
        "aws s3api list-buckets",
    )
    table.values(
        (*_OBJECTS, "bucket"),
        [
            *("xn--orders", "sthree-orders", "amzn-s3-demo-bucket", "orders-s3alias"),
            *("orders--ol-s3", "orders.mrap", "orders--use1-az4--x-s3", "orders--table-s3"),
        ],
        [
            *("xn-orders", "sthree", "amzn-s3-bucket", "orders-s3alia"),
            *("orders-ol-s3", "orders-mrap", "orders-x-s3", "orders-table-s3"),
        ],
        "an access point, a directory or table bucket, or reserved by AWS",
    )
    table.values(
        (*_OBJECTS, "prefix"),
        ["", "/", "/reports/", "reports", "a//b/", "reports/\t/", "reports/x"],
        ["reports/", "r/", "reports/2026/", "reports-of-others/", "a/b/", "reports/ /"],
        "ends in a slash, so that reports/ is not also reports-of-others, and begins without one",
        "Write it such as reports/.",
    )
    table.values(
        (*_OBJECTS, "prefix"),
        ["*", "reports/*", "reports/?/", "${aws:username}/"],
        ["reports/", "reports/a/", "aws_username/"],
        _WILDCARDS,
        "such as reports/.",
    )
    table.values(
        (*_OBJECTS, "prefix"),
        [f"{'x' * 1023}/", f"{'ä' * 512}/"],
        [f"{'x' * 1022}/", f"{'ä' * 511}/"],
        "a key has at most 1024 bytes",
        "Shorten the prefix.",
    )
    for key in ("bucket", "prefix"):
        table.values((*_OBJECTS, key), NOT_TEXT, ["555/" if key == "prefix" else "555"], TEXT)
        table.values(
            (*_OBJECTS, key),
            [REMOVED],
            ["reports/" if key == "prefix" else "orders"],
            "is required and missing",
        )
    table.values((*_OBJECTS, "write"), ["true", 1, None, "yes"], [False], _BOOLEAN)
    one = {"bucket": "orders", "prefix": "reports/"}
    table.values(_OBJECTS, NOT_MAPPINGS, [one], MAPPING)
    table.values((*AGENT, "s3Prefixes"), NOT_LISTS, [[]], LIST)
    table.values(
        (*AGENT, "s3Prefixes"),
        [[one, {**one, "write": True}]],
        [[one, {**one, "prefix": "reports/2026/", "write": True}]],
        "orders/reports/ is listed more than once",
    )
    for key in ("tracing", "metrics"):
        table.values((*AGENT, key), ["true", 0, None, "off"], [False, True], _BOOLEAN)


def _brought_role(table: Table) -> None:
    path = (*AGENT, "executionRoleArn")
    owner = "arn:aws:iam::111111111111"
    table.values(
        path,
        [
            "assistant",
            f"{owner}:user/assistant",
            f"{owner}:instance-profile/assistant",
            "arn:aws:sts::111111111111:assumed-role/assistant/session",
            f"{owner}:role/aws-service-role/bedrock-agentcore.amazonaws.com/AWSServiceRoleForX",
            f"{owner}:role/",
            f"{owner}:role/{'x' * 65}",
            f"{owner}:role/a b",
            f"{ROLE_ARN}\n",
            "arn:aws:iam::aws:role/assistant",
            "",
        ],
        [
            f"{owner}:role/assistant",
            f"{owner}:role/service-role/assistant",
            f"{owner}:role/{'x' * 64}",
            f"{owner}:role/a_b",
            ROLE_ARN,
        ],
        "an execution role reads arn:aws:iam::ACCOUNT:role/NAME",
        "aws iam list-roles",
    )
    table.values(
        path, ["*", f"{owner}:role/*", f"{owner}:role/agent?"], [f"{owner}:role/agent"], _WILDCARDS
    )
    table.values(
        path,
        ["arn:aws:iam::333333333333:role/assistant"],
        [f"{owner}:role/assistant"],
        "a runtime takes a role of the stack's own account (111111111111) only",
        "Create the role there",
        undone_by=(("accountId",),),
    )
    table.values(
        path,
        [f"{owner}:role/agentcore-dev-{agent}-us-east-1" for agent in ("assistant", "x_1")]
        + [f"{owner}:role/path/agentcore-dev-writer-us-east-1"],
        [
            f"{owner}:role/agentcore-dev-assistant-us-east-2",
            f"{owner}:role/agentcore-dev-us-east-1",
        ],
        "a role of this name is made, and deleted, by this stack (agentcore-dev-NAME-us-east-1)",
        "Bring a role that is made elsewhere",
        undone_by=(*_REGION, ("accountId",)),
    )
    table.values(
        path, [_in("aws-cn", ROLE_ARN)], [ROLE_ARN], "lies in partition aws", undone_by=_REGION
    )
    table.values(path, [5, True, [], {}], [ROLE_ARN, None], TEXT)


def _boundary(table: Table) -> None:
    path = ("permissionsBoundary",)
    owner = "arn:aws:iam::111111111111"
    table.values(
        path,
        ["boundary", ROLE_ARN, f"{owner}:policy/", f"{owner}:policy/{'x' * 129}", "iam:boundary"],
        [BOUNDARY_ARN, f"{owner}:policy/{'x' * 128}", "arn:aws:iam::aws:policy/PowerUserAccess"],
        "a permissions boundary reads arn:aws:iam::ACCOUNT:policy/NAME",
        "aws iam list-policies --scope Local",
    )
    table.values(path, ["*", f"{owner}:policy/*"], [BOUNDARY_ARN], _WILDCARDS)
    table.values(
        path,
        ["arn:aws:iam::333333333333:policy/boundary"],
        [f"{owner}:policy/boundary"],
        "a policy of the stack's own account (111111111111), or of AWS",
        undone_by=(("accountId",),),
    )
    table.values(
        path,
        ["arn:aws:iam::aws:policy/AdministratorAccess"],
        ["arn:aws:iam::aws:policy/ReadOnlyAccess", f"{owner}:policy/AdministratorAccess"],
        "this policy allows everything and bounds nothing",
    )
    table.values(
        path,
        [_in("aws-us-gov", BOUNDARY_ARN)],
        [BOUNDARY_ARN],
        "lies in partition aws",
        undone_by=_REGION,
    )
    table.values(
        ("organizationId",),
        [
            *("o-a1b2c3d4e", f"o-{'a' * 33}", "O-A1B2C3D4E5", "r-a1b2c3d4e5", "a1b2c3d4e5", "o-*"),
            *("111111111111", "o-a1b2c3d4e_", "arn:aws:organizations::1:organization/o-a1b2c3d4e5"),
        ],
        ["o-a1b2c3d4e5", f"o-{'a' * 32}"],
        "o- and 10 to 32 lower-case letters and digits",
        "aws organizations describe-organization",
    )


def _unknown_keys(table: Table) -> None:
    for path, typo, near in (
        (AGENT, "secret", "secrets"),
        (AGENT, "kms_keys", "kmsKeys"),
        (_KEY, "key", None),
        (_OBJECTS, "readOnly", None),
        (_OBJECTS, "buket", "bucket"),
    ):
        table.unknown_key((*path, typo), near)
