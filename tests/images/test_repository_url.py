from __future__ import annotations

import pytest

from images.repository_url import RepositoryUrl, RepositoryUrlError

GOOD = "111111111111.dkr.ecr.us-east-1.amazonaws.com/agentcore-dev/assistant"


def test_a_repository_url_says_account_region_and_name() -> None:
    assert RepositoryUrl.parse(GOOD) == RepositoryUrl(
        GOOD, "111111111111", "us-east-1", "agentcore-dev/assistant"
    )


@pytest.mark.parametrize(
    ("url", "region"),
    [
        ("111111111111.dkr.ecr.us-gov-west-1.amazonaws.com/a", "us-gov-west-1"),
        ("111111111111.dkr.ecr.cn-north-1.amazonaws.com.cn/a", "cn-north-1"),
        ("111111111111.dkr.ecr.ap-southeast-7.amazonaws.com/a.b_c-d/e", "ap-southeast-7"),
    ],
)
def test_every_partition_and_shape_of_name_is_read(url: str, region: str) -> None:
    assert RepositoryUrl.parse(url).region == region


@pytest.mark.parametrize(
    "url",
    [
        "",
        f"https://{GOOD}",
        f"{GOOD}:v1",
        f"{GOOD}@sha256:{'0' * 64}",
        f"{GOOD}/",
        f"{GOOD}\n",
        GOOD.replace("111111111111", "11111111111"),
        GOOD.replace("111111111111", "l11111111111"),
        GOOD.replace("assistant", "Assistant"),
        GOOD.replace("us-east-1.", ""),
        GOOD.replace("amazonaws.com", "example.com"),
        "111111111111.dkr.ecr.us-east-1.amazonaws.com",
    ],
)
def test_anything_else_is_refused_with_the_form(url: str) -> None:
    with pytest.raises(RepositoryUrlError, match=r"it looks like 111111111111\.dkr\.ecr"):
        RepositoryUrl.parse(url)
