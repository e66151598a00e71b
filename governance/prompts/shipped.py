"""The prompts that come with AskAcme: approved and released when they are new; what people released stays so."""

from pathlib import Path
from typing import Any

from django.apps import apps as installed
from django.apps.registry import Apps
from django.db import DEFAULT_DB_ALIAS, transaction
from django.utils import timezone

from governance.prompts.files import PromptFile, read
from governance.prompts.kinds import KINDS

FOLDER = Path(__file__).with_name("shipped")


def ship(*, apps: Apps = installed, using: str = DEFAULT_DB_ALIAS, **_signal: object) -> None:
    """After each migration: the shipped versions that the database doesn't know, by their number."""
    from governance.prompts.released import released  # models, which the apps load after this module
    from governance.prompts.releases.shipped import put_in_force

    try:
        prompt: Any = apps.get_model("governance", "Prompt")
        version: Any = apps.get_model("governance", "PromptVersion")
        apps.get_model("governance", "Release")
    except LookupError:  # migrated back to before there were versions, or releases
        return
    with transaction.atomic(using=using):
        list(prompt.objects.using(using).select_for_update().order_by("name"))  # as each release does
        for file in shipped():
            prompt.objects.using(using).get_or_create(name=file.prompt)
            keep(file, version.objects.using(using))
        put_in_force(apps, using)
    released.announce()


def keep(file: PromptFile, versions: Any) -> None:
    """It takes the place of an earlier shipped one only: where people released their own, it waits, approved."""
    if versions.filter(prompt_id=file.prompt, **file.number._asdict()).exists():
        return
    now, others = timezone.now(), versions.filter(prompt_id=file.prompt, state="released")
    goes_live = not others.exclude(author=None, approved_by=None).exists()
    if goes_live:
        others.update(state="retired", retired_at=now)
    versions.create(
        prompt_id=file.prompt,
        text=file.content.text,
        variables=list(KINDS[file.prompt].names_in(file.content.text)),
        tier=file.content.tier,
        temperature=file.content.temperature,
        max_output_tokens=file.content.max_output_tokens,
        sha256=file.content.sha256,
        level="major",
        change_note=file.change_note,
        state="released" if goes_live else "approved",
        approved_at=now,
        released_at=now if goes_live else None,
        **file.number._asdict(),
    )


def shipped() -> list[PromptFile]:
    return [read((FOLDER / f"{name}.md").read_text(encoding="utf-8")) for name in KINDS]
