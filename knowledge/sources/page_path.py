"""How a web page becomes a document: its path, and its text in one encoding."""

import codecs
from pathlib import PurePosixPath
from typing import IO

import httpx

from knowledge.ingest.parse.kind import A_WEB_PAGE, BY_EXTENSION, TEXT
from knowledge.sources.safe_fetch import Answer

_WEB_PAGES = frozenset({"text/html", "application/xhtml+xml"})
_TEXTS = {"text/markdown": ".md", "text/csv": ".csv", "text/tab-separated-values": ".tsv", "text/plain": ".txt"}
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def page_path(address: str, media_type: str, found: str) -> str:
    """
    The path of a page's document: host and path, and an ending that fits what was found in it.

    `found` is what the content looks like (`content_of`), `media_type` what the server calls it.
    """
    url = httpx.URL(address)
    path = url.path if not url.path.endswith("/") else f"{url.path}index"
    if url.query:
        path = f"{path}-{url.query.decode('ascii', 'replace').replace('/', '_')}"
    return f"{url.host}{path}{ending(PurePosixPath(path).suffix.lower(), media_type, found)}"


def ending(suffix: str, media_type: str, found: str) -> str:
    """What is to be added to the name, so that its ending tells the kind; nothing when it does already."""
    if found == A_WEB_PAGE or (found == TEXT and media_type in _WEB_PAGES):
        return "" if BY_EXTENSION.get(suffix) == "text/html" else ".html"
    if found == TEXT and suffix not in BY_EXTENSION:
        return _TEXTS.get(media_type, "")
    return ""


def as_utf8(file: IO[bytes], answer: Answer) -> None:
    """Rewrite a text whose encoding only the server's header tells: the file alone must tell it later."""
    file.seek(0)
    if not answer.media_type.startswith("text/") or answer.charset in {"", "utf-8", "utf8", "us-ascii"}:
        return
    raw = file.read()
    file.seek(0)
    if raw.startswith(_MARKS):
        return
    try:
        text = raw.decode(answer.charset, errors="replace")
    except LookupError:
        return
    file.write(codecs.BOM_UTF8 + text.encode())
    file.truncate()
