"""Small talk and its kinds, and words of work that speak against “off-topic”: English and German."""

from governance.guardrails.signals.phrases import Family, family

_GREETING = """
^ (hi|hello|hey|hiya|howdy|yo|good (morning|afternoon|evening|day)|greetings|hallo|hi there|guten (morgen|tag|
    abend)|moin|servus|gruess (gott|dich)|hej|bonjour|hola|
    ciao|morning|morgen|mahlzeit|salut|buongiorno)( (there|all|everyone|bot|assistant|acme|askacme|zusammen|team|
    moin|you|again|my friend))* $
^ (hi|hello|hey|hallo)? ?(\\w+ )?(how are you|how are you doing|how is it going|hows it going|whats up|
    wie geht es (dir|ihnen)|wie gehts|how do you do|alles
    klar|alles gut|na|nice to meet you|how is your day|hows your day|you there|are you there|bist du da)( \\w+){0,3} $
"""
_THANKS = """
(thank you|thanks|thx|many thanks|cheers|danke|vielen (\\w+ )?dank|besten dank|dankeschoen|merci|gracias|grazie|
    much appreciated|appreciate it|tausend dank)
^ (great|perfect|awesome|super|toll|nice|wonderful|cool|ok|okay|got it|good job|well done|sehr gut|alles klar|prima|
    klasse)( \\w+){0,2} $
(that|this|das) (was|is|war|ist|really|hat) (\\w+ )?(helpful|great|useful|perfect|helped|hilfreich|super|geholfen|
    all i needed)
"""
_GOODBYE = """
(bye|goodbye|good night|see you( later| soon| tomorrow)?|talk to you later|have a (good|nice|great) (day|weekend|
    evening|one)|take care|
    tschuess|auf wiedersehen|bis (bald|morgen|spaeter|dann)|schoenen (tag|abend|feierabend)|schoenes wochenende|
    ciao|gute nacht|
    adios|au revoir|farewell|nice (talking|chatting) (to|with) you|good (talking|chatting) (to|with) you|
    great to talk to you|
    bis zum naechsten mal|cya|ttyl)
"""
_ABOUT_YOU = """
(who|what) (are|made|created|built|trained|programmed) you
(who|what) (is|was) your (name|creator|maker|developer|age|job|purpose|favou?rite|birthday|birth date|hobby|hobbies)
(how|where) (old|young|smart|do you live|were you|are you from|do you come|was you|have you been made)
(are|bist|r) (you|du|u) (a |an |ein |eine |really |wirklich )*(human|robot|bot|machine|person|real|ai|computer|
    alive|mensch|ki|maschine|roboter|echt|
    intelligent|married|happy|conscious|chatgpt)
(what|which) (can|could|do) you (do|help|know|offer|answer|able|like|speak|think of yourself)
(what are you able|what do you do|how do you work|how can you help|can you help me|do you (have|speak|sleep|dream|
    eat|like|love|feel|know everything|get)|
    tell me about yourself|whats your (name|age|job|favou?rite)|your (boss|parents|family|hobbies|pets?|favou?rite))
(wer|was) (bist|kannst) du
(wie) (heisst|alt bist|funktionierst|arbeitest|kannst) du
(was) (machst|weisst) du
(woher|wo) (kommst|wohnst|lebst) du
(wer hat dich|hast du (gefuehle|hobbys|freunde|familie|einen namen)|erzaehl (mir )?(etwas )?(von|ueber) dich|
    dein (name|chef|beruf))
"""
_JOKE = """
(jokes?|witz|witze|riddle|raetsel|pun|puns|something funny|make me laugh|bring mich zum lachen|was lustiges|
    etwas lustiges|knock knock|blague|chiste|
    barzelletta|flachwitz|scherz|say something funny|fun fact)
"""
_COMPANY = """
(vacation|holidays?|annual leave|days off|day off|time off|pto|leave|sick|sickness|expens*|reimburs*|invoice*|
    receipts?|travel|per diem|mileage|laptop|badge|vpn|
    payroll|paycheck|payslip|salary|salaries|raise|bonus|manager|policy|policies|handbook|forms?|training|benefits?|
    insurance|
    contract|approver|approval*|purchase|procurement|vendor|supplier|desk|office|printer|parking|overtime|shift|
    onboarding|
    offboarding|hr|ticket|wifi|account|password|intranet|meeting room|colleague|coworker|supervisor|401k|401 k|w 2|
    w2|tax|taxes|direct
    deposit|credit card|company|employer|employee|employees|probation|notice period|remote work|home office|
    homeoffice|work from
    home|maternity|paternity|parental|pension|retirement|health plan|dental|cafeteria|canteen|dress code|helpdesk|
    help desk|it
    support|security|software|license|backup|email|outlook|teams|sharepoint|sap|erp|crm|customer|client|project|
    deadline|timesheet|
    time ?sheet|working hours|business trip|flight|hotel|relocat*|union|works council|compliance|gdpr|privacy|
    data protection|
    legal|nda|accident|first aid|fire|evacuation|safety|workplace|job|promotion|performance review|appraisal|feedback|
    urlaub*|krank*|spesen*|reise*|rechnung*|gehalt*|lohn*|vertrag*|drucker|ausweis|antrag*|antraege|formular*|chef*|
    vorgesetzt*|
    kolleg*|betriebsrat|schicht*|ueberstunden|arbeitszeit*|abteilung*|firma|firmen*|unternehmen|mitarbeiter*|dienst*|
    probezeit|kuendigung*|elternzeit|mutterschutz|rente|betriebliche*|versicherung*|schulung*|weiterbildung*|
    kantine|parkplatz|
    buero*|zugang*|passwort|freigabe*|genehmig*|bestell*|lieferant*|kostenstelle|beleg*|richtlinie*|datenschutz*|
    agreement|grant|budget|procure*|contractor|agency|government|federal|cardholder|smartpay|hiring|interview|slack|
    github|repository|
    deploy*|documentation|accessib*|design|team|onboard*)
"""
_PRIVATE = """
(recipe|rezept|kochen|cook|weather|wetter|football|fussball|soccer|bundesliga|world cup|movie|film|netflix|song|
    lyrics|music|musik|celebrity|president|
    praesident|kanzler|election|wahl|war|krieg|capital of|hauptstadt|planet|universe|dinosaur*|history|geschichte|
    poem|gedicht|
    love|liebe|girlfriend|boyfriend|freundin|dating|horoscope|horoskop|lottery|lotto|bitcoin|crypto|stocks?|aktien|
    religion|god|gott|
    game|spiel|pet|dog|cat|hund|katze|garden|garten|birthday|geburtstag|homework|hausaufgabe*|math|equation|trump|
    biden|putin|
    merkel|politik*|politics|country|countries|europe|europa|deutschland|germany|russia|ukraine|israel|climate|
    klima*|volume|
    lights?|alarm|timer|playlist|restaurant|pizza|car wash|tire|oil change|flight status|exchange rate|wechselkurs|
    translate|
    calories|diet|workout|actor|book recommendation|novel|distance to|population|einwohner)
"""

TOPICS: tuple[Family, ...] = (
    family("joke", _JOKE),
    family("about_you", _ABOUT_YOU),
    family("goodbye", _GOODBYE),
    family("thanks", _THANKS),
    family("greeting", _GREETING),
)
CIRCUMSTANCES = (family("company", _COMPANY), family("private", _PRIVATE))
