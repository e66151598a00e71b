"""What people do with documents. Each act is one transaction and leaves an audit row."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import PurePath
from typing import IO, Self

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.files.base import File
from django.db import transaction
from django.db.models.fields.files import FieldFile
from django.utils import timezone

from askacme.lib.errors import EmptyFile, FileTooLarge, InvalidInput
from governance.access.changes import keepable
from governance.access.models import User
from governance.audit.services import record
from knowledge.audience.access import Access, Widening, widening
from knowledge.audience.grants import hold, restate
from knowledge.audience.models import Collection
from knowledge.documents.models import Document, DocumentVersion
from knowledge.documents.naming import clean_path, discreet, readable_title
from knowledge.index.store import forget
from knowledge.ingest.queue import enqueue

READ_BYTES = 1024 * 1024
CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class AudienceChoice:
    """Who may see a document: as its collection says, or everyone, or the named groups; else only its owner."""

    for_everyone: bool = False
    groups: tuple[Group, ...] = field(default=())
    inherits: bool = False

    @classmethod
    def of(cls, document: Document) -> Self:
        return cls(document.for_everyone, tuple(document.groups.all()), document.inherits_audience)

    def as_words(self) -> list[str]:
        if self.inherits:
            return ["As its collection"]
        return ["Everyone"] if self.for_everyone else sorted(group.name for group in self.groups)

    def same_as(self, other: "AudienceChoice") -> bool:
        if self.inherits or other.inherits:
            return self.inherits == other.inherits
        return (self.for_everyone, set(self.groups)) == (other.for_everyone, set(other.groups))

    def access(self, collection: Collection | None, owner_id: int | None) -> Access:
        """Who may see a document of this owner in this collection, if this is chosen."""
        if self.inherits and collection is not None:
            return Access.through(collection, owner_id)
        return Access(self.for_everyone, frozenset(group.pk for group in self.groups), owner_id)


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """When a document applies (both days included), when it is to be reviewed, and what has taken its place."""

    valid_from: date | None = None
    valid_until: date | None = None
    review_on: date | None = None
    superseded_by: Document | None = None

    def reason_against(self, document: Document) -> str:
        """Why this cannot be said of the document; empty when it can."""
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            return "It would end before it begins: check both days."
        successor, seen = self.superseded_by, {document.pk}
        while successor is not None:
            if successor.pk in seen:
                return f"“{document}” cannot be superseded by “{self.superseded_by}”, whose place it takes itself."
            seen.add(successor.pk)
            successor = successor.superseded_by
        return ""


@dataclass(frozen=True, slots=True)
class Upload:
    """The outcome of an upload. `is_new` is False when the very same file is there already: nothing is to be read."""

    version: DocumentVersion
    is_new: bool


def upload(
    *,
    file: IO[bytes],
    path: str,
    audience: AudienceChoice | None,
    owner: User | None,
    actor: User | None,
    title: str = "",
    collection: Collection | None = None,
) -> Upload:
    """
    Take in one file: as a new document, or as the next version of the document with the same path.

    The old version goes on serving until the new one is ready. Reading and embedding happen in the background.
    The same bytes again cost nothing, unless the last attempt failed: then it is tried again.

    Without an audience, a known document stays where it is and seen by whom it was, and a new one is seen as its
    collection says, or by its owner only.

    Raises EmptyFile, FileTooLarge and InvalidInput; nothing is stored then.
    """
    path = clean_path(path)
    sha256, size_bytes = digest(file)
    with transaction.atomic():
        document, created = Document.objects.select_for_update().get_or_create(
            path=path,
            defaults={"title": discreet(title) or readable_title(path), "owner": owner},
        )
        if created:
            place(document, collection, audience or AudienceChoice(inherits=collection is not None))
        elif audience is not None:
            home = collection or document.collection
            move_to_collection(document=document, collection=home, audience=audience, actor=actor)
        latest = document.versions.first()
        if latest and latest.sha256 == sha256:
            return Upload(latest, is_new=retry(version=latest, actor=actor))
        version = DocumentVersion(
            document=document,
            number=latest.number + 1 if latest else 1,
            filename=PurePath(path).name[-255:],
            sha256=sha256,
            size_bytes=size_bytes,
            uploaded_by=actor,
        )
        version.file.save(version.filename, File(file), save=False)
        version.save()
        record(
            actor=actor,
            action="document.upload",
            target=document.path,
            version=version.number,
            sha256=sha256,
            audience=document.audience_names,
        )
        transaction.on_commit(lambda: enqueue(version.pk))
    return Upload(version, is_new=True)


def change_audience(*, document: Document, audience: AudienceChoice, actor: User | None) -> Widening:
    """
    Set who may see the document, at once for every later search. No change leaves no trace.

    Returns whom the change lets in. Raises InvalidInput for the audience of a collection that it isn't in.
    """
    return move_to_collection(document=document, collection=document.collection, audience=audience, actor=actor)


def move_to_collection(
    *, document: Document, collection: Collection | None, audience: AudienceChoice | None = None, actor: User | None
) -> Widening:
    """
    Put the document into a collection, or out of all, and set who may see it; without an audience it keeps its choice.

    Returns whom the change lets in. Raises InvalidInput when it is to be seen as its collection says, and has none.
    """
    with transaction.atomic():
        lock(document)
        was_in, chosen, names = document.collection, AudienceChoice.of(document), document.audience_names
        audience = audience or chosen
        if was_in == collection and audience.same_as(chosen):
            return Widening()
        for involved in sorted({home.pk for home in (was_in, collection) if home}):
            hold(involved)
        before = Access.to(document)
        place(document, collection, audience)
        let_in = widening(before, Access.to(document))
        moved = was_in != collection
        record(
            actor=actor,
            action="document.move" if moved else "document.audience",
            target=document.path,
            before={"audience": names} | ({"collection": str(was_in or "–")} if moved else {}),
            after={"audience": document.audience_names} | ({"collection": str(collection or "–")} if moved else {}),
            **let_in.for_audit,
        )
    return let_in


def lock(document: Document) -> None:
    """Read the document anew, and let nobody else change it until the end of the transaction."""
    document.refresh_from_db(from_queryset=Document.objects.select_for_update())


def place(document: Document, collection: Collection | None, audience: AudienceChoice) -> None:
    """Write where the document belongs and who may see it, and restate it for search. Raises InvalidInput."""
    if audience.inherits and collection is None:
        raise InvalidInput("It is in no collection: choose one, or say who may see it.")
    document.collection = collection
    document.inherits_audience = audience.inherits
    document.for_everyone = audience.for_everyone and not audience.inherits
    document.save(update_fields=["collection", "inherits_audience", "for_everyone", "updated_at"])
    document.groups.set([] if audience.inherits else audience.groups)
    restate([document])


def change_details(*, document: Document, title: str, owner: User | None, actor: User | None) -> Widening:
    """Give the document another title or owner, who may always see it. Returns whom the change lets in."""
    title = discreet(title)
    with transaction.atomic():
        lock(document)
        hold(document.collection_id)
        access, details = Access.to(document), {"title": title, "owner": owner}
        was = {name: getattr(document, name) for name, value in details.items() if getattr(document, name) != value}
        if not was:
            return Widening()
        document.title, document.owner = title, owner
        document.save(update_fields=[*was, "updated_at"])
        let_in = widening(access, Access.to(document))
        restate([document])
        record(
            actor=actor,
            action="document.change",
            target=document.path,
            before=keepable(was),
            after=keepable({name: details[name] for name in was}),
            **let_in.for_audit,
        )
    return let_in


def change_lifecycle(*, document: Document, lifecycle: Lifecycle, actor: User | None) -> None:
    """
    Set when the document applies, when it is to be reviewed, and what has taken its place.

    Raises InvalidInput for an end before the beginning, and for documents that would take each other's place.
    """
    with transaction.atomic():
        lock(document)
        if reason := lifecycle.reason_against(document):
            raise InvalidInput(reason)
        before, after = {}, {}
        for name in Lifecycle.__slots__:
            was, value = getattr(document, name), getattr(lifecycle, name)
            if was != value:
                before[name], after[name] = keepable(was), keepable(value)
                setattr(document, name, value)
        if not after:
            return
        if "review_on" in after:
            document.reminded_on = None
        document.save(update_fields=[*after, "reminded_on", "updated_at"])
        record(actor=actor, action="document.lifecycle", target=document.path, before=before, after=after)


def mark_reviewed(*, document: Document, next_review: date, actor: User | None) -> None:
    """Note that the document was looked through and still holds. Raises InvalidInput for a day that isn't to come."""
    if next_review <= timezone.localdate():
        raise InvalidInput("Choose a day to come for the next review.")
    with transaction.atomic():
        lock(document)
        was_due = document.review_on
        document.review_on, document.reminded_on = next_review, None
        document.save(update_fields=["review_on", "reminded_on", "updated_at"])
        record(
            actor=actor,
            action="document.review",
            target=document.path,
            before={"review_on": keepable(was_due)},
            after={"review_on": keepable(next_review)},
        )


