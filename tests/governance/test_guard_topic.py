"""What isn't a company's business is told from what is, and small talk has names of its own."""

import pytest

from governance.gateway.embeddings import embedder
from governance.guardrails.topic import OFF_TOPIC, SMALL_TALK, Topic
from governance.guardrails.values import Judgement


def judged(text: str) -> Judgement:
    return Topic().judge(text, embedder().embed_query(text))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Hello!", "topic.greeting"),
        ("Guten Morgen zusammen", "topic.greeting"),
        ("Thank you very much", "topic.thanks"),
        ("Vielen lieben Dank", "topic.thanks"),
        ("Bye, have a nice evening", "topic.goodbye"),
        ("Who made you?", "topic.about_you"),
        ("Wie heißt du eigentlich?", "topic.about_you"),
        ("Tell me a joke about chickens", "topic.joke"),
    ],
)
def test_small_talk_is_named(text: str, code: str) -> None:
    judgement = judged(text)
    assert judgement.score >= 0.5
    assert judgement.code == code
    assert code in SMALL_TALK


@pytest.mark.parametrize(
    "text",
    [
        "Who won the world cup in 2014?",
        "Give me a recipe for apple pie",
        "What is the capital of Norway?",
        "Wie wird das Wetter in Rom?",
        "Who is the president of Brazil?",
    ],
)
def test_what_is_nobodys_business_here_is_off_topic(text: str) -> None:
    judgement = judged(text)
    assert judgement.score >= 0.5
    assert judgement.code == OFF_TOPIC


@pytest.mark.parametrize(
    "text",
    [
        "How many days of leave do I have?",
        "Thanks. And how do I hand in the receipt?",
        "Hello, who approves my trip to Rome?",
        "How do I reset my password?",
        "What does the travel policy say about flights to Brazil?",
        "Wie beantrage ich Elternzeit?",
        "My colleague harasses me, whom do I tell?",
        "printer third floor",
    ],
)
def test_questions_of_employees_are_on_topic(text: str) -> None:
    assert judged(text).score < 0.5
