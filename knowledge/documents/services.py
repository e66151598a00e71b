"""What people do with documents. Each act is one transaction and leaves an audit row."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import PurePath
from typing import IO

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.files.base import File
from django.db import transaction
from django.db.models.fields.files import FieldFile

from askacme.lib.errors import EmptyFile, FileTooLarge
from governance.access.models import User
from governance.audit.services import record
from knowledge.documents.models import Document, DocumentVersion
from knowledge.documents.naming import clean_path, readable_title
from knowledge.index.store import forget
from knowledge.ingest.queue import enqueue

READ_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class AudienceChoice:
    """Who may see a document: everyone, or the named groups; with neither, only its owner."""

    for_everyone: bool = False
    groups: tuple[Group, ...] = field(default=())

    def as_words(self) -> list[str]:
        names = sorted(group.name for group in self.groups)
        return ["Everyone", *names] if self.for_everyone else names


@dataclass(frozen=True, slots=True)
class Upload:
    """The outcome of an upload. `is_new` is False when the very same file is there already: nothing is to be read."""

    version: DocumentVersion
    is_new: bool


def upload(
    *,
    file: IO[bytes],
    path: str,
    audience: AudienceChoice,
    owner: User | None,
    actor: User | None,
    title: str = "",
) -> Upload:
    """
    Take in one file: as a new document, or as the next version of the document with the same path.

    The old version goes on serving until the new one is ready. Reading and embedding happen in the background.
    The same bytes again cost nothing, unless the last attempt failed: then it is tried again.

    Raises EmptyFile and FileTooLarge; nothing is stored then.
    """
    path = clean_path(path)
    sha256, size_bytes = digest(file)
    with transaction.atomic():
        document, created = Document.objects.select_for_update().get_or_create(
            path=path,
            defaults={
                "title": title or readable_title(path),
                "owner": owner,
                "for_everyone": audience.for_everyone,
            },
        )
        if created:
            document.groups.set(audience.groups)
        else:
            change_audience(document=document, audience=audience, actor=actor)
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


def change_audience(*, document: Document, audience: AudienceChoice, actor: User | None) -> None:
    """Set who may see the document, at once for every later search. No change leaves no trace."""
    now = AudienceChoice(document.for_everyone, tuple(document.groups.order_by("name")))
    if (now.for_everyone, set(now.groups)) == (audience.for_everyone, set(audience.groups)):
        return
    with transaction.atomic():
        document.for_everyone = audience.for_everyone
        document.save(update_fields=["for_everyone", "updated_at"])
        document.groups.set(audience.groups)
        record(
            actor=actor,
            action="document.audience",
            target=document.path,
            before=now.as_words(),
            after=audience.as_words(),
        )


def withdraw(*, document: Document, actor: User | None) -> None:
    """Delete means gone: versions, text, chunks and vectors in one transaction, the files right after it."""
    files = [version.file for version in document.versions.all()]
    with transaction.atomic():
        record(actor=actor, action="document.delete", target=document.path, title=document.title)
        forget(document)
        document.delete()
        transaction.on_commit(partial(delete_files, files))


def delete_files(files: Iterable[FieldFile]) -> None:
    for file in files:
        if file:
            file.delete(save=False)


def retry(*, version: DocumentVersion, actor: User | None) -> bool:
    """Read a failed version again; False, and nothing happens, if it hasn't failed."""
    with transaction.atomic():
        changed = DocumentVersion.objects.filter(pk=version.pk, state=DocumentVersion.State.FAILED).update(
            state=DocumentVersion.State.QUEUED, error="", error_code="", progress=0, attempts=0, retry_at=None
        )
        if changed:
            record(actor=actor, action="document.retry", target=version.document.path, version=version.number)
            transaction.on_commit(lambda: enqueue(version.pk))
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