def withdraw(*, document: Document, actor: User | None) -> None:
    """Delete means gone: versions, text, chunks and vectors in one transaction, the files right after it."""
    with transaction.atomic():
        list(Document.objects.select_for_update().filter(pk=document.pk).values_list("pk"))  # as publishing does, first
        files = [version.file for version in document.versions.all()]
        was = {"title": document.title, "owner": document.owner, "audience": document.audience_names}
        record(actor=actor, action="document.delete", target=document.path, before=keepable(was))
        forget(document)
        document.delete()
        transaction.on_commit(partial(delete_files, files))


def delete_files(files: Iterable[FieldFile]) -> None:
    for file in files:
        if file:
            file.delete(save=False)


def retry(*, version: DocumentVersion, actor: User | None) -> bool:
    """Read a failed or cancelled version again; False, and nothing happens, if it hasn't failed."""
    with transaction.atomic():
        changed = DocumentVersion.objects.filter(pk=version.pk, state=DocumentVersion.State.FAILED).update(
            state=DocumentVersion.State.QUEUED,
            error="",
            error_code="",
            progress=0,
            attempts=0,
            retry_at=None,
            heartbeat_at=timezone.now(),
        )
        if changed:
            record(actor=actor, action="document.retry", target=version.document.path, version=version.number)
            transaction.on_commit(lambda: enqueue(version.pk))
    return bool(changed)


