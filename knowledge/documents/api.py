"""Documents over HTTP."""

from datetime import datetime
from typing import IO, Annotated, cast

from django.contrib.auth.models import Group
from django.db.models import Count, Prefetch, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import File, Form, Query, Router, Schema, Status
from ninja.files import UploadedFile

from askacme.lib.errors import InvalidInput, NotAllowed
from governance.access.audience import Audience
from governance.access.auth import caller_of
from governance.access.models import User
from knowledge.documents.models import Document, DocumentVersion
from knowledge.documents.services import AudienceChoice, upload, withdraw

router = Router(tags=["documents"])

EVERYONE = "everyone"


class AcceptedOut(Schema):
    id: int
    state: str
    url: str


class DocumentOut(Schema):
    """
    A document and the state of its newest version.

    `version` is the number of the newest version, `current_version` the one that answers use (null: none yet).
    """

    id: int
    title: str
    path: str
    owner: str | None
    audience: list[str]
    state: str
    progress: int
    error: str | None
    chunks: int
    version: int
    current_version: int | None
    pages: int | None
    media_type: str
    size_bytes: int
    updated_at: datetime

    @classmethod
    def of(cls, document: Document) -> "DocumentOut":
        newest = document.versions.all()[0]
        chunks: int = getattr(newest, "chunk_count", 0)
        return cls(
            id=document.pk,
            title=document.title,
            path=document.path,
            owner=document.owner.email if document.owner else None,
            audience=document.audience_names,
            state=newest.state,
            progress=newest.progress,
            error=newest.error or None,
            chunks=chunks,
            version=newest.number,
            current_version=document.current.number if document.current else None,
            pages=newest.page_count,
            media_type=newest.media_type,
            size_bytes=newest.size_bytes,
            updated_at=document.updated_at,
        )


@router.post("", response={202: AcceptedOut}, summary="Upload a document")
def upload_document(
    request: HttpRequest,
    file: Annotated[UploadedFile, File()],
    audience: Annotated[list[str], Form(description="'everyone', or names of groups; repeat the field for several")],
    title: Annotated[str, Form(max_length=300)] = "",
    path: Annotated[str, Form(max_length=500, description="Default: the file's name")] = "",
) -> Status[AcceptedOut]:
    """
    Take in a file; reading it goes on in the background. A known path becomes that document's next version.

    The same bytes again change nothing.
    """
    caller = caller_of(request)
    need(caller, "knowledge.add_document")
    taken = upload(
        file=cast("IO[bytes]", file.file),
        path=path or file.name or "document",
        title=title,
        audience=audience_choice(audience),
        owner=caller,
        actor=caller,
    )
    document = taken.version.document
    url = request.build_absolute_uri(f"/api/v1/documents/{document.pk}")
    return Status(202, AcceptedOut(id=document.pk, state=taken.version.state, url=url))


@router.get("", response=list[DocumentOut], summary="List documents")
def list_documents(
    request: HttpRequest,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> list[DocumentOut]:
    """The documents that the caller may see or administer, by title."""
    return [DocumentOut.of(document) for document in readable(request).order_by("title", "pk")[offset : offset + limit]]


@router.get("/{int:document_id}", response=DocumentOut, summary="One document and how far its reading is")
def get_document(request: HttpRequest, document_id: int) -> DocumentOut:
    return DocumentOut.of(get_object_or_404(readable(request), pk=document_id))


@router.delete("/{int:document_id}", response={204: None}, summary="Delete a document for good")
def delete_document(request: HttpRequest, document_id: int) -> Status[None]:
    """Gone from search and answers at once, with all its versions and files."""
    caller = caller_of(request)
    document = get_object_or_404(readable(request), pk=document_id)
    need(caller, "knowledge.delete_document")
    withdraw(document=document, actor=caller)
    return Status(204, None)


def readable(request: HttpRequest) -> QuerySet[Document]:
    """What the caller may see; those who administer documents see all of them."""
    caller = caller_of(request)
    administers = caller.has_perm("knowledge.change_document")
    documents = Document.objects.all() if administers else Document.objects.visible_to(Audience.of(caller))
    newest_first = DocumentVersion.objects.defer("text", "blocks").annotate(chunk_count=Count("chunks"))
    return documents.select_related("owner", "current").prefetch_related(
        "groups", Prefetch("versions", queryset=newest_first.order_by("-number"))
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
