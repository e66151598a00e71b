"""
The documents in a zip archive.

A zip is no document: an upload of one becomes a document per member. Where uploads and imports take a file, take a zip
like a folder::

    if is_zip_of_documents(path):
        for member in members(path):
            add_document(member.data, path=member.path, ...)

`data` reads from the archive as it goes: nothing is unpacked to disk but what the caller writes, and each member must
be read before the next one is asked for. Every limit is checked against the archive's directory before the first
member comes, and a member never yields more than its entry there says; one that is damaged raises while it is read,
naming itself. What the members are, and whether they are any good, is for `parse_file` to say.
"""

import io
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, cast

from askacme.lib.errors import EmptyFile, FileTooComplex, PasswordProtected, UnreadableFile
from knowledge.ingest.parse.kind import A_ZIP, content_of
from knowledge.ingest.parse.limits import MAX_COMPRESSION, MAX_MEMBERS, MAX_MEMBERS_BYTES

_SMALL_BYTES = 20_000_000
_PIECE = 1 << 20
_ENTRY = b"PK\x01\x02"  # begins every entry of an archive's directory
_MAX_ENTRIES = 20 * MAX_MEMBERS  # folders, hidden files and those of archives inside included
_IN_MEMORY_BYTES = 16_000_000
_UTF8_NAME = 0x800
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)
_DAMAGED = "This zip archive is damaged or incomplete. Make it again, and upload the new one."


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive. `path` is relative, with forward slashes: "policies/leave.docx"."""

    path: str
    size_bytes: int
    data: BinaryIO


def is_zip_of_documents(path: Path) -> bool:
    """Whether the file is a zip archive that isn't a document itself, as those of Office are."""
    return content_of(path) == A_ZIP


def members(path: Path) -> Iterator[Member]:
    """
    The archive's files in its order, those of archives directly inside it included.

    Hidden files, links, and what macOS adds are left out. Raises FileTooComplex (too many or too big, packed absurdly
    dense, or an archive in an archive in an archive), PasswordProtected, EmptyFile, and UnreadableFile for a damaged
    archive or one with paths that lead out of it.
    """
    budget = _Budget()
    with path.open("rb") as file:
        yield from _members(file, path.stat().st_size, budget, depth=0)
    if not budget.members:
        raise EmptyFile("This zip archive holds no files. Put the documents into it, and upload it again.")


class _Budget:
    """What all archives in the upload hold together."""

    def __init__(self) -> None:
        self.members = 0
        self._bytes = 0

    def spend(self, found: list[tuple[str, zipfile.ZipInfo]], packed_bytes: int) -> None:
        unpacked = sum(info.file_size for _, info in found)
        self.members += sum(not _is_archive(name) for name, _ in found)
        self._bytes += unpacked
        if self.members > MAX_MEMBERS or self._bytes > MAX_MEMBERS_BYTES:
            raise FileTooComplex(
                f"This zip archive holds too much: at most {MAX_MEMBERS:,} files and "
                f"{MAX_MEMBERS_BYTES // 1_000_000_000} GB can be uploaded at once. Split it into smaller ones."
            )
        if unpacked > _SMALL_BYTES and unpacked > MAX_COMPRESSION * packed_bytes:
            raise FileTooComplex("This zip archive unpacks to far more than documents hold, so it was not opened.")


def _members(file: IO[bytes], packed_bytes: int, budget: _Budget, *, depth: int, within: str = "") -> Iterator[Member]:
    _check_entries(file)
    with ExitStack() as stack:
        try:
            archive = stack.enter_context(zipfile.ZipFile(file))
        except (*_BROKEN, OSError) as error:
            raise UnreadableFile(_DAMAGED) from error
        found = _wanted(archive)
        budget.spend(found, packed_bytes)
        if any(info.flag_bits & 1 for _, info in found):
            raise PasswordProtected("This zip archive is protected by a password. Make it again without one.")
        for name, info in found:
            path = f"{within}{name}"
            with _opened(archive, info, path) as data:
                if not _is_archive(name):
                    yield Member(path, info.file_size, data)
                elif depth == 0:
                    with tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES) as inner:
                        size = _copy(data, inner)
                        yield from _members(inner, size, budget, depth=1, within=f"{path}/")
                else:
                    raise FileTooComplex(f"{path} is an archive in an archive in an archive. Unpack it first.")


def _wanted(archive: zipfile.ZipFile) -> list[tuple[str, zipfile.ZipInfo]]:
    """The files that people put in, by path; of two with the same path the later one, as when unpacking."""
    found: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        name = _path_of(info)
        parts = name.split("/")
        if ".." in parts or name.startswith("/") or ":" in parts[0]:
            raise UnreadableFile(
                "This zip archive names files outside of itself, as harmful ones do, so it was not opened. Make it "
                "again from the folder that holds the documents."
            )
        hidden = any(part.startswith((".", "~$")) or part in {"__MACOSX", "Thumbs.db", "desktop.ini"} for part in parts)
        if not (hidden or name.endswith("/") or _is_special(info)):
            found[name] = info
    return list(found.items())


def _path_of(info: zipfile.ZipInfo) -> str:
    """The member's path. macOS writes UTF-8 without saying so, Windows now and then backslashes."""
    name = info.filename
    if not info.flag_bits & _UTF8_NAME:
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = info.filename
    return name.replace("\\", "/").removeprefix("./")


def _is_special(info: zipfile.ZipInfo) -> bool:
    """Whether the member is a link, a device or the like."""
    mode = stat.S_IFMT(info.external_attr >> 16)
    return mode not in {0, stat.S_IFREG}


def _is_archive(name: str) -> bool:
    return name.lower().endswith(".zip")


def _opened(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: str) -> BinaryIO:
    try:
        raw = archive.open(info)
    except (*_BROKEN, OSError) as error:
        raise UnreadableFile(f"{path}: {_DAMAGED}") from error
    return cast("BinaryIO", io.BufferedReader(_Checked(raw, path)))


class _Checked(io.RawIOBase):
    """A member's content, whose damage is told in our words."""

    def __init__(self, raw: IO[bytes], path: str) -> None:
        self._raw = raw
        self._path = path

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview[int]") -> int:  # type: ignore[override]  # of any buffer
        try:
            piece = self._raw.read(len(buffer))
        except (*_BROKEN, OSError) as error:
            raise UnreadableFile(f"{self._path}: {_DAMAGED}") from error
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._raw.close()
        super().close()


def _copy(source: BinaryIO, target: IO[bytes]) -> int:
    while piece := source.read(_PIECE):
        target.write(piece)
    size = target.tell()
    target.seek(0)
    return size


def _check_entries(file: IO[bytes]) -> None:
    """Refuse a directory of millions of entries, which would fill the memory before any other check."""
    entries = 0
    while piece := file.read(_PIECE):
        entries += piece.count(_ENTRY)
    file.seek(0)
    if entries > _MAX_ENTRIES:
        raise FileTooComplex("This zip archive holds too many files. Split it into smaller ones, and upload those.")
