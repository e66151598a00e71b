"""What ruff and mypy cannot see: the size of our rooms, their names, and the gates that must stand."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).exists()]


PYTHON = [path for path in tracked("*.py") if "migrations" not in path.parts]


def lines(path: Path) -> int:
    return path.read_text(encoding="utf-8").count("\n")


def test_no_module_is_longer_than_500_lines() -> None:
    assert [str(path) for path in PYTHON if lines(path) > 500] == []


def test_no_function_is_longer_than_60_lines() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.name}"
        for path in PYTHON
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno + 1 > 60
    ]
    assert long == []


def test_modules_are_named_after_subjects() -> None:
    assert [str(path) for path in PYTHON if path.stem in FORBIDDEN_NAMES] == []


def test_templates_stay_under_200_lines() -> None:
    assert [str(path) for path in tracked("templates/*.html") if lines(path) > 200] == []


def test_our_javascript_stays_under_800_lines_in_all() -> None:
    assert sum(lines(path) for path in tracked("static/*.js")) <= 800


def test_templates_carry_no_inline_script_or_style() -> None:
    inline = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=|\son[a-z]+=", re.IGNORECASE)
    ours = [path for path in tracked("templates/*.html") if "admin" not in path.parts]
    assert [str(path) for path in ours if inline.search(path.read_text(encoding="utf-8"))] == []


def test_the_environment_is_read_in_one_module() -> None:
    readers = [
        str(path.relative_to(ROOT))
        for path in PYTHON
        if "tests" not in path.parts and re.search(r"os\.environ(\.get|\[)|os\.getenv", path.read_text())
    ]
    assert set(readers) <= {"askacme/config.py", "askacme/warm_up.py"} | {
        reader for reader in readers if reader.startswith("askacme/serve/")
    }


@pytest.mark.parametrize("app", ["askacme", "chat", "knowledge", "governance"])
def test_each_app_has_a_readme_that_fits_a_screen(app: str) -> None:
    assert 5 <= lines(ROOT / app / "README.md") <= 40


def test_a_guarded_row_is_read_through_visible_to() -> None:
    """Views, endpoints and consumers of people start from `.visible_to(...)`, never from all rows."""
    edges = [
        path for path in PYTHON if path.name in {"views.py", "consumers.py", "api.py"} and "tests" not in path.parts
    ]
    unguarded = re.compile(
        r"\b(Document|DocumentVersion|Conversation|Message|Citation|Chunk)\.objects\.(get|filter|all|order_by)\("
    )
    found = {
        f"{path.relative_to(ROOT)}: {match[0]}" for path in edges for match in unguarded.finditer(path.read_text())
    }
    assert found <= {"knowledge/documents/api.py: Document.objects.all("}, "administrators' list is the one exception"


def test_no_file_names_a_registry_host_or_a_machine_path() -> None:
    hosts = re.compile(
        "|".join(["files." + "pythonhosted", "pypi." + "org/simple", "registry." + "npmjs", "/" + "farm/"])
    )
    texts = [path for path in tracked() if path.suffix in {".py", ".txt", ".toml", ".md", ".html", ".css", ".js", ""}]
    assert [str(path) for path in texts if hosts.search(path.read_text(encoding="utf-8", errors="replace"))] == []
