"""The tag of what AWS gives no name: it tells which resource of which stack a thing is.

A key, a VPC or an endpoint is found again by it when the answer to its creation was lost.
"""

import hashlib
import re
from typing import Final

import pulumi

IDENTITY_TAG: Final = "PulumiUrn"
# The characters every service takes in a tag value, and its length: AWS General Reference,
# "Tag naming limits and requirements". `+`, `=` and `@` are kept for what is written below.
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.:/-]")
_MAX: Final = 256


def identity_of(urn: str) -> str:
    """A URN as a tag value; two URNs never get the same one.

    The `$` between a parent's type and a child's becomes `+`. Other characters that a tag value may
    not hold are written as their UTF-8 bytes, `=E4`. What is too long ends in its SHA-256.
    """
    text = "".join(map(_written, urn))
    if len(text) <= _MAX:
        return text
    digest = hashlib.sha256(urn.encode()).hexdigest()
    return f"{text[: _MAX - len(digest) - 1]}@{digest}"


def _written(character: str) -> str:
    if _PLAIN.fullmatch(character):
        return character
    if character == "$":
        return "+"
    return "".join(f"={byte:02X}" for byte in character.encode())


def identity_tags(component_type: str, child_type: str, child_name: str) -> dict[str, str]:
    """The tag of a component's child, known before anything is registered.

    It is made of names and not of the component's URN, which is an output: a child that waits for
    an output of its parent waits for itself.

    Args:
        component_type: the component's type token; those of a nested one, outermost first, with
            ``$`` between them.
        child_type: the child's type token, such as ``aws:kms/key:Key``.
        child_name: the child's logical name.
    """
    urn = (
        f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::"
        f"{component_type}${child_type}::{child_name}"
    )
    return {IDENTITY_TAG: identity_of(urn)}
