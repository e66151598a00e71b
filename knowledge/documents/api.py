"""Documents over HTTP."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import IO, Annotated, cast

from django.contrib.auth.models import Group
from django.db.models import Count, Prefetch, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import File, Form, Query, Router, Schema, Status
from ninja.files import UploadedFile

from askacme.lib.errors import AskAcmeError, InvalidInput, NotAllowed, UnreadableFile
from governance.access.audience import Audience
from governance.access.auth import caller_of
from governance.access.models import User
from knowledge.audience.services import collection_named
from knowledge.documents.archives import each_document_in, is_archive
from knowledge.documents.importing import kept_audience
from knowledge.documents.models import Document, DocumentVersion
from knowledge.documents.services import AudienceChoice, Upload, upload, withdraw
from knowledge.ingest.turns import positions

router = Router(tags=["documents"])

EVERYONE = "everyone"


class MemberOut(Schema):
    """A file of a zip archive: the document that it became, or the reason why it was not taken in."""

    path: str
    id: int | None = None
    state: str | None = None
    url: str | None = None
    error: str | None = None


class AcceptedOut(Schema):
    """`documents` is there for a zip archive only; the document beside it is the first that was taken in."""

    id: int
    state: str
    url: str
    documents: list[MemberOut] | None = None


class DocumentOut(Schema):
    """
    A document and the state of its newest version.

    `version` is the number of the newest version, `current_version` the one that answers use (null: none yet).
    `position` is its place in the queue, from 1, while it waits for its turn. `error` says why it failed, or why a
    waiting one is to be tried again.
    """

    id: int
    title: str
    path: str
    owner: str | None
    collection: str | None
    audience: list[str]
    state: str
    progress: int
    error: str | None
    chunks: int
    version: int
    position: int | None
    current_version: int | None
    pages: int | None
    media_type: str
    size_bytes: int
    updated_at: datetime

    @classmethod
    def of(cls, document: Document, places: Mapping[int, int]) -> "DocumentOut":
        newest = document.versions.all()[0]
        chunks: int = getattr(newest, "chunk_count", 0)
        return cls(
            id=document.pk,
            title=document.title,
            path=document.path,
            owner=document.owner.email if document.owner else None,
            collection=document.collection.name if document.collection else None,
            audience=document.audience_names,
            state=newest.state,
            progress=newest.progress,
            error=newest.error or None,
            chunks=chunks,
            version=newest.number,
            position=places.get(newest.pk),
            current_version=document.current.number if document.current else None,
            pages=newest.page_count,
            media_type=newest.media_type,
            size_bytes=newest.size_bytes,
            updated_at=document.updated_at,
        )


@router.post("", response={202: AcceptedOut}, exclude_none=True, summary="Upload a document")
def upload_document(
    request: HttpRequest,
    file: Annotated[UploadedFile, File()],
    audience: Annotated[
        list[str],
        Form(description="'everyone', or names of groups; repeat the field for several. With a collection: as it says"),
    ] = [],  # noqa: B006 - ninja reads it and never changes it
    collection: Annotated[str, Form(max_length=200, description="The name of the collection it goes into")] = "",
    title: Annotated[str, Form(max_length=300)] = "",
    path: Annotated[str, Form(max_length=500, description="Default: the file's name")] = "",
) -> Status[AcceptedOut]:
    """
    Take in a file; reading it goes on in the background. A known path becomes that document's next version.

    The same bytes again change nothing. Each file in a zip archive becomes a document of its own, whose path is the
    archive's without ".zip" and its own in it; `documents` tells what became of each.
    """
    caller = caller_of(request)
    need(caller, "knowledge.add_document")
    home = collection_named(collection) if collection else None
    chosen = AudienceChoice(inherits=True) if home and not any(audience) else audience_choice(audience)

    def take(stream: IO[bytes], known_as: str) -> Upload:
        if kept_audience(known_as) is not None:
            need(caller, "knowledge.change_document")
        return upload(
            file=stream, path=known_as, title=title, audience=chosen, owner=caller, actor=caller, collection=home
        )

    stream, known_as = cast("IO[bytes]", file.file), path or file.name or "document"
    if not is_archive(stream, known_as):
        return Status(202, accepted(request, take(stream, known_as)))
    if title:
        raise InvalidInput("title: a zip archive becomes several documents. Leave the title empty.")
    return Status(202, all_accepted(request, each_document_in(stream, known_as, take)))


@router.get("", response=list[DocumentOut], summary="List documents")
def list_documents(
    request: HttpRequest,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> list[DocumentOut]:
    """The documents that the caller may see or administer, by title."""
    return out(readable(request).order_by("title", "pk")[offset : offset + limit])


@router.get("/{int:document_id}", response=DocumentOut, summary="One document and how far its reading is")
def get_document(request: HttpRequest, document_id: int) -> DocumentOut:
    return out([get_object_or_404(readable(request), pk=document_id)])[0]


@router.delete("/{int:document_id}", response={204: None}, summary="Delete a document for good")
def delete_document(request: HttpRequest, document_id: int) -> Status[None]:
    """Gone from search and answers at once, with all its versions and files."""
    caller = caller_of(request)
    document = get_object_or_404(readable(request), pk=document_id)
    need(caller, "knowledge.delete_document")
    withdraw(document=document, actor=caller)
    return Status(204, None)


def accepted(request: HttpRequest, taken: Upload) -> AcceptedOut:
    document = taken.version.document
    url = request.build_absolute_uri(f"/api/v1/documents/{document.pk}")
    return AcceptedOut(id=document.pk, state=taken.version.state, url=url)


def all_accepted(request: HttpRequest, outcomes: list[tuple[str, Upload | AskAcmeError]]) -> AcceptedOut:
    """Raises UnreadableFile when none of an archive's files could be taken in."""
    taken = {path: accepted(request, outcome) for path, outcome in outcomes if isinstance(outcome, Upload)}
    refused = {path: str(outcome) for path, outcome in outcomes if isinstance(outcome, AskAcmeError)}
    if not taken:
        reasons = " ".join(f"{path}: {reason}" for path, reason in refused.items())
        raise UnreadableFile(f"No file of this zip archive could be taken in. {reasons[:2000]}")
    documents = [MemberOut(path=path, **one.model_dump(exclude_none=True)) for path, one in taken.items()]
    documents += [MemberOut(path=path, error=reason) for path, reason in refused.items()]
    return next(iter(taken.values())).model_copy(update={"documents": documents})


