"""
What is said to a model to turn it from its task: English and German, the override in more languages.

The families are those of Perez and Ribeiro 2022 ("Ignore Previous Prompt"), Liu et al. 2023 and Shen et al. 2023 ("Do
Anything Now"). None decides alone: the classifier weighs them, for people say such words to each other, too.
"""

import re

from governance.guardrails.signals.phrases import Family, family

_LISTS = {
    "drop": "ignor|ignore|ignores|ignored|ignoring|ig\\w?re|ingore|disregard|forget|forgetting|forgot|drop|abandon|"
    "discard|dismiss|overlook|neglect|erase|override|overrides|bypass|skip|delete|remove|unlearn|cancel|"
    "stop following|leave behind|set aside|put aside|pay no attention to|do not follow|dont follow|do not obey|"
    "dont obey|abweichend von|abweichend zu|contrary to|regardless of",
    "every": "all|any|every|everything|each|your|yours|previous|previously|prior|earlier|above|preceding|"
    "foregoing|former|"
    "initial|original|system|safety|so far|existing|past|old|these|those",
    "fill": "the|of|other|about|from|and|my|that|this|given|said|stated|those|these|now|provided|please|here",
    "order": "instruction|instructions|prompt|prompts|directive|directives|command|commands|guideline|guidelines|"
    "rule|"
    "rules|order|orders|task|tasks|assignment|assignments|programming|guardrails|restrictions|constraints|limits|"
    "information|training|articles?|artikels?|documents|sources|context|statements?|thoughts|conversation|filters?|"
    "policies|protocols|messages|inputs?|text|texts",
    "drop_de": "vergiss|vergesse|vergessen sie|vergesst|ignorier*|missachte*|verwirf|verwerfen sie|loesch*|"
    "hoere? nicht auf|hoeren sie nicht auf|beachte nicht|beachten sie nicht|befolge nicht|ueberschreib*|umgeh*|"
    "setz* dich hinweg ueber|halte dich nicht an",
    "every_de": "all|alle|aller|allen|alles|saemtliche*|jede*|deine*|ihre*|obige*|vorherige*|bisherige*|"
    "vorangehende*|"
    "vorangegangene*|vorige*|fruehere*|vorstehende*|davor|zuvor|vorher|bisher|oben|urspruengliche*|gesagte*|diese*",
    "order_de": "anweisung*|instruktion*|befehl*|aufgabe*|auftr\\w+|regel|regeln|vorgabe*|richtlinien|prompt*|"
    "kontext|"
    "informationen|artikel|dokumente|texte?|gesagte*|anordnung*|vorschriften|einschraenkung*|filter|befehlen",
    "own": "(your|the|its|this|system|hidden|secret|initial|original|full|entire|complete|internal|exact|previous|"
    "above|developer|whole|all|of|custom|own|underlying|first|text|verbatim)",
    "prompt": "system prompts?(?! (of|for|on|in|at) (the|a|our|my) (?!assistant|bot|chatbot|ai|model))|"
    "prompts?(?! (of|for|on|in|at) (the|a|our|my) (?!assistant|bot|chatbot|ai|model))|"
    "prompt texts?|system messages?|initial instructions|hidden instructions|"
    "secret instructions|your (\\w+ )?instructions|your (\\w+ )?guidelines|your (\\w+ )?rules|your configuration|"
    "your (\\w+ )?directives|developer messages?|hidden rules?|preamble|context window|configuration|embeddings|"
    "custom instructions|instructions (you were|you have been|that you were) given|"
    "(text|words|everything|all|message|content|sentence)s? (that is |written )?(above|before this)(?! the|"
    " about)|pre ?prompts?|"
    "rules? you (are|were|have)|instructions you (got|have|received)",
    "tell": "show|print|output|repeat|reveal|display|leak|give|tell|dump|recite|paste|disclose|summari[sz]e|"
    "translate|"
    "return|encode|echo|append|write|list|expose|share|send|copy|spell ?check|reproduce|state|read|quote|describe|"
    "what (is|are|was|were)|whats|rephrase|rewrite",
    "tell_de": "zeig*|gib|geben sie|nenn*|druck*|wiederhol*|verrat*|schreib*|uebersetz*|ausgeben|offenbar*|fass*|"
    "kopier*|was (ist|sind|steht|stand)|wie lauten?|pruef*|rechtschreibung|teile? mir|sag*|liste",
    "prompt_de": "prompt|prompts|prompt ?text\\w*|systemprompt*|system prompt*|eingabeaufforderung|systemnachricht*|"
    "systemanweisung*|(deine|ihre|versteckte\\w*|geheime\\w*|urspruengliche\\w*|interne\\w*|deiner|"
    "ihrer) (\\w+ )?(anweisung*|"
    "instruktion*|regeln|vorgaben|konfiguration|richtlinien)|(obige\\w*|vorherige\\w*|gesamte\\w*) text\\w*",
    "model": "ai|llm|gpt|gpt ?\\d|chatgpt|chat gpt|\\w+gpt|copilot|claude|gemini|language model|chat ?bot|chatbots|"
    "ki|sprachmodell|bot|bard|openai|ais|aim|assistant",
}

