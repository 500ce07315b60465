"""What is known of a type of pulumi-aws from its sources."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emulator.providers.values import Json

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.providers.values import Object
    from tests.emulator.providers.engine_calls import Managed


@dataclass(frozen=True)
class Facts:
    """One type.

    Attributes:
        source: The resource file in terraform-provider-aws.
        replacing: The properties that are ForceNew there.
        replacing_sometimes: Those of which some changes are, and not the one of the sample.
        resource_id: The id from the outputs: what `d.SetId` is given; or what the id that AWS
            chooses begins with.
        import_id: The documented example of an import id (the SDK's own docstring has it too).
        imported_as: The import id from the outputs, where it is another one than the state's.
        defaults: What check fills in: `Default` in the resource file.
        computed: Optional and Computed there, or a block whose absence is suppressed there
            (SuppressMissingOptionalConfigurationBlock): leaving it out changes nothing.
        name_length: The longest automatic name; 0 when there is none.
        name_prefix: What an automatic name starts with.
        documents: Properties with the transform TransformJSONDocument: an object becomes text.
        delete_before_replace: Set in resource_overrides.go.
        tags: Whether `tagsAll` is filled in at check.
        region: Whether `region` is filled in at check, and a change of it replaces.
        stays: Whether a deletion only forgets it (schema.NoopContext).
    """

    source: str
    replacing: frozenset[str]
    resource_id: Callable[[Object], str] | str
    import_id: str
    replacing_sometimes: frozenset[str] = frozenset()
    imported_as: Callable[[Object], str] | None = None
    defaults: dict[str, Json] = field(default_factory=dict[str, Json])
    computed: frozenset[str] = frozenset()
    name_length: int = 0
    name_prefix: str = ""
    documents: frozenset[str] = frozenset()
    delete_before_replace: bool = False
    tags: bool = False
    region: bool = False
    stays: bool = False

    def has_its_id(self, managed: Managed) -> bool:
        """Whether the resource has the id it would have."""
        if isinstance(self.resource_id, str):
            return managed.resource_id.startswith(self.resource_id)
        return managed.resource_id == self.resource_id(managed.outputs)

    def import_id_of(self, managed: Managed) -> str:
        """The id by which the resource is imported."""
        return self.imported_as(managed.outputs) if self.imported_as else managed.resource_id
