"""What a credential looks like, so that none is passed on and none is shown.

It knows forms, not whether one is valid: a password in a variable of an innocent name is not seen.
"""

import json
import re
from collections.abc import Mapping
from typing import Final

from agentcore_policies.model import Secret, Unknown, Value

_SHOWN_CHARACTERS: Final = 80
# More than a float takes; numbers of documents take any.
_SHOWN_BITS: Final = 1000
# The patterns take time by the square of the length.
_JUDGED_CHARACTERS: Final = 5000
# What a secret is passed on by: the ARN names it and opens nothing.
_SECRET_ARN: Final = re.compile(
    r"arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@!-]+"
)
_VALUE: Final = re.compile(
    r"(?:AKIA|ASIA)[0-9A-Z]{16}"  # AWS access keys
    r"|-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|\b(?:sk|rk)[-_][A-Za-z0-9_-]{16,}"  # model providers, payment providers; pk is public
    r"|\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}"
    r"|\b(?:hf|npm)_[A-Za-z0-9]{20,}"  # model and package hubs
    r"|\bAIza[\w-]{30,}"  # Google API keys
    r"|\bSG\.[\w-]{10,}\.[\w-]{10,}"  # mail
    r"|\bbearer\s+(?:(?=\S*[0-9])\S{6,}|\S{20,})"
    r"|\bxox[abprs]-[\w-]{10,}"  # chat tokens
    r"|\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*"  # JSON web tokens
    r"|[a-z][a-z0-9+.-]{0,30}://[^/\s:@]*:[^/\s@]+@"  # user:password@ in a URL
    r"|(?:password|passwd|pwd|secret|token|api[_-]?key)\s*[=:]\s*\S+",
    re.IGNORECASE,
)
# An AWS secret access key: 40 random characters, which nothing marks as a key. Of 64 characters
# about 30 differ; words, paths and hexadecimal digests stay well below.
_AWS_SECRET_KEY: Final = re.compile(r"(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])")
_AWS_SECRET_KEY_VARIETY: Final = 21
_ARN: Final = re.compile(r"\barn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(?:[0-9]{12}|aws)?:[^\s\"]+")
# A registry's user too, who has no scheme before him; the digest of an image is no host.
_USER_BEFORE_HOST: Final = re.compile(r"://[^/\s@]*@|^[^/\s@:]+:[^/\s@]+@(?!sha[0-9]+:)")
# DB_PASSWORD, dbPassword and DB_PASS hold a secret; SECRET_ARN, TOKEN_LIMIT and COMPASS do not.
_NAME: Final = re.compile(
    r"(?:PASSWORD|PASSWD|PASSPHRASE|PASSCODE|SECRET|TOKEN|CREDENTIAL"
    r"|(?:API|ACCESS|SECRET|PRIVATE|SIGNING|ENCRYPTION|AUTH)_?KEY"
    r"|(?:OPENAI|ANTHROPIC|CLAUDE|GEMINI|MISTRAL|COHERE|GROQ|TAVILY|SERPER|PINECONE)_?KEY"
    r"|(?:^|_)(?:PASS|CRED|PAT)|_PWD|(?-i:(?<=[a-z0-9])(?:Pass|Pwd)))S?(?:_?[0-9]+)?$",
    re.IGNORECASE,
)
_TOKEN_NAME: Final = re.compile(r"TOKENS?(?:_?[0-9]+)?$", re.IGNORECASE)
_COUNT: Final = re.compile(r"[0-9]{1,9}")
_SWITCH: Final = re.compile(r"true|false", re.IGNORECASE)
# Keys are what caches, buckets and KMS have as well: one that is secret looks random.
_KEY_NAME: Final = re.compile(
    r"(?<!PUBLIC)(?<!PUBLIC_)(?:(?:^|_)KEY|(?-i:(?<=[a-z0-9])Key))(?:_?[0-9]+)?$", re.IGNORECASE
)
# A multi-Region key of KMS has a prefix of its own.
_RANDOM: Final = re.compile(
    r"(?!mrk-)[\w.-]{0,40}?(?=[A-Za-z]{0,15}[0-9])(?=[0-9]{0,15}[A-Za-z])[A-Za-z0-9]{16}[\w.=-]*"
)
# What plainly names a secret, as Parameter Store and Secrets Manager do: a path of words.
_WORD: Final = r"[A-Z]?[a-z]{1,20}(?:[A-Z][a-z]{1,20})*[0-9]{0,2}"
_SEGMENT: Final = rf"{_WORD}(?:[-_.](?:{_WORD}|[0-9]{{1,4}}))*"
_PATH: Final = re.compile(rf"(?:/{_SEGMENT})+")
_NAME_IN_FOLDER: Final = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT})+")
_PASSWORD_NAME: Final = re.compile(r"PASS|PWD", re.IGNORECASE)
# What stands for something: <|end|>, </s>, [PAD], ${TOKEN}, {{ token }}.
_PLACEHOLDER: Final = re.compile(
    r"<[|/]?[A-Za-z_ -]{1,40}\|?>|\[[A-Z_]{1,40}\]|\$?\{[A-Za-z_.]{1,40}\}"
    r"|\{\{ ?[A-Za-z_.]{1,40} ?\}\}"
)


def looks_secret(value: str) -> bool:
    """Whether a value has the form of a credential."""
    value = value[:_JUDGED_CHARACTERS]
    return bool(_VALUE.search(_SECRET_ARN.sub("", value))) or any(
        _is_aws_secret_key(run) for run in _AWS_SECRET_KEY.findall(_ARN.sub("", value))
    )


def _is_aws_secret_key(run: str) -> bool:
    mixed = all(re.search(kind, run) for kind in ("[a-z]", "[A-Z]", "[0-9]"))
    return mixed and len(set(run)) >= _AWS_SECRET_KEY_VARIETY


def names_secret(name: str) -> bool:
    """Whether a variable of this name is meant to hold a credential."""
    return bool(_NAME.search(name))


def holds_secret(name: str, value: str) -> bool:
    """Whether a variable of this name holds a credential itself.

    A pointer to one (an ARN, a path of words) is none, nor is a placeholder, a switch, a count of
    tokens, or nothing. What is called a password may be words: there a path begins with a slash.
    """
    if _KEY_NAME.search(name) and not names_secret(name):
        return bool(_RANDOM.fullmatch(value))
    if not names_secret(name) or not value:
        return False
    if any(form.fullmatch(value) for form in (_ARN, _SWITCH, _PATH, _PLACEHOLDER)):
        return False
    if _NAME_IN_FOLDER.fullmatch(value) and not _PASSWORD_NAME.search(name):
        return False
    return not (_TOKEN_NAME.search(name) and _COUNT.fullmatch(value))


def is_withheld(value: str) -> bool:
    """Whether a message does not show a value."""
    return looks_secret(value) or bool(_USER_BEFORE_HOST.search(value))


def shown(value: Value) -> str:
    """A value as a message may carry it: JSON, shortened, withheld when it looks secret."""
    if isinstance(value, str):
        if is_withheld(value):
            return "(not shown: it looks like a secret)"
        text = json.dumps(value, ensure_ascii=False)
        return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, int | float):
        return _shown_number(value)
    if isinstance(value, Unknown | Secret):
        return "(not known)"
    return "a mapping" if isinstance(value, Mapping) else "a list"


def _shown_number(value: float) -> str:
    if isinstance(value, int) and value.bit_length() > _SHOWN_BITS:
        return "(not shown: too large a number)"
    return f"{value:.15g}"  # numbers arrive as floats
