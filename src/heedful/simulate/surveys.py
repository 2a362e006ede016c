"""Questionnaires: recommendation (0 to 10), satisfaction (1 to 5), a reason, and a remark that is also a message."""

from datetime import datetime, timedelta
from typing import Any

from heedful.simulate.grammar import Story
from heedful.simulate.planted import told
from heedful.simulate.threads import start
from heedful.simulate.world import Said, World

SURVEYS = (("after-contact", 0.55), ("relationship", 0.3), ("after-delivery", 0.15))
NPS = {"negative": (0, 0, 1, 2, 3, 3, 4, 5, 6, 6), "neutral": (6, 7, 7, 7, 8, 8), "positive": (8, 9, 9, 10, 10, 10)}
CSAT = {"negative": (1, 1, 2, 2), "neutral": (3, 3, 3, 4), "positive": (4, 5, 5)}
REASONS = ("fault", "bill", "new contract", "delivery", "moving", "advice", "cancelling", "other")
AGE_WEIGHT = {"18-29": 1.45, "30-44": 1.1, "45-59": 0.92, "60-74": 0.78, "75+": 1.05}
"""What a response counts for: young people answer less often than they are customers."""
PER_RESPONSE = 2.68
"""How many answers a response holds on average."""


def response(world: World, at: datetime) -> list[Said]:
    """One filled-in form: its answers and, for most, a remark that is a message of channel survey too."""
    random = world.random
    incident = _cause(world, at)
    said = start(world, "survey", at, incident=incident, told=_told(incident))[0]
    fact = said.fact
    mood = fact.sentiment if fact else "neutral"
    person = said.record["person"]
    survey = SURVEYS[0 if (drawn := random.random()) < 0.55 else 1 if drawn < 0.85 else 2][0]
    label = world.next_id("r")
    shared: dict[str, Any] = {
        "survey": survey,
        "response": label,
        "wave": f"{at:%Y-%m}",
        "person": person,
        "weight": round(AGE_WEIGHT[world.ages.get(person, "30-44")] * (0.9 + random.random() * 0.2), 3),
        "occurred_at": at,
    }
    score = float(random.choice(NPS[mood]))
    answers: list[dict[str, Any]] = [{"id": f"{label}-nps", "question": "recommend", "value": score}]
    if random.random() < 0.6:
        answers.append({"id": f"{label}-csat", "question": "satisfaction", "value": float(random.choice(CSAT[mood]))})
    if random.random() < 0.26:
        reasons = random.sample(REASONS, random.choice((1, 1, 2)))
        answers.append({"id": f"{label}-reason", "question": "reason", "choices": reasons})
    messages = []
    if random.random() < 0.82:
        answers.append({"id": f"{label}-remark", "question": "remark", "text": said.record["text"]})
        said.record["attributes"] = {"survey": survey, "response": label, "question": "remark"}
        messages = [said]
    return [*(Said(at, "answer", {**shared, **answer}) for answer in answers), *messages]


def _cause(world: World, at: datetime) -> str | None:
    """The incident that this form is about: for some weeks after it, some are."""
    drawn = world.random.random()
    for name, share, days in (("outage", 0.12, 6), ("price", 0.14, 30)):
        incident = world.plan.incident(name)
        if incident.start + timedelta(hours=3) < at < incident.start + timedelta(days=days) and drawn < share:
            return name
        drawn -= share
    return None


def _told(incident: str | None) -> Story | None:
    return {"outage": told()["outage"], "price": told()["rise"]}[incident] if incident else None
