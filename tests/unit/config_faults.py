"""A right config, and every kind of fault it can have, each with a good twin one step away."""

from typing import Any, Final

from infra.config import ConfigError, StackConfig
from tests.stack_files import DIGEST, PROJECT, handed_over
from tests.unit import grant_faults, network_faults
from tests.unit.fault_table import (
    AGENT,
    ARABIC_ONE,
    DISCOVERY,
    LIST,
    MAPPING,
    NOT_LISTS,
    NOT_MAPPINGS,
    NOT_NUMBERS,
    NOT_TEXT,
    NUMBER,
    PROFILE,
    REGISTRY_HOST,
    REMOVED,
    SECRET_ARN,
    TAGS,
    TEXT,
    Edit,
    Fault,
    Table,
    dotted,
    right_config,
)


def _names(table: Table) -> None:
    table.keys(
        ("agents",),
        [
            ("my-agent", "my_agent", 'Write "my_agent".'),
            ("1agent", "agent1", 'Write "agent_1agent".'),
            ("_agent", "agent", 'Write "agent".'),
            ("agent_", "agent", 'Write "agent".'),
            ("a__b", "a_b", 'Write "a_b".'),
            ("Agent", "agent", 'Write "agent".'),
            ("agent.one", "agent_one", 'Write "agent_one".'),
            ("agent one", "agent_one", 'Write "agent_one".'),
            ("ägent", "aegent", 'Write "gent".'),
            ("", "a", 'Write "agent".'),
            (" ", "a", 'Write "agent".'),
            ("agent\n", "agent", 'Write "agent".'),
        ],
        {},
        "lower-case letters and digits",
        "starting with a letter",
    )
    table.keys(
        ("agents",),
        [("a" * 35, "a" * 34, f"agentcore_dev_{'a' * 35}")],
        {},
        "at most 48",
        "Shorten the agent's name, or the project's or the stack's.",
    )
    table.keys(
        ("agents",),
        [("b" * 60, "b" * 34, f"the role would be named agentcore-dev-{'b' * 60}-us-east-1")],
        {},
        "74 characters, at most 48; the role",
        "84 characters, at most 64",
        undone_by=(("region",),),
    )
    table.values(("agents", "writer"), NOT_MAPPINGS, [{}], MAPPING)
    table.values(
        (*AGENT, "description"),
        ["", "x" * 1201],
        ["x", "x" * 1200],
        "1 to 1200 characters",
        "leave the key out",
    )
    table.values(
        (*AGENT, "description"), [" ", "\t\n"], [" x"], "white space only", "leave the key out"
    )
    table.values((*AGENT, "description"), [5, True, [], {}, 1.0], ["5"], TEXT)
    table.keys(
        (*AGENT, "endpoints"),
        [
            ("prod-v1", "prod_v1", 'Write "prod_v1".'),
            ("v" * 49, "v" * 48, "this has 49 characters"),
            ("1v", "v1", 'Write "endpoint_1v".'),
            ("_v", "v", 'Write "v".'),
            ("live blue", "live_blue", 'Write "live_blue".'),
            ("", "v", 'Write "endpoint".'),
            ("—", "v", 'Write "endpoint".'),
        ],
        1,
        "1 to 48 letters, digits and underscores",
    )
    table.keys(
        (*AGENT, "endpoints"),
        [("DEFAULT", "DEFAULT1", ""), ("default", "defaults", "")],
        1,
        "made and moved by the service",
        "Choose another name",
    )
    table.values(
        (*AGENT, "endpoints", "live"),
        [0, -1, 100_000],
        [1, 1, 99_999],
        "from 1 to 99999",
        "agents.NAME.runtime.version",
    )
    table.values((*AGENT, "endpoints", "live"), NOT_NUMBERS, [512], NUMBER)
    table.values(
        (*AGENT, "endpoints"),
        [{f"v{n}": n for n in range(1, 11)}, {f"v{n}": n for n in range(1, 31)}],
        [{f"v{n}": n for n in range(1, 10)}],
        "at most 9 endpoints besides DEFAULT",
        "Remove those that nobody calls.",
    )
    table.values(
        (*AGENT, "endpoints"),
        [{"live": 1, "LIVE": 2}, {"live": 1, "next": 2, "Live": 1}],
        [{"live": 1, "LIVE2": 2}, {"live": 1, "next": 2, "Live_2": 1}],
        "differ in case only",
        "Rename all but one of them.",
    )
    table.values(
        ("agents", "writer"),
        [{"endpoints": {"live": 1}}],
        [{"endpoints": {"live": 1}, "image": DIGEST}],
        "endpoints need a runtime",
        "Set image",
        key="agents.writer.endpoints",
    )


