"""Check a random sample of what was read, so that every share can be corrected for what is read wrongly."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from starlette.requests import Request

from heedful.errors import BadSettings, NotFound
from heedful.insight.checking import FIRST, SECOND, SETTLE, Task, next_one, read_as, verdict, voices
from heedful.insight.messages import one
from heedful.insight.named import names
from heedful.insight.standing import Standing, standing
from heedful.server import check_state, check_words, words
from heedful.server.addresses import address
from heedful.server.blocks import Block, Empty, Judge, Link, Notice, Page, Press
from heedful.server.check_state import PATH, SLICES, pairs
from heedful.server.messages import WHOLE, message
from heedful.server.upkeep import Upkeep
from heedful.server.upkeep_pages import Form
from heedful.store.view import View

MENU = (4, "Check")
NEEDS = "text"

LOOK = "Here you can look on. Answers are kept of people who sign in as agent, analyst, privacy officer or admin."
LEAD = (
    "People read a random sample; every share is then corrected for what is read wrongly. The key before an answer "
    "presses it."
)
UNSURE = "cannot tell"
KEYS = "123456789"
TITLE = {FIRST: "What does this message say?", SECOND: "A second opinion", SETTLE: "Settle it: what does it say?"}
ANEW = {FIRST: "", SECOND: "A second opinion: ", SETTLE: "Settle it: "}
THESE = {
    FIRST: "Messages that nobody has looked at.",
    SECOND: "Messages that one other person has looked at.",
    SETTLE: "Messages about which people disagree.",
}
OTHER = {FIRST: "Check new ones", SECOND: "Give second opinions", SETTLE: "Settle it"}


def page(upkeep: Upkeep, request: Request) -> Page:
    """The next message to look at, and how far checking is."""
    task = _task(request.query_params)
    with upkeep.store.view(upkeep.viewer) as view:
        if request.query_params.get("choose"):
            return Page("What to check", tuple(check_state.readings(view, topics=True)), WHAT, back=Link("Check", PATH))
        called, state = names(view), standing(view, task)
        shown = _question(upkeep, view, task, request.query_params, called)
        if isinstance(shown, Empty) and not state.looked and task.turn == FIRST and not task.where:
            return Page("Check", (NOTHING,))
        only = () if upkeep.may("check") else (Notice(LOOK, "demo"),)
        blocks = (*only, *_said(upkeep, view, task, request), shown, *check_state.blocks(upkeep, view, task, state))
    return Page("Check", (_chosen(task, called), *_turns(task, state), *blocks), LEAD)


CHOOSE = f"{PATH}?choose=yes"
WHAT = (
    "Sentiment, and each category, label and topic that messages were read as. These come in turn from what was read "
    "so and from what was not, since most are rare."
)
NOTHING = Empty(
    "Nothing to check yet",
    "Messages are read by themselves as they come in. Then you check some of them here.",
    (Link("Import a file", "/import"),),
)


def _chosen(task: Task, called: Mapping[str, str]) -> Notice:
    """What is being checked, and the way to everything else."""
    return Notice(f"{check_words.chosen(task.reading, called)}.", link=Link("Check something else", CHOOSE))


def act(upkeep: Upkeep, form: Form) -> str:
    """Keep what somebody says of a message, and go on to the next one."""
    upkeep.viewer.must("check")
    task = _task(form)
    label = form.get("label", "")
    if not form.get("message") or not label:
        raise BadSettings("say what the message is: press one of the answers")
    with upkeep.store.view(upkeep.viewer) as view:
        newest = int(view.as_of.partition("-")[0])
        given = form.get("seen", "")
        seen = min(newest, int(given)) if given.isascii() and given.isdigit() and len(given) < 19 else newest
        said = None if label == UNSURE else label
        rows = verdict(view, task, form["message"], said, upkeep.viewer.name, now=upkeep.now, newest=seen)
    upkeep.store.append_verdicts(rows)
    upkeep.note("check", {"message": form["message"], "reading": task.reading, "label": said})
    return address(PATH, [*pairs(task), ("last", form["message"])])


def _task(given: Mapping[str, str]) -> Task:
    reading, turn = given.get("reading") or "sentiment", given.get("turn") or FIRST
    where = tuple((name, given[name]) for name in SLICES if given.get(name))
    return Task(reading, where, turn)


def _turns(task: Task, state: Standing) -> Iterator[Block]:
    """Which messages these are, and the way to others."""
    for name, value in task.where:
        everything = Link("Everything", address(PATH, pairs(replace(task, where=()))))
        yield Notice(f"Only {words.member(name, value)}.", link=everything)
    if state.looked or task.turn != FIRST:
        other = SECOND if task.turn == FIRST else FIRST
        yield Notice(THESE[task.turn], link=Link(OTHER[other], address(PATH, pairs(task, turn=other))))
    if state.unsettled and task.turn != SETTLE:
        wait = f"About {words.count(state.unsettled, 'message')} people disagree."
        yield Notice(wait, link=Link(OTHER[SETTLE], address(PATH, pairs(task, turn=SETTLE))))


def _question(upkeep: Upkeep, view: View, task: Task, given: Mapping[str, str], called: Mapping[str, str]) -> Block:
    """The message that is asked about: one of the address, else the next."""
    wanted = given.get("message") or next_one(view, task, upkeep.viewer.name)
    if wanted is None:
        return _done(task)
    if (row := one(view, wanted)) is None:
        raise NotFound(f"there is no message {wanted[:80]!r}")
    shown = message(row, zone=upkeep.zone, now=upkeep.now, cut=WHOLE)
    shown = replace(shown, mood=None, unread=None, whole=False)  # who knows what was read is led by it
    answers = tuple(
        Press(value, words.SENTIMENT.get(value, value.capitalize()), key)
        for key, value in zip(KEYS, task.classes, strict=False)
    )
    hidden = [*pairs(task), ("message", row["id"]), ("seen", view.as_of.partition("-")[0])]
    about = _heard(view, task, row["id"]) if task.turn == SETTLE else check_words.about(task)
    answers = (*answers, Press(UNSURE, "Cannot tell", "0"))
    title = check_words.asked(task, called)
    title = TITLE[task.turn] if title is None else f"{ANEW[task.turn]}{title}"
    return Judge(title, shown, PATH, answers, tuple(hidden), about)


def _heard(view: View, task: Task, id: str) -> str:
    heard = voices(view, task.reading, id)
    said = [f"{_person(voice['checker'])} said {voice['label'] or UNSURE}" for voice in heard]
    return f"{'; '.join(said)}. Your answer settles it."


def _done(task: Task) -> Empty:
    links = (Link("Check more", address(PATH, pairs(replace(task, turn=FIRST)))),) if task.turn != FIRST else ()
    text = {
        FIRST: "Every message of this kind has been looked at: its figures are exact.",
        SECOND: "Nothing waits for a second opinion of yours: what others checked comes here.",
        SETTLE: "People agree about everything that two of them have looked at.",
    }
    return Empty("Nothing is left here", text[task.turn], links)


def _said(upkeep: Upkeep, view: View, task: Task, request: Request) -> Iterator[Block]:
    """What was answered just now, what had been read, and the way back."""
    last = request.query_params.get("last")
    row = one(view, last) if last else None
    if last is None or row is None:
        return
    own = [v for v in voices(view, task.reading, last) if v["checker"] == upkeep.viewer.name]
    if not own:
        return
    label, read = own[-1]["label"], read_as(view, task, last)
    as_read = f"It was read as {read}" if read else "It has not been read"
    right_or_not = "" if label is None or read is None else ", rightly" if read == label else ", wrongly"
    back = Link("Change it", address(PATH, [*pairs(task), ("message", last)]))
    yield Notice(f"You said: {label or UNSURE}. {as_read}{right_or_not}.", link=back)


def _person(checker: str) -> str:
    return checker.partition(":")[2] or checker
