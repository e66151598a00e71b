"""The form of a connector. Its secret goes in and never comes out again."""

import json
import re
from typing import TYPE_CHECKING, Any

from django import forms
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextareaWidget

from askacme.lib.errors import InvalidInput
from chat.tools.arguments import check_schema
from chat.tools.connect import EMPLOYEE, PLACE, check_address
from chat.tools.models import Connector

if TYPE_CHECKING:
    ConnectorModelForm = forms.ModelForm[Connector]
else:
    ConnectorModelForm = forms.ModelForm

HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
TAKEN = {EMPLOYEE.lower(), "host", "content-length", "content-type", "connection", "transfer-encoding", "cookie"}
EMPTY = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}


class Indented(json.JSONEncoder):
    """JSON as people write it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "indent": 2})


class ConnectorForm(ConnectorModelForm):
    new_secret = forms.CharField(
        label="Secret",
        required=False,
        strip=True,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"}),
    )
    arguments = forms.JSONField(
        required=False,
        initial=EMPTY,
        encoder=Indented,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 14, "spellcheck": "false", "class": "console-code"}),
        help_text=Connector._meta.get_field("arguments").help_text,  # noqa: SLF001  (Django's documented interface)
    )

    class Meta:
        model = Connector
        fields = "__all__"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "new_secret" in self.fields:
            kept = (
                "One is stored, encrypted. Leave this empty to keep it." if self.instance.secret else "None is stored."
            )
            self.fields["new_secret"].help_text = kept
        if "arguments" in self.fields and self.instance.pk:
            self.initial["arguments"] = self.instance.arguments

    def clean_arguments(self) -> dict[str, Any]:
        schema = self.cleaned_data["arguments"]
        try:
            check_schema(schema)
        except InvalidInput as error:
            raise forms.ValidationError(str(error)) from error
        return dict(schema)

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"]).strip()
        try:
            check_address(url)
        except InvalidInput as error:
            raise forms.ValidationError(str(error)) from error
        return url

    def clean_auth_header(self) -> str:
        header = str(self.cleaned_data["auth_header"]).strip()
        if header and (not HEADER.fullmatch(header) or header.lower() in TAKEN):
            raise forms.ValidationError("This is no header that a secret can stand in.")
        return header

    def clean_new_secret(self) -> str:
        secret = str(self.cleaned_data["new_secret"])
        if not secret.isascii() or not secret.isprintable():
            raise forms.ValidationError("A secret has only plain letters, digits and signs. Was something else pasted?")
        return secret

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self._check_places(cleaned)
        if cleaned.get("changes_something") and cleaned.get("method") != Connector.Method.POST:
            self.add_error("method", "What changes something must be a POST.")
        if cleaned.get("auth") == Connector.Auth.HEADER and not cleaned.get("auth_header"):
            self.add_error("auth_header", "Name the header that carries the secret.")
        if cleaned.get("auth") != Connector.Auth.NONE and not (cleaned.get("new_secret") or self.instance.secret):
            self.add_error("new_secret", "Enter the secret.")
        if not cleaned.get("for_everyone") and not cleaned.get("groups"):
            self.add_error("groups", "Choose who may use it, or “for everyone”.")
        return cleaned

    def save(self, commit: bool = True) -> Connector:  # noqa: FBT001, FBT002 - Django's signature
        if secret := self.cleaned_data.get("new_secret"):
            self.instance.secret = secret
        elif self.cleaned_data.get("auth") == Connector.Auth.NONE:
            self.instance.secret = ""
        return super().save(commit)

    def _check_places(self, cleaned: dict[str, Any]) -> None:
        """What the address names must always be there."""
        schema = cleaned.get("arguments")
        if schema is None or "url" not in cleaned:
            return
        sure = set(schema.get("required", ())) & set(schema.get("properties", {}))
        sure |= {name for name, rule in schema.get("properties", {}).items() if "default" in rule}
        unsure = sorted(set(PLACE.findall(cleaned["url"])) - sure)
        if unsure:
            named = ", ".join(json.dumps(name) for name in unsure)
            self.add_error("url", f"The schema must require {named}, for the address names it.")


class TryForm(forms.Form):
    arguments = forms.CharField(
        label="Arguments",
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 5, "spellcheck": "false"}),
        help_text="A JSON object, as a model would write it.",
    )
