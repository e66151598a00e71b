"""What a file really is: its name says one thing, its first bytes another, and they must agree."""

import re
import zipfile
from pathlib import Path, PurePath
from typing import Literal

from askacme.lib.errors import EmptyFile, PasswordProtected, UnreadableFile, UnsupportedFile

MediaType = Literal[
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "text/html",
    "text/markdown",
    "text/plain",
]
ACCEPTED = "PDF, Word (.docx), HTML, Markdown (.md) and plain text (.txt)"

BY_EXTENSION: dict[str, MediaType] = {
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "text/html",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".mdx": "text/markdown",
    ".txt": "text/plain",
    ".text": "text/plain",
}

_SIGNATURES = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"{\\rtf", "an RTF document"),
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a program"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"%!PS", "a PostScript file"),
)
_IN_ZIP = (("word/", "a Word document"), ("xl/", "an Excel workbook"), ("ppt/", "a PowerPoint presentation"))
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,1000}?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)

A_PDF, A_WORD, A_WEB_PAGE, TEXT = "a PDF", "a Word document", "a web page (HTML)", "plain text"
_EXPECTED: dict[MediaType, frozenset[str]] = {
    "application/pdf": frozenset({A_PDF}),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": frozenset({A_WORD}),
    "text/html": frozenset({A_WEB_PAGE, TEXT}),
    "text/markdown": frozenset({A_WEB_PAGE, TEXT}),
    "text/plain": frozenset({A_WEB_PAGE, TEXT}),
}
_RIGHT_EXTENSION = {A_PDF: ".pdf", A_WORD: ".docx", A_WEB_PAGE: ".html", TEXT: ".txt"}


def media_type_of(path: Path, filename: str) -> MediaType:
    """
    The media type to parse as.

    Raises UnsupportedFile (a kind we don't read), UnreadableFile (the name promises something else than what is
    inside), EmptyFile or PasswordProtected.
    """
    if path.stat().st_size == 0:
        raise EmptyFile("This file is empty (0 bytes). Check that it was saved, and upload it again.")
    extension = PurePath(filename).suffix.lower()
    wanted = BY_EXTENSION.get(extension)
    found = content_of(path)
    if wanted is None:
        raise UnsupportedFile(_unsupported(extension, found))
    if found in _EXPECTED[wanted]:
        return wanted
    raise UnreadableFile(_mismatch(extension, found))


def content_of(path: Path) -> str:
    """What the file holds, in words."""
    with path.open("rb") as file:
        head = file.read(8192)
    if b"%PDF-" in head[:1024]:
        return A_PDF
    if head.startswith(_OLE):
        return _inside_ole(path)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _inside_zip(path)
    for signature, name in _SIGNATURES:
        if head.startswith(signature):
            return name
    if _HTML.match(head.removeprefix(b"\xef\xbb\xbf")):
        return A_WEB_PAGE
    has_mark = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    return TEXT if has_mark or b"\x00" not in head else "data of an unknown kind"


def _inside_ole(path: Path) -> str:
    if _ENCRYPTED in path.read_bytes():
        raise PasswordProtected(
            "This file is protected by a password. Open it, save it without the password, and upload that."
        )
    return "a document in an old Office format (such as .doc)"


def _inside_zip(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return "a damaged or incomplete archive"
    if "[Content_Types].xml" in names:
        for folder, name in _IN_ZIP:
            if any(entry.startswith(folder) for entry in names):
                return name
    return "an OpenDocument file" if "mimetype" in names and "content.xml" in names else "a zip archive"


def _unsupported(extension: str, found: str) -> str:
    named = f"Files ending in {extension}" if extension else "Files without an ending such as .pdf"
    advice = f"This one holds {found}: rename it to end in {right}." if (right := _RIGHT_EXTENSION.get(found)) else ""
    return f"{named} can't be read yet; accepted are {ACCEPTED}. {advice}".strip()


def _mismatch(extension: str, found: str) -> str:
    right = _RIGHT_EXTENSION.get(found)
    advice = f"Rename it to end in {right}" if right else f"Open it and save or export it as one of: {ACCEPTED}"
    return f"This file's name ends in {extension}, but it holds {found}. {advice}, and upload it again."
