from email.message import EmailMessage
from pathlib import Path

import pytest

from askacme.lib.errors import PasswordProtected, UnreadableFile
from knowledge.ingest.parse import parse_file
from knowledge.ingest.parsed import ParsedDocument
from tests.knowledge.files import write


def parsed(folder: Path, message: EmailMessage | bytes) -> ParsedDocument:
    content = message if isinstance(message, bytes) else message.as_bytes()
    return parse_file(write(folder, "mail.eml", content), "mail.eml")


def make_message(text: str = "", subject: str = "Parental leave") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Ana Ruiz <ana@acme.example>"
    message["To"] = "all@acme.example"
    message["Date"] = "Fri, 01 May 2026 09:30:00 +0200"
    message["Subject"] = subject
    if text:
        message.set_content(text)
    return message


HEAD = "Parental leave\n\nFrom: Ana Ruiz <ana@acme.example>\nTo: all@acme.example\nDate: 2026-05-01 09:30 +0200\n\n"


def test_the_subject_is_the_title_and_the_headers_come_first(tmp_path: Path) -> None:
    found = parsed(tmp_path, make_message("You get 16 weeks.\n\nYours, Ana"))
    assert found.title == "Parental leave"
    assert found.text == f"{HEAD}You get 16 weeks.\n\nYours, Ana"


def test_the_plain_text_wins_over_the_page(tmp_path: Path) -> None:
    message = make_message("Plain.")
    message.add_alternative("<p>Fancy.</p>", subtype="html")
    assert parsed(tmp_path, message).text == f"{HEAD}Plain."


def test_a_page_alone_is_read_as_one(tmp_path: Path) -> None:
    message = make_message()
    message.set_content("<style>p {}</style><ul><li>16 weeks</li><li>6 weeks</li></ul>", subtype="html")
    assert parsed(tmp_path, message).text == f"{HEAD}- 16 weeks\n- 6 weeks"


def test_attachments_are_named_and_not_read(tmp_path: Path) -> None:
    message = make_message("See below.")
    message.add_attachment(b"secret", maintype="application", subtype="pdf", filename="leave.pdf")
    message.add_attachment(make_message("inner", subject="Old rules"))
    text = parsed(tmp_path, message).text
    assert text == f"{HEAD}See below.\n\nAttachments:\n\n- leave.pdf\n- Old rules"


def test_encoded_words_and_charsets_are_decoded(tmp_path: Path) -> None:
    head = b"From: =?utf-8?q?J=C3=B6rg?= <j@acme.example>\r\nSubject: =?iso-8859-1?q?Gr=F6=DFe?=\r\n"
    body = b"Content-Type: text/plain; charset=nobody-knows\r\nContent-Transfer-Encoding: 8bit\r\n\r\nF\xfcr alle.\r\n"
    found = parsed(tmp_path, head + body)
    assert (found.title, found.text) == ("Größe", "Größe\n\nFrom: Jörg <j@acme.example>\n\nFür alle.")


def test_headers_out_of_shape_are_no_obstacle(tmp_path: Path) -> None:
    raw = b"From: <<broken@\r\nDate: yesterday\r\nSubject: Leave\r\n\r\nYou get 16 weeks.\r\n"
    assert parsed(tmp_path, raw).text.endswith("Date: yesterday\n\nYou get 16 weeks.")


def test_an_encrypted_message_says_so(tmp_path: Path) -> None:
    raw = b"From: ana@acme.example\r\nContent-Type: application/pkcs7-mime; name=smime.p7m\r\n\r\nMIIB\r\n"
    with pytest.raises(PasswordProtected, match="encrypted"):
        parsed(tmp_path, raw)


def test_a_text_that_is_no_mail_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no e-mail"):
        parsed(tmp_path, b"You get 16 weeks.\n")
