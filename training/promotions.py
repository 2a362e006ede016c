"""Unwanted promotion, and wanted messages that look like it, as sentences of our own made from patterns.

The two public sets of spam hold prizes by text message and channels under videos; these patterns name what both have in
common, and kinds that neither has. No sentence that a test uses may come out of here.
"""

import random

import plain

SLOTS: dict[str, tuple[str, ...]] = {
    "site": tuple("youtube|instagram|facebook|tiktok|twitch|soundcloud|twitter|spotify|telegram|discord".split("|")),
    "own": tuple(
        "channel|page|profile|music|new song|first video|new video|cover|vlog|stream|blog|shop|mixtape|beats|"
        "gaming channel|comedy videos|group|account|website|remix|fan page|book".split("|")
    ),
    "link": tuple("http://short.example/a7|www.win-now.example|https://t.example/x9|bit.example/free|http".split("|")),
    "prize": tuple(
        "a new phone|£500 cash|a $1000 gift card|a holiday for two|£2000|free tickets|a game console|a brand new car|"
        "10,000 points|a shopping voucher|an iPad|1 million coins".split("|")
    ),
    "code": tuple("82277|80086|09061 743811|08712 300220|WIN 150|GO to 69888|66777|0800 505060".split("|")),
    "sum": tuple("$500|£350|€1200|$5,000|150 dollars|£90|1000 euros".split("|")),
    "period": tuple("a day|an hour|a week|every month|per day|in two days".split("|")),
    "goods": tuple(
        "followers|likes|views|cheap pills|designer watches|replica bags|ringtones|diet pills|gift codes|sunglasses|"
        "loans|insurance leads|crypto signals|movie downloads|hacked accounts".split("|")
    ),
    "plea": tuple("please|pls|plz|pleaseee|do me a favour and|guys please|everybody".split("|")),
    "person": tuple("Sam|Mia|Leo|Anna|mum|dad|Ben|Julia|my sister|the boss|grandma".split("|")),
    "name": tuple("the song|this video|the singer|this band|the drummer|her voice|the lyrics|the dance".split("|")),
    "day": plain.SLOTS["day"],
    "time": plain.SLOTS["time"],
    "thing": plain.SLOTS["thing"],
    "place": plain.SLOTS["place"],
    "number": plain.SLOTS["number"],
}

SPAM = (
    "check out my {own}",
    "{plea} check out my {own} and subscribe",
    "hey guys, I make {own} videos, check me out on {site}",
    "{plea} subscribe to my {own}, I subscribe back",
    "sub to me and I will sub back",
    "I just uploaded my {own}, {plea} have a look and leave a like",
    "new {own} is up, go watch it: {link}",
    "follow me on {site}, I follow back everyone",
    "{plea} visit my {own} on {site}, it means a lot to me",
    "I know most of you will scroll past but {plea} give my {own} a chance",
    "we are a small band with a dream, our {own} is on our page, one click helps",
    "my dream is to be a singer, {plea} listen to my {own}",
    "thumbs up so that others can see my {own}",
    "thumbs up if you came here from {site}",
    "like this comment and get {number}00 {goods}",
    "share this with ten friends or bad luck comes tomorrow",
    "copy and paste this to five videos and look at your phone",
    "vote for me in the contest {link}, every vote counts",
    "{plea} vote for our project here: {link}",
    "sign this petition now {link} and share it",
    "help me reach {number}000 subscribers, {plea}",
    "want free {goods}? go to {link}",
    "get {goods} for free, no survey, works 100%: {link}",
    "buy {goods} at the lowest price, fast delivery, {link}",
    "I earn {sum} {period} from home, you can too: {link}",
    "make {sum} {period} with this simple trick, click {link}",
    "my friend makes {sum} {period} online, see {link}",
    "earn money from home, no experience needed, sign up {link}",
    "Congratulations! You have won {prize}. Claim now at {link}",
    "You have been selected to receive {prize}! Call {code} before midnight",
    "WINNER! Your number was drawn for {prize}. Reply CLAIM to {code}",
    "Final notice: your {prize} awaits collection, call {code} now, T&Cs apply",
    "Urgent! We are trying to contact you. Your prize {prize} is waiting. Call {code}",
    "Txt {code} to enter our weekly draw for {prize}, 18+ only",
    "FREE entry in our competition to win {prize}, text WIN to {code}",
    "Get the latest ringtones, text TONE to {code}, {sum} {period}, to stop send STOP",
    "Your mobile is due for an upgrade, call {code} for your free phone",
    "Free minutes and texts for you, reply YES or call {code}",
    "Hi, I am lonely tonight and want to chat, text me on {code}",
    "Meet singles near you, chat live for {sum}, call {code}",
    "Hot singles are waiting at {link}",
    "Someone in your area fancies you, find out who, call {code}",
    "Need cash fast? Loans up to {sum}, bad credit no problem, apply {link}",
    "You may be owed {sum} for your accident, reply CLAIM for details",
    "Your account has been suspended, confirm your password at {link}",
    "Unusual sign-in, verify your bank details now: {link}",
    "Your parcel is on hold, pay the fee of {sum} at {link}",
    "Double your coins in one day, send to this wallet and get twice back {link}",
    "Investment opportunity with guaranteed returns of {sum} {period}, message me",
    "Casino bonus {sum}, sign up today {link}",
    "Lose 10 kilos in two weeks with this secret, order {link}",
    "Special offer just for you, {goods} half price today only, {link}",
    "Exclusive deal, click here: {link}",
    "CLICK HERE >>> {link}",
    "{link} {link}",
    "watch full movies for free at {link}",
    "download our app and win {prize}: {link}",
    "join my {site} group for free {goods}, link in my profile",
    "dm me for {goods}, cheap and real",
    "we promote your {own} to thousands of people, contact us on {site}",
    "check the link in my bio for {prize}",
    "giveaway! subscribe, like and comment to win {prize}",
    "Hello dear, I have a business proposal for you, write to my private mail",
    "I am a prince and need your help to move {sum}0000",
    "SALE SALE SALE, everything must go, {goods}, visit {link}",
    "come and see us at {link}, we are better than this",
    "my {own} is way better than this, just look at it",
    "anyone want to help a new {own} grow? one click on my name",
    "if you like this you will love my {own}",
)

