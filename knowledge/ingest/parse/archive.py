"""Zip files that unpack to more than anyone wrote."""

import zipfile
import zlib
from pathlib import Path

from askacme.lib.errors import FileTooComplex, PasswordProtected, UnreadableFile
from knowledge.ingest.parse.limits import MAX_COMPRESSION, MAX_MARKUP_BYTES, MAX_UNPACKED_BYTES

_PIECE = 1 << 20
_SMALL_BYTES = 20_000_000
_TOO_BIG = (
    "This file unpacks to far more than a document holds, so it was not opened. Remove large embedded objects, or "
    "save its text as a new document, and upload that."
)
_DAMAGED = "This file is damaged or incomplete. Open it in its program, save it again, and upload the new copy."


def check_archive(path: Path) -> None:
    """
    Refuse zip bombs before a parser opens them.

    The directory of a zip can lie about sizes, so each member is also unpacked piece by piece and counted. Raises
    FileTooComplex, PasswordProtected, or UnreadableFile for a damaged archive.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _check_sizes(sum(member.file_size for member in members), path)
            if any(member.flag_bits & 1 for member in members):
                raise PasswordProtected(
                    "This file is protected by a password. Save it without the password and upload that."
                )
            total = 0
            for member in members:
                total += _unpacked_bytes(archive, member, MAX_UNPACKED_BYTES - total)
            _check_sizes(total, path)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, ValueError) as error:
        raise UnreadableFile(_DAMAGED) from error


def _check_sizes(unpacked: int, path: Path) -> None:
    dense = unpacked > _SMALL_BYTES and unpacked > MAX_COMPRESSION * path.stat().st_size
    if unpacked > MAX_UNPACKED_BYTES or dense:
        raise FileTooComplex(_TOO_BIG)


def _unpacked_bytes(archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: int) -> int:
    if member.filename.endswith((".xml", ".rels")):
        budget = min(budget, MAX_MARKUP_BYTES)
    size = 0
    with archive.open(member) as file:
        while piece := file.read(_PIECE):
            size += len(piece)
            if size > budget:
                raise FileTooComplex(_TOO_BIG)
    return size
