"""What people do with collections. Each act is one transaction and leaves an audit row."""

from django.db import transaction

from askacme.lib.errors import Conflict, InvalidInput
from governance.access.models import User
from governance.audit.services import record
from knowledge.audience.access import Widening, widening_of_collection
from knowledge.audience.grants import hold, restate
from knowledge.audience.models import Collection
from knowledge.documents.services import AudienceChoice


def create_collection(*, name: str, audience: AudienceChoice, actor: User | None, description: str = "") -> Collection:
    """Raises Conflict when there is a collection of that name."""
    with transaction.atomic():
        refuse_taken_name(name)
        collection = Collection.objects.create(name=name, description=description, for_everyone=audience.for_everyone)
        collection.groups.set(audience.groups)
        after = {"description": description, "audience": audience.as_words()}
        record(actor=actor, action="collection.create", target=name, after=after)
    return collection


def rename_collection(*, collection: Collection, name: str, description: str, actor: User | None) -> None:
    """Raises Conflict when there is another collection of that name."""
    with transaction.atomic():
        was = Collection.objects.select_for_update(no_key=True).get(pk=collection.pk)
        if (was.name, was.description) == (name, description):
            return
        refuse_taken_name(name, but=was)
        Collection.objects.filter(pk=was.pk).update(name=name, description=description)
        record(
            actor=actor,
            action="collection.rename",
            target=was.name,
            before={"name": was.name, "description": was.description},
            after={"name": name, "description": description},
        )
    collection.name, collection.description = name, description


def change_collection_audience(*, collection: Collection, audience: AudienceChoice, actor: User | None) -> Widening:
    """
    Set who may see the documents that inherit the collection's audience, at once for every later search.

    Returns whom the change lets in.
    """
    with transaction.atomic():
        hold(collection.pk)
        collection.refresh_from_db()
        before = audience_of_collection(collection)
        if audience.same_as(before):
            return Widening()
        let_in = widening_of_collection(collection, audience.access(None, None))
        collection.for_everyone = audience.for_everyone
        collection.save(update_fields=["for_everyone"])
        collection.groups.set(audience.groups)
        inheriting = collection.documents.filter(inherits_audience=True)
        restate(inheriting)
        record(
            actor=actor,
            action="collection.audience",
            target=collection.name,
            before={"audience": before.as_words()},
            after={"audience": audience.as_words()},
            documents=inheriting.count(),
            **let_in.for_audit,
        )
    return let_in


def delete_collection(*, collection: Collection, actor: User | None) -> None:
    """Raises Conflict while documents are in it, or a source puts documents into it."""
    with transaction.atomic():
        hold(collection.pk)
        if reason := reason_to_keep(collection):
            raise Conflict(reason)
        was = {"description": collection.description, "audience": audience_of_collection(collection).as_words()}
        record(actor=actor, action="collection.delete", target=collection.name, before=was)
        collection.delete()


def reason_to_keep(collection: Collection) -> str:
    """Why the collection cannot be deleted, in words; empty when it can."""
    documents = collection.documents.count()
    if documents:
        counted = "a document is" if documents == 1 else f"{documents:,} documents are"
        return f"“{collection}” cannot be deleted while {counted} in it: move them first."
    source = collection.sources.first()
    return f"“{collection}” cannot be deleted while the source “{source}” puts documents into it." if source else ""


def audience_of_collection(collection: Collection) -> AudienceChoice:
    return AudienceChoice(collection.for_everyone, tuple(collection.groups.all()))


def refuse_taken_name(name: str, *, but: Collection | None = None) -> None:
    others = Collection.objects.exclude(pk=but.pk) if but else Collection.objects.all()
    if others.filter(name=name).exists():
        raise Conflict(f"There is a collection “{name}” already: choose another name.")


def collection_named(name: str) -> Collection:
    """Raises InvalidInput for a name that no collection has."""
    collection = Collection.objects.prefetch_related("groups").filter(name=name.strip()).first()
    if collection is None:
        there = ", ".join(Collection.objects.values_list("name", flat=True))
        raise InvalidInput(f"There is no collection {name!r}. There are: {there or 'none yet'}.")
    return collection