WANTED = (
    "I love {name}",
    "{name} gets me every time",
    "best thing on the internet, I cannot stop watching {name}",
    "who else is still listening in {number} years?",
    "how does this have so many views, I don't get it",
    "I subscribed years ago and never regretted it",
    "the channel has changed so much, I liked the old videos more",
    "did anyone check out the second part? it is even better",
    "this should have a billion views already",
    "the link in the description does not work for me",
    "her new song is on the radio all day long",
    "why is {name} so catchy, my kids play it all day",
    "I like this video but the sound is bad",
    "can somebody tell me what {name} is about?",
    "first time I hear it, goose bumps",
    "Hi {person}, are you home at {time}? call me when you can",
    "ok see you at {time}, I bring the {thing}",
    "did you get my text? I am at {place}",
    "sorry, I am in a meeting, I call you later",
    "happy birthday {person}! have a great day",
    "do you want to go for lunch on {day}?",
    "can you pick up {person} at {time}? I am stuck at work",
    "I sent you the money for the tickets, {number} euros, please check",
    "lol that was so funny, tell {person}",
    "I'm on the train, home in {number} minutes",
    "what are you doing tonight? {person} and I are going out",
    "thanks for dinner, I had a lovely time",
    "no reply from {person} yet, should I call again?",
    "we won the match {number} to 1!",
    "I won {prize} at work, can you believe it?",
    "the concert tickets were free for members, nice",
    "Your order {number}{number} has been sent. Follow it at {link}",
    "Your appointment is on {day} at {time}. Reply YES to confirm.",
    "Your code is {number}{number}. Do not share it with anybody.",
    "Your bill of {sum} is ready. You find it in your account.",
    "Reminder: the {thing} is due back on {day}.",
    "Delivery today between {time} and {time}, the driver has your number.",
    "Your table for {number} is booked on {day} at {time}.",
    "I want to unsubscribe from your newsletter",
    "how do I claim my refund for the {thing}?",
    "your website says free delivery but I paid {sum}",
    "is the offer for new customers still valid on {day}?",
    "I clicked the link in your e-mail and it is broken",
    "I called the number on the {thing} and nobody answered",
    "please call me back about my {thing}, it is urgent",
    "I did not win anything, your competition is a joke",
    "my account was suspended without a reason, please help",
    "the app on my phone crashes when I open my profile",
)


def sentences(seed: int, *, each: int = 12) -> list[tuple[str, int]]:
    """Distinct sentences, each with 1 where it is unwanted promotion, up to `each` of one pattern."""
    chance = random.Random(seed)
    found: dict[str, int] = {}
    for label, patterns in ((1, SPAM), (0, WANTED)):
        for pattern in patterns:
            found |= {plain.fill(pattern, chance, SLOTS): label for _ in range(each)}
    return sorted(found.items())
