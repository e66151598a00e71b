"""Model providers in the console: their models and keys, how their breakers stand, and whether they answer."""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from askacme.lib.errors import ModelUnavailable
from askacme.lib.per_loop import close_all
from governance.access.console import AuditedAdmin, SuperusersOnly, actor_of, display
from governance.audit.services import record
from governance.gateway.complete import complete
from governance.gateway.models import ModelProvider
from governance.gateway.money.prices import rate_of
from governance.gateway.provider_form import ModelProviderForm
from governance.gateway.registry import deployments_of, provider_of_row
from governance.gateway.resilience.standing import forget_standings, standings
from governance.gateway.types import Caller, ChatMessage, CompletionRequest, Provider, Tier


@admin.register(ModelProvider)
class ModelProviderAdmin(SuperusersOnly[ModelProvider], AuditedAdmin[ModelProvider]):
    """For superusers only: whoever may change an address gets the key sent there."""

    audit_as = "model_provider"
    form = ModelProviderForm
    list_display = ["name_and_kind", "models", "breaker", "position", "key", "active"]
    list_fullwidth = True
    ordering = ["position", "name"]
    show_full_result_count = False
    list_before_template = "admin/gateway/providers_note.html"
    change_form_outer_after_template = "admin/gateway/test_provider.html"
    fieldsets = [
        (None, {"fields": ["name", "kind", "base_url", "new_api_key", "remove_api_key", "is_active", "position"]}),
        ("Models", {"fields": ["fast_model", "strong_model", "backup_model", "context_tokens"]}),
        ("Patience", {"fields": ["timeout_s", "hedge_after_s", "streams", "api_version"]}),
        ("What the provider allows", {"fields": ["requests_per_minute", "tokens_per_minute", "max_concurrent"]}),
    ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        from_environment = [config.name for config in settings.ASKACME.llm_providers]
        more = {"from_environment": from_environment, **(extra_context or {})}
        return super().changelist_view(request, more)

    @display(description="provider", header=True, ordering="name")
    def name_and_kind(self, provider: ModelProvider) -> list[str]:
        return [provider.name, provider.get_kind_display()]

    @display(description="models")
    def models(self, provider: ModelProvider) -> SafeString:
        """Whether a model has a price: without one no budget can hold its calls."""
        today = datetime.now(UTC).date()
        models = provider_of_row(provider).models
        tiers = [(tier, model, rate_of(provider.name, model, on=today) is not None) for tier, model in models.items()]
        return render_to_string("admin/gateway/models.html", {"tiers": tiers})

    @display(description="breaker")
    def breaker(self, provider: ModelProvider) -> SafeString:
        models = {each.id: each.model for each in deployments_of(provider_of_row(provider))}
        found = [(models[name], standing) for name, standing in standings(list(models)).items()]
        return render_to_string("admin/gateway/breaker.html", {"standings": found})

    @display(description="key")
    def key(self, provider: ModelProvider) -> str:
        return str(provider.api_key) or "–"

    @display(description="active", label={"yes": "success", "no": "warning"})
    def active(self, provider: ModelProvider) -> str:
        return "yes" if provider.is_active else "no"

    def save_model(self, request: HttpRequest, obj: ModelProvider, form: Any, change: bool) -> None:  # noqa: FBT001
        """What is known of the old key or address says nothing about the new one."""
        super().save_model(request, obj, form, change)
        forget_standings([each.id for each in deployments_of(provider_of_row(obj))])

    def get_urls(self) -> list[URLPattern]:
        test = self.admin_site.admin_view(require_POST(self.test))
        return [path("<int:provider_id>/test/", test, name="governance_modelprovider_test"), *super().get_urls()]

    def test(self, request: HttpRequest, provider_id: int) -> HttpResponse:
        """Asks each of the provider's models one short question; it costs what that costs."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        row = get_object_or_404(ModelProvider, pk=provider_id)
        forget_standings([each.id for each in deployments_of(provider_of_row(row))])
        for tier in provider_of_row(row).models:
            said, worked = asked(row, tier, actor_of(request).pk)
            self.message_user(request, said, messages.SUCCESS if worked else messages.ERROR)
        record(actor=actor_of(request), action="model_provider.test", target=row.name)
        return redirect("admin:governance_modelprovider_change", row.pk)


def asked(row: ModelProvider, tier: Tier, user_id: int) -> tuple[str, bool]:
    """What came of a short question, in words, and whether it was answered."""
    provider = provider_of_row(row)
    question = "Answer with the single word: ready."
    request = CompletionRequest((ChatMessage("user", question),), question, tier=tier, max_output_tokens=64)
    caller = Caller(str(uuid4()), user_id, purpose="test")
    began = time.perf_counter()
    try:
        asyncio.run(once(request, caller, provider))
    except ModelUnavailable as error:
        return f"{provider.models[tier]} ({tier}) does not answer. {error}", False
    took_ms = round(1000 * (time.perf_counter() - began))
    return f"{provider.models[tier]} ({tier}) answers, in {took_ms:,} ms.", True


async def once(request: CompletionRequest, caller: Caller, provider: Provider) -> None:
    """In an event loop of its own, whose clients end with it."""
    try:
        await complete(request, caller=caller, among=[OnlyTier(provider, request.tier)])
    finally:
        await close_all()


class OnlyTier:
    """The provider with one of its models only, so that a test never speaks of another."""

    def __init__(self, provider: Provider, tier: Tier) -> None:
        self.name = provider.name
        self.models: Mapping[Tier, str] = {tier: provider.models[tier]}
        self.stream = provider.stream
