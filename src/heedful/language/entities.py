"""Characters that a text writes as entities of HTML, such as &amp; and &#8217;."""

import html
import re

_ENDLESS = re.compile(r"&#[0-9]{8,}")
"""More digits than any character's number has: Python refuses to read thousands of them as a number."""


def unescaped(text: str) -> str:
    """The text with its entities as the characters they stand for."""
    return html.unescape(_ENDLESS.sub("\ufffd", text)) if "&" in text else text
