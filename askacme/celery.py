"""The Celery application: everything that can wait."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "askacme.settings")

app = Celery("askacme")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(
    [
        "chat.escalation",
        "chat.conversations",
        "chat.followups",
        "chat.runs",
        "chat.suites",
        "chat.tools",
        "governance.audit",
        "governance.gateway.money",
        "governance.guardrails.policies",
        "governance.guardrails.reviews",
        "governance.prompts.releases",
        "knowledge.documents",
        "knowledge.health",
        "knowledge.index",
        "knowledge.ingest",
        "knowledge.sources",
    ]
)
