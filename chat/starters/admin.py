"""The console's screen of the questions that an empty chat suggests."""

from django.contrib import admin

from chat.starters.models import Starter
from governance.access.console import AuditedAdmin, display


@admin.register(Starter)
class StarterAdmin(AuditedAdmin[Starter]):
    audit_as = "starter"
    list_display = ("text", "shown_to", "position")
    list_editable = ("position",)
    list_filter = ("group",)
    list_select_related = ("group",)
    search_fields = ("text",)
    fields = ["text", "group", "position"]

    @display(description="shown to", ordering="group__name")
    def shown_to(self, starter: Starter) -> str:
        return str(starter.group or "Everyone")
