"""Paths and titles: how a file's name becomes a document's."""

from pathlib import PurePath

from django.utils.crypto import salted_hmac
from django.utils.text import get_valid_filename

from governance.guardrails.policy import DEFAULT
from knowledge.health.sensitive import without_values


def clean_path(path: str) -> str:
    """A document's path as we keep it: no root, no `..`, no control characters; at most 500 characters."""
    parts = [
        "".join(char for char in part if char.isprintable()).strip() for part in path.replace("\\", "/").split("/")
    ]
    kept = [part for part in parts if part not in {"", ".", ".."}]
    return discreet_path("/".join(kept))[-500:].lstrip("/") or get_valid_filename("document")


def discreet_path(path: str) -> str:
    """Dots for a card number in a file's name and the like, and a mark that keeps two such files apart."""
    masked = discreet_folder(path)
    if masked == path:
        return path
    name = PurePath(masked)
    return str(name.with_stem(f"{name.stem}-{salted_hmac('document path', path).hexdigest()[:8]}"))


def discreet_folder(path: str) -> str:
    """As it stands in the paths of all files below it."""
    return "/".join(discreet(PurePath(part).stem) + PurePath(part).suffix for part in path.split("/") if part)


def discreet_address(url: str) -> str:
    """A page's address to keep and to know it by, not to fetch: dots for a key in it, and a mark as for paths."""
    masked = discreet(url)
    return url if masked == url else f"{masked}#{salted_hmac('page address', url).hexdigest()[:8]}"


def discreet(title: str) -> str:
    """A title or path stands on many pages and in records that are never deleted: whatever a policy says of texts."""
    return without_values(title, DEFAULT)


def readable_title(path: str) -> str:
    return PurePath(path).stem.replace("-", " ").replace("_", " ").strip()[:300] or path
