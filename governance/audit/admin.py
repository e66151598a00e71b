"""The audit record in the console: to read, search and filter; nobody changes it."""

import json

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString

from governance.access.console import ReadOnlyAdmin, display
from governance.audit.models import AuditEvent


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin[AuditEvent]):
    list_display = ["at", "who", "action", "target", "details_in_short"]
    list_filter = ["action", ("actor", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["actor"]
    search_fields = ["actor_email", "target"]
    date_hierarchy = "at"
    list_per_page = 50
    show_full_result_count = False
    fields = ["at", "who", "action", "target", "details_in_full"]

    @display(description="who", ordering="actor_email")
    def who(self, event: AuditEvent) -> str:
        return event.actor_email or "system"

    @display(description="details")
    def details_in_short(self, event: AuditEvent) -> str:
        words = "; ".join(f"{name}: {as_words(value)}" for name, value in event.details.items() if name != "sha256")
        return words if len(words) <= 120 else f"{words[:119]}…"

    @display(description="details")
    def details_in_full(self, event: AuditEvent) -> SafeString:
        return format_html('<pre class="console-pre">{}</pre>', json.dumps(event.details, indent=2, ensure_ascii=False))


def as_words(value: object) -> str:
    return ", ".join(map(str, value)) or "nobody but the owner" if isinstance(value, list) else str(value)
