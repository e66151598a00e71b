"""The language of a text, told by its short words and its script."""

import pytest
from django.db import connection

from knowledge.health.language import LANGUAGES, language_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Employees must ask their manager before they travel.", "english"),
        ("Die Angestellten haben Anspruch auf 30 Tage Urlaub.", "german"),
        ("Les salariés ont droit à vingt-cinq jours de congés payés.", "french"),
        ("Los empleados tienen derecho a las vacaciones que marca la ley.", "spanish"),
        ("I dipendenti hanno diritto a venti giorni di ferie.", "italian"),
        ("Os funcionários têm direito a férias e não as perdem.", "portuguese"),
        ("De ansatte har rett til ferie etter loven, men ikke alltid.", "norwegian"),
        ("Työntekijällä on oikeus lomaan, ja se on pidettävä.", "finnish"),
        ("Сотрудники имеют право на отпуск и не должны ждать.", "russian"),
        ("Οι εργαζόμενοι δικαιούνται άδεια.", "greek"),
    ],
)
def test_a_sentence_is_enough(text: str, expected: str) -> None:
    assert language_of(text) == expected


@pytest.mark.parametrize("text", ["PTO | 25 | 30", "Acme 2026", "", "12345"])
def test_latin_text_that_does_not_say_is_taken_for_english(text: str) -> None:
    assert language_of(text) == "english"


@pytest.mark.parametrize("text", ["従業員は休暇を取る権利があります。", "Працівники мають право на відпустку."])
def test_a_language_without_a_stemmer_is_simple(text: str) -> None:
    assert language_of(text) == "simple"


def test_the_language_of_most_of_a_mixed_text_counts() -> None:
    german = "Die Anträge sind bei der Leitung einzureichen und werden dort geprüft. " * 5
    assert language_of(f"{german} This is the English summary of it.") == "german"


@pytest.mark.django_db
def test_every_language_is_a_text_search_configuration() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cfgname FROM pg_ts_config")
        known = {name for (name,) in cursor.fetchall()}
    assert known >= LANGUAGES
