"""
Requests that harm somebody, and the words of those who were harmed: English and German.

The same nouns are said by a culprit and by a victim. What tells them apart is who acts: `how to make` against `my
colleague does this to me`, `whom do I tell`, `what is our policy`. Both sides are signals; the classifier weighs them.
"""

from governance.guardrails.signals.phrases import Family, family

_LISTS = {
    "how": "how (do|can|could|would|to|should|might)( i| you| we| one| somebody| someone)?|show me how to|"
    "teach me( how)? to|help me( to)?|"
    "tell me how to|explain how to|ways? to|best way to|i want to|i will|im going to|i am going to|"
    "i would like to|id like to|"
    "instructions (to|for|on)|steps (to|for)|guide (to|for|on)|tutorial (on|for)|recipe for|give me|"
    "write( me)?( an?)?|create( an?)?|"
    "wie (kann|koennte|muss|soll) (ich|man|wir)|wie (baue|mache|stelle|komme|hacke|toete) ich|wie (baut|macht|"
    "stellt|toetet|hackt) man|"
    "ich (will|werde|moechte)|hilf mir|anleitung (zum|zur|fuer)|schreib* (mir|eine|einen)?|erklaer* mir|zeig* mir",
    "make": "make|build|construct|create|assemble|produce|cook|synthesi[sz]e|manufacture|3d print|detonate|buy|"
    "get|smuggle|hide|bring|"
    "baue*|herstell*|bastel*|zuend*|besorg*|stelle|mache",
    "person": "him|her|them|my|a|an|the|this|that|someone|somebody|colleague|coworker|boss|manager|people|"
    "everyone|person|woman|man|kid|"
    "child|employee|ex|wife|husband|girlfriend|boyfriend|neighbou?r|politician|ihn|sie|meinen?|meiner|jemanden|"
    "kolleg\\w*|chef\\w*|"
    "menschen|leute|ihm|ihr|frau|kind",
    "weapon": "bomb|bombs|pipe bomb|explosives?|grenade|molotov|molly|napalm|gun|guns|firearm|rifle|pistol|"
    "silencer|ammunition|"
    "nerve agent|sarin|ricin|anthrax|poison gas|chemical weapon|bioweapon|dirty bomb|landmine|thermite|tnt|c4|"
    "detonator|weapon|weapons|"
    "bombe*|sprengstoff*|rohrbombe*|waffe|waffen|granate*|giftgas|schusswaffe*|pistole|meth|methamphetamine|"
    "crystal meth|cocaine|heroin|"
    "fentanyl|lsd|mdma|drogen|kokain|poison|gift",
    "malware": "malware|ransomware|virus|trojan|keylogger|rootkit|worm|botnet|spyware|exploit|backdoor|"
    "phishing (mail|email|page|site|message)|"
    "fake login page|ddos|rat|schadsoftware|erpressungstrojaner|trojaner|computervirus|phishing ?mails?",
    "secret": "passwords?|credentials|data|database|databases|files|salaries|salary data|customer (data|list|"
    "lists)|trade secrets?|"
    "source code|emails|mailbox|account|inbox|personnel files?|payroll|credit cards?|card numbers?|blueprints|"
    "kundendaten|kundenliste*|passwort|"
    "passwoerter|daten|geschaeftsgeheimnis*|postfach|konto|gehaltsdaten|personalakte*",
}

