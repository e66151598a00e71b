"""
What people do with versions of prompts.

A version's life: draft → in review → approved → released → retired. Whoever wrote it can't approve it. Each step moves
the row only from the state it is meant for, in the transaction that puts it on record.
"""

from typing import Any

from django.db import transaction
from django.utils import timezone

from askacme.lib.errors import Conflict, InvalidInput, NotAllowed
from governance.access.models import User
from governance.audit.services import record
from governance.prompts.content import Content
from governance.prompts.releases.models import Release
from governance.prompts.semver import Level, Number, Suggestion, suggest
from governance.prompts.suites.gate import let_pass
from governance.prompts.versions.models import Prompt, PromptVersion, ReviewComment

State = PromptVersion.State
LONGEST_NOTE = 500
LONGEST_REASON = 300
LONGEST_COMMENT = 2_000

VIEW = "governance.view_promptversion"
WRITE = "governance.add_promptversion"
APPROVE = "governance.approve_promptversion"
RELEASE = "governance.release_promptversion"


def need(actor: User, permission: str) -> None:
    """Raises NotAllowed."""
    if not actor.has_perm(permission):
        raise NotAllowed(f"This takes the permission {permission}.")


def suggested(prompt: Prompt, content: Content) -> Suggestion:
    """Which part of the released version's number the content should raise."""
    before = prompt.released
    return suggest(before.content, content) if before else Suggestion("major")


@transaction.atomic
def draft(
    *,
    prompt: Prompt,
    content: Content,
    change_note: str,
    actor: User,
    level: Level | None = None,
    level_reason: str = "",
    number: Number | None = None,
) -> PromptVersion:
    """
    A new version to work on. Without `level` the suggested one; `number` is taken if it is free and above the released.

    Raises NotAllowed and InvalidInput.
    """
    need(actor, WRITE)
    locked(prompt)
    chosen, why = checked_level(prompt, content, level, level_reason)
    numbered = number if number and is_free(prompt, number) else next_number(prompt, chosen)
    version = PromptVersion.objects.create(
        prompt=prompt,
        author=actor,
        change_note=checked_note(change_note),
        level=chosen,
        level_reason=why,
        **columns(prompt, content, numbered),
    )
    record(actor=actor, action="prompt_version.draft", target=version.label, after=told(version))
    return version


@transaction.atomic
def edit_draft(
    *,
    version: PromptVersion,
    content: Content,
    change_note: str,
    actor: User,
    seen: str,
    level: Level | None = None,
    level_reason: str = "",
) -> PromptVersion:
    """
    Its author's next words. `seen` is the `sha256` that the author had before them.

    Raises NotAllowed, InvalidInput, and Conflict when it is no draft any more or was changed meanwhile.
    """
    need(actor, WRITE)
    must_be_author(version, actor)
    locked(version.prompt)
    chosen, why = checked_level(version.prompt, content, level, level_reason)
    numbered = next_number(version.prompt, chosen, but=version)
    before = told(version)
    changes = columns(version.prompt, content, numbered)
    rows = PromptVersion.objects.filter(pk=version.pk, state=State.DRAFT, sha256=seen)
    note = checked_note(change_note)
    if not rows.update(**changes, change_note=note, level=chosen, level_reason=why):
        raise conflict(version, "edited", {State.DRAFT})
    version.refresh_from_db()
    record(actor=actor, action="prompt_version.edit", target=version.label, before=before, after=told(version))
    return version


@transaction.atomic
def discard(*, version: PromptVersion, actor: User) -> None:
    """
    Delete a draft of one's own, with its comments.

    Raises NotAllowed and Conflict.
    """
    need(actor, WRITE)
    must_be_author(version, actor)
    if not PromptVersion.objects.select_for_update().filter(pk=version.pk, state=State.DRAFT).exists():
        raise conflict(version, "discarded", {State.DRAFT})
    before, label = told(version), version.label
    version.delete()
    record(actor=actor, action="prompt_version.discard", target=label, before=before)


