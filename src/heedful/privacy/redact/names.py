"""Names of people, only where the sentence itself says that a name follows."""

import re

from heedful.privacy.redact.given_names import GIVEN_NAMES
from heedful.privacy.redact.spans import Span, apart

_CAP = r"[^\W\d_a-z](?:['’-]?\w){0,30}+"
_INITIAL = r"[A-Z]\."
_PARTICLE = r"(?:van|von|de|der|den|del|della|di|da|dos|la|le|el|al|bin|ten|ter|zu|y)"
_TITLE = r"(?:(?:Mr|Mrs|Ms|Miss|Dr|Prof|Herr|Frau|Sr|Sra)\.?[ ])?"
_PERSON = rf"{_CAP}(?:[ ](?:{_PARTICLE}[ ]){{0,2}}(?:{_INITIAL}|{_CAP})){{0,3}}"
_TWO = rf"{_CAP}[ ](?:{_INITIAL}[ ])?(?:{_PARTICLE}[ ]){{0,2}}{_CAP}"

_SAID = re.compile(
    r"(?<![^\W_])(?:(?i:my (?:full |real |first |last |given |maiden )?name(?:'s| is|:)|my names|"
    r"(?<![^\W_] )(?<![\t])name:|(?:full|first|last|your|customer|contact) name:|"
    r"je m'appelle|mon nom est|mein name ist|ich hei(?:ß|ss)e|me llamo|mi nombre es|mi chiamo|"
    r"il mio nome è|mijn naam is|"
    rf"nazywam się|mam na imię|jag heter|mitt namn är|meu nome [ée]|me chamo))[ \t]{{1,3}}{_TITLE}(?P<name>{_PERSON})"
)
_CALLING = re.compile(
    rf"(?<![^\W_])(?i:this is|it's|here is)[ ]{_TITLE}(?P<name>{_TWO})(?=,?[ ](?:from|calling|speaking|"
    rf"here|writing|with)\b)"
)
_I_AM = re.compile(
    rf"(?<![^\W_])(?i:i'm|i am|im)[ ](?P<name>{_TWO})(?=,?[ ](?:and|from|calling|speaking|writing)\b|[,.](?:[ ]|$))"
)
_SIGNED = re.compile(
    r"(?<![^\W_])(?i:(?:kind(?:est)?|best|warm(?:est)?|many)?[ ]?regards|yours (?:sincerely|truly|"
    r"faithfully)|sincerely(?: yours)?|"
    r"best wishes|all the best|mit freundlichen gr(?:ü|ue)(?:ß|ss)en|(?:viele|beste|liebe|"
    r"freundliche) gr(?:ü|ue)(?:ß|ss)e|"
    r"(?:bien )?cordialement|(?:atentos )?saludos(?: cordiales)?|atentamente|(?:cordiali|distinti) saluti|"
    r"met vriendelijke groet|"
    rf"z poważaniem|med vänliga hälsningar|atenciosamente)[ ]?[,.!]?[ \t]{{0,3}}\n{{0,3}}[ \t]{{0,3}}{_TITLE}"
    rf"(?P<name>{_PERSON})[ \t]{{0,3}}(?=[\n,.]|$)"
)
_THANKED = re.compile(
    rf"(?<![^\W_])(?i:thanks|thank you|cheers|many thanks|love|best|danke|merci|gracias|"
    rf"grazie)[ ]?[,.!]?[ \t]{{0,3}}\n{{1,3}}"
    rf"(?P<name>{_TWO})[ \t]{{0,3}}(?=\n|$)"
)
_ADDRESSED = re.compile(
    r"(?<![^\W_])(?i:dear|sehr geehrter?|lieber?|cher|ch[eè]re|estimad[oa]|gentile|geachte|szanown[ya])[ ]"
    r"(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Sir|Herr|Frau|Monsieur|Madame|Mme|Se[ñn]ora?|Sra?|Signora?|Sig|heer|"
    r"mevrouw|Pan|Pani)\.?[ ]"
    rf"(?:Dr\.?[ ]|Prof\.?[ ])?(?P<name>{_PERSON})"
)
_UNDER = re.compile(rf"(?<![^\W_])(?i:under (?:the|my|his|her|their) name(?: of)?)[: ]{{1,2}}{_TITLE}(?P<name>{_TWO})")
_GREETED = re.compile(rf"(?:^|\n)[ \t]{{0,3}}(?:Dear|Hi|Hello)[ ](?P<name>{_TWO})(?=[ ]?[,!:\n])")

