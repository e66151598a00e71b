"""Sources in the console: sites and folders whose documents are kept in step, and what became of each page."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, Count, ExpressionWrapper, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from askacme.lib.errors import AskAcmeError
from governance.access.console import ModelAdmin, ReadOnlyAdmin, actor_of, display
from knowledge.documents.admin import when
from knowledge.sources.forms import OFTEN, SourceForm
from knowledge.sources.models import Source, SourceItem
from knowledge.sources.services import delete_source, documents_of, request_sync, running, save_source


@admin.register(Source)
class SourceAdmin(ModelAdmin[Source]):
    form = SourceForm
    list_display = ["name_and_address", "state", "contents", "collection", "often"]
    list_filter = ["kind", ("collection", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["collection"]
    list_fullwidth = True
    show_full_result_count = False
    search_fields = ["name", "address", "urls"]
    search_help_text = "Name or address"
    autocomplete_fields = ["owner"]
    readonly_fields = ["state", "contents", "often"]
    list_after_template = "admin/sources/sync_form.html"
    change_form_outer_after_template = "admin/sources/sync_form.html"
    conditional_fields = {
        "address": "typeof kind === 'undefined' || kind == 'sitemap'",
        "urls": "typeof kind === 'undefined' || kind == 'urls'",
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Source]:
        counted = (
            super()
            .get_queryset(request)
            .annotate(
                item_count=Count("items"),
                document_count=Count("items", filter=Q(items__document__isnull=False)),
                problem_count=Count("items", filter=~Q(items__error="")),
                is_running=ExpressionWrapper(Q(pk__in=running() or [0]), BooleanField()),
            )
        )
        return counted.order_by("name")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """A source is deleted by itself, so that what it means can be read."""
        return {}

    # Cells

    @display(description="source", header=True, ordering="name")
    def name_and_address(self, source: Source) -> list[str]:
        return [source.name, source.address or f"{len(source.urls.split()):,} addresses"]

    @display(description="state")
    def state(self, source: Source) -> SafeString:
        return render_to_string("admin/sources/state.html", {"source": source})

    @display(description="documents")
    def contents(self, source: Source) -> SafeString:
        url = f"{reverse('admin:knowledge_sourceitem_changelist')}?{urlencode({'source__id__exact': source.pk})}"
        return render_to_string("admin/sources/contents.html", {"source": source, "url": url})

    @display(description="how often")
    def often(self, source: Source) -> str:
        return dict(OFTEN).get(source.every_hours, f"Every {source.every_hours} hours")

    # One source

    def get_fields(self, request: HttpRequest, obj: Source | None = None) -> Any:
        if obj is None:
            return ["name", "kind", "address", "urls", "collection", "owner", "every_hours"]
        where = "urls" if obj.kind == Source.Kind.URLS else "address"
        return ["name", "kind", where, "collection", "owner", "every_hours", "state", "contents"]

    def get_readonly_fields(self, request: HttpRequest, obj: Source | None = None) -> list[str]:
        """A source stays of its kind; and a folder is never named from here."""
        shown = [str(name) for name in super().get_readonly_fields(request, obj)]
        if obj is None:
            return shown
        return [*shown, "kind", "address"] if obj.kind == Source.Kind.FOLDER else [*shown, "kind"]

    def save_model(self, request: HttpRequest, obj: Source, form: Any, change: bool) -> None:  # noqa: FBT001
        save_source(source=obj, actor=actor_of(request))

    # Deleting

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        sources = list(objs)
        return [source.name for source in sources], {"document": sum(map(documents_of, sources))}, set(), []

    def delete_model(self, request: HttpRequest, obj: Source) -> None:
        delete_source(source=obj, actor=actor_of(request))

    # Syncing

    def get_urls(self) -> list[URLPattern]:
        sync = self.admin_site.admin_view(require_POST(self.sync_now))
        return [path("<int:source_id>/sync/", sync, name="knowledge_source_sync"), *super().get_urls()]

    def sync_now(self, request: HttpRequest, source_id: int) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        source = get_object_or_404(Source, pk=source_id)
        try:
            request_sync(source=source, actor=actor_of(request))
        except AskAcmeError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            said = f"{source.name} is being synced. Reload this page to see how it went."
            self.message_user(request, said, messages.SUCCESS)
        return redirect("admin:knowledge_source_changelist")


class ProblemFilter(admin.SimpleListFilter):
    title = "problems"
    parameter_name = "problems"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", "With a problem"), ("0", "Without")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[SourceItem]) -> QuerySet[SourceItem]:
        if self.value() not in {"0", "1"}:
            return queryset
        return queryset.exclude(error="") if self.value() == "1" else queryset.filter(error="")


@admin.register(SourceItem)
class SourceItemAdmin(ReadOnlyAdmin[SourceItem]):
    """The files and pages of the sources: reached from a source, not from the sidebar."""

    list_display = ["address", "state", "document_link", "checked"]
    fields = ["source", "address", "state", "document_link", "checked"]
    readonly_fields = ["state", "document_link", "checked"]
    list_filter = [("source", admin.RelatedOnlyFieldListFilter), ProblemFilter]
    list_select_related = ["document", "source"]
    list_fullwidth = True
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["address"]
    search_help_text = "Address"

    @display(description="state")
    def state(self, item: SourceItem) -> SafeString:
        return render_to_string("admin/sources/item_state.html", {"item": item})

    @display(description="document", ordering="document__title")
    def document_link(self, item: SourceItem) -> SafeString | str:
        if item.document is None:
            return "–"
        url = reverse("admin:knowledge_document_change", args=[item.document.pk])
        return format_html('<a class="console-link" href="{}">{}</a>', url, item.document.title)

    @display(description="checked", ordering="checked_at")
    def checked(self, item: SourceItem) -> SafeString:
        return when(item.checked_at)
