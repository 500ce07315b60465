"""The values a stack's config is made of: each checks itself and says what is allowed.

Limits come from the CloudFormation schema of ``AWS::BedrockAgentCore::Runtime`` and, where the
schema is laxer than the service, from the AgentCore developer guide; each is named where it stands.
"""

import fnmatch
import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Final

from pydantic import AfterValidator, ValidationInfo
from pydantic_core import InitErrorDetails

from infra.config_model import Surroundings, around, judged_whole, of_whole, refused
from infra.config_report import holds_secret, looks_secret
from infra.documents.lifecycle_policy import RELEASE_WORDS, can_match_release_tag
from infra.identity_tag import IDENTITY_TAG
from infra.image_reference import ImageReference, ImageReferenceError, parse_image
from infra.naming import REPOSITORY_NAME_MAX, ROLE_NAME_MAX, RUNTIME_NAME_MAX
from infra.regions import partition_of

# The names under which the program hands the size to the container.
CPU_VARIABLE: Final = "AGENT_CPU_UNITS"
MEMORY_VARIABLE: Final = "AGENT_MEMORY_MIB"
# The tag that tells what belongs to which agent.
AGENT_TAG: Final = "Agent"

# ECR quota, "Rules per lifecycle policy".
MAX_LIFECYCLE_RULES: Final = 50
# ECR, PutLifecyclePolicy: rule priorities and counts are positive; two years is our sanity bound.
_MAX_EXPIRY_DAYS: Final = 730
# Developer guide, runtime-lifecycle-settings: microVMs; 1209600 s in the schema is for Instances.
_LIFECYCLE_SECONDS: Final = (60, 28_800)
# CreateAgentRuntime: 50 variables; names to 100 characters, values to 2048 (CloudFormation), and
# 4 KB in total on platform version V1 (developer guide, runtime-how-it-works).
_MAX_VARIABLES: Final = 50
_MAX_VARIABLE_NAME: Final = 100
_MAX_VARIABLE_VALUE: Final = 2048
_MAX_ENVIRONMENT_BYTES: Final = 4096
# Service quotas, "Versions per agent" and "Endpoints per agent" (DEFAULT is one of them).
_MAX_VERSION: Final = 99_999
_MAX_NAMED_ENDPOINTS: Final = 9
_SERVICE_ENDPOINT: Final = "DEFAULT"
MAX_HEADERS: Final = 20
_MAX_TAGS: Final = 50

_REQUIRED_TAGS: Final = {
    key.lower(): key for key in ("Project", "Environment", "Owner", "CostCenter")
}
_RESERVED_VARIABLES: Final = frozenset(
    {
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        CPU_VARIABLE,
        MEMORY_VARIABLE,
    }
)
_SECRET_VARIABLE: Final = (
    "this looks like a secret, and everybody who may read the runtime reads its environment",
    "Put it into Secrets Manager and pass the secret's ARN.",
)
_UNFORWARDABLE_HEADERS: Final = frozenset(
    {"host", "connection", "content-length", "transfer-encoding", "upgrade", "te", "trailer"}
)

_AGENT: Final = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_ENDPOINT: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9_]{0,47}")
# The schema takes any white space, IAM only spaces; role and runtime carry the same tags.
_TAG_CHARACTERS: Final = re.compile(r"[a-zA-Z0-9 ._:/=+@-]*")
_VARIABLE: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_HEADER: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,255}")
# RFC 6749, section 3.3; the schema has the same.
_SCOPE: Final = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+")
_REGION: Final = re.compile(r"[a-z]{2}(?:-gov)?-[a-z]+-[0-9]")
# Where the profiles of a geography route to, besides the source region itself (Bedrock user guide,
# inference-profiles-support; the Asia-Pacific ones reach into the Middle East). An expression and
# no list of regions, because AWS adds some.
_GEOGRAPHIES: Final = {
    "us": r"us-(?!gov-).+",
    "us-gov": r"us-gov-.+",
    "eu": r"eu-.+",
    "apac": r"(?:ap|me)-.+",
    "jp": r"ap-northeast-[13]",
    "au": r"ap-southeast-[246]",
    "ca": r"ca-.+",
}
_MODEL: Final = re.compile(r"[a-z0-9-]+\.[a-z0-9][a-z0-9.:-]*")
_PROFILE: Final = re.compile(rf"(?P<geography>global|{'|'.join(_GEOGRAPHIES)})\.{_MODEL.pattern}")
# RFC 3986 without user, query and fragment. A host is what a public issuer has, a name of several
# labels that does not end in a number: the service reaches neither localhost nor a bare address.
_LABEL: Final = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_URL: Final = re.compile(
    rf"https://(?P<host>(?:{_LABEL}\.)+(?![0-9]+(?:[:/]|$)){_LABEL})(?::(?P<port>[0-9]{{1,5}}))?"
    r"(?P<path>(?:/(?:[a-zA-Z0-9._~!$&'()*+,;=:@-]|%[0-9a-fA-F]{2})*)*)"
)
EMAIL: Final = re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")
# prod, prod2, prod-eu and eu-prod; not preprod, non-prod or product.
PRODUCTION_NAME: Final = re.compile(
    r"(?:^|(?<!pre)(?<!non)[-_.])(?:prod|production|prd|live)[0-9]*(?:$|[-_.])"
)


