"""A citation names the page and exactly the span that was quoted, whatever the file was."""

from collections.abc import Callable
from typing import Any

import pytest

from askacme.lib.threads import in_thread
from chat.conversations.models import Citation
from chat.runs.services import ask_and_wait
from governance.access.models import User
from tests.knowledge.files import make_docx, make_pdf, make_xlsx
from tests.knowledge.test_ingest import ingested

pytestmark = pytest.mark.django_db(transaction=True)
QUESTION = "How many weeks of parental leave do new parents get?"
QUOTE = "All new parents get 16 weeks of fully paid parental leave."
FILLER = "The canteen serves lunch from noon. Please bring your badge and return the tray."


def pdf() -> bytes:
    return make_pdf([["Canteen", "", FILLER], ["Parental leave", "", QUOTE, "It may be split in two."]])


def word() -> bytes:
    def build(document: Any) -> None:
        document.add_heading("Canteen", 1)
        document.add_paragraph(FILLER)
        document.add_heading("Parental leave", 1)
        document.add_paragraph(f"{QUOTE} It may be split in two.")

    return make_docx(build)


def excel() -> bytes:
    def build(book: Any) -> None:
        for row in (("Kind of leave", "Weeks"), ("Parental leave of new parents", 16), ("Bereavement leave", 2)):
            book.active.append(row)

    return make_xlsx(build)


async def cited(user: User, make: Callable[[], bytes], name: str) -> Citation:
    await in_thread(ingested, make(), name)
    message = await ask_and_wait(user=user, question=QUESTION)
    assert [sentence["state"] for sentence in message.proof if sentence["state"] == "unproved"] == [], message.answer
    return await message.citations.select_related("version").order_by("n").afirst()  # type: ignore[return-value]


def marked(citation: Citation) -> str:
    return citation.version.text[citation.start : citation.end]


async def test_a_pdf_opens_on_the_page_with_the_quote_marked(ana: User) -> None:
    citation = await cited(ana, pdf, "leave.pdf")
    assert (citation.page, marked(citation)) == (2, QUOTE)


async def test_a_word_file_has_the_quote_marked(ana: User) -> None:
    citation = await cited(ana, word, "leave.docx")
    assert marked(citation) == QUOTE


async def test_a_sheet_has_the_row_marked(ana: User) -> None:
    citation = await cited(ana, excel, "leave.xlsx")
    assert marked(citation) == "Kind of leave: Parental leave of new parents | Weeks: 16"
