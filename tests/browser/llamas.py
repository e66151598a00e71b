"""A policy that nobody saw before: three pages, and what matters stands on the second."""

from reportlab.platypus import Flowable, PageBreak, Paragraph

from tests.knowledge.files import STYLES, make_laid_out_pdf

TITLE = "Animals at Work"
FILE = "animals-at-work.pdf"
RULE = (
    "Employees may bring a llama to the office on the second Friday of March; the llama must be registered 12 days in "
    "advance."
)
QUESTION = "How many days in advance must I register a llama?"
PROOF = "12 days in advance"

SCOPE = (
    "This policy says which animals may come to our offices, when, and who looks after them. It holds for all sites, "
    "for employees and for visitors. Nobody has to work beside an animal: whoever is afraid of one, or allergic to it, "
    "tells the facilities team, and gets a desk on another floor on the days when the animal is in. Assistance animals "
    "are welcome on every day of the year and need no permission from anyone."
)
LLAMAS = (
    "Registration is done at the front desk with the animal's name, its weight and a certificate of the vet that is no "
    "older than a month. At most three llamas are let in on one day, in the order in which they were registered. They "
    "use the goods lift, never the stairs, and are led on a halter through corridors. Their keepers clean up after "
    "them, and pay for plants that were eaten."
)
PETS = (
    "Dogs may come on any day when their team agrees. They stay on a lead in corridors and under the desk during "
    "meetings, and they do not enter the canteen or the server room. A dog that has bitten once stays at home. Cats "
    "may come in a closed basket only, since two of them in one room have never agreed on anything. Birds, fish and "
    "reptiles are not let in, because the air conditioning does not agree with them."
)


def page(heading: str, *paragraphs: str) -> list[Flowable]:
    body = [Paragraph(paragraph, STYLES["BodyText"]) for paragraph in paragraphs]
    return [Paragraph(heading, STYLES["Heading2"]), *body, PageBreak()]


def make_policy() -> bytes:
    title = Paragraph(TITLE, STYLES["Title"])
    return make_laid_out_pdf(
        [title, *page("Scope", SCOPE), *page("Llamas", RULE, LLAMAS), *page("Dogs, cats and others", PETS)]
    )
