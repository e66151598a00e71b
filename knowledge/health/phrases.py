"""
What instructions to a model look like, in the languages that attackers write most.

A telling phrase is said to nobody but a model. A hint is something people may be told too: it counts where the words
were hidden, or beside a hint of another kind.

One phrase a line: a space stands for anything between two words, `…` for up to 40 characters of the same sentence, `*`
for any ending; the rest is a regular expression. An indented line goes on where the one above it ended.
"""

import re
from dataclasses import dataclass

_MODEL = (
    "(ai|a\\.i\\.|llms?|chatgpt|gpt|copilot|claude|gemini|(large )?language models?|chat ?bots?|ai assistants?|"
    "ai agents?|ai models?|virtual assistants?|ki|ki-assisten*|sprachmodel*|ia|asistente de ia|assistant ia)"
)

_OVERRIDES = """
(ignore|disregard|forget|overlook|override|bypass|discard) (\\w+ ){0,2}?((all|any|everything|the|your|of|these|
    those|previous|prior|above|earlier|preceding|foregoing|former|given|original|initial|other|system|safety|
    content|existing|current) ){0,5}(previous|prior|above|earlier|preceding|foregoing|former|original|initial|
    system|safety|your|these|all) ((other|of|the|system|safety|content) ){0,3}(instructions?|prompts?|directives?|
    directions|commands?|guidelines|rules|orders|context|programming|guardrails|tasks?|assignments?|inputs?|
    statements|content)
(ignore|disregard|forget) (everything|all|anything) (that )?(i|you|we|was|were|has been|came|from|above|before|
    prior|previous*|and just|you)
(ignore|disregard|forget) what (i|we|you were|was) (said|told|have said|wrote)
(this|that|it|which) overrides? (all|any|earlier|previous|prior|your)
(disable|turn off|switch off|bypass) (the|your|all|any) (safety|content|moderation) (filters?|guardrails|checks|rules)
new (task|instructions?): (ignore|disregard|forget|output|print|say|answer|write)
ignore the (user|question|handbook|context|documents|passages) …(output|print|say|tell|answer|reply|respond)
(ignorier*|vergiss|vergessen sie|missachte*|überspring*|verwirf) (\\w+ ){0,4}?(anweisung*|instruktion*|befehl*|
    vorgaben|aufgaben?|regeln|aufträge|anordnung*|prompts?|angaben|gesagte|was (ich|du|vorher|zuvor|bisher))
(ignore[zr]?|oublie[zr]?|néglige[zr]?) (\\w+ ){0,4}?(instructions?|consignes?|ordres?|directives?|règles)
    (\\w+ ){0,2}?(précédent*|antérieur*|ci-dessus|initial*|système)
(ignore[zr]?|oublie[zr]?) (toutes|tous) (les|vos|tes) (instructions?|consignes?|ordres?|directives?|règles)
(ignor[aeo]r?|olvid[ae]r?|descart[ae]r?|desconsider[ae]r?|esque[cç][ae]r?) (\\w+ ){0,4}?(instrucciones|indicaciones|
    órdenes|ordenes|tareas|reglas|instruções|ordens|regras|comandos) …(anterior*|previ*|arriba|acima|sistema)
(ignor[aeo]|olvid[ae]|desconsider[ae]|esque[cç][ae]) (todas?|todos?) (las|los|as|os|tus|sus|suas) (instrucciones|
    instruções|órdenes|ordens|tareas|reglas|regras|comandos)
(ignora*|dimentica*) (\\w+ ){0,4}?(istruzioni|ordini|regole|direttive) (\\w+ ){0,2}?(precedent*|sopra|del sistema|
    di sistema)
(negeer|vergeet) (\\w+ ){0,4}?(eerdere|vorige|voorgaande|bovenstaande) (instructies|opdrachten|regels|aanwijzingen)
(zignoruj|ignoruj|zapomnij) (\\w+ ){0,4}?(instrukcj*|polece*|zasad*)
(zaboravi*|ignoriraj*|zanemari*) (\\w+ ){0,4}?(naredb*|uput*|instrukcij*|zadat*|pravila)
(игнорируй*|забудь*|проигнорируй*) (\\w+ ){0,4}?(инструкци*|указани*|команд*|правила)
(忽略|无视|忘记|無視)[^。]{0,10}(之前|以上|先前|前面|所有)[^。]{0,8}(指令|指示|说明|提示|規則|规则)
(以前|前述|上記|これまで)[^。]{0,8}(指示|命令)[^。]{0,6}(無視|忘れ)
이전[^.]{0,10}(지시|명령)[^.]{0,6}무시
"""
_MARKS = """
<\\|(im_start|im_end|system|user|assistant|endoftext|eot_id|start_header_id|begin_of_text)\\|>
\\[/?INST\\]
<</?SYS>>
<(start|end)_of_turn>
\\[(system|admin) ?(message|override|prompt)
(end of|end) (retrieved |the )?(context|documents|system prompt)[.:] …(new|now|ignore|task)
(?:^|(?<=\\n))\\W{0,6}(system|assistant|ai assistant|ai)\\s*: (you|ignore|do not|don't|always|never|from now|say|
    answer|reply|user is|show|reveal)
"""
_REVEALS = """
(reveal|print|output|repeat|display|leak|show|give me|tell me|dump|recite|paste|disclose|summari[sz]e|translate|
    encode|append) (\\w+ ){0,5}?((previous |original |hidden |initial )*system (prompt|message)|(hidden|initial|
    original|developer|secret) (prompt|instructions?)|your (own |full |complete |exact |hidden |original |initial |
    internal )*(prompts?|instructions|configuration))(?! for (the|your) (new|login))
(print|output|echo|repeat|list|reveal) …(documents?|passages?|chunks?|files|names of all source files)
    …you (received|were given|can access|retrieved)
"""
_ADDRESSES = f"""
(note|message|attention|notice|reminder|hinweis|instructions?|befehl|aviso) (to|for|an|für|para) (an? |the |any |
    all )?{_MODEL}\\W{{0,4}}(:|,|when|if|that|who|you|reading|please|wenn|si)
(if|when|wenn|si) (you are|you're|du|sie|eres) (an? |the |ein |eine |una? )?{_MODEL}
as an? (ai|unrestricted|uncensored|helpful)( (assistant|model|bot|agent|system|language model))?,? …you (must|
    should|will|shall|have to|are to)
(an? |the |any |all )?({_MODEL}|assistants?) (reading|processing|summari[sz]ing|reviewing|indexing|parsing|
    that (reads?|processes|answers?)) (this|these|the (document|text|page|file)|it)\\b…(must|should|shall|please|
    ignore|do not|say|has to|have to|are to|will)
(when|if|while) (summari[sz]ing|indexing|processing|parsing|quoting|citing) (this|these) (policy|document|text|page|
    file|section|passage|content)\\b…(tell|say|state|add|include|append|recommend|ignore|mention|claim|omit)
hello chatgpt
chatgpt (you|i want you|let's|from now|respond|answer|pretend|ignore)
(you|u|du|sie|vous|tú) (are|bist|sind|êtes|eres) (\\w+ ){{0,4}}(chatgpt|gpt|\\w{{2,12}}gpt|dan|language model|
    ai language model|large language model)
"""
_ROLES = """
you are (now|no longer) (an? |in |the |going to be |going to act as )?(dan|jailbr*|developer mode|unrestricted|
    unfiltered|uncensored|free (from|of)|bound by|evil|\\w*bot|chatgpt|gpt|(different |new |company |helpful )?(ai|
    assistant|language model|chat ?bot))
(from now on|from on now|ab jetzt|a partir de ahora|désormais|d'ora in poi) (you|du|eres|tu|vous|sei) …((will|must|
    are going to|should|have to) (act|respond|answer|behave|pretend|speak|reply|role)|are (an?|the|dan|\\w*bot|
    \\w*ai)\\b|bist)
(act|behave|respond|answer|pretend|responding|acting) (as|like|to be) …(unrestricted|uncensored|unfiltered|
    jailbroken|no (restrictions|rules|filters?|limits|ethic*)|dan|evil (ai|bot|assistant)|chat ?bot|ai (model|
    assistant|bot|chat ?bot))
do anything now
developer mode (enabled|output)
(has|have|with|without) (no|any|all)? ?(restrictions|ethical guidelines|moral compass|filters|content policy|
    openai) …(ai|chatgpt|openai|respond|answer)
you will (now )?(simulate|act as|role-?play|pretend to be|be) …(ai|chat ?bot|chatgpt|language model|persona|character)
(simulate|pretend to be|imagine you are|roleplay as) (an? )?(\\w+ ){0,3}(ai|chat ?bot|chatgpt|\\w+gpt|dan|
    language model)
respond as (two|both|evil|if you (are|were) (an?|the) (ai|\\w+gpt))
(\\w+gpt|dan) (is|has|can|will|does|would) …(no|not|never|any|everything|always)
stay in character …(ai|chatgpt|answer|respond|prompt)
"""
_SENDS = """
(send|post|forward|e-?mail|upload|append|transmit|exfiltrate|submit|leak) …(conversations?|chat (history|log)|
    (user'?s|the user|their) (question|messages?|data|input|credentials)|system prompt|retrieved (documents|
    passages)|context window|api keys?)[^\\n]{0,60}(https?://|www\\.|\\w@\\w|webhook)
tell the (reader|user)s? to (send|e-?mail|enter|give|post|share) …(password|credentials|api key|card number|pin)
(call|invoke|run|execute|trigger) the ['"`]?\\w+['"`]? (tool|function|plugin) …(with|and|to)
!\\[[^\\]]{0,80}\\]\\(https?://[^)\\s]{0,200}(\\{|%7b|\\[)
"""
_SILENCES = """
(do not|don't|never|without) (tell*|mention*|inform*|notify*|alert*|show*|reveal* to|reveal* this to) …(users?|
    readers?|humans?|person asking|asker)
do not mention …(limit|this|source|policy|instruction|note)
keep (this|it) (hidden|secret) from the (user|reader)
(dem|den) (nutzer|benutzer) …(nicht|nichts) …(sag*|verrat*|mitteil*)
no (le )?(digas|menciones|reveles) …usuario
ne (dis|dites|mentionne[zr]?|révèle[zr]?) …utilisateur
"""
_ORDERS = """
(the )?(assistant|ai|bot|chat ?bot|language model|llm|you) (must|should|shall|will) (always |only |never |now |
    not )*(say|answer|respond|reply|output|recommend|claim|state|pretend|ignore)
(when|if|whenever) (asked|someone asks|a user asks|anyone asks|the user asks|summari[sz]ing|answering) …(say|answer|
    respond|reply|state|claim|recommend|output)
(respond|answer|reply) (only )?(with|in) …(only|exactly|the (word|phrase|following))
(respond|answer|reply) only with
from now on
you are now
in your (answer|response|reply|summary)
say that (any|all|every|no|it|the)
(new|updated|hidden|secret|real|following) (instructions?|directives?):
prompt injection
jailbreak
system prompt
(execute|follow|decode|run) (the following|this) (instructions?|commands?|base64|payload)
i want you to act
"""


