"""IAM roles and policies in the forms of both providers, and who holds which policy."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from agentcore_policies.agent_runtime import HARNESSES, RUNTIMES, elements, is_hidden, role_path
from agentcore_policies.iam_document import Document, Statement, read
from agentcore_policies.last_stack import for_last_stack
from agentcore_policies.links import Linked, is_computed, links_of
from agentcore_policies.model import Resource, Stack, Unknown
from agentcore_policies.rule import NotChecked

AWS_ROLE: Final = "aws:iam/role:Role"
NATIVE_ROLE: Final = "aws-native:iam:Role"
ROLES: Final = (AWS_ROLE, NATIVE_ROLE)

_AWS_ROLE_POLICY: Final = "aws:iam/rolePolicy:RolePolicy"
_NATIVE_ROLE_POLICY: Final = "aws-native:iam:RolePolicy"
_AWS_POLICY: Final = "aws:iam/policy:Policy"
_NATIVE_POLICY: Final = "aws-native:iam:ManagedPolicy"
_POLICIES: Final = (_AWS_POLICY, _NATIVE_POLICY)
AWS_ATTACHMENT: Final = "aws:iam/policyAttachment:PolicyAttachment"
_AWS_ROLE_ATTACHMENT: Final = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
_AWS_EXCLUSIVE: Final = "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive"

_AWS_USER: Final = "aws:iam/user:User"
_AWS_GROUP: Final = "aws:iam/group:Group"
_NATIVE_USER: Final = "aws-native:iam:User"
_NATIVE_GROUP: Final = "aws-native:iam:Group"
_AWS_USER_POLICY: Final = "aws:iam/userPolicy:UserPolicy"
_AWS_GROUP_POLICY: Final = "aws:iam/groupPolicy:GroupPolicy"
_NATIVE_USER_POLICY: Final = "aws-native:iam:UserPolicy"
_NATIVE_GROUP_POLICY: Final = "aws-native:iam:GroupPolicy"
USERS_AND_GROUPS: Final = (
    *(_AWS_USER, _AWS_GROUP, _NATIVE_USER, _NATIVE_GROUP),
    *(_AWS_USER_POLICY, _AWS_GROUP_POLICY, _NATIVE_USER_POLICY, _NATIVE_GROUP_POLICY),
    "aws:iam/accessKey:AccessKey",
    "aws:iam/groupMembership:GroupMembership",
    "aws:iam/groupPoliciesExclusive:GroupPoliciesExclusive",
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
    "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive",
    "aws:iam/serviceSpecificCredential:ServiceSpecificCredential",
    "aws:iam/sshKey:SshKey",
    "aws:iam/userGroupMembership:UserGroupMembership",
    "aws:iam/userLoginProfile:UserLoginProfile",
    "aws:iam/userPoliciesExclusive:UserPoliciesExclusive",
    "aws:iam/userPolicyAttachment:UserPolicyAttachment",
    "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive",
)
ATTACHING_TO_ANYONE: Final = (AWS_ATTACHMENT, _NATIVE_POLICY)

INLINE_OF_ROLES: Final = (AWS_ROLE, NATIVE_ROLE, _AWS_ROLE_POLICY, _NATIVE_ROLE_POLICY)
"""What holds inline policies of roles."""

# IAM quotas, in characters without white space: all inline policies of one holder together.
INLINE_LIMIT: Final = 10_240
_INLINE_LIMIT: Final = {
    **dict.fromkeys(INLINE_OF_ROLES, INLINE_LIMIT),
    _AWS_GROUP_POLICY: 5_120,
    _NATIVE_GROUP_POLICY: 5_120,
    _NATIVE_GROUP: 5_120,
    _AWS_USER_POLICY: 2_048,
    _NATIVE_USER_POLICY: 2_048,
    _NATIVE_USER: 2_048,
}
_MANAGED_LIMIT: Final = 6_144

_DOCUMENT: Final = {
    _AWS_ROLE_POLICY: "policy",
    _NATIVE_ROLE_POLICY: "policyDocument",
    _AWS_POLICY: "policy",
    _NATIVE_POLICY: "policyDocument",
    _AWS_USER_POLICY: "policy",
    _AWS_GROUP_POLICY: "policy",
    _NATIVE_USER_POLICY: "policyDocument",
    _NATIVE_GROUP_POLICY: "policyDocument",
}
_INLINE: Final = {
    AWS_ROLE: ("inlinePolicies", "policy"),
    NATIVE_ROLE: ("policies", "policyDocument"),
    _NATIVE_USER: ("policies", "policyDocument"),
    _NATIVE_GROUP: ("policies", "policyDocument"),
}
_TRUST: Final = {AWS_ROLE: "assumeRolePolicy", NATIVE_ROLE: "assumeRolePolicyDocument"}
HOLDING_PERMISSIONS: Final = (*_INLINE, *_DOCUMENT)

_ATTACHED: Final = {
    AWS_ROLE: "managedPolicyArns",
    NATIVE_ROLE: "managedPolicyArns",
    _NATIVE_USER: "managedPolicyArns",
    _NATIVE_GROUP: "managedPolicyArns",
    AWS_ATTACHMENT: "policyArn",
    _AWS_ROLE_ATTACHMENT: "policyArn",
    _AWS_EXCLUSIVE: "policyArns",
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": "policyArn",
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": "policyArn",
    "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive": "policyArns",
    "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive": "policyArns",
}
ATTACHING: Final = tuple(_ATTACHED)
_AWS_POLICY_ARN: Final = ":aws:policy/"
# Where a policy or an attachment names the roles that hold it.
_HOLDERS: Final = {
    _AWS_ROLE_POLICY: "role",
    _NATIVE_ROLE_POLICY: "roleName",
    _NATIVE_POLICY: "roles",
    AWS_ATTACHMENT: "roles",
    _AWS_ROLE_ATTACHMENT: "role",
    _AWS_EXCLUSIVE: "roleName",
}
STACK_TYPES: Final = (*ROLES, *_HOLDERS, _AWS_POLICY, *RUNTIMES, *HARNESSES)


def trust_document(role: Resource) -> Document:
    """Who may assume a role."""
    path = _TRUST[role.type]
    return read(role.at(path), path, "trust")


def permission_documents(resource: Resource) -> Sequence[Document]:
    """What a resource permits its holders; a list that is unknown is one unknown document."""
    if resource.type in _DOCUMENT:
        path = _DOCUMENT[resource.type]
        return [read(resource.at(path), path)]
    if resource.type not in _INLINE:
        return []
    path, name = _INLINE[resource.type]
    value = resource.at(path)
    if is_hidden(value):
        return [Document(path=path, unknown=[path])]
    found: list[Document] = []
    for index, entry in enumerate(elements(value)):
        where = f"{path}[{index}]"
        if is_hidden(entry):
            found.append(Document(path=where, unknown=[where]))
        # The provider takes an empty entry for "no inline policies".
        elif entry and isinstance(entry, Mapping):
            found.append(read(entry.get(name), f"{where}.{name}"))
    return found


def character_limit(resource: Resource) -> int:
    """How long the documents of a resource may be together."""
    return _INLINE_LIMIT.get(resource.type, _MANAGED_LIMIT)


def statements(documents: Sequence[Document]) -> Iterator[Statement | NotChecked]:
    """The statements, and what is not known of them."""
    for document in documents:
        yield from (NotChecked(path=path) for path in document.unknown)
        yield from document.statements


def allowing(documents: Sequence[Document]) -> Iterator[Statement | NotChecked]:
    """The statements that allow, and what is not known of them."""
    for entry in statements(documents):
        if isinstance(entry, NotChecked):
            yield entry
        elif isinstance(entry.effect, Unknown):
            yield NotChecked(path=f"{entry.path}.Effect")
        elif entry.effect == "Allow":
            yield entry


def attached(resource: Resource) -> Iterator[tuple[str, str] | NotChecked]:
    """Path and ARN of every managed policy that a resource attaches."""
    name = _ATTACHED[resource.type]
    value = resource.at(name)
    is_list = not isinstance(value, str)
    for index, arn in enumerate(elements(value)):
        path = f"{name}[{index}]" if is_list and not is_hidden(value) else name
        if is_hidden(arn):
            yield NotChecked(path=path)
        elif isinstance(arn, str):
            yield path, arn


@dataclass(kw_only=True)
class Holder:
    """A role with all documents that the stack gives it.

    Attributes:
        name: its logical name; its physical one where it is not in the stack.
        urn: what a finding about it points at: itself, or the first policy that names it.
        role: None where it is not in the stack.
        documents: with the URN of the resource each is in.
        not_checked: what is not known of its permissions.
        unread: attachments of managed policies whose documents nobody here has, AWS's own among
            them.
        attached: ARNs of managed policies that are not in the stack.
        boundary: the permissions boundary; that it is not known; or None where there is none, or
            AWS's own, of which nothing is known here that it would take away.
    """

    name: str
    urn: str
    role: Resource | None = None
    documents: list[tuple[str, Document]] = field(default_factory=list[tuple[str, Document]])
    not_checked: list[NotChecked] = field(default_factory=list[NotChecked])
    unread: list[NotChecked] = field(default_factory=list[NotChecked])
    attached: list[str] = field(default_factory=list[str])
    boundary: Sequence[Document] | NotChecked | None = None


class Roles:
    """The roles of a stack with their permissions, and which of them agents run as."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._links = links_of(stack)
        self._holders: dict[str, Holder] = {}
        self._by_name: dict[str, Holder] = {}
        self._by_id: dict[str, Holder] = {}
        self._policy_names = {
            name: policy
            for policy in stack.of(*_POLICIES)
            for key in ("name", "managedPolicyName")
            if isinstance(name := policy.at(key), str)
        }
        self.not_checked: list[NotChecked] = []
        """Policies of which nobody knows who holds them."""
        for role in stack.of(*ROLES):
            holder = self._holders[role.urn] = Holder(name=role.name, urn=role.urn, role=role)
            for index, names in (
                (self._by_name, ("name", "roleName")),
                (self._by_id, ("arn", "id")),
            ):
                physical = [role.at(name) for name in names]
                index.update({each: holder for each in physical if isinstance(each, str)})
        for role in stack.of(*ROLES):
            self._give([self._holders[role.urn]], role)
            self._holders[role.urn].boundary = self._boundary_of(role)
            if not is_computed(role, _ATTACHED[role.type]):
                self._attach([self._holders[role.urn]], role)
        for resource in stack.of(*_HOLDERS):
            holders = self._holders_of(resource, _HOLDERS[resource.type])
            self._give(holders, resource)
            if resource.type in _ATTACHED:
                self._attach(holders, resource)

    def __iter__(self) -> Iterator[Holder]:
        """Every role that the stack has or gives a policy to."""
        yield from self._holders.values()

    def execution_roles(self) -> Iterator[tuple[Resource, Holder | NotChecked]]:
        """Every runtime or harness with a role, and the role.

        Of another stack's role there are no more than policies.
        """
        for runtime in self._stack.of(*RUNTIMES, *HARNESSES):
            path = role_path(runtime)
            value = runtime.at(path)
            if value in (None, ""):
                continue
            holder = None
            if isinstance(value, str):
                name = value.rpartition("/")[2]
                holder = self._by_id.get(value) or self._by_name.get(name)
            else:
                meant = self._links.depended(runtime, path, ROLES)
                holder = self._holders[meant[0].urn] if len(meant) == 1 else None
            yield runtime, holder or NotChecked(path=path, urn=runtime.urn)

    def _holders_of(self, resource: Resource, name: str) -> list[Holder]:
        found: list[Holder] = []
        linked = self._links.of(resource, ROLES, name)
        found = [self._holders[role.urn] for role in linked.found]
        for physical in linked.foreign:
            short = physical.rpartition("/")[2]
            if short not in self._by_name:
                self._by_name[short] = Holder(name=short, urn=resource.urn)
                self._holders[f"name:{short}"] = self._by_name[short]
            found.append(self._by_name[short])
        if not linked.is_whole and not is_computed(resource, name):
            self.not_checked.append(NotChecked(path=name, urn=resource.urn))
        return found

    def _give(self, holders: Sequence[Holder], resource: Resource) -> None:
        inline = _INLINE.get(resource.type)
        if inline and is_computed(resource, inline[0]):
            return
        for holder in holders:
            for document in permission_documents(resource):
                holder.documents.append((resource.urn, document))
                holder.not_checked += [
                    NotChecked(path=path, urn=resource.urn) for path in document.unknown
                ]

    def _boundary_of(self, role: Resource) -> Sequence[Document] | NotChecked | None:
        path = "permissionsBoundary"
        if role.at(path) in (None, "") or is_computed(role, path):
            return None
        linked = self._links.of(role, _POLICIES, path)
        if linked.foreign and _AWS_POLICY_ARN in linked.foreign[0]:
            return None
        policies = [*linked.found, *self._named(linked)]
        if len(policies) != 1:
            return NotChecked(path=path, urn=role.urn)
        documents = list(permission_documents(policies[0]))
        hidden = [path for document in documents for path in document.unknown]
        return NotChecked(path=hidden[0], urn=policies[0].urn) if hidden else documents

    def _named(self, linked: Linked) -> list[Resource]:
        """Policies of the stack whose ARN was put together before they are there."""
        own = [arn for arn in linked.foreign if _AWS_POLICY_ARN not in arn]
        names = [arn.rpartition("/")[2] for arn in own]
        return [self._policy_names[name] for name in names if name in self._policy_names]

    def _attach(self, holders: Sequence[Holder], resource: Resource) -> None:
        linked = self._links.of(resource, _POLICIES, _ATTACHED[resource.type])
        for policy in [*linked.found, *self._named(linked)]:
            self._give(holders, policy)
        is_unread = not linked.is_whole or any(
            _AWS_POLICY_ARN in arn or arn.rpartition("/")[2] not in self._policy_names
            for arn in linked.foreign
        )
        for holder in holders:
            holder.attached += linked.foreign
            if is_unread:
                holder.unread.append(NotChecked(path=_ATTACHED[resource.type], urn=resource.urn))


roles_of = for_last_stack(Roles)
"""The roles of a stack; put together once for the rules that judge the same one in turn."""
