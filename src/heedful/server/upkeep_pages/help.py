"""What Heedful's pages are for, what its words mean, and where to go on."""

from starlette.requests import Request

from heedful import folder
from heedful.server.blocks import Cell, Column, Facts, Page, Table
from heedful.server.menu import components, may_open
from heedful.server.upkeep import Upkeep

PATH = "/help"
MENU = (90, "Help")
NEEDS = "figures"

WORDS = (
    ("Message", "What somebody said: a post, a review, an answer in a survey, a line of a chat."),
    ("Event", "What somebody did: a page seen, a thing bought."),
    ("Reading", "What a model found in a message, such as its sentiment or language. Readings can be wrong."),
    ("Metric", "One number with one definition, the same on every page, in the API and on the command line."),
    (
        "95% sure: 41 to 47",
        "The true figure lies between these 95 times in a hundred, given what is known of the errors.",
    ),
    ("Hidden", "A figure about so few people that it could give one of them away."),
    ("Evidence", "The rows behind a figure, as they were when it was made. Every figure opens its own."),
    ("Person", "A pseudonym. Names and addresses are kept apart, encrypted, and every look at one is in the audit."),
    (
        "Quarantine",
        "Where records wait that could not be taken, with the reason. They can be corrected and taken again.",
    ),
    ("Consent", "A person's choice about a purpose. Who refused is in no figure and on no page for that purpose."),
)
KEYS = (
    ("Tab, Shift+Tab", "From one link or field to the next, and back"),
    ("Enter", "Open a link, send a form, open what is behind a figure"),
    ("Space", "Open the table beneath a chart"),
)


def page(upkeep: Upkeep, _request: Request) -> Page:
    """The pages that this viewer may open, words, keys, and the rest of the documentation."""
    there = [module for module in components() if module.MENU and may_open(module, upkeep.viewer)]
    rows = tuple((Cell(m.MENU[1], m.PATH, m.PATH), Cell(folder.first_line(m), tone="long")) for m in there)
    pages = Table("Pages", (Column("Page"), Column("What it is for")), rows)
    programs = Facts(
        "For programs",
        (
            ("Send records", "POST /v1/messages with a write key; /openapi.json says how"),
            ("Ask", "GET /v1/metrics/volume with a read key; every page has its data at the same address with .json"),
            ("Command line", "heedful --help"),
        ),
    )
    return Page("Help", (pages, Facts("Words", WORDS), Facts("By keyboard", KEYS), programs))
