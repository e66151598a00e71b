"""The console's frame: what stands in its sidebar, its style sheet and icon."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

Entry = tuple[str, str, str, str]
"""Title, icon, name of the address, and the permission that it takes."""

SECTIONS: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "Knowledge",
        (
            ("Documents", "description", "admin:knowledge_document_changelist", "knowledge.view_document"),
            ("Upload", "upload", "admin:knowledge_document_upload", "knowledge.add_document"),
            ("Queue", "pending_actions", "admin:knowledge_queue", "knowledge.view_document"),
            ("Collections", "folder_shared", "admin:knowledge_collection_changelist", "knowledge.view_collection"),
            ("Sources", "sync", "admin:knowledge_source_changelist", "knowledge.view_source"),
            ("Search bench", "travel_explore", "admin:knowledge_search_bench", "knowledge.view_document"),
            ("Synonyms", "match_word", "admin:knowledge_synonym_changelist", "knowledge.view_synonym"),
            ("Suggested questions", "lightbulb", "admin:chat_starter_changelist", "chat.view_starter"),
            ("Search indexes", "manage_search", "admin:knowledge_searchindex_changelist", "knowledge.view_searchindex"),
        ),
    ),
    (
        "Answers",
        (
            ("Feedback", "thumbs_up_down", "admin:governance_feedback_changelist", "governance.view_feedback"),
            ("Escalations", "support_agent", "admin:chat_escalation_changelist", "chat.view_escalation"),
            ("Inboxes", "inbox", "admin:chat_inbox_changelist", "chat.view_inbox"),
        ),
    ),
    (
        "Prompts",
        (
            ("Prompts", "edit_note", "admin:governance_prompt_changelist", "governance.view_prompt"),
            ("Suites", "checklist", "admin:governance_suite_changelist", "governance.view_suite"),
            ("Test cases", "quiz", "admin:governance_suitecase_changelist", "governance.view_suitecase"),
            ("Test runs", "science", "admin:governance_suiterun_changelist", "governance.view_suiterun"),
            ("Versions", "history_edu", "admin:governance_promptversion_changelist", "governance.view_promptversion"),
            ("Releases", "rocket_launch", "admin:governance_release_changelist", "governance.view_release"),
        ),
    ),
    (
        "People",
        (
            ("Users", "person", "admin:governance_user_changelist", "governance.view_user"),
            ("Groups", "group", "admin:auth_group_changelist", "auth.view_group"),
            ("API keys", "key", "admin:governance_apikey_changelist", "governance.view_apikey"),
            ("Usage limits", "speed", "admin:governance_usagelimit_changelist", "governance.view_usagelimit"),
        ),
    ),
    (
        "Money",
        (
            ("Budgets", "savings", "admin:governance_budget_changelist", "governance.view_budget"),
            ("Prices", "sell", "admin:governance_price_changelist", "governance.view_price"),
        ),
    ),
    (
        "Models",
        (
            (
                "Providers",
                "dns",
                "admin:governance_modelprovider_changelist",
                "governance.view_modelprovider",
            ),
            ("Routing rules", "alt_route", "admin:governance_routingrule_changelist", "governance.view_routingrule"),
            (
                "Routing examples",
                "school",
                "admin:governance_routingexample_changelist",
                "governance.view_routingexample",
            ),
        ),
    ),
    (
        "Tools",
        (
            ("Connectors", "hub", "admin:chat_connector_changelist", "chat.change_connector"),
            ("Built-in tools", "calculate", "admin:chat_builtintool_changelist", "chat.change_builtintool"),
            ("Tool uses", "build", "admin:chat_tooluse_changelist", "chat.view_tooluse"),
        ),
    ),
    (
        "Guards",
        (
            ("Policies", "policy", "admin:governance_guardpolicy_changelist", "governance.view_guardpolicy"),
            ("Reviews", "gavel", "admin:governance_guardreview_changelist", "governance.view_guardreview"),
            ("Abuse alerts", "gpp_bad", "admin:governance_abusealert_changelist", "governance.view_abusealert"),
        ),
    ),
    (
        "Record",
        (
            ("Audit", "history", "admin:governance_auditevent_changelist", "governance.view_auditevent"),
            ("Break-glass", "lock_open", "admin:governance_reading_changelist", "governance.view_reading"),
            ("Retention", "auto_delete", "admin:governance_retentionrule_changelist", "governance.view_retentionrule"),
            ("Legal holds", "gavel", "admin:governance_legalhold_changelist", "governance.view_legalhold"),
            ("Erase a person", "person_remove", "admin:governance_erase_person", "governance.delete_user"),
            ("Model calls", "bolt", "admin:governance_inference_changelist", "governance.view_inference"),
        ),
    ),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The sidebar, with only what the person may open."""
    links = {address: reverse(address) for _, entries in SECTIONS for _, _, address, _ in entries}
    at = here_among(links.values(), request.path)
    sections = [
        {
            "title": name,
            "items": [
                {"title": title, "icon": icon, "link": links[address], "active": links[address] == at}
                for title, icon, address, permission in entries
                if request.user.has_perm(permission)
            ],
        }
        for name, entries in SECTIONS
    ]
    here = [{"title": "Overview", "icon": "dashboard", "link": reverse("admin:index")}]
    away = [{"title": "Back to the chat", "icon": "forum", "link": "/", "active": False}]
    allowed = (section for section in sections if section["items"])
    return [{"items": here}, *allowed, {"separator": True, "items": away}]


def here_among(links: Iterable[str], path: str) -> str:
    """The entry that the page belongs to: some lie below others, so the longest that fits."""
    return max((link for link in links if path.startswith(link)), key=len, default="")


def icon(_request: HttpRequest) -> str:
    return static("img/logo.svg")


def style_sheet(_request: HttpRequest) -> str:
    return static("admin/css/console.css")