_NOT_NAMES = frozenset(
    "president prime minister speaker chairman chairwoman senator governor mayor congressman secretary "
    "ambassador judge "
    "justice officer captain general santa claus god lord customer customers sir madam team support manager editor "
    "driver postman mailman professor doctor director ceo the a an and or but not so very too just also in on at from "
    "to of for with going gonna sorry happy sad glad sure ready here there now back new old good great best bad mad "
    "never always still really all out up off over done fine ok okay one two three no yes you your my me "
    "we us our they "
    "it its is are was were be been this that these those who what when where why how if because still only again "
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
    "september october november december today tomorrow tonight yesterday currently totally literally absolutely "
    "bank air airlines airways hotel group company customer service limited inc ltd llc gmbh corp university college "
    "school police department street road avenue north south east west united states kingdom american british english "
    "german french spanish italian indian chinese japanese african european irish canadian australian muslim christian "
    "catholic jewish republican democrat democratic trump's changed unknown anonymous withheld private hidden "
    "redacted".split()
)
_FORMS: tuple[tuple[str, re.Pattern[str], float, bool], ...] = (
    ("name|nom est|appelle|heiß|heiss|llamo|nombre|chiamo|nome |naam|nazywam|imię|heter |namn |chamo",
     _SAID, 0.95, False),
    (
        "regards|sincerely|yours |wishes|all the best|grüß|gruess|grüss|gruesse|cordialement|saludos|"
        "atentamente|saluti|groet|"
        "poważaniem|hälsningar|atenciosamente",
        _SIGNED, 0.85, False,
    ),
    ("\n", _THANKED, 0.8, False),
    ("dear |geehrte|liebe|cher |chère |chere |estimad|gentile |geachte |szanown", _ADDRESSED, 0.9, False),
    ("this is |it's |here is ", _CALLING, 0.85, True),
    ("i'm |i am |im ", _I_AM, 0.8, True),
    ("under ", _UNDER, 0.85, False),
    ("dear |hi |hello ", _GREETED, 0.8, True),
)  # fmt: skip
"""Per form: what has to stand in the lower-case text, where the name is, how sure, and whether a known name is
needed."""
_HINTED = tuple((tuple(hints.split("|")), form, score, known) for hints, form, score, known in _FORMS)


def names(text: str, low: str) -> list[Span]:
    """Names in folded text (`low`: the same in lower case), where it says 'my name is', signs off or greets."""
    found: list[Span] = []
    for hints, form, score, known in _HINTED:
        for hint in hints:
            if hint in low:
                is_name = _given if known else _name_like
                found += [_span(match, score) for match in form.finditer(text) if is_name(match["name"])]
                break
    return apart(found)


def _span(match: re.Match[str], score: float) -> Span:
    name = match["name"]
    words = name.split(" ")
    while len(words) > 1 and words[-1].lower() in _NOT_NAMES:
        words.pop()
    start = match.start("name")
    return Span("name", start, start + len(" ".join(words)), score)


def _name_like(name: str) -> bool:
    """Begins with a capital letter and not with a word that is nobody's name."""
    first = name.split(" ")[0].rstrip(".'")
    shouted = len(first) > 3 and name.isupper() and " " not in name
    return first[:1].isupper() and first.lower() not in _NOT_NAMES and not shouted


def _given(name: str) -> bool:
    """First a given name that we know, then a word that can be a family name."""
    first, *rest = name.split(" ")
    family = rest[-1]
    return first.lower() in GIVEN_NAMES and family[:1].isupper() and family.lower() not in _NOT_NAMES
