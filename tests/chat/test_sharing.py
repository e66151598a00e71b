"""Conversations that colleagues may read, and how much of them."""

from itertools import product
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError
from django.test import Client

from askacme.lib.errors import Conflict, InvalidInput, NotFound
from chat.conversations.models import Conversation, Message
from chat.conversations.services import rename
from chat.sharing.models import Share
from chat.sharing.seen import NO_ANSWER, WITHHELD, SharedTurn, seen_by
from chat.sharing.services import end, share, suggested_colleagues
from governance.access.models import User
from governance.access.people import NOBODY
from governance.audit.models import AuditEvent
from tests.cast import make_user
from tests.chat.rows import make_conversation, make_message, make_running, make_use, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation(ana: User) -> Conversation:
    return make_conversation(ana)


def give(conversation: Conversation, colleague: User) -> Share:
    return share(user=conversation.user, conversation_id=conversation.pk, email=colleague.email)


def seen(conversation: Conversation, colleague: User) -> list[SharedTurn]:
    return seen_by(colleague, give(conversation, colleague))


def test_the_colleague_reads_it_and_finds_it_in_the_list(
    client: Client, cleo: User, conversation: Conversation
) -> None:
    version = make_version()
    make_message(conversation, version)
    given = give(conversation, cleo)
    client.force_login(cleo)
    html = client.get(f"/shared/{given.pk}/").content.decode()
    assert "<strong>16 weeks</strong>" in html
    assert "Ana shared this with you" in html
    assert f'href="/documents/{version.pk}/?start=' in html
    assert "/sources/" not in html
    assert "ws-send" not in html
    assert f'href="/shared/{given.pk}/"' in client.get("/").content.decode()


def test_the_conversation_itself_stays_hers(client: Client, cleo: User, conversation: Conversation) -> None:
    message = make_message(conversation, make_version())
    give(conversation, cleo)
    client.force_login(cleo)
    for url in (f"/c/{conversation.pk}/", f"/sources/{message.pk}/1/", f"/answers/{message.pk}/markdown"):
        assert client.get(url).status_code == 404, url


def test_other_people_s_shares_are_not_there(client: Client, ben: User, cleo: User, conversation: Conversation) -> None:
    make_message(conversation, make_version())
    given = give(conversation, cleo)
    client.force_login(ben)
    assert client.get(f"/shared/{given.pk}/").status_code == 404
    assert client.post(f"/shared/{given.pk}/end").status_code == 404
    assert "Shared with me" not in client.get("/").content.decode()


AUDIENCES = ("everyone", "team", "others")


@pytest.mark.parametrize(("reader", "sees"), [("ben", {"everyone", "team"}), ("cleo", {"everyone"})])
@pytest.mark.parametrize("cited", [(), *product(AUDIENCES), *product(AUDIENCES, AUDIENCES)])
def test_an_answer_is_read_only_by_those_who_may_see_all_its_sources(
    request: pytest.FixtureRequest,
    conversation: Conversation,
    team: Group,
    reader: str,
    sees: set[str],
    cited: tuple[str, ...],
) -> None:
    groups = {"everyone": (), "team": (team,), "others": (Group.objects.create(name="Others"),)}
    marks = "".join(f"[{n}]" for n, _ in enumerate(cited, 1))
    make_message(conversation, *(make_version(groups=groups[name]) for name in cited), answer=f"Sixteen.{marks}")
    turn = seen(conversation, request.getfixturevalue(reader))[0]
    assert turn.message.question == "How many weeks?"
    if set(cited) <= sees:
        assert "Sixteen" in turn.body
        assert len(turn.sources) == len(cited)
    else:
        assert (turn.body, turn.sources, turn.note) == ("", (), WITHHELD)


def test_an_answer_whose_source_is_gone_is_withheld(cleo: User, conversation: Conversation) -> None:
    version = make_version()
    make_message(conversation, version)
    version.document.delete()
    assert seen(conversation, cleo)[0].note == WITHHELD


def test_who_loses_access_to_a_source_loses_the_answer(ben: User, conversation: Conversation, team: Group) -> None:
    make_message(conversation, make_version(groups=(team,)))
    given = give(conversation, ben)
    assert "16 weeks" in seen_by(ben, given)[0].body
    ben.groups.clear()
    assert seen_by(ben, given)[0].note == WITHHELD


