"""`manage.py prompts`."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from governance.access.models import User
from governance.prompts.kinds import KINDS
from governance.prompts.versions.models import PromptVersion
from tests.governance.prompts.versions import make_author, make_draft

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return make_author()


def run(*arguments: object) -> str:
    out = StringIO()
    call_command("prompts", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_what_is_exported_and_imported_again_is_known_already(tmp_path: Path, ada: User) -> None:
    run("export", tmp_path)
    assert {path.stem for path in tmp_path.iterdir()} == set(KINDS)
    assert {row["what"] for row in json.loads(run("import", tmp_path, "--user", ada.email, "--json"))} == {"unchanged"}


def test_every_version_has_a_file_of_its_own(tmp_path: Path, ada: User) -> None:
    version = make_draft(ada)
    run("export", tmp_path, "--all")
    assert version.text in (tmp_path / f"{version.label}.md").read_text(encoding="utf-8")


def test_a_changed_file_becomes_a_draft_and_nothing_is_released(tmp_path: Path, ada: User) -> None:
    run("export", tmp_path)
    path = tmp_path / "answer.md"
    text = path.read_text(encoding="utf-8").replace("Be brief", "Be very brief").replace("1.0.0", "1.4.0")
    path.write_text(text, encoding="utf-8")
    assert "answer.md: answer@1.4.0 drafted" in run("import", tmp_path, "--user", ada.email)
    version = PromptVersion.objects.get(prompt="answer", minor=4)
    assert (version.state, version.author) == ("draft", ada)
    assert "Be very brief" in version.text


def test_one_wrong_file_keeps_all_out(tmp_path: Path, ada: User) -> None:
    run("export", tmp_path)
    good, bad = tmp_path / "answer.md", tmp_path / "tools.md"
    good.write_text(good.read_text().replace("Be brief", "Be quick"), encoding="utf-8")
    bad.write_text("no front matter", encoding="utf-8")
    with pytest.raises(CommandError, match=r"tools\.md: The file begins with no front matter"):
        run("import", tmp_path, "--user", ada.email)
    assert not PromptVersion.objects.filter(state="draft").exists()


def test_whoever_may_not_write_prompts_imports_none(tmp_path: Path, cleo: User) -> None:
    run("export", tmp_path)
    path = tmp_path / "answer.md"
    path.write_text(path.read_text().replace("Be brief", "Be quick"), encoding="utf-8")
    with pytest.raises(CommandError, match="add_promptversion"):
        run("import", tmp_path, "--user", cleo.email)


def test_a_diff_names_the_lines_and_the_level(ada: User, tmp_path: Path) -> None:
    version = make_draft(ada)
    told = run("diff", "condense", version.label)
    assert "+Make the question stand alone." in told
    assert "The change is major." in told
    assert run("diff", "condense", "condense@1.0.0") == "They say the same.\n"
    with pytest.raises(CommandError, match="no version 'condense@7"):
        run("diff", "condense", "condense@7.0.0")
