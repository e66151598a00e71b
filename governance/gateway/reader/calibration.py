"""
The reader's numbers: what was learnt from data, where, and how good it is.

Two linear models over a handful of features, in the manner of a logistic regression. Fitted in November 2026, with
all-MiniLM-L6-v2 (bfloat16) and the eight best passages (about 165 words) of cosine + 0.3 * BM25, on

* 202 questions about a public agency's handbook (165 answerable, half of them in words the handbook doesn't use;
  37 about its subjects, with no answer in it), and 164 of the answerable ones asked again with the documents that
  answer them taken away (weight 0.5);
* 900 questions of SQuAD 2.0 (CC BY-SA 4.0), 400 of them impossible by design (weight 0.15), and 300 answerable ones
  with their paragraph taken away (weight 0.05).

RANKING: conditional logit (softmax over the units of one question) on 373 questions whose answer was retrieved; in
five-fold cross-validation a right unit comes first for .52 and is among the first three for .73 of the handbook
questions, .79 and .90 on SQuAD. `special` was set by hand (the data say -0.2, without certainty). GLANCE is the same
without the embedding, to choose what is worth embedding.

EVIDENCE: logistic regression (L2, C = 0.3), right answers (all that they must contain was quoted) against the rest,
wrong answers at weight 0.3; folds by question, ten repeats. AUROC, right answers against unanswerable questions:
handbook .87, with documents taken away .82, SQuAD .67 and .84. Slope and intercept were then set (Platt) for about
as many unanswerable as answerable questions. Cross-validated, on the handbook:

    floor                                    .38   .44   .50   .56   .62
    right answers kept                       .87   .81   .79   .75   .74
    ... asked in the handbook's own words    .98   .97   .97   .95   .93
    unanswerable refused                     .54   .62   .70   .81   .86
    refused with the documents taken away    .51   .63   .70   .74   .80
    wrong answers withheld                   .45   .58   .68   .74   .80

Known weakness: a question that shares no word with its answer looks like one without an answer.
"""

import math
from collections.abc import Mapping
from types import MappingProxyType

FLOOR = 0.5
"""Below this probability the reader says that it doesn't know."""

RANKING: Mapping[str, float] = MappingProxyType(
    {
        "stands_out": 1.3,
        "covered": 2.6,
        "near": 0.7,
        "placed": 4.8,
        "lacks": -2.3,
        "stub": -0.3,
        "asks": -3.0,
        "fragment": -2.5,
        "special": -0.5,
        "rank": -0.6,
    }
)
"""Log-odds per unit of each feature of a unit, see `score.Clue.scored`."""

GLANCE: Mapping[str, float] = MappingProxyType(
    {"covered": 4.5, "near": 5.5, "lacks": -3.0, "stub": -0.5, "asks": -3.0, "fragment": -2.0, "rank": -1.0}
)

EVIDENCE: Mapping[str, float] = MappingProxyType(
    {"similarity": 6.09, "placed": 1.94, "unnamed": -0.8, "lacks": -1.29, "terms": 1.2, "stray": 13.6}
)
"""Log-odds per unit of each number of `evidence.evidence`."""

INTERCEPT = -5.48


def probability(evidence: Mapping[str, float]) -> float:
    """How likely the best units answer the question, 0 to 1."""
    log_odds = INTERCEPT + sum(coefficient * evidence[name] for name, coefficient in EVIDENCE.items())
    return 1 / (1 + math.exp(-log_odds))
