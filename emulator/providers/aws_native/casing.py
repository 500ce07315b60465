"""The SDK's names for CloudFormation's: `CustomJWTAuthorizer` is `customJwtAuthorizer`.

The rules of pulumi-aws-native, provider/pkg/naming. The way back is not computable; it is looked up
in the schema.
"""

from __future__ import annotations

import re

RUN_OF_CAPITALS = re.compile(r"[A-Z0-9]{2,}")


def sdk_name(name: str) -> str:
    """The property name in the SDKs: acronyms as words, first letter small."""
    lowered = RUN_OF_CAPITALS.sub(_as_word, name)
    return lowered[:1].lower() + lowered[1:]


def _as_word(run: re.Match[str]) -> str:
    text, rest = run.group(), run.string[run.end() :]
    # The last capital starts the next word, unless nothing follows or it is a plural: ARNs.
    if rest and not re.match(r"s(?:$|[A-Z0-9])", rest):
        return text[0] + text[1:-1].lower() + text[-1]
    return text[0] + text[1:].lower()


def type_token(cloud_formation_type: str) -> str:
    """The type token of a CloudFormation type."""
    _, service, name = cloud_formation_type.split("::")
    return f"aws-native:{service.lower()}:{name}"
