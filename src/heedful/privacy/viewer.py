"""Who asks: a name, roles, a purpose, and the fewest people a figure for them may be about."""

from dataclasses import dataclass

from heedful.errors import NotAllowed
from heedful.records import PURPOSES

ROLE_MAY: dict[str, frozenset[str]] = {
    "viewer": frozenset({"figures"}),
    "agent": frozenset({"figures", "text", "people"}),
    "analyst": frozenset({"figures", "text", "people", "sql", "export"}),
    "privacy officer": frozenset({"figures", "text", "people", "identities", "quarantine"}),
    "admin": frozenset({"figures", "text", "people", "sql", "export", "identities", "quarantine", "keys"}),
    "demo": frozenset({"figures", "text"}),
}
"""What each role may do: see figures, read text, read profiles and consents, write SQL, export, look at identities."""


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
            able = [role for role, rights in ROLE_MAY.items() if what in rights]
            raise NotAllowed(f"{self.name} may not do this: it needs the right {what!r} (roles: {', '.join(able)})")
