"""What became of a passage in a newer version."""

from chat.proof.changes import runs, successors

NEW = "Leave\n\nEvery parent gets 20 weeks of paid leave.\nAsk HR early.\n\nHotels cost $150."


def found(passage: str) -> list[str]:
    return [NEW[start:end] for start, end in successors(passage, NEW)]


def test_a_passage_that_stayed_is_found_word_for_word() -> None:
    assert found("Ask HR   early.") == ["Ask HR early."]


def test_each_sentence_finds_its_successor() -> None:
    assert found("Ask HR soon. Every parent gets 16 weeks of paid leave.") == [
        "Every parent gets 20 weeks of paid leave.",
        "Ask HR early.",
    ]


def test_a_passage_without_a_like_is_gone() -> None:
    assert found("Bring your own computer to work.") == []


def test_runs_say_what_went_and_what_came() -> None:
    assert list(runs(["gets", "16", "weeks"], ["gets", "20", "weeks", "now"])) == [
        ("same", "gets"),
        ("removed", "16"),
        ("added", "20"),
        ("same", "weeks"),
        ("added", "now"),
    ]
