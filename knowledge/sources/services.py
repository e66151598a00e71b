"""What people and the clock do with sources: making them, and bringing their documents in step."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from askacme.lib.errors import AskAcmeError, Conflict, InvalidInput, NotFound, ServiceUnavailable
from governance.access.changes import keepable
from governance.access.models import User
from governance.audit.services import record
from knowledge.audience.models import Collection
from knowledge.audience.services import audience_of_collection, create_collection
from knowledge.documents.services import AudienceChoice
from knowledge.sources.folder import sync_folder
from knowledge.sources.items import Options, Outcome
from knowledge.sources.models import Source
from knowledge.sources.pages import sync_pages
from knowledge.sources.tasks import sync_source

LOCK_CLASS = 7_301_001
"""Tells our advisory locks from others in the database; the second number is the source."""

SETTINGS = ("name", "kind", "address", "urls", "collection", "owner", "every_hours")
RUNNING = """
SELECT objid FROM pg_locks
WHERE locktype = 'advisory' AND classid = %s AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def sync(*, source: Source, options: Options) -> Iterator[Outcome]:
    """
    Bring the source's documents in step with its folder or pages; yields what becomes of each file or page.

    Each one is a transaction of its own: a run that is stopped has done what it said, and the next one goes on.
    Raises Conflict at once while another run of the same source lasts. Whatever else is raised is kept with the
    source, so that the console shows it.
    """
    with only_run(source):
        error = "The last run was stopped before its end."
        try:
            if source.kind == Source.Kind.FOLDER:
                yield from sync_folder(source, options)
            else:
                yield from sync_pages(source, options)
            error = ""
        except AskAcmeError as failure:
            error = str(failure)
            raise
        finally:
            if not options.dry_run:
                source.synced_at, source.error = timezone.now(), error[:500]
                source.save(update_fields=["synced_at", "error"])


@contextmanager
def only_run(source: Source) -> Iterator[None]:
    """
    Hold the source for this run; PostgreSQL frees it should the process die.

    Raises Conflict when it is held.
    """
    if source.pk is None:
        yield
        return
    key = [LOCK_CLASS, source.pk % 2**31]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", key)
        if not cursor.fetchone()[0]:
            raise Conflict(f"The source {source.name!r} is being synced already. Wait until that has ended.")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)


def running() -> set[int]:
    """The ids of the sources that are being synced at this moment, by whichever process."""
    with connection.cursor() as cursor:
        cursor.execute(RUNNING, [LOCK_CLASS])
        return {source_id for (source_id,) in cursor.fetchall()}


def request_sync(*, source: Source, actor: User | None) -> None:
    """
    Ask a worker to sync the source now.

    Raises Conflict when it is being synced already, ServiceUnavailable when the queue can't be reached.
    """
    if source.pk in running():
        raise Conflict(f"{source.name} is being synced already.")
    try:
        with transaction.atomic():
            record(actor=actor, action="source.sync", target=source.name)
            sync_source.delay(source.pk, actor.pk if actor else None)
    except OperationalError as error:
        raise ServiceUnavailable("The queue does not answer, so nothing was begun. Try again in a minute.") from error


def save_source(*, source: Source, actor: User | None) -> None:
    """Make the source, or change it to what it says now. No change leaves no trace."""
    with transaction.atomic():
        was = Source.objects.select_for_update(of=["self"]).filter(pk=source.pk).first()
        if was is None:
            source.save(force_insert=True)
            record(actor=actor, action="source.create", target=source.name, after=settings_of(source, SETTINGS))
            return
        changed = [name for name in SETTINGS if getattr(was, name) != getattr(source, name)]
        if changed:
            source.save(update_fields=changed)
            before, after = settings_of(was, changed), settings_of(source, changed)
            record(actor=actor, action="source.change", target=was.name, before=before, after=after)


def delete_source(*, source: Source, actor: User | None) -> None:
    """Forget the source. Its documents stay as they are, and are no longer kept in step."""
    with transaction.atomic():
        before = settings_of(source, SETTINGS)
        record(actor=actor, action="source.delete", target=source.name, before=before, documents=documents_of(source))
        source.delete()


def settings_of(source: Source, names: Iterable[str]) -> dict[str, Any]:
    """As the audit record keeps them."""
    return {name: keepable(getattr(source, name)) for name in names}


def documents_of(source: Source) -> int:
    return source.items.exclude(document=None).count()


def source_named(name: str) -> Source:
    """Raises NotFound, naming those that there are."""
    source = Source.objects.select_related("collection", "owner").filter(name=name).first()
    if source is None:
        known = ", ".join(Source.objects.values_list("name", flat=True)) or "none yet"
        raise NotFound(f"There is no source {name!r}. There are: {known}.")
    return source


def folder_source(*, root: Path, name: str, dry_run: bool, actor: User | None = None) -> Source:
    """
    The source of a folder, made when it isn't there yet (but for a dry run, where it is only described).

    Raises InvalidInput when the folder has another name already, or the name another folder.
    """
    address = str(root.resolve())
    known = Source.objects.select_related("collection", "owner").filter(kind=Source.Kind.FOLDER, address=address)
    source = known.first()
    if source is not None:
        if name and source.name != name:
            raise InvalidInput(f"The folder {address} is the source {source.name!r} already.")
        return source
    name = name or root.resolve().name or address
    if Source.objects.filter(name=name).exists():
        raise InvalidInput(f"There is another source named {name!r}: choose a name for this one with --name.")
    source = Source(name=name, kind=Source.Kind.FOLDER, address=address)
    if not dry_run:
        save_source(source=source, actor=actor)
    return source


def set_defaults(*, source: Source, collection: Collection | None, owner: User | None, actor: User | None) -> None:
    """Where the source's new documents go, and whom to ask about them; None leaves it as it is."""
    source.collection = collection or source.collection
    source.owner = owner or source.owner
    save_source(source=source, actor=actor)


def collection_for(*, source: Source, groups: tuple[Group, ...], actor: User | None) -> Collection:
    """
    The collection of the source's name, which gives its documents to these groups; made when there is none.

    Raises InvalidInput when there is one that gives them to others.
    """
    wanted = AudienceChoice(groups=groups)
    known = Collection.objects.filter(name=source.name).first()
    if known is None:
        return create_collection(
            name=source.name,
            description=f"What is synced from the source {source.name}."[:500],
            audience=wanted,
            actor=actor,
        )
    if not audience_of_collection(known).same_as(wanted):
        raise InvalidInput(
            f"The collection {known.name!r} is seen by others than that. Change it in the console, or name another one "
            "with --collection."
        )
    return known
