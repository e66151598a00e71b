"""The form of a model provider. Keys go in and never come out again."""

from typing import TYPE_CHECKING, Any

from django import forms
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldBooleanSwitchWidget

from governance.gateway.models import ModelProvider

if TYPE_CHECKING:
    ProviderModelForm = forms.ModelForm[ModelProvider]
else:
    ProviderModelForm = forms.ModelForm


class ModelProviderForm(ProviderModelForm):
    new_api_key = forms.CharField(
        label="API key",
        required=False,
        strip=True,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"}),
    )
    remove_api_key = forms.BooleanField(label="Remove the key", required=False, widget=UnfoldBooleanSwitchWidget)

    class Meta:
        model = ModelProvider
        fields = "__all__"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = (
            "A key is stored, encrypted. Leave this empty to keep it." if self.instance.api_key else "None is stored."
        )
        if "new_api_key" in self.fields:
            self.fields["new_api_key"].help_text = kept

    def clean_new_api_key(self) -> str:
        key = str(self.cleaned_data["new_api_key"])
        if not key.isascii() or not key.isprintable():
            raise forms.ValidationError("A key has only plain letters, digits and signs. Was something else pasted?")
        return key

    def save(self, commit: bool = True) -> ModelProvider:  # noqa: FBT001, FBT002 - Django's signature
        if key := self.cleaned_data.get("new_api_key"):
            self.instance.api_key = key
        elif self.cleaned_data.get("remove_api_key"):
            self.instance.api_key = ""
        return super().save(commit)
