"""How a refused config is told: one line a finding, and never a secret value.

Each finding names the key, what was given, what is allowed and the way out. Values are shown
shortened, and not at all where they look like a secret or stand where secrets tend to stand.
"""

import difflib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

_SHOWN_CHARACTERS: Final = 60
_SHOWN_OF_A_NAME: Final = 160
# What is shown lies within; the patterns below take time by the square of the length.
_JUDGED_CHARACTERS: Final = 512
_NOT_SHOWN: Final = "(not shown)"
# What a secret is passed on by: the ARN names it and opens nothing.
_SECRET_ARN: Final = re.compile(
    r"arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@!-]+"
)
_SECRET_VALUE: Final = re.compile(
    r"(?:AKIA|ASIA)[0-9A-Z]{16}"  # AWS access keys
    r"|-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|\b(?:sk|pk|rk)[-_][A-Za-z0-9_-]{16,}"  # model providers, payment providers
    r"|\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}"
    r"|\b(?:hf|npm)_[A-Za-z0-9]{20,}"  # model and package hubs
    r"|\bAIza[\w-]{30,}"  # Google API keys
    r"|\bSG\.[\w-]{10,}\.[\w-]{10,}"  # mail
    r"|\bbearer\s+(?:(?=\S*[0-9])\S{6,}|\S{20,})"
    r"|\bxox[abprs]-[\w-]{10,}"  # chat tokens
    r"|\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*"  # JSON web tokens
    r"|[a-z][a-z0-9+.-]*://[^/\s:@]*:[^/\s@]+@"  # user:password@ in a URL
    r"|(?:password|passwd|pwd|secret|token|api[_-]?key)\s*[=:]\s*\S+",
    re.IGNORECASE,
)
# An AWS secret access key: 40 random characters, which nothing marks as a key. Of 64 characters
# about 30 differ; words, paths and hexadecimal digests stay well below.
_AWS_SECRET_KEY: Final = re.compile(r"(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])")
_AWS_SECRET_KEY_VARIETY: Final = 21
_ARN: Final = re.compile(r"\barn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(?:[0-9]{12}|aws)?:[^\s\"]+")
# A user before a host, which may be a token: not taken for a secret, but not shown either.
_USER_BEFORE_HOST: Final = re.compile(
    r"://[^/\s@]*@|[^/\s@\"]+@(?!sha256:)[^/\s@]+/|[^/\s:@\"]+:[^/\s@\"]+@(?!sha256:)"
)
# DB_PASSWORD, dbPassword and DB_PASS hold a secret; SECRET_ARN, TOKEN_LIMIT and COMPASS do not.
_SECRET_NAME: Final = re.compile(
    r"(?:PASSWORD|PASSWD|PASSPHRASE|PASSCODE|SECRET|TOKEN|CREDENTIAL"
    r"|(?:API|ACCESS|SECRET|PRIVATE|SIGNING|ENCRYPTION|AUTH)_?KEY"
    r"|(?:^|_)(?:PASS|CRED)|_PWD|(?-i:(?<=[a-z0-9])(?:Pass|Pwd)))S?(?:_?[0-9]+)?$",
    re.IGNORECASE,
)
_TOKEN_NAME: Final = re.compile(r"TOKENS?(?:_?[0-9]+)?$", re.IGNORECASE)
_COUNT: Final = re.compile(r"[0-9]{1,9}")
_SWITCH: Final = re.compile(r"true|false", re.IGNORECASE)

