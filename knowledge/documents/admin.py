"""
The document console: HR's list of documents, their versions, their progress.

Whoever holds the permissions administers all documents, also those whose audience they don't belong to: keeping the
handbook is their job, and reading it is another right. Files and texts are linked only for those who may see them.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.views.decorators.http import require_POST

from governance.access.audience import Audience
from governance.access.console import ModelAdmin, TabularInline, action, actor_of, display
from knowledge.audience.pages import viewers_page
from knowledge.documents import upload_pages
from knowledge.documents.forms import LIFECYCLE, DocumentForm
from knowledge.documents.listing import (
    AudienceFilter,
    ReviewFilter,
    StateFilter,
    light_versions,
    newest_of,
    with_newest_version,
)
from knowledge.documents.models import Document, DocumentVersion
from knowledge.documents.review_pages import review_page
from knowledge.documents.rollback_page import may_be_used, rollback_page
from knowledge.documents.services import change_details, change_lifecycle, move_to_collection, retry, withdraw
from knowledge.health.card import cards_of
from knowledge.health.release_page import release_page
from knowledge.index.pages import may_read, passages_page
from knowledge.ingest import queue_page
from knowledge.ingest.turns import positions

MAX_FOLLOWED = 200


def state_of(version: DocumentVersion) -> SafeString:
    """Badge, live progress bar, and the reason of a failure."""
    return render_to_string("admin/documents/state.html", {"version": version})


def when(moment: datetime) -> SafeString:
    local = timezone.localtime(moment)
    return format_html('<span class="console-when">{}</span> <span>{}</span>', f"{local:%Y-%m-%d}", f"{local:%H:%M}")


def contents_of(version: DocumentVersion) -> SafeString:
    return render_to_string("admin/documents/contents.html", {"version": version})


class VersionInline(TabularInline[DocumentVersion, Document]):
    """What was uploaded when. Versions are never changed."""

    model = DocumentVersion
    verbose_name_plural = "Versions"
    fields = ["version", "file_link", "state_cell", "contents_cell", "uploaded"]
    readonly_fields = ["version", "file_link", "state_cell", "contents_cell", "uploaded"]
    extra = 0
    hide_title = True
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[DocumentVersion]:
        readable = DocumentVersion.objects.visible_to(Audience.of(actor_of(request)))
        return (
            light_versions()
            .select_related("document__current", "uploaded_by")
            .defer("text", "blocks", "document__current__text", "document__current__blocks")
            .annotate(is_readable=Exists(readable.filter(pk=OuterRef("pk"))))
            .order_by("-number")
        )

    def has_add_permission(self, request: HttpRequest, obj: Document | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Document | None = None) -> bool:
        return False

    @display(description="version")
    def version(self, version: DocumentVersion) -> SafeString | str:
        in_use = version.document.current_id == version.pk
        if may_be_used(version):
            return render_to_string("admin/index/use_version_link.html", {"version": version})
        return f"{version.number} (in use)" if in_use else str(version.number)

    @display(description="file")
    def file_link(self, version: DocumentVersion) -> SafeString:
        return render_to_string("admin/documents/file_link.html", {"version": version})

    @display(description="state")
    def state_cell(self, version: DocumentVersion) -> SafeString:
        return state_of(version)

    @display(description="contents")
    def contents_cell(self, version: DocumentVersion) -> SafeString:
        return contents_of(version)

    @display(description="uploaded")
    def uploaded(self, version: DocumentVersion) -> SafeString:
        by = version.uploaded_by or "Import"
        return format_html("{}<br>{}", by, when(version.created_at))


@admin.register(Document)
class DocumentAdmin(ModelAdmin[Document]):
    form = DocumentForm
    inlines = [VersionInline]
    list_display = ["title_and_path", "state", "contents", "version", "audience_words", "owner", "updated"]
    list_filter = [
        StateFilter,
        AudienceFilter,
        ("collection", admin.RelatedOnlyFieldListFilter),
        ("owner", admin.RelatedOnlyFieldListFilter),
        ReviewFilter,
    ]
    list_after_template = "admin/documents/live.html"
    change_form_outer_after_template = "admin/health/below_form.html"
    list_fullwidth = True
    show_add_link = False
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["title", "path"]
    search_help_text = "Title or path"
    autocomplete_fields = ["owner", "superseded_by"]
    actions_detail = ["new_version", "passages", "viewers", "reviewed"]
    readonly_fields = ["audience_words"]

    # The list

    def get_queryset(self, request: HttpRequest) -> QuerySet[Document]:
        return with_newest_version(super().get_queryset(request))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data and "cl" in response.context_data:
            newest = map(newest_of, response.context_data["cl"].result_list)
            response.context_data["unfinished"] = [version for version in newest if version and not version.is_finished]
        return response

    @display(description="document", header=True, ordering="title")
    def title_and_path(self, document: Document) -> list[str]:
        return [render_to_string("admin/documents/title.html", {"document": document}), document.path]

    @display(description="state", ordering="newest_state")
    def state(self, document: Document) -> SafeString | str:
        newest = newest_of(document)
        return state_of(newest) if newest else "–"

    @display(description="contents")
    def contents(self, document: Document) -> SafeString | str:
        newest = newest_of(document)
        return contents_of(newest) if newest else "–"

    @display(description="version")
    def version(self, document: Document) -> str:
        newest, current = newest_of(document), document.current
        if newest and current and newest.number != current.number:
            return f"{newest.number} ({current.number} in use)"
        return str(newest.number) if newest else "–"

    @display(description="audience")
    def audience_words(self, document: Document) -> str:
        words = capfirst(upload_pages.in_words(document.audience_names))
        return f"{words} ({document.collection})" if document.inherits_audience else words

    @display(description="updated", ordering="updated_at")
    def updated(self, document: Document) -> SafeString:
        return when(document.updated_at)

    # One document

    def get_fields(self, request: HttpRequest, obj: Document | None = None) -> Any:
        if self.has_change_permission(request, obj):
            who = ["collection", "audience", "audience_groups", "confirmed"]
            return ["title", "owner", *who, ("valid_from", "valid_until"), ("review_on", "superseded_by")]
        return ["title", "owner", "collection", "audience_words", *LIFECYCLE]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        document = context.get("original")
        context["show_save_and_add_another"] = False
        context["unfinished"] = list(light_versions().unfinished().filter(document=document)) if document else []
        context["health_cards"] = cards_of(document, actor_of(request)) if document else []
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Document, form: Any, change: bool) -> None:  # noqa: FBT001
        """Only what the form holds is changed: a version that becomes ready meanwhile must stay the current one."""
        said, actor = form.cleaned_data, actor_of(request)
        document = Document.objects.get(pk=obj.pk)
        change_details(document=document, title=said["title"], owner=said["owner"], actor=actor)
        home, audience = said["collection"], form.chosen_audience()
        move_to_collection(document=document, collection=home, audience=audience, actor=actor)
        change_lifecycle(document=document, lifecycle=form.lifecycle(), actor=actor)

    @action(description="Upload new version", url_path="new-version", permissions=["change"], icon="upload")
    def new_version(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return upload_pages.new_version_page(request, self, self.get_object(request, object_id))

    @action(description="Who can see this", url_path="viewers", permissions=["view"], icon="visibility")
    def viewers(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return viewers_page(request, self, self.get_object(request, object_id))

    @action(description="Reviewed", url_path="reviewed", permissions=["change"], icon="event_available")
    def reviewed(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return review_page(request, self, self.get_object(request, object_id))

    @action(description="Passages", url_path="passages", permissions=["passages"], icon="segment")
    def passages(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return passages_page(request, self, self.get_object(request, object_id))

    def has_passages_permission(self, request: HttpRequest, object_id: str) -> bool:
        document = self.get_object(request, object_id)
        return document is not None and may_read(actor_of(request), document)

    # Deleting

    def get_deleted_objects(
        self, objs: Iterable[Document], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        documents = list(objs)
        versions = DocumentVersion.objects.filter(document__in=documents).count()
        named = [f"{document.title} ({document.path})" for document in documents]
        return named, {"file": versions}, set(), []

    def delete_model(self, request: HttpRequest, obj: Document) -> None:
        withdraw(document=obj, actor=actor_of(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Document]) -> None:
        for document in queryset:
            withdraw(document=document, actor=actor_of(request))

    # Further pages

    def get_urls(self) -> list[URLPattern]:
        signed_in = self.admin_site.admin_view
        upload = partial(upload_pages.upload_page, console=self)
        try_again = require_POST(self.try_again)
        use_version = partial(rollback_page, console=self)
        release = require_POST(partial(release_page, console=self))
        return [
            path("upload/", signed_in(upload), name="knowledge_document_upload"),
            path("progress/", signed_in(self.progress), name="knowledge_document_progress"),
            path("versions/<int:version_id>/use/", signed_in(use_version), name="knowledge_document_use_version"),
            path("versions/<int:version_id>/retry/", signed_in(try_again), name="knowledge_document_retry"),
            path("versions/<int:version_id>/release/", signed_in(release), name="knowledge_document_release"),
            *queue_page.routes(self),
            *super().get_urls(),
        ]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """A document comes into being with its file."""
        return redirect("admin:knowledge_document_upload")

    def progress(self, request: HttpRequest) -> HttpResponse:
        """How far the versions are that a page still follows; htmx asks every second until none is left."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        wanted = [int(pk) for pk in request.GET.getlist("version") if pk.isdecimal()][:MAX_FOLLOWED]
        versions = light_versions().select_related("document__current").filter(pk__in=wanted)
        followed = list(versions.defer("text", "blocks", "document__current__text", "document__current__blocks"))
        unfinished = [version for version in followed if not version.is_finished]
        places = positions(unfinished)
        for version in unfinished:
            version.position = places.get(version.pk)
        return render(request, "admin/documents/progress.html", {"followed": followed, "unfinished": unfinished})

    def try_again(self, request: HttpRequest, version_id: int) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        version = get_object_or_404(DocumentVersion.objects.select_related("document"), pk=version_id)
        retry(version=version, actor=actor_of(request))
        self.message_user(request, f"{version.document.title} is being read again.", messages.SUCCESS)
        return redirect("admin:knowledge_document_change", version.document_id)
