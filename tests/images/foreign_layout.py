"""OCI layouts as Docker, BuildKit and buildah write them, made small."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"

Descriptor = dict[str, Any]


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@dataclass
class ForeignLayout:
    """A layout folder under construction; every method answers a descriptor."""

    folder: Path

    def __post_init__(self) -> None:
        (self.folder / "blobs" / "sha256").mkdir(parents=True)
        (self.folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')

    def file_of(self, digest: str) -> Path:
        return self.folder / "blobs" / "sha256" / digest.removeprefix("sha256:")

    def blob(self, content: bytes, media_type: str) -> Descriptor:
        digest = digest_of(content)
        self.file_of(digest).write_bytes(content)
        return {"mediaType": media_type, "digest": digest, "size": len(content)}

    def document(self, document: dict[str, Any], media_type: str) -> Descriptor:
        document = {"schemaVersion": 2, "mediaType": media_type, **document}
        return self.blob(json.dumps(document, indent=2).encode(), media_type)

    def image(
        self,
        architecture: str = "arm64",
        *,
        layers: tuple[bytes, ...] = (b"base", b"files"),
        docker: bool = False,
        listed_as: str | None = None,
        **config: Any,
    ) -> Descriptor:
        config = {
            "architecture": architecture,
            "os": "linux",
            "rootfs": {"type": "layers", "diff_ids": [digest_of(layer) for layer in layers]},
            **config,
        }
        descriptor = self.document(
            {
                "config": self.blob(
                    json.dumps(config).encode(), DOCKER_CONFIG if docker else CONFIG
                ),
                "layers": [
                    self.blob(gzip.compress(layer, mtime=1), DOCKER_LAYER if docker else LAYER)
                    for layer in layers
                ],
            },
            DOCKER_MANIFEST if docker else MANIFEST,
        )
        return {
            **descriptor,
            "platform": {"architecture": listed_as or architecture, "os": "linux"},
        }

    def attestation(self, subject: Descriptor) -> Descriptor:
        statement = self.blob(b'{"predicateType": "provenance"}', "application/vnd.in-toto+json")
        descriptor = self.document(
            {"config": self.blob(b"{}", CONFIG), "layers": [statement]}, MANIFEST
        )
        return {
            **descriptor,
            "annotations": {
                "vnd.docker.reference.type": "attestation-manifest",
                "vnd.docker.reference.digest": subject["digest"],
            },
            "platform": {"architecture": "unknown", "os": "unknown"},
        }

    def nested(self, *children: Descriptor, media_type: str = INDEX) -> Descriptor:
        return self.document({"manifests": list(children)}, media_type)

    def top(self, *children: Descriptor) -> Path:
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": list(children)}
        (self.folder / "index.json").write_text(json.dumps(index))
        return self.folder

    def as_tar(self, target: Path, prefix: str = "") -> Path:
        with tarfile.open(target, "w") as tar:
            for file in sorted(self.folder.rglob("*")):
                tar.add(file, prefix + str(file.relative_to(self.folder)), recursive=False)
        return target


def files_in(layer: bytes) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(layer))) as tar:
        return {member.name: member for member in tar}
