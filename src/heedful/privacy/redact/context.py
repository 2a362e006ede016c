"""The words right before a number, which say what it is."""

import re
from dataclasses import dataclass

from heedful.privacy.redact.spans import CONTACT, NEUTRAL, TAKEN

_TOKEN = re.compile(r"[^\W\d_]+|[0-9]+|[^\w\s]")
_WORD = re.compile(r"[^\W\d_]+")
_BESIDE = frozenset(("", "and", "or", "&", ",", "/", ";", "+", "und", "et", "y", "e", "o", "ou", "oder"))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words of one meaning in lower case: whole, by their beginning or end, and parts (for writing without spaces)."""

    words: frozenset[str]
    starts: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()

    def said(self, piece: str) -> bool:
        """One of the words stands in the piece of text."""
        low = piece.lower()
        for word in _WORD.findall(low):
            if word in self.words or word.startswith(self.starts) or word.endswith(self.ends):
                return True
        return not low.isascii() and any(part in low for part in self.parts)


PHONE = Vocabulary(
    frozenset(
        "ph pn tél tel fon fono mob mobile mobil mobiel móvil movil cell celular cel handy hp natel portable "
        "fax call calls "
        "called calling callback dial dialed dialled dialing ring rang text texted texting sms whatsapp wa "
        "viber signal "
        "telegram imessage contact contacted contacting contacts reach reached reachable number numbers "
        "hotline helpline "
        "landline voice voicemail nummer numéro numero número numer komórka joindre ligar ligue bel bellen mij nås "
        "gsm direct "
        "office home work desk line τηλ".split()
    ),
    starts=(
        "phone", "telephone", "telefon", "teléfon", "téléphon", "telefoon", "telefax", "mobilnummer", "mobilnr",
        "cellular", "cellulare", "cellphone", "smartphone", "handynummer", "rufnummer", "rückruf", "erreich", "anruf",
        "appel", "rappel",
        "llam", "llám", "chiam", "dzwo", "zadzwo", "puhelin", "тел", "звон", "моб",
    ),
    ends=("phone", "nummer", "telefon"),
    parts=("電話", "携帯", "电话", "手机", "전화", "هاتف", "फोन", "फ़ोन"),
)  # fmt: skip
"""What people write before a phone number."""

CARD = Vocabulary(
    frozenset("credit debit visa amex american maestro discover diners cc pan carta tarjeta jcb unionpay".split()),
    starts=("card", "master", "karte", "carte", "cartão", "cartao", "kort", "karta", "karty", "kreditk"),
    ends=("card", "cards", "karte", "kort"),
    parts=("カード", "信用卡"),
)
"""What people write before a payment card number."""

ACCOUNT = Vocabulary(frozenset("iban bank konto kontonummer compte cuenta conto rekening rekeningnummer".split()))
"""What people write before a bank account number."""

SPOKEN = Vocabulary(frozenset("phone telephone tel mobile cell call fax text whatsapp dial ring reach".split()))
"""What tells a phone number from a social security number written in the same groups."""

NETWORK = Vocabulary(frozenset("ip ipv address addresses host server gateway router dns ping vpn login".split()))
"""What people write before a network address."""

SOCIAL = Vocabulary(frozenset("ssn ssns social itin taxpayer tin".split()))
"""What people write before a social security number."""

_IMPERSONAL = frozenset(
    "order orders case cases ref refs reference flight flights flt flts ticket tickets invoice invoices tracking track "
    "confirmation conf confirm booking bookings reservation reservations res pnr locator claim claims account accounts "
    "acct policy police id ids identifier serial sn model sku isbn issn doi ean upc asin item items part "
    "product version "
    "versions build error errors code codes zip zipcode postcode postal room gate seat row bag bags tag tags baggage "
    "luggage member members membership customer loyalty flyer miles points transaction transactions txn "
    "receipt licence "
    "license passport vin imei mac release chapter page pages score scores parcel package shipment awb consignment "
    "waybill batch lot voucher coupon promo contract file incident request complaint docket record "
    "registration reg plate "
    "nhs vat ustid idnr steuernummer tax siret siren nif cif dni cpf cnpj abn acn bestellung "
    "bestellnummer auftrag rechnung "
    "kundennummer commande facture pedido factura ordine fattura zamówienie beställning bestelling "
    "population vote votes "
    "views followers worth amount total price cost costs paid pay usd eur gbp aud rs inr retweet "
    "retweets tweet status post "
    "article bug issue pr commit chip rev routing swift bic blz apt apartment suite ste unit flat floor "
    "box street avenue".split()
)
_LINKING = frozenset(
    "number numbers numero nummer no nos nr num details is was are were of for it s its the my our your "
    "a # : . = ( \" ' * "
    "[ -".split()
)
_SHORTENED = frozenset("apt ste box no nos nr num ref refs conf acct res inv tkt flt ord art".split())
_PRICED = frozenset("$€£¥%")


def before(text: str, start: int, reach: int) -> str:
    """Up to `reach` characters before `start`, but nothing behind or across what earlier steps covered."""
    piece = text[max(0, start - reach) : start]
    if piece.isascii():
        return piece
    return piece[max(piece.rfind(TAKEN), piece.rfind(CONTACT), piece.rfind(NEUTRAL)) + 1 :]


def near(vocabulary: Vocabulary, text: str, start: int, *, reach: int) -> bool:
    """One of the words stands within `reach` characters before `start`."""
    return vocabulary.said(before(text, start, reach))


def denied(text: str, start: int) -> bool:
    """The number at `start` is named as something impersonal: an order, a flight, a price, a version."""
    head, line, piece = before(text, start, 40).lower().rpartition("\n")
    if line and head.rstrip(" \t\r").endswith((":", "#")):
        piece = head
    tokens = _TOKEN.findall(piece)
    if len(tokens) > 1 and tokens[-1] == "-" and tokens[-2].isalpha() and piece.endswith(tokens[-2] + "-"):
        return not PHONE.said(tokens[-2])
    hashed = bool(tokens) and tokens[-1] == "#"
    if tokens and tokens[-1] in _PRICED:
        return True
    while tokens:
        token = tokens.pop()
        if token == "." and tokens and tokens[-1] not in _SHORTENED:
            return hashed
        if token in _LINKING:
            continue
        if token == "n" and tokens[-2:] == ["s", "/"]:
            return True
        return token in _IMPERSONAL or (hashed and not PHONE.said(token))
    return hashed


def beside_contact(text: str, start: int) -> bool:
    """An e-mail address or phone number stands right before `start`, with no more than 'and' or ',' between."""
    piece = text[max(0, start - 12) : start]
    at = piece.rfind(CONTACT)
    return at >= 0 and piece[at + 1 :].strip("|·•()[]- \n\t").lower() in _BESIDE
