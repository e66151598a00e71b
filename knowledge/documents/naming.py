"""Paths and titles: how a file's name becomes a document's."""

from pathlib import PurePath

from django.utils.text import get_valid_filename


def clean_path(path: str) -> str:
    """A document's path as we keep it: no root, no `..`, no control characters; at most 500 characters."""
    parts = [
        "".join(char for char in part if char.isprintable()).strip() for part in path.replace("\\", "/").split("/")
    ]
    kept = [part for part in parts if part not in {"", ".", ".."}]
    return "/".join(kept)[-500:].lstrip("/") or get_valid_filename("document")


def readable_title(path: str) -> str:
    return PurePath(path).stem.replace("-", " ").replace("_", " ").strip()[:300] or path