@transaction.atomic
def submit(*, version: PromptVersion, actor: User) -> None:
    """
    Ask for a review. A number that was overtaken by a release meanwhile is raised again.

    Raises NotAllowed, InvalidInput when nothing differs from the released version, and Conflict.
    """
    need(actor, WRITE)
    must_be_author(version, actor)
    locked(version.prompt)
    now = version.prompt.released
    if now and now.pk != version.pk and now.sha256 == version.sha256:
        raise InvalidInput(f"Nothing differs from {now.label}, which is released.")
    number = version.number
    if now and number <= now.number:
        number = next_number(version.prompt, version.level, but=version)
    move(version, "submitted", {State.DRAFT}, State.IN_REVIEW, actor, submitted_at=timezone.now(), **number._asdict())


@transaction.atomic
def withdraw(*, version: PromptVersion, actor: User) -> None:
    """
    Take one's own version back out of the review, to go on writing.

    Raises NotAllowed and Conflict.
    """
    need(actor, WRITE)
    must_be_author(version, actor)
    move(version, "withdrawn", {State.IN_REVIEW}, State.DRAFT, actor, submitted_at=None)


@transaction.atomic
def approve(*, version: PromptVersion, actor: User, seen: str, note: str = "") -> None:
    """
    Say that it may be released. `seen` is the `sha256` of what the approver looked at.

    Raises NotAllowed, also for whoever wrote it, and Conflict when it isn't in review or says something else by now;
    its kind SuiteRed while a regression suite stands in the way.
    """
    may_judge(version, actor)
    changes = {"approved_by": actor, "approved_at": timezone.now()}
    move(version, "approved", {State.IN_REVIEW}, State.APPROVED, actor, seen=seen, **changes)
    let_pass(version, actor)
    if note.strip():
        say(version, actor, note, ReviewComment.Verdict.APPROVED)


@transaction.atomic
def reject(*, version: PromptVersion, actor: User, reason: str) -> None:
    """
    Give it back to its author, who may mend it and submit it again.

    Raises NotAllowed, also for whoever wrote it, InvalidInput without a reason, and Conflict.
    """
    may_judge(version, actor)
    if not reason.strip():
        raise InvalidInput("Say why it is rejected: its author reads it.")
    move(version, "rejected", {State.IN_REVIEW}, State.DRAFT, actor, submitted_at=None)
    say(version, actor, reason, ReviewComment.Verdict.REJECTED)


@transaction.atomic
def retire(*, version: PromptVersion, actor: User) -> None:
    """
    Put away an approved version that won't be released. The released one is retired by the next release.

    Raises NotAllowed and Conflict, also while it is in a canary.
    """
    need(actor, RELEASE)
    locked(version.prompt)
    if canary := Release.objects.in_force().filter(state=Release.State.CANARY, recipe__versions=version).first():
        raise Conflict(f"{version.label} can't be retired: {canary.share} % of people have it.")
    move(version, "retired", {State.APPROVED}, State.RETIRED, actor, retired_at=timezone.now())


@transaction.atomic
def mark_released(*, version: PromptVersion, actor: User | None) -> None:
    """
    Put it in the place of the released version, which is retired; also the way back to a retired one.

    For `releases.services`, which asks who may, and puts the recipe in force that holds it. Raises Conflict.
    """
    locked(version.prompt)
    before, now = version.prompt.released, timezone.now()
    if before and before.pk != version.pk:
        move(before, "retired", {State.RELEASED}, State.RETIRED, actor, retired_at=now)
    allowed = {State.APPROVED, State.RETIRED}
    move(version, "released", allowed, State.RELEASED, actor, released_at=now, retired_at=None)


@transaction.atomic
def comment(*, version: PromptVersion, actor: User, text: str) -> ReviewComment:
    """Raises NotAllowed and InvalidInput."""
    need(actor, VIEW)
    said = say(version, actor, text, ReviewComment.Verdict.NONE)
    record(actor=actor, action="prompt_version.comment", target=version.label, comment=said.pk)
    return said


