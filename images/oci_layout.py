"""An OCI image layout on disk: built from a folder without any tool, or read from one.

`build` makes a layout whose image holds **the folder's files and nothing else**: there is no base
image under them, so no Python and no libraries. That is right for the offline AWS, where the image
is stored, checked and named but no container runs. For real AWS build the agent's Dockerfile with
Docker or buildah (`docker buildx build --platform linux/arm64 -o type=oci,dest=agent.tar .`) and
push that layout; the push is the same.

`read` takes a layout as a folder or an uncompressed tar, made by any tool: indexes in indexes,
several platforms, Docker's media types. Attestations (entries for platform unknown/unknown) are
left out. Every digest and size is verified before anything is used, nothing is ever unpacked.

Source of the rules: OCI Image Specification 1.1 (image-layout.md, image-index.md, manifest.md,
config.md).
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tarfile
import tempfile
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from images.layer import LayerError, write_layer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER_GZIP = "application/vnd.oci.image.layer.v1.tar+gzip"

_INDEXES = {OCI_INDEX, "application/vnd.docker.distribution.manifest.list.v2+json"}
_MANIFESTS = {OCI_MANIFEST, "application/vnd.docker.distribution.manifest.v2+json"}
_CONFIGS = {OCI_CONFIG, "application/vnd.docker.container.image.v1+json"}
_LAYERS = {
    "application/vnd.oci.image.layer.v1.tar",
    OCI_LAYER_GZIP,
    "application/vnd.oci.image.layer.v1.tar+zstd",
    "application/vnd.docker.image.rootfs.diff.tar.gzip",
}
_DOCUMENT_LIMIT = 4 * 1024 * 1024  # bytes; what ECR's PutImage takes, and more than any real one
_INDEX_DEPTH = 4  # tools nest two deep; a bound keeps a hostile layout finite
_CHUNK = 1024 * 1024
_DEFAULT_PATH = PurePosixPath("/app")

EXPORT_HINT = "export it anew: docker buildx build --platform linux/arm64 -o type=oci,dest=FILE ."

NOT_SHIPPED = (
    "__pycache__",
    "*.pyc",
    ".git",
    ".venv",
    ".env",
    ".DS_Store",
    "Dockerfile",
    ".dockerignore",
)
"""Names left out of a built layer unless the spec says otherwise: caches, secrets, build files."""


class LayoutError(Exception):
    """A layout cannot be built or read; the message names the file, what is wrong, the way out."""


@dataclass(frozen=True)
class ImageSpec:
    """How a built image starts: its files' place and the runtime part of its config.

    `path` is where the folder's files lie, `working_directory` where the command starts (default:
    `path`). `user` is `uid:gid`; names would need a passwd file, which the image does not have.
    Raises `LayoutError` for values no container could start with.
    """

    command: tuple[str, ...]
    arguments: tuple[str, ...] = ()
    path: PurePosixPath = _DEFAULT_PATH
    working_directory: PurePosixPath | None = None
    port: int = 8080
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    user: str = "1000:1000"
    exclude: tuple[str, ...] = NOT_SHIPPED

    def __post_init__(self) -> None:
        problems = [
            *([] if self.command and self.command[0] else ["the command is empty"]),
            *(
                f'the path "{path}" must be absolute and below /, without ".."'
                for path in (self.path, self.starts_in)
                if not path.is_absolute() or ".." in path.parts or len(path.parts) == 1
            ),
            *([] if 0 < self.port < 65536 else [f"the port {self.port} is not in 1 to 65535"]),
            *(
                f'the environment name "{name}" is not letters, digits and underscores'
                for name in self.environment
                if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name)
            ),
            *(
                []
                if re.fullmatch(r"\d+(:\d+)?", self.user)
                else [f'the user "{self.user}" is not of the form uid or uid:gid']
            ),
        ]
        if problems:
            raise LayoutError("; ".join(problems))

    @property
    def starts_in(self) -> PurePosixPath:
        """The working directory of the command."""
        return self.working_directory or self.path


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)


_D = TypeVar("_D", bound=_Document)


class Platform(_Document):
    """The operating system and processor an image is for."""

    os: str
    architecture: str
    variant: str | None = None

    def __str__(self) -> str:
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)

    @property
    def is_linux_arm64(self) -> bool:
        """Whether AgentCore's microVMs run it; the variant v8 is all of 64-bit ARM."""
        return (self.os, self.architecture) == ("linux", "arm64") and self.variant in {
            None,
            "",
            "v8",
        }


