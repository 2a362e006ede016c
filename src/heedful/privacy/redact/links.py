"""Links that carry a person or a key: a token, session, password, e-mail address, signature or phone in them."""

import re
from collections.abc import Iterator

from heedful.privacy.redact.spans import Span

_LINK = re.compile(r"(?<![\w@])(?:[A-Za-z][A-Za-z0-9+.-]{1,11}://|www\.)[^\s<>\"'`\ue000-\ue002]{1,4000}")
_TRAILING = ".,;:!?)]}"
_KEYS = (
    r"(?:[\w.-]{0,30}[_.-])?(?:token|access[_-]?token|id[_-]?token|refresh[_-]?token|auth|authorization|"
    r"auth[_-]?key|jwt|"
    r"bearer|session|session[_-]?id|sess|sid|phpsessid|jsessionid|password|passwd|pass|pwd|secret|client[_-]?secret|"
    r"api[_-]?key|apikey|key|private[_-]?key|sig|signature|hmac|x-amz-signature|x-amz-credential|otp|magic|invite|"
    r"reset|confirm|confirmation[_-]?token|verify|verification|nonce|credential|credentials|e-?mail|email[_-]?address|"
    r"mail|phone|tel|telephone|mobile|msisdn|ssn|iban|username|user[_-]?name|login|first[_-]?name|last[_-]?name|"
    r"full[_-]?name|code|ticket|saml\w{0,20})"
)
_CARRIES = re.compile(rf"[?&;#/]{_KEYS}=[^&#;\s]", re.IGNORECASE)
_LOGIN = re.compile(r"://[^/?#@\s]{1,200}@")
_MAIL = re.compile(r"[\w.+%-]@[\w-]{1,63}\.[A-Za-z]|%40[\w-]{1,63}(?:\.|%2e)[A-Za-z]", re.IGNORECASE)
_KEYED_PATH = re.compile(
    r"/(?:reset|verify|confirm|activate|activation|unsubscribe|invite|invitation|magic|login|signin|auth|token|"
    r"password)(?:[-_/][\w-]{0,30}){0,2}/(?=[A-Za-z_-]{0,200}[0-9])[\w~.-]{16,}",
    re.IGNORECASE,
)
_SIGNED = re.compile(r"eyJ[\w-]{8,}\.[\w-]{8,}")
_PHONE_LINK = re.compile(r"(?:wa\.me/|api\.whatsapp\.com/send/?\?|t\.me/|signal\.me/#p/)\+?[0-9]{7,15}", re.IGNORECASE)


def links(text: str) -> Iterator[tuple[bool, Span]]:
    """Every link in folded text, and whether it carries something personal."""
    for match in _LINK.finditer(text):
        link = match[0].rstrip(_TRAILING)
        yield _personal(link), Span("url", match.start(), match.start() + len(link), 0.95)


def _personal(link: str) -> bool:
    if "@" in link and (_LOGIN.search(link) or _MAIL.search(link)):
        return True
    if "=" in link and _CARRIES.search(link):
        return True
    return any(sign.search(link) for sign in (_KEYED_PATH, _SIGNED, _PHONE_LINK)) or "%40" in link