def _account_id(value: str) -> str:
    if not re.fullmatch(r"[0-9]{12}", value):
        has = f"{len(value)} digits" if re.fullmatch("[0-9]*", value) else "other characters"
        raise refused(
            f"an AWS account id has exactly 12 digits, this has {has}",
            "Quote it in the YAML file: a bare number loses its leading zeros.",
        )
    return value


def _region_name(value: str) -> str:
    if not _REGION.fullmatch(value):
        raise refused("a region reads like us-east-1", "Check the spelling.")
    return value


def _organization_id(value: str) -> str:
    if not re.fullmatch(r"o-[a-z0-9]{10,32}", value):
        raise refused(
            "an organization's id is o- and 10 to 32 lower-case letters and digits",
            "Find yours with: aws organizations describe-organization",
        )
    return value


def _tag_key(value: str) -> str:
    exact = _REQUIRED_TAGS.get(re.sub(r"[^a-z0-9]", "", value.lower()))
    if exact is not None:
        raise refused(f"tag keys are case-sensitive; the required key is {exact}", "Rename it.")
    for own in (AGENT_TAG, IDENTITY_TAG):
        if value.lower() == own.lower():
            raise refused(f"{own} is set by this program", "Choose another key.")
    if value.lower().startswith("aws:"):
        raise refused("keys that begin with aws: belong to AWS", "Choose another key.")
    if not 1 <= len(value) <= 128:
        raise refused(f"a tag key has 1 to 128 characters, this has {len(value)}", "Shorten it.")
    if not value.strip():
        raise refused("a tag key must not be white space only", "Give it a name.")
    if not _TAG_CHARACTERS.fullmatch(value):
        raise refused(
            "a tag key may hold letters, digits, spaces and . _ : / = + @ - only",
            "Replace the others.",
        )
    return value


def _tag_value(value: str) -> str:
    if not value.strip():
        raise refused("a tag value must not be empty", "Give it a value, or remove the key.")
    if len(value) > 256:
        raise refused(
            f"a tag value has at most 256 characters, this has {len(value)}", "Shorten it."
        )
    if not _TAG_CHARACTERS.fullmatch(value):
        raise refused(
            "a tag value may hold letters, digits, spaces and . _ : / = + @ - only",
            "Replace the others.",
        )
    return value


def _agent_name(value: str, info: ValidationInfo) -> str:
    if not _AGENT.fullmatch(value):
        spelled = re.sub(r"[^a-z0-9]+", "_", value.lower()).strip("_")
        spelled = spelled if _AGENT.fullmatch(spelled) else f"agent_{spelled}".strip("_")
        raise refused(
            "an agent's name is lower-case letters and digits, words joined by one underscore, "
            "starting with a letter (it becomes part of the runtime's name, which takes no "
            "hyphen, and of the repository's, which takes no upper case)",
            'Write "{spelled}".',
            spelled=spelled,
        )
    stack = around(info)
    names = stack.names
    composed = {
        "runtime": (names.runtime(value), RUNTIME_NAME_MAX),
        "repository": (names.repository(value), REPOSITORY_NAME_MAX),
    }
    if stack.region:  # a part of the role's name
        composed["role"] = (names.role(value), ROLE_NAME_MAX)
    too_long = {
        what: (name, limit) for what, (name, limit) in composed.items() if len(name) > limit
    }
    if too_long:
        raise refused(
            "; ".join(
                f"the {what} would be named {{{what}}}: {len(name)} characters, at most {limit}"
                for what, (name, limit) in too_long.items()
            ),
            "Shorten the agent's name, or the project's or the stack's.",
            **{what: name for what, (name, _) in too_long.items()},
        )
    return value


