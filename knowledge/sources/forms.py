"""The form of a source in the console. Folders are named on the server only: from here they would open its disk."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from unfold.widgets import UnfoldAdminSelectWidget

from askacme.lib.errors import AskAcmeError
from knowledge.sources.destinations import checked_url
from knowledge.sources.models import Source
from knowledge.sources.sitemap import MAX_PAGES

if TYPE_CHECKING:
    SourceModelForm = forms.ModelForm[Source]
else:
    SourceModelForm = forms.ModelForm

WEB_KINDS = [(Source.Kind.SITEMAP, "A site, by its sitemap"), (Source.Kind.URLS, "Single pages, by their addresses")]
OFTEN = [
    (None, "Only when asked to"),
    (1, "Every hour"),
    (6, "Every six hours"),
    (24, "Every day"),
    (168, "Every week"),
]


class SourceForm(SourceModelForm):
    every_hours = forms.TypedChoiceField(
        label="How often",
        choices=[(hours or "", words) for hours, words in OFTEN],
        coerce=int,
        empty_value=None,
        required=False,
        widget=UnfoldAdminSelectWidget,
    )

    class Meta:
        model = Source
        fields = ["name", "kind", "address", "urls", "collection", "owner", "every_hours"]
        labels = {"urls": "Addresses"}
        help_texts = {
            "address": "Of the sitemap, such as https://www.example.com/sitemap.xml",
            "owner": "The person to ask about its documents.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hours = self.instance.every_hours
        if hours not in dict(OFTEN):
            often = self.fields["every_hours"]
            assert isinstance(often, forms.TypedChoiceField)  # noqa: S101 - narrows the type
            often.choices = [(known or "", words) for known, words in [*OFTEN, (hours, f"Every {hours} hours")]]
        if "kind" in self.fields:
            kind = self.fields["kind"]
            assert isinstance(kind, forms.TypedChoiceField)  # noqa: S101 - narrows the type
            kind.choices = WEB_KINDS
        if "collection" in self.fields:
            self.fields["collection"].required = True
            self.fields[
                "collection"
            ].help_text = "Who may see its documents. What a person decides for one document later is kept."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        kind = cleaned.get("kind") or self.instance.kind
        if kind == Source.Kind.SITEMAP and "address" in self.fields:
            self.check("address", [cleaned.get("address", "")], missing="Enter the address of the sitemap.")
        elif kind == Source.Kind.URLS and "urls" in self.fields:
            self.check("urls", cleaned.get("urls", "").split(), missing="Enter at least one address.")
        return cleaned

    def check(self, field: str, addresses: list[str], *, missing: str) -> None:
        """Refuse at once what would fail at every sync."""
        if not any(addresses):
            self.add_error(field, missing)
        if len(addresses) > MAX_PAGES:
            self.add_error(field, f"At most {MAX_PAGES:,} addresses: use the site's sitemap instead.")
        for address in filter(None, addresses[:MAX_PAGES]):
            try:
                checked_url(address, settings.ASKACME.sync_allowed_hosts)
            except AskAcmeError as error:
                self.add_error(field, str(error))
