"""Finding people by e-mail address."""

from askacme.lib.errors import NotFound
from governance.access.models import User

NOBODY = "command-line@askacme.invalid"


def person(email: str) -> User:
    """Raises NotFound, naming the address."""
    user = User.objects.filter(email__iexact=email.strip(), is_active=True).first()
    if user is None:
        raise NotFound(f"There is no active user {email!r}. Create one with: manage.py create_user {email}")
    return user


def person_or_nobody(email: str | None) -> User:
    """The person, or without an address a stand-in who is in no group and cannot sign in."""
    if email:
        return person(email)
    user = User.objects.filter(email=NOBODY).first()
    return user or User.objects.create_user(NOBODY, None, name="Command line")
