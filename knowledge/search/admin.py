"""Synonyms in the console: groups of phrases that mean the same, proposals from the documents, and the search bench."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from askacme.lib.errors import AskAcmeError
from governance.access.audience import Audience
from governance.access.console import ModelAdmin, actor_of, display
from knowledge.search.acronyms import suggestions
from knowledge.search.bench_page import bench_url, people, search_bench
from knowledge.search.forms import SynonymForm
from knowledge.search.models import Synonym
from knowledge.search.services import add_synonyms, change_synonyms, delete_synonyms


@admin.register(Synonym)
class SynonymAdmin(ModelAdmin[Synonym]):
    form = SynonymForm
    list_display = ["phrases_as_words", "edited", "tried"]
    list_fullwidth = True
    list_per_page = 50
    search_fields = ["phrases"]
    search_help_text = "Word or phrase"
    show_full_result_count = False
    list_before_template = "admin/search/synonyms_note.html"
    list_after_template = "admin/search/suggestions.html"
    readonly_fields = ["phrases_as_words", "edited", "tried"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Synonym]:
        return super().get_queryset(request).select_related("edited_by")

    def get_fields(self, request: HttpRequest, obj: Synonym | None = None) -> Any:
        phrases = "phrases" if self.has_change_permission(request, obj) or obj is None else "phrases_as_words"
        return [phrases, "edited", "tried"] if obj else [phrases]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        actor = actor_of(request)
        proposed = suggestions(Audience.of(actor)) if self.has_add_permission(request) else []
        return super().changelist_view(request, {**(extra_context or {}), "suggestions": proposed})

    @display(description="means the same")
    def phrases_as_words(self, synonym: Synonym) -> str:
        return " = ".join(synonym.phrases)

    @display(description="changed", ordering="edited_at")
    def edited(self, synonym: Synonym) -> SafeString:
        by = synonym.edited_by or "Somebody who is gone"
        day = f"{timezone.localtime(synonym.edited_at):%Y-%m-%d}"
        return format_html('{}<br><span class="console-quiet">{}</span>', by, day)

    @display(description="try it")
    def tried(self, synonym: Synonym) -> SafeString:
        phrase = synonym.phrases[0]
        return format_html('<a class="console-link" href="{}">Search for “{}”</a>', bench_url(phrase), phrase)

    # Changing

    def save_model(self, request: HttpRequest, obj: Synonym, form: Any, change: bool) -> None:  # noqa: FBT001
        """The form holds the lock under which it looked whether the phrases are free."""
        phrases, actor = form.cleaned_data["phrases"], actor_of(request)
        if change:
            change_synonyms(synonym=Synonym.objects.get(pk=obj.pk), phrases=phrases, actor=actor)
        else:
            obj.pk = add_synonyms(phrases=phrases, actor=actor).pk

    def delete_model(self, request: HttpRequest, obj: Synonym) -> None:
        delete_synonyms(synonym=obj, actor=actor_of(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Synonym]) -> None:
        for synonym in queryset:
            delete_synonyms(synonym=synonym, actor=actor_of(request))

    # Proposals

    def get_urls(self) -> list[URLPattern]:
        signed_in = self.admin_site.admin_view
        return [
            path("search-bench/", signed_in(search_bench), name="knowledge_search_bench"),
            path("search-bench/people/", signed_in(people), name="knowledge_search_people"),
            path("accept/", signed_in(require_POST(self.accept)), name="knowledge_synonym_accept"),
            *super().get_urls(),
        ]

    def accept(self, request: HttpRequest) -> HttpResponse:
        """A proposal becomes a group."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        try:
            synonym = add_synonyms(phrases=request.POST.getlist("phrase"), actor=actor_of(request))
        except AskAcmeError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.message_user(request, f"From now on the same in every search: {synonym}.", messages.SUCCESS)
        return redirect("admin:knowledge_synonym_changelist")
