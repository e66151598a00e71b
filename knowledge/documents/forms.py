"""Forms of the document console. The audience has no default: whoever uploads says who may see it."""

from datetime import date
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminTextInputWidget

from governance.access.models import User
from knowledge.audience.access import Access, widening
from knowledge.audience.forms import PlaceFields, WideningFields, as_initial
from knowledge.documents.models import Document
from knowledge.documents.services import AudienceChoice, Lifecycle
from knowledge.ingest.parse.kind import ACCEPTED, BY_EXTENSION

if TYPE_CHECKING:
    DocumentModelForm = forms.ModelForm[Document]
else:
    DocumentModelForm = forms.ModelForm

LIFECYCLE = ["valid_from", "valid_until", "review_on", "superseded_by"]


class DocumentForm(WideningFields, PlaceFields, DocumentModelForm):
    """What can be changed about a document without a new file."""

    class Meta:
        model = Document
        fields = ["title", "owner", "collection", *LIFECYCLE]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        document = kwargs.get("instance")
        if document is not None:
            kwargs["initial"] = {**as_initial(AudienceChoice.of(document)), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if reason := self.lifecycle().reason_against(self.instance):
            self.add_error("valid_until" if "days" in reason else "superseded_by", reason)
        if not self.errors:
            before, after = Access.to(self.instance), self.chosen_access()
            self.ask_about(widening(before, after), after)
        return cleaned

    def lifecycle(self) -> Lifecycle:
        return Lifecycle(**{name: self.cleaned_data.get(name) for name in LIFECYCLE})

    def chosen_access(self) -> Access:
        owner = self.cleaned_data.get("owner")
        return self.chosen_audience().access(self.cleaned_data["collection"], owner.pk if owner else None)


class ReviewForm(forms.Form):
    """The document was looked through: when next?"""

    next_review = forms.DateField(label="Next review on", widget=UnfoldAdminDateWidget)

    def clean_next_review(self) -> date:
        chosen: date = self.cleaned_data["next_review"]
        if chosen <= timezone.localdate():
            raise forms.ValidationError("Choose a day to come.")
        return chosen


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


class UploadForm(PlaceFields):
    uploads = FilesField(
        label="Files",
        allow_empty_file=True,
        help_text=f"{ACCEPTED}; and zip archives of these. Drop files here, or choose up to 100 at once.",
        widget=FilesInput({"multiple": True, "accept": ",".join([*BY_EXTENSION, ".zip"]), "class": "console-files"}),
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
        uploads = cleaned.get("uploads") or []
        if cleaned.get("title") and (
            len(uploads) > 1 or any(str(file.name).lower().endswith(".zip") for file in uploads)
        ):
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
