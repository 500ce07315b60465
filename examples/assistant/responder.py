"""Who answers a prompt: a Bedrock model, or the agent itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

_MODEL_TIMEOUT = 120  # seconds without a byte; AgentCore itself allows a request 15 minutes


class ResponderError(Exception):
    """The model did not answer; the message is its error code, never the conversation."""


class Responder(Protocol):
    """Answers prompts."""

    @property
    def name(self) -> str:
        """Who answers, as callers are told."""
        ...

    def answer(self, prompt: str) -> str:
        """Answer at once. Raises `ResponderError`."""
        ...

    def stream(self, prompt: str) -> Iterator[str]:
        """Answer piece by piece. Raises `ResponderError`, maybe after the first pieces."""
        ...


class Echo:
    """Answers without a model, and says so."""

    name = "echo"

    def answer(self, prompt: str) -> str:
        """Repeat the prompt."""
        return "".join(self.stream(prompt))

    def stream(self, prompt: str) -> Iterator[str]:
        """Repeat the prompt, with the note first."""
        yield "No model is configured (MODEL_ID), so this is an echo: "
        yield prompt


class ConverseClient(Protocol):
    """The part of boto3's `bedrock-runtime` client that is used."""

    def converse(
        self,
        *,
        modelId: str,  # noqa: N803
        messages: Sequence[Mapping[str, Any]],
    ) -> Mapping[str, Any]:
        """Call the Converse operation."""
        ...

    def converse_stream(
        self,
        *,
        modelId: str,  # noqa: N803
        messages: Sequence[Mapping[str, Any]],
    ) -> Mapping[str, Any]:
        """Call the ConverseStream operation."""
        ...


class BedrockModel:
    """Answers with a Bedrock model through the Converse API.

    `name` is a model id or an inference profile's id or ARN; the execution role must allow it.
    Raises `ResponderError` when no client can be made (no region, for one).
    """

    def __init__(self, model_id: str, client: ConverseClient | None = None) -> None:
        self.name = model_id
        self._bedrock = client or _bedrock_client()

    def answer(self, prompt: str) -> str:
        """Call Converse and join the text of the answer."""
        try:
            answer = self._bedrock.converse(modelId=self.name, messages=_messages(prompt))
        except (ClientError, BotoCoreError) as error:
            raise ResponderError(_code(error)) from None
        content = answer["output"]["message"]["content"]
        return "".join(block.get("text", "") for block in content)

    def stream(self, prompt: str) -> Iterator[str]:
        """Call ConverseStream and yield the text as it comes."""
        try:
            answer = self._bedrock.converse_stream(modelId=self.name, messages=_messages(prompt))
            for event in answer["stream"]:
                text = event.get("contentBlockDelta", {}).get("delta", {}).get("text", "")
                if text:
                    yield text
        except (ClientError, BotoCoreError) as error:  # EventStreamError is a ClientError
            raise ResponderError(_code(error)) from None


def _bedrock_client() -> ConverseClient:
    config = Config(
        connect_timeout=5,
        read_timeout=_MODEL_TIMEOUT,
        retries={"mode": "standard", "total_max_attempts": 3},
    )
    try:
        # boto3-stubs of this one service are not installed: to pyright its client is unknown.
        return cast(
            "ConverseClient",
            boto3.session.Session().client("bedrock-runtime", config=config),  # pyright: ignore[reportUnknownMemberType]
        )
    except BotoCoreError as error:
        raise ResponderError(_code(error)) from None


def _messages(prompt: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": [{"text": prompt}]}]


def _code(error: ClientError | BotoCoreError) -> str:
    if isinstance(error, ClientError):
        return error.response.get("Error", {}).get("Code", "Unknown")
    return type(error).__name__
