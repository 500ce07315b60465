"""One image layer from a folder: the same files give the same bytes on every machine.

Reproducible by construction: entries in order of name, times and owners zero, modes reduced to
"executable or not". The gzip stream holds stored blocks only, because what DEFLATE makes of the
same input depends on the zlib a Python is linked with (zlib, zlib-ng and others differ) and a
digest must not. The price is size: nothing is compressed, so this is for source files, not for
hundreds of megabytes of dependencies.

Deliberately refuses what could not mean the same elsewhere: special files, and symbolic links that
are absolute, dangling or lead out of the folder.
"""

from __future__ import annotations

import hashlib
import os
import struct
import tarfile
import zlib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_STORED_BLOCK = 0xFFFF  # RFC 1951 3.2.4: the length of a stored block has 16 bits
_GZIP_HEADER = b"\x1f\x8b\x08\x00" + bytes(4) + b"\x00\xff"  # RFC 1952: no name, time 0, OS unknown


class LayerError(Exception):
    """The folder holds something a layer cannot carry; the message names it and the way out."""


@dataclass(frozen=True)
class Layer:
    """What was written.

    `digest` and `size` (bytes) are of the gzip stream, `diff_id` is the digest of the tar in it.
    """

    digest: str
    size: int
    diff_id: str


class _Writable(Protocol):
    def write(self, data: bytes, /) -> object: ...


class _Digest:
    """Passes bytes on and keeps their SHA-256 and number."""

    def __init__(self, target: _Writable) -> None:
        self._target = target
        self._sha256 = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes, /) -> int:
        self._sha256.update(data)
        self.size += len(data)
        self._target.write(data)
        return len(data)

    def __str__(self) -> str:
        return f"sha256:{self._sha256.hexdigest()}"


class _StoredGzip:
    """A gzip stream (RFC 1952) of stored blocks: the one DEFLATE encoding that leaves no choice."""

    def __init__(self, target: _Writable) -> None:
        self._target = target
        self._pending = b""
        self._crc = 0
        self._size = 0
        target.write(_GZIP_HEADER)

    def write(self, data: bytes, /) -> int:
        self._crc = zlib.crc32(data, self._crc)
        self._size += len(data)
        self._pending += data
        while len(self._pending) > _STORED_BLOCK:
            self._block(self._pending[:_STORED_BLOCK], final=False)
            self._pending = self._pending[_STORED_BLOCK:]
        return len(data)

    def close(self) -> None:
        self._block(self._pending, final=True)
        self._target.write(struct.pack("<II", self._crc, self._size & 0xFFFFFFFF))

    def _block(self, data: bytes, *, final: bool) -> None:
        self._target.write(struct.pack("<BHH", final, len(data), len(data) ^ 0xFFFF) + data)


def write_layer(
    source: Path, target: IO[bytes], *, path: PurePosixPath, exclude: Sequence[str] = ()
) -> Layer:
    """Write the files of `source` as one gzip layer in which they lie under the absolute `path`.

    `exclude` holds shell patterns for names (`*.pyc`); what matches is left out at every depth,
    a folder with all it holds. Raises `LayerError`.
    """
    compressed = _Digest(target)
    gzip = _StoredGzip(compressed)
    tar_digest = _Digest(gzip)
    files = 0
    with tarfile.open(fileobj=_stream(tar_digest), mode="w|", format=tarfile.PAX_FORMAT) as tar:
        for parent in [*reversed(path.parents[:-1]), path]:
            tar.addfile(_entry(parent, tarfile.DIRTYPE, 0o755))
        for relative, file in _walk(source, source, exclude):
            if _add(tar, path / relative, file, source):
                files += 1
    if not files:
        msg = f"{source}: holds no files to ship; name the folder with the agent's code"
        raise LayerError(msg)
    gzip.close()
    return Layer(digest=str(compressed), size=compressed.size, diff_id=str(tar_digest))


def _stream(writer: _Digest) -> IO[bytes]:
    # tarfile's stream mode calls nothing but write(), while its type asks for a whole file.
    return cast("IO[bytes]", writer)


def _walk(
    folder: Path, source: Path, exclude: Sequence[str]
) -> Iterator[tuple[PurePosixPath, Path]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: os.fsencode(entry.name)):
        if any(fnmatchcase(entry.name, pattern) for pattern in exclude):
            continue
        yield PurePosixPath(entry.relative_to(source).as_posix()), entry
        if entry.is_dir() and not entry.is_symlink():
            yield from _walk(entry, source, exclude)


def _add(tar: tarfile.TarFile, name: PurePosixPath, file: Path, source: Path) -> bool:
    """Add one entry; true if it is a file or a link to one, false for a folder."""
    try:
        str(name).encode()
    except UnicodeEncodeError:
        msg = f"{str(file)!a}: the name is not UTF-8; rename it or leave it out"
        raise LayerError(msg) from None
    if file.is_symlink():
        link = _entry(name, tarfile.SYMTYPE, 0o777)
        link.linkname = _link_target(file, source)
        tar.addfile(link)
        return True
    if file.is_dir():
        tar.addfile(_entry(name, tarfile.DIRTYPE, 0o755))
        return False
    if not file.is_file():
        msg = f"{file}: neither a file, a folder nor a link (a socket, pipe or device); remove it"
        raise LayerError(msg)
    with file.open("rb") as content:
        status = os.fstat(content.fileno())
        entry = _entry(name, tarfile.REGTYPE, 0o755 if status.st_mode & 0o100 else 0o644)
        entry.size = status.st_size
        tar.addfile(entry, content)
    return True


def _entry(name: PurePosixPath, kind: bytes, mode: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(str(name).lstrip("/"))  # owner, group and time are 0 already
    entry.type = kind
    entry.mode = mode
    return entry


def _link_target(link: Path, source: Path) -> str:
    target = link.readlink()
    try:
        reached = link.resolve(strict=True)
    except (OSError, RuntimeError):  # RuntimeError: a loop, up to Python 3.12
        msg = f"{link}: links to {target}, which is not there; remove the link"
        raise LayerError(msg) from None
    if target.is_absolute() or not reached.is_relative_to(source.resolve()):
        msg = (
            f"{link}: links to {target}, outside of what is shipped; put a copy of the file there "
            f"or use a relative link inside {source}"
        )
        raise LayerError(msg)
    return target.as_posix()
