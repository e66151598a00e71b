"""Forms of the document console. The audience has no default: whoever uploads says who may see it."""

from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminTextInputWidget,
)

from governance.access.models import User
from knowledge.documents.models import Document
from knowledge.documents.services import AudienceChoice
from knowledge.ingest.parse.kind import ACCEPTED, BY_EXTENSION

if TYPE_CHECKING:
    DocumentModelForm = forms.ModelForm[Document]
else:
    DocumentModelForm = forms.ModelForm

EVERYONE, GROUPS, OWNER = "everyone", "groups", "owner"
AUDIENCES = [
    (EVERYONE, "Everyone who can sign in"),
    (GROUPS, "Only the groups chosen below, and the owner"),
    (OWNER, "Only the owner"),
]


class AudienceFields(forms.Form):
    """Who may see a document."""

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
        return AudienceChoice(for_everyone=audience == EVERYONE, groups=tuple(groups))


class DocumentForm(AudienceFields, DocumentModelForm):
    """What can be changed about a document without a new file."""

    class Meta:
        model = Document
        fields = ["title", "owner"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        document = kwargs.get("instance")
        if document is not None:
            groups = list(document.groups.all())
            audience = EVERYONE if document.for_everyone else GROUPS if groups else OWNER
            kwargs["initial"] = {"audience": audience, "audience_groups": groups, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)


class FilesInput(forms.ClearableFileInput):
    """A file input that takes several files; browsers let people drop files on it."""

    template_name = "django/forms/widgets/file.html"
    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: MultiValueDict[str, UploadedFile[Any]], name: str) -> Any:
        return files.getlist(name)


class FilesField(forms.FileField):
    """Several files as a list; each is judged by itself later, so an empty one passes here."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        if not data:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return [super(FilesField, self).clean(file, initial) for file in data]


class UploadForm(AudienceFields):
    uploads = FilesField(
        label="Files",
        allow_empty_file=True,
        help_text=f"{ACCEPTED}. Drop files here, or choose up to 100 at once.",
        widget=FilesInput({"multiple": True, "accept": ",".join(BY_EXTENSION), "class": "console-files"}),
    )
    title = forms.CharField(
        max_length=300,
        required=False,
        help_text="For a single file. Left empty, the title is taken from the document itself.",
        widget=UnfoldAdminTextInputWidget,
    )
    owner = forms.ModelChoiceField(
        queryset=User.objects.filter(is_active=True),
        required=False,
        help_text="The person to ask when the document does not answer. ",
        widget=AutocompleteSelect(Document.owner.field, admin.site),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("title") and len(cleaned.get("uploads") or []) > 1:
            self.add_error("title", "A title fits one file only: leave it empty, or upload one file.")
        return cleaned


class NewVersionForm(forms.Form):
    file = forms.FileField(
        allow_empty_file=True,
        widget=forms.FileInput({"class": "console-files"}),
    )

    def __init__(self, *args: Any, document: Document, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.extension = PurePath(document.path).suffix.lower()
        self.fields["file"].widget.attrs["accept"] = self.extension
        self.fields["file"].help_text = f"A file of the same kind ({self.extension}), as the old one was."

    def clean_file(self) -> UploadedFile[Any]:
        """The document's path, and so its kind, stays: links and later imports know it by that."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        given = PurePath(file.name or "").suffix.lower()
        if BY_EXTENSION.get(given) != BY_EXTENSION.get(self.extension):
            raise forms.ValidationError(
                f"This document is a {self.extension} file, and {file.name} is not. Save it as {self.extension}, or "
                "upload it as a new document and delete this one."
            )
        return file
