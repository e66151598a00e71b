"""The form in which a version is written."""

from decimal import Decimal
from typing import Any, get_args

from django import forms
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from askacme.lib.errors import AskAcmeError
from governance.prompts.content import HOTTEST, MOST_OUTPUT_TOKENS, Content, checked
from governance.prompts.kinds import Kind
from governance.prompts.semver import Level
from governance.prompts.template import MOST_CHARS
from governance.prompts.versions.models import PromptVersion
from governance.prompts.versions.services import LONGEST_NOTE, LONGEST_REASON

LEVELS = [
    ("", "as suggested"),
    ("major", "major: takes something away"),
    ("minor", "minor: adds something"),
    ("patch", "patch: other words"),
]


class VersionForm(forms.Form):
    """`seen` is the fingerprint of the draft that the form was filled with."""

    text = forms.CharField(
        max_length=2 * MOST_CHARS,
        widget=UnfoldAdminTextareaWidget({"rows": 18, "class": "prompt-text", "spellcheck": "true"}),
    )
    tier = forms.ChoiceField(label="Model tier", widget=UnfoldAdminSelectWidget)
    temperature = forms.DecimalField(
        min_value=0,
        max_value=HOTTEST,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget({"step": "0.05"}),
        help_text="0 says the same each time.",
    )
    max_output_tokens = forms.IntegerField(
        label="Longest answer",
        min_value=1,
        max_value=MOST_OUTPUT_TOKENS,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="In tokens; three quarters of a word each, about.",
    )
    change_note = forms.CharField(
        label="What changed, and why",
        max_length=LONGEST_NOTE,
        widget=UnfoldAdminTextareaWidget({"rows": 2}),
    )
    level = forms.ChoiceField(
        label="The change counts as", choices=LEVELS, required=False, widget=UnfoldAdminSelectWidget
    )
    level_reason = forms.CharField(
        label="Why not as suggested",
        max_length=LONGEST_REASON,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="Only when you choose another than the suggested one.",
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, kind: Kind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.content: Content | None = None
        tiers = [(tier.value, tier.label) for tier in PromptVersion.Tier if (tier == "routed") == kind.is_routed]
        self.fields["tier"].choices = tiers  # type: ignore[attr-defined]  # a ChoiceField, as declared above

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            self.content = self._checked(cleaned)
        return cleaned

    def _checked(self, cleaned: dict[str, Any]) -> Content | None:
        settings = {name: cleaned[name] for name in ("text", "tier", "temperature", "max_output_tokens")}
        try:
            return checked(self.kind, **settings)
        except AskAcmeError as error:
            self.add_error("text", str(error))
            return None

    @property
    def level_chosen(self) -> Level | None:
        chosen = self.cleaned_data["level"]
        return next((level for level in get_args(Level) if level == chosen), None)


def values_of(version: PromptVersion) -> dict[str, str | int | Decimal]:
    """What the form begins with."""
    return {
        "text": version.text,
        "tier": version.tier,
        "temperature": version.temperature,
        "max_output_tokens": version.max_output_tokens,
    }
