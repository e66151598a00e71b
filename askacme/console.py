"""The console's frame: what stands in its sidebar, its style sheet and icon."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The sidebar, with only what the person may open."""
    documents = reverse("admin:knowledge_document_changelist")
    upload = reverse("admin:knowledge_document_upload")
    sections = [
        (
            "Knowledge",
            [
                ("Documents", "description", documents, "knowledge.view_document"),
                ("Upload", "upload", upload, "knowledge.add_document"),
            ],
        ),
        (
            "People",
            [
                ("Users", "person", reverse("admin:governance_user_changelist"), "governance.view_user"),
                ("Groups", "group", reverse("admin:auth_group_changelist"), "auth.view_group"),
                ("API keys", "key", reverse("admin:governance_apikey_changelist"), "governance.view_apikey"),
            ],
        ),
        (
            "Record",
            [
                ("Audit", "history", reverse("admin:governance_auditevent_changelist"), "governance.view_auditevent"),
                ("Model calls", "bolt", reverse("admin:governance_inference_changelist"), "governance.view_inference"),
            ],
        ),
    ]
    here = [{"title": "Overview", "icon": "dashboard", "link": reverse("admin:index")}]
    away = [{"title": "Back to the chat", "icon": "forum", "link": "/", "active": False}]
    allowed = [
        {
            "title": name,
            "items": [
                {"title": title, "icon": icon, "link": link, "active": is_at(request.path, link, but_not=upload)}
                for title, icon, link, permission in entries
                if request.user.has_perm(permission)
            ],
        }
        for name, entries in sections
    ]
    return [{"items": here}, *(section for section in allowed if section["items"]), {"separator": True, "items": away}]


def is_at(path: str, link: str, *, but_not: str) -> bool:
    """The upload page has an entry of its own, although its address lies below the documents'."""
    return path.startswith(link) and (link == but_not or not path.startswith(but_not))


def icon(_request: HttpRequest) -> str:
    return static("img/logo.svg")


def style_sheet(_request: HttpRequest) -> str:
    return static("admin/css/console.css")
