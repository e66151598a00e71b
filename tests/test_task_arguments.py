"""What goes to background tasks: numbers of rows and nothing that anybody wrote, for it lies in Redis as it is."""

import inspect
from typing import Any

import pytest

from askacme.celery import app
from chat.followups.tasks import sum_up

OURS = ("askacme.", "chat.", "governance.", "knowledge.")


def our_tasks() -> dict[str, Any]:
    app.loader.import_default_modules()
    return {name: task for name, task in app.tasks.items() if name.startswith(OURS)}


def test_they_are_all_known() -> None:
    assert {"chat.followups.tasks.sum_up", "knowledge.ingest.tasks.read_next_version"} <= our_tasks().keys()


def test_no_task_takes_text() -> None:
    """But for the number of an answer, which JSON has no other way to write."""
    taken = {
        f"{name}({parameter.name}: {parameter.annotation})"
        for name, task in our_tasks().items()
        for parameter in inspect.signature(task.run).parameters.values()
        if parameter.annotation not in {int, int | None} and parameter.name != "request_id"
    }

    assert taken == set()


def test_what_is_called_the_number_of_an_answer_has_to_be_one() -> None:
    with pytest.raises(ValueError, match="UUID"):
        sum_up.run("maria.lind@private.example")
