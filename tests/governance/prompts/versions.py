"""People who write and approve prompts, and versions in each state."""

from decimal import Decimal

from governance.access.models import User
from governance.access.roles import ensure_roles
from governance.prompts.content import Content, checked
from governance.prompts.versions.models import Prompt, PromptVersion
from governance.prompts.versions.services import approve, draft, submit
from tests.cast import make_user


def make_author(email: str = "ada@acme.example") -> User:
    return make_user(email, ensure_roles()["Prompt authors"], is_staff=True)


def make_approver(email: str = "bob@acme.example") -> User:
    return make_user(email, ensure_roles()["Prompt approvers"], is_staff=True)


def make_both(email: str = "eve@acme.example") -> User:
    """An author who may also approve."""
    roles = ensure_roles()
    return make_user(email, roles["Prompt authors"], roles["Prompt approvers"], is_staff=True)


def content_of(text: str, name: str = "condense") -> Content:
    tier = Prompt.objects.get(pk=name).kind.tier
    return checked(
        Prompt.objects.get(pk=name).kind, text=text, tier=tier, temperature=Decimal(0), max_output_tokens=300
    )


def make_draft(author: User, text: str = "Make the question stand alone.", name: str = "condense") -> PromptVersion:
    prompt = Prompt.objects.get(pk=name)
    return draft(prompt=prompt, content=content_of(text, name), change_note="Shorter.", actor=author)


def make_submitted(author: User, text: str = "Make the question stand alone.", name: str = "condense") -> PromptVersion:
    version = make_draft(author, text, name)
    submit(version=version, actor=author)
    return version


def make_approved(
    author: User, approver: User, text: str = "Make the question stand alone.", name: str = "condense"
) -> PromptVersion:
    version = make_submitted(author, text, name)
    approve(version=version, actor=approver, seen=version.sha256)
    return version
