"""Folders with models in them, as settings name them."""

from pathlib import Path


def problem_with(folder: Path, variable: str, kind: str) -> str:
    """What is wrong with the folder that `variable` names, in words; empty if there is a model in it."""
    if (folder / "config.json").exists():
        return ""
    return f"{variable} names {folder}, which holds no model: it takes the folder of a sentence-transformers {kind}."
