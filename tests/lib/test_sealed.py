"""Secrets at rest."""

import pytest
from django.conf import LazySettings

from askacme.lib.sealed import Sealed, Unreadable, seal, unseal
from governance.gateway.models import ModelProvider


def test_what_is_sealed_opens_and_does_not_show_itself() -> None:
    sealed = Sealed(seal("sk-very-secret"))
    assert sealed.open() == "sk-very-secret"
    assert "secret" not in f"{sealed} {sealed!r} {sealed.token}"


def test_nothing_stays_nothing() -> None:
    assert (seal(""), unseal("")) == ("", "")


def test_after_a_change_of_the_secret_key_the_old_one_still_opens(settings: LazySettings) -> None:
    old, sealed = settings.SECRET_KEY, seal("sk-1")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-key", [old]
    assert unseal(sealed) == "sk-1"


def test_without_the_old_key_it_says_what_to_do(settings: LazySettings) -> None:
    sealed = seal("sk-1")
    settings.SECRET_KEY = "another-key"
    with pytest.raises(Unreadable, match="enter it again"):
        unseal(sealed)


@pytest.mark.django_db
def test_a_row_never_holds_the_plain_text() -> None:
    row = ModelProvider(name="acme", kind="openai", base_url="http://127.0.0.1", fast_model="m")
    row.api_key = "sk-plain"
    row.save()
    row.refresh_from_db()
    [stored] = ModelProvider.objects.extra(select={"raw": "api_key"}).values_list("raw", flat=True)
    assert row.api_key.open() == "sk-plain"
    assert "sk-plain" not in stored + str(vars(row))
