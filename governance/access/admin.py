"""People, groups and API keys in the console."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import Count, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone

from governance.access.console import AuditedAdmin, action, actor_of, display, sign_in
from governance.access.forms import AdminPasswordChangeForm, NewUserForm, UserForm
from governance.access.models import ApiKey, User
from governance.access.roles import STAFF_ROLES
from governance.audit.services import record

admin.site.login = sign_in  # type: ignore[method-assign]
admin.site.index_title = "Overview"
admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(DjangoUserAdmin[User], AuditedAdmin[User]):
    """
    The people who may sign in.

    Only a superuser makes or changes superusers: otherwise the right to change users would be the right to all.
    """

    audit_as = "user"
    form = UserForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["email", "name", "group_names", "is_active", "is_staff", "last_login"]
    list_filter = ["groups", "is_active", "is_staff"]
    search_fields = ["email", "name"]
    ordering = ["email"]
    list_per_page = 50
    show_full_result_count = False
    filter_horizontal = []
    autocomplete_fields = ["groups"]
    readonly_fields = ["last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["email", "name", "password"]}),
        ("Rights", {"fields": ["groups", "is_active", "is_staff", "is_superuser"]}),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "name", "password1", "password2"]})]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def audit_target(self, obj: User) -> str:
        return obj.email

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        fixed = [str(name) for name in super().get_readonly_fields(request, obj)]
        return fixed if actor_of(request).is_superuser else [*fixed, "is_superuser"]

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        may = super().has_change_permission(request, obj)
        return may and (obj is None or not obj.is_superuser or actor_of(request).is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        may = super().has_delete_permission(request, obj)
        return may and (obj is None or not obj.is_superuser or actor_of(request).is_superuser)

    def save_related(self, request: HttpRequest, form: ModelForm[User], formsets: Any, change: bool) -> None:  # noqa: FBT001
        """Whoever gets a role that works in the console may open it."""
        super().save_related(request, form, formsets, change)
        user = form.instance
        if not user.is_staff and user.groups.filter(name__in=STAFF_ROLES).exists():
            user.is_staff = True
            user.save(update_fields=["is_staff"])
            self.message_user(request, f"{user} may open the console now: the role needs it.", messages.INFO)

    @display(description="groups")
    def group_names(self, user: User) -> str:
        return ", ".join(sorted(group.name for group in user.groups.all())) or "–"


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, AuditedAdmin[Group]):
    """Who belongs together: documents are shown to groups, and roles are groups with permissions."""

    audit_as = "group"
    list_display = ["name", "members"]
    filter_horizontal = []
    autocomplete_fields = []

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        return super().get_queryset(request).annotate(member_count=Count("user"))

    @display(description="members", ordering="member_count")
    def members(self, group: Group) -> int:
        count: int = getattr(group, "member_count", 0)
        return count


@admin.register(ApiKey)
class ApiKeyAdmin(AuditedAdmin[ApiKey]):
    """Keys for scripts. A key is shown once, when it is made; later only its first characters."""

    audit_as = "api_key"
    list_display = ["prefix_and_name", "user", "status", "created_at", "last_used_at"]
    list_filter = [("revoked_at", admin.EmptyFieldListFilter), ("user", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["user"]
    search_fields = ["name", "prefix", "user__email"]
    ordering = ["-created_at"]
    autocomplete_fields = ["user"]
    actions = ["revoke"]

    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> Any:
        shown = ["user", "name"]
        return shown if obj is None else [*shown, "prefix", "created_at", "last_used_at", "revoked_at"]

    def has_change_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return actor_of(request).has_perm("governance.change_apikey")

    def save_model(self, request: HttpRequest, obj: ApiKey, form: ModelForm[ApiKey], change: bool) -> None:  # noqa: FBT001
        key = ApiKey.issue(obj.user, name=obj.name)
        issued = ApiKey.objects.get(digest=ApiKey.digest_of(key))
        obj.pk, obj.prefix, obj.digest = issued.pk, issued.prefix, issued.digest
        self.message_user(request, f"Copy the key now, it cannot be shown again: {key}", messages.WARNING)

    @action(description="Revoke selected keys", permissions=["revoke"])
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        revoked = list(keys.filter(revoked_at=None).select_related("user"))
        keys.filter(revoked_at=None).update(revoked_at=timezone.now())
        for key in revoked:
            record(actor=actor_of(request), action="api_key.revoke", target=str(key))
        self.message_user(request, f"{len(revoked)} key(s) revoked: they stopped working at once.")

    @display(description="key", header=True)
    def prefix_and_name(self, key: ApiKey) -> list[str]:
        return [f"{key.prefix}…", key.name]

    @display(description="status", label={"active": "success", "revoked": "danger", "owner inactive": "warning"})
    def status(self, key: ApiKey) -> str:
        if key.revoked_at:
            return "revoked"
        return "active" if key.user.is_active else "owner inactive"
