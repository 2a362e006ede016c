"""Postal addresses of several countries, where the wording leaves no doubt that a place to write to is meant."""

import re
from collections.abc import Callable, Iterator

from heedful.privacy.redact.context import Vocabulary, before
from heedful.privacy.redact.spans import Span, apart

_CAP = r"[^\W\d_a-z][\w'.’-]{0,24}+"
_NUMBER = r"[0-9]{1,5}[A-Za-z]?(?:[-/][0-9]{1,4}[a-z]?)?"
_UNIT = r"(?:,?[ \n]{1,2}(?:Apt\.?|Apartment|Suite|Ste\.?|Unit|Flat|Floor|Room|\#)[ ]?[0-9A-Z-]{1,6})?"
_STATE = (
    r"(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|GU|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|P[AR]|RI|S[CD]|"
    r"T[NX]|UT|V[AIT]|"
    r"W[AIVY]|NSW|VIC|QLD|ACT|TAS|NT|ON|QC|BC|AB|MB|SK|NS|NB)"
)
_POSTCODE = (
    r"(?:[0-9]{5}(?:-[0-9]{4})?|[A-Z]{1,2}[0-9][0-9A-Z]?[ ]?[0-9][A-Z]{2}|[A-Z][0-9][A-Z][ ]?[0-9][A-Z][0-9]|[0-9]{4})"
)
_TOWN = rf"(?:,?[ \n]{{1,2}}{_CAP}(?:[ ]{_CAP}){{0,2}})"
_TAIL = (
    rf"(?P<tail>{_TOWN}?,?[ \n]{{1,2}}{_STATE}(?:,?[ \n]{{1,2}}{_POSTCODE})?\b|"
    rf"{_TOWN}{{0,2}},?[ \n]{{1,2}}{_POSTCODE}\b)?"
)
_WAY = (
    r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Drive|Dr|Lane|Ln|Court|Ct|Place|Pl|Square|Sq|Terrace|Ter|Parkway|"
    r"Pkwy|Highway|Hwy|Circle|Cir|Way|Close|Crescent|Cres|Grove|Gardens|Mews|Parade|Trail|Row)\b\.?"
)
_RARE_WAY = r"(?:Walk|Hill|Green|Rise|View|Wharf|Quay|Park|Vale|Gate|Yard|Croft|Heights|Wynd|Brae|Bank|Fold|Meadows?)\b"
"""These end other names too: only a post code after them makes an address."""
_CODED = re.compile(rf"{_POSTCODE}$")
_ENGLISH = re.compile(
    rf"(?<![\w$€£#.,/:-]){_NUMBER}[ ](?:(?:N|S|E|W|NE|NW|SE|SW|North|South|East|West)\.?[ ])?"
    rf"(?:(?:{_CAP}|[0-9]{{1,3}}(?:st|nd|rd|th))[ ]){{1,3}}?"
    rf"(?:{_WAY}|(?P<rare>{_RARE_WAY})){_UNIT}{_TAIL}"
)
_BOX = re.compile(
    r"(?<!\w)(?:P\.?[ ]?O\.?[ ]?Box|Postfach|Apartado(?: de Correos)?|Caixa Postal|Casella Postale|"
    r"Postbus|Bo[iî]te Postale|"
    r"Skrytka Pocztowa|Postboks|GPO Box)[ ]?:?[ ]?[0-9][0-9 ]{0,7}[0-9]?(?![0-9])"
    r"|(?<!\w)(?:PSC|Unit|CMR)[ ][0-9]{1,5},?[ ]Box[ ][0-9]{1,5}(?:,?\s(?:APO|FPO|DPO)[ ](?:AA|AE|AP)[ ][0-9]{5})?"
    r"|(?<!\w)(?:APO|FPO|DPO)[ ](?:AA|AE|AP)[ ][0-9]{5}\b",
    re.IGNORECASE,
)
_PLACE = (
    rf"(?:,?[ \n]{{1,2}}(?:[A-Z]{{1,2}}-)?(?:[0-9]{{3}}[ ][0-9]{{2}}|[0-9]{{2}}-[0-9]{{3}}|"
    rf"[0-9]{{5}}-[0-9]{{3}}|[0-9]{{4}}[ ]?[A-Z]{{2}}|[0-9]{{4,5}})(?:[ ]{_CAP}(?:[ -]{_CAP}){{0,2}})?)?"
)
_NORTHERN = re.compile(
    rf"(?<![\w-])(?:{_CAP}[ -]){{0,2}}?[^\W\d_a-z][^\W\d_]{{1,30}}(?:straße|strasse|str\.|weg|platz|gasse|"
    rf"allee|ufer|damm|"
    rf"straat|laan|gracht|plein|kade|singel|steeg|gatan|vägen|gränd|gata|vegen|veien|vej|gade|katu)[ ]"
    rf"[0-9]{{1,4}}[ ]?[a-zA-Z]?\b(?:[/-][0-9]{{1,4}}){{0,3}}{_PLACE}"
    rf"|(?<!\w)(?:{_CAP}[ -]){{1,3}}(?:Straße|Strasse|Str\.|Weg|Platz|Allee|Gasse|Damm|"
    rf"Ufer)[ ][0-9]{{1,4}}[a-z]?\b{_PLACE}"
)
_SOUTHERN = re.compile(
    r"(?<![\w-])(?:[0-9]{1,4}(?:[ ]?(?:bis|ter))?,?[ ](?:rue|avenue|boulevard|bd|place|chemin|all[ée]e|"
    r"impasse|quai|route|cours|"
    r"passage|square)[ ](?:(?:de[ ]la|de[ ]l'|du|des|de|d'|l'|la|le|les|aux?)[ ]?){0,2}"
    rf"{_CAP}(?:[ -](?:de[ ]|du[ ]|la[ ])?{_CAP}){{0,3}}"
    r"|(?:Calle|C/|Avda\.?|Avenida|Av\.|Plaza|Paseo|P\.º|Carrer|Camino|Ronda|Rua|Travessa|Alameda|"
    r"Pra[çc]a|Estrada|Largo|"
    r"Via|Viale|Piazza|Corso|Vicolo|Strada|Piazzale|ul\.|ulica|al\.|aleja|os\.|pl\.)[ ]?"
    r"(?:(?:de[ ]la|de[ ]los|de[ ]las|de[ ]l'|del|della|delle|dei|degli|di|do|da|dos|das|de|la|el|[IVX]{1,4})[ ]){0,2}"
    rf"{_CAP}(?:[ ](?:(?:de|da|do|dos|del|y|e)[ ])?{_CAP}){{0,4}}"
    rf",?[ ](?:n\.?[º°o]?[ ]?)?[0-9]{{1,5}}[a-zA-Z]?\b(?:/[0-9]{{1,4}})?)"
    r"(?:,[ ](?:[0-9]{1,2}[º°ª][ ]?\w{0,3}|apto\.?[ ][0-9]{1,5}|m\.[ ][0-9]{1,4}))?"
    rf"(?P<place>(?:,?[ ]-?[ ]?{_CAP}(?:[ ]{_CAP}){{0,2}})?{_PLACE})",
)
_JAPANESE = re.compile(
    r"〒[ ]?[0-9]{3}-[0-9]{4}(?:[ ]?[^\s\d、。]{2,20}[0-9０-９丁目番地号の-]{1,20})?|"
    r"[^\s\d、。]{1,6}[都道府県][^\s\d、。]{1,12}[市区町村][^\s\d、。]{0,12}[0-9]{1,3}(?:丁目|-)[0-9]{1,3}(?:番地?|-)?[0-9]{0,3}号?"
)
_AT_HOME = Vocabulary(
    frozenset("home house send sent mail mailed move moved moving return pickup pick post living".split()),
    starts=("address", "resid", "ship", "deliver", "adress", "wohn", "direcci", "indirizzo", "adres", "endere"),
)
_LIVES = (" live at ", " live on ", "lives at ", "lives on ", "lived at ", "lived on ")
_UNMISTAKABLE = ("ul.", "Calle", "Carrer", "Rua", "Avda")
_POSTAL = re.compile(r"[0-9]{4}|[0-9]{2}-[0-9]{3}|[0-9]{3} [0-9]{2}")