def _images(table: Table) -> None:
    path = (*AGENT, "image")
    private = "private ECR registries only: ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY"
    uri = f"{REGISTRY_HOST}/app"
    table.values(
        path,
        [
            "registry.example/org/app:1",
            "org/app:1.2",
            "registry.example:5000/app:1",
            "111111111111.dkr.ecr.us-east-1.amazonaws.com.cn/app:1",
            "111111111111.dkr.ecr.us-east-1.amazonaws.com.evil.example/app:1",
            "111111111111.dkr.ecr.us-east-1.example.com/app:1",
            f"https://{uri}:1",
            f"{REGISTRY_HOST.upper()}/app:1",
        ],
        [f"{uri}:1"],
        f"this program runs images of {private}",
        "pushCommand",
    )
    table.values(
        path,
        ["public.ecr.aws/org/app:1", f"public.ecr.aws/org/app@{DIGEST}"],
        [f"{uri}:1", f"{uri}@{DIGEST}"],
        "AgentCore would take it, but this program",
        private,
        "its owner may delete it",
        "pushCommand",
    )
    table.values(
        path,
        [
            *("latest", "Latest", "main", "prod", f"{uri}:latest", f"{uri}:stable"),
            *("HEAD", "staging", "develop", "current", "release"),
        ],
        [
            *("1.4.2", "latest-1", "main-1", "prod-1", f"{uri}:latest@{DIGEST}", f"{uri}:stable-1"),
            *("HEAD-1", "staging-1", "developer", "current-1", "release-1"),
        ],
        "a moving tag",
        "Pin a digest (sha256:...) or an immutable release tag.",
    )
    table.values(
        path,
        [uri, f"{REGISTRY_HOST}/team/app"],
        [f"{uri}:1", f"{REGISTRY_HOST}/team/app@{DIGEST}"],
        "an image must be pinned",
        "Append @sha256:... or an immutable tag.",
    )
    table.values(
        path,
        [
            DIGEST[:-1],
            f"{DIGEST}0",
            DIGEST.upper().replace("SHA256", "sha256"),
            "sha256:",
            f"{uri}@{DIGEST[:-1]}",
            f"{uri}@sha512:{'0' * 64}",
            f"{uri}@",
            f"{DIGEST}\n",
        ],
        [DIGEST, DIGEST, DIGEST, DIGEST, f"{uri}@{DIGEST}"],
        "sha256: and 64 lower-case hexadecimal digits",
        "Copy it whole",
    )
    table.values(
        path,
        ["app:1.2", f"app@{DIGEST}", "SHA256:00", "localhost:5000"],
        ["1.2", DIGEST],
        "a digest, a tag, or a full URI in a private ECR registry",
        "write only the tag, or only the digest",
    )
    table.values(
        path,
        ["", ".1", "-1", "1 2", "1.2\n", "v1+build", "x" * 129],
        ["1", "1.", "1-", "1_2", "1.2", "v1-build", "x" * 128],
        "a tag is 1 to 128 letters, digits and . _ -",
        "Use a release tag",
    )
    table.values(
        path,
        [f"{uri}:", f"{uri}:-1"],
        [f"{uri}:1"],
        "a tag is 1 to 128",
    )
    table.values(
        path,
        [
            "11111111111.dkr.ecr.us-east-1.amazonaws.com/app:1",
            "1111111111111.dkr.ecr.us-east-1.amazonaws.com/app:1",
            "my-account.dkr.ecr.us-east-1.amazonaws.com/app:1",
            f"{ARABIC_ONE * 12}.dkr.ecr.us-east-1.amazonaws.com/app:1",
        ],
        [f"{uri}:1"],
        "exactly 12 digits",
        "Check the registry host.",
    )
    table.values(
        path,
        [f"{REGISTRY_HOST}/App:1", f"{REGISTRY_HOST}/:1", f"{REGISTRY_HOST}/a//b:1"],
        [f"{uri}:1", f"{uri}:1", f"{REGISTRY_HOST}/a/b:1"],
        "a repository is lower-case letters",
        "Check the part after the registry host.",
    )
    table.values(
        path,
        [
            f"{REGISTRY_HOST}/{repository}:1"
            for repository in ("a--b", "a__b", "a.-b", "a..b", "-ab", "ab-", "a/-b", "a_/b", "/ab")
        ],
        [
            f"{REGISTRY_HOST}/{repository}:1"
            for repository in ("a-b", "a_b", "a.b-c", "a.b", "ab", "ab-c", "a/b", "a_b/c", "ab")
        ],
        "one of . _ - / between them",
        "Check the part after the registry host.",
    )
    table.values(
        path,
        [f"{REGISTRY_HOST}/a:1", f"{REGISTRY_HOST}/{'a' * 257}:1"],
        [f"{REGISTRY_HOST}/ab:1", f"{REGISTRY_HOST}/{'a' * 256}:1"],
        "a repository's name has 2 to 256 characters, this has",
        "Check the part after the registry host.",
    )
    table.values(
        path,
        ["999999999999.dkr.ecr.us-east-1.amazonaws.com/app:1"],
        ["333333333333.dkr.ecr.us-east-1.amazonaws.com/app:1"],
        "registry account 999999999999 is not trusted",
        "Add the account to trustedImageAccounts",
        undone_by=(("accountId",),),
    )
    table.values(
        path,
        ["111111111111.dkr.ecr.eu-west-1.amazonaws.com/app:1"],
        [f"{uri}:1"],
        "the stack's own region (us-east-1)",
        "Replicate the repository",
        undone_by=(("region",),),
    )
    own = f"{REGISTRY_HOST}/agentcore-dev"
    table.values(
        path,
        ["pr-17", "pr-", f"{own}/assistant:pr-17", f"{own}/writer:pr-1"],
        ["pr17", "pr", f"{REGISTRY_HOST}/agentcore-devel/app:pr-17", f"{own}/assistant:1.0"],
        "the pattern pr-* of registry.expire would expire this image",
        "Pin a release tag, or narrow the pattern.",
        undone_by=(("registry",), ("accountId",), ("region",)),
    )
    table.values(path, [5, 1.0, True, [], {}], ["5", "1.0", "t"], TEXT)


