"""The parts of a container URI in private ECR."""

import re
from dataclasses import dataclass

_URI = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.(?P<suffix>[a-z0-9.]+)/"
    r"(?P<repository>[a-z0-9._/-]+)(?::(?P<tag>[^@:]+))?(?:@(?P<digest>sha256:[a-f0-9]{64}))?"
)


@dataclass(frozen=True)
class ContainerUri:
    """An image in private ECR. A URI with neither tag nor digest means the tag `latest`."""

    account: str
    region: str
    repository: str
    tag_or_digest: str

    def repository_arn(self, partition: str) -> str:
        """Return the ARN of the image's repository."""
        return f"arn:{partition}:ecr:{self.region}:{self.account}:repository/{self.repository}"


def parse(uri: str) -> ContainerUri | None:
    """Take the URI apart; None when it does not name an image in private ECR."""
    found = _URI.fullmatch(uri)
    if found is None:
        return None
    wanted = found["digest"] or found["tag"] or "latest"
    return ContainerUri(found["account"], found["region"], found["repository"], wanted)
