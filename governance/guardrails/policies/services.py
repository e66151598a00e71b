"""What people do with policies: draft, try, make live, retire."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial

from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.crypto import salted_hmac

from askacme.lib.errors import Conflict, InvalidInput
from governance.access.models import User
from governance.audit.services import record
from governance.guardrails.policies.live import as_policy, live
from governance.guardrails.policies.models import DryRun, GuardPolicy, GuardRule
from governance.guardrails.policies.tasks import dry_run
from governance.guardrails.policies.things import Thing, things
from governance.guardrails.policy import DEFAULT

DIES_AFTER = timedelta(minutes=30)
"""A dry run without an end for so long lost its worker: another may begin."""


def draft(*, actor: User | None, group: Group | None, note: str, like: GuardPolicy | None = None) -> GuardPolicy:
    """
    A new version to edit: as `like` is, else as what holds for the group today.

    Raises InvalidInput without a note.
    """
    if not note.strip():
        raise InvalidInput("Write in a few words what changes, and why.")
    try:
        with transaction.atomic():
            source = like or the_live_one(group) or the_live_one(None)
            last = GuardPolicy.objects.filter(group=group).aggregate(last=Max("number"))["last"] or 0
            copied = ("is_reversible", "max_answer_chars", "alert_after", "alert_within_min", "hidden", "allowed")
            same = {name: getattr(source, name) for name in copied} if source else {}
            policy = GuardPolicy.objects.create(
                group=group, number=last + 1, note=note.strip()[:200], created_by=actor, **same
            )
            GuardRule.objects.bulk_create(rule_of(policy, thing, source) for thing in things())
            record(actor=actor, action="guard_policy.draft", target=policy.label, like=str(source or DEFAULT.version))
            return policy
    except IntegrityError:
        raise Conflict("Somebody else began a version at the same moment. Please try again.") from None


def rule_of(policy: GuardPolicy, thing: Thing, source: GuardPolicy | None) -> GuardRule:
    """What the source says of the thing; what AskAcme ships, where it says nothing."""
    said = (
        next((r for r in source.rules.all() if (r.about, r.name) == (thing.about, thing.name)), None)
        if source
        else None
    )
    action, threshold = (said.action, said.threshold) if said else (thing.action, thing.threshold)
    return GuardRule(policy=policy, about=thing.about, name=thing.name, action=action, threshold=threshold)


def the_live_one(group: Group | None) -> GuardPolicy | None:
    return GuardPolicy.objects.live().filter(group=group).prefetch_related("rules").first()


def start_dry_run(*, actor: User, policy: GuardPolicy) -> DryRun:
    """
    Try the draft on last week's questions, in the background.

    Raises Conflict for what is no draft, and while one runs.
    """
    if not policy.is_draft:
        raise Conflict("Only a draft can be tried.")
    against = the_live_one(policy.group) or the_live_one(None)
    begun_long_ago = policy.dry_runs.filter(started_at__lt=timezone.now() - DIES_AFTER, finished_at=None)
    begun_long_ago.update(state=DryRun.State.FAILED, finished_at=timezone.now())
    try:
        with transaction.atomic():
            run = DryRun.objects.create(
                policy=policy, against=against.label if against else DEFAULT.version, started_by=actor
            )
            record(actor=actor, action="guard_policy.dry_run", target=policy.label, against=run.against)
            transaction.on_commit(partial(dry_run.delay, run.pk))
    except IntegrityError:
        raise Conflict("A dry run is under way already.") from None
    return run


def tried(policy: GuardPolicy) -> DryRun | None:
    """The dry run that tells of the draft as it is now."""
    return policy.dry_runs.filter(state=DryRun.State.DONE, started_at__gte=policy.changed_at).first()


def make_live(*, actor: User, policy: GuardPolicy) -> GuardPolicy:
    """
    Hold the group, or everyone, to the draft from now on; the version before retires.

    Raises Conflict for what is no draft (any more), and without a dry run of what it says now.
    """
    with transaction.atomic():
        drafts = GuardPolicy.objects.filter(state=GuardPolicy.State.DRAFT)
        found = drafts.select_related("group").select_for_update(of=("self",)).filter(pk=policy.pk).first()
        if found is None:
            raise Conflict("Only a draft can be made live.")
        if tried(found) is None:
            raise Conflict("Run the dry run first: it shows what would change. It is old once the draft is edited.")
        before = the_live_one(found.group)
        GuardPolicy.objects.live().filter(group=found.group).update(state=GuardPolicy.State.RETIRED)
        found.state, found.live_at = GuardPolicy.State.LIVE, timezone.now()
        found.save(update_fields=["state", "live_at"])
        was, becomes = differences(before, found)
        record(
            actor=actor,
            action="guard_policy.make_live",
            target=found.label,
            instead_of=before.label if before else DEFAULT.version,
            before=was,
            after=becomes,
        )
        transaction.on_commit(live.forget)
    return found


def retire(*, actor: User, policy: GuardPolicy) -> None:
    """
    Take a live policy back: its group is held to everyone's from now on, everyone to what AskAcme ships.

    Raises Conflict when it is not live.
    """
    with transaction.atomic():
        if not GuardPolicy.objects.live().filter(pk=policy.pk).update(state=GuardPolicy.State.RETIRED):
            raise Conflict("This version is not live.")
        follower = the_live_one(None) if policy.group else None
        was, becomes = differences(policy, follower)
        record(
            actor=actor,
            action="guard_policy.retire",
            target=policy.label,
            follower=follower.label if follower else DEFAULT.version,
            before=was,
            after=becomes,
        )
        transaction.on_commit(live.forget)


def differences(before: GuardPolicy | None, after: GuardPolicy | None) -> tuple[dict[str, str], dict[str, str]]:
    """What is not the same, as it was and as it becomes, for the audit record. Hidden words are counted, not named."""
    was, becomes = words_of(before), words_of(after)
    changed = sorted(name for name in {*was, *becomes} if was.get(name) != becomes.get(name))
    return {name: was.get(name, "–") for name in changed}, {name: becomes.get(name, "–") for name in changed}


def words_of(row: GuardPolicy | None) -> Mapping[str, str]:
    policy = as_policy(row) if row else DEFAULT
    return {
        **{f"question {name}": f"{rule.action} from {rule.threshold:g}" for name, rule in policy.inputs.items()},
        **{f"personal {name}": str(action) for name, action in policy.pii.items()},
        **{f"answer {name}": str(action) for name, action in policy.outputs.items()},
        **{f"document {name}": str(action) for name, action in policy.documents.items()},
        "placeholders are filled in": str(policy.is_reversible),
        "longest answer": str(policy.max_answer_chars),
        "alert": f"{policy.alert_after} within {policy.alert_within_min} minutes",
        "words to hide": f"{len(policy.hidden)}: {fingerprint(policy.hidden)}",
        "words that are no secret": f"{len(policy.allowed)}: {fingerprint(policy.allowed)}",
    }


def fingerprint(words: tuple[str, ...]) -> str:
    """Tells two lists apart without telling what is in them."""
    return salted_hmac("policy words", "\n".join(words)).hexdigest()[:8]
