"""Collections in the console: what is in them, and who may see it."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from askacme.lib.errors import Conflict
from governance.access.console import ModelAdmin, actor_of, display
from knowledge.audience.forms import CollectionForm
from knowledge.audience.models import Collection
from knowledge.audience.services import (
    audience_of_collection,
    change_collection_audience,
    create_collection,
    delete_collection,
    reason_to_keep,
    rename_collection,
)

ALONE = "Only each document's owner"


@admin.register(Collection)
class CollectionAdmin(ModelAdmin[Collection]):
    form = CollectionForm
    list_display = ["name_and_description", "audience_words", "documents_link", "inheriting"]
    list_fullwidth = True
    search_fields = ["name", "description"]
    search_help_text = "Name or description"
    show_full_result_count = False
    readonly_fields = ["audience_words", "documents_link"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Collection]:
        inherits = Count("documents", filter=Q(documents__inherits_audience=True))
        counted = super().get_queryset(request).annotate(document_count=Count("documents"), inheriting_count=inherits)
        return counted.prefetch_related("groups")

    def get_fields(self, request: HttpRequest, obj: Collection | None = None) -> Any:
        if not self.has_change_permission(request, obj):
            return ["name", "description", "audience_words", "documents_link"]
        inside = ["documents_link"] if obj else []
        return ["name", "description", "audience", "audience_groups", "confirmed", *inside]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """A collection is deleted by itself, so that each refusal can be read."""
        return {}

    @display(description="collection", header=True, ordering="name")
    def name_and_description(self, collection: Collection) -> list[str]:
        return [collection.name, collection.description]

    @display(description="audience")
    def audience_words(self, collection: Collection) -> str:
        return ", ".join(audience_of_collection(collection).as_words()) or ALONE

    @display(description="documents", ordering="document_count")
    def documents_link(self, collection: Collection) -> SafeString | str:
        count: int = getattr(collection, "document_count", 0)
        url = f"{reverse('admin:knowledge_document_changelist')}?{urlencode({'collection__id__exact': collection.pk})}"
        counted = f"{count:,} document{'' if count == 1 else 's'}"
        return format_html('<a class="console-link" href="{}">{}</a>', url, counted) if count else "None yet"

    @display(description="inherit its audience", ordering="inheriting_count")
    def inheriting(self, collection: Collection) -> str:
        count: int = getattr(collection, "inheriting_count", 0)
        total: int = getattr(collection, "document_count", 0)
        return ("All" if count == total else f"{count:,} of {total:,}") if total else "–"

    def save_model(self, request: HttpRequest, obj: Collection, form: Any, change: bool) -> None:  # noqa: FBT001
        said, actor, audience = form.cleaned_data, actor_of(request), form.chosen_audience()
        name, description = said["name"], said["description"]
        if change:
            collection = Collection.objects.get(pk=obj.pk)
            rename_collection(collection=collection, name=name, description=description, actor=actor)
            change_collection_audience(collection=collection, audience=audience, actor=actor)
        else:
            made = create_collection(name=name, description=description, audience=audience, actor=actor)
            obj.pk = made.pk

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        collection = self.get_object(request, object_id)
        reason = reason_to_keep(collection) if collection and self.has_delete_permission(request, collection) else ""
        if reason:
            self.message_user(request, reason, messages.ERROR)
            return redirect("admin:knowledge_collection_change", object_id)
        return super().delete_view(request, object_id, extra_context)

    def delete_model(self, request: HttpRequest, obj: Collection) -> None:
        try:
            delete_collection(collection=obj, actor=actor_of(request))
        except Conflict as error:  # a document came in between the question and the answer
            self.message_user(request, str(error), messages.ERROR)
