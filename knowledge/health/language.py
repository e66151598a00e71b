"""
The language of a text, as PostgreSQL calls the stemmer for it.

Told by its script and by the short words that every sentence needs: no model, no network, 0.1 ms a page. Names are
those that every PostgreSQL from 14 on has in `pg_ts_config`.
"""

import re
from collections import Counter

SAMPLE_CHARACTERS = 20_000
ENOUGH_WEIGHT = 0.5
ENOUGH_SHARE = 0.05
"""Of the text's words. Short words that a language knows turn up in others too, but not that often."""

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")

_BY_SCRIPT = (
    ("greek", "\u0370-\u03ff\u1f00-\u1fff"),
    ("armenian", "\u0531-\u058f"),
    ("tamil", "\u0b80-\u0bff"),
    ("cyrillic", "\u0400-\u04ff"),
    ("arabic", "\u0600-\u06ff"),
    ("devanagari", "\u0900-\u097f"),
    ("hebrew", "\u0590-\u05ff"),
    ("none", "\u0e00-\u0eff\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"),
)
_SCRIPTS = [(name, re.compile(f"[{characters}]")) for name, characters in _BY_SCRIPT]
_LETTER = re.compile(r"[^\W\d_]")

_SHORT_WORDS = {
    "basque": "eta da dira ez bat duen dute ere hori izan baina bere dago gara zen ditu behar dela beste egin",
    "catalan": "el la els les de del dels i que en un una per amb no és són al als aquest aquesta més com o ha d'un",
    "danish": "og i at det er en til på som den for de med af der ikke et har du skal kan vil fra jeg vi eller være "
    "blive efter hvis også",
    "dutch": "de het een en van in is dat op te voor met zijn niet aan er om ook als bij of uit door maar naar dan "
    "wordt worden kan moet deze heeft hebben u je wat wie wanneer hoe",
    "english": "the of and to in is you that it for on are as with be this or have at from not by your can we will an "
    "if must may all do any our they has was a what which when where who how did does were many",
    "finnish": "ja on ei se että hän oli joka mutta ovat kun niin myös tai olla ole voi jos kuin sen sekä vain tämä "
    "mukaan ennen jälkeen",
    "french": "le la les de des du et en un une est que qui dans pour pas sur au aux avec par ce il elle vous nous "
    "sont ou plus leur cette être à quel quelle quand combien comment qui où",
    "german": "der die das und ist in den von zu mit für nicht auf ein eine einen dem des sich im auch als an werden "
    "wird bei oder sie ihr ich wir nach sind kann was wer wie wann wo welche welcher welches warum wurde hat hatte aus "
    "zum zur vom am über durch haben war viele wurden",
    "hungarian": "a az és hogy nem is egy ez van meg de ha csak vagy mint már azt el ki még kell lehet volt után "
    "szerint minden",
    "indonesian": "yang dan di ini itu dengan untuk tidak dari dalam akan pada juga ke karena atau oleh ada adalah "
    "dapat saya anda harus bisa",
    "irish": "agus an ar is go le do sé an tá bhí seo sin ag faoi nó chun níl ach mar leis",
    "italian": "il lo la i gli le di del della e è che in un una per con non si da al alla sono come anche più dei "
    "questo nel ha o deve quale chi quando quanti cosa",
    "lithuanian": "ir yra kad į su iš tai kaip ne bet buvo už nuo apie arba turi gali jo jis per šis taip bus",
    "norwegian": "og i det er en til på som for de med av ikke et har du skal kan vil fra jeg vi eller være bli etter "
    "hvis også blir dere",
    "portuguese": "o a os as de do da dos das e é que em um uma para com não no na por se mais ao como são ou você "
    "deve seu sua qual quais quando quantos quem",
    "romanian": "și de la în un o nu este cu pe pentru care din că sunt mai sau ca a al ale prin după trebuie dacă "
    "fi poate",
    "spanish": "el la los las de del y en que un una es por con no se para al lo su más como o este son si debe le "
    "puede está qué cuál cuáles cuándo cuántos cuántas cómo dónde quién fue ha sus entre sobre desde",
    "swedish": "och i att det är en till på som för de med av inte ett har du ska kan vill från jag vi eller vara "
    "blir efter om också den",
    "turkish": "ve bir bu için ile da de ne çok gibi daha olarak olan var en kadar ya değil sonra ama her mi veya "
    "gerekir",
    "russian": "и в не на что с по как это для из от а к за или при он но я мы вы если то быть может после все",
    "serbian": "и у је да се на не за од са које који као што или су по али ће из само може после",
    "hindi": "है के में की को से और का हैं यह पर एक नहीं लिए भी तो कि या कर",
    "nepali": "छ र को मा लाई यो हो भने गर्न पनि एक गरेको छन् वा तथा हुन्छ",
    "arabic": "في من على إلى أن هذا هذه التي الذي لا ما مع عن أو كان هو هي ثم قد يجب",
    "yiddish": "און איז די דער אין פֿון דאָס נישט צו מיט אַז עס זיי האָט",
}
_WORDS = {name: frozenset(words.split()) for name, words in _SHORT_WORDS.items()}
LANGUAGES = frozenset({*_WORDS, "greek", "armenian", "tamil", "simple"})
"""All that `language_of` can answer."""

_SHARED_BY = Counter(word for words in _WORDS.values() for word in words)
_OTHERS_OF_SCRIPT = {
    "cyrillic": ("russian", "serbian"),
    "arabic": ("arabic",),
    "devanagari": ("hindi", "nepali"),
    "hebrew": ("yiddish",),
}
_UKRAINIAN_OR_BELARUSIAN = re.compile("[іїєґў]")
_NOT_LATIN = frozenset(name for names in _OTHERS_OF_SCRIPT.values() for name in names)
_LATIN = tuple(name for name in _WORDS if name not in _NOT_LATIN)


def language_of(text: str) -> str:
    """
    The text search configuration for the text.

    `english` for a Latin text that doesn't say (a table, a few words), `simple` for other languages without a stemmer.
    """
    sample = _sampled(text)
    script = _script_of(sample)
    if script in {"greek", "armenian", "tamil"}:
        return script
    if script == "none" or (script == "cyrillic" and _UKRAINIAN_OR_BELARUSIAN.search(sample)):
        return "simple"
    if script:
        return _most_likely(sample, _OTHERS_OF_SCRIPT[script]) or "simple"
    return _most_likely(sample, _LATIN) or ("english" if sample.isascii() else "simple")


def _sampled(text: str) -> str:
    """The text, or of a long one its beginning, middle and end."""
    if len(text) <= SAMPLE_CHARACTERS:
        return text
    third = SAMPLE_CHARACTERS // 3
    middle = (len(text) - third) // 2
    return f"{text[:third]} {text[middle : middle + third]} {text[-third:]}"


def _script_of(sample: str) -> str:
    """The script of most of the letters; empty for Latin."""
    letters = len(_LETTER.findall(sample))
    return next((name for name, pattern in _SCRIPTS if 2 * len(pattern.findall(sample)) > letters), "")


def _most_likely(sample: str, languages: tuple[str, ...]) -> str:
    """The language whose short words weigh most, each by how few languages share it; empty if none weighs enough."""
    counts = Counter(word.replace("’", "'") for word in _WORD.findall(sample.lower()))
    weights = {name: sum(counts[word] / _SHARED_BY[word] for word in _WORDS[name]) for name in languages}
    best = max(weights, key=lambda name: weights[name])
    least = max(ENOUGH_WEIGHT, ENOUGH_SHARE * counts.total())
    return best if weights[best] >= least else ""
