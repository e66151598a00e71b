"""The README is true."""

import re
from pathlib import Path

from askacme.config import Config

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def variables() -> set[str]:
    return {field.alias or f"ASKACME_{name.upper()}" for name, field in Config.model_fields.items()}


def test_the_settings_table_names_every_variable_and_no_other() -> None:
    table = set(re.findall(r"^\| `([A-Z_]+)` \|", README, re.MULTILINE))
    assert table == variables()


def test_every_make_target_it_names_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z]+)", README)) <= targets
