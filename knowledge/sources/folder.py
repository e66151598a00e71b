"""
A folder kept in step: new and changed files are taken in, files that are gone withdraw their documents.

A file whose size and time are what they were is not opened. A renamed file is a removed and a new one.
"""

import os
from collections.abc import Iterator
from pathlib import Path, PurePath

from django.utils import timezone

from askacme.lib.errors import AskAcmeError, ServiceUnavailable, UnreadableFile
from knowledge.documents.importing import FoundFile, files_below
from knowledge.documents.naming import discreet_folder, discreet_path
from knowledge.ingest.parse.kind import BY_EXTENSION, media_type_of
from knowledge.sources.items import DELETED_HERE, Options, Outcome, drop, failed, guard, take_in, unreadable
from knowledge.sources.models import Source, SourceItem


def sync_folder(source: Source, options: Options) -> Iterator[Outcome]:
    """
    Bring the source's documents in step with its folder; yields what becomes of each file.

    Raises NotFound or ServiceUnavailable for a folder that isn't there or can't be read, and at the end Conflict when
    suspiciously many documents would vanish: then none is removed.
    """
    root = Path(source.address)
    found, closed = look_at(root)
    items = {item.address: item for item in source.items.select_related("document__owner")} if source.pk else {}
    broken = unreadable(source) if source.pk else {}
    same: list[int] = []
    present: set[str] = set()
    for entry in found:
        if not entry.path.isprintable():
            yield Outcome(ascii(entry.path), "failed", "Its name holds characters that are no text: rename the file.")
            continue
        address = discreet_path(entry.path)
        item = items.get(address) or SourceItem(source=source, address=address)
        present.add(address)
        item.source = source
        outcome = sync_file(entry, item, broken, options)
        if outcome.word == "unchanged" and item.pk:
            same.append(item.pk)
        yield outcome
    if not options.dry_run:
        SourceItem.objects.filter(pk__in=same).update(checked_at=timezone.now(), error="")
    missing = [items[address] for address in sorted(items.keys() - present)]
    hidden = [item for item in missing if any(PurePath(item.address).is_relative_to(folder) for folder in closed)]
    for item in hidden:
        yield Outcome(item.address, "kept", "Its folder cannot be read.")
    gone = [item for item in missing if item not in hidden]
    guard(source, gone, list(items.values()), options, empty=not found)
    for item in gone:
        yield drop(item, options)


def look_at(root: Path) -> tuple[list[FoundFile], list[PurePath]]:
    """
    The files, and the folders below that can't be listed, as they stand in items' addresses.

    Raises NotFound and ServiceUnavailable for the root.
    """
    closed: list[PurePath] = []

    def note(error: OSError) -> None:
        closed.append(PurePath(error.filename or root))

    try:
        found = files_below([root])
        for _ in os.walk(root, onerror=note):
            pass
        if root in closed:
            raise UnreadableFile(f"The folder {root} cannot be read. Nothing was changed.")
    except OSError as error:
        reason = error.strerror or str(error)
        raise ServiceUnavailable(f"The folder {root} cannot be read: {reason}. Nothing was changed.") from error
    return found, [PurePath(discreet_folder(str(folder.relative_to(root)))) for folder in closed]


def sync_file(entry: FoundFile, item: SourceItem, broken: dict[int, str], options: Options) -> Outcome:
    try:
        etag = size_and_time(entry.file)
        if item.etag == etag:
            return as_it_was(item, broken)
        if options.dry_run:
            return Outcome(item.address, "changed" if item.document_id else "new")
        if PurePath(entry.path).suffix.lower() not in BY_EXTENSION:
            media_type_of(entry.file, entry.path)
        with entry.file.open("rb") as stream:
            return take_in(item, stream, path=entry.path, etag=etag, options=options)
    except OSError as error:
        return failed(item, f"The file cannot be read: {error.strerror or error}.", options)
    except AskAcmeError as error:
        return failed(item, str(error), options)


def as_it_was(item: SourceItem, broken: dict[int, str]) -> Outcome:
    """An unchanged file, of which a person may have deleted the document, or which could not be read."""
    if item.document_id is None:
        return Outcome(item.address, "kept", DELETED_HERE)
    if reason := broken.get(item.document_id):
        return Outcome(item.address, "failed", reason)
    return Outcome(item.address, "unchanged")


def size_and_time(file: Path) -> str:
    stat = file.stat()
    return f"{stat.st_size}:{stat.st_mtime_ns}"
