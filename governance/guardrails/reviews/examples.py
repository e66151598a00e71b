"""Overturned verdicts as examples to train the guards on: one JSON object on each line, as our own have them."""

import json
from collections.abc import Iterable

from governance.guardrails.reviews.models import GuardReview

FINE = {"topic": "company"}
"""The label of a question that a guard has nothing to say against, where it is not `none`."""


def as_examples(reviews: Iterable[GuardReview]) -> str:
    """The questions that a guard took for something that they aren't, labelled so; others are left out."""
    return "".join(
        json.dumps(example_of(review), ensure_ascii=False) + "\n"
        for review in reviews
        if review.outcome == GuardReview.Outcome.OVERTURNED
    )


def example_of(review: GuardReview) -> dict[str, str]:
    return {
        "text": review.question,
        "label": FINE.get(review.guard, "none"),
        "guard": review.guard,
        "source": f"review {review.request_id}",
    }
