"""Celery's side of tools."""

from celery import shared_task

from chat.tools import services


@shared_task(name="chat.tools.tasks.tidy_tool_uses")
def tidy_tool_uses() -> None:
    services.tidy()
