"""The model's answers and failures, with Bedrock played by a recorder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from examples.assistant.responder import BedrockModel, Echo, ResponderError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ERROR = ClientError(
    {"Error": {"Code": "AccessDeniedException", "Message": "prompt: hunter2"}}, "Converse"
)


class _Bedrock:
    def __init__(self, *texts: str, error: Exception | None = None) -> None:
        self.texts = texts
        self.error = error
        self.calls: list[Mapping[str, Any]] = []

    def converse(self, **request: Any) -> Mapping[str, Any]:
        self.calls.append(request)
        if self.error:
            raise self.error
        content: list[dict[str, Any]] = [
            {"reasoningContent": {}},
            *({"text": text} for text in self.texts),
        ]
        return {"output": {"message": {"content": content}}}

    def converse_stream(self, **request: Any) -> Mapping[str, Any]:
        self.calls.append(request)
        return {"stream": self._events()}

    def _events(self) -> Iterator[Mapping[str, Any]]:
        yield {"messageStart": {"role": "assistant"}}
        for text in self.texts:
            yield {"contentBlockDelta": {"delta": {"text": text}}}
        if self.error:
            raise self.error
        yield {"messageStop": {"stopReason": "end_turn"}}


def test_the_model_is_asked_with_the_prompt_and_its_text_is_the_answer() -> None:
    bedrock = _Bedrock("Hello", " there")
    model = BedrockModel("amazon.nova-lite-v1:0", bedrock)
    assert model.answer("Hi") == "Hello there"
    assert "".join(model.stream("Hi")) == "Hello there"
    request = {
        "modelId": "amazon.nova-lite-v1:0",
        "messages": [{"role": "user", "content": [{"text": "Hi"}]}],
    }
    assert bedrock.calls == [request, request]


@pytest.mark.parametrize(
    ("error", "code"),
    [(ERROR, "AccessDeniedException"), (ReadTimeoutError(endpoint_url="x"), "ReadTimeoutError")],
)
def test_a_failure_of_the_model_keeps_its_code_and_nothing_of_the_conversation(
    error: Exception, code: str
) -> None:
    model = BedrockModel("m", _Bedrock("Hello", error=error))
    with pytest.raises(ResponderError) as answered:
        model.answer("Hi")
    pieces: list[str] = []
    with pytest.raises(ResponderError) as streamed:
        pieces.extend(model.stream("Hi"))
    assert str(answered.value) == str(streamed.value) == code


def test_an_echo_says_that_it_is_one() -> None:
    assert Echo().answer("hi") == "".join(Echo().stream("hi"))
    assert "MODEL_ID" in Echo().answer("hi"), "and how to get a model"
