"""Taking in files and folders from the disk, and following them until they are read."""

import os
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePath

from django.conf import settings
from django.db import connection

from askacme.lib.errors import AskAcmeError, Conflict, NotFound, UnreadableFile
from governance.access.models import User
from knowledge.audience.models import Collection
from knowledge.documents.archives import each_document, is_archive
from knowledge.documents.models import Document, DocumentVersion
from knowledge.documents.naming import clean_path
from knowledge.documents.services import AudienceChoice, Upload, upload
from knowledge.ingest.parse.kind import BY_EXTENSION, media_type_of
from knowledge.ingest.run import ingest
from knowledge.ingest.turns import free

POLL_S = 0.5
HELP_AFTER_S = 20.0
TURNS = 4
"""Files that each thread reads before those that are finished are told."""


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file on the disk, and the path by which its document will be known."""

    file: Path
    path: str


def files_below(roots: Iterable[Path]) -> list[FoundFile]:
    """
    The files to import, sorted by path within each root. A folder's files are named from the folder on.

    Hidden files and folders are left out, and links that lead out of the folder. Raises NotFound for a root that
    isn't there, Conflict when two files would become one document.
    """
    found = list(dict.fromkeys(file for root in roots for file in files_of(root)))
    by_path: dict[str, Path] = {}
    for entry in found:
        other = by_path.setdefault(clean_path(entry.path), entry.file)
        if other != entry.file:
            raise Conflict(
                f"{other} and {entry.file} would both become the document {entry.path!r}: import the folder above them."
            )
    return found


def files_of(root: Path) -> list[FoundFile]:
    if root.is_file():
        return [FoundFile(root, root.name)]
    if not root.is_dir():
        raise NotFound(f"There is no file or folder {root}.")
    inside = root.resolve()
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            file = Path(folder, name)
            if not name.startswith(".") and file.resolve().is_relative_to(inside) and file.is_file():
                found.append(FoundFile(file, file.relative_to(root).as_posix()))
    return sorted(found, key=lambda entry: entry.path)


def import_file(
    found: FoundFile,
    *,
    audience: AudienceChoice | None,
    owner: User | None,
    title: str = "",
    actor: User | None = None,
    collection: Collection | None = None,
) -> Upload:
    """
    Upload one file from the disk. A new document goes into the collection, if one is named.

    Without an audience, a new document is seen as its collection says, or by everyone if it has none, and a known one
    keeps its place and its audience: a nightly import must not undo what a person restricted.

    Raises what `upload` raises, UnreadableFile for a file that can't be opened, and UnsupportedFile; nothing is stored
    then.
    """
    try:
        if PurePath(found.path).suffix.lower() not in BY_EXTENSION:
            media_type_of(found.file, found.path)
        kept = kept_audience(found.path)
        for_new = AudienceChoice(inherits=True) if collection else AudienceChoice(for_everyone=True)
        with found.file.open("rb") as stream:
            return upload(
                file=stream,
                path=found.path,
                title=title,
                audience=audience or kept or for_new,
                owner=owner,
                actor=actor,
                collection=None if kept else collection,
            )
    except OSError as error:
        raise UnreadableFile(f"The file cannot be opened: {error.strerror}.") from error


def import_found(
    found: FoundFile, *, audience: AudienceChoice | None, owner: User | None, collection: Collection | None = None
) -> list[tuple[str, Upload | AskAcmeError]]:
    """Upload one file, or each of those in a zip archive; and what came of it, by the document's path."""
    take = partial(import_file, audience=audience, owner=owner, collection=collection)
    try:
        with found.file.open("rb") as stream:
            packed = is_archive(stream, found.path)
        if packed:
            return each_document(found.file, found.path, lambda file, path: take(FoundFile(file, path)))
        return [(found.path, take(found))]
    except AskAcmeError as error:
        return [(found.path, error)]
    except OSError as error:
        return [(found.path, UnreadableFile(f"The file cannot be opened: {error.strerror}."))]


def kept_audience(path: str) -> AudienceChoice | None:
    document = Document.objects.prefetch_related("groups").filter(path=clean_path(path)).first()
    return AudienceChoice.of(document) if document else None


def follow(version_ids: Sequence[int], *, worker_lives: bool) -> Iterator[DocumentVersion]:
    """
    Yield each version once it is finished, in the order in which they finish.

    Without a living worker this process reads them itself; with one it only watches, and lends a hand when nothing
    has moved for a while. Versions that are deleted meanwhile are left out.
    """
    pending, before, moved_at = set(version_ids), None, time.monotonic()
    while pending:
        now = dict(DocumentVersion.objects.filter(pk__in=pending).values_list("pk", "state"))
        for version in DocumentVersion.objects.filter(pk__in=now).exclude(state__in=DocumentVersion.UNFINISHED):
            pending.discard(version.pk)
            yield version
        pending &= set(now)
        if now != before:
            before, moved_at = now, time.monotonic()
        mine = free().filter(pk__in=pending).order_by("created_at", "pk")
        helps = not worker_lives or time.monotonic() - moved_at > HELP_AFTER_S
        at_once = settings.CELERY_WORKER_CONCURRENCY
        if helps and (next_ids := [*mine.values_list("pk", flat=True)[: at_once * TURNS]]):
            read_side_by_side(next_ids, at_once)
        elif pending:
            time.sleep(POLL_S)


def read_side_by_side(version_ids: Sequence[int], at_once: int) -> None:
    """Read these versions, the first in this thread: while one is embedded, others are parsed and stored."""
    waiting = deque(version_ids[1:])

    def read_on() -> None:
        while waiting:
            with suppress(Exception):  # the database's, or another thread took the last; of others the state tells
                ingest(waiting.popleft())

    def read_on_beside() -> None:
        read_on()
        connection.close()

    with ThreadPoolExecutor(at_once) as threads:
        for _ in range(min(at_once, len(version_ids)) - 1):
            threads.submit(read_on_beside)
        try:
            with suppress(Exception):
                ingest(version_ids[0])
            read_on()
        finally:
            waiting.clear()  # who stops this process waits for what is being read, not for the rest