# What a value has to be, by pydantic's error types (docs.pydantic.dev, "Validation Errors").
_EXPECTED: Final = {
    "string_type": "must be text; quote it in the YAML file",
    "int_type": "must be a whole number, without quotes",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false, without quotes",
    "dict_type": "must be a mapping (key: value)",
    "mapping_type": "must be a mapping (key: value)",
    "model_type": "must be a mapping (key: value)",
    "model_attributes_type": "must be a mapping (key: value)",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing wrong with the config."""

    key: str
    given: str | None
    message: str

    def __str__(self) -> str:
        given = "" if self.given is None else f" = {self.given}"
        return f"{self.key}{given}: {self.message}"


def looks_secret(value: str) -> bool:
    """Whether a value has the form of a credential."""
    return bool(_SECRET_VALUE.search(_SECRET_ARN.sub("", value))) or any(
        _is_aws_secret_key(run) for run in _AWS_SECRET_KEY.findall(_ARN.sub("", value))
    )


def _is_aws_secret_key(run: str) -> bool:
    mixed = all(re.search(kind, run) for kind in ("[a-z]", "[A-Z]", "[0-9]"))
    return mixed and len(set(run)) >= _AWS_SECRET_KEY_VARIETY


def holds_secret(name: str, value: str) -> bool:
    """Whether a variable of this name holds a credential itself.

    A pointer to one (an ARN) is none, nor is a switch, nor a count of tokens.
    """
    if not _SECRET_NAME.search(name) or _ARN.fullmatch(value) or _SWITCH.fullmatch(value):
        return False
    return not (_TOKEN_NAME.search(name) and _COUNT.fullmatch(value))


def shown(value: object) -> str:
    """The value as a message may carry it: JSON, shortened, and withheld when it looks secret."""
    if isinstance(value, Mapping | list | tuple):
        return "a mapping" if isinstance(value, Mapping) else "a list"
    text = json.dumps(value, ensure_ascii=False, default=str)
    if _must_not_be_shown(text):
        return "(not shown: it looks like a secret)"
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"


def _must_not_be_shown(text: str) -> bool:
    judged = text[:_JUDGED_CHARACTERS]
    return looks_secret(judged) or bool(_USER_BEFORE_HOST.search(judged))


def shown_name(name: str) -> str:
    """A key, or a name made of one, as a message may carry it."""
    if _must_not_be_shown(name):
        return _NOT_SHOWN
    escaped = json.dumps(name, ensure_ascii=False)[1:-1]  # a line break would begin a finding
    return escaped if len(escaped) <= _SHOWN_OF_A_NAME else f"{escaped[:_SHOWN_OF_A_NAME]}…"


def findings_of(
    error: ValidationError,
    *,
    config: Mapping[str, object],
    namespace: str,
    model: type[BaseModel],
    withheld: Iterable[str],
) -> list[Finding]:
    """Translate pydantic's errors.

    Args:
        error: what validation raised.
        config: what was validated; a value that is not in it is a default, and not shown as given.
        namespace: the Pulumi project, which prefixes every key.
        model: the model validated, for the nearest known key.
        withheld: top-level keys whose values are never shown (they hold secrets).
    """
    hidden = frozenset(withheld)
    return sorted(
        (_finding(details, config, namespace, model, hidden) for details in error.errors()),
        key=lambda finding: finding.key,
    )


def _finding(
    details: ErrorDetails,
    config: Mapping[str, object],
    namespace: str,
    model: type[BaseModel],
    hidden: frozenset[str],
) -> Finding:
    location = details["loc"]
    kind = details["type"]
    if kind == "json_invalid":
        # Its input is the whole config.
        reason = details.get("ctx", {})["error"]
        return Finding(key=namespace, given=None, message=f"cannot be read as JSON: {reason}.")
    owners = _owners(location, model)
    parts = [
        _spelled(part, None if kind == "extra_forbidden" else owner)
        for part, owner in zip(location, owners, strict=True)
        if part != "[key]"
    ]
    key = f"{namespace}:" + ".".join(
        shown_name(part) if isinstance(part, str) else str(part) for part in parts
    )
    if kind == "missing":
        return Finding(key=key, given=None, message="is required and missing. Add it.")
    if kind == "extra_forbidden":
        return Finding(key=key, given=None, message=_unknown_key(str(location[-1]), owners[-1]))
    is_shown = _is_given(parts, config) and not _is_withheld(location, hidden)
    given = shown(details["input"]) if is_shown else None
    message = details["msg"]
    if kind == "refused":
        # What a message quotes may come from another key, so any secret withholds all of it.
        given_may_be_shown = not _must_not_be_shown(str(details["input"]))
        message = _told(details.get("ctx", {}), may_quote=given_may_be_shown and not hidden)
    elif kind == "literal_error":
        message = f"must be one of {details.get('ctx', {})['expected']}, spelled like that."
    else:
        message = f"{_EXPECTED.get(kind, message)} (this is {_kind_of(details['input'])})."
    return Finding(key=key, given=given, message=message)


def _told(context: Mapping[str, Any], *, may_quote: bool) -> str:
    quoted = {
        name: shown_name(part) if may_quote else _NOT_SHOWN
        for name, part in context["quoted"].items()
    }
    return f"{context['reason']}. {context['way_out']}".format_map(quoted)


def _is_given(parts: Sequence[int | str], config: Mapping[str, object]) -> bool:
    """Whether the config has a value there; a default may be refused as well."""
    node: object = config
    for part in parts:
        if isinstance(node, dict):
            entries = cast("dict[int | str, object]", node)
            if part not in entries:
                return False
            node = entries[part]
        elif isinstance(node, list) and isinstance(part, int):
            node = cast("list[object]", node)[part]
    return True


def _is_withheld(location: Sequence[int | str], hidden: frozenset[str]) -> bool:
    """Values of environment variables, and all below a key that holds a Pulumi secret."""
    # agents.NAME.environment; an agent may be named environment, too.
    in_environment = (
        location[:1] == ("agents",)
        and location[2:3] == ("environment",)
        and location[-1] != "[key]"
    )
    return in_environment or str(location[0] if location else "") in hidden


def _kind_of(value: object) -> str:
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "a boolean; YAML reads yes, no, on and off as booleans too"
    if isinstance(value, int | float):
        return "a number"
    return {"str": "text", "dict": "a mapping", "list": "a list"}.get(
        type(value).__name__, type(value).__name__
    )


def _unknown_key(key: str, owner: type[BaseModel] | None) -> str:
    known = sorted(f.alias or name for name, f in owner.model_fields.items()) if owner else []
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
    hint = f" Did you mean {near[0]}?" if near else ""
    return f"unknown key.{hint} Known here: {', '.join(known) or 'nothing'}."


def _owners(location: Sequence[int | str], model: type[BaseModel]) -> list[type[BaseModel] | None]:
    """For each part of a location the model it is a key of; None for an index or a free key."""
    owners: list[type[BaseModel] | None] = []
    inside: type[BaseModel] | None = model
    is_free_key = False
    for part in location:
        is_field = not is_free_key and isinstance(part, str)
        owners.append(inside if is_field else None)
        if is_field and inside is not None:
            fields = inside.model_fields.items()
            field = next((f for name, f in fields if part in (f.alias, name)), None)
            annotation = field.annotation if field else None
            is_free_key = get_origin(annotation) is Mapping
            inside = _model_in(annotation)
        else:
            is_free_key = False
    return owners


def _spelled(part: int | str, owner: type[BaseModel] | None) -> int | str:
    """The part as the config spells it: pydantic names a field left out by its own name."""
    takes_any = owner is None or owner.model_config.get("extra") == "allow"
    if owner is not None and not takes_any and part in owner.model_fields:
        return owner.model_fields[str(part)].alias or str(part)
    return part


def _model_in(annotation: object) -> type[BaseModel] | None:
    """The model inside an optional, mapping or sequence type."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)
