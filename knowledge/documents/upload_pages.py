"""The console's pages that take in files: several at once, or the next version of one document."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import IO, Any, cast

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from askacme.lib.errors import AskAcmeError, NotAllowed
from governance.access.console import actor_of
from governance.access.models import User
from knowledge.audience.access import Access, Widening, widening
from knowledge.audience.grants import with_audience
from knowledge.audience.models import Collection
from knowledge.documents.archives import each_document_in, is_archive
from knowledge.documents.forms import NewVersionForm, UploadForm
from knowledge.documents.models import Document, DocumentVersion
from knowledge.documents.naming import clean_path
from knowledge.documents.services import AudienceChoice, Upload, upload


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What became of one file: taken in (`version`), or refused (`error`). `note` is in words, for people.

    `let_in` are the people whom the chosen audience would have let see a known document: that waits for a yes.
    """

    filename: str
    note: str = ""
    error: str = ""
    version: DocumentVersion | None = None
    let_in: Widening | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was said about the uploaded files."""

    audience: AudienceChoice
    collection: Collection | None
    owner: User
    title: str

    def lets_in(self, document: Document) -> Widening:
        """Whom a document that is there already would be shown to as well."""
        access = self.audience.access(self.collection or document.collection, document.owner_id)
        return widening(Access.to(document), access)


def upload_page(request: HttpRequest, console: ModelAdmin[Document]) -> HttpResponse:
    """The form; after it was sent, the same page with each file's outcome and live progress."""
    if not console.has_add_permission(request):
        raise PermissionDenied
    form = UploadForm(request.POST or None, request.FILES or None, initial={"owner": actor_of(request)})
    outcomes: list[Outcome] = []
    if request.method == "POST" and form.is_valid():
        outcomes = take_in(
            form.cleaned_data["uploads"],
            Wanted(
                audience=form.chosen_audience(),
                collection=form.cleaned_data["collection"],
                owner=form.cleaned_data["owner"] or actor_of(request),
                title=form.cleaned_data["title"],
            ),
            actor=actor_of(request),
            may_change=console.has_change_permission(request),
        )
    return page(
        request,
        console,
        "admin/documents/upload.html",
        title="Upload documents" if not outcomes else "Uploaded",
        form=form,
        outcomes=outcomes,
        unfinished=[o.version for o in outcomes if o.version and not o.version.is_finished],
    )


def new_version_page(request: HttpRequest, console: ModelAdmin[Document], document: Document | None) -> HttpResponse:
    if not console.has_change_permission(request):
        raise PermissionDenied
    if document is None:
        raise Http404
    form = NewVersionForm(request.POST or None, request.FILES or None, document=document)
    if request.method == "POST" and form.is_valid():
        taken = next_version(document, form.cleaned_data["file"], actor_of(request))
        if isinstance(taken, Upload):
            said = f"Version {taken.version.number} is being read. Until it is ready, the old one answers."
            unchanged = f"Nothing to do: this file is version {taken.version.number} already."
            messages.success(request, said if taken.is_new else unchanged)
            return redirect("admin:knowledge_document_change", document.pk)
        form.add_error("file", taken)
    return page(
        request,
        console,
        "admin/documents/new_version.html",
        title="New version",
        opts=console.opts,
        original=document,
        form=form,
    )


def page(
    request: HttpRequest, console: ModelAdmin[Document], template: str, *, title: str, **context: Any
) -> HttpResponse:
    shell = {
        **console.admin_site.each_context(request),
        "title": title,
        "media": console.media + context["form"].media,
    }
    return TemplateResponse(request, template, {**shell, **context})


def take_in(files: Iterable[UploadedFile[Any]], wanted: Wanted, *, actor: User, may_change: bool) -> list[Outcome]:
    """Upload each file by itself, and each of those in a zip: one that is refused does not stop the others."""
    take = partial(take_in_one, wanted=wanted, actor=actor, may_change=may_change)
    outcomes: list[Outcome] = []
    for file in files:
        name, stream = file.name or "document", as_stream(file)
        try:
            if is_archive(stream, name):
                outcomes += (of_member(path, found) for path, found in each_document_in(stream, name, take))
            else:
                outcomes.append(take(stream, name))
        except AskAcmeError as error:
            outcomes.append(Outcome(name, error=str(error)))
    return outcomes


def of_member(path: str, found: Outcome | AskAcmeError) -> Outcome:
    return Outcome(path, error=str(found)) if isinstance(found, AskAcmeError) else found


def take_in_one(file: IO[bytes], name: str, wanted: Wanted, *, actor: User, may_change: bool) -> Outcome:
    """
    Upload the file; more people than before do not get to see a document by this.

    Raises what `upload` raises, and NotAllowed where there is a document that the person may not change.
    """
    before = with_audience().filter(path=clean_path(name)).first()
    if before and not may_change:
        raise NotAllowed("There is a document of this name, and your account may not change it.")
    let_in = wanted.lets_in(before) if before else None
    taken = upload(
        file=file,
        path=name,
        audience=None if let_in and let_in.count else wanted.audience,
        owner=wanted.owner,
        title=wanted.title,
        actor=actor,
        collection=wanted.collection,
    )
    return Outcome(name, note=note_on(taken, before), version=taken.version, let_in=let_in)


def note_on(taken: Upload, before: Document | None) -> str:
    """What people may not expect of an upload to a path that was there already."""
    if before is None:
        return "Accepted."
    words = f"Accepted as version {taken.version.number}." if taken.is_new else "Unchanged: this very file is here."
    was, now = before.audience_names, taken.version.document.audience_names
    if was != now:
        words += f" Who may see it changed from {in_words(was)} to {in_words(now)}."
    return words


def next_version(document: Document, file: UploadedFile[Any], actor: User) -> Upload | str:
    """The upload, or why it was refused."""
    try:
        return upload(file=as_stream(file), path=document.path, audience=None, owner=document.owner, actor=actor)
    except AskAcmeError as error:
        return str(error)


def as_stream(file: UploadedFile[Any]) -> IO[bytes]:
    return cast("IO[bytes]", file.file)


def in_words(audience: list[str]) -> str:
    return ", ".join(audience) or "only the owner"
