"""Forms of the search bench and of the synonyms."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.models import Group
from django.urls import reverse_lazy
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from askacme.lib.errors import AskAcmeError
from governance.access.audience import Audience
from governance.access.models import User
from knowledge.audience.view_as import audience_of_groups, audience_of_user
from knowledge.index.models import SearchIndex
from knowledge.search.models import Synonym
from knowledge.search.services import checked, phrases_in, refuse_taken

if TYPE_CHECKING:
    SynonymModelForm = forms.ModelForm[Synonym]
else:
    SynonymModelForm = forms.ModelForm

MAX_QUERY = 5000
MYSELF, PERSON, GROUPS, EVERYONE = "me", "person", "groups", "everyone"
VIEWERS = [
    (MYSELF, "Myself"),
    (PERSON, "A person"),
    (GROUPS, "Somebody in these groups"),
    (EVERYONE, "Somebody in no group"),
]


class BenchForm(forms.Form):
    """What to search for, through whose eyes, and in which index beside the live one."""

    q = forms.CharField(
        label="Search for",
        max_length=MAX_QUERY,
        required=False,
        widget=UnfoldAdminTextInputWidget({"type": "search", "autofocus": True, "placeholder": "A question or words"}),
    )
    who = forms.ChoiceField(
        label="As seen by", choices=VIEWERS, required=False, initial=MYSELF, widget=UnfoldAdminRadioSelectWidget
    )
    person = forms.CharField(
        label="E-mail address",
        max_length=254,
        required=False,
        widget=UnfoldAdminTextInputWidget(
            {
                "list": "bench-people",
                "autocomplete": "off",
                "hx-get": reverse_lazy("admin:knowledge_search_people"),
                "hx-trigger": "input changed delay:200ms",
                "hx-target": "#bench-people",
                "hx-swap": "innerHTML",
                "hx-push-url": "false",
                "hx-select": "unset",
            }
        ),
    )
    groups = forms.ModelMultipleChoiceField(
        queryset=Group.objects.order_by("name"), required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )
    beside = forms.ModelChoiceField(
        label="Compare with",
        queryset=SearchIndex.objects.filter(state__in=[SearchIndex.State.BUILDING, SearchIndex.State.STANDBY]),
        required=False,
        empty_label="No other index",
        widget=UnfoldAdminSelectWidget,
    )

    def __init__(self, *args: Any, may_view_as: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_view_as:
            for name in ("who", "person", "groups"):
                del self.fields[name]
        if not self.fields["beside"].queryset.exists():  # type: ignore[attr-defined]  # a ModelChoiceField
            del self.fields["beside"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        who = cleaned.get("who")
        if who == PERSON and "person" not in self.errors:
            cleaned["viewer"] = User.objects.filter(email__iexact=cleaned["person"], is_active=True).first()
            if cleaned["viewer"] is None:
                self.add_error("person", "Write the e-mail address of somebody who can sign in here.")
        if who == GROUPS and not cleaned.get("groups"):
            self.add_error("groups", "Choose at least one group.")
        return cleaned

    def audience(self, actor: User) -> Audience:
        """Through whose eyes to search; a look through those of others is put on record."""
        who = self.cleaned_data.get("who") or MYSELF
        if who == PERSON:
            return audience_of_user(self.cleaned_data["viewer"], actor=actor)
        if who == MYSELF:
            return Audience.of(actor)
        return audience_of_groups(self.cleaned_data["groups"] if who == GROUPS else (), actor=actor)


class SynonymForm(SynonymModelForm):
    """A group of phrases as text."""

    phrases = forms.CharField(
        label="Words and phrases that mean the same",
        help_text=(
            "One per line, or with commas between; 2 to 12. A search for one of them finds the others. Capitals and "
            "punctuation don't matter, except for an abbreviation that is an everyday word as well: IT is not it."
        ),
        widget=UnfoldAdminTextareaWidget({"rows": 6}),
    )

    class Meta:
        model = Synonym
        fields = ["phrases"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        synonym = kwargs.get("instance")
        if synonym is not None:
            kwargs["initial"] = {"phrases": "\n".join(synonym.phrases), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)

    def clean_phrases(self) -> list[str]:
        try:
            phrases = checked(phrases_in(self.cleaned_data["phrases"]))
            refuse_taken(phrases, but=self.instance if self.instance.pk else None)
        except AskAcmeError as error:
            raise forms.ValidationError(str(error)) from error
        return phrases
