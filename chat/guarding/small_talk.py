"""Questions that ask nothing of the documents: greetings, thanks, goodbyes, "who are you?"."""

import re
from enum import StrEnum

from django.utils.translation import gettext as _

SMALL_TALK = "small talk"
"""The `route` of an answer to it."""
MOST_CHARS = 120
"""Longer is no small talk; and no text makes the pattern slow."""


class Talk(StrEnum):
    """The most telling first: "Hi, who are you?" is about who I am."""

    WHO = "who"
    THANKS = "thanks"
    GOODBYE = "goodbye"
    HOW = "how"
    GREETING = "greeting"


PARTS = {
    Talk.WHO: (
        r"who are you|what are you|(?:what s|what is|whats) your name|what (?:can|do) you do(?: for me)?"
        r"|(?:how|what) can you help(?: me)?(?: with)?|how do you work|introduce yourself|tell me about yourself"
        r"|are you (?:an? )?(?:bot|robot|human|real|person|real person|ai|machine|chatgpt|computer)"
        r"|who (?:made|built|created) you|what is askacme|what can i ask(?: you)?|(?<!\w )help"
        r"|wer (?:bist du|sind sie)|was (?:bist du|sind sie)|wie (?:heißt du|heissen sie|heißen sie)"
        r"|was (?:kannst du|können sie)(?: alles| so)?(?: für mich tun)?"
        r"|(?:wie|womit) (?:kannst du|können sie)(?: mir)? helfen"
        r"|(?:bist du|sind sie) (?:eine? )?(?:bot|roboter|mensch|echt|ki|maschine|chatgpt|computer)|stell dich vor"
        r"|was ist askacme|was kann ich(?: dich| sie)? fragen|(?<!\w )hilfe"
    ),
    Talk.THANKS: (
        r"(?:many )?thanks(?: a lot| so much| very much| a million)?|thank you(?: so much| very much| a lot)?"
        r"|thx|ty|cheers"
        r"|much appreciated|i appreciate it"
        r"|(?:that|this)(?: s| is| was)? (?:really |very |so )?(?:helpful|great|perfect)"
        r"|that helped(?: me)?(?: a lot)?|perfect|great|awesome|excellent|wonderful|well done|good (?:job|bot)"
        r"|danke(?: schön| sehr| dir| ihnen| vielmals)?|dankeschön"
        r"|(?:vielen|besten|herzlichen|tausend)(?: lieben)? dank|merci"
        r"|das (?:hat|war)(?: mir)?(?: sehr)? (?:geholfen|hilfreich)|perfekt|prima|super|toll|klasse"
        r"|wunderbar|gut gemacht"
    ),
    Talk.GOODBYE: (
        r"bye(?: bye)?|good ?bye|see (?:you|ya)(?: later| soon| tomorrow)?|good night|cya|take care|farewell"
        r"|have a (?:nice|good|great|lovely) (?:day|evening|weekend|one|night)|that s all|that is all"
        r"|tsch(?:ü|ue)ss?i?|ciao|(?:auf )?wiedersehen|bis (?:dann|bald|morgen|später|nachher)|gute nacht|mach s gut"
        r"|(?:einen )?schönen (?:tag|abend|feierabend)|(?:ein )?schönes wochenende|das wars|das war s|das war alles"
    ),
    Talk.HOW: (
        r"how are (?:you|things)(?: doing)?|how s it going|how is it going|how do you do|what s up|whats up|sup"
        r"|nice to meet you|pleased to meet you|wie geht s(?: dir| ihnen)?|wie gehts(?: dir| ihnen)?"
        r"|wie geht es (?:dir|ihnen)|alles (?:gut|klar)(?: bei dir| bei ihnen)?|freut mich|na wie"
    ),
    Talk.GREETING: (
        r"hi+|hello+|he+y+|hiya|howdy|greetings|good (?:morning|afternoon|evening|day)|morning|yo"
        r"|hallo+|hallöchen|moin(?: moin)?|servus|grüß (?:gott|dich|sie)|gruß|grüezi|guten (?:morgen|tag|abend)"
        r"|schönen guten (?:morgen|tag|abend)"
    ),
}
AROUND = (
    r"there|askacme|ask acme|acme|bot|assistant|everyone|everybody|team|all|again|ok(?:ay)?|please|dear"
    r"|friend|buddy|mate"
    r"|today|so|and|then|you too|to you"
    r"|for (?:the|your|all your|that|this)(?: quick| great)?(?: help| answer| info| support)?"
    r"|zusammen|liebes?|lieber|alle|nochmal|bitte|heute|noch|und|dann|dir auch|ihnen auch|leute"
    r"|für (?:die|deine|ihre|das|alles)(?: schnelle)?(?: hilfe| antwort| info)?"
)
"""Stands beside small talk and is none by itself: "ok" may answer what was said before."""

WHOLE = re.compile(rf"(?:(?:{'|'.join([*PARTS.values(), AROUND])})(?: |$))+")
EACH = {talk: re.compile(rf"(?:^| )(?:{words})(?: |$)") for talk, words in PARTS.items()}


def small_talk_in(question: str) -> Talk | None:
    """What it is when nothing else is in it; None as soon as there is a matter beside it."""
    words = " ".join(re.findall(r"\w+", question.lower()))
    if not words or len(words) > MOST_CHARS or not WHOLE.fullmatch(words):
        return None
    return next((talk for talk, pattern in EACH.items() if pattern.search(words)), None)


def friendly(talk: Talk) -> str:
    """What I say to it."""
    return {
        Talk.WHO: _(
            "I'm AskAcme, a program that answers questions about work from your company's own documents, and shows the "
            "passage behind every sentence. Ask me about time off, travel, expenses, equipment or security. When I "
            "find no answer I say so, and you can hand the question to a colleague."
        ),
        Talk.THANKS: _("You're welcome! If something else comes up, just ask."),
        Talk.GOODBYE: _("Goodbye, and all the best. I'm here whenever you have a question."),
        Talk.HOW: _("I'm a program, so always the same; kind of you to ask! What would you like to know?"),
        Talk.GREETING: _(
            "Hello! What would you like to know? I answer from your company's own documents, and show the passage "
            "behind every sentence."
        ),
    }[talk]


def off_topic(contact: str) -> str:
    """Where neither the documents nor I have anything to say."""
    return _(
        "I don't know: I found nothing about this in the documents you can see, and I only answer from them. I'm good "
        "at questions about work: time off, travel, expenses, equipment, security. Please ask %(contact)s about "
        "anything else."
    ) % {"contact": contact}
