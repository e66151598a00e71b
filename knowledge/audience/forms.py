"""Forms about who may see what. No audience is assumed, and one that lets more people in is confirmed."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.models import Group
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from knowledge.audience.access import Access, Widening, widening_of_collection
from knowledge.audience.models import Collection
from knowledge.audience.services import audience_of_collection
from knowledge.documents.services import AudienceChoice

if TYPE_CHECKING:
    CollectionModelForm = forms.ModelForm[Collection]
else:
    CollectionModelForm = forms.ModelForm

INHERITED, EVERYONE, GROUPS, OWNER = "collection", "everyone", "groups", "owner"
AUDIENCES = [
    (EVERYONE, "Everyone who can sign in"),
    (GROUPS, "Only the groups chosen below, and the owner"),
    (OWNER, "Only the owner"),
]


class AudienceFields(forms.Form):
    """Who may see it."""

    audience = forms.ChoiceField(label="Who may see it", choices=AUDIENCES, widget=UnfoldAdminRadioSelectWidget)
    audience_groups = forms.ModelMultipleChoiceField(
        label="Groups",
        queryset=Group.objects.order_by("name"),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("audience") == GROUPS and not cleaned.get("audience_groups"):
            self.add_error("audience_groups", "Choose at least one group.")
        return cleaned

    def chosen_audience(self) -> AudienceChoice:
        audience = self.cleaned_data["audience"]
        groups = self.cleaned_data["audience_groups"] if audience == GROUPS else ()
        return AudienceChoice(audience == EVERYONE, tuple(groups), audience == INHERITED)


class PlaceFields(AudienceFields):
    """Where a document belongs, and who may see it: left open, that is as its collection says."""

    collection = forms.ModelChoiceField(
        queryset=Collection.objects.order_by("name"),
        required=False,
        empty_label="In no collection",
        help_text="Documents that belong together. Unless you say otherwise below, its audience is theirs.",
        widget=UnfoldAdminSelectWidget,
    )
    audience = forms.ChoiceField(
        label="Who may see it",
        choices=[(INHERITED, "As its collection says"), *AUDIENCES],
        required=False,
        widget=UnfoldAdminRadioSelectWidget,
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not cleaned.get("collection") and cleaned.get("audience") == INHERITED:
            self.add_error("audience", "It is in no collection: choose one, or say who may see it.")
        elif not cleaned.get("audience") and "audience" not in self.errors:
            if cleaned.get("collection"):
                cleaned["audience"] = INHERITED
            else:
                self.add_error("audience", "This field is required: say who may see it.")
        return cleaned


class Consent(UnfoldBooleanWidget):  # type: ignore[misc]  # unfold brings no types
    """A box to tick that stands for one audience: it is empty again when another one is chosen."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key

    def format_value(self, value: Any) -> str:
        return self.key

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, None, attrs)
        return context


class WideningFields(forms.Form):
    """Lets a wider audience pass only once a person has read how many people more that is, and said yes."""

    confirmed = forms.CharField(required=False, widget=forms.HiddenInput, label="Yes, they may")

    def ask_about(self, let_in: Widening, after: Access) -> None:
        """Call it last in `clean`: raises no objection to an audience that lets nobody in, or was confirmed."""
        key = after.as_key()
        if let_in.count and self.cleaned_data.get("confirmed") != key:
            self.fields["confirmed"].widget = Consent(key)
            self.add_error("confirmed", f"{let_in} Tick the box if that is meant, and save again.")


class CollectionForm(WideningFields, AudienceFields, CollectionModelForm):
    class Meta:
        model = Collection
        fields = ["name", "description"]
        widgets = {"name": UnfoldAdminTextInputWidget, "description": UnfoldAdminTextareaWidget({"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        collection = kwargs.get("instance")
        if collection is not None:
            kwargs["initial"] = {**as_initial(audience_of_collection(collection)), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and self.instance.pk:
            after = self.chosen_audience().access(None, None)
            self.ask_about(widening_of_collection(self.instance, after), after)
        return cleaned


def as_initial(audience: AudienceChoice) -> dict[str, Any]:
    """What the audience's fields show at first."""
    if audience.inherits:
        return {"audience": INHERITED, "audience_groups": []}
    chosen = EVERYONE if audience.for_everyone else GROUPS if audience.groups else OWNER
    return {"audience": chosen, "audience_groups": list(audience.groups)}
