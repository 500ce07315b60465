"""Asks a provider for several things at once, and tells in few words why one was not found.

A preview waits for the slowest answer, not for their sum. The SDK's own functions wait for each
answer in turn.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any, Final, TypeVar

import pulumi
from pulumi.runtime.sync_await import (
    _sync_await,  # pyright: ignore[reportPrivateUsage] - what the SDK's own look-ups wait with
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

_T = TypeVar("_T")

# The words of the SDK, of the engine and of the Terraform bridge around what a provider says.
_AROUND: Final = re.compile(
    r"(invoke of \S+ failed: )?(invocation of \S+ returned an error: )?(invoking \S+: )?"
)


async def ask(
    function: str, arguments: Mapping[str, Any], result: type[_T], options: pulumi.InvokeOptions
) -> _T:
    """Look one thing up.

    Args:
        function: the function's token.
        arguments: by their names in the schema.
        result: the SDK's class of its result.
        options: the provider that looks.

    Raises:
        Exception: it is not found, or may not be looked at; the SDK raises nothing narrower.
    """
    found: _T = await pulumi.runtime.invoke_async(function, dict(arguments), options, result)
    return found


async def answers(asked: Mapping[str, Awaitable[_T]]) -> tuple[dict[str, _T], dict[str, str]]:
    """What is answered, and for each look-up that failed the reason; all are asked at once."""
    every = await asyncio.gather(*asked.values(), return_exceptions=True)
    found: dict[str, _T] = {}
    failed: dict[str, str] = {}
    for name, answer in zip(asked, every, strict=True):
        if isinstance(answer, Exception):
            failed[name] = reason_of(answer)
        elif isinstance(answer, BaseException):
            raise answer
        else:
            found[name] = answer
    return found, failed


def wait_for(answer: Awaitable[_T]) -> _T:
    """The answer, in a program that goes on with it: what shapes the graph is known before it."""
    return _sync_await(answer)


def reason_of(error: Exception) -> str:
    """What a look-up says went wrong, without the words around it.

    The Terraform bridge lists its errors, ``1 error occurred:\\n\\t* …``; the last is the one.
    """
    text = str(error).strip().removesuffix(" ()").strip()
    return text.rpartition("\n\t* ")[2] if "\n\t* " in text else _AROUND.sub("", text, count=1)
