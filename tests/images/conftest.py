"""An ECR to push to: moto, with the registry of the offline AWS, behind a loopback port."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import boto3
import pytest
from moto.server import ThreadedMotoServer

from emulator.aws.moto_services.stricter import make_stricter
from images import oci_layout
from images.oci_layout import ImageSpec, Layout

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mypy_boto3_ecr import ECRClient

REGION = "us-east-1"
REGISTRY = "123456789012"  # the account moto gives to every caller


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    # moto keeps what it finds first in a process: the tests of the offline AWS need this one too.
    make_stricter("ecr")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def aws(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of a caller of the offline AWS."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", REGISTRY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "offline")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")


@pytest.fixture(scope="session")
def session() -> boto3.session.Session:
    """One session for all clients, because it loads the description of ECR's API once."""
    return boto3.session.Session(REGISTRY, "offline", region_name=REGION)


@pytest.fixture
def ecr(session: boto3.session.Session, aws: None) -> ECRClient:  # noqa: ARG001
    return session.client("ecr")  # pyright: ignore[reportUnknownMemberType]


@pytest.fixture
def repository(ecr: ECRClient) -> str:
    """The URL of a new repository with immutable tags, as the stack makes them."""
    created = ecr.create_repository(
        repositoryName=f"agentcore-dev/{uuid.uuid4().hex}", imageTagMutability="IMMUTABLE"
    )
    return created["repository"].get("repositoryUri", "")


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    source = tmp_path / "source"
    source.mkdir()
    (source / "agent.py").write_text("print('hello')\n")
    return oci_layout.build(source, tmp_path / "layout", ImageSpec(command=("python", "agent.py")))