class _Descriptor(_Document):
    media_type: str
    digest: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
    size: Annotated[int, Field(ge=0)]
    platform: Platform | None = None
    annotations: dict[str, str] = {}

    @property
    def is_attestation(self) -> bool:
        platform = self.platform
        return "vnd.docker.reference.type" in self.annotations or (
            platform is not None and (platform.os, platform.architecture) == ("unknown", "unknown")
        )


class _Index(_Document):
    manifests: list[_Descriptor]


class _ImageManifest(_Document):
    config: _Descriptor
    layers: list[_Descriptor]


class _RootFilesystem(_Document):
    diff_ids: Annotated[list[str], Field(alias="diff_ids")]


class _ImageConfig(Platform):
    rootfs: _RootFilesystem


class _LayoutMarker(_Document):
    image_layout_version: str


@dataclass(frozen=True)
class Blob:
    """Verified content in place: `size` bytes at `offset` of `file` (of a blob, or of the tar)."""

    digest: str
    size: int
    media_type: str
    file: Path
    offset: int

    def chunks(self, size: int) -> Iterator[bytes]:
        """Yield the content in pieces of `size` bytes, the last one shorter."""
        with self.file.open("rb") as stream:
            stream.seek(self.offset)
            left = self.size
            while left:
                chunk = stream.read(min(size, left))
                if not chunk:
                    msg = f"{self.file}: became shorter while it was read; {EXPORT_HINT}"
                    raise LayoutError(msg)
                left -= len(chunk)
                yield chunk


@dataclass(frozen=True)
class Manifest:
    """A manifest or index, byte for byte as its digest counts it."""

    digest: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Image:
    """The image of one platform."""

    platform: Platform
    manifest: Manifest
    config: Blob
    layers: tuple[Blob, ...]

    @property
    def size(self) -> int:
        """Bytes of config and layers as stored, that is compressed."""
        return self.config.size + sum(layer.size for layer in self.layers)


@dataclass(frozen=True)
class Layout:
    """A verified layout. `index` is there when it holds images of several platforms."""

    path: Path
    images: tuple[Image, ...]
    index: Manifest | None = None

    @property
    def top(self) -> Manifest:
        """What a tag names: the index, or the manifest of the only image."""
        return self.index or self.images[0].manifest

    @property
    def digest(self) -> str:
        """The digest an image reference pins."""
        return self.top.digest

    @property
    def linux_arm64(self) -> Image:
        """The image AgentCore would run; raises `LayoutError` when there is none."""
        for image in self.images:
            if image.platform.is_linux_arm64:
                return image
        found = ", ".join(str(image.platform) for image in self.images)
        msg = f"{self.path}: holds {found}, AgentCore runs linux/arm64 only; {EXPORT_HINT}"
        raise LayoutError(msg)


def build(source: Path, output: Path, spec: ImageSpec) -> Layout:
    """Build a linux/arm64 layout in the folder `output` from the files of the folder `source`.

    The same files and spec give the same digest on every machine. An older layout in `output` is
    replaced as a whole; any other folder with content is refused. Raises `LayoutError`.
    """
    if not source.is_dir():
        msg = f"{source}: no such folder; name the folder with the agent's code"
        raise LayoutError(msg)
    inside, outside = output.resolve(), source.resolve()
    if inside.is_relative_to(outside) or outside.is_relative_to(inside):
        msg = f"{output}: overlaps the source {source}; name an output folder beside it"
        raise LayoutError(msg)
    if output.exists() and not _is_replaceable(output):
        msg = f"{output}: is there and no OCI layout; name an empty or new folder"
        raise LayoutError(msg)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=output.parent, prefix=f".{output.name}-") as scratch:
            staging = Path(scratch, "layout")
            _write(source, staging, spec)
            if output.exists():
                shutil.rmtree(output)
            staging.rename(output)
    except LayerError as error:
        raise LayoutError(str(error)) from None
    except OSError as error:
        msg = f"{error.filename or output}: {error.strerror or error}; no layout was written"
        raise LayoutError(msg) from None
    return read(output)


def _is_replaceable(output: Path) -> bool:
    return output.is_dir() and ((output / "oci-layout").is_file() or not any(output.iterdir()))