@pytest.mark.parametrize(
    "use",
    [
        {},
        {"state": "proposed", "changes_something": True, "started_at": None, "finished_at": None},
        {"state": "failed", "error": "Down."},
        {"message": None},
    ],
)
def test_what_another_system_said_of_the_sharer_is_nobody_else_s(
    ben: User, conversation: Conversation, use: dict[str, object]
) -> None:
    make_use(make_message(conversation, make_version()), **use)
    assert seen(conversation, ben)[0].note == WITHHELD


def test_a_calculation_is_not_a_secret(ben: User, conversation: Conversation) -> None:
    make_use(make_message(conversation, make_version()), tool="calculate")
    assert "16 weeks" in seen(conversation, ben)[0].body


def test_what_may_repeat_a_withheld_answer_is_withheld_too(cleo: User, conversation: Conversation, team: Group) -> None:
    version, proof = make_version(), [{"index": 0, "start": 0, "end": 33, "state": "proved", "cites": [1]}]
    make_message(conversation, make_version(groups=(team,)))
    make_message(conversation, version, provider="openai", standalone="And after the bands?", proof=proof)
    make_message(conversation, version, provider="openai")
    make_message(conversation, version, provider="openai", proof=proof)
    make_message(conversation, version, provider="reader")
    assert [bool(turn.body) for turn in seen(conversation, cleo)] == [False, False, False, False, True]


def test_of_a_refusal_not_a_word_is_told(cleo: User, conversation: Conversation) -> None:
    make_message(conversation, status=Message.Status.NO_ANSWER, answer="Ask Owen, who owns Salary bands.")
    turn = seen(conversation, cleo)[0]
    assert (turn.body, turn.note) == ("", NO_ANSWER)


def test_sentences_without_proof_are_left_out(cleo: User, conversation: Conversation) -> None:
    answer = "Sixteen weeks.[1] The boss hates it. Ask HR.[1]"
    start = answer.index("The boss")
    proof = [{"index": 1, "start": start, "end": start + 18, "state": "unproved", "cites": [], "reason": "No source."}]
    make_message(conversation, make_version(), answer=answer, proof=proof)
    turn = seen(conversation, cleo)[0]
    assert "boss" not in turn.body
    assert "Sixteen weeks" in turn.body
    assert "Ask HR" in turn.body


def test_what_is_asked_later_stays_private_until_it_is_shared_again(cleo: User, conversation: Conversation) -> None:
    make_message(conversation, question="First")
    given = give(conversation, cleo)
    make_message(conversation, question="Second")
    assert [turn.message.question for turn in seen_by(cleo, given)] == ["First"]
    assert [turn.message.question for turn in seen(conversation, cleo)] == ["First", "Second"]
    assert Share.objects.count() == 1


def test_a_branch_that_was_not_shown_is_not_shared(cleo: User, conversation: Conversation) -> None:
    make_message(conversation, question="Embarrassing")
    make_message(conversation, question="Well put", parent_id=None)
    assert [turn.message.question for turn in seen(conversation, cleo)] == ["Well put"]


def test_its_name_tells_nothing_of_a_branch_that_was_not_shown(client: Client, ana: User, cleo: User) -> None:
    conversation = make_conversation(ana, title="Embarrassing")
    make_message(conversation, question="Embarrassing")
    make_message(conversation, question="Well put", parent_id=None)
    given = give(conversation, cleo)
    client.force_login(cleo)
    html = client.get(f"/shared/{given.pk}/").content.decode() + client.get("/").content.decode()
    assert "Well put" in html
    assert "Embarrassing" not in html


def test_what_it_is_named_later_stays_private_until_it_is_shared_again(
    client: Client, cleo: User, conversation: Conversation
) -> None:
    make_message(conversation)
    given, ana = give(conversation, cleo), conversation.user
    rename(user=ana, conversation_id=conversation.pk, title="My divorce")
    client.force_login(cleo)
    assert "My divorce" not in client.get(f"/shared/{given.pk}/").content.decode() + client.get("/").content.decode()
    assert give(conversation, cleo).title == "My divorce"


def test_a_running_answer_is_not_shared(cleo: User, conversation: Conversation) -> None:
    make_message(conversation, question="First")
    make_running(conversation)
    assert [turn.message.question for turn in seen(conversation, cleo)] == ["First"]