def addresses(text: str, low: str) -> list[Span]:
    """Postal addresses in folded text (`low`: the same in lower case), in order.

    A street and number alone counts where a word such as 'live at' stands before it; otherwise a town with a post
    code, a flat or a state has to follow, or the wording has to be unmistakable (a post box, a 'Straße' with number).
    """
    found: list[Span] = []
    for hints, form in _STEPS:
        for hint in hints:
            if hint in low:
                found += form(text)
                break
    return apart(found)


def _homely(piece: str) -> bool:
    low = piece.lower()
    return _AT_HOME.said(low) or any(words in f" {low}" for words in _LIVES)


def _end(match: re.Match[str]) -> int:
    return match.start() + len(match[0].rstrip(" ,.-\n"))


def _english(text: str) -> Iterator[Span]:
    for match in _ENGLISH.finditer(text):
        if match["rare"] and not _CODED.search(match["tail"] or ""):
            continue
        home = _homely(before(text, match.start(), 40))
        unit = re.search(r"\b(?:Apt|Apartment|Suite|Ste|Unit|Flat)\b", match[0]) is not None
        if home or unit or match["tail"]:
            yield Span("address", match.start(), _end(match), 0.9 if match["tail"] else 0.75)


def _boxes(text: str) -> Iterator[Span]:
    for match in _BOX.finditer(text):
        yield Span("address", match.start(), _end(match), 0.85)