def _write(source: Path, layout: Path, spec: ImageSpec) -> None:
    blobs = layout / "blobs" / "sha256"
    blobs.mkdir(parents=True)
    with (blobs / "layer").open("wb") as file:
        layer = write_layer(source, file, path=spec.path, exclude=spec.exclude)
    (blobs / "layer").rename(blobs / layer.digest.removeprefix("sha256:"))
    platform = {"architecture": "arm64", "os": "linux"}
    runtime: dict[str, object] = {
        "Entrypoint": spec.command,
        "WorkingDir": str(spec.starts_in),
        "ExposedPorts": {f"{spec.port}/tcp": {}},
        "Env": [f"{name}={value}" for name, value in sorted(spec.environment.items())],
        "User": spec.user,
    }
    if spec.arguments:
        runtime["Cmd"] = spec.arguments
    config = _store(
        blobs,
        OCI_CONFIG,
        {**platform, "config": runtime, "rootfs": {"type": "layers", "diff_ids": [layer.diff_id]}},
    )
    layers = [{"mediaType": OCI_LAYER_GZIP, "digest": layer.digest, "size": layer.size}]
    manifest = _store(
        blobs,
        OCI_MANIFEST,
        {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": layers},
    )
    index = {
        "schemaVersion": 2,
        "mediaType": OCI_INDEX,
        "manifests": [{**manifest, "platform": platform}],
    }
    (layout / "index.json").write_bytes(_canonical(index))
    (layout / "oci-layout").write_bytes(_canonical({"imageLayoutVersion": "1.0.0"}))


def _store(blobs: Path, media_type: str, document: Mapping[str, object]) -> dict[str, object]:
    content = _canonical(document)
    digest = _sha256(content)
    (blobs / digest.removeprefix("sha256:")).write_bytes(content)
    return {"mediaType": media_type, "digest": digest, "size": len(content)}


def _canonical(document: Mapping[str, object]) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def _sha256(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def read(path: Path) -> Layout:
    """Read and verify the layout in the folder or uncompressed tar `path`.

    Raises `LayoutError` naming the file, what was found in it and the way out.
    """
    try:
        return _Reader(path).layout()
    except OSError as error:
        msg = f"{error.filename or path}: {error.strerror or error}; {EXPORT_HINT}"
        raise LayoutError(msg) from None


@dataclass(frozen=True)
class _Extent:
    file: Path
    offset: int
    size: int


@dataclass(frozen=True)
class _FoundIndex:
    """An index inside the layout; it can be pushed as it stands if its children are the images."""

    manifest: Manifest
    children: frozenset[str]


class _Reader:
    def __init__(self, path: Path) -> None:
        self._path = path
        if path.is_dir():
            self._members = None
        elif path.is_file():
            self._members = _tar_members(path)
        else:
            msg = f"{path}: no such layout; name the folder or tar of an OCI layout"
            raise LayoutError(msg)

    def layout(self) -> Layout:
        marker = self._parse(_LayoutMarker, "oci-layout", self._document("oci-layout"))
        if marker.image_layout_version != "1.0.0":
            version = marker.image_layout_version
            raise self._error("oci-layout", f'layout version "{version}", only 1.0.0 is known')
        index = self._parse(_Index, "index.json", self._document("index.json"))
        found: list[_FoundIndex] = []
        descriptors = {
            descriptor.digest: descriptor for descriptor in self._flatten(index, found, depth=1)
        }
        images = tuple(self._image(descriptor) for descriptor in descriptors.values())
        if not images:
            raise self._error("index.json", "no image in it")
        if len(images) == 1:
            return Layout(self._path, images)
        platforms = [str(image.platform) for image in images]
        for platform in platforms:
            if platforms.count(platform) > 1:
                raise self._error("index.json", f"several images for {platform}, one is needed")
        complete = (one.manifest for one in found if one.children == frozenset(descriptors))
        return Layout(self._path, images, next(complete, None) or _new_index(images))

    def _flatten(
        self, index: _Index, found: list[_FoundIndex], depth: int
    ) -> Iterator[_Descriptor]:
        """Yield the descriptors of images, and put every index they were found in into `found`."""
        for descriptor in index.manifests:
            if descriptor.is_attestation:
                continue
            if descriptor.media_type in _MANIFESTS:
                yield descriptor
            elif descriptor.media_type in _INDEXES:
                name = _blob_name(descriptor.digest)
                if depth == _INDEX_DEPTH:
                    raise self._error(name, f"index in index more than {_INDEX_DEPTH} deep")
                content = self._verified(descriptor)
                child = self._parse(_Index, name, content)
                found.append(
                    _FoundIndex(
                        Manifest(descriptor.digest, descriptor.media_type, content),
                        frozenset(entry.digest for entry in child.manifests),
                    )
                )
                yield from self._flatten(child, found, depth + 1)
            else:
                raise self._error(
                    "index.json", f'an entry of media type "{descriptor.media_type}", not an image'
                )

    def _image(self, descriptor: _Descriptor) -> Image:
        name = _blob_name(descriptor.digest)
        content = self._verified(descriptor)
        manifest = self._parse(_ImageManifest, name, content)
        if manifest.config.media_type not in _CONFIGS:
            found = manifest.config.media_type
            raise self._error(name, f'a config of media type "{found}", not a container image')
        for layer in manifest.layers:
            if layer.media_type not in _LAYERS:
                raise self._error(name, f'a layer of unknown media type "{layer.media_type}"')
        config_name = _blob_name(manifest.config.digest)
        config = self._parse(_ImageConfig, config_name, self._verified(manifest.config))
        platform = Platform(
            os=config.os, architecture=config.architecture, variant=config.variant or None
        )
        claimed = descriptor.platform
        if claimed and (claimed.os, claimed.architecture) != (config.os, config.architecture):
            raise self._error(config_name, f"an image for {platform}, listed as {claimed}")
        if len(config.rootfs.diff_ids) != len(manifest.layers):
            raise self._error(
                name,
                f"{len(manifest.layers)} layers, but the config counts "
                f"{len(config.rootfs.diff_ids)}",
            )
        return Image(
            platform=platform,
            manifest=Manifest(descriptor.digest, descriptor.media_type, content),
            config=self._blob(manifest.config),
            layers=tuple(self._blob(layer) for layer in manifest.layers),
        )

    def _blob(self, descriptor: _Descriptor) -> Blob:
        """The content of a descriptor in place, after its size and digest have been verified."""
        name = _blob_name(descriptor.digest)
        extent = self._extent(name)
        if extent.size != descriptor.size:
            raise self._error(name, f"{extent.size} bytes, {descriptor.size} are announced")
        blob = Blob(
            descriptor.digest, extent.size, descriptor.media_type, extent.file, extent.offset
        )
        sha256 = hashlib.sha256()
        for chunk in blob.chunks(_CHUNK):
            sha256.update(chunk)
        if f"sha256:{sha256.hexdigest()}" != descriptor.digest:
            raise self._error(name, f"content with the digest sha256:{sha256.hexdigest()}")
        return blob

    def _verified(self, descriptor: _Descriptor) -> bytes:
        if descriptor.size > _DOCUMENT_LIMIT:
            raise self._error(_blob_name(descriptor.digest), _too_large(descriptor.size))
        return b"".join(self._blob(descriptor).chunks(_CHUNK))

    def _document(self, name: str) -> bytes:
        extent = self._extent(name)
        if extent.size > _DOCUMENT_LIMIT:
            raise self._error(name, _too_large(extent.size))
        with extent.file.open("rb") as stream:
            stream.seek(extent.offset)
            return stream.read(extent.size)

    def _parse(self, model: type[_D], name: str, content: bytes) -> _D:
        try:
            return model.model_validate_json(content)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(str(part) for part in first["loc"])
            raise self._error(name, f"{place}: {first['msg']}".removeprefix(": ")) from None

    def _extent(self, name: str) -> _Extent:
        if self._members is not None:
            extent = self._members.get(name)
        else:
            file = (self._path / name).resolve()
            inside = file.is_relative_to(self._path.resolve())
            regular = inside and file.is_file()
            extent = _Extent(file, 0, file.stat().st_size) if regular else None
        if extent is None:
            raise self._error(name, "no such file")
        return extent

    def _error(self, name: str, found: str) -> LayoutError:
        return LayoutError(f"{self._path}: in {name}: {found}; {EXPORT_HINT}")


def _too_large(size: int) -> str:
    return f"{size} bytes, a JSON document of an image has at most {_DOCUMENT_LIMIT}"


def _blob_name(digest: str) -> str:
    return f"blobs/{digest.replace(':', '/')}"


def _tar_members(path: Path) -> dict[str, _Extent]:
    """Where each regular file lies in the tar: it is read in place, nothing is unpacked."""
    members: dict[str, _Extent] = {}
    try:
        with tarfile.open(path, mode="r:") as tar:
            for member in tar:
                if member.isreg() and not member.issparse():
                    name = str(PurePosixPath(member.name))
                    members[name] = _Extent(path, member.offset_data, member.size)
    except tarfile.TarError as error:
        msg = (
            f"{path}: not an uncompressed tar ({error}); unpack it (gunzip) or name the folder "
            f"of an OCI layout"
        )
        raise LayoutError(msg) from None
    return members


def _new_index(images: tuple[Image, ...]) -> Manifest:
    content = _canonical(
        {
            "schemaVersion": 2,
            "mediaType": OCI_INDEX,
            "manifests": [
                {
                    "mediaType": image.manifest.media_type,
                    "digest": image.manifest.digest,
                    "size": len(image.manifest.content),
                    "platform": image.platform.model_dump(exclude_none=True),
                }
                for image in images
            ],
        }
    )
    return Manifest(_sha256(content), OCI_INDEX, content)
