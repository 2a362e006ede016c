"""Plain service sentences of our own, made from patterns: statements, complaints and praise that tweets hardly hold.

Each pattern has slots in braces; `sentences` fills them at random from the lists below, seeded. No sentence that
a test uses may come out of here.
"""

import random
import re

SLOTS: dict[str, tuple[str, ...]] = {
    "thing": tuple(
        "parcel|package|order|ticket|card|invoice|contract|account|booking|refund|subscription|router|phone|laptop|"
        "washing machine|jacket|pair of shoes|suitcase|sofa|insurance policy|gift card|receipt|prescription".split("|")
    ),
    "place": tuple(
        "the main station|Terminal 2|the desk on the ground floor|platform 4|the north entrance|our shop in the centre|"
        "the car park|the front desk|the warehouse|the post office|the second floor|hall B|the website".split("|")
    ),
    "day": tuple("Monday|Wednesday|Thursday|Friday|Saturday|Sunday|tomorrow|next week|3 May|the 14th|today".split("|")),
    "time": tuple("8 am|noon|10:30|half past six|5 pm|midnight|7.15|18:00|3 o'clock".split("|")),
    "number": tuple("2|3|4|6|12|15|30|48|120|4471|90210".split("|")),
    "who": tuple("the driver|a colleague|the technician|our team|the office|my sister|the agent".split("|")),
    "part": tuple(
        "menu|battery|screen|password|address|delivery date|size|colour|price list|seat|serial number".split("|")
    ),
    "service": tuple(
        "support|the hotline|the delivery|the app|the website|the checkout|the staff|the update|the hotel|the airline|"
        "the bank|the food|the chat|the room|the connection|the new version|the product|the quality".split("|")
    ),
}

NEUTRAL = (
    "Your {thing} will be at {place} on {day}.",
    "The {thing} was sent on {day}.",
    "{who} comes on {day} between {time} and {time}.",
    "We open at {time} and close at {time}.",
    "The {part} is printed on the {thing}.",
    "Please enter the {part} and press continue.",
    "Where do I find the {part} of my {thing}?",
    "How do I change the {part}?",
    "Can I pick up my {thing} at {place}?",
    "What time does {place} close on {day}?",
    "Is the {thing} available in another {part}?",
    "I ordered a {thing} on {day}.",
    "I would like to change the {part} on my {thing}.",
    "My {part} is {number}{number}.",
    "The bus leaves from {place} at {time}.",
    "The train to the coast departs at {time} from {place}.",
    "Boarding starts at {time} at gate {number}.",
    "There are {number} rooms left for {day}.",
    "The meeting is moved to {day} at {time}.",
    "You can return the {thing} within {number} days.",
    "The {thing} costs {number} euros a month.",
    "It comes with a charger and {number} cables.",
    "It weighs {number} kilos and is {number} centimetres wide.",
    "I use it with my {thing}.",
    "I have had this {thing} for {number} months.",
    "I bought it for my brother on {day}.",
    "The form is at {place}.",
    "A copy of the {thing} is attached.",
    "Attached is the {thing} for {day}.",
    "{who} wrote back on {day} with the {part}.",
    "Does the {thing} come with a {part}?",
    "Do you deliver on {day}?",
    "Which {part} do I need for a {thing}?",
    "Who do I call about a {thing}?",
    "When will the {thing} be shipped?",
    "I am at {place} now.",
    "I moved, here is the new {part}.",
    "To reset the {part}, hold the button for {number} seconds.",
    "From {day} the shop is at {place}.",
    "The survey has {number} questions.",
    "Version {number} is out on {day}.",
    "The next payment is due on {day}.",
    "Our new address is {number} Station Road.",
    "Maintenance takes place on {day} from {time} to {time}.",
    "Flight {number} to Lisbon, departure {time}, gate {number}.",
    "I spoke with {who} on {day}.",
    "The warranty lasts {number} months.",
    "Has {service} moved to {place}?",
    "Is {service} open on {day}?",
    "You will get an e-mail with the {part} by {time}.",
    "Two adults and one child, {number} nights from {day}.",
    "It is a {thing}, {part} included.",
    "I am writing about {thing} {number}{number}.",
    "The queue number is {number}.",
    "Reminder: the appointment is on {day} at {time}.",
    "Checking in at {place} with a {thing}.",
    "Store hours on {day} are {time} to {time}.",
    "They sell it in {number} sizes.",
    "The {thing} is at {place}.",
    "{who} asked for the {part} of the {thing}.",
)

