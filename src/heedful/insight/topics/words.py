"""The words of a text as people write them, and those too common to say what it is about."""

import re

from heedful.language.entities import unescaped
from heedful.privacy.redact import PLACEHOLDER

LONGEST = 4_000
"""Characters of a text that count."""

_DROPPED = re.compile(r"(?:https?:|www\.)\S*|(?<!\w)@\w+|<[^<>\n]{1,200}>|\S+@\S+|\[[A-Z_]+\]", re.IGNORECASE)
_SPACELESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u3096\u30a1-\u30fc\u3400-\u4dbf\u4e00-\u9fff"
_WORD = re.compile(rf"[{_SPACELESS}]+|(?=\d*[^\W\d_])(?:(?![{_SPACELESS}])[^\W_])+(?:['’](?![{_SPACELESS}])[^\W\d_]+)*")
_PLAIN = re.compile(r"(?=\d*[^\W\d_])[^\W_]+(?:['’][^\W\d_]+)*")
"""The same where no such script is: three times as quick."""
_ANY = re.compile(rf"[{_SPACELESS}]")
_RUN = re.compile(rf"[{_SPACELESS}]{{2,}}")
_TWO = 2

COMMON = frozenset(
    (
        # English
        "a about above after again against ago all almost already also although always am among an and another any "
        "anyone anything are arent around as ask asked at away back be became because been before behind being below "
        "better between both but by call came can cannot cant come comes coming could couldnt day days did didnt do "
        "does doesnt doing dont done down during each either else enough etc even ever every everyone everything far "
        "few first for from get gets getting give given go goes going gonna got gotta had hadnt has hasnt have havent "
        "having he her here hers herself hey hi him himself his how however i id if ill im in instead into is isnt it "
        "its itself ive just keep kind knew know known last least less let lets like likely little lot lots made make "
        "makes making many may maybe me might mine more most much must my myself need never new next no nobody none "
        "nor not nothing now of off often oh ok okay on once one ones only onto or other others our ours out over own "
        "part people per perhaps please pretty put quite rather re really right said same saw say says see seem "
        "seemed seems seen several shall she should shouldnt since so some someone something sometimes soon still "
        "stuff such sure take taken takes taking tell than thank thanks that thats the their theirs them themselves "
        "then there theres these they theyre thing things think this those though thought three through thru thus to "
        "today together told too took toward tried try trying two u under until up upon ur us use used using very via "
        "want wanted wants was wasnt way we well went were werent weve what whats when where whether which while who "
        "whole whom whose why will with within without wont work would wouldnt yeah year years yes yet you youd youll "
        "your youre yours yourself youve amp gt lt quot nbsp rt "
        # German
        "aber als also am an auch auf aus bei bin bis bist da damit das dass dem den der des die dir doch dort du "
        "durch ein eine einem einen einer eines er es euch für habe haben hat hatte hier ich ihm ihn ihr ihre im in "
        "ist ja jede kann kein keine man mehr mein meine mich mir mit nach nicht noch nur oder ohne schon sehr sein "
        "sich sie sind so über um und uns unser vom von vor war waren was weil wenn wer wie wir wird wo wurde zu zum "
        "zur "
        # French
        "ai ainsi alors au aussi autre aux avait avec avoir bien car ce cela ces cet cette ceux chez comme dans de "
        "depuis des deux donc du elle elles en encore est et étaient était être fait faire il ils je la le les leur "
        "lui ma mais me même mes moi mon ne nos notre nous on ont ou où par pas peu peut plus pour pourquoi qu quand "
        "que qui sa sans se ses si son sont sur ta tes toi ton tous tout toute très tu un une va vos votre vous y "
        # Spanish
        "al algo ahora así aún cada como con cual cuando de del desde donde dos el él ella ellos en entre era es esa "
        "ese eso esta está están este esto estos fue ha han hasta hay la las le les lo los más me mi mis mucho muy "
        "nada ni no nos o otra otro para pero poco por porque que qué quien se ser si sí sido sin sobre solo son su "
        "sus también tan te tiene todo todos tu tus un una uno unos y ya yo "
        # Italian, Portuguese, Dutch
        "ad agli alla alle anche ancora che chi ci come con cosa da dal dalla degli dei del della delle di dove e è "
        "ed gli ha hanno ho il io la le lei lo loro lui ma mi mia mio molto ne nei nel nella non per perché più poi "
        "quando quella quello questa questo sei si sono su sua sul sulla suo ti tra tu tutti tutto un una uno vi ao "
        "aos até com das dele do dos ela ele em essa esse esta está eu foi isso isto já mais mas mesmo meu minha "
        "muito na não nas nem no nos nós o os ou para pela pelo por que quem são se sem ser seu só também tem um uma "
        "você aan al als bij dan dat de der deze die dit door een en er geen had heb hebben heeft het hij hoe ik in "
        "is je kan maar meer met mijn naar niet nog nu of om onder ook op over te tot uit van veel voor was wat we "
        "wel werd wij worden ze zich zijn zo zou"
    ).split()
)
"""Words that stand in texts about anything, in the commonest languages; apostrophes left out."""


def words(text: str) -> list[str]:
    """The words of a text in order, as written; of a script without spaces, each two signs that stand together.

    Addresses, handles, tags and placeholders are no words, nor are numbers.
    """
    plain = _DROPPED.sub(" . ", PLACEHOLDER.sub(" . ", unescaped(text[:LONGEST])))
    if not _ANY.search(plain):
        return [word[:40] for word in _PLAIN.findall(plain)]
    found: list[str] = []
    for word in _WORD.findall(plain):
        if _RUN.match(word):
            found += [word[at : at + _TWO] for at in range(len(word) - 1)]
        else:
            found.append(word[:40])
    return found


def folded(word: str) -> str:
    """A word as it is counted: without capitals and apostrophes."""
    return word.casefold().replace("'", "").replace("’", "")


def telling(word: str) -> bool:
    """Whether a folded word may say what a text is about."""
    return len(word) >= _TWO and word not in COMMON