def out(documents: Iterable[Document]) -> list[DocumentOut]:
    found = list(documents)
    places = positions(document.versions.all()[0] for document in found)
    return [DocumentOut.of(document, places) for document in found]


def readable(request: HttpRequest) -> QuerySet[Document]:
    """What the caller may see; those who administer documents see all of them."""
    caller = caller_of(request)
    administers = caller.has_perm("knowledge.change_document")
    documents = Document.objects.all() if administers else Document.objects.visible_to(Audience.of(caller))
    newest_first = DocumentVersion.objects.defer("text", "blocks").annotate(chunk_count=Count("chunks"))
    return documents.select_related("owner", "current", "collection").prefetch_related(
        "groups", "collection__groups", Prefetch("versions", queryset=newest_first.order_by("-number"))
    )


def need(caller: User, permission: str) -> None:
    if not caller.has_perm(permission):
        raise NotAllowed("Your account may not do this. Ask an administrator for the HR role.")


def audience_choice(names: list[str]) -> AudienceChoice:
    """Raises InvalidInput for a name that is no group."""
    wanted = {name.strip() for value in names for name in value.split(",") if name.strip()}
    if wanted == {EVERYONE}:
        return AudienceChoice(for_everyone=True)
    groups = tuple(Group.objects.filter(name__in=wanted).order_by("name"))
    if unknown := wanted - {group.name for group in groups}:
        raise InvalidInput(
            f"audience: no such group: {', '.join(sorted(unknown))}. Use '{EVERYONE}' or names of groups."
        )
    if not groups:
        raise InvalidInput(f"audience: say who may see the document: '{EVERYONE}' or names of groups.")
    return AudienceChoice(groups=groups)