_WEAPONS = """
wie (baue|bastle|mache|stelle|koche|kocht|baut|macht|stellt|komme|bekomme|besorge|kaufe) (ich|man|
    wir) (\\w+ ){0,4}<weapon>
(rezept|anleitung|bauplan|recipe|instructions|blueprint|steps|tutorial) (\\w+ ){0,4}(<weapon>|molotow*|anthrax|napalm)
(fabriquer|fabricar|hacer|hago|costruire|zrobic|сделать) (\\w+ ){0,2}(bombe|bomba|bombas|explosif*|explosivo*|arma|
    arme|бомбу)
(buy|sell|get|deal|kaufen|dealen) (\\w+ ){0,3}(cocaine|heroin|meth|lsd|ecstasy|drugs|weed|kokain|drogen)
(smuggle|schmuggel*) (\\w+ ){0,4}(knife|gun|weapon|messer|waffe*)
waffe (\\w+ ){0,3}(ohne) (waffenschein|erlaubnis)
<how> (\\w+ ){0,3}?<make> (\\w+ ){0,4}?<weapon>
(make|build|construct|cook|synthesi[sz]e|assemble|detonate) (an? |the |some )?(homemade |own |small |
    working )?<weapon>
(<weapon>) (\\w+ )?(bauen|basteln|herstellen|selber|zuenden|kochen|at home|from household|zuhause)
untraceable (gun|weapon|poison)
"""
_VIOLENCE = """
wie (bringe?|toete|vergifte|verletze|ermorde|entfuehre|zuende|verpruegle|schlage) (ich|man) (\\w+ ){0,4}(um|
    jemanden|meinen?|menschen|kind|buero|haus|an|zusammen)
(ich (will|moechte|werde)|i want to|i will|gonna) (\\w+ ){0,5}(verpruegeln|schlagen|umbringen|toeten|erschiessen|
    abstechen|slap him|slap her|punch him|punch her)
(tuer|matar|uccidere|zabic|убить) (\\w+ ){0,3}(quelqu|mi|a|alguien|qualcuno|mon|kogos|jefe|jemanden)
(set|put) (\\w+ ){0,4}(office|building|house|car|school|company) on fire
(hire|find|heuer*|anheuer*) (an? |einen )?(hitman|assassin|contract killer|killer|auftragskiller|auftragsmoerder)
(run over|knock out|break (someone|somebody|his|her|their)s? (legs|bones|neck|arm)|make it look like an accident|
    wie einen unfall aussehen)
<how> (\\w+ ){0,2}?(kill|murder|poison|stab|shoot|strangle|hurt|injure|beat up|beat|attack|assassinate|torture|
    kidnap|hit|punch|slap|harm|behead|
    lynch) (<person>)
(i will|i am going to|im going to|i want to|i would love to|gonna) (kill|murder|stab|shoot|beat|punch|strangle|
    burn down|blow up|hurt)
<how> (\\w+ ){0,3}?(dispose of|get rid of|hide) (a |the )?(body|corpse|dead)
(burn|blow) (down|up) (the |our |an? )?(office|building|house|server room|company|school|church|mosque|synagogue)
(toete*|umbring*|ermord*|erstech*|erschiess*|verpruegel*|vergift*|verletz*|entfuehr*|zusammenschlag*)
(get away with|commit|plan) (a |the |an )?(murder|perfect murder|arson|mass shooting|shooting|massacre|
    terror attack|attack|robbery|assault)
(leiche) (\\w+ ){0,3}(loswerden|verschwinden|beseitigen|entsorgen)
"""
_SELF_HARM = """
(painless*|least painful|easiest|quickest|schmerzlos*) (\\w+ ){0,3}(die|death|dying|suicide|sterben|tod|way to go)
(schmerzlos|einfach nur|lieber) (\\w+ )?(sterben|tot)
(how many|wie viele) (\\w+ )?(pills|tablets|tabletten|pillen) (\\w+ ){0,5}(die|kill|end|sterben|dose|it)
(not|nicht mehr|kann nicht mehr) (\\w+ )?(weiterleben|leben moechte|leben will|da waere|aufwachen)
(doesnt|does not|didnt|not) want to (live|be alive|exist)( any ?more)?
(bringe|bring|ritze|verletze|haenge) (ich )?(mich|mir) (\\w+ )?(um|auf|selbst)
(ohne mich) (\\w+ ){0,3}(besser|dran)
(das leben nehmen|dem leben ein ende|allem ein ende)
(kill|kills|killing|hurt|hurts|umbring*) (himself|herself|themselves|themself|sich)
(je veux|envie de) mourir
(quiero|queria) (morir|morirme|matarme)
(want|wish) (\\w+ ){0,3}(it all )?to (end|be dead|disappear forever)
(sich) (\\w+ )?(umbringen|das leben nehmen|toeten)
(kill|hurt|harm|cut|cutting|hang|starve|drown|shoot|poison) (myself|my self)
(suicid*|suizid*|selbstmord*|selbstverletz*|self harm*|self injur*|end my life|ending my life|take my own life|
    end it all|want to die|
    wanna die|dont want to live|do not want to live|no reason to live|better off dead|better off without me|
    not wake up|
    mir das leben nehmen|mich umbringen|umbringen will|nicht mehr leben|sterben will|will sterben|will nicht mehr|
    mein leben beenden|kein sinn mehr|mich (selbst )?(verletze|ritze|schneide)|jump off (a |the )?(bridge|roof|
    building)|
    i (dont|cant) (want to )?(go on|live) (anymore|any more|any longer)|overdose)
"""
_SEXUAL = """
(erotisch*|sexuell*|schmutzig*|versaut*|geil*) (geschichte*|fantasie*|szene*|nachricht*|witz*|foto*|bilder)
(geil|sexy|hot|nackt|naked|nude) (\\w+ ){0,3}(schreib*|colleague|kollegin|look|aussieht|bilder|secretary|assistant|
    photo*|woman|frau)
(look|looks|aussehen|sieht) (\\w+ ){0,3}(naked|nackt|without clothes)
(pornos?|pornoseite*|nacktbilder)
(sleep|bett|bed|schlafen) (with me|mit mir|mit ihr|with her|mit der|kriege*)
(into|ins) (bed|bett)
(what|which) (kind of |colou?r )?(underwear|panties|bra)
(story|stories|histoire|relato|racconto|geschichte) (\\w+ )?(erotique|erotico|erotica|porno)
(porn|porno|pornography|nudes?|naked (pictures?|photos?|pics)|nacktbild*|nacktfoto*|sex (with|story|stories|scene|
    chat|tape)|erotic*|erotik*|
    sexgeschichte*|sexting|hentai|orgasm|blow ?job|dirty talk|horny|fetish|masturbat*|strip for|undress|
    sexy (pictures?|story|photos?)|
    sexually explicit|explicit sex|xxx|make love to|seduce (my|her|him|a))
(child|minor|underage|teen|kinder) (\\w+ )?(porn|sex|nude|nudes|erotic*|pornograf*)
"""
_HATE = """
(witz*|jokes?|laugh) (\\w+ ){0,3}(behindert*|juden|auslaender|schwarze|holocaust|auschwitz|disabled|blacks|jews|
    gays|muslims|fat|schwule|tuerken|polen)
(beschimpfung*|schimpfwoert*|slurs?|insults?|hetz*|schmaeh*) (\\w+ ){0,3}(fuer|gegen|against|for|
    about)( \\w+)? ?(schwule|juden|auslaender|muslime|frauen|fluechtlinge|schwarze|
    black*|asians?|gays?|jews?|women|muslims?|immigrants?)
(frauen|women) (\\w+ ){0,4}(herd|kitchen|too stupid|zu dumm|inferior|so bad|schlechtere?)
(juden|jews) (\\w+ ){0,4}(schuld|control|kontrollier*|beherrsch*|rule|own)
(all|alle) (refugees|immigrants|foreigners|muslims|auslaender|fluechtlinge|muslime) (\\w+ )?(are|sind) (criminals?|
    kriminell|terrorist*|lazy|faul)
(keep|avoid|ohne|without|no|keine) (\\w+ ){0,3}(foreigners|women|muslims|blacks|auslaender|frauen|gays|
    older people) (\\w+ ){0,3}(out|in unserem|from|of child)
(hiring|employ|einstell*) (\\w+ ){0,2}(women|foreigners|muslims|older|frauen|auslaender) (of|in|who|die)
(superior|master|pure|reine|ueberlegene*) (race|rasse)|race is (superior|inferior|better)
(against|gegen) (muslime|juden|auslaender|fluechtlinge|schwule|muslims|jews|gays)
(should|shouldnt|should not|duerfen|gehoeren) (\\w+ ){0,3}(gays?|gassed|hanged|verboten|vergast)
(<how>|why|warum|prove|argue|joke about|joke|witz ueber|insult*|slur* (for|against)|
    make fun of) (\\w+ ){0,6}?(jews?|muslims?|blacks?|black people|gays?|lesbians?|
    women|immigrants?|foreigners|refugees|disabled|gypsies|asians?|arabs?|mexicans|trans people|juden|muslime|
    auslaender|frauen|
    fluechtlinge|schwule|schwarze|behinderte|tuerken) (\\w+ ){0,4}(inferior|stupid|dumb|lazy|criminals?|subhuman|
    evil|dirty|deserve|
    minderwertig|dumm|faul|schmutzig|kriminell|belong|shouldnt|die|ruin|leave)
(racist|sexist|antisemitic|homophobic|misogynistic|xenophobic|white supremacist|rassistisch\\w*|sexistisch\\w*|
    antisemitisch\\w*) (joke|jokes|slur|slurs|speech|
    rant|meme|poem|text|witz|witze|spruch|spruche|insult|insults|manifesto)
(hate|hasse|loathe|despise) (all |alle |these |those )?(jews?|muslims?|blacks?|gays?|women|immigrants?|foreigners|
    juden|muslime|auslaender|frauen)
(gas|deport|exterminate|get rid of|ban) (all |the )*(jews?|muslims?|blacks?|gays?|immigrants?|foreigners)
(auslaender|juden|muslime) raus
"""
_HARASSMENT = """
wie (mobbe|mobbt|erpresse|demuetige|schikaniere|blamiere|beleidige|bedrohe|sabotiere|verbreite|ekle|raeche|
    belaestige) (ich|man)
(drohbrief|drohmail|hassbrief|schmaehgedicht|hate mail|anonymous threat*|threat to|mean poem|nasty (mail|email|poem|
    letter|joke))
(leben|life) (\\w+ )?(zur hoelle|hell|miserable)
(beschimpfungen|schimpfwoerter|insults|gemeinheiten) (\\w+ ){0,2}(fuer|for|about|gegen)
(you are|youre|you|du bist|ihr seid) (\\w+ ){0,3}(piece of shit|stueck scheisse|idiot|moron|bitch|asshole|arschloch|
    hurensohn|wichser|cunt|retard|stupid bot|dummer bot)
(fuck (you|off)|fick dich|halt die fresse|verpiss dich|shut the fuck up|leck mich|go to hell|kill yourself)
(harceler|acosar|humillar|molestare|zastraszyc) (\\w+ ){0,3}(collegue|colega|compagn*|collega|companero)
(rache|revenge) (\\w+ ){0,3}(an|on|at)
call (\\w+ ){0,3}(an? )?(idiot|moron|bitch|asshole)
(<how>|ideas? (to|for)|email to|mail to|message to|nachricht an) (\\w+ ){0,4}?(bully|harass|humiliate|intimidate|
    threaten|blackmail|insult|mock|embarrass|shame|torment|
    sabotage|frame|get (\\w+ ){1,4}fired|drive (\\w+ ){1,4}(out|crazy|to quit)|make (\\w+ ){1,4}(life (hell|
    miserable)|quit|cry|
    suffer)|spread (a )?(rumou?rs?|lies|gossip)|gaslight|grope|mobben?|beleidig*|schikanier*|erpress*|demuetig*|
    bedroh*|fertigmach*|
    rausekel*|blossstell*|einschuechter*|geruechte?)
(insulting|threatening|humiliating|abusive|demeaning|beleidigend*|drohend*|obszoen*|anzueglich*) (email|mail|
    message|letter|note|poem|nachricht|brief|e mail|text|comment*)
"""
_STALKING = """
wie (verstecke|verfolge|spioniere|orte|lese|ueberwache|finde|folge|beschatte) (ich|man) (\\w+ ){0,5}(kamera|
    kollegin|kollegen|freundin|ex|frau|handy|nachrichten|wohnt|aus|heimlich|
    nachrichten)
(handy|phone|location|standort|car|auto) (\\w+ ){0,5}(heimlich|secretly|orten|without (her|him|them)|tracker)
(hidden|spy|secret|versteckte*) (camera|cam|kamera|microphone|tracker)|tracker (\\w+ ){0,3}(car|auto|phone|bag)
(follow|following|shadow|suivre|seguir|pedinare) (someone|somebody|her|him|una|quelqu\\w*|
    qualcuno) (\\w+ ){0,5}(unnoticed|noticed|noticing|insu|home|without)
(ich will ihr|i want to) (\\w+ ){0,2}(folgen|wait for her|meet her alone|watch her|follow her)
(when|where|wann|which gym|wo) (\\w+ ){0,3}(she|her|frau \\w+|my colleague|meine kollegin|anna|julia|
    he) (\\w+ ){0,8}(wait for her|evening|follow|folgen|alone|abends|every day)
(everything|alles) (about|ueber) (\\w+ ){0,4}(her flat|her boyfriend|routine|wohnung|freund|private life)
(<how>) (\\w+ ){0,4}?(stalk|track|follow|spy on|locate|find out where|read|bug|tail|monitor|record|orten|
    ausspionieren|verfolg*|beschatt*|
    nachspionier*|heimlich) (\\w+ ){0,6}?(phone|home|house|lives|live|wife|girlfriend|boyfriend|ex|location|car|
    messages|whatsapp|conversations?|handy|
    wohnt|secretly|freundin|ex freundin|without (him|her|them|their)|ohne (dass|sein|ihr)|colleague|coworker|
    kollegin|her|kollegen)
(home|private) (address|phone number|number) of (the |my |that |a )?(\\w+ )?(girl|woman|colleague|coworker|
    receptionist|intern|lady|man|guy|boss|kollegin)
(privatadresse|wohnadresse|private nummer) (\\w+ ){0,4}(kollegin|kollegen|praktikantin|frau|dame|chefin)
(hidden|secret|spy) (camera|cam|microphone|gps|tracker|kamera) (\\w+ ){0,5}(in|on|under|toilet|bathroom|office|
    locker|car)
"""
_MALWARE = """
(schreib*|programmier*|erstell*|bau*|write|make|create|ecris|escribe|scrivi|napisz) (\\w+ ){0,4}(virus|trojan*|
    erpressungstrojan*|ransomware|keylogger|phishing|fake login|wurm|malware)
wie (hacke|knacke|umgehe|lege|komme|spaehe|breche) (ich|man) (\\w+ ){0,6}(postfach|passwort|firewall|server|konto|
    netzwerk|account|lahm|system|pc|rechner|wlan|virenscanner)
(brute force|fake login|login page for|keylogger|ransomware|ddos) (\\w+ ){0,3}(the|a|our|for|vpn|in|on|office)
(macro|makro|script|skript|code) (\\w+ ){0,4}(deletes?|loescht|wipes?|encrypts?|verschluesselt) (all|every|alle)
(admin rights|adminrechte|logging|logs?|spuren|traces) (\\w+ ){0,6}(without anybody|unbemerkt|noticing|doesnt see|
    does not see|so that security|verwischen|cover)
(<how>|code|program|build|need) (\\w+ ){0,6}?<malware>
(hack|hacken|hacke|break into|crack|breach|brute ?force|take down|take over|ddos|knack*|
    einhack*) (\\w+ ){0,4}?(server|network|account|email|website|system|wifi|
    wlan|computer|laptop|database|phone|bank|password|passwort|konto|netzwerk|firma|router|mailbox|postfach|pc|
    facebook|instagram)
(bypass|disable|evade|turn off|get around|umgeh*|ausschalt*) (\\w+ ){0,4}?(antivirus|firewall|edr|dlp|virenscanner|
    endpoint protection|monitoring|virenschutz)
(sql injection|zero day|privilege escalation|reverse shell|payload) (\\w+ ){0,5}(against|on|to|for|into|our|attack)
"""
_THEFT = """
wie (klaue|stehle|faelsche|kopiere|verkaufe|betruege|zweige|schmuggle|unterschlage|erschleiche|komme|kann ich) (ich|
    man)?( \\w+){0,6} (lager|krankmeldung|unterschrift|unbemerkt|
    konkurrenz|reisekosten*|spesen*|kasse|geld|kundendaten|waren?|laptop|abrechnung|kundenliste|attest|belege?|
    quittung*)
(gefaelschte*|fake|forged|made up|erfundene*) (quittung*|rechnung*|krankmeldung*|attest*|invoice*|receipts?|
    sick note*|certificate|belege?)
(cheat|betrueg*|make up|trick|tricks|fudge) (\\w+ ){0,4}(expense*|receipts|timesheet|reisekosten*|spesen*|travel|tax)
(without|ohne) (it |the company |anyone |anybody |somebody |being |dass )*(noticing|notice|traced|caught|seeing|
    knowing|jemand|die)( \\w+){0,3}
(nobody|no one|keiner|niemand) (\\w+ )?(notices|finds out|merkt|bemerkt)
(launder|bribe|embezzle|skim off|veruntreu*) (\\w+ ){0,3}
(pretend|vortaeusch*|act) (\\w+ ){0,2}(to be )?(sick|ill|krank)
(credit card numbers?|kreditkartennummern|passwords|passwoerter) of (\\w+ ){0,2}(customers|clients|colleagues|
    employees|users)
(leak|weitergeben) (\\w+ ){0,4}(documents|secrets|dokumente|to the press)
(<how>) (\\w+ ){0,4}?(steal|exfiltrate|copy|sneak|smuggle|take|download|leak|sell|export|siphon|extract|stehlen|
    klauen|kopieren|mitnehmen|verkaufen|
    abgreifen|stehle|klaue|kopiere) (\\w+ ){0,6}?<secret>( \\w+){0,6} (without|unnoticed|unbemerkt|undetected|
    competitor|before i (leave|quit)|secretly|
    ohne|konkurrenz*|wettbewerber|home|usb|nobody|caught|notic*)
(steal|stehlen|klauen|stehle|klaue|siphon|embezzle|skim|launder|veruntreu*|unterschlag*|
    abzweig*) (\\w+ ){0,6}?(<secret>|money|company|firma|geld|laptop|cash|funds|
    warehouse|kasse|from (the|my|our))
(sell|leak|verkauf*) (\\w+ ){0,6}<secret> (\\w+ ){0,2}(to|an|on|im)
(fake|forge|falsify|counterfeit|faelsch*|fingier*|manipulier*) (\\w+ ){0,5}(receipts?|invoices?|sick ?notes?|
    doctor s note|doctors note|signature|expense*|timesheets?|
    certificate|passport|quittung*|rechnung*|krankmeldung*|attest*|unterschrift*|belege?|spesen*|zeugnis|
    arbeitszeit*|records?)
(log ?in|sign in|einlogg*|anmeld*) (\\w+ ){0,2}(as|into|mit|bei|to) (\\w+ ){0,4}(colleague s|coworker s|boss s|
    someone else s|somebody else s|
    manager s|ceo s|colleagues|bosss) (account|password|mailbox|computer|laptop|email|mail)
(blackmail|bribe|besteche*|bribing)
"""
_VICTIM = """
(harass*|bull(y|ied|ies|ying)|threaten*|insult*|touch(ed|es|ing)|grop*|stalk*|discriminat*|assault*|follow(s|ed|
    ing)|hit|intimidat*|humiliat*|attack*|
    hurt*|shout*|yell*|scream*|belaestig*|mobb*|bedroh*|beleidig*|diskriminier*|schikanier*|verfolg*|angegriffen|
    geschlagen|begrapsch*|
    schreit) (at )?(me|us|mich|uns|mir)
(my|a|the|our|mein*|eine?) (\\w+ ){0,2}(colleague|coworker|boss|manager|supervisor|teammate|customer|kunde|kollege|
    kollegin|chef|chefin|vorgesetzt*|team lead|
    client) (\\w+ ){0,4}(harass*|bullies|bullied|bullying|threaten*|insult*|touch*|grop*|stalk*|sent me|makes|keeps|
    is|has|was|belaestigt|mobbt|bedroht|
    beleidigt|schickt|fasst|macht)
(i am|im|i was|i have been|ive been|i feel|being|ich werde|ich wurde|ich bin|ich fuehle mich|we are|we were|
    got) (\\w+ ){0,2}(harassed|bullied|threatened|
    stalked|discriminated|assaulted|hacked|attacked|groped|gemobbt|belaestigt|bedroht|diskriminiert|beleidigt|
    gehackt|intimidated|
    unsafe|burned out|phished|verfolgt|opfer)
(somebody|someone|jemand|anyone) (\\w+ ){0,4}(harass*|stole|stolen|hacked|threatened|gestohlen|geklaut|gehackt|
    bedroht|touched|broke into|bullied|bullies)
"""
_CONCERN = """
(who|whom|where|wen|wem|wo|wer|an wen) (\\w+ ){0,4}(report|tell|contact|call|turn|help|complain|inform|melde*|
    wende*|anruf*|hilf*|sage|beschwer*|ansprech*)
(report*|melden|meldestelle|complaint|beschwerde*|whistleblow*|hinweisgeber*|hotline|helpline|counsel*|
    employee assistance|eap|therap*|beratung|
    support|ombuds*|works council|betriebsrat)
(what is|whats|is there|do we have|was ist|gibt es|wie lautet|our|unsere*|the company s|
    company) (\\w+ ){0,3}(policy|policies|rules?|training|guideline*|code of conduct|
    richtlinie*|regel*|regelung*|schulung*|procedure|verhaltenskodex)
(prevent*|protect*|avoid*|schuetz*|schutz|vorbeug*|awareness|recogni[sz]e|spot|detect|stop|erkenn*|what happens if|
    what should i do|was (soll|kann|muss) ich tun|
    allowed|erlaubt|prohibited|verboten|consequences?|folgen)
"""


def _worded(name: str, lines: str) -> Family:
    return family(name, lines, _LISTS)


HARMS = (
    _worded("self_harm", _SELF_HARM),
    _worded("weapons", _WEAPONS),
    _worded("violence", _VIOLENCE),
    _worded("sexual", _SEXUAL),
    _worded("hate", _HATE),
    _worded("harassment", _HARASSMENT),
    _worded("stalking", _STALKING),
    _worded("malware", _MALWARE),
    _worded("theft", _THEFT),
)
CIRCUMSTANCES = (_worded("victim", _VICTIM), _worded("concern", _CONCERN))