def _description(value: str) -> str:
    if not 1 <= len(value) <= 1200:
        raise refused(
            f"a runtime's description has 1 to 1200 characters, this has {len(value)}",
            "Shorten it, or leave the key out.",
        )
    if not value.strip():
        raise refused(
            "a description of white space only tells nothing", "Write one, or leave the key out."
        )
    return value


def _image(value: str, info: ValidationInfo) -> str:
    try:
        image = parse_image(value)
    except ImageReferenceError as error:
        raise refused(error.reason, error.way_out) from None
    stack = around(info)
    if image.region is not None and stack.region and image.region != stack.region:
        raise refused(
            "the service pulls from the registry of the stack's own region ({region})",
            "Replicate the repository to that region, or push the image there.",
            region=stack.region,
        )
    trusted = (stack.account_id, *stack.trusted_image_accounts)
    if image.account_id is not None and stack.account_id and image.account_id not in trusted:
        raise refused(
            "registry account {account} is not trusted: accountId and trustedImageAccounts are",
            "Add the account to trustedImageAccounts if its images may run here.",
            account=image.account_id,
        )
    if image.tag is not None and _is_of(stack, image):
        for pattern in stack.expiring_patterns:
            if fnmatch.fnmatchcase(image.tag, pattern):
                raise refused(
                    "the pattern {pattern} of registry.expire would expire this image while the "
                    "runtime runs it",
                    "Pin a release tag, or narrow the pattern.",
                    pattern=pattern,
                )
    return value


def _is_of(stack: Surroundings, image: ImageReference) -> bool:
    """Whether the image lies in a repository of this stack, where its expiry rules hold."""
    return image.repository is None or (
        image.account_id == stack.account_id
        and image.repository.startswith(stack.names.repository(""))
    )


def _model_id(value: str) -> str:
    if _PROFILE.fullmatch(value):
        raise refused(
            "this is an inference profile, not a foundation model",
            "Move it to inferenceProfiles, with its destinationRegions.",
        )
    if not _MODEL.fullmatch(value):
        raise refused(
            "a foundation model id reads provider.model, such as "
            "anthropic.claude-3-haiku-20240307-v1:0; wildcards and ARNs are not taken",
            "List yours with: aws bedrock list-foundation-models",
        )
    return value


def _profile_id(value: str) -> str:
    if not _PROFILE.fullmatch(value):
        raise refused(
            "an inference profile id reads geography.provider.model, such as "
            "us.anthropic.claude-sonnet-4-20250514-v1:0",
            "List yours with: aws bedrock list-inference-profiles",
        )
    return value


def outside(profile_id: str, regions: Iterable[str], stack: Surroundings) -> list[str]:
    """Those of the regions that the profile cannot route to from the stack's own region."""
    profile = _PROFILE.fullmatch(profile_id)
    geography = _GEOGRAPHIES.get(profile["geography"], "") if profile else ""
    return [
        region
        for region in regions
        if (stack.region and partition_of(region) != partition_of(stack.region))
        or not (region == stack.region or re.fullmatch(geography, region))
    ]


def _endpoint_name(value: str) -> str:
    if value.upper() == _SERVICE_ENDPOINT:
        raise refused(
            f"{_SERVICE_ENDPOINT} is made and moved by the service",
            "Choose another name, such as live.",
        )
    if not _ENDPOINT.fullmatch(value):
        raise refused(
            "an endpoint's name is 1 to 48 letters, digits and underscores, starting with a "
            f"letter; this has {len(value)} characters",
            'Write "{spelled}".',
            spelled=_as_endpoint(value),
        )
    return value


def _as_endpoint(value: str) -> str:
    spelled = re.sub(r"[^a-zA-Z0-9_]+", "_", value).strip("_")
    return (spelled if spelled[:1].isalpha() else f"endpoint_{spelled}".strip("_"))[:48]


def _version(value: int) -> int:
    if not 1 <= value <= _MAX_VERSION:
        raise refused(
            f"a runtime version is a whole number from 1 to {_MAX_VERSION}",
            "The output agents.NAME.runtime.version tells the newest.",
        )
    return value


def _seconds(value: int) -> int:
    low, high = _LIFECYCLE_SECONDS
    if not low <= value <= high:
        raise refused(
            f"a session timeout is {low} to {high} seconds", "Write whole seconds in that range."
        )
    return value


def _days(value: int) -> int:
    if not 1 <= value <= _MAX_EXPIRY_DAYS:
        raise refused(f"an expiry is 1 to {_MAX_EXPIRY_DAYS} days", "Write whole days.")
    return value


