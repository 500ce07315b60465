"""The body of an invocation, checked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import cast


class InvocationError(ValueError):
    """The body is not an invocation; the message says what is expected."""


@dataclass(frozen=True)
class Invocation:
    """What the caller asks."""

    prompt: str

    @classmethod
    def parse(cls, body: bytes) -> Invocation:
        """Read `{"prompt": "..."}`; other keys are left to the caller's own use.

        Raises `InvocationError`, whose message quotes nothing of the body.
        """
        try:
            document: object = json.loads(body.decode())
        except (ValueError, RecursionError):
            raise InvocationError("the body is not JSON in UTF-8") from None
        if not isinstance(document, dict):
            raise InvocationError('the body must be a JSON object: {"prompt": "..."}')
        prompt = cast("dict[str, object]", document).get("prompt")
        if not isinstance(prompt, str) or not prompt.strip():
            raise InvocationError('"prompt" must be a text that is not empty')
        return cls(prompt)
