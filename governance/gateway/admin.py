"""Calls to models in the console: what each cost and how it went."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from governance.access.console import ReadOnlyAdmin, display
from governance.gateway.models import Inference
from governance.gateway.provider_admin import ModelProviderAdmin

__all__ = ["InferenceAdmin", "ModelProviderAdmin"]


@admin.register(Inference)
class InferenceAdmin(ReadOnlyAdmin[Inference]):
    list_display = [
        "created_at",
        "trace",
        "provider_and_model",
        "why",
        "purpose",
        "user",
        "state",
        "tokens",
        "first_word",
        "seconds",
        "cost",
    ]
    list_fullwidth = True
    list_filter = ["status", "fault", "reason", "purpose", "provider", "tier"]
    list_select_related = ["user"]
    search_fields = ["=request_id", "user__email", "model"]
    date_hierarchy = "created_at"
    list_per_page = 50
    show_full_result_count = False

    @display(description="model", header=True, ordering="model")
    def provider_and_model(self, call: Inference) -> list[str]:
        return [call.model, call.provider]

    @display(
        description="status",
        ordering="status",
        label={"success": "success", "error": "danger", "cancelled": "warning"},
    )
    def state(self, call: Inference) -> str:
        return call.status

    @display(description="attempt", ordering="reason")
    def why(self, call: Inference) -> str:
        return f"{call.attempt}: {call.get_reason_display().lower()}"

    @display(description="tokens in / out")
    def tokens(self, call: Inference) -> str:
        about = "~" if call.is_estimated else ""
        cached = f" ({call.cached_input_tokens:,} cached)" if call.cached_input_tokens else ""
        return f"{about}{call.input_tokens:,}{cached} / {about}{call.output_tokens:,}"

    @display(description="first word", ordering="ttft_ms")
    def first_word(self, call: Inference) -> str:
        return "–" if call.ttft_ms is None else f"{call.ttft_ms:,} ms"

    @display(description="time", ordering="latency_ms")
    def seconds(self, call: Inference) -> str:
        return f"{call.latency_ms / 1000:.2f} s"

    @display(description="trace")
    def trace(self, call: Inference) -> SafeString:
        address = reverse("admin:governance_trace", args=[call.request_id])
        return format_html('<a class="console-link" href="{}">Trace</a>', address)

    @display(description="cost", ordering="cost_usd")
    def cost(self, call: Inference) -> str:
        return "no price" if call.cost_usd is None else f"${call.cost_usd:.6f}"
