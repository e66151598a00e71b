"""The console's page of a document's passages: its text beside the chunks that search finds, and their correction."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from askacme.lib.errors import AskAcmeError, Conflict
from governance.access.audience import Audience
from governance.access.console import actor_of
from governance.access.models import User
from knowledge.documents.models import Document, DocumentVersion
from knowledge.index.edits import words_of
from knowledge.index.indexes import live_index
from knowledge.index.models import Chunk, ChunkEdit, SearchIndex
from knowledge.index.services import correct, disable, edit_behind, remove_edit, restore

PER_PAGE = 20
"""Chunks of a page, with the stretch of text they come from: a book is not sent at once."""
SAID = {
    "correct": "The correction holds from now on.",
    "disable": "The passage is not found any more.",
    "restore": "The passage reads as the document does again.",
    "forget": "The change is forgotten.",
}


@dataclass(frozen=True, slots=True)
class Stretch:
    """Text that is marked as a whole or not at all: `own` words of the chosen passage, or `shared` with a neighbour."""

    text: str
    mark: str
    opens: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A block of the text, or the part of it on this page. `new_page` is the number of the page it begins."""

    kind: str
    new_page: int | None
    stretches: list[Stretch]


@dataclass(frozen=True, slots=True)
class Card:
    """A chunk beside the text; `shared_*` count the characters it has in common with its neighbours."""

    chunk: Chunk
    shared_before: int
    shared_after: int
    edit: ChunkEdit | None

    @property
    def number(self) -> int:
        return self.chunk.ordinal + 1

    @property
    def seen(self) -> str:
        return fingerprint(self.chunk)


class PassageForm(forms.Form):
    """What a person wants done with the passage they saw."""

    act = forms.ChoiceField(choices=[(name, name) for name in SAID])
    edit = forms.IntegerField(required=False)
    version = forms.IntegerField(required=False)
    start = forms.IntegerField(required=False, min_value=0)
    end = forms.IntegerField(required=False, min_value=1)
    seen = forms.CharField(required=False)
    text = forms.CharField(required=False, strip=False)


def may_read(person: User, document: Document) -> bool:
    """Whoever keeps documents works on the words of those only that they may read."""
    return (
        person.has_perm("knowledge.change_document")
        and Document.objects.visible_to(Audience.of(person)).filter(pk=document.pk).exists()
    )


def passages_page(request: HttpRequest, console: ModelAdmin[Document], document: Document | None) -> HttpResponse:
    """The page; a POST does one thing to one passage and comes back to it."""
    if document is None:
        raise Http404
    if not may_read(actor_of(request), document):
        raise PermissionDenied
    at, draft, error = place_of(request.GET.get("at")), None, None
    form = PassageForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        at = form.cleaned_data["start"] or 0
        try:
            done = change(document, form.cleaned_data, actor_of(request))
        except AskAcmeError as problem:
            draft, error = form.cleaned_data["text"], problem
        else:
            messages.success(request, done)
            return redirect(f"{reverse('admin:knowledge_document_passages', args=[document.pk])}?at={at}")
    shown = shown_of(document, at, page=place_of(request.GET.get("page")))
    context = {
        **console.admin_site.each_context(request),
        "title": "Passages",
        "opts": console.opts,
        "original": document,
        "media": console.media,
        "draft": draft,
        "error": error,
        **shown,
    }
    status = error.http_status if error else 200
    return TemplateResponse(request, "admin/index/passages.html", context, status=status)


def place_of(value: str | None) -> int | None:
    return int(value) if value and value.isdecimal() and len(value) < 10 else None


def change(document: Document, wanted: dict[str, Any], actor: User) -> str:
    """Do it, and say so. Raises Conflict when the passage is not what the person saw, and what the services raise."""
    act = wanted["act"]
    if act == "forget":
        remove_edit(document=document, edit_id=wanted["edit"] or 0, actor=actor)
        return SAID[act]
    chunk = (
        Chunk.objects.filter(index=live_index(), version=document.current_id, version_id=wanted["version"])
        .filter(start=wanted["start"], end=wanted["end"])
        .select_related("version", "index")
        .first()
    )
    if chunk is None or fingerprint(chunk) != wanted["seen"]:
        raise Conflict(
            "Somebody changed this passage, or the document, since you opened this page. What you wrote is kept below: "
            "compare it with what people read now, and save again."
        )
    if act == "correct":
        correct(chunk=chunk, text=wanted["text"], actor=actor)
    elif act == "disable":
        disable(chunk=chunk, actor=actor)
    else:
        restore(chunk=chunk, actor=actor)
    places = sum(words_of(text) == words_of(chunk.text) for text in texts_beside(chunk))
    return (
        f"{SAID[act]} The same passage stands in {places} other places: it holds there, too." if places else SAID[act]
    )