NEGATIVE = (
    "My {thing} is still not here after {number} weeks.",
    "I have been waiting {number} days and nobody answers.",
    "The {thing} arrived broken.",
    "The {thing} stopped working after {number} days.",
    "{service} does not work at all.",
    "{service} is down again.",
    "{service} keeps crashing.",
    "You charged me twice for the same {thing}.",
    "I was charged {number} euros for a {thing} I never ordered.",
    "I want my money back.",
    "{who} was rude and hung up on me.",
    "{who} never showed up on {day}.",
    "{service} is getting worse every month.",
    "I asked for a refund {number} times and got no reply.",
    "The {thing} is missing a part and {service} will not help.",
    "It took {number} hours to get through to {service}.",
    "I waited {number} hours on the phone for nothing.",
    "This is the {number}th time the {thing} has failed.",
    "The {part} was wrong and nobody corrected it.",
    "Nobody at {place} could tell me where my {thing} is.",
    "{service} was slow, dirty and overpriced.",
    "I will cancel my {thing}.",
    "I will not order here again.",
    "I regret buying this {thing}.",
    "Too expensive for what you get.",
    "The {thing} fell apart on {day}.",
    "The {part} is useless.",
    "You lost my {thing} and now you ignore me.",
    "I cannot log in since {day} and {service} does not care.",
    "{service} promised a call on {day}, nothing happened.",
    "The cancelled trip cost me {number} euros and a day.",
    "They sent the wrong {thing} twice.",
    "The room smelled and the bed was broken.",
    "The price went up again and the quality went down.",
    "Hidden fees everywhere, I feel cheated.",
    "Your bot only repeats the same answer, it is no help.",
    "{service} gave me three different answers, all wrong.",
    "I am stuck at {place} because of you.",
    "It is not good, it does not do what it says.",
    "I am not happy with {service}.",
    "I am not satisfied with the {thing}.",
    "I do not recommend {service}.",
    "{service} let me down.",
    "It was a waste of time and money.",
    "Still no {thing}, still no answer.",
    "The {thing} is late again.",
    "Poor {part}, poor service.",
)

POSITIVE = (
    "Thank you, my {thing} arrived early.",
    "Thanks for the quick answer.",
    "{who} was kind and patient with me.",
    "{service} solved it in {number} minutes.",
    "{service} is fast and easy to use.",
    "{service} was a pleasure.",
    "I love my new {thing}.",
    "I am very happy with the {thing}.",
    "Works perfectly, even after {number} months.",
    "Exactly what I needed.",
    "Great price and great {part}.",
    "The refund came within {number} hours, well done.",
    "{who} went out of the way to help us.",
    "I would buy this {thing} again.",
    "I can recommend {service} to everybody.",
    "Clean rooms, friendly people, good breakfast.",
    "The {part} is clear and the colours are beautiful.",
    "Never had a problem with {service}.",
    "No complaints, everything was fine.",
    "{service} could not have been better.",
    "The best {thing} I have had.",
    "It was delivered on {day} just as promised, thank you.",
    "So much better since the last version.",
    "{who} fixed it right away, thanks a lot.",
    "Good value for the money.",
    "We had a lovely time at {place}.",
    "Well packed and quickly delivered.",
    "Not bad at all, I am pleased.",
    "The new {part} is a big improvement.",
    "Kudos to {who}.",
    "You made my day.",
    "Smooth from start to finish.",
)

_SLOT = re.compile(r"\{(\w+)\}")


def fill(pattern: str, chance: random.Random) -> str:
    """One sentence of a pattern; sometimes without its full stop or capitals, as people write."""
    made = _SLOT.sub(lambda slot: chance.choice(SLOTS[slot[1]]), pattern)
    made = made[0].upper() + made[1:]
    form = chance.random()
    if form < 0.15:
        return made.lower()
    return made.rstrip(".") if form < 0.3 else made


def sentences(seed: int, *, each: int = 15) -> list[tuple[str, str]]:
    """Distinct sentences with their sentiment, up to `each` of one pattern."""
    chance = random.Random(seed)
    found: dict[str, str] = {}
    for label, patterns in (("negative", NEGATIVE), ("neutral", NEUTRAL), ("positive", POSITIVE)):
        for pattern in patterns:
            found |= {fill(pattern, chance): label for _ in range(each)}
    return sorted(found.items())
