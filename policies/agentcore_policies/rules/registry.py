"""ECR repositories, and the templates that make some: what is in them stays, is scanned and ours.

What a lifecycle policy expires is judged by what its rules could match, because ECR knows nothing
of the runtimes that run an image: it also deletes one that is pinned by digest.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from string import digits
from typing import Final, TypeGuard, cast

from agentcore_policies.agent_runtime import elements, is_hidden
from agentcore_policies.credentials import shown
from agentcore_policies.iam_wildcards import matches
from agentcore_policies.links import is_computed, links_of
from agentcore_policies.model import Resource, Stack, Value, at
from agentcore_policies.rule import Context, Finding, Judged, NotChecked, Reference, Rule, Setting

_REPOSITORY: Final = "aws:ecr/repository:Repository"
_NATIVE_REPOSITORY: Final = "aws-native:ecr:Repository"
_REPOSITORIES: Final = (_REPOSITORY, _NATIVE_REPOSITORY)
_TEMPLATE: Final = "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate"
_NATIVE_TEMPLATE: Final = "aws-native:ecr:RepositoryCreationTemplate"
_WITH_TEMPLATES: Final = (*_REPOSITORIES, _TEMPLATE, _NATIVE_TEMPLATE)
_PUBLIC_REPOSITORY: Final = "aws:ecrpublic/repository:Repository"
_REGISTRY_SCANNING: Final = (
    "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration",
    "aws-native:ecr:RegistryScanningConfiguration",
)
_SCANNED: Final = ("SCAN_ON_PUSH", "CONTINUOUS_SCAN")
_LIFECYCLE_POLICY: Final = "aws:ecr/lifecyclePolicy:LifecyclePolicy"

_IMMUTABLE: Final = "IMMUTABLE"
_EXCEPT: Final = "IMMUTABLE_WITH_EXCLUSION"
_KMS: Final = ("KMS", "KMS_DSSE")

# ECR user guide, lifecycle policy properties; PutLifecyclePolicy takes texts of this length.
_MAX_LIFECYCLE_CHARACTERS: Final = 30_720
_TAG_STATUSES: Final = ("tagged", "untagged", "any")
_COUNT: Final = "imageCountMoreThan"
_AGES: Final = ("sinceImagePushed", "sinceImagePulled", "sinceImageTransitioned")
_ACTIONS: Final = ("expire", "transition")
_LISTS: Final = ("tagPatternList", "tagPrefixList")
_MAX_WILDCARDS: Final = 4
# What teams begin the tags with that runtimes are deployed from.
_RELEASE_WORDS: Final = (
    *("final", "ga", "gold", "hotfix", "live", "lts", "prd", "prod", "production", "r", "rc"),
    *("rel", "release", "sha", "stable", "v", "ver", "version"),
)


def _immutable(resource: Resource, context: Context) -> Judged:
    path = "imageTagMutability"
    given = resource.at(path)
    if is_hidden(given):
        yield NotChecked(path=path)
    elif given == _EXCEPT:
        yield from _exclusions(resource, context)
    elif given != _IMMUTABLE:
        what = f"{shown(given)} is given" if given else "nothing is given, and so tags are mutable"
        yield Finding(
            path=path,
            message=f"{what}; {_IMMUTABLE} is allowed. A tag that moves makes a runtime run "
            "another image than was tested.",
        )


def _exclusions(resource: Resource, context: Context) -> Judged:
    path = "imageTagMutabilityExclusionFilters"
    allowed = cast("Sequence[str]", context.settings["allowedExclusions"])
    filters = resource.at(path)
    if is_hidden(filters):
        yield NotChecked(path=path)
        return
    for index, entry in enumerate(elements(filters)):
        # pulumi-aws says filter, CloudFormation imageTagMutabilityExclusionFilterValue.
        given = entry
        if isinstance(entry, Mapping):
            given = entry.get("filter", entry.get("imageTagMutabilityExclusionFilterValue"))
        if is_hidden(given):
            yield NotChecked(path=f"{path}[{index}]")
        elif given not in allowed:
            yield Finding(
                path=f"{path}[{index}]",
                message=f"tags that match {shown(given)} stay mutable. Remove the filter, or allow "
                "it in the setting allowedExclusions.",
            )


def _scan_on_push(stack: Stack, _context: Context) -> Judged:
    registries = list(stack.of(*_REGISTRY_SCANNING))
    for repository in stack.of(*_REPOSITORIES):
        registry = next((one for one in registries if _is_of_region(one, repository)), None)
        verdict = _by_itself(repository) if registry is None else _by_registry(repository, registry)
        if verdict is not None:
            yield verdict


def _by_itself(repository: Resource) -> Finding | NotChecked | None:
    path = "imageScanningConfiguration.scanOnPush"
    given = repository.at("imageScanningConfiguration", "scanOnPush")
    if is_hidden(given) and not is_computed(repository, "imageScanningConfiguration"):
        return NotChecked(path=path, urn=repository.urn)
    if given is True:
        return None
    is_given = given is not None and not is_hidden(given)
    what = f"{shown(given)} is given" if is_given else "no scanning is configured"
    return Finding(
        path=path,
        message=f"{what}; images are scanned when they are pushed.",
        urn=repository.urn,
    )


def _by_registry(repository: Resource, registry: Resource) -> Finding | NotChecked | None:
    """What the registry's configuration scans; the repository's own does not count beside it."""
    name = repository.at("name") or repository.at("repositoryName")
    given = registry.at("rules")
    doubtful = False
    for rule in elements(given):
        frequency = at(rule, "scanFrequency")
        doubtful = doubtful or is_hidden(frequency)
        if frequency not in _SCANNED:
            continue
        for entry in elements(at(rule, "repositoryFilters")):
            pattern = at(entry, "filter")
            if pattern == "*" or (
                isinstance(pattern, str) and isinstance(name, str) and _selects(pattern, name)
            ):
                return None
            doubtful = doubtful or is_hidden(pattern) or not isinstance(name, str)
    if doubtful:
        return NotChecked(path="rules", urn=registry.urn)
    return Finding(
        path="imageScanningConfiguration.scanOnPush",
        message=f"the registry's configuration {registry.name} decides what is scanned, and no "
        "filter of it selects the repository. Add one with scanFrequency SCAN_ON_PUSH.",
        urn=repository.urn,
    )


def _selects(pattern: str, name: str) -> bool:
    """ECR user guide, image scanning filters: without a wildcard it is any part of the name."""
    return matches(pattern, name) if "*" in pattern else pattern in name


def _is_of_region(one: Resource, other: Resource) -> bool:
    regions = [each.at("region") or each.provider.get("region") for each in (one, other)]
    return len({region for region in regions if isinstance(region, str)}) < 2


def _encryption(resource: Resource, context: Context) -> Judged:
    in_list = resource.type in (_REPOSITORY, _TEMPLATE)
    path = "encryptionConfigurations[0]" if in_list else "encryptionConfiguration"
    given = resource.at("encryptionConfigurations" if in_list else "encryptionConfiguration")
    block = next(iter(elements(given)), None)
    if is_hidden(block):
        yield NotChecked(path=path)
        return
    encryption = _mapping(block)
    kind = encryption.get("encryptionType")
    if is_hidden(kind):
        yield NotChecked(path=f"{path}.encryptionType")
    elif kind not in _KMS:
        what = f"{shown(kind)} is given" if kind else "nothing is given, which means AES256"
        yield Finding(
            path=f"{path}.encryptionType", message=f"{what}; {' or '.join(_KMS)} is allowed."
        )
    elif context.settings["customerKey"]:
        key = encryption.get("kmsKey")
        if is_hidden(key):
            yield NotChecked(path=f"{path}.kmsKey")
        elif not key or str(key).endswith("alias/aws/ecr"):
            yield Finding(
                path=f"{path}.kmsKey",
                message="the key is AWS's own. Name a key of the account.",
            )


def _mapping(value: Value) -> Mapping[str, Value]:
    return value if isinstance(value, Mapping) else {}


def _force_delete(resource: Resource, _context: Context) -> Judged:
    path = "forceDelete" if resource.type == _REPOSITORY else "emptyOnDelete"
    given = resource.at(path)
    if is_hidden(given):
        yield NotChecked(path=path)
    elif given not in (None, False):
        yield Finding(
            path=path,
            message=f"{shown(given)} is given: deleting the repository would delete all images, "
            "also those that runtimes run. Remove it.",
        )


def _has_lifecycle(stack: Stack, _context: Context) -> Judged:
    links = links_of(stack)
    named: set[str] = set()
    meant: set[str] = set()
    unplaced = False
    for policy in stack.of(_LIFECYCLE_POLICY):
        repository = policy.at("repository")
        if isinstance(repository, str):
            named.add(repository)
            continue
        found = links.depended(policy, "repository", _REPOSITORIES)
        if len(found) == 1:
            meant.add(found[0].urn)
        else:
            unplaced = True
    for repository in stack.of(*_REPOSITORIES):
        names = [repository.at(key) for key in ("name", "repositoryName", "id")]
        if repository.urn in meant or not named.isdisjoint(n for n in names if isinstance(n, str)):
            continue
        inline = repository.at("lifecyclePolicy")
        if not is_computed(repository, "lifecyclePolicy"):
            if is_hidden(inline):
                yield NotChecked(path="lifecyclePolicy", urn=repository.urn)
                continue
            if repository.at("lifecyclePolicy", "lifecyclePolicyText"):
                continue
        is_named = any(isinstance(name, str) for name in names)
        if unplaced or (named and not is_named):
            yield NotChecked(path="lifecyclePolicy", urn=repository.urn)
            continue
        yield Finding(
            path="lifecyclePolicy",
            message="the repository has no lifecycle policy, so untagged images stay and are paid "
            "for. Give it one.",
            urn=repository.urn,
        )


_LIFECYCLE_PATHS: Final[Mapping[str, Sequence[str]]] = {
    _LIFECYCLE_POLICY: ("policy",),
    _NATIVE_REPOSITORY: ("lifecyclePolicy", "lifecyclePolicyText"),
    _TEMPLATE: ("lifecyclePolicy",),
    _NATIVE_TEMPLATE: ("lifecyclePolicy",),
}


def _lifecycle(resource: Resource, context: Context) -> Judged:
    path = _LIFECYCLE_PATHS[resource.type]
    value = resource.at(*path)
    where = ".".join(path)
    if is_hidden(value):
        yield NotChecked(path=where)
    elif value is not None or resource.type == _LIFECYCLE_POLICY:
        yield from _lifecycle_text(value, where, context)


def _lifecycle_text(value: Value, path: str, context: Context) -> Judged:
    if isinstance(value, str):
        if len(value) > _MAX_LIFECYCLE_CHARACTERS:
            yield Finding(
                path=path,
                message=f"it has {len(value)} characters; ECR takes {_MAX_LIFECYCLE_CHARACTERS}.",
            )
        try:
            value, twice = _read(value)
        except (ValueError, RecursionError) as error:
            where = f" at character {error.pos}" if isinstance(error, json.JSONDecodeError) else ""
            yield Finding(path=path, message=f"it is not JSON{where}.")
            return
        for key in twice:
            yield Finding(
                path=path,
                message=f"the key {shown(key)} is given twice in one object; one would be dropped.",
            )
    yield from _lifecycle_rules(value, path, context)


def _read(text: str) -> tuple[Value, Sequence[str]]:
    """What the text holds, and keys that an object has more than once."""
    twice: list[str] = []

    def pairs(found: list[tuple[str, Value]]) -> dict[str, Value]:
        twice.extend(key for key, count in Counter(key for key, _ in found).items() if count > 1)
        return dict(found)

    return cast("Value", json.loads(text, object_pairs_hook=pairs)), twice


def _lifecycle_rules(value: Value, path: str, context: Context) -> Judged:
    rules = value.get("rules") if isinstance(value, Mapping) else None
    if is_hidden(rules):
        yield NotChecked(path=f"{path}.rules")
        return
    if not isinstance(rules, Sequence) or isinstance(rules, str) or not rules:
        yield Finding(path=f"{path}.rules", message="there is no rule; a policy has at least one.")
        return
    yield from _priorities(rules, path)
    for index, rule in enumerate(rules):
        where = f"{path}.rules[{index}]"
        if is_hidden(rule):
            yield NotChecked(path=where)
        elif isinstance(rule, Mapping):
            yield from _lifecycle_rule(rule, where, context)
        else:
            yield Finding(path=where, message=f"{shown(rule)} is no rule.")


def _priorities(rules: Sequence[Value], path: str) -> Judged:
    seen: dict[float, int] = {}
    for index, rule in enumerate(rules):
        if not isinstance(rule, Mapping) or is_hidden(rule.get("rulePriority")):
            continue
        where = f"{path}.rules[{index}].rulePriority"
        priority = rule.get("rulePriority")
        if not _is_positive(priority):
            yield Finding(
                path=where, message=f"{shown(priority)} is given; it is a whole number from 1 on."
            )
        elif priority in seen:
            yield Finding(
                path=where,
                message=f"{shown(priority)} is also that of rules[{seen[priority]}]; each rule "
                "has its own.",
            )
        else:
            seen[priority] = index


def _is_positive(value: Value) -> TypeGuard[int | float]:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and value % 1 == 0
        and value >= 1
    )


def _lifecycle_rule(rule: Mapping[str, Value], path: str, context: Context) -> Judged:
    selection = rule.get("selection")
    if is_hidden(selection):
        yield NotChecked(path=f"{path}.selection")
        return
    selection = _mapping(selection)
    problems = [
        *_selection_problems(selection, f"{path}.selection"),
        *_action_problems(rule.get("action"), f"{path}.action"),
    ]
    yield from problems
    hidden = [problem for problem in problems if isinstance(problem, NotChecked)]
    if len(hidden) == len(problems):
        yield from _expired_releases(selection, f"{path}.selection", context)


def _selection_problems(selection: Mapping[str, Value], path: str) -> Judged:
    status = selection.get("tagStatus")
    if is_hidden(status):
        yield NotChecked(path=f"{path}.tagStatus")
    elif status not in _TAG_STATUSES:
        yield Finding(
            path=f"{path}.tagStatus",
            message=f"{shown(status)} is given; allowed are {', '.join(_TAG_STATUSES)}.",
        )
    else:
        yield from _list_problems(selection, path, status)
    kind = selection.get("countType")
    if is_hidden(kind):
        yield NotChecked(path=f"{path}.countType")
    elif kind not in (_COUNT, *_AGES):
        yield Finding(
            path=f"{path}.countType",
            message=f"{shown(kind)} is given; allowed are {', '.join((_COUNT, *_AGES))}.",
        )
    elif kind in _AGES and selection.get("countUnit") != "days":
        unit = selection.get("countUnit")
        if is_hidden(unit):
            yield NotChecked(path=f"{path}.countUnit")
        else:
            yield Finding(path=f"{path}.countUnit", message=f'{shown(unit)} is given; give "days".')
    number = selection.get("countNumber")
    if is_hidden(number):
        yield NotChecked(path=f"{path}.countNumber")
    elif not _is_positive(number):
        yield Finding(
            path=f"{path}.countNumber",
            message=f"{shown(number)} is given; it is a whole number from 1 on.",
        )


def _list_problems(selection: Mapping[str, Value], path: str, status: Value) -> Judged:
    given = [name for name in _LISTS if selection.get(name) not in (None, [])]
    if status != "tagged":
        for name in given:
            yield Finding(
                path=f"{path}.{name}", message=f"it belongs to tagStatus tagged, not {status}."
            )
        return
    if len(given) != 1:
        yield Finding(
            path=path,
            message=f"tagStatus tagged goes with exactly one of {' and '.join(_LISTS)}, which says "
            "what tags.",
        )
    for name in given:
        for index, pattern in enumerate(elements(selection[name])):
            where = f"{path}.{name}[{index}]"
            if is_hidden(pattern):
                yield NotChecked(path=where)
            elif not isinstance(pattern, str) or not pattern:
                yield Finding(path=where, message=f"{shown(pattern)} is no tag.")
            elif pattern.count("*") > _MAX_WILDCARDS:
                yield Finding(
                    path=where,
                    message=f"{shown(pattern)} has more than {_MAX_WILDCARDS} wildcards.",
                )


def _action_problems(action: Value, path: str) -> Judged:
    kind = action.get("type") if isinstance(action, Mapping) else action
    if is_hidden(kind):
        yield NotChecked(path=f"{path}.type")
    elif kind not in _ACTIONS:
        yield Finding(
            path=f"{path}.type",
            message=f"{shown(kind)} is given; allowed are {' and '.join(_ACTIONS)}.",
        )


def _expired_releases(selection: Mapping[str, Value], path: str, context: Context) -> Judged:
    """Whether the rule takes images away that runtimes may run.

    Of the patterns of one rule all have to match an image, so one that no release has spares them.
    """
    status = selection.get("tagStatus")
    if status == "any":
        what = "every image, also the tagged ones,"
    elif status == "tagged":
        lists = {name: elements(selection.get(name)) for name in _LISTS}
        patterns = [
            f"{tag}*" if name == "tagPrefixList" else tag
            for name, tags in lists.items()
            for tag in tags
            if isinstance(tag, str)
        ]
        if any(is_hidden(tag) for tags in lists.values() for tag in tags):
            return
        words = cast("Sequence[str]", context.settings["releaseWords"])
        if not all(_can_match_release(pattern, words) for pattern in patterns):
            return
        what = f"images with the tag {' and '.join(map(shown, patterns))}, as releases have it,"
    else:
        return
    kept = cast("int", context.settings["keptReleases"])
    number = selection.get("countNumber")
    if selection.get("countType") == _COUNT and kept:
        if not isinstance(number, int | float) or number >= kept:
            return
        what = f"{what} but {shown(number)}"
    yield Finding(
        path=path,
        message=f"the rule takes {what} away, also while a runtime runs them. Let it match "
        "untagged images, or tags that no release has, such as pr-*.",
    )


def _can_match_release(pattern: str, words: Sequence[str]) -> bool:
    """Whether a pattern (literal but for ``*``) matches the tag of some release.

    A release tag begins with a digit, or is one of the words in any case, alone or with a digit or
    one of ``. _ -`` after it. What stands after a pattern's first ``*`` is not looked at.
    """
    head, star, _ = pattern.lower().partition("*")
    beginnings = (*digits, *(f"{word.lower()}{after}" for word in words for after in _AFTER))
    if not star:
        return head in map(str.lower, words) or head.startswith(beginnings)
    return any(head.startswith(beginning) or beginning.startswith(head) for beginning in beginnings)


_AFTER: Final = (*digits, ".", "_", "-")


def _public(_repository: Resource, _context: Context) -> Judged:
    yield Finding(
        path="",
        message="everybody may pull from a repository of the public gallery. Make an "
        "aws.ecr.Repository.",
    )


RULES: Final[Sequence[Rule]] = (
    Rule(
        id="ecr-public-repository",
        description="Images are in private repositories.",
        severity="high",
        types=(_PUBLIC_REPOSITORY,),
        remediation="Use a private repository.",
        references=(Reference(framework="Well-Architected", id="SEC03-BP07"),),
        check=_public,
    ),
    Rule(
        id="ecr-immutable-tags",
        description="A tag of a repository never moves to another image.",
        severity="high",
        types=_WITH_TEMPLATES,
        remediation='Set imageTagMutability to "IMMUTABLE".',
        references=(
            Reference(framework="Security Hub", id="ECR.2"),
            Reference(framework="CKV", id="CKV_AWS_51"),
            Reference(framework="AVD", id="AVD-AWS-0031"),
            Reference(framework="Prowler", id="ecr_repositories_tag_immutability"),
        ),
        settings={
            "allowedExclusions": Setting(
                schema={"type": "array", "items": {"type": "string"}},
                default=[],
                description="Filters of IMMUTABLE_WITH_EXCLUSION whose tags may move.",
            )
        },
        check=_immutable,
    ),
    Rule(
        id="ecr-scan-on-push",
        description="Images are scanned for known weaknesses when they are pushed.",
        severity="high",
        types=(*_REPOSITORIES, *_REGISTRY_SCANNING),
        remediation="Set imageScanningConfiguration.scanOnPush to true, or have the registry scan "
        "all repositories.",
        references=(
            Reference(framework="Security Hub", id="ECR.1"),
            Reference(framework="CKV", id="CKV_AWS_163"),
            Reference(framework="AVD", id="AVD-AWS-0030"),
            Reference(framework="Guard", id="ecr_repo_scan_on_push_rule"),
            Reference(framework="Prowler", id="ecr_repositories_scan_images_on_push_enabled"),
        ),
        check_stack=_scan_on_push,
    ),
    Rule(
        id="ecr-encryption",
        description="Images in production are encrypted with a KMS key.",
        severity="medium",
        production_only=True,
        types=_WITH_TEMPLATES,
        remediation='Set encryptionType to "KMS" and kmsKey to a key of the account; it needs a '
        "new repository.",
        references=(
            Reference(framework="Security Hub", id="ECR.5"),
            Reference(framework="CKV", id="CKV_AWS_136"),
            Reference(framework="AVD", id="AVD-AWS-0033"),
        ),
        settings={
            "customerKey": Setting(
                schema={"type": "boolean"},
                default=False,
                description="Whether the key has to be the account's own rather than AWS's.",
            )
        },
        check=_encryption,
    ),
    Rule(
        id="ecr-force-delete",
        description="A repository in production is not deleted with the images in it.",
        severity="high",
        production_only=True,
        types=_REPOSITORIES,
        remediation="Leave forceDelete (aws-native: emptyOnDelete) out.",
        check=_force_delete,
    ),
    Rule(
        id="ecr-lifecycle-policy",
        description="Every repository has a lifecycle policy.",
        severity="medium",
        types=(*_REPOSITORIES, _LIFECYCLE_POLICY),
        remediation="Add an aws.ecr.LifecyclePolicy for the repository, or lifecyclePolicy in "
        "aws-native; let untagged images expire.",
        references=(
            Reference(framework="Security Hub", id="ECR.3"),
            Reference(framework="Prowler", id="ecr_repositories_lifecycle_policy_enabled"),
        ),
        check_stack=_has_lifecycle,
    ),
    Rule(
        id="ecr-lifecycle-keeps-releases",
        description="A lifecycle policy is one that ECR takes, and expires no image that a runtime "
        "may run.",
        severity="high",
        types=tuple(_LIFECYCLE_PATHS),
        remediation="Expire untagged images and images of throw-away tags only.",
        settings={
            "releaseWords": Setting(
                schema={
                    "type": "array",
                    "items": {"type": "string", "minLength": 1},
                },
                default=list(_RELEASE_WORDS),
                description="Words that tags of releases begin with, besides version numbers.",
            ),
            "keptReleases": Setting(
                schema={"type": "integer", "minimum": 0},
                default=0,
                description="A rule by count may match releases if it keeps this many; 0: none "
                "may, because ECR does not know which are run.",
            ),
        },
        check=_lifecycle,
    ),
)
