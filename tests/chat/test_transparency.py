"""What people are told before they begin, and what the page about AskAcme says of its configuration."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from askacme.config import ProviderConfig
from chat.transparency.about import about_for
from chat.transparency.models import Acknowledgement
from chat.transparency.rules import in_words
from chat.transparency.services import NOTICE, acknowledge
from governance.access.models import User
from governance.audit.models import AuditEvent, RetentionRule
from governance.guardrails.policy import DEFAULT, Policy
from governance.guardrails.values import Action
from tests.cast import make_document
from tests.chat.rows import make_conversation, make_message, make_version

pytestmark = pytest.mark.django_db

CARD = 'class="notice-card"'


@pytest.fixture
def newcomer(client: Client) -> User:
    dora = User.objects.create_user("dora@acme.example", "a-long-password-1", name="Dora")
    client.force_login(dora)
    return dora


def text_of(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, response
    return response.content.decode()


@pytest.mark.parametrize("url", ["/", "/temporary/"])
def test_whoever_is_new_is_told_and_can_ask_at_once(client: Client, newcomer: User, url: str) -> None:
    for _ in range(2):  # having been shown it is not having understood it
        html = text_of(client, url)
        assert CARD in html
        assert "data-composer" in html


def test_asking_is_not_saying_that_one_understands(client: Client, newcomer: User) -> None:
    conversation = make_conversation(newcomer)
    make_message(conversation, make_version())
    assert CARD in text_of(client, f"/c/{conversation.pk}/?turn=1")
    assert not Acknowledgement.objects.exists()


def test_it_says_what_is_recorded_and_whom_to_ask(client: Client, newcomer: User) -> None:
    html = text_of(client, "/notice/")
    for words in ("computer program", "It can be wrong", "What is recorded", "Who can see it", "the HR team"):
        assert words in html


def test_having_understood_one_is_back_and_not_told_again(client: Client, newcomer: User) -> None:
    assert client.post("/notice/", {"next": "/temporary/"})["Location"] == "/temporary/"
    assert CARD not in text_of(client, "/")
    seen = Acknowledgement.objects.get(user=newcomer)
    assert seen.version == NOTICE
    assert timezone.now() - seen.at < timedelta(minutes=1)


def test_a_page_that_stays_open_only_loses_the_card(client: Client, newcomer: User) -> None:
    answer = client.post("/notice/", headers={"HX-Request": "true"})
    assert (answer.status_code, CARD in answer.content.decode()) == (200, False)
    assert CARD not in text_of(client, "/")


@pytest.mark.parametrize("url", ["/", "/notice/"])
def test_it_says_that_the_record_outlives_what_is_deleted_and_who_reads_it(
    client: Client, newcomer: User, url: str
) -> None:
    html = text_of(client, url)
    assert "temporary chats too, after you have deleted the conversation" in html
    assert "only after giving a reason" in html
    assert 'href="/readings/"' in html


def test_the_notice_is_in_the_menu(client: Client, newcomer: User) -> None:
    acknowledge(user=newcomer, version=NOTICE)
    assert 'href="/notice/"' in text_of(client, "/")


def test_nobody_is_led_away_by_a_forged_address(client: Client, newcomer: User) -> None:
    assert client.post("/notice/", {"next": "https://evil.example/"})["Location"] == "/"


def test_a_new_version_of_the_notice_is_shown_again(client: Client, newcomer: User) -> None:
    Acknowledgement.objects.create(user=newcomer, version="2024-01")
    assert CARD in text_of(client, "/")


def test_reading_it_twice_is_kept_and_recorded_once(newcomer: User) -> None:
    assert acknowledge(user=newcomer, version=NOTICE)
    assert not acknowledge(user=newcomer, version=NOTICE)
    assert AuditEvent.objects.filter(action="transparency.acknowledge").count() == 1


@pytest.mark.parametrize("url", ["/notice/", "/about/", "/about.json"])
def test_strangers_sign_in_first(client: Client, url: str) -> None:
    assert client.get(url)["Location"] == f"/sign-in/?next={url}"


def test_about_tells_of_the_reader_when_no_model_is_configured(client: Client, ana: User) -> None:
    client.force_login(ana)
    html = text_of(client, "/about/")
    assert "quotes them word for word" in html
    assert "all-MiniLM-L6-v2" in html


def test_about_names_the_models_that_are_configured(ana: User, settings: LazySettings) -> None:
    acme = ProviderConfig.model_validate(
        {"name": "acme", "kind": "openai", "base_url": "http://127.0.0.1:1/v1", "models": {"fast": "s", "strong": "l"}}
    )
    settings.ASKACME = settings.ASKACME.model_copy(update={"llm_providers": (acme,), "nli_model": "/models/nli-base/"})
    card = about_for(ana).model
    assert [(used.provider, used.model, used.tiers) for used in card.models] == [
        ("acme", "s", ("fast",)),
        ("acme", "l", ("strong",)),
    ]
    assert (card.only_quotes, card.writers, card.entailment) == (False, "acme", "nli-base")


def test_documents_are_counted_as_far_as_the_reader_sees_them(ana: User, cleo: User, team: Group) -> None:
    make_document(groups=(team,))
    make_document("# Rail\n\nThe trains of the company are booked by the desk.", path="rail.md")
    assert (about_for(ana).data.documents, about_for(cleo).data.documents) == (2, 1)
    assert about_for(cleo).data.languages == ("English",)
    assert about_for(cleo).data.newest is not None


def test_retention_is_told_as_it_is_set(client: Client, ana: User) -> None:
    RetentionRule.objects.update_or_create(table="conversations", defaults={"days": 90})
    RetentionRule.objects.filter(table="feedback").delete()
    told = {kept.what: kept.how_long for kept in about_for(ana).data.kept}
    assert told["Your conversations"] == "90 days"
    assert told["Your feedback"] == "until it is deleted"
    client.force_login(ana)
    html = text_of(client, "/notice/")
    assert "Your conversations: 90 days" in html
    assert "in the audit record: until a person&#x27;s data are erased" in html


def test_the_rules_say_what_is_done(ana: User) -> None:
    rules = in_words(DEFAULT, DEFAULT)
    done = {sentence.what: sentence.done for sentence in rules.questions}
    assert done["Attempts to turn AskAcme against its rules"].startswith("are not answered")
    assert "replaced before it is stored" in rules.personal_data


def test_kinds_of_personal_data_that_a_policy_lets_through_are_named() -> None:
    told = in_words(Policy("x@1", pii={"EMAIL": Action.ALLOW}, is_reversible=False), DEFAULT).personal_data
    assert "e-mail address" in told
    assert "puts it back" not in told


def test_the_cards_are_there_for_machines(client: Client, ana: User) -> None:
    client.force_login(ana)
    told = client.get("/about.json").json()
    assert set(told) == {"model", "data", "rules", "contact", "inbox"}
    assert told["model"]["models"][0]["is_reader"] is True
    assert told["rules"]["version"]


def test_an_answer_says_how_it_came_about_and_a_refusal_does_not(client: Client, ana: User) -> None:
    client.force_login(ana)
    version, conversation = make_version(), make_conversation(ana)
    make_message(conversation, version, provider="acme")
    html = text_of(client, f"/c/{conversation.pk}/")
    assert 'data-generated="model"' in html
    assert "Generated answer" in html
    refused = make_conversation(ana)
    make_message(refused, status="no_answer", answer="I don't know: ask HR.")
    assert "data-generated" not in text_of(client, f"/c/{refused.pk}/")


def test_what_the_reader_quotes_is_automatic_but_not_generated(client: Client, ana: User) -> None:
    client.force_login(ana)
    conversation = make_conversation(ana)
    make_message(conversation, make_version(), provider="reader")
    assert 'data-generated="reader"' in text_of(client, f"/c/{conversation.pk}/")