def _environment(table: Table) -> None:
    path = (*AGENT, "environment")
    table.keys(
        path,
        [
            ("1X", "X1", 'Write "_1X".'),
            ("MY-KEY", "MY_KEY", 'Write "MY_KEY".'),
            ("_MY-KEY", "_MY_KEY", 'Write "_MY_KEY".'),
            ("", "A", 'Write "_".'),
            ("A B", "A_B", 'Write "A_B".'),
            ("X" * 101, "X" * 100, f'Write "{"X" * 100}".'),
            ("Ä", "A", 'Write "_".'),
            ("A\n", "A", 'Write "A_".'),
        ],
        "1",
        "1 to 100 letters, digits and underscores",
    )
    table.keys(
        path,
        [
            (name, f"MY_{name}_ARN", "")
            for name in (
                "AWS_ACCESS_KEY_ID",
                "AWS_SECRET_ACCESS_KEY",
                "AWS_SESSION_TOKEN",
                "AWS_REGION",
                "aws_region",
                "AGENT_CPU_UNITS",
                "AGENT_MEMORY_MIB",
            )
        ],
        "1",
        "set by the service or by this program",
        "Choose another name.",
    )
    secret = ("looks like a secret", "Put it into Secrets Manager and pass the secret's ARN.")
    table.keys(
        path,
        [
            ("DB_PASSWORD", "DB_PASSWORD_FILE", ""),
            ("dbPassword", "dbPasswordArn", ""),
            ("API_KEY", "API_KEY_ARN", ""),
            ("GITHUB_TOKEN", "GITHUB_TOKEN_LIMIT", ""),
            ("CLIENT_SECRET", "CLIENT_SECRET_ARN", ""),
            ("SESSION_SECRETS", "SESSION_SECRETS_FILE", ""),
            ("API_TOKENS", "API_TOKENS_URL", ""),
            ("DB_PASS", "COMPASS", ""),
            ("dbPass", "bypass", ""),
            ("PASS", "PASSES", ""),
            ("MYSQL_PWD", "PWD", ""),
            ("DB_CREDS", "SACRED", ""),
            ("DB_PASSWORD_2", "DB_PASSWORD_2_ARN", ""),
            ("SIGNING_KEY", "SORTING_KEY", ""),
        ],
        "x",
        *secret,
    )
    for name, bad, good in (
        ("MAX_TOKEN", "5k", "5"),
        ("MAX_TOKENS", "-", "4096"),
        ("AUTH_TOKEN", "1234567890", "123456789"),
        ("PIN_PASSWORD", "1234", SECRET_ARN),
        ("DB_SECRET", f"{SECRET_ARN} x", SECRET_ARN),
        ("ENCRYPTION_KEY", "x", "arn:aws:kms:us-east-1:111111111111:key/1234"),
        ("MASK_SECRETS", "yes", "true"),
    ):
        table.faults.append(
            Fault(
                bad=Edit((*path, name), bad),
                good=Edit((*path, name), good),
                key=dotted((*path, name)),
                says=secret,
                shows=None,
            )
        )
    table.values(
        (*path, "LOG_LEVEL"),
        [
            "AKIAIOSFODNN7EXAMPLE",
            "-----BEGIN RSA PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----",
            "sk-abcdefghijklmnopqrstuvwx",
            "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
            "xoxb-1234567890-abcdefgh",
            "password=hunter2",
            "Server=db;Pwd=hunter2",
            "postgres://app:hunter2@db.example.com/agents",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc",
            f"{SECRET_ARN} password=hunter2",
            "glpat-abcdefghijklmnopqrst",
            "hf_abcdefghijklmnopqrstuvwxyzABCDEFGH",
            "npm_abcdefghijklmnopqrstuvwxyz0123456789",
            "AIzaSyAabcdefghijklmnopqrstuvwxyz0123456",
            "SG.abcdefghijklmnopqrstuv.abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
            "Bearer abc123def456",
            "authorization: bearer abcdefghijklmnopqrstuvwxyz",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            f"{SECRET_ARN} wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        ],
        [
            "AKIA",
            "-----BEGIN CERTIFICATE-----",
            "BEGIN PRIVATE",
            "sk-learn",
            "ghp_",
            "xoxb",
            "password",
            "Server=db",
            "postgres://db.example.com/agents",
            "eyJ",
            SECRET_ARN,
            "glpat-",
            "hf_hub",
            "npm_config_update_notifier_is_off",
            "AIza",
            "SG.mail.example",
            "Bearer authentication",
            "bearer of the ring",
            "da39a3ee5e6b4b0d3255bfef95601890afd80709",  # a git commit
            "arn:aws:s3:::wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "/opt/Application/Data/Version2/Resources",  # 40 characters, few of them different
        ],
        *secret,
        shown=False,
    )
    table.values(
        (*path, "LOG_LEVEL"),
        ["x" * 2049],
        ["x" * 2048],
        "at most 2048 characters, this has 2049",
        "Move it into a file",
        shown=False,
    )
    table.values((*path, "LOG_LEVEL"), NOT_TEXT, ["5", "true", ""], TEXT, shown=False)
    table.values(path, NOT_MAPPINGS, [{}], MAPPING, shown=False)
    table.values(
        path,
        [{f"V{n}": "x" for n in range(49)}, {f"V{n}": "x" for n in range(51)}],
        [{f"V{n}": "x" for n in range(48)}],
        "50 variables, two of them hold the size",
        "Move settings",
        shown=False,
    )
    table.values(
        path,
        [{"A": "x" * 2048, "B": "x" * 2048}],
        [{"A": "x" * 2048, "B": "x" * 2000}],
        "4096 bytes in total",
        "these are 4098",
        shown=False,
    )


def _tags(table: Table) -> None:
    for key in TAGS:
        table.values(("tags", key), [REMOVED], [TAGS[key]], "is required and missing", "Add it.")
        if key != "Environment":
            table.values(("tags", key), ["", " "], ["x"], "must not be empty", "Give it a value")
    table.values(("tags", "CostCenter"), NOT_TEXT, ["5", "true", "1.0"], TEXT)
    table.values(
        ("tags", "Environment"),
        ["prod", "Dev", "development"],
        ["dev"],
        "the environment of this stack is dev",
        "Write dev.",
    )
    table.values(
        ("tags", "Owner"),
        ["platform@", "@example.com", "a@b", "a@@example.com", "a b@example.com"],
        ["platform", "a@example.com", "a@b.example", "a@example.com", "a.b@example.com"],
        "a team's name or an e-mail address",
        "Correct the address",
    )
    table.keys(
        ("tags",),
        [
            ("owner", "Owners", "the required key is Owner"),
            ("PROJECT", "Project2", "the required key is Project"),
            ("cost_center", "CostCenterName", "the required key is CostCenter"),
            ("Cost-Center", "Costs", "the required key is CostCenter"),
        ],
        "x",
        "case-sensitive",
        "Rename it.",
    )
    table.keys(
        ("tags",),
        [("aws:created", "aws-created", ""), ("AWS:x", "AWS", "")],
        "x",
        "belong to AWS",
        "Choose another key.",
    )
    table.keys(
        ("tags",),
        [("Agent", "Agents", ""), ("agent", "agents", ""), ("pulumiUrn", "pulumi", "")],
        "x",
        "set by this program",
        "Choose another key.",
    )
    table.keys(("tags",), [("k" * 129, "k" * 128, ""), ("", "k", "")], "x", "1 to 128 characters")
    table.keys(("tags",), [(" ", "k", ""), ("  ", " k", "")], "x", "white space only", "a name")
    table.keys(
        ("tags",),
        [(f"k{c}", "k ._:/=+@-", "") for c in "#;,é(*?\t"],
        "x",
        "letters, digits, spaces and . _ : / = + @ - only",
        "Replace the others.",
    )
    table.values(
        ("tags", "Team"), ["v" * 257], ["v" * 256], "at most 256 characters", "Shorten it."
    )
    table.values(
        ("tags", "Team"),
        [f"v{c}" for c in "#;,é(*?\n"],
        ["v ._:/=+@-"],
        "letters, digits, spaces and . _ : / = + @ - only",
        "Replace the others.",
    )
    table.values(
        ("tags",),
        [{**TAGS, **{f"k{n}": "v" for n in range(46)}}],
        [{**TAGS, **{f"k{n}": "v" for n in range(45)}}],
        "at most 50 tags, one of them names the agent; these are 50",
        "Remove some.",
    )
    table.values(
        ("tags",),
        [{**TAGS, "Stage": "a", "stage": "b"}],
        [{**TAGS, "Stage": "a", "stages": "b"}],
        "IAM takes Stage, stage for one key",
        "Keep one of them.",
    )
    table.values(("tags",), NOT_MAPPINGS, [TAGS], MAPPING)


def _lifecycle(table: Table) -> None:
    path = (*AGENT, "lifecycle")
    table.values(
        (*path, "idleTimeout"),
        [59, 0, -1],
        [60],
        "60 to 28800 seconds",
        "Write whole seconds in that range.",
    )
    table.values(
        (*path, "maxLifetime"),
        [28_801, 59, 1_209_600],
        [28_800, 600],
        "60 to 28800 seconds",
        "Write whole seconds in that range.",
    )
    table.values((*path, "idleTimeout"), ["15m", "900", 900.5, True, None, [], {}], [900], NUMBER)
    table.values(
        path,
        [{"idleTimeout": 601, "maxLifetime": 600}, {"maxLifetime": 899}],
        [{"idleTimeout": 600, "maxLifetime": 600}, {"maxLifetime": 900}],
        "must not end",
        "Set idleTimeout to at most",
        key="agents.assistant.lifecycle.maxLifetime",
    )
    table.values(path, NOT_MAPPINGS, [{}], MAPPING)


def _protocol_and_callers(table: Table) -> None:
    table.values(
        (*AGENT, "protocol"),
        ["http", "GRPC", "", "HTTPS", 5, None, True, ["HTTP"]],
        ["HTTP", "MCP", "A2A", "AGUI"],
        "must be one of 'HTTP', 'MCP', 'A2A' or 'AGUI'",
        "spelled like that",
    )
    headers = (*AGENT, "requestHeaders")
    table.values(
        (*headers, 0),
        ["X Trace", "X:Trace", "1X", "", "X-Trace: 5", "x" * 257, "Ä"],
        ["X-Trace", "X_Trace", "X1", "X", "X-Trace", "x" * 256, "A"],
        "1 to 256 letters, digits, - and _",
        "Name one header an entry",
    )
    table.values(
        (*headers, 0),
        ["Host", "host", "Connection", "Content-Length"],
        ["Hosts", "X-Host", "X-Connection", "X-Length"],
        "not forwarded",
        "Remove it.",
    )
    table.values(
        headers,
        [[f"X-{n}" for n in range(21)]],
        [[f"X-{n}" for n in range(20)]],
        "at most 20 headers",
        "Shorten the list.",
    )
    table.values(
        headers,
        [["X-Trace", "x-trace"], ["A", "A"]],
        [["X-Trace", "x-traces"]],
        "listed more than once",
        "Name each once.",
    )
    table.values(headers, NOT_LISTS, [[]], LIST)
    table.values((*headers, 0), NOT_TEXT, ["X"], TEXT)
    authorizer = (*AGENT, "authorizer")
    form = ("https://, a host and a path", "append /.well-known/openid-configuration")
    table.values(
        (*authorizer, "discoveryUrl"),
        [
            DISCOVERY.replace("https", "http"),
            DISCOVERY.replace("https", "ftp"),
            DISCOVERY.removeprefix("https:"),
            DISCOVERY.removeprefix("https://"),
            f"{DISCOVERY}?tenant=1",
            f"{DISCOVERY}#x",
            "https:///.well-known/openid-configuration",
            "https://[::1/.well-known/openid-configuration",
            "",
        ],
        [DISCOVERY],
        *form,
    )
    host = "login.example.com"
    table.values(
        (*authorizer, "discoveryUrl"),
        [
            *(f"{DISCOVERY}\n", f" {DISCOVERY}", f"{DISCOVERY}\t", f"{DISCOVERY}\x00"),
            *(
                DISCOVERY.replace(host, f"{host}/{part}")
                for part in ("a b", "a\\b", "ä", "%zz", "<")
            ),
            *(
                DISCOVERY.replace(host, f"{host}:{port}")
                for port in ("99999", "0", "65536", "", "x")
            ),
            *(
                DISCOVERY.replace(host, wrong)
                for wrong in (
                    *("localhost", "login..example.com", ".example.com", "-login.example.com"),
                    *("login-.example.com", "log_in.example.com", "log in.example.com", "10.0.0.1"),
                    *("login.example.com\\@evil.example", "[::1]", "lögin.example.com", "x" * 250),
                    *(f"{'x' * 64}.example.com", "login.example.com.", "*.example.com"),
                )
            ),
            *(DISCOVERY.replace(host, ".".join(["x" * 49] * 5 + ["example"])),),
        ],
        [
            *(DISCOVERY,) * 4,
            *(
                DISCOVERY.replace(host, f"{host}/{part}")
                for part in ("a_b", "a-b", "a", "%20", "~")
            ),
            *(DISCOVERY.replace(host, f"{host}:{port}") for port in ("9999", "1", "65535", "443")),
            *(
                DISCOVERY.replace(host, right)
                for right in (
                    "10.example.com",
                    f"{'x' * 63}.example.com",
                    "a-b.c--d.example",
                    "x.y2",
                )
            ),
        ],
        *form,
        "a full name such as login.example.com, a port is 1 to 65535",
    )
    table.values(
        (*authorizer, "discoveryUrl"),
        [
            DISCOVERY.replace("://", "://app:hunter2@"),
            DISCOVERY.replace("://", "://hunter2@"),
            f"{DISCOVERY}?access_token=hunter2",
        ],
        [DISCOVERY],
        *form,
        shown=False,
    )
    table.values(
        (*authorizer, "discoveryUrl"),
        [
            "https://login.example.com",
            "https://login.example.com/openid-configuration",
            f"{DISCOVERY}/",
        ],
        [DISCOVERY, "https://login.example.com/tenant/.well-known/openid-configuration"],
        "ends in /.well-known/openid-configuration",
        "Append that to the issuer's URL.",
    )
    table.values((*authorizer, "discoveryUrl"), NOT_TEXT, [DISCOVERY], TEXT)
    table.values(
        (*authorizer, "discoveryUrl"), [REMOVED], [DISCOVERY], "is required and missing", "Add it."
    )
    nothing: list[str] = []
    for bounded in (
        dict[str, list[str]](),
        {"allowedAudience": nothing},
        {"allowedAudience": nothing, "allowedClients": nothing},
    ):
        table.values(
            authorizer,
            [{"discoveryUrl": DISCOVERY, **bounded}],
            [{"discoveryUrl": DISCOVERY, **bounded, "allowedScopes": ["a"]}],
            "any token of the issuer gets in",
            "Name at least one audience, client or scope.",
            key="agents.assistant.authorizer.allowedScopes",
        )
    for key in ("allowedAudience", "allowedClients"):
        table.values(
            (*authorizer, key),
            [[""], ["a", " "]],
            [["a"]],
            "must not be empty",
            key=f"agents.assistant.authorizer.{key}.",
        )
        table.values(
            (*authorizer, key),
            [["a", "b", "a"]],
            [["a", "b", "A"]],
            "a is listed more than once",
            "Name each once.",
        )
        table.values((*authorizer, key), NOT_LISTS, [[]], LIST)
    table.values(
        (*authorizer, "allowedScopes", 0),
        ["", "a b", 'a"', "a\\", "é"],
        ["a", "a/b"],
        "printable characters without spaces",
        "one scope an entry",
    )
    table.values(
        (*authorizer, "allowedScopes"), [["a", "a"]], [["a", "b"]], "a is listed more than once"
    )
    table.values(authorizer, ["x", 5, True, []], [None], MAPPING)


def _profile(geography: str, region: str) -> dict[str, object]:
    return {"id": f"{geography}.anthropic.a", "destinationRegions": [region]}


def _models(table: Table) -> None:
    models = (*AGENT, "models")
    table.values(
        (*models, 0),
        [
            "*",
            "anthropic.*",
            "claude-3",
            "Anthropic.claude-3",
            "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3",
            "",
            "anthropic.claude 3",
        ],
        ["anthropic.claude-3", "anthropic.claude-v2:1", "amazon.nova-pro-v1:0"],
        "provider.model",
        "aws bedrock list-foundation-models",
    )
    table.values(
        (*models, 0),
        [PROFILE, "global.anthropic.claude-3", "us-gov.anthropic.claude-3"],
        [PROFILE.removeprefix("us.")],
        "an inference profile, not a foundation model",
        "Move it to inferenceProfiles",
    )
    table.values(
        models,
        [["anthropic.a", "anthropic.a"]],
        [["anthropic.a", "anthropic.b"]],
        "anthropic.a is listed more than once",
        "Name each once.",
    )
    table.values(models, NOT_LISTS, [[]], LIST)
    profiles = (*AGENT, "inferenceProfiles")
    table.values(
        (*profiles, 0, "id"),
        ["anthropic.claude-3", "mars.anthropic.claude-3", "us.*", "US.anthropic.claude-3", ""],
        ["us.anthropic.claude-3"],
        "geography.provider.model",
        "aws bedrock list-inference-profiles",
    )
    table.values(
        (*profiles, 0),
        [{"id": PROFILE}, {"id": PROFILE, "destinationRegions": []}],
        [{"id": PROFILE, "destinationRegions": ["us-east-1"]}],
        "in every region it routes to",
        f"aws bedrock get-inference-profile --inference-profile-identifier {PROFILE}",
        key="agents.assistant.inferenceProfiles.0.destinationRegions",
    )
    table.values(
        (*profiles, 0),
        [{"id": "global.anthropic.a", "destinationRegions": ["us-east-1"]}],
        [{"id": "global.anthropic.a"}],
        "routes everywhere",
        "Remove destinationRegions.",
        key="agents.assistant.inferenceProfiles.0.destinationRegions",
    )
    table.values(
        (*profiles, 0, "destinationRegions"),
        [["us-east-1", "us-east-1"]],
        [["us-east-1", "us-east-2"]],
        "us-east-1 is listed more than once",
    )
    table.values(
        (*profiles, 0, "destinationRegions", 0),
        ["us-east1", "us-east-1a", "", "*", "US-EAST-1", f"us-east-{ARABIC_ONE}"],
        ["us-east-1"],
        "reads like us-east-1",
        "Check the spelling.",
    )
    regions = (*profiles, 0, "destinationRegions")
    table.values(
        regions,
        [["eu-west-1"], ["us-east-1", "cn-north-1"], ["us-gov-west-1"], ["ca-central-1"]],
        [["us-east-2"], ["us-east-1", "us-west-1"], ["us-west-2"]],
        f"{PROFILE} does not route to",
        "outside its geography or the stack's partition",
        f"get-inference-profile --inference-profile-identifier {PROFILE}",
    )
    for geography, bad, good in (
        ("eu", "us-east-2", "eu-central-2"),
        ("apac", "eu-west-1", "ap-southeast-3"),
        ("apac", "sa-east-1", "me-central-1"),
        ("jp", "ap-northeast-2", "ap-northeast-3"),
        ("au", "ap-southeast-1", "ap-southeast-4"),
        ("ca", "us-west-2", "ca-west-1"),
        ("ca", "us-east-2", "us-east-1"),  # the source region itself
    ):
        table.faults.append(
            Fault(
                bad=Edit((*profiles, 0), _profile(geography, bad)),
                good=Edit((*profiles, 0), _profile(geography, good)),
                key=dotted(regions),
                says=(f"{geography}.anthropic.a does not route to {bad}",),
                shows=None,
            )
        )
    table.values(
        (*profiles, 0),
        [_profile("us-gov", "us-gov-west-1")],
        [_profile("us", "us-west-1")],
        "does not route to us-gov-west-1",
        "the stack's partition",
        key=dotted(regions),
        undone_by=(("region",),),
    )
    table.values(
        profiles,
        [[{"id": "global.anthropic.a"}, {"id": "global.anthropic.a"}]],
        [[{"id": "global.anthropic.a"}, {"id": "global.anthropic.b"}]],
        "global.anthropic.a is listed more than once",
    )


def _stack(table: Table) -> None:
    table.values(
        ("accountId",),
        ["11111111111", "1111111111111", "", "123"],
        ["111111111111"],
        "exactly 12 digits, this has",
        "digits. Quote it in the YAML file",
    )
    table.values(
        ("accountId",),
        [
            *("11111111111O", "1111-1111-11", "0x1111111111", "1.11111e+11"),
            *(ARABIC_ONE * 12, "\N{FULLWIDTH DIGIT ONE}" * 12, "\N{SUPERSCRIPT ONE}" * 12),
        ],
        ["111111111111"],
        "exactly 12 digits, this has other characters",
        "Quote it in the YAML file",
    )
    table.values(
        ("trustedImageAccounts", 0),
        ["33333333333", "all", "*"],
        ["333333333333"],
        "exactly 12 digits",
    )
    # A bare number in YAML; with a leading zero it may even be read as octal.
    table.values(
        ("trustedImageAccounts", 0),
        [333333333333, 0o1234567, 3.3e11, None],
        ["333333333333"],
        TEXT,
    )
    table.values(("trustedImageAccounts",), NOT_LISTS, [[]], LIST)
    table.values(
        ("region",),
        ["us-east1", "us_east_1", "US-EAST-1", "", "us-east-1a", "us-east-1 "],
        ["us-east-1"],
        "a region reads like us-east-1",
        "Check the spelling.",
    )
    table.values(
        ("region",),
        ["us-east-3", "af-south-1", "ap-northeast-3", "cn-north-1"],
        ["us-east-1"],
        "AgentCore Runtime is not known to exist there",
        "additionalRegions",
    )
    table.values(("additionalRegions", 0), ["us-east9", "*"], ["us-east-9"], "reads like us-east-1")
    table.values(
        ("production",),
        ["yes", "True", 1, 0, None, [], "tru"],
        [False],
        "must be true or false, without quotes",
    )
    for key, low, high, unit in (("cpu", 128, 2048, "CPU units"), ("memory", 128, 8192, "MiB")):
        table.values(
            ("size", key),
            [low - 1, high + 1, 0, -1],
            [low, high],
            f"{low} to {high} {unit}",
            "Choose one",
        )
        table.values(("size", key), NOT_NUMBERS, [512], NUMBER)
        table.values(("size", key), [REMOVED], [512], "is required and missing")
    table.values(("size",), NOT_MAPPINGS, [{"cpu": 512, "memory": 512}], MAPPING)
    for key in ("accountId", "region", "tags", "size", "agents"):
        table.values((key,), [REMOVED], [right_config()[key]], "is required and missing", "Add it.")
    table.values(("agents",), NOT_MAPPINGS, [{}], MAPPING)


def _registry(table: Table) -> None:
    table.values(
        ("registry", "untaggedDays"), [0, -1, 731], [1, 1, 730], "1 to 730 days", "whole days"
    )
    table.values(("registry", "untaggedDays"), NOT_NUMBERS, [512], NUMBER)
    pattern = ("registry", "expire", 0, "pattern")
    table.values(
        pattern,
        [
            *(
                "*",
                "*-pr",
                "p*",
                "-pr*",
                ".pr*",
                "v1*",
                "v1.*",
                "V2*",
                "1*",
                "10.*",
                "2026*",
                "1.4.2",
            ),
            *("pr*", "release*", "release-*", "rel-*", "re*", "ver*", "version-1*", "final*"),
            *("stable", "Stable-*", "prod*", "PROD_*", "live-*", "rc.*", "v-*", "hotfix-1"),
            *("sha-*", "sha*", "sh*", "sha-0123*", "sha-*-x", "sha256-*"),
        ],
        [
            *("pr-*", "pr-*", "px*", "pr-*", "pr.*", "vx1*", "vx1.*", "VX2*", "pr1*", "pr10.*"),
            *(
                "pr2026*",
                "pr1.4.2",
                "pr-*",
                "releaser*",
                "releaser-*",
                "relay-*",
                "ref*",
                "verify*",
            ),
            *("versions-1*", "finalist*", "unstable", "Stables-*", "producer*", "PRODUCT_*"),
            *(
                "lively-*",
                "rcs.*",
                "vv-*",
                "hotfixes-1",
                "shape-*",
                "shape*",
                "she*",
                "shade-0123*",
            ),
            *("shared-*-x", "shared256-*"),
        ],
        "can match a release tag (a version number; final, ga,",
        "would also expire images that runtimes still run",
        "Begin with the characters that mark a throw-away tag",
    )
    table.values(
        pattern,
        ["", "pr *", "pr?", "p" * 129, "pr*a*b*c*d*"],
        ["pr", "px*", "pr-", "p" * 128, "px*a*b*c*"],
        "1 to 128 of letters, digits, . _ - and at most 4 stars",
        "Write a pattern such as pr-*.",
    )
    table.values(("registry", "expire", 0, "days"), [0, 731], [1, 730], "1 to 730 days")
    rules = [{"pattern": f"pr{n}-*", "days": 1} for n in range(50)]
    table.values(
        ("registry", "expire"),
        [rules],
        [rules[:-1]],
        "at most 50 rules, one of them for untagged images; these are 50",
        "a common beginning",
    )
    table.values(
        ("registry", "encryption"),
        ["aes256", "KMS_DSSE", "", 256, True],
        ["AES256", "KMS", None],
        "must be one of 'AES256' or 'KMS'",
    )
    table.values(("registry",), NOT_MAPPINGS, [{}], MAPPING)


def _unknown_keys(table: Table) -> None:
    for path, typo, near in (
        ((), "netwrokMode", None),
        ((), "regoin", "region"),
        ((), "account_id", "accountId"),
        ((), "agent", "agents"),
        (("size",), "CPU", None),
        (("size",), "memroy", "memory"),
        (("registry",), "untagged_days", "untaggedDays"),
        (("registry", "expire", 0), "day", "days"),
        (AGENT, "imge", "image"),
        (AGENT, "Image", "image"),
        ((*AGENT, "lifecycle"), "idletimeout", "idleTimeout"),
        ((*AGENT, "authorizer"), "discoveryURL", "discoveryUrl"),
        ((*AGENT, "inferenceProfiles", 0), "destinations", "destinationRegions"),
    ):
        table.unknown_key((*path, typo), near)


def _all_faults() -> list[Fault]:
    table = Table()
    for part in (
        _names,
        _images,
        _environment,
        _tags,
        _lifecycle,
        _protocol_and_callers,
        _models,
        _stack,
        _registry,
        _unknown_keys,
    ):
        part(table)
    network_faults.add_to(table)
    grant_faults.add_to(table)
    return table.faults


FAULTS: Final = _all_faults()


def read(
    config: dict[str, Any], *, stack: str = "dev", secret: set[str] | None = None
) -> StackConfig:
    """Read a config (plain values by own key) as the program would."""
    keyed = {key if ":" in key else f"{PROJECT}:{key}": value for key, value in config.items()}
    return StackConfig.read(
        handed_over(keyed), project=PROJECT, stack=stack, secret=secret or set()
    )


def findings(
    config: dict[str, Any], *, stack: str = "dev", secret: set[str] | None = None
) -> list[str]:
    """The lines of findings of a config; none if it is taken."""
    try:
        read(config, stack=stack, secret=secret)
    except ConfigError as error:
        return [line.removeprefix("  - ") for line in str(error).split("\n  - ")[1:]]
    return []
