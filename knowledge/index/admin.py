"""The console's page of search indexes: which one is live, and what can be done with the others."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from askacme.lib.errors import AskAcmeError, InvalidInput
from governance.access.audience import Audience
from governance.access.console import ReadOnlyAdmin, actor_of
from governance.evaluation.golden import GoldenCase, load
from governance.gateway.embeddings import DEFAULT_MODEL, embedder
from knowledge.documents.models import Document
from knowledge.index.building import build_index, cut_over, drop_index, lacking, resume
from knowledge.index.compare import Figures, compare, own_questions
from knowledge.index.models import SearchIndex

MOST_QUESTIONS = 200
"""So many are asked while a person waits: some ten seconds for two indexes."""


@dataclass(frozen=True, slots=True)
class Row:
    """An index and how far it is: `done` of `total` documents."""

    index: SearchIndex
    done: int
    total: int


class BuildForm(forms.Form):
    model = forms.ChoiceField()
    max_tokens = forms.IntegerField(required=False, min_value=1, label="Largest chunk, in tokens")

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        names = [DEFAULT_MODEL, *settings.ASKACME.embedding_models]
        self.fields["model"] = forms.ChoiceField(choices=[(name, name) for name in names])


class CompareForm(forms.Form):
    indexes = forms.ModelMultipleChoiceField(SearchIndex.objects.filter(state__in=["live", "standby"]))
    golden = forms.FileField(required=False)


@admin.register(SearchIndex)
class SearchIndexAdmin(ReadOnlyAdmin[SearchIndex]):
    def get_urls(self) -> list[URLPattern]:
        signed_in = self.admin_site.admin_view
        build, compared, act = require_POST(self.build), require_POST(self.compare), require_POST(self.act)
        ours = [
            path("build/", signed_in(build), name="knowledge_searchindex_build"),
            path("compare/", signed_in(compared), name="knowledge_searchindex_compare"),
            path("<int:number>/<str:act>/", signed_in(act), name="knowledge_searchindex_act"),
        ]
        return [*ours, *super().get_urls()]

    def has_act_permission(self, request: HttpRequest) -> bool:
        """What all people search with is changed by few."""
        return actor_of(request).has_perm("knowledge.change_searchindex")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self.page(request)

    def page(self, request: HttpRequest, *, compared: list[Figures] | None = None, error: str = "") -> HttpResponse:
        total = Document.objects.exclude(current=None).count()
        rows = [Row(index, total - lacking(index).count(), total) for index in SearchIndex.objects.order_by("number")]
        context = {
            **self.admin_site.each_context(request),
            "title": "Search indexes",
            "opts": self.opts,
            "rows": rows,
            "is_working": any(row.index.state in {"building", "dropped"} and not row.index.error for row in rows),
            "comparable": [row.index for row in rows if row.index.state in {"live", "standby"}],
            "may_act": self.has_act_permission(request),
            "models": [DEFAULT_MODEL, *settings.ASKACME.embedding_models],
            "max_tokens": embedder().max_tokens,
            "compared": compared,
            "error": error,
        }
        return TemplateResponse(request, "admin/index/indexes.html", context, status=400 if error else 200)

    def build(self, request: HttpRequest) -> HttpResponse:
        self.check_may_act(request)
        form = BuildForm(request.POST)
        if not form.is_valid():
            return self.page(request, error="Choose one of the models, and a number of tokens.")
        chosen = form.cleaned_data
        try:
            index = build_index(model=chosen["model"], max_tokens=chosen["max_tokens"], actor=actor_of(request))
        except AskAcmeError as problem:
            return self.page(request, error=str(problem))
        self.message_user(request, f"{index} is being built. Searches use the live one until you cut over.")
        return redirect("admin:knowledge_searchindex_changelist")

    def act(self, request: HttpRequest, number: int, act: str) -> HttpResponse:
        self.check_may_act(request)
        index = get_object_or_404(SearchIndex, pk=number)
        acts = {
            "cut-over": (cut_over, f"Searches use {index} from now on."),
            "drop": (drop_index, f"{index} is being deleted."),
            "resume": (resume, f"Work on {index} goes on."),
        }
        if act not in acts:
            return self.page(request, error="There is no such thing to do.")
        verb, done = acts[act]
        try:
            verb(index=index, actor=actor_of(request))
        except AskAcmeError as problem:
            return self.page(request, error=str(problem))
        self.message_user(request, done, messages.SUCCESS)
        return redirect("admin:knowledge_searchindex_changelist")

    def compare(self, request: HttpRequest) -> HttpResponse:
        """Questions about documents that the person may see, asked of the chosen indexes."""
        self.check_may_act(request)
        form = CompareForm(request.POST, request.FILES)
        if not form.is_valid() or len(form.cleaned_data["indexes"]) < 2:
            return self.page(request, error="Choose two indexes to compare.")
        audience = Audience.of(actor_of(request))
        golden = form.cleaned_data["golden"]
        try:
            cases = cases_in(golden) if golden else own_questions(audience, MOST_QUESTIONS)
        except AskAcmeError as problem:
            return self.page(request, error=str(problem))
        if not cases:
            return self.page(request, error="No document of yours has questions of its own yet: choose a file of them.")
        return self.page(
            request, compared=compare(indexes=form.cleaned_data["indexes"], cases=cases, audience=audience)
        )

    def check_may_act(self, request: HttpRequest) -> None:
        if not self.has_act_permission(request):
            raise PermissionDenied


def cases_in(file: UploadedFile[Any]) -> list[GoldenCase]:
    """The file's first questions. Raises InvalidInput, which names the line."""
    with NamedTemporaryFile(suffix=".jsonl") as kept:
        kept.write(file.read())
        kept.flush()
        try:
            return load(Path(kept.name))[:MOST_QUESTIONS]
        except InvalidInput as problem:
            raise InvalidInput(str(problem).replace(kept.name, file.name or "The file")) from problem
        except UnicodeDecodeError as problem:
            raise InvalidInput("The file is not text in UTF-8.") from problem
