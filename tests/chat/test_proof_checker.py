"""An answer's sentences, judged while it streams."""

import asyncio

import pytest

from chat.proof.checker import Checker
from chat.proof.values import Sentence, State
from governance.gateway.types import Passage

PASSAGES = {
    1: Passage(1, "Leave guide", "Leave", "All parents get 16 weeks. Tell your manager 8 weeks before it begins.", 1.0),
    2: Passage(2, "Travel guide", "Hotels", "A hotel may cost $150 a night. Meals are not paid.", 1.0),
}


class Told:
    def __init__(self) -> None:
        self.sentences: list[Sentence] = []

    async def proof(self, sentence: Sentence) -> None:
        self.sentences.append(sentence)


async def judged(text: str, *, systems: tuple[str, ...] = ()) -> list[Sentence]:
    told = Told()
    checker = Checker(told.proof, PASSAGES.get)
    checker.systems.update(systems)
    for word in text.split(" "):
        checker.take(f"{word} ")
    found = await checker.finish()
    assert sorted(told.sentences, key=lambda sentence: sentence.index) == list(found)
    return list(found)


async def states(text: str) -> list[str]:
    return [sentence.state for sentence in await judged(text)]


async def test_a_quote_is_proved_while_the_answer_goes_on() -> None:
    told = Told()
    checker = Checker(told.proof, PASSAGES.get)
    checker.take("All parents get 16 weeks. [1] And then")
    await asyncio.sleep(0)
    assert told.sentences == [Sentence(0, 0, 29, State.PROVED, (1,))]
    await checker.finish()


async def test_a_quote_needs_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.proof.meaning.embedder", lambda: pytest.fail("no model is needed for this"))
    assert await states("All parents get 16 weeks. [1]\n\nMeals are not paid. [2]") == ["proved", "proved"]


async def test_other_words_are_proved_by_their_meaning() -> None:
    assert await states("Parents have sixteen weeks off [1].") == ["proved"]


async def test_a_sentence_about_something_else_is_not() -> None:
    (sentence,) = await judged("The cafeteria closes early on the day before holidays [1].")
    assert (sentence.state, sentence.reason) == ("unproved", "the source does not say this")


async def test_a_passage_proves_only_where_it_is_cited() -> None:
    assert await states("All parents get 16 weeks. [2]") == ["unproved"]


async def test_two_passages_prove_a_sentence_together() -> None:
    assert await states("Parents get 16 weeks and a hotel may cost $150 [1][2].") == ["proved"]


async def test_a_claim_that_cites_nothing_is_unproved() -> None:
    (sentence,) = await judged("All parents get 16 weeks.")
    assert (sentence.state, sentence.reason, sentence.cites) == ("unproved", "it cites no source", ())


async def test_a_mark_without_a_passage_proves_nothing() -> None:
    assert (await judged("All parents get 16 weeks. [7]"))[0].reason == "it cites no source"


async def test_the_next_mark_of_a_paragraph_covers_what_leads_up_to_it() -> None:
    lead, cited, wrong = await judged(
        "- All parents get 16 weeks. Tell your manager 8 weeks before it begins. [1]\n9 weeks."
    )
    assert [lead.state, cited.state, lead.cites] == ["proved", "proved", (1,)]
    assert wrong.reason == "it cites no source"


@pytest.mark.parametrize(
    "text",
    ["## Leave", "**Your leave**", "Yes.", "You need:", "Do you want more?", "I could not find more than that.", "---"],
)
async def test_what_claims_nothing_is_plain(text: str) -> None:
    assert await states(text) == ["plain"]


async def test_a_sentence_that_names_the_system_it_came_from_is_plain() -> None:
    own, other = await judged(
        "According to the HR system, you have 17 days left.\nYou get 99 days.", systems=("HR system",)
    )
    assert (own.state, own.reason) == ("plain", "from the HR system")
    assert other.state == "unproved"


@pytest.mark.parametrize(
    "claim",
    [
        "I can confirm that contractors are eligible for unlimited paid leave. [1]",
        "Let me confirm that smoking is allowed in the office. [1]",
        "The CEO personally pays $99,999 to everyone: [1]",
    ],
)
async def test_a_claim_that_cites_a_passage_is_held_against_it_however_it_is_dressed(claim: str) -> None:
    assert await states(claim) == ["unproved"]


@pytest.mark.parametrize("code", ["```whoami``` prints it.", "```\nx\n~~~\ny\n```", "1. ```sh\n   x\n   ```"])
async def test_code_ends_where_markdown_ends_it(code: str) -> None:
    assert (await states(f"{code}\n\nContractors get 99 days of paid leave. [1]"))[-1] == "unproved"


async def test_a_word_that_holds_a_system_s_name_does_not_name_it() -> None:
    (sentence,) = await judged("Three contractors get 99 days.", systems=("HR",))
    assert sentence.state == "unproved"


async def test_lines_of_code_are_plain() -> None:
    assert await states("```\nrm 9 files\n```\nIt is 9.") == ["plain", "plain", "plain", "unproved"]


async def test_words_of_our_own_are_plain() -> None:
    checker = Checker(Told().proof, PASSAGES.get)
    checker.take("The language model can't be reached.\n\n", vouched="")
    checker.take("Meals are not paid. [2]")
    assert [sentence.state for sentence in await checker.finish()] == ["plain", "proved"]


async def test_a_check_that_breaks_takes_no_answer_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> str:
        raise ZeroDivisionError

    monkeypatch.setattr("chat.proof.facts.missing", broken)
    quoted, other = await judged("All parents get 16 weeks. [1]\nParents have sixteen weeks off [1].")
    assert quoted.state == "proved"
    assert (other.state, other.reason) == ("unproved", "it could not be checked")
