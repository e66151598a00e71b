"""The layers of the design, shown to hold and shown to break."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
LINT = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(LINT, cwd=folder, capture_output=True, text=True, check=False)


def test_imports_run_one_way() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout


def test_a_planted_violation_is_found(tmp_path: Path) -> None:
    for app in ("askacme", "chat", "knowledge", "governance"):
        shutil.copytree(ROOT / app, tmp_path / app, ignore=shutil.ignore_patterns("__pycache__", "handbook*"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "governance" / "planted.py").write_text("from chat.models import Message\n")
    result = lint(tmp_path)
    assert result.returncode != 0
    assert "governance.planted" in result.stdout
