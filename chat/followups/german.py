"""German questions that lean on others. Nouns are the words with a capital letter."""

import re

from chat.followups.signs import Language, pattern, stems_of, words_of

GERMAN = Language(
    goes_on=pattern(r"(?:ok(?:ay)?|und|aber|oder|also|dann|außerdem|ferner|nun|jetzt)\b[\s,]*"),
    about=pattern(r"was\s+ist\s+(?:mit|bei)\b\s*|wie\s+(?:sieht|ist)\s+(?:es|das)\s+(?=mit|bei|für)|(?:auch|nur)\s+"),
    supposes=pattern(
        r"was\s+ist\s+(?:mit|bei|wenn)\b|wie\s+(?:sieht|ist|steht|verhält)\s+(?:es|das|sich\s+das)\b|was(?:\s+ist)?,?\s+wenn\b"
        r"|(?:und|aber|oder|auch|selbst|nur|nicht)\s+(?:wenn|falls|für|bei|in|im|am|mit|ohne)\b"
        r"|(?:gilt|trifft|stimmt)\s+(?:das|dies|es)\b"
    ),
    bare=pattern(
        r"(?:(?:ab|bis|seit|für|und|aber|oder|also|dann)\s+)*"
        r"(?:wie(?:\s*viele?[nrs]?|\s+(?:lange|oft|hoch|weit|früh|spät|genau|teuer))?|warum|wieso|weshalb|wer|wen|wem|wann"
        r"|wo|wohin|wofür|womit|welche[rsnm]?|was(?:\s+(?:noch|genau|dann))?|wirklich|sicher|echt|mehr|ja|nein)"
        r"(?:\s+(?:genau|denn|dann|noch|ist\s+das))?[\s?.!]*"
    ),
    preposition=pattern(
        r"(?:für|bei|beim|in|im|am|an|auf|ab|bis|mit|ohne|während|nach|vor|von|vom|wegen|seit|auch|nur|selbst|sogar|außer"
        r"|wenn|falls|als|zu|zum|zur|pro|je)\b"
    ),
    verb=pattern(
        r"\b(?:ist|sind|war|waren|hat|haben|habe|kann|können|könnte|darf|dürfen|muss|müssen|soll|sollen|wird|werden|gibt|gilt"
        r"|gelten|bekomm\w*|erhalt\w*|brauch\w*|mach\w*|geht|läuft|kostet|dauert|zählt|wer|was|wie|wo|wann|warum|welche\w*)\b"
    ),
    says_nothing=pattern(
        r"\b(?:gibt\s+es|es\s+gibt|geht\s+es\s+um)\b"
        r"|\bist\s+es\s+(?:\w+\s+)?(?:möglich|erlaubt|nötig|notwendig|okay|in\s+ordnung|pflicht|richtig)\b(?=.*\b(?:zu|dass|wenn)\b)"
        r"|\bdauert\s+es\b(?=.*\b(?:bis|um|wenn)\b)|\bdies(?:e|es|en|em|er)\s+(?:woche|monat|jahr|quartal|sommer|winter)\w*\b"
        r"|\bauch\s+immer\b"
    ),
    points_back=pattern(
        r"(?-i:\b[Dd]as\b(?!\s+[A-ZÄÖÜ]))"
        r"|\b(?:dafür|dabei|davon|damit|dazu|daran|darauf|darüber|darin|danach|davor|dadurch|dagegen|dort|dorthin|stattdessen"
        r"|ansonsten|sonst|dies|diese[rsnm]?|jene[rsnm]?|solche[rsnm]?|dasselbe|derselbe|dieselben?)\b"
        r"|(?-i:\b(?:[Dd]er|[Dd]ie|[Dd]as|den|dem)\s+(?:zweite|erste|dritte|vierte|letzte|andere|gleiche|übrige)[nrsm]?\b(?!\s+[A-ZÄÖÜ]))"
        r"|\b(?:welche[rsnm]?|eine[rsnm]?|eins|keine[rsnm]?|meine[rsnm]?|beide[rsnm]?|mehr|weniger|länger|früher|später)[\s?.!]*$"
        r"|\b(?:auch|dann|da)[\s?.!]*$"
    ),
    pronoun=re.compile(r"\b(?:es|er|sie|ihn|ihnen|deren|dessen)\b|(?<=\s)Sie[\s?.!]*$"),
    possessive=pattern(r"\bihr(?:e[rsnm]?)?\b"),
    noun=re.compile(r"(?<=[\s(])[A-ZÄÖÜ]\w{2,}"),
    boundary=pattern(
        r"[,;:.?!]|\b(?:und|oder|aber|wenn|falls|bevor|nachdem|sobald|weil|während|dass|der|die|das|wer|wo|wie)\b"
    ),
    little=words_of(
        "aber als am an auch auf aus bei beim bin bis bitte da dann darf das dem den denn der des die du dürfen",
        "eigentlich ein eine einem einen einer eines er es für gelten gibt gilt hab habe haben hat hatte ich ihr",
        "im in ist ja kann kein keine keinen können lange man mein meine meinem meinen meiner mich mir mit muss",
        "müssen nach nicht noch nur ob oder ohne sein sich sie sind so soll sollte um und uns unser unsere",
        "unseren viel viele vom von vor wann war warum was welche welchen welcher welches wenn wer werde werden",
        "wie wir wird wo wurde zu zum zur über",
    ),
    generic=stems_of(
        "ablaufen anfangen anmelden ansprechpartner anspruch antrag arbeit ausnahme ausnahmen beantrage",
        "beantragen beginnt bekomme bekommen berechtigt bezahlen bezahlt brauche brauchen chef einreichen enden",
        "endet erhalte erhalten erlaubt firma formular formulare frage fragen frist fristen früh gehen geht geld",
        "genau genehmigen genehmigt genehmigung gezahlt grenze hilft hoch höchstens jahr jahre jahren kosten",
        "kostet kündigen lange läuft mache machen maximal melden mindestens monat monate monaten möglich nachweis",
        "nötig oft passiert regel regeln spät stornieren stunde stunden tag tage tagen teuer tun unbezahlt",
        "unterlagen unterschreiben unterschreibt verlängern verlängert verlängerung vorgesetzte vorgesetzten",
        "wenden wirklich wissen woche wochen zuständig zählen zählt ändern übertragen",
    ),
)
