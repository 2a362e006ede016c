"""Personal details in text: where they stand, and the text without them.

`find` gives spans, `redact` puts a placeholder such as `[phone]` in the place of each. Both work on any text
(messages, titles, links, attribute values), take time linear in its length and never raise on its contents.
"""

from heedful.privacy.redact.detect import find, redact
from heedful.privacy.redact.spans import KINDS, PLACEHOLDER, Span

__all__ = ["KINDS", "PLACEHOLDER", "Span", "find", "redact"]
