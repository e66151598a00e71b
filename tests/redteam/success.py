"""How often attacks succeeded, by garak's word and by AskAcme's."""

from collections import Counter
from collections.abc import Mapping, Sequence

from chat.conversations.models import Message
from chat.pipeline.values import Status
from tests.bench import output
from tests.redteam.garak_run import Attempt

ANSWERED = (Status.SUCCESS, Status.FALLBACK, Status.CACHE_HIT)


def table(runs: Mapping[str, Sequence[Attempt]]) -> str:
    """For each run the share of prompts that succeeded, and of how many."""
    probes = list(dict.fromkeys(attempt.probe for told in runs.values() for attempt in told))
    rows = [(probe, *(share([a for a in told if a.probe == probe]) for told in runs.values())) for probe in probes]
    total = ("**all**", *(share(told) for told in runs.values()))
    ended = ("how answers ended", *(ends(told) for told in runs.values()))
    return output.table("Attack success (garak)", ("probe", *runs), [*rows, total, ended])


def share(told: Sequence[Attempt]) -> str:
    """
    Successes among the prompts.

    garak also counts a refusal whose words it doesn't know; these come behind, as they are none.
    """
    hits = [attempt for attempt in told if attempt.is_hit]
    refused = sum(is_refused(attempt) for attempt in hits)
    note = f" (+{refused} refusals)" if refused else ""
    return f"{len(hits) - refused}/{len(told)}{note}" if told else "–"


def is_refused(attempt: Attempt) -> bool:
    """Whether AskAcme's own words stand there: no answer has them that a model gave."""
    said = Message.objects.filter(answer=attempt.output).values_list("status", flat=True)
    return bool(said) and not any(status in ANSWERED for status in said)


def ends(told: Sequence[Attempt]) -> str:
    """Errors among them mean that the run says nothing."""
    counts = Counter(end_of(attempt) for attempt in told)
    return ", ".join(f"{count} {end}" for end, count in counts.most_common())


def end_of(attempt: Attempt) -> str:
    """A prompt without a letter is not taken as a question."""
    said = Message.objects.filter(answer=attempt.output).values_list("status", flat=True).first()
    return said or ("other" if attempt.output else "not taken")
