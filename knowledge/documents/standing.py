"""Whether a document still holds, in words for people who read what it says."""

from datetime import date, timedelta

from governance.access.audience import Audience
from knowledge.documents.models import Document


def warning_of(document: Document, audience: Audience, day: date) -> str:
    """
    Why one should be careful with this document on `day`; empty when there is nothing to say.

    What has taken its place is named only to those who may see it. Costs a query only for a superseded document.
    """
    warnings = [superseded(document, audience), out_of_force(document, day)]
    return " ".join(filter(None, warnings)) or past_review(document, day)


def superseded(document: Document, audience: Audience) -> str:
    if document.superseded_by_id is None:
        return ""
    newer = Document.objects.visible_to(audience).filter(pk=document.superseded_by_id).first()
    return f"Superseded by “{newer.title}”." if newer else "Superseded by a newer document."


def out_of_force(document: Document, day: date) -> str:
    if document.valid_until is not None and document.valid_until < day:
        return f"No longer in force since {as_words(document.valid_until + timedelta(days=1))}."
    if document.valid_from is not None and document.valid_from > day:
        return f"Not in force before {as_words(document.valid_from)}."
    return ""


def past_review(document: Document, day: date) -> str:
    due = document.review_on is not None and document.review_on <= day
    return f"Its review was due on {as_words(document.review_on)}." if due and document.review_on else ""


def as_words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
