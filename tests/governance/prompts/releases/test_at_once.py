"""Many people at the same moment: one state in the end, and all of it on record."""

from functools import partial

import pytest

from governance.audit.models import AuditEvent
from governance.prompts.releases.models import Release
from governance.prompts.releases.services import release, roll_back
from governance.prompts.versions.models import PromptVersion
from governance.prompts.versions.services import approve
from tests.governance.prompts.test_services import at_once
from tests.governance.prompts.versions import make_approved, make_approver, make_author, make_submitted

pytestmark = pytest.mark.django_db(transaction=True)


def test_twenty_approvals_releases_and_rollbacks_at_once_end_in_one_state() -> None:
    ada, bob = make_author(), make_approver()
    waiting = make_submitted(ada, "Wait for an approval, please.", "tools")
    versions = [make_approved(ada, bob, f"Text number {'i' * n} for this.") for n in range(1, 8)]
    first = release(recipe_of=versions[0], share=100, actor=bob)
    outcomes = at_once(
        [
            *[partial(release, recipe_of=version, share=100, actor=bob) for version in versions[1:4]],
            *[partial(release, recipe_of=version, share=20, actor=bob) for version in versions[4:7]],
            *[lambda: roll_back(release=Release.objects.get(pk=first.pk), actor=bob)] * 4,
            *[lambda: roll_back(release=Release.objects.get(state="full"), actor=bob)] * 5,
            *[lambda: approve(version=fresh(waiting), actor=bob, seen=waiting.sha256)] * 5,
        ]
    )
    assert len(outcomes) == 20
    assert set(outcomes) <= {"done", "conflict"}
    assert_consistent()
    assert outcomes[15:].count("done") == 1
    assert fresh(waiting).state == "approved"
    acts = AuditEvent.objects.filter(action__in=["release.begin", "release.roll_back"])
    assert acts.filter(action="release.roll_back").count() == outcomes[6:15].count("done")
    assert set(Release.objects.exclude(released_by=None).values_list("pk", flat=True)) == {
        int(act.target.removeprefix("release@")) for act in acts.filter(action="release.begin")
    }


def fresh(version: PromptVersion) -> PromptVersion:
    return PromptVersion.objects.get(pk=version.pk)


def assert_consistent() -> None:
    """One recipe for everybody, whose versions are those that are called released; one canary at most."""
    full = Release.objects.get(state="full")
    assert set(full.recipe.versions.all()) == set(PromptVersion.objects.filter(state="released"))
    assert Release.objects.filter(state="canary").count() <= 1
    assert not Release.objects.filter(state__in=["replaced", "rolled_back"], ended_at=None).exists()
