"""One file or page of a source: taken in, dropped, or left as it is; and what is said about it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import IO, Literal

from django.db import transaction
from django.utils import timezone

from askacme.lib.errors import AskAcmeError, Conflict
from governance.access.models import User
from knowledge.documents.models import Document, DocumentVersion
from knowledge.documents.naming import clean_path, discreet
from knowledge.documents.services import AudienceChoice, Upload, upload, withdraw
from knowledge.sources.models import Source, SourceItem

Word = Literal["new", "changed", "unchanged", "removed", "kept", "failed"]

FEW = 10
"""So many documents may go at once without a person looking at it, whatever their share."""
DELETED_HERE = "Its document was deleted here: it stays out until the file or page changes."


@dataclass(frozen=True, slots=True)
class Options:
    """
    How a sync is run.

    `force` withdraws documents even when suspiciously many would go; `take_over` adopts documents that a person
    uploaded under a path of the source; `dry_run` only says what would be done.
    """

    actor: User | None = None
    force: bool = False
    dry_run: bool = False
    take_over: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file or page. `kept` is one that could not be judged: what was read before stays."""

    address: str
    word: Word
    why: str = ""
    version_id: int | None = None


def take_in(item: SourceItem, file: IO[bytes], *, path: str, etag: str, options: Options) -> Outcome:
    """
    Upload what a source holds at an address, in one transaction with the note of it.

    A known document keeps its audience and owner: a nightly sync must not undo what a person restricted.
    """
    try:
        with transaction.atomic():
            taken = put(item, file, path, options)
            item.document, item.etag, item.error, item.gone_since = taken.version.document, etag, "", None
            item.checked_at = timezone.now()
            item.save()
    except AskAcmeError as error:
        return failed(item, str(error), options)
    version_id = taken.version.pk
    if not taken.is_new:
        return Outcome(item.address, "unchanged", version_id=version_id)
    return Outcome(item.address, "new" if taken.version.number == 1 else "changed", version_id=version_id)


def put(item: SourceItem, file: IO[bytes], path: str, options: Options) -> Upload:
    """Raises Conflict for a document that is not the source's own, and what `upload` raises."""
    source, known = item.source, Document.objects.select_for_update().filter(path=clean_path(path)).first()
    if known and known.pk != item.document_id:
        refuse_foreign(known, options)
    everyone = AudienceChoice(for_everyone=True) if known is None and source.collection is None else None
    return upload(
        file=file,
        path=path,
        audience=everyone,
        collection=source.collection,
        owner=source.owner,
        actor=options.actor,
    )


def refuse_foreign(document: Document, options: Options) -> None:
    """Raises Conflict unless the document may be taken over."""
    other = document.source_items.select_related("source").first()
    if other is not None:
        raise Conflict(
            f"The document {document.path!r} belongs to the source {other.source.name!r}, which goes on keeping it."
        )
    if not options.take_over:
        raise Conflict(
            f"The document {document.path!r} was uploaded by hand and is left as it is: delete it, or take it over "
            "with --take-over."
        )


def failed(item: SourceItem, why: str, options: Options) -> Outcome:
    """Note why it could not be taken in. Whatever was read of it before goes on answering."""
    why = discreet(why)  # it may name the file or page
    if not options.dry_run:
        item.error, item.checked_at = why[:500], timezone.now()
        if item.pk is None:
            item.save()
        else:
            item.save(update_fields=["error", "checked_at", "gone_since"])
    return Outcome(item.address, "failed", why)


def drop(item: SourceItem, options: Options) -> Outcome:
    """Withdraw the document of what is no longer there, and forget the item."""
    if not options.dry_run:
        with transaction.atomic():
            if item.document:
                withdraw(document=item.document, actor=options.actor)
            item.delete()
    return Outcome(item.address, "removed")


def unreadable(source: Source) -> dict[int, str]:
    """Why the newest version of a document of the source could not be read, by the document's id."""
    newest = (
        DocumentVersion.objects.filter(document__source_items__source=source)
        .order_by("document_id", "-number")
        .distinct("document_id")
        .values_list("document_id", "state", "error")
    )
    return {document: error for document, state, error in newest if state == DocumentVersion.State.FAILED}


def guard(
    source: Source, gone: Collection[SourceItem], known: Sequence[SourceItem], options: Options, *, empty: bool
) -> None:
    """
    Raises Conflict when so much would vanish that something else is wrong: a disk not mounted, a site being rebuilt.
    """
    going = sum(item.document_id is not None for item in gone)
    having = sum(item.document_id is not None for item in known)
    suspicious = (empty and going > 0) or (going > FEW and 2 * going > having)
    if suspicious and not options.force:
        raise Conflict(
            f"{going} of {having} documents would be withdrawn because they are no longer there: nothing was removed. "
            f"If that is right, run it once with --force: manage.py sync_source '{source.name}' --force"
        )
