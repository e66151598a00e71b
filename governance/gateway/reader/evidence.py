"""
What speaks for and against the passages answering the question, as the numbers that calibration weighs.
"""

import math

from governance.gateway.reader.question import Question
from governance.gateway.reader.score import Ranking
from governance.gateway.reader.words import stems


def evidence(question: Question, ranking: Ranking) -> dict[str, float]:
    """
    One number for each coefficient of `calibration.EVIDENCE`.

    `similarity` is the best cosine of the question and a unit in its context; `placed` the share of the question's
    words in the best unit, its lead-in, heading and title; `unnamed` is 1 when a name or number of the question is not
    among those; `lacks` is 1 when the best unit holds no answer of the type asked for; `terms` the logarithm of
    the number of content words, since a long question is never covered as well as a short one; `stray` see `Ranking`.
    """
    best = ranking.clues[0]
    present = best.hits.union(stems(best.context))
    return {
        "similarity": max(clue.similarity for clue in ranking.clues),
        "placed": best.placed,
        "unnamed": float(not question.named <= present),
        "lacks": float(best.answers is False),
        "terms": math.log(1 + len(question.stems)),
        "stray": ranking.stray,
    }
