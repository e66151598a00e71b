"""The values behind placeholders: sealed, for a day, by conversation."""

from dataclasses import replace
from uuid import uuid4

import pytest
import redis
from django.conf import settings
from django.utils.safestring import mark_safe

from governance.guardrails.pii import vault
from governance.guardrails.pii.shown import hidden_in, readable, shown
from governance.guardrails.policy import DEFAULT

pytestmark = pytest.mark.usefixtures("empty_redis")


def everything_in_redis() -> bytes:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        return b"".join(part for key in client.scan_iter() for pair in client.hgetall(key).items() for part in pair)


def test_a_value_comes_back_in_its_conversation_only() -> None:
    here, elsewhere = str(uuid4()), str(uuid4())

    stored = vault.hide("Mail ana@acme.com", scope=here, policy=DEFAULT)

    assert list(vault.values_for(here, stored).values()) == ["ana@acme.com"]
    assert vault.values_of(elsewhere) == {}


def test_redis_holds_it_sealed_and_for_a_day() -> None:
    scope = str(uuid4())
    vault.hide("Mail ana@acme.com", scope=scope, policy=DEFAULT)

    with redis.Redis.from_url(settings.REDIS_URL) as client:
        left_s = client.ttl(vault.key_of(scope))

    assert b"ana@acme" not in everything_in_redis()
    assert 0 < left_s <= vault.LIFE.total_seconds()


def test_a_policy_without_a_way_back_keeps_nothing() -> None:
    scope = str(uuid4())

    stored = vault.hide("Mail ana@acme.com", scope=scope, policy=replace(DEFAULT, is_reversible=False))

    assert "ana" not in stored
    assert everything_in_redis() == b""


def test_what_is_forgotten_stays_a_placeholder() -> None:
    scope = str(uuid4())
    stored = vault.hide("Mail ana@acme.com", scope=scope, policy=DEFAULT)

    vault.forget([scope])

    assert vault.values_for(scope, stored) == {}


def test_the_writer_reads_the_value_and_others_what_kind_it_is() -> None:
    scope = str(uuid4())
    stored = vault.hide("<b> ana@acme.com", scope=scope, policy=DEFAULT)

    assert shown(stored, vault.values_of(scope)) == "&lt;b&gt; ana@acme.com"
    assert shown(stored) == '&lt;b&gt; <span class="hidden-value">e-mail address, hidden</span>'
    assert readable(stored) == "<b> ‹e-mail address, hidden›"
    assert hidden_in(f"{stored} {stored}") == "1 e-mail address"


def test_a_value_can_t_become_html_and_tags_are_left_alone() -> None:
    html = mark_safe('<a title="[EMAIL_aaaaaa]">[EMAIL_aaaaaa]</a>')

    assert shown(html, {"[EMAIL_aaaaaa]": "<i>@x"}) == '<a title="[EMAIL_aaaaaa]">&lt;i&gt;@x</a>'