def test_only_a_running_answer_is_nothing_to_share(cleo: User, conversation: Conversation) -> None:
    make_running(conversation)
    with pytest.raises(InvalidInput, match="no answer to share"):
        give(conversation, cleo)


@pytest.mark.parametrize("email", ["nobody@acme.example", "", "ana@acme.example", "left@acme.example", NOBODY])
def test_it_takes_a_colleague(conversation: Conversation, email: str) -> None:
    make_user("left@acme.example", is_active=False)
    make_user(NOBODY)
    make_message(conversation)
    with pytest.raises(InvalidInput, match="no colleague"):
        share(user=conversation.user, conversation_id=conversation.pk, email=email)
    assert not Share.objects.exists()


def test_nobody_shares_what_is_not_theirs_or_temporary(ana: User, ben: User, cleo: User) -> None:
    temporary = make_conversation(ana, is_temporary=True)
    make_message(temporary)
    for user, conversation_id in ((ana, temporary.pk), (cleo, make_conversation(ana).pk), (ana, uuid4())):
        with pytest.raises(NotFound):
            share(user=user, conversation_id=conversation_id, email=ben.email)


def test_one_cannot_share_with_oneself_even_in_the_database(conversation: Conversation) -> None:
    user = conversation.user
    with pytest.raises(IntegrityError, match="share_not_with_oneself"):
        Share.objects.create(
            conversation=conversation, shared_by=user, shared_with=user, last=make_message(conversation)
        )


@pytest.mark.parametrize("who", ["ana", "cleo"])
def test_either_side_ends_it_at_once_and_it_is_on_record(
    request: pytest.FixtureRequest, client: Client, cleo: User, conversation: Conversation, who: str
) -> None:
    make_message(conversation)
    given = give(conversation, cleo)
    user = request.getfixturevalue(who)
    end(user=user, share_id=given.pk)
    client.force_login(cleo)
    assert client.get(f"/shared/{given.pk}/").status_code == 404
    events = AuditEvent.objects.filter(target=str(conversation.pk)).order_by("id")
    assert [(event.action, event.actor) for event in events] == [
        ("conversation.share", conversation.user),
        ("conversation.unshare", user),
    ]
    assert events[0].details == {"colleague": "cleo@acme.example"}


def test_the_dialog_says_what_happened(client: Client, cleo: User, conversation: Conversation) -> None:
    make_message(conversation)
    client.force_login(conversation.user)
    url = f"/c/{conversation.pk}/share"
    assert "with all your questions" in client.get(url).content.decode()
    assert "There is no colleague" in client.post(url, {"email": "x@acme.example"}).content.decode()
    assert "Cleo can read it now" in client.post(url, {"email": "CLEO@acme.example "}).content.decode()
    ended = client.post(f"/shared/{Share.objects.get().pk}/end").content.decode()
    assert "Cleo cannot read it any more" in ended


def test_colleagues_are_suggested_from_the_third_letter(client: Client, ana: User, ben: User, cleo: User) -> None:
    make_user("cleopatra@acme.example", is_active=False)
    assert suggested_colleagues(ana, "cl") == []
    assert suggested_colleagues(ana, "cle") == [cleo]
    assert suggested_colleagues(ana, "ana") == []
    assert suggested_colleagues(ana, "%%%") == []
    client.force_login(ana)
    html = client.get("/colleagues", {"email": "ben"}).content.decode()
    assert html.strip() == '<option value="ben@acme.example">Ben</option>'


def test_a_few_are_suggested_not_all(ana: User) -> None:
    for n in range(9):
        make_user(f"max{n}@acme.example")
    assert len(suggested_colleagues(ana, "max")) == 6


def test_what_has_changed_since_the_dialog_was_opened_is_not_shared(
    client: Client, cleo: User, conversation: Conversation
) -> None:
    seen_to = make_message(conversation, make_version())
    client.force_login(conversation.user)
    dialog = f"/c/{conversation.pk}/share"
    assert f'name="seen_to" value="{seen_to.pk}"' in client.get(dialog).content.decode()
    make_message(conversation, make_version(), question="Asked in another tab")
    said = client.post(dialog, {"email": cleo.email, "seen_to": str(seen_to.pk)}).content.decode()
    assert "The conversation has changed meanwhile." in said
    assert not Share.objects.exists()
    with pytest.raises(Conflict):
        share(user=conversation.user, conversation_id=conversation.pk, email=cleo.email, seen_to=seen_to.pk)
