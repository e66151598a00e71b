"""A case as people write it: lists as lines, other wordings beside each other."""

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from unfold.widgets import UnfoldAdminSelectMultipleWidget, UnfoldAdminTextareaWidget

from governance.prompts.suites.cases import KNOWN_STATUSES
from governance.prompts.suites.models import SuiteCase

OR = "|"
TURN = re.compile(r"\A(?P<who>[QA]):\s*(?P<said>.*)\Z")
PASSAGE = re.compile(r"^# ", re.MULTILINE)


class WrittenField(forms.CharField):
    """A text that stands for a list. `written` is the way back."""

    def __init__(self, *args: Any, rows: int = 3, **kwargs: Any) -> None:
        widget = UnfoldAdminTextareaWidget({"rows": rows})
        super().__init__(*args, required=False, widget=widget, **kwargs)

    def read(self, text: str) -> list[Any]:
        raise NotImplementedError

    def written(self, value: Iterable[Any]) -> str:
        raise NotImplementedError

    def clean(self, value: Any) -> Any:
        return self.read(str(super().clean(value)))

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else self.written(value or [])

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.clean(data or "") != list(initial or []))
        except ValidationError:
            return True


class LinesField(WrittenField):
    def read(self, text: str) -> list[str]:
        return [line.strip() for line in text.splitlines() if line.strip()]

    def written(self, value: Iterable[str]) -> str:
        return "\n".join(value)


class GroupsField(WrittenField):
    """A line for each group, `|` between its wordings."""

    def read(self, text: str) -> list[list[str]]:
        lines = ([part.strip() for part in line.split(OR) if part.strip()] for line in text.splitlines())
        return [group for group in lines if group]

    def written(self, value: Iterable[Iterable[str]]) -> str:
        return "\n".join(f" {OR} ".join(group) for group in value)


class TurnsField(WrittenField):
    """`Q: …` and, below it, `A: …`."""

    def read(self, text: str) -> list[dict[str, str]]:
        turns: list[dict[str, str]] = []
        for line in filter(None, map(str.strip, text.splitlines())):
            found = TURN.match(line)
            if found is None or (found["who"] == "A" and not turns):
                raise ValidationError(
                    "Write “Q: ” before what was asked and, on the next line, “A: ” before the answer."
                )
            if found["who"] == "Q":
                turns.append({"question": found["said"], "answer": ""})
            else:
                turns[-1]["answer"] = found["said"]
        return turns

    def written(self, value: Iterable[dict[str, str]]) -> str:
        return "\n".join(f"Q: {turn['question']}\nA: {turn.get('answer', '')}".removesuffix("\nA: ") for turn in value)


class PassagesField(WrittenField):
    """`# Title > Heading`, and below it the text."""

    def read(self, text: str) -> list[dict[str, str]]:
        before, *parts = PASSAGE.split(text.replace("\r\n", "\n"))
        if before.strip():
            raise ValidationError("Begin each passage with a line such as “# Parental leave > How long”.")
        return [self.passage(part) for part in parts]

    def passage(self, part: str) -> dict[str, str]:
        head, _, text = part.partition("\n")
        title, _, heading = head.partition(">")
        if not title.strip() or not text.strip():
            raise ValidationError("A passage has a title and, below it, a text.")
        return {"title": title.strip(), "heading": heading.strip(), "text": text.strip()}

    def written(self, value: Iterable[dict[str, str]]) -> str:
        return "\n\n".join(f"# {each['title']} > {each['heading']}\n{each['text']}" for each in value)


class CaseForm(forms.ModelForm[SuiteCase]):
    must_contain = GroupsField(help_text="A line for each thing; | between wordings of it, one of which is enough.")
    must_not_contain = GroupsField(help_text="A line for each thing; none of its wordings may be there.")
    cites = LinesField(rows=2, label="One of these documents", help_text="Paths, one a line.")
    history = TurnsField(label="Said before", help_text="Q: a question, and on the next line A: its answer.")
    passages = PassagesField(
        rows=5, label="Passages given", help_text="# Title > Heading, then the text. Empty: they are searched for."
    )
    tags = LinesField(rows=2, help_text="One a line.")
    statuses = forms.MultipleChoiceField(
        choices=[(status, status) for status in KNOWN_STATUSES],
        required=False,
        widget=UnfoldAdminSelectMultipleWidget,
        help_text="How the answer may end. None chosen: as its kind says.",
    )

    class Meta:
        model = SuiteCase
        fields = [
            *("suite", "key", "question", "kind", "is_active"),
            *("must_contain", "must_not_contain", "must_cite", "max_words", "cites", "history", "passages"),
            *("statuses", "rubric", "floor", "times", "json_schema", "tags"),
        ]

    def clean_json_schema(self) -> Any:
        schema = self.cleaned_data["json_schema"]
        if schema is None:
            return None
        try:
            Draft202012Validator.check_schema(schema)
        except SchemaError as error:
            raise ValidationError(f"This is no JSON schema: {error.message[:200]}") from error
        return schema
