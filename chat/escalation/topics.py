"""What the documents do say near a question, within what the person may see."""

from dataclasses import dataclass

from django.urls import reverse

from chat.conversations.models import Citation, Message
from chat.pipeline.verify import NEAR
from governance.access.audience import Audience
from governance.access.models import User
from governance.gateway.limits.services import counting_as_question
from knowledge.documents.models import Document, DocumentVersion
from knowledge.search.search import Hit, search

LOOKED_AT = 8
SHOWN = 3
NEARBY = 0.25
"""Cosine below which a passage treats something else: on the demo handbook such topics only puzzle."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A document near a question, and where in it. `is_near`: its owner is the one to ask."""

    title: str
    heading: str
    url: str
    is_near: bool
    owner: User | None


def topics_near(user: User, message: Message) -> list[Topic]:
    """
    The nearest documents that the person may see, nearest first, each once.

    For an answer with sources these are its sources; else they are searched, which counts as a question.
    Raises ModelUnavailable and RateLimited.
    """
    audience = Audience.of(user)
    if cited := cited_topics(message, audience):
        return cited
    with counting_as_question(user_id=user.pk, group_ids=audience.group_ids):
        return searched_topics(message, audience)


def cited_topics(message: Message, audience: Audience) -> list[Topic]:
    versions = DocumentVersion.objects.visible_to(audience)
    citations = (
        Citation.objects.filter(message=message, version__in=versions)
        .select_related("version__document__owner")
        .defer("version__text", "version__blocks")
    )
    return [
        Topic(
            title=citation.version.document.title,
            heading=citation.heading,
            url=passage_url(citation.version_id, citation.start, citation.end),
            is_near=True,
            owner=citation.version.document.owner,
        )
        for citation in citations[:SHOWN]
    ]


def searched_topics(message: Message, audience: Audience) -> list[Topic]:
    nearest: dict[int, Hit] = {}
    for hit in search(message.standalone or message.question, audience=audience, top=LOOKED_AT):
        if hit.similarity >= NEARBY:
            nearest.setdefault(hit.document_id, hit)
    documents = Document.objects.visible_to(audience).select_related("owner").in_bulk(nearest)
    return [
        Topic(
            title=hit.document,
            heading=hit.heading,
            url=passage_url(hit.version_id, hit.start, hit.end),
            is_near=hit.similarity >= NEAR,
            owner=documents[hit.document_id].owner,
        )
        for hit in nearest.values()
        if hit.document_id in documents
    ][:SHOWN]


def passage_url(version_id: int, start: int, end: int) -> str:
    return f"{reverse('document', args=[version_id])}?start={start}&end={end}#passage"
