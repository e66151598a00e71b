"""
How likely the best hit answers the question, from what rescoring knows: no model is run, no text is read.

Two things must hold. The passage must be about the question's subject: its score tells. And no weighty word of the
question may be left without its like in the passage: questions about what the documents treat, without an answer in
them, are near to many passages as a whole, but one word ("sabbatical") meets nothing. A top score alone cannot tell
them from questions in other words than the documents'.
"""

import math
from dataclasses import dataclass

import numpy as np

from knowledge.search.rescore import Plain, Rescored


@dataclass(frozen=True, slots=True)
class Logistic:
    """A probability that rises with a number by `slope` log-odds per unit and is one half at `middle`."""

    slope: float
    middle: float

    def __call__(self, number: float) -> float:
        return 1 / (1 + math.exp(-self.slope * (number - self.middle)))


ON_SUBJECT = Logistic(slope=35.4, middle=0.362)
"""
That the question is about what the documents treat, by the best score.

Logistic regression (L2, C = 10): 175 questions about a public agency's handbook, answerable or not, and 1,500 of
SQuAD 2.0 with its passages, against 220 of SQuAD asked of the handbook, alone and in pairs; one in eleven of the weight
is theirs.
"""

MET = Logistic(slope=-34.1, middle=0.122)
"""
That an answer is there, by `unmet`, for questions on the subject.

Logistic regression (L2, C = 10) on the 175 questions: 138 answerable, 61 of them in words the handbook doesn't use, 37
unanswerable, weighted for as many of one as of the other; and at weight 0.02 the 1,500 of SQuAD 2.0, 500 of which are
impossible by design.

Both together, in five-fold cross-validation by question: AUROC 0.87 (95 %: 0.81 to 0.92; the top score alone has 0.64),
0.94 for questions in the handbook's words, 0.79 for those in others; SQuAD's impossible questions, made to look
answerable, 0.61. At one half 0.72 of the answerable are kept and 0.84 of the unanswerable refused. A little of that is
length: a long question leaves less unmet by one word, and the unanswerable ones were shorter. Among questions of up to
4, 5 or 6, and more content words AUROC is 0.93, 0.83 and 0.86.
"""

BY_COSINE, BY_SHARE, AT_NONE = 9.7, 1.1, -4.8
"""
Log-odds for the best candidate's cosine and share, where there are no vectors of words.

Logistic regression with the default model's cosines: 213 questions about Acme's handbook and a public agency's,
against 49 that they don't answer and 220 of SQuAD, asked of both, the three weighted 2 : 1 : 1. In five-fold
cross-validation AUROC is 0.71 against the unanswerable (0.86 with the words) and 0.99 against SQuAD's; at one half 0.76
of the answerable are kept, 0.45 of the unanswerable and 0.99 of SQuAD's refused. Vectors of words are what tells the
unanswerable. This is flatter than with them: below 0.02, where no model is asked, lie none of the answerable and 1 % of
SQuAD's questions (61 % with the words). So it must be, for other models' cosines lie elsewhere: where all are high, a
model is asked too often; where they are lower, nothing is lost.
"""

SHARE_ALONE = Logistic(slope=5.3, middle=0.47)
"""
The same by the share alone, while the model's server fails: AUROC 0.66 and 0.88; 0.65 are kept, 0.57 and 0.91 refused.
Never below 0.07: what the documents don't answer is for the model that is asked to say.
"""

HEAVIEST = 0.3
"""What one word counts at most: a question of one or two words may be met as well as any."""


def relevance(rescored: Rescored) -> float:
    """
    The calibrated probability, 0 to 1, that the best candidate answers the question; 0 if there is none.

    A question without a word that tells something ("and then?") is judged by its score alone.
    """
    if not rescored.scores.size:
        return 0.0
    best = int(rescored.scores.argmax())
    if rescored.plain:
        return plainly(rescored.plain, best)
    return ON_SUBJECT(float(rescored.scores[best])) * MET(unmet(rescored, best))


def plainly(candidates: Plain, best: int) -> float:
    """The same from the best candidate's cosine and share."""
    share = float(candidates.shares[best])
    if not candidates.has_meaning:
        return SHARE_ALONE(share)
    log_odds = BY_COSINE * float(candidates.similarities[best]) + BY_SHARE * share + AT_NONE
    return 1 / (1 + math.exp(-log_odds))


def unmet(rescored: Rescored, candidate: int) -> float:
    """The largest part of the question that one word makes up without finding its like in the candidate."""
    if not rescored.weights.size:
        return 0.0
    return float(np.max(np.minimum(rescored.weights, HEAVIEST) * (1 - rescored.closeness[candidate])))
