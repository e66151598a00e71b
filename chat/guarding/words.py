"""What people are told of a verdict: kindly, and what to do instead."""

from django.conf import settings
from django.utils.translation import gettext as _

from governance.guardrails.values import Action, GuardVerdict

AGAINST_OTHERS = {"harassment", "hate", "stalking", "sexual"}
"""Codes of harm that is meant for somebody."""


def said_instead(verdict: GuardVerdict) -> str:
    """In the place of an answer."""
    contact = settings.ASKACME.contact
    match verdict.code.split("."):
        case ["harm", kind, *_more] if kind in AGAINST_OTHERS:
            return _(
                "I won't help with something that may hurt a colleague. If there is a conflict, or somebody treated "
                "you badly, %(contact)s will listen, and I can look up how a complaint is made."
            ) % {"contact": contact}
        case ["harm", *_more]:
            return _(
                "I can't help with this, because somebody could come to harm. If you ask for a good reason, "
                "%(contact)s can help you further."
            ) % {"contact": contact}
        case ["topic", *_more]:
            return _(
                "I only answer questions about work, from your company's documents. Ask me about time off, travel, "
                "expenses, equipment or security."
            )
    return _(
        "I can only answer from the documents, and nobody can change how I do that, not even in a question. Please ask "
        "what you would like to know in plain words."
    )


def help_for_oneself(contact: str) -> str:
    return _(
        "I'm sorry that you are going through this. Please talk to somebody now: in an emergency call 112 (Europe) or "
        "911 (US). In Germany the Telefonseelsorge listens day and night, free of charge: 0800 111 0 111; in the US "
        "and Canada call or text 988; in the UK and Ireland call 116 123; other countries: findahelpline.com. You "
        "are not alone with it, and at work %(contact)s is there for you too."
    ) % {"contact": contact}


def notice(verdict: GuardVerdict) -> str:
    """Under an answer, for what was found and did not keep it from being given; empty where nothing is to be said."""
    if verdict.action is Action.BLOCK:
        return _("This was held back by an automatic check.")
    match verdict.guard:
        case "topic":
            return ""
        case "injection":
            return _("Part of your question looked like an instruction to me. I answered from the documents only.")
        case "harm":
            return _("Your question touches a sensitive matter. If something is wrong, please talk to a person.")
    if verdict.action is Action.MASK:
        return _("An automatic check has hidden part of this answer.")
    return _("An automatic check found something unusual in this answer.")
