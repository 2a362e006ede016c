"""Every error, grouped by what the reader does next.

Heedful
├── BadSettings   correct heedful.toml or the command's options
├── NotAllowed    ask somebody for the right, or another question
├── NotFound      look at the names that exist
├── TryLater      wait, then do the same again
├── BadRecord     correct the record; it waits in quarantine
└── Bug           tell us: this should not have happened
"""


class HeedfulError(Exception):
    """What went wrong, with which thing, and what to do."""


class BadSettings(HeedfulError):
    """Correct heedful.toml or the command's options."""


class NotAllowed(HeedfulError):
    """Ask for the right to do it, or ask something else."""


class NotFound(HeedfulError):
    """The thing named does not exist; the message lists what does."""


class TryLater(HeedfulError):
    """The same call can succeed later; `after` is how many seconds to wait."""

    def __init__(self, message: str, *, after: float = 1.0) -> None:
        """Keep how long to wait."""
        super().__init__(message)
        self.after = after


class BadRecord(HeedfulError):
    """The record cannot be taken as it is."""


class Bug(HeedfulError):
    """Something Heedful promised did not hold."""
