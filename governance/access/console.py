"""The console: Django's admin in unfold's look, with the site's own sign-in and each act on the audit record."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from governance.access.changes import Changes, changes_of, row_as_it_is
from governance.access.models import User
from governance.audit.services import record

M = TypeVar("M", bound=Model)
F = TypeVar("F", bound=Callable[..., Any])

if TYPE_CHECKING:  # unfold brings no types: its classes behave like Django's, its decorators give back what they get
    from django.contrib.admin import ModelAdmin, TabularInline

    def action(
        *, description: str, permissions: Sequence[str], url_path: str = "", icon: str = ""
    ) -> Callable[[F], F]: ...

    def display(
        *, description: str, ordering: str = "", header: bool = False, label: dict[str, str] | None = None
    ) -> Callable[[F], F]: ...
else:
    from unfold.admin import ModelAdmin, TabularInline
    from unfold.decorators import action, display

__all__ = [
    "AuditedAdmin",
    "ModelAdmin",
    "ReadOnlyAdmin",
    "SuperusersOnly",
    "TabularInline",
    "action",
    "actor_of",
    "display",
    "sign_in",
]


@never_cache
def sign_in(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    """Takes the place of the admin's own sign-in page: people sign in once, on the site's page."""
    if admin.site.has_permission(request):
        return redirect("admin:index")
    if request.user.is_authenticated:
        raise PermissionDenied
    return redirect_to_login(request.GET.get("next") or reverse("admin:index"))


def actor_of(request: HttpRequest) -> User:
    """The person at the console."""
    assert isinstance(request.user, User)  # noqa: S101  (narrows the type: the console is behind sign-in)
    return request.user


class ReadOnlyAdmin(ModelAdmin[M]):
    """A list and its rows, to look at."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False


class SuperusersOnly(ModelAdmin[M]):
    """For what decides where this server connects to, and with which secrets: whatever rights others were given."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return actor_of(request).is_superuser if request.user.is_authenticated else False

    def has_view_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return self.has_module_permission(request) and super().has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_module_permission(request) and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return self.has_module_permission(request) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return self.has_module_permission(request) and super().has_delete_permission(request, obj)


class AuditedAdmin(ModelAdmin[M]):
    """
    Puts each creation, change and deletion on the audit record with what was before and after, beside Django's history.

    Secrets are shown as changed only, long texts are cut.
    """

    audit_as = ""

    def audit_target(self, obj: M) -> str:
        """How the record names the row, for good."""
        return str(obj)

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:  # noqa: FBT001, FBT002
        """Django's own, and behind it what is only for the record: the values."""
        return [*super().construct_change_message(request, form, formsets, add), changes_of(form, formsets)]

    def log_addition(self, request: HttpRequest, obj: M, message: Any) -> Any:
        words, values = taken_apart(message)
        self.record_act(request, "create", obj, **values)
        return super().log_addition(request, obj, words)

    def log_change(self, request: HttpRequest, obj: M, message: Any) -> Any:
        words, values = taken_apart(message)
        if words:
            self.record_act(request, "change", obj, what=words_of(words), **values)
        return super().log_change(request, obj, words)

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[M]) -> Any:
        for obj in queryset:
            self.record_act(request, "delete", obj, before=row_as_it_is(obj))
        return super().log_deletions(request, queryset)

    def record_act(self, request: HttpRequest, verb: str, obj: M, **details: Any) -> None:
        record(actor=actor_of(request), action=f"{self.audit_as}.{verb}", target=self.audit_target(obj), **details)


def taken_apart(message: Any) -> tuple[Any, dict[str, Any]]:
    """The words for Django's history, and the values for the record."""
    if isinstance(message, str):
        return message, {}
    values = [part.as_details() for part in message if isinstance(part, Changes)]
    return [part for part in message if not isinstance(part, Changes)], values[0] if values else {}


def words_of(message: Any) -> list[str]:
    """The names of the changed fields, from Django's change message."""
    if isinstance(message, str):
        return [message]
    return [str(name) for part in message for act in part.values() for name in act.get("fields", ())]