def texts_beside(chunk: Chunk) -> Iterator[str]:
    """The texts of the version's other chunks, as they are now."""
    others = Chunk.objects.filter(index=chunk.index_id, version=chunk.version_id).exclude(start=chunk.start)
    yield from others.values_list("text", flat=True)


def fingerprint(chunk: Chunk) -> str:
    """Names what a person saw of a passage."""
    return hashlib.sha256(f"{chunk.text}\0{chunk.corrected}\0{chunk.disabled}".encode()).hexdigest()[:16]


def shown_of(document: Document, at: int | None, page: int | None) -> dict[str, Any]:
    """The page's chunks with their text: the page that holds the passage at `at`, or the one asked for."""
    index, version = live_index(), document.current
    if version is None:
        return {"cards": [], "version": None}
    chunks = Chunk.objects.filter(index=index, version=version).order_by("ordinal").defer("search")
    total = chunks.count()
    chosen_ordinal = ordinal_at(version, index, at)
    pages = max(1, -(-total // PER_PAGE))
    number = min(max(1, page or 1), pages) if chosen_ordinal is None else chosen_ordinal // PER_PAGE + 1
    first = (number - 1) * PER_PAGE
    around = list(chunks.select_related("index")[max(0, first - 1) : first + PER_PAGE + 1])
    for chunk in around:
        chunk.version = version
    edits = list(document.chunk_edits.select_related("edited_by"))
    cards = [card_of(chunk, around, edits) for chunk in around if first <= chunk.ordinal < first + PER_PAGE]
    chosen = next((card for card in cards if card.chunk.ordinal == chosen_ordinal), None)
    begin = max((chunk.end for chunk in around if chunk.ordinal < first), default=0)
    end = max((card.chunk.end for card in cards), default=0) if number < pages else len(version.text)
    begin = min([begin, *(card.chunk.start for card in cards[:1])])
    return {
        "version": version,
        "index": index,
        "cards": cards,
        "chosen": chosen,
        "lines": list(lines_of(version, (begin, end), chosen)),
        "total": total,
        "page_number": number,
        "pages": pages,
        "first": first + 1,
        "last": first + len(cards),
        "idle_edits": idle_edits(version, index, edits),
        "changed": chunks.exclude(corrected="", disabled=False),
    }


def ordinal_at(version: DocumentVersion, index: SearchIndex, at: int | None) -> int | None:
    """The chunk that begins at the place, else the last one before it."""
    if at is None:
        return None
    before = Chunk.objects.filter(index=index, version=version, start__lte=at).order_by("-start", "-ordinal")
    return before.values_list("ordinal", flat=True).first() or 0


def card_of(chunk: Chunk, around: Sequence[Chunk], edits: list[ChunkEdit]) -> Card:
    before = next((other.end for other in around if other.ordinal == chunk.ordinal - 1), 0)
    after = next((other.start for other in around if other.ordinal == chunk.ordinal + 1), chunk.end)
    return Card(
        chunk,
        shared_before=max(0, before - chunk.start),
        shared_after=max(0, chunk.end - after),
        edit=edit_behind(chunk, edits),
    )


def idle_edits(version: DocumentVersion, index: SearchIndex, edits: list[ChunkEdit]) -> list[ChunkEdit]:
    """Edits that make no chunk what it is: their passage is gone, or a later edit took a part of it."""
    edited = Chunk.objects.filter(index=index, version=version).exclude(corrected="", disabled=False)
    holding = {words_of(text) for text in edited.values_list("text", flat=True)}
    return [edit for edit in edits if words_of(edit.original) not in holding]


def lines_of(version: DocumentVersion, window: tuple[int, int], chosen: Card | None) -> Iterator[Line]:
    """The text's blocks inside the window, the chosen passage marked by its exact span."""
    page = None
    for kind, block_start, block_end, _, block_page in version.blocks:
        start, end = max(block_start, window[0]), min(block_end, window[1])
        if start < end:
            new_page, page = (block_page if block_page != page else None), block_page
            yield Line(kind, new_page, list(stretches_of(version.text, start, end, chosen)))


def stretches_of(text: str, start: int, end: int, chosen: Card | None) -> Iterator[Stretch]:
    if chosen is None:
        yield Stretch(text[start:end], "", opens=False)
        return
    chunk = chosen.chunk
    marks = [
        (chunk.start, chunk.start + chosen.shared_before, "shared"),
        (chunk.start + chosen.shared_before, chunk.end - chosen.shared_after, "own"),
        (max(chunk.start, chunk.end - chosen.shared_after), chunk.end, "shared"),
    ]
    cuts = sorted({start, end, *(min(max(cut, start), end) for first, last, _ in marks for cut in (first, last))})
    for first, last in pairwise(cuts):
        mark = next((name for begin, finish, name in marks if begin <= first < finish), "")
        yield Stretch(text[first:last], mark, opens=first == chunk.start)
