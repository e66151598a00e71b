"""What a query looks for: stems by rarity, typing errors mended, phrases with all that means the same."""

from collections.abc import Callable

import pytest
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from knowledge.index.indexes import live_index
from knowledge.index.models import SearchIndex
from knowledge.search.models import Synonym, Word
from knowledge.search.terms import MAX_TERMS, Terms, quoted, terms_of

pytestmark = pytest.mark.django_db
Vocabulary = Callable[..., SearchIndex]


@pytest.fixture
def vocabulary() -> Vocabulary:
    """An index of a thousand chunks in which these stems stand, each in so many."""

    def make(*languages: str, **chunks: int) -> SearchIndex:
        for stem, count in chunks.items():
            padded = f"  {stem} "
            trigrams = sorted({padded[place : place + 3] for place in range(len(stem) + 1)})
            Word.objects.create(stem=stem, chunks=count, trigrams=trigrams)
        index = live_index()
        index.chunk_count, index.languages = 1000, list(languages or ["english"])
        index.save(update_fields=["chunk_count", "languages"])
        return index

    return make


def words(terms: Terms) -> list[str]:
    return [term.word for term in terms.terms]


def meets(query: str, text: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_tsvector('english', %s) @@ %s::tsquery", [text, query])
        return bool(cursor.fetchone()[0])


def test_the_rarest_word_comes_first(vocabulary: Vocabulary) -> None:
    index = vocabulary(leav=400, parent=12, garden=1)
    terms = terms_of("garden leave of parents", index)
    assert words(terms) == ["garden", "parent", "leav"]
    assert [term.rarity for term in terms.terms] == sorted((term.rarity for term in terms.terms), reverse=True)


def test_rarity_is_inverse_document_frequency(vocabulary: Vocabulary) -> None:
    (term,) = terms_of("garden", vocabulary(garden=1)).terms
    assert term.rarity == pytest.approx(6.5027, abs=1e-3)  # ln(1 + (1000 - 1 + 0.5) / (1 + 0.5))


def test_words_in_every_sentence_are_not_looked_for(vocabulary: Vocabulary) -> None:
    assert terms_of("what is it about the", vocabulary()).terms == ()


def test_at_most_so_many_terms_and_the_rarest_are_kept(vocabulary: Vocabulary) -> None:
    index = vocabulary(leav=900)
    terms = terms_of("leave " + " ".join(f"x{n}y" for n in range(60)), index)
    assert len(terms.terms) == MAX_TERMS
    assert "leav" not in words(terms)


@pytest.mark.parametrize(("typed", "meant"), [("recieve", "receiv"), ("parentel", "parent"), ("expence", "expens")])
def test_a_typing_error_is_mended(vocabulary: Vocabulary, typed: str, meant: str) -> None:
    index = vocabulary(receiv=3, parent=4, expens=5, relat=6)
    terms = terms_of(typed, index)
    assert list(terms.mended.values()) == [meant]
    assert (terms.terms[0].query, terms.terms[0].chunks) == (f"'{meant}'", Word.objects.get(pk=meant).chunks)


@pytest.mark.parametrize("query", ["2024", "40l1", "abc", "leave", "xylophone", "401k2024"])
def test_numbers_short_and_known_words_are_left_alone(vocabulary: Vocabulary, query: str) -> None:
    index = vocabulary(leav=3, abcd=2, **{"2025": 9, "40l2": 3, "401k2025": 1})
    assert terms_of(query, index).mended == {}


def test_a_word_known_in_one_language_is_no_typing_error_in_another(vocabulary: Vocabulary) -> None:
    """The German stemmer leaves `running` as it is, and in English texts only its stem `run` is kept."""
    index = vocabulary("english", "german", run=5, runnin=1)
    assert terms_of("running", index).mended == {}


@pytest.mark.parametrize("stem", ["o'brien", "back\\slash", "'", "\\", "a'\\'b", "x:*", "a & b", "(", "!"])
def test_a_stem_with_signs_is_quoted(stem: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_to_tsvector(%s::text[]) @@ %s::tsquery", [[stem], quoted(stem)])
        assert cursor.fetchone()[0]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=80))
@example("it's \\ 'quoted' \\' & | ! ( ) <-> :* \"")
@example("paid\\' time 'off")
def test_whatever_is_asked_gives_queries_that_postgresql_reads(vocabulary: Vocabulary, query: str) -> None:
    if not Synonym.objects.exists():
        vocabulary(leav=3)
        Synonym.objects.create(phrases=["PTO", "paid time off"])
    for term in terms_of(query, live_index()).terms:
        meets(term.query, "anything")


# Phrases


@pytest.fixture
def pto(db: None) -> Synonym:
    return Synonym.objects.create(phrases=["PTO", "paid time off", "annual leave"])


@pytest.mark.parametrize("query", ["PTO", "how much pto?", "my paid time off", "Paid-Time, off", "annual\nleave"])
def test_a_phrase_is_met_by_all_that_means_the_same(vocabulary: Vocabulary, pto: Synonym, query: str) -> None:
    terms = terms_of(query, vocabulary())
    (found,) = (term for term in terms.terms if term.word in pto.phrases)
    assert all(meets(found.query, text) for text in ["PTO", "paid time off is kept", "his annual leave"])
    assert not meets(found.query, "off-time paid leave")


@pytest.mark.parametrize("query", ["ptolemy", "paid leave, time off", "annual report", "time off"])
def test_a_phrase_counts_only_as_a_whole(vocabulary: Vocabulary, pto: Synonym, query: str) -> None:
    assert terms_of(query, vocabulary()).synonyms == {}


def test_what_is_embedded_names_what_a_phrase_also_goes_by(vocabulary: Vocabulary, pto: Synonym) -> None:
    assert terms_of("Is PTO paid out?", vocabulary()).text == "Is PTO (paid time off, annual leave) paid out?"


def test_a_phrase_with_signs_between_its_words_is_written_out_too(vocabulary: Vocabulary) -> None:
    Synonym.objects.create(phrases=["e mail", "electronic message"])
    assert terms_of("my e-mail?", vocabulary()).text == "my e-mail (electronic message)?"


def test_an_abbreviation_that_is_an_everyday_word_counts_in_capitals_only(vocabulary: Vocabulary) -> None:
    index = vocabulary()
    Synonym.objects.create(phrases=["IT", "information technology"])
    assert terms_of("is it allowed", index).synonyms == {}
    asked = terms_of("is it true that IT helps", index)
    assert asked.text == "is it true that IT (information technology) helps"
    assert any(meets(term.query, "ask information technology") for term in asked.terms)


def test_letters_beyond_ascii_are_compared_without_case(vocabulary: Vocabulary) -> None:
    Synonym.objects.create(phrases=["Überstunden", "ÖPNV"])
    assert terms_of("ÜBERSTUNDEN öpnv", vocabulary()).synonyms == {}  # nothing to add: both are there
    assert terms_of("überstunden", live_index()).synonyms == {"Überstunden": ("ÖPNV",)}


def test_a_phrase_is_as_rare_as_its_rarest_word(vocabulary: Vocabulary) -> None:
    index = vocabulary(paid=50, time=300)
    Synonym.objects.create(phrases=["sabbatical", "paid time away"])
    (found,) = terms_of("sabbatical", index).terms
    assert found.chunks == 0, "`away` stands in no chunk, nor does `sabbatical`"
