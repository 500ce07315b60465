"""The URL of a private ECR repository and what it says: account, region, name."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FORM = re.compile(
    r"(?P<registry>\d{12})\.dkr\.ecr\.(?P<region>[a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com(?:\.cn)?"
    r"/(?P<name>(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*)"
)


class RepositoryUrlError(ValueError):
    """The text is no URL of a private ECR repository; the message shows the form."""


@dataclass(frozen=True)
class RepositoryUrl:
    """A private ECR repository: `registry_id` is the account that holds it."""

    uri: str
    registry_id: str
    region: str
    name: str

    @classmethod
    def parse(cls, url: str) -> RepositoryUrl:
        """Read `<account>.dkr.ecr.<region>.amazonaws.com[.cn]/<name>`, without tag or digest.

        Raises `RepositoryUrlError`.
        """
        match = _FORM.fullmatch(url)
        if not match:
            msg = (
                f'"{url}" is not the URL of a private ECR repository: it looks like '
                "111111111111.dkr.ecr.us-east-1.amazonaws.com/my-project/my-agent, without "
                "https://, tag or digest; the stack prints it as an output"
            )
            raise RepositoryUrlError(msg)
        return cls(url, match["registry"], match["region"], match["name"])
