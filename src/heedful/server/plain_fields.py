"""Fields of records as people call them: a plain label and one line of help each."""

FIELDS: dict[str, tuple[str, str]] = {
    "text": ("What was said", "The words of the message, review or answer."),
    "title": ("Title", "A headline or subject; the name, where it is an item."),
    "occurred_at": ("When", "When it was written or happened; without it the record is undated."),
    "person": ("Who", "An e-mail address, handle or customer number; it is stored as a pseudonym."),
    "id": ("Its number", "What tells a record from all others of the source; a later row with it is a new version."),
    "rating": ("Rating", "Stars or points on any scale; stored from 0, the worst, to 1, the best."),
    "language": ("Language", "As the source says it; Heedful reads it from the text too."),
    "brand": ("Brand", "Whose brand it is about; yours or a competitor's."),
    "item": ("Product", "The product, article or place it is about."),
    "thread": ("Conversation", "What holds messages together, such as a ticket or case number."),
    "name": ("What happened", "The kind of event, such as view or purchase."),
    "value": ("Value", "An amount, or the value of a trait."),
    "currency": ("Currency", "Of the value, such as EUR."),
    "response": ("Filled-in form", "What holds the answers of one person's form together."),
    "question": ("Question", "Which question was answered."),
    "answer": ("Answer", "What was answered: a number, a choice or words."),
    "weight": ("Weight", "How much a form counts; without it each counts the same."),
    "category": ("Category", "Which group of items it belongs to."),
    "price": ("Price", "As a number."),
    "url": ("Link", "Its address on the web."),
    "trait": ("Trait", "What is known of the person, such as plan or city."),
    "purpose": ("Purpose", "What the choice is about, such as marketing."),
    "granted": ("Yes or no", "Whether it was allowed."),
    "about": ("About what", "The number of what is quoted, shared or reviewed."),
    "parent": ("Reply to", "The number of the message that it answers."),
    "source": ("Source", "A name for where it comes from."),
    "channel": ("Channel", "Where people wrote, such as reviews or chat."),
    "kind": ("Kind", "Post, comment, review, answer and so on."),
    "direction": ("Direction", "in: from customers; out: from you."),
    "attributes": ("Kept beside it", "Columns that fit no field."),
}


def label(name: str) -> str:
    """A field as people call it; its own name in words where it has no other."""
    return FIELDS[name][0] if name in FIELDS else name.replace("_", " ").capitalize()


def about(name: str) -> str:
    """One line of help, or nothing."""
    return FIELDS[name][1] if name in FIELDS else ""
