"""Which container image a runtime runs: in the agent's own repository, or by full URI.

Nothing here asks ECR: whether the image exists, and for which platform, the service says.
Source of the forms: ``AWS::BedrockAgentCore::Runtime`` ContainerUri, ECR's repository and tag
rules, and the OCI digest grammar (sha256 and 64 lower-case hexadecimal digits).
"""

import re
from dataclasses import dataclass
from typing import Final

# Moving by convention: the same name, later another image, and no new runtime version.
MOVING_TAGS: Final = frozenset(
    {
        "current",
        "dev",
        "develop",
        "edge",
        "head",
        "latest",
        "main",
        "master",
        "nightly",
        "prod",
        "production",
        "release",
        "stable",
        "staging",
    }
)

_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
_TAG: Final = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}")
# The schema takes one separator between two words, docker's own grammar would take more.
_REPOSITORY: Final = re.compile(r"[a-z0-9]+(?:[._/-][a-z0-9]+)*")
# CreateRepository, repositoryName.
_REPOSITORY_LENGTH: Final = (2, 256)
_PUBLIC_HOST: Final = "public.ecr.aws"
_PRIVATE_ONLY: Final = (
    "private ECR registries only: ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY"
)
_INTO_OWN_REPOSITORY: Final = (
    "Push the image into the agent's repository (the output pushCommand) and pin it here."
)
_HOST: Final = re.compile(r"(?P<account>[^.]+)\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com")


class ImageReferenceError(ValueError):
    """The reference is refused.

    Attributes:
        reason: what is allowed.
        way_out: what to write instead.
    """

    def __init__(self, reason: str, way_out: str) -> None:
        super().__init__(f"{reason}. {way_out}")
        self.reason = reason
        self.way_out = way_out


@dataclass(frozen=True, kw_only=True)
class ImageReference:
    """An image pinned by digest, by tag, or by both.

    ``account_id``, ``region`` and ``repository`` are None for an image in the agent's own
    repository, which the stack names itself.
    """

    digest: str | None
    tag: str | None
    account_id: str | None = None
    region: str | None = None
    repository: str | None = None

    @property
    def suffix(self) -> str:
        """What follows the repository in an image URI."""
        return (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")


def parse_image(given: str) -> ImageReference:
    """Read a digest, a tag, or a full private ECR URI.

    Raises:
        ImageReferenceError: not an image the service takes, or one that would move unnoticed.
    """
    if given.startswith("sha256:"):
        return ImageReference(digest=_digest(given), tag=None)
    if "/" not in given and "@" not in given and ":" not in given:
        return ImageReference(digest=None, tag=_fixed_tag(given))
    host, slash, path = given.partition("/")
    if not slash:
        raise ImageReferenceError(
            "an image is a digest, a tag, or a full URI in a private ECR registry",
            "For the agent's own repository write only the tag, or only the digest: sha256: and "
            "64 hexadecimal digits.",
        )
    match = _HOST.fullmatch(host)
    if host == _PUBLIC_HOST:
        raise ImageReferenceError(
            "AgentCore would take it, but this program runs images of "
            f"{_PRIVATE_ONLY}; trustedImageAccounts cannot tell whose a public image is, and its "
            "owner may delete it while the runtime runs it",
            _INTO_OWN_REPOSITORY,
        )
    if match is None:
        raise ImageReferenceError(
            f"this program runs images of {_PRIVATE_ONLY}", _INTO_OWN_REPOSITORY
        )
    if not re.fullmatch(r"[0-9]{12}", match["account"]):
        raise ImageReferenceError(
            "the account of an ECR registry has exactly 12 digits", "Check the registry host."
        )
    path, at, digest = path.partition("@")
    repository, colon, tag = path.partition(":")
    if not _REPOSITORY.fullmatch(repository):
        raise ImageReferenceError(
            "a repository is lower-case letters and digits, and one of . _ - / between them",
            "Check the part after the registry host.",
        )
    low, high = _REPOSITORY_LENGTH
    if not low <= len(repository) <= high:
        raise ImageReferenceError(
            f"a repository's name has {low} to {high} characters, this has {len(repository)}",
            "Check the part after the registry host.",
        )
    if not (at or colon):
        raise ImageReferenceError(
            "an image must be pinned; without a tag or digest it would be :latest",
            "Append @sha256:... or an immutable tag.",
        )
    # Beside a digest a tag only tells people which image it is, so it may be a moving one.
    return ImageReference(
        account_id=match["account"],
        region=match["region"],
        repository=repository,
        digest=_digest(digest) if at else None,
        tag=(_tag(tag) if at else _fixed_tag(tag)) if colon else None,
    )


def _digest(given: str) -> str:
    if not _DIGEST.fullmatch(given):
        raise ImageReferenceError(
            "a digest is sha256: and 64 lower-case hexadecimal digits, "
            f"this has {len(given.removeprefix('sha256:'))} characters after the colon",
            "Copy it whole from the push command's output.",
        )
    return given


def _tag(given: str) -> str:
    if not _TAG.fullmatch(given):
        raise ImageReferenceError(
            "a tag is 1 to 128 letters, digits and . _ -, not starting with . or -",
            "Use a release tag such as 1.4.2, or a digest.",
        )
    return given


def _fixed_tag(given: str) -> str:
    if _tag(given).lower() in MOVING_TAGS:
        raise ImageReferenceError(
            "a moving tag starts no new version when it is pushed again, so the runtime goes stale",
            "Pin a digest (sha256:...) or an immutable release tag.",
        )
    return given
