"""What a file really is: its first bytes tell, and only among kinds of plain text does its name."""

import re
import zipfile
from pathlib import Path, PurePath
from typing import Literal

from askacme.lib.errors import EmptyFile, PasswordProtected, UnreadableFile, UnsupportedFile

MediaType = Literal[
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "image/jpeg",
    "image/png",
    "image/tiff",
    "message/rfc822",
    "text/csv",
    "text/html",
    "text/markdown",
    "text/plain",
    "text/tab-separated-values",
]
WORD: MediaType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL: MediaType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
POWERPOINT: MediaType = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
ACCEPTED = (
    "PDF, Word (.docx), PowerPoint (.pptx), Excel (.xlsx), CSV and TSV, HTML, Markdown (.md), plain text (.txt), "
    "e-mail (.eml) and scanned pages (.png, .jpg, .tif)"
)

BY_EXTENSION: dict[str, MediaType] = {
    ".pdf": "application/pdf",
    ".docx": WORD,
    ".docm": WORD,
    ".pptx": POWERPOINT,
    ".pptm": POWERPOINT,
    ".ppsx": POWERPOINT,
    ".xlsx": EXCEL,
    ".xlsm": EXCEL,
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".eml": "message/rfc822",
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "text/html",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".mdx": "text/markdown",
    ".txt": "text/plain",
    ".text": "text/plain",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
}

A_WEB_PAGE, TEXT = "a web page (HTML)", "plain text"
A_ZIP = "a zip archive"
_BY_CONTENT: dict[str, MediaType] = {
    "a PDF": "application/pdf",
    "a Word document": WORD,
    "an Excel workbook": EXCEL,
    "a PowerPoint presentation": POWERPOINT,
    "a PNG picture": "image/png",
    "a JPEG picture": "image/jpeg",
    "a TIFF picture": "image/tiff",
}
_SIGNATURES = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"{\\rtf", "an RTF document"),
    (b"MZ\x90", "a Windows program"),
    (b"\x7fELF", "a program"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"%!PS", "a PostScript file"),
)
_IN_OFFICE_ZIP = (
    ("xl/workbook.bin", "a binary Excel workbook (.xlsb)"),
    ("word/", "a Word document"),
    ("xl/", "an Excel workbook"),
    ("ppt/", "a PowerPoint presentation"),
)
_IN_OLE = (
    ("WordDocument", "an old Word document (.doc)"),
    ("PowerPoint Document", "an old PowerPoint presentation (.ppt)"),
    ("Workbook", "an old Excel workbook (.xls)"),
    ("__properties_version1.0", "an Outlook message (.msg)"),
    ("Book", "an old Excel workbook (.xls)"),
)
_IN_OPEN_DOCUMENT = (
    (b"opendocument.text", "an OpenDocument text (.odt)"),
    (b"opendocument.spreadsheet", "an OpenDocument spreadsheet (.ods)"),
    (b"opendocument.presentation", "an OpenDocument presentation (.odp)"),
)
_SAVE_AS = {
    "an old Word document (.doc)": ".docx",
    "an old PowerPoint presentation (.ppt)": ".pptx",
    "an old Excel workbook (.xls)": ".xlsx",
    "a binary Excel workbook (.xlsb)": ".xlsx",
    "a document in an old Office format": ".docx, .pptx or .xlsx",
    "an Outlook message (.msg)": ".eml",
    "an RTF document": ".docx",
    "an OpenDocument text (.odt)": ".docx",
    "an OpenDocument spreadsheet (.ods)": ".xlsx",
    "an OpenDocument presentation (.odp)": ".pptx",
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,1000}?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)


def media_type_of(path: Path, filename: str) -> MediaType:
    """
    The media type to parse as: by content, and for plain text by the name's ending.

    Raises UnsupportedFile (a kind we don't read), UnreadableFile (the name promises something else than what is
    inside, and that can't be read either), EmptyFile or PasswordProtected.
    """
    if path.stat().st_size == 0:
        raise EmptyFile("This file is empty (0 bytes). Check that it was saved, and upload it again.")
    found = content_of(path)
    if found in _BY_CONTENT:
        return _BY_CONTENT[found]
    if found in _SAVE_AS:
        raise UnsupportedFile(
            f"This file holds {found}, which can't be read. Open it, save it as {_SAVE_AS[found]}, and upload that."
        )
    if found == A_ZIP:
        raise UnsupportedFile("This is a zip archive, not one document. Unpack it, and upload the files inside.")
    extension = PurePath(filename).suffix.lower()
    wanted = BY_EXTENSION.get(extension)
    if wanted is None:
        raise UnsupportedFile(_unsupported(extension, found))
    if wanted.startswith(("text/", "message/")) and found in {TEXT, A_WEB_PAGE}:
        return wanted
    raise UnreadableFile(_mismatch(extension, found))


def content_of(path: Path) -> str:
    """What the file holds, in words."""
    with path.open("rb") as file:
        head = file.read(8192)
    if b"%PDF-" in head[:1024]:
        return "a PDF"
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
    content = path.read_bytes()
    if _ENCRYPTED in content:
        raise PasswordProtected(
            "This file is protected by a password. Open it, save it without the password, and upload that."
        )
    found = (name for stream, name in _IN_OLE if stream.encode("utf-16-le") in content)
    return next(found, "a document in an old Office format")


def _inside_zip(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            kind = _mimetype(archive) if "mimetype" in names and "content.xml" in names else b""
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        return "a damaged or incomplete archive"
    if "[Content_Types].xml" in names:
        for start, name in _IN_OFFICE_ZIP:
            if any(entry.startswith(start) for entry in names):
                return name
    return next((name for mark, name in _IN_OPEN_DOCUMENT if mark in kind), A_ZIP)


def _mimetype(archive: zipfile.ZipFile) -> bytes:
    with archive.open("mimetype") as file:
        return file.read(200)


def _unsupported(extension: str, found: str) -> str:
    named = f"Files ending in {extension}" if extension else "Files without an ending such as .pdf"
    right = {A_WEB_PAGE: ".html", TEXT: ".txt"}.get(found)
    advice = f"This one holds {found}: rename it to end in {right}." if right else ""
    return f"{named} can't be read yet; accepted are {ACCEPTED}. {advice}".strip()


def _mismatch(extension: str, found: str) -> str:
    right = {A_WEB_PAGE: ".html", TEXT: ".txt"}.get(found)
    advice = f"Rename it to end in {right}" if right else f"Open it and save or export it as one of: {ACCEPTED}"
    return f"This file's name ends in {extension}, but it holds {found}. {advice}, and upload it again."
