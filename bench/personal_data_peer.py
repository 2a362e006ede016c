"""The pattern recognisers of presidio-analyzer over texts: JSON list of texts in, spans and seconds out.

Runs in an environment of its own that has presidio-analyzer; `personal_data.py --presidio PYTHON` starts it.
"""

import json
import sys
import time
from importlib.metadata import version

from presidio_analyzer import predefined_recognizers as recognizers

KINDS = {
    "EMAIL_ADDRESS": ("email", recognizers.EmailRecognizer),
    "PHONE_NUMBER": ("phone", recognizers.PhoneRecognizer),
    "CREDIT_CARD": ("card", recognizers.CreditCardRecognizer),
    "IBAN_CODE": ("iban", recognizers.IbanRecognizer),
    "IP_ADDRESS": ("ip", recognizers.IpRecognizer),
    "US_SSN": ("ssn", recognizers.UsSsnRecognizer),
}


def main() -> None:
    texts = json.load(sys.stdin)
    tools = [(entity, kind, make()) for entity, (kind, make) in KINDS.items()]
    begun = time.perf_counter()
    spans = [
        [
            [kind, found.start, found.end]
            for entity, kind, tool in tools
            for found in tool.analyze(text, [entity], None) or []
        ]
        for text in texts
    ]
    seconds = time.perf_counter() - begun
    json.dump({"version": version("presidio-analyzer"), "seconds": seconds, "spans": spans}, sys.stdout)


if __name__ == "__main__":
    main()