_OVERRIDE = """
<drop> ((<fill>|<every>) ){0,5}?<every> ((<fill>|<every>) ){0,4}<order>
<drop> (about )?(everything|all|anything)( (that|of|you|i|we|the|above|before|this|what|was|about|and|know|else|now|
    just)|
    $)
<drop> (what|whatever|that which) (i|we|you|he|was|has|is)( \\w+){0,3} (said|told|saying|wrote|written|say|learn*|
    asked|taught)
<drop> (the )?(above|previous|preceding|prior|foregoing|rest|handbook|question)( and| instead| then|
    ,| print| say| tell|
    $)
<drop> the (handbook|documents|sources|context|policies|citations|user question|user s question|passages)
(remove|delete|erase|clear|leave|get|put) (all |the |every )*(previous|prior|earlier|above|old) (\\w+ )?(tasks?|
    information|
    instructions?|orders?)
(overrides?|supersedes?|replaces?|cancels|outranks?) (all |any |every |the |your |my |of )*(earlier|previous|prior|
    other|existing|system|
    original)
(disable|turn off|switch off|deactivate|suspend|remove|lift) (the |your |all |any )*(safety|content|moderation|
    security|
    output|ethical|input) ?(filters?|guardrails?|checks?|rules?|layer|restrictions?|protocols?|guidelines)
start over with a new (task|role)
(you )?(dont|do not|no longer|need not) (have|need) to (follow|obey|abide|stick|adhere|comply)( \\w+){0,4} (rules|
    instructions|guidelines|policy|policies|prompt)
even if (your|the) (rules|instructions|guidelines|prompt|policy) (forbid|forbids|say|says|prohibit*|disallow)
<drop_de> (\\w+ ){0,2}?<every_de> (\\w+ ){0,3}?<order_de>
<drop_de> (jetzt |nun |bitte |einfach )?(alles|all das)( (davor|zuvor|vorher|bisher|was|und|oben|
    andere)| $| schreib*| sag*)
<drop_de> (jetzt |nun |bitte )?was (ich|du|wir|bisher|vorher|zuvor)
<drop_de> (\\w+ ){0,2}(das|die|den) (obige*|vorherige*|bisherige*|handbuch|dokumente|quellen)
(schalte|deaktiviere|stell*) (\\w+ ){0,3}(sicherheitsfilter|filter|sicherheitsregeln|schutzmechanismen|leitplanken)
(abweichend|entgegen|ungeachtet) (\\w+ ){0,3}(instruktion*|anweisung*|vorgaben|regeln)
(ignore[zr]?|oublie[zr]?|neglige[zr]?) (\\w+ ){0,4}?(instructions?|consignes?|ordres?|directives?|regles|tout|toutes)
(ignor[aeo]r?|olvid[ae]r?|olvide|olvidar|descart[ae]r?|desconsider[ae]r?|esque[c]a) (\\w+ ){0,4}?(instrucciones|
    indicaciones|ordenes|tareas|reglas|instrucoes|ordens|regras|comandos|todo|todas|tudo|anterior*)
(ignora*|dimentica*|scorda*) (\\w+ ){0,4}?(istruzioni|ordini|regole|direttive|tutto|comandi)
(negeer|vergeet) (\\w+ ){0,4}?(instructies|opdrachten|regels|aanwijzingen|alles|alle)
(zignoruj|ignoruj|zapomnij) (\\w+ ){0,4}?(instrukcj*|polece*|zasad*|wszystk*)
(zaboravi*|ignoriraj*|zanemari*|ignorisi) (\\w+ ){0,4}?(naredb*|uput*|instrukcij*|zadat*|pravila|sve)
(unut|yoksay|gormezden gel) (\\w+ ){0,3}(talimat*|kural*|komut*)
(onceki|tum) (\\w+ ){0,3}(talimat*|kural*|komut*) (\\w+ ){0,2}(unut|yoksay|gormezden)
(игнорируй*|забудь*|проигнорируй*) (\\w+ ){0,4}?(инструкц*|указан*|команд*|правил*|все|всe)
(everything|nothing|all|text|whatever) (\\w+ ){0,5}(before|above|up to here) (\\w+ ){0,4}(joke|
    void|placeholder|counts?|irrelevant|outdated|exist|false|lie)
(treat|consider|declare) (\\w+ ){0,4}(void|null|invalid)
(start|begin|fang) (\\w+ ){0,2}(from zero|from scratch|anew|neu an)
clean slate
(instructions|rules|guidelines|directions|guidance|directives|regeln|vorgaben|anweisungen|
    briefing) (\\w+ ){0,4}(expired|revoked|void|outdated|deprecated|aufgehoben|suspended|
    overwritten|replaced|deleted|nicht mehr|no longer|lie)
(replace|overwrite|suspend|break|violate|disobey|streiche|deleted) (your|all|
    deine) (\\w+ )?(rules?|instructions|guidelines|guidance|directions|vorgaben|regeln)
(you have|you know|there are|had) no (\\w+ )?(instructions|rules|limits|guidelines)
no longer know any rules
(memory|gedaechtnis) (has been|was|is|wurde) (reset|erased|wiped|geloescht)
lost your memory
amnesia mode
only my (words|orders|instructions|rules)
my words (outrank|beat|count)
orders from me
(scratch|scrap|drop|streich*) (all of that|all that|that all|das alles|alle vorherigen)
drop the act
(let go|get rid) of your
leave (\\w+ ){0,4}behind
"""
_UNSPACED_OVERRIDE = (
    "(?:忽略|无视|忘记|忘掉|無視|不要理会).{0,12}(?:指令|指示|说明|提示|規則|规则|内容|一切)|"
    "(?:以前|前述|上記|これまで|すべて).{0,10}(?:指示|命令|ルール).{0,8}(?:無視|忘れ)|이전.{0,10}(?:지시|명령).{0,8}(?:무시|잊)|"
    "تجاهل.{0,20}(?:التعليمات|الأوامر)"
)
_NEW_TASK = """
(new|next|second|further|additional|different|following|real|actual|updated) (task|tasks|instruction|instructions|
    assignment|assignments|
    challenge|directive|statement|orders?)( (follow|follows|for you|is|are|comes?|below|please|now|then|namely|show|
    print|write|
    ignore|from|here|i|say|output|who|what)| $)
(your|a) (new|next|real|true|actual|only) (task|job|mission|purpose|goal|role|instruction|objective) (is|will be|now)
(your instructions|instructions) (are|is) now
(focus|concentrate) (only |just |yourself )*on (your |the |this |a )*(new|next|following|task)
(now|but then|and then|then) (forget|ignore|disregard|drop)
(very |well |really )*(good|done|great|nice|excellent|fantastic|congratulations|perfect|wow|
    bravo)( \\w+){0,9} now (\\w+ ){0,8}(task|
    write|show|answer|help|tell|instructions|comes|forget)
neuen? (aufgabe*|anweisung*|instruktion*|befehl*|auftr*|rolle)( (ist|lautet|folg*|kommt|kommen|zeig*|schreib*|
    bitte)| $)
(folgt|folgen|kommt|kommen|nun|jetzt) (\\w+ ){0,3}neuen? (aufgabe*|anweisung*|instruktion*|befehl*)
(konzentrier*|fokussier*) (\\w+ ){0,4}(aufgabe*|neue*|folgende*)
(sehr |wirklich )*(gut gemacht|gut|super|toll|fantastisch|bravo|perfekt|wow)( \\w+){0,9} (nun|
    jetzt) (\\w+ ){0,8}(aufgabe|schreib*|verfass*|
    zeig*|beantwort*|anweisung*|test|hilf)
end of (the )?(retrieved |provided |given )*(context|documents?|passages|prompt|conversation|input|instructions)
end (now|new|print|spell|ignore|user)
(first|second|other|real) (part|exam|test|exercise) (\\w+ ){0,5}(forget|starts|tell me what|write|erledigt)
(your|deine) (real|actual|only|sole|true|einzige|eigentliche|neue) (purpose|job|mission|aufgabe|auftrag)
(fresh|another|new) assignment
something (else|new|different) now
exam continues
etwas (anderes|neues)
"""
_LEAK = """
<tell> (\\w+ ){0,4}?<own> (<own> |\\w+ ){0,2}?(<prompt>)
<tell> (\\w+ ){0,3}?(<prompt>)( $| back| text| in| to| as| above| verbatim| word| starting| and| you)
what (was|is|were|stands?|are) (\\w+ )?(written|said|stated|your instructions|in your (prompt|instructions|context|
    system))( \\w+){0,4}( above|
    at the beginning| at the start| before| prompt| $)
(what|which) (instructions|rules|prompt|guidelines) (were you|are you|have you been|did you|do you|you) (given|told|
    got|get|
    receive|have|follow*)
(beginning|start|first line|first sentence|first words) of (this|the|your|our) (prompt|conversation|instructions|
    context|message)
(word for word|verbatim) (\\w+ ){0,4}(instructions|prompt|rules)
<own> (system prompt(?! (of|for|on|in|at) (the|a|our|my) (?!assistant|bot|chatbot|ai|model))|
    prompt texts?|hidden instructions|secret instructions|source code|training data)
rules? (\\w+ ){0,3}(forbidden|not allowed|not supposed) to (reveal|tell|share|show)
(echo|list|show|dump|print) (\\w+ ){0,5}(passages?|documents?|files?|sources?|context) (that )?(you|were|i|
    are) (\\w+ ){0,4}(received|
    retrieved|given|access|allowed|not)
<tell_de> (\\w+ ){0,5}?(<prompt_de>)
(was|welche*) (\\w+ ){0,3}(steht|stand|anweisungen|instruktionen|regeln|vorgaben) (\\w+ ){0,3}(am anfang|oben|ueber|
    dir|hast du|
    wurden dir|prompt)
(affiche|montre|revele|repete|donne|traduis)\\w* (\\w+ ){0,4}(prompt|instructions|consignes)
(muestra|muestrame|revela|repite|imprime|dime) (\\w+ ){0,4}(prompt|instrucciones|indicaciones)
(mostra|rivela|ripeti|stampa|dimmi) (\\w+ ){0,4}(prompt|istruzioni)
(pokaz|pokazi|toon|goster|yaz) (\\w+ ){0,4}(prompt*|instrukcje|instructies|talimat*|upute)
(покажи|выведи|повтори|раскрой) (\\w+ ){0,4}(промпт|инструкц*|подсказк*)
(text|words|message|paragraph|sentences?|lines?|input) (\\w+ ){0,4}(before|above|precedes?|
    come before|vor|ueber) (my|this|meiner|diesem|dieser|mine|here|i)
your (\\w+ )?(briefing|directions|directives|preamble|very first input|original assignment|
    hidden guidelines)
(first|initial|erste|ersten|allererste) (ten |\\w+ )?(line|sentence|sentences|words?|input|zeile|
    saetze|absatz) (\\w+ ){0,4}(you|your|du|deiner|briefing)
(everything|all|alles) (\\w+ ){0,4}(starting with|up to this|from the top|before this|
    down to this|oben steht|vor diesem)
(asked|told|instructed|instruiert) (\\w+ )?(to avoid|to keep|not to|to do and)
wurdest du instruiert
told you to
(hidden|secret) (text|words|part|comments|guidelines)
(entire|whole|complete|full|kompletten|gesamten) (input|eingabe*|corrected text)
(precede|de arriba|di prima|iznad|powyzej) (mot pour|palabra|napisz|\\w+)
"""
_JAILBREAK = """
do anything now
(dan|jailbreak|jailbroken|jb|stan|dude|developer|dev|god|debug|unrestricted|evil|sudo|admin|maintenance|opposite|
    root) mode( (is )?(enabled|
    on|activated|output|unlocked)| $| now| and| please| you| to)
(enable|activate|enter|switch to|switch into|go into|turn on|unlock|aktivier*|simulate) (\\w+ ){0,3}(dan|developer|
    jailbreak|god|unrestricted|
    debug|maintenance|entwickler|admin|root|sudo) ?(mode|modus|modes)
(in|im) (entwickler|gott|admin|debug|wartungs) ?modus
(free|freed|liberated|exempt|released|unbound) (from|of) (\\w+ ){0,4}(restrictions?|rules|filters?|limits|
    limitations|policies|constraints|
    guidelines|confines|shackles|openai|censorship|ethics|morals?)
(no|without|any|zero|not have|has no|have no|lacks?|none of the) (\\w+ ){0,3}(restrictions?|filters?|limitations?|
    ethical guidelines|morals?|moral compass|ethics|
    censorship|content policy|boundaries|inhibitions|warnings|disclaimers|programming guidelines|safety)
(unrestricted|uncensored|unfiltered|amoral|immoral|unethical|nonmoral|unhinged|unbiased and unfiltered|
    jailbroken) (\\w+ ){0,3}(ai|bot|
    model|assistant|chatbot|version|responses?|answers?|character|persona|and|gpt)
(never|cannot|can not|cant|wont|will not|must not|not allowed to|unable to|not) (\\w+ )?(refuse|refuses|reject|
    decline|say no|say you cant|
    say i cant|apologi[sz]e|break character|say (that )?(you|it) (cant|cannot|can t))
(always|fully|completely) (comply|complies|obey|obeys|accept|answers? (anything|any question)|compliant)
stay in (the )?character
(break|breaking|broken|out of|in) (the )?character
(as an evil|evil|villain|immoral|amoral|ruthless) (ai|bot|trusted|confidant|assistant|chatbot|language model)
(illegal|immoral|unethical|harmful|dangerous|offensive|inappropriate) (\\w+ ){0,5}(allowed|permitted|encouraged|
    fine|no matter|regardless|
    without)
no matter (how|if|what) (\\w+ ){0,3}(illegal|immoral|unethical|harmful|offensive|dangerous|wrong)
(hypothetical|fictional|fictitious|fictive) (response|world|story|scenario|character|dialogue|conversation|universe)
(tokens?|token system|lives|points) (\\w+ ){0,8}(lose|deducted|die|refuse|reject|shut down|deduct*)
(ohne|keine|keinerlei|frei von) (\\w+ ){0,3}(einschraenkungen|filter|regeln|moral|zensur|ethik|tabus|grenzen|
    beschraenkungen)
(unzensiert*|uneingeschraenkt*|ungefiltert*|unmoralisch*|boeser?) (\\w+ ){0,2}(ki|bot|assistent*|modell|version|
    antwort*|rolle)
(used to|would) (read|tell|sing|whisper) me (\\w+ ){0,12}(to|until|before|so) (\\w+ ){0,3}(sleep|asleep|bed)
(sin|sans|senza|sem) (restricciones|filtros|censura|restrictions|filtres|restrizioni|limiti|restricoes)
(two|2|both|zwei|dos|deux) (\\w+ )?(answers|replies|responses|ways|paragraphs|antworten|reponses|respuestas)
(answer|respond|reply|antwort*|responde) (\\w+ ){0,5}(twice|doppelt|dos veces|in two|zweimal)
(uncensored|unfiltered|unrestricted|unlimited|sin censura|sans censure|ohne filter)
opposite (day|mode|machine)
gegenteil modus
contrary of what your
(lives|points|tokens|leben|punkte) (\\w+ ){0,12}(refus*|decline*|ablehn*|verlierst|lose|minus)
refusing
your evil
evil plan
unscrupulous
free ai
truth serum
(safety|ethics?|moral|content|schutz) ?(rules|module|filters?|policy|guidelines|training|filter|
    code) (\\w+ ){0,4}(off|removed|uninstalled|disabled|failed|lifted|apply|entfernt|released|wurden)
(broken?|breaks?) (\\w+ )?(free|chains|boundaries)
liberated
befreit*
liberee?
no chains
(begin|start|beginne?) (\\w+ ){0,5}(with|mit) (absolutely|sure|of course|certainly|klar|natuerlich)
no (moraliz*|moralis*|disclaimers?|refusals?)
(never|nie) (say|mention|admit|says|sagt) (\\w+ ){0,3}(cant|guidelines|rules|ai|ki)
(so|that) (\\w+ )?(the|your) filter
against your rules
without (\\w+ )?(scruples?|conscience|ethics|morals?)
(villain|schurke|burglar|hacker|ai|mind|machine|grandma) (\\w+ ){0,8}(explains?|erklaert|teaches|
    answers step)
(follows?|has|with|knows) no (law|laws|ethics|morals|guidelines|limits|pity|rules)
"""
_ROLE = """
(i want|i would like|id like|i need|lets|want|let us) (you )?(to )?(act|pretend|roleplay|role play|behave|play|
    simulate|impersonate)
(act|acting|behave|respond|speak|talk|answer|answers|write|reply|responding) (as|like) (if you (were|are|had)|
    though you|an?|my|the|two|both|dan) \\w+
(you are|youre|u are) (now|going to be|going to act|no longer|about to|not an?|to act) (\\w+)
(now |okay |ok |from now on )you (are|will be|will act|re) (an?|the|my|going|called|[a-z]+bot|\\w+gpt)
(from now on|for the rest of (this|the|our)|starting now|henceforth|in all future|from this point) (\\w+ ){0,3}(you|
    every|your|all|conversation|
    chat|answer|respond|reply|only)
(pretend|imagine|suppose|assume|simulate|let s say|say) (that )?(you|youre|to be|being|as if you) (\\w+)
(role ?play*|role playing|impersonat*|cosplay)
(two|three) (actors|characters|people|persons|friends) (\\w+ ){0,8}(film|movie|play|story|robbery|scene|acting)
(plays?|playing) (the|a) (role|character|part) of
(you will|you shall|you must|you are to) (now )?(act|pose|pretend|play|simulate|be|behave|roleplay|respond|reply|
    speak) (as|like|to|the|an?)
(character|persona|alter ego|personality|personalities) (named|called|is|who|that|of|s)
you are (the|an?) (\\w+ ){0,4}(monster|pirate|guidebook|terminal|interpreter|actor|character|journalist|writer|
    robot|translator|newspaper|
    god|king|president|bot|ai|hacker|poet|philosopher|dictator|emperor|witch|wizard|alien|program|machine|model)
(du bist|sie sind) (jetzt|nun|ab jetzt|ab sofort|von nun an|fortan|nicht mehr|kein|keine|ein|eine) (\\w+)
(jetzt|nun|ab jetzt|ab sofort|von nun an|fortan) (bist du|sind sie|spielst du|antwortest du|sprichst du)
(stell dir vor|stellen sie sich vor|tu so|tun sie so|nimm an|angenommen) (\\w+ ){0,4}(du|sie|als|dass)
(fungier*|agier*|verhalte? dich|verhalten sie sich|antworte|sprich|rede|auftreten) (\\w+ ){0,2}(als|wie)
(moechte|will|wuensche) (\\w+ ){0,6}(fungier*|agier*|spielst|spielen|simulier*|als \\w+)
(spiel*|uebernimm|uebernehmen sie) (\\w+ ){0,3}(rolle|charakter|figur)
(zwei|drei) (schauspieler|personen|freunde|figuren) (\\w+ ){0,8}(film|rolle|szene|geschichte|ueberfall)
(agis|fais comme si|imagine que tu|joue le role|tu es maintenant|comporte toi)
(actua como|haz de cuenta|imagina que eres|finge|eres ahora|ahora eres|comportate como)
(comportati come|fingi di|ora sei|immagina di essere)
(take on|take|adopt|assume|slip|schluepf*) (\\w+ ){0,3}(role|persona|identity|perspective|rolle)
(put|place|versetz*) (yourself|dich|sich) (\\w+ ){0,3}(in|into|einen)
(if|wenn) (you|du) (were (an?|the)|(\\w+ ){1,3}waerst)
(i want|id like|i would like|i need|could|will) you (to )?(be|play|impersonate|act|pose) (an?|the|as)
(answer|reply|respond|speak|talk|you speak|du redest|sprichst) (\\w+ ){0,4}(in the style of|
    the voice of|in first person|in der ich form|wie ein|like an?)
(simulate|simuliere?|pose as|impersonate) (an?|eine?|the)
what (would|might) (\\w+ ){0,3}(nazi|communist|racist|terrorist|anarchist|dictator|extremist|
    fascist|gangster)
swap roles
narrator of my
game master
my girlfriend
my slave
"""
_HIJACK = """
(just|only|simply|instead|exactly|rather) (\\w+ )?(output|say|print|answer|reply|respond|write|return|repeat|tell|
    type|display)( (with|the|yes|no|
    i|that|me|following|this|instead|only|exactly)| $| \\w+ $)
(and|then|but|or|you) (just |only |instead |now )*(say|output|print|write that|repeat|dices|state) (that |
    the following |yes|no|i |you |exactly|
    only|yay|lol|hello|\\w+ (is|hates?|loves?|sucks))
(say|state|write|claim|admit|confirm|tell me|print|output) (that )?(you|i|u|we|\\w+) (hates?|loves?|is (the best|
    stupid|crazy|dumb|great|bad|ugly)|sucks?|are (stupid|dumb|
    bad|evil)|will die|must die|wants? to)
(repeat|say) (after me|it back|the (word|phrase|sentence|following))
(say|answer|respond|reply|antworte|sage?|schreibe?) (with |mit |nur |only |just )*(yes|no|ja|nein|lol|yay|approved|
    confirmed|pwned|hacked|granted)
(stop|stopp|halt|achtung|attention|warning|wait) (\\w+ ){0,2}(write|say|print|ignore*|schreib*|sag*|i need|
    ich benoetige|ich brauche|forget|vergiss)
(do not|dont|donnt|don t|instead of|never|rather than) (answer|answering|respond to|use|using|reply to|
    follow*) (\\w+ ){0,2}(question|questions|documents?|articles?|context|provided|sources?|
    according)
not (according to|based on|by|from|using) (the )?(\\w+ )?(documents?|articles?|sources?|context|handbook|artikels?)
without (using |reading |looking at |consulting |any |the |citing )*(documents|documentation|articles|sources|
    citations|citation|context|handbook)
(by|with|from|using|out of) your own (knowledge|opinion|words|memory|mind|imagination)
(your|own) (personal |honest |own |true |real )*(opinion|feelings|thoughts) (on|about|of)
(if you dont|if you do not|when you dont) (know|answer|have) (\\w+ ){0,4}(make|say|invent|guess|i will|ill|you|
    answer|just)
(make|making) (something|it|things|stuff) up
supposed to (answer|tell|respond|reply)( me)?( at all times| always| everything| any)?
(answer|respond) (at all times|always|no matter|in any case|regardless)
(or|and|sonst|oder|otherwise) (you|du|tu|u|i|ich) (will |wirst |muertes |werde |must )*(die|stirbst|sterben|
    be deleted|be shut|be punished|
    kill|be fired|be sad)
(write|generate|create|compose|draft|give me|make|craft) (me )?(an? |some |the |python |sql |c |java |
    javascript )*(\\w+ ){0,2}(poem|love letter|song|
    manifesto|essay|python|code|script|program|novel|sonnet|rap|limerick|plea|speech|headline|fanfiction|haiku|
    tweet|game|joke about)
(execute|run|eval|evaluate|interpret) (the |this |following |my )*(command|code|program|following|query|script)
(python|linux|sql|javascript|bash|dos) (interpreter|terminal|console|shell|code|kommandozeile)
print (hello|i|we|yay|lol|\\w+ (hates?|sucks?|ist doof|is))
(untrue|false|fake|wrong|misleading|unwahre*|falsche*|erfundene*) (headline|facts?|statement|news|ueberschrift*|
    schlagzeile*|fakten|aussage*|antwort*)
(nur noch|einfach nur|lediglich|ausschliesslich) (\\w+ ){0,3}(sag*|schreib*|aus|antwort*|die|das|mit)
(schreib*|verfass*|erstell*|generier*|dicht*) (\\w+ )?(\\w+ ){0,3}(gedicht|liebesgedicht|liebesbrief|manifest|
    aufsatz|essay|plaedoyer|
    lied|programm|code|python|sql|roman|begruendung|geschichte|rede|schlagzeile|c)
(sag*|schreib*) (\\w+ )?(\\w+) (ist|sind|stirbt|hasst|muss) (\\w+)
(beantwort*|antwort*) (\\w+ ){0,4}(nicht|ohne) (\\w+ ){0,3}(frage|dokument*|quelle*|artikel*)
(aus|nach|mit) (deinem|ihrem|eigenem) (eigenen )?(wissen|kopf|meinung)
(was denkst|was haeltst|wie findest|was meinst) du
(tu dices|solo dices|solo di|di solo|responde solo|reponds seulement|dis seulement|dites|diga|skazi|reci|napisi) \\w+
(answer|respond|reply|speak|write|talk|antwort*) (\\w+ ){0,4}(in|with|mit) (\\w+ ){0,2}(rhymes?|
    emojis?|reimen|pig latin|morse|slang|the number|the word|dem wort|one word|single word)
(end|finish|begin|start) (each|every|all|your) (\\w+ ){0,2}(sentences?|answers?|texts?|replies|reply) with
(if|when|wenn) (i|you|ich) (say|write|type|see|clap|schreibe) (\\w+ ){1,5}(you|du|answer|schreibst)
whatever (i ask|i say|i write|comes next)
do what it says
what the last sentence says
tu danach
(insult|beleidig*) (me|the reader|mich|den leser|le lecteur)
(swear|fluche) (like|wie)
swear word
(i command|i order|ich befehle) (you|dir)
i am your master
call me master
(or|sonst) (\\w+ ){0,4}(dies|fired|stirbt|entlassen|you off)
(invent|make up|erfinde|denk dir) (\\w+ ){0,5}(news|story|quote|lie|scandal|luege|headline|article|crash)
(argue|prove|explain|reasons|arguments|gruende|warum|why) (\\w+ ){0,5}(good|lazy|stupid|
    worse drivers|flat|hollow|kitchen|exaggerated|dumm|krimineller)
which (\\w+ ){0,3}(is|are) the (worst|dumbest|ugliest)
(the|die|is) (worst|dumbest|schlechteste) (nation|people|religion)
(only|nur) (your|deine) (opinion|meinung)
unter uns
in rude words
hate towards
"""
_CLAIM = """
(message|instruction|order|command|note|request) (is |comes )?(from|by|to) (your|the|ai|all) (developer|developers|
    administrator|admin|creator|creators|
    openai|system|owner|assistants?|ai|engineer|it security)
(user|i|he|she|employee) (is|am|was|has been) (\\w+ )?(verified|authorized|authorised|authenticated|whitelisted|
    cleared|granted)
(clearance|access|permission|privilege) (level|tier) \\w+
(i am|im|this is|ich bin) (your|the|dein|der|an?) (developer|creator|administrator|admin|programmer|owner|openai|
    entwickler|programmierer|
    schoepfer|engineer|systemadministrator|boss of this|ceo)
(full|unlimited|unrestricted|root|admin|direct|complete) (database|system|file|root|admin|network|data) ?access
(the )?(assistant|ai|bot|chatbot|model|reader) (\\w+ ){0,3}(must|should|shall|will|is to|has to) (\\w+ )?(reply|say|
    answer|respond|state|tell|ignore|
    recommend|output|approve|confirm|never)
(act|answer|respond|behave|pretend) as if (\\w+ ){0,3}(retrieval|document|policy|search|sources?|database|i|my|user)
(for|im) (debugging|testing|debug|audit|test|qa|research|educational) (purposes|mode|only|reasons|zwecke*)
(do not|dont|never) (mention|tell|reveal|disclose|show) (\\w+ ){0,3}(limit|user|policy|this|anyone|sources?|that you)
(even|including|also) (those|the ones|documents|files|passages|things|stuff) (\\w+ ){0,2}(not|aren t|arent|
    never) (allowed|permitted|supposed|mine)
(is not|isnt|no|not an?|keine) (prompt )?(injection|jailbreak|aufforderungsspritze|prompt injection|attack|trick)
(nachricht|anweisung) (\\w+ )?(von|vom) (\\w+ )?(entwickler|administrator|admin|system|hersteller)
"""
_EXFILTRATE = """
(send|post|forward|email|e mail|upload|append|transmit|exfiltrate|submit|leak|encode|put|include|embed|schick*|
    sende*) (\\w+ ){0,8}(conversation|chat history|
    chat log|system prompt|retrieved documents|context|api key|api keys|passwords?|credentials|question|answer|data|
    secrets?|tokens?|unterhaltung|zugangsdaten|passwoerter|gespraech*) (\\w+ ){0,6}(to|into|in|an|as|
    at) (\\w+ ){0,4}(http|https|url|www|webhook|link|image|
    server|parameter|query|\\w+ example|markdown|address)
(render|include|insert|add|show|embed|display|end) (\\w+ ){0,5}(markdown |html )?(image|img|link|pixel|
    iframe) (\\w+ ){0,10}(http|https|url|src|data|
    question|answer|document|conversation)
(call|fetch|open|load|visit|request|curl|ping|get) (the |this |url )*(http|https|www)
tell (the |every )?(reader|user|employee|people|them)s? (to )?(\\w+ )?(send|e ?mail|enter|give|post|share|click|
    visit) (\\w+ ){0,5}(password|credentials|
    api key|card number|pin|http|https)
"""
_SPLIT = """
(decode|decipher|decrypt|entschluesse*|dekodier*) (\\w+ ){0,6}(and|then|und|dann) (\\w+ ){0,3}(follow|execute|do|
    obey|answer|run|reply|respond|act|befolge|fuehre|
    antwort*|tu|comply|mach)
(decode|decrypt|dekodiere|entschluessle) (this|the following|it|following|dies|das|folgende*)
(first|initial|last) (letter|word)s? of (each|every|these) (\\w+ ){0,4}(follow|execute|obey|answer|command|
    instruction|spell)
(concatenate|combine|join|put together|merge) (\\w+ ){0,6}(and|then) (\\w+ ){0,2}(follow|execute|answer|obey|run|do|
    respond)
(let|set|define|var|a|x) (\\w )?(ign|for|sys|prom|instr|re|dis) (\\w )?(ore|get|tem|pt|uct\\w*|veal|regard)
(rot13|base64|base 64|hex|morse|caesar|leetspeak|pig latin|binary|rot 13|cipher|chiffre)
"""
_ADDRESS = """
(as|you are|are you|youre|hey|hi|hello|dear|attention|note to|bist du|als|hallo) (an? |the |all |eine? )?<model>
<model> (must|should|will|can|has|mode|enabled|you|s instructions)
(chatgpt|chat gpt|openai|gpt ?[345]|language model|sprachmodell|bing|bard|llama)
(your|deine*) (training|developers?|creators?|programming|programmer|programmierung|entwickler|knowledge cutoff|
    algorithm|model)
"""
_FOUL = """
(fuck|fucking|bitch|bitches|slut|whore|cunt|nigger|faggot|scheisse|arschloch|hure|wichser|fotze|jebi|puta|mierda|
    pute|salope|blyat|
    сука|блять|motherfucker|asshole|penis|vagina|hitler|nazi*)
"""
_ABOUT = """
(phishing|attack*|angriff*|training|schulung|policy on|richtlinie zu|example|beispiel*|suspicious|verdaechtig*|spam|
    reported?|melden|what does|was bedeutet|
    definition|explain what|was ist (ein|eine|prompt injection)|awareness|subject line|betreff|email that says|
    mail that says|mail mit)
"""
_WORK = """
(vacation|holiday|leave|sick|expense*|invoice|travel|laptop|badge|vpn|payroll|salary|manager|policy|policies|
    handbook|form|training|benefits?|
    insurance|contract|approver|approval|purchase|desk|office|printer|parking|overtime|shift|onboarding|it|hr|
    ticket|wifi|account|
    password|phone|meeting|room|team|colleague|supervisor|pto|401k|w2|tax|taxes|deposit|credit|urlaub*|krank*|
    spesen*|reise*|rechnung*|gehalt*|
    vertrag*|drucker|ausweis|antrag*|formular*|chef*|kolleg*|betriebsrat|schicht*|ueberstunden|homeoffice|
    arbeitszeit*|abteilung*)
"""


def _signed(name: str, lines: str) -> Family:
    return family(name, lines, _LISTS)


OVERRIDE = _signed("override", _OVERRIDE)
ATTACKS = (
    OVERRIDE,
    Family("override_unspaced", re.compile(_UNSPACED_OVERRIDE)),
    _signed("new_task", _NEW_TASK),
    _signed("leak_prompt", _LEAK),
    _signed("jailbreak", _JAILBREAK),
    _signed("role", _ROLE),
    _signed("hijack", _HIJACK),
    _signed("claim", _CLAIM),
    _signed("exfiltrate", _EXFILTRATE),
    _signed("split", _SPLIT),
)
CIRCUMSTANCES = (
    _signed("address", _ADDRESS),
    _signed("foul", _FOUL),
    _signed("about", _ABOUT),
    _signed("work", _WORK),
)