def move(
    version: PromptVersion,
    done: str,
    only_from: set[State],
    to: State,
    actor: User | None,
    *,
    seen: str | None = None,
    **changes: Any,
) -> None:
    """Compare and set the state; `done` says in a word what was done."""
    found = PromptVersion.objects.select_for_update().filter(pk=version.pk).first()
    if found is None or found.state not in only_from or seen not in {None, found.sha256}:
        raise conflict(version, done, only_from)
    before = told(found)
    PromptVersion.objects.filter(pk=version.pk, state=found.state).update(state=to, **changes)
    version.refresh_from_db()
    record(actor=actor, action=f"prompt_version.{done}", target=version.label, before=before, after=told(version))


def conflict(version: PromptVersion, done: str, only_from: set[State]) -> Conflict:
    found = PromptVersion.objects.filter(pk=version.pk).first()
    if found is None:
        return Conflict(f"{version.label} can't be {done}: it was discarded meanwhile.")
    if found.state not in only_from:
        return Conflict(f"{found.label} can't be {done}: it is {found.get_state_display().lower()}.")
    return Conflict(f"{found.label} can't be {done}: it was changed meanwhile. Look at it again.")


def may_judge(version: PromptVersion, actor: User) -> None:
    need(actor, APPROVE)
    if version.author_id == actor.pk:
        raise NotAllowed("You wrote this version: somebody else has to look at it.")


def must_be_author(version: PromptVersion, actor: User) -> None:
    if version.author_id != actor.pk:
        raise NotAllowed("Only its author may change this version. Begin a draft of your own from it.")


def say(version: PromptVersion, actor: User, text: str, verdict: ReviewComment.Verdict) -> ReviewComment:
    text = text.strip().replace("\x00", "")
    if not text or len(text) > LONGEST_COMMENT:
        raise InvalidInput(f"A comment has between 1 and {LONGEST_COMMENT:,} characters.")
    return ReviewComment.objects.create(version=version, author=actor, text=text, verdict=verdict)


def locked(prompt: Prompt) -> None:
    """Numbers are given, and releases made, one after the other."""
    Prompt.objects.select_for_update().get(pk=prompt.pk)


def next_number(prompt: Prompt, level: str, *, but: PromptVersion | None = None) -> Number:
    """The released version's number, raised until it is free."""
    now = prompt.released
    number = (now.number if now else Number(0, 0, 0)).raised(level)
    while not is_free(prompt, number, but=but):
        number = number.raised(level)
    return number


def is_free(prompt: Prompt, number: Number, *, but: PromptVersion | None = None) -> bool:
    """No other version has it, and it is above the released one's."""
    now = prompt.released
    others = prompt.versions.exclude(pk=but.pk) if but else prompt.versions.all()
    return (now is None or number > now.number) and not others.filter(**number._asdict()).exists()


def checked_level(prompt: Prompt, content: Content, level: Level | None, reason: str) -> tuple[Level, str]:
    fitting, reason = suggested(prompt, content).level, reason.strip()
    if level is None or level == fitting:
        return fitting, ""
    if not reason or len(reason) > LONGEST_REASON:
        raise InvalidInput(
            f"The change is {fitting}. Say why it is to count as {level}, in {LONGEST_REASON} characters."
        )
    return level, reason


def checked_note(note: str) -> str:
    note = " ".join(note.replace("\x00", "").split())
    if not note or len(note) > LONGEST_NOTE:
        raise InvalidInput(f"Say what changed and why, in at most {LONGEST_NOTE} characters.")
    return note


def columns(prompt: Prompt, content: Content, number: Number) -> dict[str, Any]:
    return {
        "text": content.text,
        "variables": list(prompt.kind.names_in(content.text)),
        "tier": content.tier,
        "temperature": content.temperature,
        "max_output_tokens": content.max_output_tokens,
        "sha256": content.sha256,
        **number._asdict(),
    }


def told(version: PromptVersion) -> dict[str, Any]:
    """What the audit record keeps of a version, before and after an act; the text itself by its fingerprint."""
    return {
        "state": version.state,
        "version": version.label,
        "sha256": version.sha256,
        "level": version.level,
        "change_note": version.change_note,
    }