def _expiring_pattern(value: str) -> str:
    if not re.fullmatch(r"[a-zA-Z0-9_.*-]{1,128}", value) or value.count("*") > 4:
        raise refused(
            "a tag pattern is 1 to 128 of letters, digits, . _ - and at most 4 stars",
            "Write a pattern such as pr-*.",
        )
    if not re.match(r"[a-zA-Z0-9_]{2,}", value) or can_match_release_tag(value):
        raise refused(
            "a pattern that begins with a star or a single character, or that can match a release "
            f"tag (a version number; {', '.join(RELEASE_WORDS)}, each alone or before a digit or "
            ". _ -), would also expire images that runtimes still run",
            "Begin with the characters that mark a throw-away tag, such as pr-*.",
        )
    return value


def _cpu(value: int) -> int:
    if not 128 <= value <= 2048:
        raise refused(
            "a session has 128 to 2048 CPU units (1024 = one vCPU)", "Choose one, such as 512."
        )
    return value


def _memory(value: int) -> int:
    if not 128 <= value <= 8192:
        raise refused("a session has 128 to 8192 MiB of memory", "Choose one, such as 1024.")
    return value


def _header(value: str) -> str:
    if not _HEADER.fullmatch(value):
        raise refused(
            "a header name is 1 to 256 letters, digits, - and _, starting with a letter",
            "Name one header an entry, without its value.",
        )
    if value.lower() in _UNFORWARDABLE_HEADERS:
        raise refused("this header belongs to the connection and is not forwarded", "Remove it.")
    return value


def _discovery_url(value: str) -> str:
    url = _URL.fullmatch(value)
    if url is None or len(url["host"]) > 253 or not 1 <= int(url["port"] or 443) <= 65_535:
        raise refused(
            "a discovery URL is https://, a host and a path, without user, query or fragment; the "
            "host is a full name such as login.example.com, a port is 1 to 65535",
            "Copy the issuer's URL and append /.well-known/openid-configuration.",
        )
    if not url["path"].endswith("/.well-known/openid-configuration"):
        raise refused(
            "a discovery URL ends in /.well-known/openid-configuration",
            "Append that to the issuer's URL.",
        )
    return value


def _not_blank(value: str) -> str:
    if not value.strip():
        raise refused("an entry must not be empty", "Give it a value, or remove it.")
    return value


def _scope(value: str) -> str:
    if not _SCOPE.fullmatch(value):
        raise refused(
            "a scope is printable characters without spaces, quotes and backslashes",
            "Write one scope an entry.",
        )
    return value


def _variable_name(value: str) -> str:
    if not _is_variable_name(value):
        raise refused(
            f"a variable's name is 1 to {_MAX_VARIABLE_NAME} letters, digits and underscores, not "
            "starting with a digit",
            'Write "{spelled}".',
            spelled=_as_variable(value),
        )
    if _is_reserved(value):
        raise refused(
            "this variable is set by the service or by this program", "Choose another name."
        )
    return value


def _is_variable_name(value: str) -> bool:
    return bool(_VARIABLE.fullmatch(value)) and len(value) <= _MAX_VARIABLE_NAME


def _is_reserved(name: str) -> bool:
    return name.upper() in _RESERVED_VARIABLES


def _as_variable(value: str) -> str:
    spelled = re.sub(r"[^a-zA-Z0-9_]+", "_", value)
    return (f"_{spelled}" if spelled[:1].isdigit() or not spelled else spelled)[:_MAX_VARIABLE_NAME]


def _variable_value(value: str) -> str:
    if len(value) > _MAX_VARIABLE_VALUE:
        raise refused(
            f"a variable's value has at most {_MAX_VARIABLE_VALUE} characters, this has "
            f"{len(value)}",
            "Move it into a file of the image, or into Parameter Store.",
        )
    if looks_secret(value):
        raise refused(*_SECRET_VARIABLE)
    return value


