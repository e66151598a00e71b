"""Whether a person asks again, because the answer before was no good."""

import re
from uuid import UUID

from chat.conversations.models import Message
from governance.access.models import User
from governance.feedback.models import Feedback
from governance.gateway.embeddings import embedder
from governance.gateway.types import Vectors

RESEMBLES = 0.55
"""
Least cosine of two questions that ask the same. Of 20 questions with a rewording it finds 16, and takes 4 of 20 pairs
about neighbouring matters ("who approves overtime?", "is overtime paid out?") for the same: that costs a strong answer
where a fast one would have done, while a miss costs a second bad one.
"""
COMPLAINT = re.compile(
    r"\b(try (it |that )?again|ask(ed)? again"
    r"|(that|this|it)('s| is| was) (\w+ )?(wrong|incorrect|not (right|true|correct))"
    r"|(isn|wasn)'t (right|true|correct)|not (what|my question)|wrong answer|you('re| are) wrong|are you sure"
    r"|stimmt (so )?nicht|falsch|noch ?mal)\b",
    re.IGNORECASE,
)


def is_reask(*, user: User, conversation_id: UUID, question: str, vector: Vectors | None = None) -> bool:
    """
    The conversation's last answer got this person's thumb down, and the question says so or asks the same.

    `vector`: the question's embedding of shape (1, dimension), if the caller has it. Raises ModelUnavailable.
    """
    before = (
        Message.objects.visible_to(user)
        .filter(conversation=conversation_id)
        .exclude(state=Message.State.RUNNING)
        .order_by("-created_at")
        .first()
    )
    if before is None or not is_rated_down(user, before.request_id):
        return False
    return COMPLAINT.search(question.replace("’", "'")) is not None or resembles(question, before.question, vector)


def is_rated_down(user: User, request_id: UUID) -> bool:
    return Feedback.objects.filter(user=user, request_id=request_id, rating=Feedback.Rating.DOWN).exists()


def resembles(question: str, other: str, vector: Vectors | None = None) -> bool:
    asked = embedder().embed_query(question) if vector is None else vector
    return float((asked @ embedder().embed_query(other).T).item()) >= RESEMBLES
