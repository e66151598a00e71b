"""`manage.py search`: ranked passages, inside the person's audience."""

import json
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command

from governance.access.models import User
from tests.cast import make_document

pytestmark = pytest.mark.django_db


def run(*arguments: str, **options: Any) -> str:
    out = StringIO()
    call_command("search", *arguments, stdout=out, **options)
    return out.getvalue()


def test_the_json_is_the_public_shape() -> None:
    make_document()
    first = json.loads(run("weeks of parental leave", "--json"))[0]
    assert list(first) == ["rank", "score", "document", "path", "version", "page", "heading", "text"]
    assert (first["rank"], first["path"], first["version"], first["page"]) == (1, "parental-leave.md", 1, None)


def test_people_see_rank_source_and_text() -> None:
    make_document()
    out = run("weeks of parental leave")
    assert "Parental leave" in out
    assert "16 weeks" in out


def test_without_a_user_only_documents_for_everyone_are_found(team: Group, ben: User, cleo: User) -> None:
    make_document(groups=(team,))
    assert json.loads(run("parental leave", "--json")) == []
    assert json.loads(run("parental leave", "--json", user=cleo.email)) == []
    assert json.loads(run("parental leave", "--json", user=ben.email)) != []


def test_top_limits_the_list() -> None:
    make_document("# One\n\nLeave is long.\n\n# Two\n\nLeave is short.")
    assert len(json.loads(run("leave", "--json", top=1))) == 1


@pytest.mark.parametrize("options", [{"user": "ghost@acme.example"}, {"top": 0}])
def test_wrong_arguments_end_with_a_reason(options: Any) -> None:
    with pytest.raises(CommandError):
        run("leave", **options)


def test_nothing_found_is_said() -> None:
    assert run("leave").strip() == "Nothing found."
