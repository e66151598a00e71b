"""What somebody needs to see who looks at a version: what differs from the released one, and what it costs."""

from dataclasses import dataclass
from decimal import Decimal

from governance.access.models import User
from governance.prompts.content import Content
from governance.prompts.diff import Row, rows
from governance.prompts.estimate import estimate
from governance.prompts.kinds import Kind
from governance.prompts.semver import Suggestion
from governance.prompts.versions.models import PromptVersion
from governance.prompts.versions.services import APPROVE, RELEASE, WRITE, suggested

CALLS = 1_000
"""One call costs too little to be read."""
State = PromptVersion.State


@dataclass(frozen=True, slots=True)
class Figure:
    """A number now, and what it was in the released version (None: there is none, or nobody knows)."""

    now: Decimal | None
    before: Decimal | None

    @property
    def delta(self) -> Decimal | None:
        return None if self.now is None or self.before is None else self.now - self.before

    @property
    def percent(self) -> Decimal | None:
        return self.delta / self.before * 100 if self.delta is not None and self.before else None


@dataclass(frozen=True, slots=True)
class Weight:
    """`input_usd` and `most_usd` are the money of a thousand calls: the prompt alone, and with the longest answer."""

    tokens: Figure
    input_usd: Figure
    most_usd: Figure
    model: str


@dataclass(frozen=True, slots=True)
class Variable:
    name: str
    meaning: str
    is_required: bool
    is_used: bool


@dataclass(frozen=True, slots=True)
class Review:
    """`released` is what it is compared with: the released version; None when that is this one, or there is none."""

    version: PromptVersion
    released: PromptVersion | None
    rows: list[Row]
    suggestion: Suggestion
    weight: Weight
    variables: list[Variable]

    @property
    def settings(self) -> list[tuple[str, str, str]]:
        """Name, before, now."""
        mine, theirs = settings_of(self.version), settings_of(self.released or self.version)
        return [(name, theirs[name], value) for name, value in mine.items()]


def review_of(version: PromptVersion) -> Review:
    now = version.prompt.released
    against = now if now and now.pk != version.pk else None
    return Review(
        version=version,
        released=against,
        rows=rows(against.text if against else version.text, version.text),
        suggestion=suggested(version.prompt, version.content),
        weight=weight_of(version.content, against.content if against else None),
        variables=variables_of(version.prompt.kind, version.variables),
    )


def weight_of(content: Content, before: Content | None) -> Weight:
    now, then = estimate(content), estimate(before) if before else None
    return Weight(
        tokens=Figure(Decimal(now.tokens), Decimal(then.tokens) if then else None),
        input_usd=Figure(of_many(now.input_usd), of_many(then.input_usd) if then else None),
        most_usd=Figure(of_many(now.most_usd), of_many(then.most_usd) if then else None),
        model=now.model,
    )


def of_many(usd: Decimal | None) -> Decimal | None:
    return None if usd is None else usd * CALLS


def variables_of(kind: Kind, used: list[str] | tuple[str, ...]) -> list[Variable]:
    """All that the prompt has."""
    return [Variable(name, meaning, name in kind.required, name in used) for name, meaning in kind.variables.items()]


def settings_of(version: PromptVersion) -> dict[str, str]:
    return {
        "Model tier": version.get_tier_display(),
        "Temperature": f"{version.temperature:.2f}",
        "Longest answer": f"{version.max_output_tokens:,} tokens",
    }


def acts_of(version: PromptVersion, person: User) -> set[str]:
    """What this person may do with the version now; the services say the same."""
    is_own, may = version.author_id == person.pk, person.has_perm
    acts: dict[str, bool] = {"copy": may(WRITE), "retire": version.state == State.APPROVED and may(RELEASE)}
    acts |= dict.fromkeys(("edit", "submit", "discard"), version.state == State.DRAFT and is_own and may(WRITE))
    acts["release"] = version.state in {State.APPROVED, State.RETIRED} and may(RELEASE)
    acts["withdraw"] = version.state == State.IN_REVIEW and is_own and may(WRITE)
    acts |= dict.fromkeys(("approve", "reject"), version.state == State.IN_REVIEW and not is_own and may(APPROVE))
    return {act for act, is_open in acts.items() if is_open}