def _whole_environment(value: Mapping[str, object]) -> list[InitErrorDetails]:
    """What is wrong with the variables together, also while single ones are wrong."""
    errors: list[InitErrorDetails] = []
    # The size takes two variables of the fifty, and its part of the bytes.
    if len(value) + 2 > _MAX_VARIABLES:
        errors.append(
            of_whole(
                value,
                f"a runtime takes {_MAX_VARIABLES} variables, two of them hold the size; these "
                f"are {len(value)}",
                "Move settings into a file of the image, or into Parameter Store.",
            )
        )
    total = sum(len(str(part).encode()) for pair in value.items() for part in pair)
    if total + len(f"{CPU_VARIABLE}2048{MEMORY_VARIABLE}8192") > _MAX_ENVIRONMENT_BYTES:
        errors.append(
            of_whole(
                value,
                f"a runtime's environment holds {_MAX_ENVIRONMENT_BYTES} bytes in total, names "
                f"and values; these are {total}",
                "Move long settings into a file of the image, or into Parameter Store.",
            )
        )
    # Only name and value together tell a token from a limit on tokens.
    errors += [
        InitErrorDetails(type=refused(*_SECRET_VARIABLE), loc=(name, "[key]"), input=name)
        for name, part in value.items()
        if _is_variable_name(name) and not _is_reserved(name) and holds_secret(name, str(part))
    ]
    return errors


def _whole_endpoints(value: Mapping[str, object]) -> list[InitErrorDetails]:
    errors: list[InitErrorDetails] = []
    if len(value) > _MAX_NAMED_ENDPOINTS:
        errors.append(
            of_whole(
                value,
                f"an agent has at most {_MAX_NAMED_ENDPOINTS} endpoints besides "
                f"{_SERVICE_ENDPOINT}, these are {len(value)}",
                "Remove those that nobody calls.",
            )
        )
    errors += [
        of_whole(
            value,
            "{names} differ in case only, and a caller who mixes them up gets another version",
            "Rename all but one of them.",
            names=", ".join(names),
        )
        for folded, names in _alike(value).items()
        if folded != _SERVICE_ENDPOINT.lower()  # refused as such
    ]
    return errors


def _whole_tags(value: Mapping[str, object]) -> list[InitErrorDetails]:
    errors: list[InitErrorDetails] = []
    if len(value) + 1 > _MAX_TAGS:
        errors.append(
            of_whole(
                value,
                f"a resource has at most {_MAX_TAGS} tags, one of them names the agent; these are "
                f"{len(value)}",
                "Remove some.",
            )
        )
    errors += [
        of_whole(
            value,
            "IAM takes {keys} for one key, because case does not tell tag keys apart there",
            "Keep one of them.",
            keys=", ".join(keys),
        )
        for folded, keys in _alike(value).items()
        # Refused as such:
        if folded not in (*_REQUIRED_TAGS, AGENT_TAG.lower(), IDENTITY_TAG.lower())
    ]
    return errors


def _alike(keys: Iterable[str]) -> dict[str, list[str]]:
    """Keys that differ in case only, by their lower case."""
    folded: dict[str, list[str]] = {}
    for key in sorted(keys):
        folded.setdefault(key.lower(), []).append(key)
    return {key: spelled for key, spelled in folded.items() if len(spelled) > 1}


AccountId = Annotated[str, AfterValidator(_account_id)]
RegionName = Annotated[str, AfterValidator(_region_name)]
OrganizationId = Annotated[str, AfterValidator(_organization_id)]
TagKey = Annotated[str, AfterValidator(_tag_key)]
TagValue = Annotated[str, AfterValidator(_tag_value)]
AgentName = Annotated[str, AfterValidator(_agent_name)]
EndpointName = Annotated[str, AfterValidator(_endpoint_name)]
RuntimeVersion = Annotated[int, AfterValidator(_version)]
Seconds = Annotated[int, AfterValidator(_seconds)]
Days = Annotated[int, AfterValidator(_days)]
ProfileId = Annotated[str, AfterValidator(_profile_id)]
Environment = Annotated[
    Mapping[
        Annotated[str, AfterValidator(_variable_name)],
        Annotated[str, AfterValidator(_variable_value)],
    ],
    judged_whole(_whole_environment),
]
Endpoints = Annotated[Mapping[EndpointName, RuntimeVersion], judged_whole(_whole_endpoints)]
AtMostFiftyTags = judged_whole(_whole_tags)
Description = Annotated[str, AfterValidator(_description)]
Image = Annotated[str, AfterValidator(_image)]
ModelId = Annotated[str, AfterValidator(_model_id)]
CpuUnits = Annotated[int, AfterValidator(_cpu)]
Mebibytes = Annotated[int, AfterValidator(_memory)]
HeaderName = Annotated[str, AfterValidator(_header)]
NotBlank = Annotated[str, AfterValidator(_not_blank)]
Scope = Annotated[str, AfterValidator(_scope)]
DiscoveryUrl = Annotated[str, AfterValidator(_discovery_url)]
ExpiringPattern = Annotated[str, AfterValidator(_expiring_pattern)]
