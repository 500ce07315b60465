"""All mutations there are."""

from typing import Final

from tests.policies import (
    beside_mutations,
    iam_mutations,
    network_mutations,
    runtime_mutations,
    storage_mutations,
    tag_mutations,
)

MUTATIONS: Final = (
    *beside_mutations.MUTATIONS,
    *iam_mutations.MUTATIONS,
    *network_mutations.MUTATIONS,
    *runtime_mutations.MUTATIONS,
    *storage_mutations.MUTATIONS,
    *tag_mutations.MUTATIONS,
)
