"""Who is calling: a bearer key or a signed-in session."""

from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer, SessionAuth

from governance.access.models import ApiKey, User

NOTE_USE_EVERY = timedelta(minutes=5)


class BearerKey(HttpBearer):
    """`Authorization: Bearer aa_…`"""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        key = ApiKey.objects.live().select_related("user").filter(digest=ApiKey.digest_of(token)).first()
        if key is None:
            return None
        now = timezone.now()
        if key.last_used_at is None or now - key.last_used_at > NOTE_USE_EVERY:
            ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
        request.user = key.user
        return key.user


class Session(SessionAuth):
    """The browser's session cookie; changes need the CSRF token."""


api_auth = [BearerKey(), Session()]


def caller_of(request: HttpRequest) -> User:
    """The authenticated person behind an API request."""
    user: User = request.auth  # type: ignore[attr-defined]
    return user
