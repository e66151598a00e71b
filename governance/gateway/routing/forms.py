"""Forms of the router's pages."""

from django import forms
from unfold.widgets import UnfoldAdminTextareaWidget


class ImportForm(forms.Form):
    """Examples as lines of text."""

    text = forms.CharField(
        label="Lines",
        max_length=500_000,
        strip=False,
        help_text="One example per line: kind | department | question",
        widget=UnfoldAdminTextareaWidget(
            {"rows": 12, "placeholder": "lookup | hr | How many vacation days do we get?", "spellcheck": "false"}
        ),
    )