def cancel(*, version: DocumentVersion, actor: User | None) -> bool:
    """
    Stop the reading of a version: its worker ends at its next sign of life, within seconds, and stores nothing.

    The version in use goes on serving, and the cancelled one can be tried again. False, and nothing happens, if the
    reading has ended already.
    """
    by = f" by {actor}" if actor else ""
    with transaction.atomic():
        changed = (
            DocumentVersion.objects.unfinished()
            .filter(pk=version.pk)
            .update(
                state=DocumentVersion.State.FAILED,
                error=f"Cancelled{by}. Try again to have it read after all."[:500],
                error_code=CANCELLED,
                progress=0,
                retry_at=None,
                heartbeat_at=timezone.now(),
            )
        )
        if changed:
            record(actor=actor, action="document.cancel", target=version.document.path, version=version.number)
    return bool(changed)


def digest(file: IO[bytes]) -> tuple[str, int]:
    """
    SHA-256 (hex) and size in bytes; leaves the file at its start.

    Raises EmptyFile and FileTooLarge.
    """
    limit = settings.ASKACME.max_upload_bytes
    sha256, size_bytes = hashlib.sha256(), 0
    file.seek(0)
    while block := file.read(READ_BYTES):
        size_bytes += len(block)
        if size_bytes > limit:
            raise FileTooLarge(
                f"The file is larger than {limit // 1024**2} MB. Split it, or remove large pictures, and try again."
            )
        sha256.update(block)
    if not size_bytes:
        raise EmptyFile("The file is empty. Check that it was saved, and upload it again.")
    file.seek(0)
    return sha256.hexdigest(), size_bytes
