"""What a form changed, and what a row was, as the audit record keeps it: JSON, no secrets, no long texts."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Model, QuerySet
from django.forms import BaseForm, ModelChoiceField, PasswordInput
from django.utils.encoding import force_str

from askacme.lib.sealed import Sealed, SealedField

HIDDEN = "••••••••"
SECRET_NAMES = ("password", "secret", "api_key", "digest")
MOST_CHARS = 500


@dataclass(frozen=True, slots=True)
class Changes:
    """By field: what stood there, and what stands there now. A field that was empty, or is, has no entry there."""

    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)

    def as_details(self) -> dict[str, Any]:
        return {name: values for name, values in (("before", self.before), ("after", self.after)) if values}


def changes_of(form: BaseForm, formsets: Iterable[Any] | None) -> Changes:
    """Of a form that is valid, and of the rows below it."""
    changes = Changes()
    add_changes(changes, form, "")
    for formset in formsets or ():
        for row in formset.forms:
            if row.changed_data:
                add_changes(changes, row, f"{row.instance}: ")
    return changes


def add_changes(changes: Changes, form: BaseForm, prefix: str) -> None:
    instance = getattr(form, "instance", None)
    for name in form.changed_data:
        if name not in form.fields or is_secret(name, form, instance):
            changes.after[prefix + name] = HIDDEN
            continue
        for said, value in ((changes.before, was(form, name)), (changes.after, form.cleaned_data.get(name))):
            if (kept := keepable(value)) not in (None, "", []):
                said[prefix + name] = kept


def was(form: BaseForm, name: str) -> Any:
    """What the form began with; a row that it only knows by number, as people call it."""
    value, choice = form.get_initial_for_field(form.fields[name], name), form.fields[name]
    rows = choice.queryset if isinstance(choice, ModelChoiceField) else None
    if rows is None or value is None or isinstance(value, list | QuerySet | Model):
        return value
    return rows.model._default_manager.filter(pk=value).first()  # noqa: SLF001 - also one that can't be chosen any more


def is_secret(name: str, form: BaseForm, instance: Model | None) -> bool:
    columns = {column.name: column for column in instance._meta.fields} if instance else {}  # noqa: SLF001
    widget = form.fields[name].widget
    return is_secret_name(name) or isinstance(columns.get(name), SealedField) or isinstance(widget, PasswordInput)


def is_secret_name(name: str) -> bool:
    return any(part in name for part in SECRET_NAMES)


def row_as_it_is(row: Model) -> dict[str, Any]:
    """Its own columns, without secrets and without what is empty."""
    shown = [column for column in row._meta.concrete_fields if not isinstance(column, SealedField)]  # noqa: SLF001
    values = {column.attname: keepable(column.value_from_object(row)) for column in shown}
    return {
        name: HIDDEN if is_secret_name(name) else value for name, value in values.items() if value not in (None, "")
    }


def keepable(value: Any) -> Any:
    """As JSON: numbers and truths as they are, all else in words, cut where they are long."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Sealed):
        return HIDDEN if value else ""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(name): keepable(part) for name, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset | QuerySet):
        return [keepable(part) for part in value]
    words = str(value) if isinstance(value, Decimal | timedelta) else force_str(value)
    return words if len(words) <= MOST_CHARS else f"{words[: MOST_CHARS - 1]}…"