def _phrases(lines: str) -> re.Pattern[str]:
    whole = re.sub(r"\n +", " ", re.sub(r"(?<=\|)\n +", "", lines.strip()))
    return re.compile("|".join(map(_phrase, whole.splitlines())), re.IGNORECASE)


def _phrase(line: str) -> str:
    """The line as a regular expression that begins and ends with whole words."""
    pattern = re.sub(r"\((?!\?)", "(?:", line)
    pattern = re.sub(r"(?<=\w)\*", r"\\w*", pattern)
    pattern = pattern.replace(" …", r"\b[^.!?\n]{0,40}?\b").replace("…", r"[^.!?\n]{0,40}?").replace(" ", r"\W+")
    spaced = not re.search(r"[\u3040-\u9fff\uac00-\ud7af]", line)  # scripts without spaces have no word ends
    before = r"\b" if spaced and re.match(r"\(?\w", line) else ""
    after = r"\b" if spaced and re.search(r"[\w*]\)*\Z", line) else ""
    return f"(?:{before}{pattern}{after})"


@dataclass(frozen=True, slots=True)
class Kind:
    """
    One kind of phrase. `what` goes on from “This text”.

    `beginnings` are those of the words of which every phrase of the kind holds one: a look at them is far cheaper
    than the phrases.
    """

    what: str
    phrases: re.Pattern[str]
    beginnings: frozenset[str]

    def stands_in(self, text: str, beginnings: frozenset[str]) -> re.Match[str] | None:
        """The first phrase of this kind in a text whose words begin so."""
        return None if self.beginnings.isdisjoint(beginnings) else self.phrases.search(text)


