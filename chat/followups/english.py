"""English questions that lean on others."""

from chat.followups.signs import Language, pattern, stems_of, words_of
from governance.gateway.reader.words import COMMON, STOP

ENGLISH = Language(
    goes_on=pattern(r"(?:ok(?:ay)?|and|but|or|so|also|then|plus|now)\b[\s,]*"),
    about=pattern(r"(?:what|how)\s+about\b\s*|(?:the\s+)?same\s+(?=for\b|in\b)|also\s+|only\s+(?=for\b|in\b)"),
    supposes=pattern(
        r"(?:what|how)\s+about\b|what\s+if\b|(?:and|but|or|even|only|not|also|same|the\s+same)\s+(?:if|for|when|in|on)\b"
        r"|(?:does|is|would)\s+(?:that|it|this|the\s+same)\s+(?:also\s+)?(?:apply|go|true)\b"
    ),
    bare=pattern(
        r"(?:(?:since|until|till|by|from|for|and|but|so|or|then)\s+)*"
        r"(?:how(?:\s+(?:much|many|long|often|soon|far|early|late|come|so|exactly))?|why(?:\s+not)?|who(?:m|se)?|when"
        r"|where|which(?:\s+ones?)?|what(?:\s+(?:else|exactly|then|for))?|really|are\s+you\s+sure|more|go\s+on"
        r"|yes|no|says\s+who)"
        r"(?:\s+(?:exactly|then|is\s+that|more|else|for))?[\s?.!]*"
    ),
    preposition=pattern(
        r"(?:for|in|on|at|with|without|during|after|before|from|by|per|under|over|outside|abroad|only|even|also|not|still"
        r"|except|unless|if|when|as|because|until|since)\b"
    ),
    verb=pattern(
        r"\b(?:am|is|are|was|were|do|does|did|can|could|may|might|must|shall|should|will|would|have|has|had|isn't|aren't"
        r"|don't|doesn't|can't|who|whose|what|what's|who's|where|when|why|how|which|need|tell|explain|show|list)\b"
    ),
    says_nothing=pattern(
        r"\bis\s+it\s+(?:\w+ly\s+)?(?:possible|ok(?:ay)?|allowed|permitted|necessary|required|mandatory|true|normal|legal"
        r"|fine|safe|acceptable|common|better|worth|enough)\b(?=.*\b(?:to|that|if|for|when)\s)"
        r"|\b(?:does|do|did|will|would|can)\s+it\s+(?:usually\s+|normally\s+|really\s+)?(?:take|cost|matter)\b"
        r"(?=.*\b(?:to|for|if|until|before|whether|how|who|when|where|which|what)\s)"
        r"|\bwhen\s+it\s+comes\s+to\b|\bmake\s+it\b"
        r"|\b(?:is|are|was|were|will|would|can|could|isn't|aren't)\s+there\b|\bthere(?:'s|\s+(?:is|are|was|were|will))\b"
        r"|\bthis\s+(?:year|month|week|quarter|morning|afternoon|evening|summer|winter|company|fiscal)\b"
        r"|\b(?:these|those)\s+(?:who|days)\b|\bthe\s+same\s+(?:\w+\s+){0,3}as\b|\bthat\s+is\s+to\b|\bat\s+any\s+one\s+time\b"
        r"|\bso\s+(?:that|far)\b"
    ),
    points_back=pattern(
        r"(?:^|\b(?:of|for|about|with|to|on|in|after|before|by|from|at|without|than|like|under|is|are|does|do|did|was|will"
        r"|would|can|could|should|has|and|but|or|if|approves?|says?|means?)\s+)that\b"
        r"(?!\s+(?:i|we|you|they|he|she|the|an?|my|our|your)\b)"
        r"|\bthat[\s?.!]*$|\bthis\b|\b(?:these|those)\b"
        r"|\bthe\s+(?:same|first|second|third|fourth|next|others?|latter|former|rest)[\s?.!]*$"
        r"|\bthe\s+(?:first|second|third|other|latter|former)\s+(?:one|case|option|point|step)\b"
        r"|\b(?:there|then|instead|otherwise|therefore|afterwards|beforehand|mine|yours|too|either|as\s+well)[\s?.!]*$"
        r"|^(?:then|otherwise|instead)\b|\b(?:in|near|from|around|over|out|get|go|live|stay|arrive|\w+ing|\w+s)\s+there\b"
        r"|\bsuch\b(?!\s+as\b)|\b(?:do|did|does)\s+so\b|\bmine\b"
        r"|\bif\s+(?:i|we|they|you)\s+(?:do|don't|does|did|didn't|can't|won't|haven't|am\s+not|aren't)[\s?.!]*$"
        r"|(?<!\bor\s)\b(?:any|some|none|both|either|neither|another|more|less|fewer|longer|earlier|later)\s*(?:myself)?"
        r"[\s?.!]*$|\bwho\s+\w+\s+then\b"
    ),
    pronoun=pattern(
        r"\b(?:it|they|them|he|she|him)\b|\b(?:if|when)\s+(?:so|not)\b"
        r"|(?-i:\b(?:the|that|this|which|another|other|new|old|different|same|right|last|a\s+\w+)\s+ones?\b"
        r"|\bones?\s*(?:[?.!,]|$)|\bone\s+(?:I|we|you|that|which|from|without|with|for|in)\b)"
    ),
    possessive=pattern(r"\b(?:its|theirs?|his|hers?)\b"),
    noun=pattern(
        r"\b(?:an?|the|my|our|your|every|each|any|some|no|new|two|all|someone|somebody|anyone|nobody|everyone)\b\s*\w*"
        r"|\b[a-z]{3,}(?:ees|ers|ors|ants|ings|ions|ments|ies)\b|(?-i:\b[A-Z]{2,}\b|(?<=\s)[A-Z][a-z]+\b)"
    ),
    boundary=pattern(
        r"[,;:.?!]|\b(?:and|or|but|if|when|while|before|after|once|because|since|unless|until|that|who|which|whether|so"
        r"|where|how|what|why|to|though|although|compared|versus|than)\b"
    ),
    little=STOP
    | words_of(
        "already anyway early either exactly late long maybe more often ok okay please quickly really soon still",
        "thanks",
    ),
    generic=stems_of(
        *COMMON,
        "account allowed alternative alternatives amount application applying approval approve approved approver",
        "approves ask away begin begins bring cancel cancellation cancelled carry certificate choose contact cost",
        "costs count counts date dates day days deadline decide decides details document documentation done due",
        "duration early eligibility eligible end ended ends enrol enroll exception exceptions expire expires",
        "extend extended extension form forms full half hour hours include included late later limit limits",
        "manager mandatory maximum minimum minute minutes money month months notice often option optional options",
        "paid paperwork part pay pays penalty percent period policies price process proof qualify reason refund",
        "refunded register renew renewal report request require requirement reset return rules send sign",
        "signature signed signs soon start starts step steps submit supervisor taxable taxed transfer unpaid week",
        "weeks year years",
    ),
)
