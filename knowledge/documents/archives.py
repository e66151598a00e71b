"""
Zip archives as uploads: a zip is taken in like a folder, one document for each file in it.

The zip itself becomes no document and is not kept. "handbook.zip" with "leave/parental.md" in it becomes the document
"handbook/leave/parental.md", so the next "handbook.zip" brings new versions of the same documents.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from tempfile import NamedTemporaryFile
from typing import IO, TypeVar

from django.conf import settings

from askacme.lib.errors import AskAcmeError, Conflict, FileTooLarge
from knowledge.documents.naming import clean_path
from knowledge.documents.services import digest
from knowledge.ingest.parse.kind import A_ZIP, BY_EXTENSION, content_of, media_type_of
from knowledge.ingest.parse.members import Member, members

T = TypeVar("T")
_ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")


def is_archive(file: IO[bytes], name: str) -> bool:
    """Whether the file is to be unpacked: a zip by its name, or by its content if its name promises no document."""
    ending = PurePath(name).suffix.lower()
    if ending == ".zip":
        return True
    file.seek(0)
    starts_like_one = file.read(4) in _ZIP_STARTS
    file.seek(0)
    if ending in BY_EXTENSION or not starts_like_one:
        return False
    with on_disk(file) as path:
        return content_of(path) == A_ZIP


def each_document(archive: Path, path: str, take: Callable[[Path, str], T]) -> list[tuple[str, T | AskAcmeError]]:
    """
    Give each file of the archive to `take`, with the path of its document; and what came of it, in the archive's order.

    A file that can't be taken in doesn't stop the others. Raises what `members` raises, before anything is taken: too
    much, too dense, too deep, protected, damaged or treacherous archives are refused as a whole.
    """
    for _ in members(archive):  # checks archives inside, too
        pass
    folder = path[: -len(".zip")] if path.lower().endswith(".zip") else path
    outcomes: list[tuple[str, T | AskAcmeError]] = []
    taken: set[str] = set()
    for member in members(archive):
        target = clean_path(f"{folder}/{member.path}")
        try:
            if target in taken:
                raise Conflict("Another file of the archive has become this document. Rename one of the two.")
            with unpacked(member) as file:
                if PurePath(target).suffix.lower() not in BY_EXTENSION:
                    media_type_of(file, target)
                outcomes.append((target, take(file, target)))
            taken.add(target)
        except AskAcmeError as error:
            outcomes.append((target, error))
    return outcomes


def each_document_in(
    file: IO[bytes], name: str, take: Callable[[IO[bytes], str], T]
) -> list[tuple[str, T | AskAcmeError]]:
    """As `each_document`, for an archive that somebody sends. Raises FileTooLarge and EmptyFile for that, too."""

    def take_open(member: Path, path: str) -> T:
        with member.open("rb") as stream:
            return take(stream, path)

    digest(file)
    with on_disk(file) as archive:
        return each_document(archive, name, take_open)


@contextmanager
def on_disk(file: IO[bytes]) -> Iterator[Path]:
    """A copy of the file on the disk, gone afterwards."""
    with NamedTemporaryFile(prefix="askacme-") as copy:
        file.seek(0)
        shutil.copyfileobj(file, copy)
        file.seek(0)
        copy.flush()
        yield Path(copy.name)


@contextmanager
def unpacked(member: Member) -> Iterator[Path]:
    """The member on the disk, gone afterwards. Raises FileTooLarge, and UnreadableFile for a damaged one."""
    limit = settings.ASKACME.max_upload_bytes
    if member.size_bytes > limit:
        raise FileTooLarge(f"The file is larger than {limit // 1024**2} MB. Split it, or remove large pictures.")
    with NamedTemporaryFile(prefix="askacme-") as copy:
        shutil.copyfileobj(member.data, copy)
        copy.flush()
        yield Path(copy.name)
