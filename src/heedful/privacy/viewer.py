"""Who asks: a name, roles, a purpose, and the fewest people a figure for them may be about."""

from dataclasses import dataclass

from heedful.errors import NotAllowed
from heedful.records import PURPOSES

_AGENT = frozenset({"figures", "text", "people", "check"})
_ANALYST = _AGENT | {"sql", "export", "operate"}
_PRIVACY = _AGENT | {"identities", "quarantine", "audit", "forget"}
ROLE_MAY: dict[str, frozenset[str]] = {
    "viewer": frozenset({"figures"}),
    "agent": _AGENT,
    "analyst": _ANALYST,
    "privacy officer": _PRIVACY,
    "admin": _ANALYST | _PRIVACY | {"manage"},
    "demo": frozenset({"figures", "text"}),
}
"""What each role may do.

See figures; read text; read profiles and consents (people); say what a message truly is (check); write SQL; export;
bring records in and have them read again (operate); look at identities, at records in quarantine, and at who asked
what (audit); erase a person (forget); manage accounts, keys and settings.
"""


@dataclass(frozen=True)
class Viewer:
    """Somebody who asks, for one purpose; every read is done as one."""

    name: str
    roles: frozenset[str]
    purpose: str = "insight"
    smallest: int = 5

    def __post_init__(self) -> None:
        """Refuse roles and purposes that do not exist."""
        if unknown := self.roles - ROLE_MAY.keys():
            raise NotAllowed(f"no role named {', '.join(sorted(unknown))}; there are: {', '.join(ROLE_MAY)}")
        if self.purpose not in PURPOSES:
            raise NotAllowed(f"no purpose named {self.purpose!r}; there are: {', '.join(PURPOSES)}")

    def may(self, what: str) -> bool:
        """Whether one of the roles allows it."""
        return any(what in ROLE_MAY[role] for role in self.roles)

    def must(self, what: str) -> None:
        """Refuse, naming the right that is missing, where no role allows it."""
        if not self.may(what):
            able = [role for role, rights in ROLE_MAY.items() if what in rights and role != "demo"]
            raise NotAllowed(f"this is open to {', '.join(able)} (right: {what}), and not to {self.name}")
