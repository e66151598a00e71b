"""Answers of a canary's people and of the rest, as the pipeline would count them."""

from decimal import Decimal
from uuid import uuid4

from governance.access.models import User
from governance.feedback.models import Feedback
from governance.prompts.releases.models import CanaryAnswer, Release


def make_people(arm: str, many: int) -> list[User]:
    return User.objects.bulk_create([User(email=f"{arm}-{n}-{uuid4().hex[:6]}@acme.example") for n in range(many)])


def make_answers(release: Release, arm: str, people: list[User], *, good: float = 1.0, **fields: object) -> None:
    """Five answers of each person; a share of `good` of the people's answers gets a thumb up, the others one down."""
    rows = [
        CanaryAnswer(
            **{
                "release": release,
                "arm": arm,
                "user": person,
                "request_id": uuid4(),
                "status": "success",
                "confidence": 0.9,
                "cost_usd": Decimal("0.01"),
                "latency_ms": 900 + 10 * (place % 7),
                **fields,
            }
        )
        for place, person in enumerate(person for person in people for _ in range(5))
    ]
    CanaryAnswer.objects.bulk_create(rows)
    Feedback.objects.bulk_create(
        Feedback(request_id=row.request_id, user=row.user, rating="up" if place % 10 < good * 10 else "down")
        for place, row in enumerate(rows)
    )
