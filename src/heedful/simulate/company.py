"""The invented company of the demo, its competitors, what it sells and where.

Every name is made up: Wrenlo sells home internet, mobile and television; Oakvane, Telbrisk and Pellimo compete.
"""

from dataclasses import dataclass

COMPANY = "Wrenlo"
HANDLES = {
    "Wrenlo": ("@Wrenlo", "@WrenloHelp"),
    "Oakvane": ("@Oakvane",),
    "Telbrisk": ("@Telbrisk",),
    "Pellimo": ("@PellimoUK",),
}
COMPETITORS = ("Oakvane", "Telbrisk", "Pellimo")

TOWNS = {
    "Thornby": 0.11,
    "Port Alder": 0.12,
    "Kingsmere": 0.12,
    "Millhaven": 0.1,
    "Dunmoor": 0.08,
    "Saltley Bay": 0.07,
    "Westercombe": 0.09,
    "Ashwick": 0.09,
    "Brackenfield": 0.08,
    "Lowmarsh": 0.07,
    "Harrowden": 0.07,
}
OUTAGE_TOWN = "Thornby"
ABROAD = {
    "ES": ("es", "Villamora"),
    "DE": ("de", "Steinfelde"),
    "FR": ("fr", "Montbrune"),
    "IT": ("it", "Castelvero"),
    "PT": ("pt", "Vila Serena"),
    "NL": ("nl", "Westerdam"),
}
"""Where the company's few customers abroad live: country, language and town."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing the company sells. `kind` says which stories it may stand in, `spoken` how people call it."""

    id: str
    title: str
    category: str
    kind: str
    spoken: str
    price: float


ITEMS = (
    Item("plan-swift-150", "Swift 150 broadband", "broadband", "broadband", "Swift 150", 27.0),
    Item("plan-swift-300", "Swift 300 broadband", "broadband", "broadband", "Swift 300", 33.0),
    Item("plan-swift-500", "Swift 500 broadband", "broadband", "broadband", "Swift 500", 38.0),
    Item("plan-swift-900", "Swift 900 broadband", "broadband", "broadband", "Swift 900", 46.0),
    Item("plan-roam-10", "Roam 10 mobile plan", "mobile", "mobile", "Roam 10", 9.0),
    Item("plan-roam-50", "Roam 50 mobile plan", "mobile", "mobile", "Roam 50", 15.0),
    Item("plan-roam-max", "Roam Max mobile plan", "mobile", "mobile", "Roam Max", 24.0),
    Item("tv-heron-basic", "Heron TV Essentials", "television", "tv", "Heron Essentials", 12.0),
    Item("tv-heron-sport", "Heron TV Sport", "television", "tv", "Heron Sport", 29.0),
    Item("tv-heron-box", "Heron TV box", "television", "tv", "Heron box", 89.0),
    Item("hub-6", "Wren Hub 6 router", "router", "router", "Hub 6", 95.0),
    Item("hub-mini", "Wren Hub Mini router", "router", "router", "Hub Mini", 59.0),
    Item("meshpod-duo", "MeshPod Duo", "router", "router", "MeshPod", 129.0),
    Item("kite-3", "Kite 3 phone", "phone", "phone", "Kite 3", 449.0),
    Item("kite-3-lite", "Kite 3 Lite phone", "phone", "phone", "Kite 3 Lite", 229.0),
    Item("kite-fold", "Kite Fold phone", "phone", "phone", "Kite Fold", 899.0),
    Item("tern-buds", "Tern Buds earphones", "gadget", "gadget", "Tern Buds set", 79.0),
    Item("plover-watch", "Plover Watch", "gadget", "gadget", "Plover Watch", 149.0),
    Item("finch-camera", "Finch doorbell camera", "gadget", "gadget", "Finch camera", 99.0),
    Item("dipper-speaker", "Dipper speaker", "gadget", "gadget", "Dipper speaker", 69.0),
)
SPEEDS = {"Swift 150": "150", "Swift 300": "300", "Swift 500": "500", "Swift 900": "900"}


def brands_toml() -> str:
    """The `[brands]` sections of a workspace's heedful.toml for this company: its own and its competitors' handles."""
    sections = []
    for name, handles in HANDLES.items():
        listed = ", ".join(f'"{handle}"' for handle in handles)
        rival = "\ncompetitor = true" if name in COMPETITORS else ""
        sections.append(f'[brands."{name}"]\nhandles = [{listed}]{rival}\n')
    return "\n".join(sections)
