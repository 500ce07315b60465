"""Tags: whose a resource is, who pays for it and to which environment it belongs.

Judged is what AWS gets: for the aws provider ``tagsAll``, its default tags included. A resource
that could carry tags and has none is judged like one whose tags are wrong.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, cast

from agentcore_policies.agent_runtime import is_hidden
from agentcore_policies.credentials import looks_secret, shown
from agentcore_policies.model import Resource, Value
from agentcore_policies.provider_inputs import provider_input
from agentcore_policies.rule import Context, Finding, Judged, NotChecked, Reference, Rule, Setting

# In pulumi-aws 7.51.1 every one of these takes a map and tells all its tags in tagsAll.
_AWS: Final = (
    "aws:bedrock/agentcoreAgentRuntime:AgentcoreAgentRuntime",
    "aws:bedrock/agentcoreAgentRuntimeEndpoint:AgentcoreAgentRuntimeEndpoint",
    "aws:bedrock/agentcoreApiKeyCredentialProvider:AgentcoreApiKeyCredentialProvider",
    "aws:bedrock/agentcoreBrowser:AgentcoreBrowser",
    "aws:bedrock/agentcoreBrowserProfile:AgentcoreBrowserProfile",
    "aws:bedrock/agentcoreCodeInterpreter:AgentcoreCodeInterpreter",
    "aws:bedrock/agentcoreEvaluator:AgentcoreEvaluator",
    "aws:bedrock/agentcoreGateway:AgentcoreGateway",
    "aws:bedrock/agentcoreHarness:AgentcoreHarness",
    "aws:bedrock/agentcoreMemory:AgentcoreMemory",
    "aws:bedrock/agentcoreOauth2CredentialProvider:AgentcoreOauth2CredentialProvider",
    "aws:bedrock/agentcoreOnlineEvaluationConfig:AgentcoreOnlineEvaluationConfig",
    "aws:bedrock/agentcorePolicyEngine:AgentcorePolicyEngine",
    "aws:bedrock/agentcoreWorkloadIdentity:AgentcoreWorkloadIdentity",
    "aws:cloudwatch/compositeAlarm:CompositeAlarm",
    "aws:cloudwatch/logGroup:LogGroup",
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl",
    "aws:ec2/defaultRouteTable:DefaultRouteTable",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    "aws:ec2/defaultSubnet:DefaultSubnet",
    "aws:ec2/defaultVpc:DefaultVpc",
    "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway",
    "aws:ec2/eip:Eip",
    "aws:ec2/flowLog:FlowLog",
    "aws:ec2/internetGateway:InternetGateway",
    "aws:ec2/managedPrefixList:ManagedPrefixList",
    "aws:ec2/natGateway:NatGateway",
    "aws:ec2/networkAcl:NetworkAcl",
    "aws:ec2/networkInterface:NetworkInterface",
    "aws:ec2/routeTable:RouteTable",
    "aws:ec2/securityGroup:SecurityGroup",
    "aws:ec2/subnet:Subnet",
    "aws:ec2/vpc:Vpc",
    "aws:ec2/vpcDhcpOptions:VpcDhcpOptions",
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    "aws:ec2/vpcPeeringConnection:VpcPeeringConnection",
    "aws:ecr/repository:Repository",
    "aws:ecrpublic/repository:Repository",
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
    "aws:iam/policy:Policy",
    "aws:iam/role:Role",
    "aws:iam/user:User",
    "aws:kms/externalKey:ExternalKey",
    "aws:kms/key:Key",
    "aws:kms/replicaExternalKey:ReplicaExternalKey",
    "aws:kms/replicaKey:ReplicaKey",
    "aws:secretsmanager/secret:Secret",
    "aws:sns/topic:Topic",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
)
# In pulumi-aws-native 1.84.0: CloudFormation's shape, which is not the same for all of a service.
_NATIVE_MAP: Final = (
    "aws-native:bedrockagentcore:BrowserCustom",
    "aws-native:bedrockagentcore:BrowserProfile",
    "aws-native:bedrockagentcore:CodeInterpreterCustom",
    "aws-native:bedrockagentcore:Gateway",
    "aws-native:bedrockagentcore:Memory",
    "aws-native:bedrockagentcore:Runtime",
    "aws-native:bedrockagentcore:RuntimeEndpoint",
)
_NATIVE_LIST: Final = (
    "aws-native:bedrockagentcore:ApiKeyCredentialProvider",
    "aws-native:bedrockagentcore:CapacityProvider",
    "aws-native:bedrockagentcore:ConfigurationBundle",
    "aws-native:bedrockagentcore:ConsentPortal",
    "aws-native:bedrockagentcore:Dataset",
    "aws-native:bedrockagentcore:Evaluator",
    "aws-native:bedrockagentcore:Harness",
    "aws-native:bedrockagentcore:HarnessEndpoint",
    "aws-native:bedrockagentcore:OAuth2CredentialProvider",
    "aws-native:bedrockagentcore:OnlineEvaluationConfig",
    "aws-native:bedrockagentcore:PaymentCredentialProvider",
    "aws-native:bedrockagentcore:PaymentManager",
    "aws-native:bedrockagentcore:PolicyEngine",
    "aws-native:bedrockagentcore:WorkloadIdentity",
    "aws-native:cloudwatch:Alarm",
    "aws-native:cloudwatch:CompositeAlarm",
    "aws-native:cloudwatch:LogAlarm",
    "aws-native:ec2:DhcpOptions",
    "aws-native:ec2:EgressOnlyInternetGateway",
    "aws-native:ec2:Eip",
    "aws-native:ec2:FlowLog",
    "aws-native:ec2:InternetGateway",
    "aws-native:ec2:NatGateway",
    "aws-native:ec2:NetworkAcl",
    "aws-native:ec2:NetworkInterface",
    "aws-native:ec2:PrefixList",
    "aws-native:ec2:RouteTable",
    "aws-native:ec2:SecurityGroup",
    "aws-native:ec2:Subnet",
    "aws-native:ec2:Vpc",
    "aws-native:ec2:VpcEndpoint",
    "aws-native:ec2:VpcPeeringConnection",
    "aws-native:ecr:Repository",
    "aws-native:iam:OidcProvider",
    "aws-native:iam:Role",
    "aws-native:iam:User",
    "aws-native:kms:Key",
    "aws-native:kms:ReplicaKey",
    "aws-native:logs:DeliveryDestination",
    "aws-native:logs:Destination",
    "aws-native:logs:LogGroup",
    "aws-native:secretsmanager:Secret",
    "aws-native:sns:Topic",
)

Shape = Literal["map", "list"]
TAGGABLE: Final[Mapping[str, Shape]] = {
    **dict.fromkeys((*_AWS, *_NATIVE_MAP), "map"),
    **dict.fromkeys(_NATIVE_LIST, "list"),
}
"""Every type that can carry tags, of those that agents and what they stand on are made of."""

_REQUIRED: Final = ("Project", "Environment", "Owner", "CostCenter")
_ENVIRONMENT: Final = "Environment"
_EC2: Final = ("aws:ec2/", "aws:vpc/", "aws-native:ec2:")
_AGENTCORE: Final = ("aws:bedrock/agentcore", "aws-native:bedrockagentcore:")
_MAX_KEY: Final = 128
_MAX_VALUE: Final = 256
# AWS general reference, "Tag naming limits and requirements"; AWS's own keys do not count.
_MAX_TAGS: Final = 50
# IAM takes no two keys that differ in case only (CreateRole, "Tags").
_CASELESS: Final = ("aws:iam/", "aws-native:iam:")
# What the bridge of the aws provider notes in every object: no tag.
_NOTE: Final = "__defaults"
# A name of any kind, or an e-mail address in full.
_OWNER: Final = r"[^@]+|[^@\s]+@[^@\s.]+(\.[^@\s.]+)+"


@dataclass(frozen=True)
class _Characters:
    """What a service takes in keys and values."""

    form: re.Pattern[str]
    allowed: str

    def fault(self, text: str) -> str:
        """What of a text it does not take; empty where it takes all."""
        strange = dict.fromkeys(char for char in text if not self.form.fullmatch(char))
        if not strange:
            return ""
        return f"holds {' '.join(map(shown, strange))}; allowed are {self.allowed}. Replace it."


# EC2 user guide, "Tag restrictions".
_ANY: Final = _Characters(re.compile(r".", re.DOTALL), "all")
# TagKey and TagValue of the service's model.
_OF_AGENTCORE: Final = _Characters(
    re.compile(r"[a-zA-Z0-9\s._:/=+@-]", re.ASCII),
    "letters a to z and A to Z, digits, spaces and . _ : / = + @ -",
)
# AWS general reference, and the models of IAM and CloudWatch Logs: [\p{L}\p{Z}\p{N}_.:/=+\-@].
_OF_AWS: Final = _Characters(
    re.compile(r"[\w.:/=+@-]|[^\S\t-\r\x1c-\x1f\x85]"),
    "letters, digits, spaces and . _ : / = + @ -",
)


def _characters(kind: str) -> _Characters:
    if kind.startswith(_EC2):
        return _ANY
    return _OF_AGENTCORE if kind.startswith(_AGENTCORE) else _OF_AWS


@dataclass(frozen=True)
class _Tags:
    """A resource's tags.

    Attributes:
        given: key and value of each, in order; a key may be unknown or there twice.
        is_whole: whether there are no others.
    """

    given: Sequence[tuple[Value, Value]]
    is_whole: bool

    def of(self, key: str) -> Value:
        """The value of a key; None where it is not given."""
        return next((value for name, value in reversed(self.given) if name == key), None)

    def known(self) -> Iterator[tuple[str, Value]]:
        """Those whose key is known."""
        return ((key, value) for key, value in self.given if isinstance(key, str))


def _tags(resource: Resource) -> _Tags:
    everything = resource.at("tagsAll")
    if isinstance(everything, Mapping):
        return _read(everything)
    own = _read(resource.at("tags"))
    defaults = _read(_default_tags(resource))
    keys = {key for key, _ in own.known()}
    inherited = [(key, value) for key, value in defaults.given if key not in keys]
    is_whole = own.is_whole and defaults.is_whole and not is_hidden(everything)
    return _Tags([*own.given, *inherited], is_whole)


def _default_tags(resource: Resource) -> Value:
    value = provider_input(resource, "defaultTags")
    return value.get("tags") if isinstance(value, Mapping) else value


def _read(value: Value) -> _Tags:
    """Tags in either shape, whatever the type wants: its shape is judged apart from its content."""
    if is_hidden(value):
        return _Tags((), is_whole=False)
    if isinstance(value, Mapping):
        given = [(key, tag) for key, tag in value.items() if key != _NOTE and tag is not None]
        return _Tags(given, is_whole=True)
    if isinstance(value, Sequence):
        entries = [entry for entry in value if isinstance(entry, Mapping)]
        given = [
            (entry["key"], tag)
            for entry in entries
            if entry.get("key") is not None and (tag := entry.get("value")) is not None
        ]
        is_whole = not any(is_hidden(entry) for entry in value) and not any(
            is_hidden(key) for key, _ in given
        )
        return _Tags(given, is_whole)
    return _Tags((), is_whole=True)


def _required(resource: Resource, context: Context) -> Judged:
    tags = _tags(resource)
    keys = cast("Sequence[str]", context.settings["required"])
    if not tags.is_whole and any(tags.of(key) is None for key in keys):
        yield NotChecked(path="tags")
    for key in keys:
        value = tags.of(key)
        path = f"tags.{key}"
        if is_hidden(value):
            yield NotChecked(path=path)
        elif isinstance(value, str) and not value.strip():
            yield Finding(path=path, message=f"the tag {key} is empty. Give it a value.")
    missing = [key for key in keys if tags.is_whole and tags.of(key) is None]
    if missing:
        path = f"tags.{missing[0]}" if len(missing) == 1 else "tags"
        yield Finding(path=path, message=_missing(missing, tags))


def _missing(keys: Sequence[str], tags: _Tags) -> str:
    meant = {
        key: name for key in keys for name, _ in tags.known() if _spelled(name) == _spelled(key)
    }
    said = [
        f"The tag {key} is missing; there is {shown(name)}, and tag keys are case-sensitive. "
        f"Rename it to {key}."
        for key, name in meant.items()
    ]
    others = [key for key in keys if key not in meant]
    if others:
        what, them = ("tag", "it") if len(others) == 1 else ("tags", "them")
        is_missing = "is missing" if len(others) == 1 else "are missing"
        said.append(
            f"The {what} {', '.join(others)} {is_missing}. Set {them} here or in the provider's "
            "default tags."
        )
    return " ".join(said)


def _spelled(key: str) -> str:
    return re.sub(r"[^a-z0-9]", "", key.lower())


def _well_formed(resource: Resource, _context: Context) -> Judged:
    yield from _shape(resource)
    tags = _tags(resource)
    if not tags.is_whole:
        yield NotChecked(path="tags")
    own = [key for key, _ in tags.known() if not key.lower().startswith("aws:")]
    if len(set(own)) > _MAX_TAGS:
        yield Finding(
            path="tags",
            message=f"there are {len(set(own))} tags, at most {_MAX_TAGS} are allowed. "
            "Remove some.",
        )
    yield from _repeated(resource, own)
    characters = _characters(resource.type)
    for key, value in tags.known():
        path = "tags" if looks_secret(key) else f"tags.{key}"
        problem = _key_problem(key, characters)
        if problem:
            yield Finding(path="tags", message=f"the key {shown(key)} {problem}")
        elif is_hidden(value):
            yield NotChecked(path=path)
        else:
            problem = _value_problem(value, characters)
            if problem:
                yield Finding(path=path, message=f"the value {problem}")


def _shape(resource: Resource) -> Judged:
    given = resource.at("tags")
    if given is None or is_hidden(given):
        return
    if TAGGABLE[resource.type] == "map":
        if not isinstance(given, Mapping):
            yield Finding(path="tags", message="tags of this type are a map of keys to values.")
    elif not isinstance(given, Sequence) or isinstance(given, str):
        yield Finding(
            path="tags", message='tags of this type are a list of {"key": ..., "value": ...}.'
        )
    else:
        for position, entry in enumerate(given):
            if is_hidden(entry):
                continue
            if not isinstance(entry, Mapping) or not {"key", "value"} <= entry.keys():
                yield Finding(
                    path=f"tags[{position}]",
                    message='a tag is {"key": ..., "value": ...}, both in lower case.',
                )


def _repeated(resource: Resource, keys: Sequence[str]) -> Judged:
    for key, times in Counter(keys).items():
        if times > 1:
            yield Finding(
                path="tags", message=f"the key {shown(key)} is given {times} times. Keep one."
            )
    if resource.type.startswith(_CASELESS):
        first: dict[str, str] = {}
        for key in dict.fromkeys(keys):
            other = first.setdefault(key.lower(), key)
            if other != key:
                yield Finding(
                    path="tags",
                    message=f"the keys {shown(other)} and {shown(key)} differ in case only, "
                    "which IAM refuses. Keep one.",
                )


def _key_problem(key: str, characters: _Characters) -> str:
    if key.lower().startswith("aws:"):
        return "begins with aws:, which belongs to AWS. Choose another."
    if not key.strip():
        return "is empty. Give it a name."
    if len(key) > _MAX_KEY:
        return f"has {len(key)} characters, at most {_MAX_KEY} are allowed. Shorten it."
    return characters.fault(key)


def _value_problem(value: Value, characters: _Characters) -> str:
    if not isinstance(value, str):
        return f"is {shown(value)}, not text. Quote it."
    if len(value) > _MAX_VALUE:
        return f"has {len(value)} characters, at most {_MAX_VALUE} are allowed. Shorten it."
    return characters.fault(value)


def _allowed(resource: Resource, context: Context) -> Judged:
    tags = _tags(resource)
    values = cast("Mapping[str, Sequence[str]]", context.settings["allowedValues"])
    patterns = cast("Mapping[str, str]", context.settings["patterns"])
    for key in dict.fromkeys((*values, *patterns)):
        value = tags.of(key)
        path = f"tags.{key}"
        if is_hidden(value) or (value is None and not tags.is_whole):
            yield NotChecked(path=path)
        elif not isinstance(value, str) or not value.strip():
            continue
        elif key in values and value not in values[key]:
            yield Finding(
                path=path,
                message=f"{shown(value)} is not allowed; allowed are "
                f"{', '.join(map(shown, values[key]))}. Tag values are case-sensitive.",
            )
        elif key in patterns and not re.fullmatch(patterns[key], value):
            yield Finding(
                path=path,
                message=f"{shown(value)} does not have the form {patterns[key]}. Correct it.",
            )


def _environment(resource: Resource, context: Context) -> Judged:
    tags = _tags(resource)
    value = tags.of(_ENVIRONMENT)
    path = f"tags.{_ENVIRONMENT}"
    environments = cast("Mapping[str, str]", context.settings["environments"])
    wanted = environments.get(context.stack, context.stack)
    if is_hidden(value) or (value is None and not tags.is_whole):
        yield NotChecked(path=path)
    elif isinstance(value, str) and value.strip() and value != wanted:
        yield Finding(
            path=path,
            message=f"{shown(value)} in the stack {context.stack}, whose environment is {wanted}. "
            f"Set it to {wanted}, or map the stack in the setting environments.",
        )


_TYPES: Final = tuple(TAGGABLE)
_WELL_ARCHITECTED: Final = Reference(framework="Well-Architected", id="COST03-BP02")

RULES: Final[Sequence[Rule]] = (
    Rule(
        id="tags-required",
        description="Every resource of the types it judges tells project, environment, owner and "
        "cost centre.",
        severity="medium",
        types=_TYPES,
        remediation="Set the tags in the provider's default tags, and on resources of aws-native "
        "that know none, on the resource.",
        references=(_WELL_ARCHITECTED, Reference(framework="Security Hub", id="Tagging standard")),
        settings={
            "required": Setting(
                schema={
                    "type": "array",
                    "items": {"type": "string", "minLength": 1},
                    "minItems": 1,
                },
                default=list(_REQUIRED),
                description="Keys that have to be there, exactly so spelled.",
            )
        },
        check=_required,
    ),
    Rule(
        id="tags-well-formed",
        description="Tags have the shape, the characters and the lengths that their service takes.",
        severity="low",
        types=_TYPES,
        remediation="Write tags as the message says.",
        references=(_WELL_ARCHITECTED,),
        check=_well_formed,
    ),
    Rule(
        id="tags-allowed-values",
        description="Tags have the values and forms that the organization allows.",
        severity="low",
        types=_TYPES,
        remediation="Choose one of the allowed values, or extend the rule's settings.",
        references=(_WELL_ARCHITECTED,),
        settings={
            "allowedValues": Setting(
                schema={
                    "type": "object",
                    "additionalProperties": {
                        "type": "array",
                        "items": {"type": "string"},
                        "minItems": 1,
                    },
                },
                default={},
                description="Values by key.",
            ),
            "patterns": Setting(
                schema={
                    "type": "object",
                    "additionalProperties": {"type": "string", "format": "regex"},
                },
                default={"Owner": _OWNER},
                description="Regular expressions by key; the whole value has to match.",
            ),
        },
        check=_allowed,
    ),
    Rule(
        id="tags-environment",
        description="The tag Environment is that of the stack.",
        severity="medium",
        types=_TYPES,
        remediation="Set the tag Environment to the stack's environment.",
        references=(_WELL_ARCHITECTED,),
        settings={
            "environments": Setting(
                schema={"type": "object", "additionalProperties": {"type": "string"}},
                default={},
                description="Environments by stack, where they are named differently.",
            )
        },
        check=_environment,
    ),
)
