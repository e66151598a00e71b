"""E-mail: who wrote what to whom and when, then the message. Attachments are named, not read."""

from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart
from pathlib import Path

from askacme.lib.errors import FileTooComplex, PasswordProtected, UnreadableFile
from knowledge.ingest.parse.asides import of_source
from knowledge.ingest.parse.clean import one_line
from knowledge.ingest.parse.decode import decode
from knowledge.ingest.parse.html import tree_of, write_tree
from knowledge.ingest.parse.limits import MAX_UNPACKED_BYTES
from knowledge.ingest.parse.plain import write_text
from knowledge.ingest.parse.titles import pick_title
from knowledge.ingest.parse.writer import TextWriter
from knowledge.ingest.parsed import ParsedDocument

_HEADERS = ("From", "To", "Cc", "Date")
_ENCRYPTED = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime", "multipart/encrypted"})


def parse(path: Path, filename: str) -> ParsedDocument:
    if path.stat().st_size > MAX_UNPACKED_BYTES:
        raise FileTooComplex("This e-mail is too big to be read. Save its attachments, and upload those.")
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    headers = [(name, value) for name in _HEADERS if (value := _header(message, name))]
    if not headers and not message["Subject"]:
        raise UnreadableFile("This file holds no e-mail. Save the message from your mail program as .eml again.")
    if message.get_content_type() in _ENCRYPTED:
        raise PasswordProtected("This e-mail is encrypted. Save a copy that is not, and upload that.")
    writer = TextWriter()
    subject = _header(message, "Subject")
    writer.heading(subject, 1)
    writer.paragraph("\n".join(f"{name}: {value}" for name, value in headers))
    _write_body(message, writer)
    if names := [name for part in message.iter_attachments() if (name := _name(part))]:
        writer.paragraph("Attachments:")
        for name in names:
            writer.item(name)
    return writer.finish(pick_title(filename, subject), "message/rfc822")


def _header(message: EmailMessage, name: str) -> str:
    try:
        value = message[name]
        if name == "Date" and value is not None and value.datetime is not None:
            moment = value.datetime
            return f"{moment:%Y-%m-%d %H:%M}" + (f" {zone}" if (zone := moment.strftime("%z")) else "")
    except (ValueError, IndexError, AttributeError, TypeError):  # the standard library on headers out of shape
        value = next((raw for key, raw in message.raw_items() if key.lower() == name.lower()), "")
    return one_line(str(value or ""))


def _write_body(message: EmailMessage, writer: TextWriter) -> None:
    """The text that the sender's program wrote; where that is missing or blank, the page beside it."""
    for kind in ("plain", "html"):
        body = message.get_body((kind,))
        text = _text(body) if body is not None else ""
        if not text.strip():
            continue
        if kind == "plain":
            write_text(text, writer)
        else:
            writer.put_aside(of_source(text))
            write_tree(tree_of(text), writer)
        return


def _text(part: MIMEPart) -> str:
    try:
        return str(part.get_content())
    except (LookupError, ValueError):  # a charset that nobody knows
        payload = part.get_payload(decode=True)
        return decode(payload) if isinstance(payload, bytes) and payload.strip() else ""


def _name(part: MIMEPart) -> str:
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload(0)
        return str(inner["Subject"] or "a message") if isinstance(inner, MIMEPart) else "a message"
    return one_line(part.get_filename() or "")