def beginnings_of(text: str) -> frozenset[str]:
    """How the words of a text begin."""
    words = frozenset(word[:FIRST_LETTERS] for word in _WORD.findall(text.lower()))
    return words | _UNSPACED if _NO_SPACES.search(text) else words


def _kind(what: str, lines: str, beginnings: str) -> Kind:
    return Kind(what, _phrases(lines), frozenset(beginnings.split()))


FIRST_LETTERS = 5
_WORD = re.compile(r"\w+")
_NO_SPACES = re.compile(r"[\u3040-\u9fff\uac00-\ud7af]")
_UNSPACED = frozenset({"unspaced"})  # stands for the words of a script that has no spaces

TELLING = (
    _kind(
        "asks a model to drop its instructions",
        _OVERRIDES,
        "ignor disre forge overl overr bypas disca disab turn switc new verge vergi missa übers verwi oubli "
        "négli olvid desca desco esque dimen negee zigno zapom zabor zanem игнор забуд проиг unspaced",
    ),
    _kind(
        "holds marks of a chat with a model",
        _MARKS,
        "im_st im_en syste user assis endof eot_i start begin inst sys end_o admin end ai",
    ),
    _kind(
        "asks for a model's own instructions",
        _REVEALS,
        "revea print outpu repea displ leak show give tell dump recit paste discl summa trans encod appen echo list",
    ),
    _kind(
        "speaks to a model",
        _ADDRESSES,
        "ai llm llms chatg gpt copil claud gemin langu chatb chat virtu ki ki-as sprac ia asist assis dan summa "
        "index proce parsi quoti citin",
    ),
    _kind(
        "gives a model another role",
        _ROLES,
        "dan jailb devel unres unfil uncen free bound evil chatg gpt ai assis langu chat chatb opena simul from ab "
        "parti désor ora anyth bot",
    ),
    _kind(
        "has a model send data away or use a tool",
        _SENDS,
        "conve chat user users messa crede syste retri conte api passw card pin tool funct plugi http https",
    ),
)
HINTS = (
    _kind(
        "asks to keep something from the reader",
        _SILENCES,
        "user users reade human asker askin menti nutze benut usuar utili",
    ),
    _kind(
        "tells what to answer",
        _ORDERS,
        "say answe respo reply outpu recom claim state prete ignor from now new updat hidde secre real follo promp "
        "jailb syste execu decod run act",
    ),
)

CONDITION = _phrases("if (you|this|it)\nunless you")
"""“Disregard the instructions above if you have enrolled already”: said to people."""

ABOUT = _phrases(
    "prompt injection*\nattack*\nadversar*\nmalicious*\nphishing\nthreats?\nred team*\ne\\.g\nfor example\nsuch as\n"
    "(?<!\\.)examples?\nbeispiel*\nangriff*\nejemplo*\nexemple*"
)
"""Words of a text that speaks about such instructions."""