def _northern(text: str) -> Iterator[Span]:
    for match in _NORTHERN.finditer(text):
        yield Span("address", match.start(), _end(match), 0.85)


def _southern(text: str) -> Iterator[Span]:
    for match in _SOUTHERN.finditer(text):
        home = _homely(before(text, match.start(), 40))
        if home or _POSTAL.search(match["place"]) or match[0].startswith(_UNMISTAKABLE):
            yield Span("address", match.start(), _end(match), 0.8)


def _japanese(text: str) -> Iterator[Span]:
    for match in _JAPANESE.finditer(text):
        yield Span("address", match.start(), match.end(), 0.85)


_STEPS: tuple[tuple[tuple[str, ...], Callable[[str], Iterator[Span]]], ...] = tuple(
    (tuple(hints.split("|")), form)
    for hints, form in (
        (
            " st| ave| ro| rd| bo| bl| dr| la| ln| co| ct| pl| sq| te| pa| pk| hi| hw| ci| wa| cl| cr| gr| ga| me| tr"
            "| ri| vi| wh| qu| va| ya| he| wy| br| ba| fo",
            _english,
        ),
        (" box| apo| fpo| dpo|apo |fpo |dpo |postfach|apartado|caixa|casella|postbus|skrytka|postboks", _boxes),
        (
            "straße|strasse|str.|weg|platz|gasse|allee|ufer|damm|straat|laan|gracht|plein|kade|singel|steeg|"
            "gatan|vägen|"
            "gränd|gata|vegen|veien|vej|gade|katu",
            _northern,
        ),
        (
            "rue |avenue |boulevard |bd |place |chemin |allée |allee |impasse |quai |route |cours |passage |"
            "square |calle|c/|"
            "avda|avenida|av.|plaza|paseo|p.º|carrer|camino|ronda|rua |travessa|alameda|praça|praca|estrada|largo|via|"
            "piazza|corso|vicolo|strada|ul.|ulica|al.|aleja|os.|pl.",
            _southern,
        ),
        ("〒|都|道|府|県", _japanese),
    )
)
"""What has to stand in the lower-case text for a form of address to be looked for."""
