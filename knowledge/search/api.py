"""Search over HTTP."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Schema

from governance.access.audience import Audience
from governance.access.auth import caller_of
from governance.gateway.limits.services import counting_as_question
from knowledge.search.search import Hit, search

router = Router(tags=["search"])


class HitOut(Schema):
    """One ranked passage. `score` lies in 0..1 and is comparable within one search only."""

    rank: int
    score: float
    document: str
    path: str
    version: int
    page: int | None
    heading: str
    text: str

    @classmethod
    def of(cls, hit: Hit) -> "HitOut":
        return cls(**{name: getattr(hit, name) for name in cls.model_fields})


@router.get("/search", response=list[HitOut], summary="Find passages")
def find(
    request: HttpRequest,
    q: Annotated[str, Query(min_length=1, max_length=5000)],
    top: Annotated[int, Query(ge=1, le=100)] = 10,
) -> list[HitOut]:
    """The best passages for `q` among the documents that the caller may see. Counts as a question."""
    user = caller_of(request)
    audience = Audience.of(user)
    with counting_as_question(user_id=user.pk, group_ids=audience.group_ids):
        return [HitOut.of(hit) for hit in search(q, audience=audience, top=top)]
