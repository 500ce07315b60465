"""The contract between Cloud Control and the service behind a resource type."""

from collections.abc import Iterator
from typing import Any, Protocol

from emulator.aws.caller import Caller

JsonObject = dict[str, Any]

# A mutation under way: each item is the identifier of what is being worked on, and between two
# items the service takes its moment. What it does between them happens at once.
Work = Iterator[str]


class HandlerError(Exception):
    """A failure with one of Cloud Control's handler error codes, such as AlreadyExists."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


def not_found(type_name: str, identifier: str) -> HandlerError:
    """Say that there is no such resource."""
    return HandlerError(
        "NotFound", f"Resource of type '{type_name}' with identifier '{identifier}' was not found."
    )


class Reader(Protocol):
    """What can be done with a type whose resources are made through another API of the service."""

    def read(self, caller: Caller, identifier: str) -> JsonObject:
        """Return all properties. Raises HandlerError NotFound."""
        ...


class Handler(Reader, Protocol):
    """What a resource type can do. Desired states have passed the schema."""

    def create(self, caller: Caller, desired: JsonObject) -> Work:
        """Make the resource. Raises HandlerError."""
        ...

    def update(self, caller: Caller, identifier: str, desired: JsonObject) -> Work:
        """Change the resource to the desired state. Raises HandlerError."""
        ...

    def delete(self, caller: Caller, identifier: str) -> Work:
        """Remove the resource. Raises HandlerError."""
        ...

    def list(self, caller: Caller, model: JsonObject) -> list[tuple[str, JsonObject]]:
        """Identifier and properties of every resource that matches the model's properties."""
        ...
