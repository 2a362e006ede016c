"""Write docs/reference from the code: commands, metrics, dimensions, annotators, settings, records, HTTP.

`make docs` runs it; a test fails while a page differs from what it would write.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

REFERENCE = Path(__file__).parent / "reference"
MADE = "<!-- Written by docs/generate.py from the code; `make docs` writes it again. -->\n"


def pages() -> dict[str, str]:
    """Every reference page by its file name."""
    makers: dict[str, Callable[[], Iterator[str]]] = {
        "commands.md": commands,
        "metrics.md": metrics,
        "dimensions.md": dimensions,
        "annotators.md": annotators,
        "models.md": models,
        "settings.md": settings,
        "sources.md": sources,
        "records.md": records,
        "http.md": http,
    }
    return {name: MADE + "\n".join(make()) + "\n" for name, make in makers.items()}


def _table(names: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    yield f"| {' | '.join(names)} |"
    yield f"|{' --- |' * len(names)}"
    for row in rows:
        yield f"| {' | '.join(str(cell).replace('|', chr(92) + '|').replace(chr(10), ' ') for cell in row)} |"
    yield ""


def commands() -> Iterator[str]:
    """What `--help` says of every command."""
    import typer.main

    from heedful.cli.commands import app

    root = typer.main.get_command(app)

    def helps(command: Any, above: Any, name: str) -> Iterator[str]:
        here = type(above)(command, info_name=name, parent=above, terminal_width=100, max_content_width=100)
        yield f"## {here.command_path}\n"
        yield f"```text\n{command.get_help(here)}\n```\n"
        if hasattr(command, "list_commands"):
            for inner in command.list_commands(here):
                yield from helps(command.get_command(here, inner), here, inner)

    top = root.context_class(root, info_name="heedful", terminal_width=100, max_content_width=100)
    yield "# Commands\n"
    yield "A command ends with 0 when it worked, 1 when it failed and 2 when it was used wrongly."
    yield "Without `--workspace` it takes the folder in `HEEDFUL_WORKSPACE`, or this one.\n"
    yield f"```text\n{root.get_help(top)}\n```\n"
    for name in root.list_commands(top):  # type: ignore[attr-defined]
        yield from helps(root.get_command(top, name), top, name)  # type: ignore[attr-defined]


def metrics() -> Iterator[str]:
    """Every file in insight/metrics."""
    from heedful.insight import metrics as known

    yield "# Metrics\n"
    yield "Ask any of them with `heedful ask NAME`, over HTTP at `/v1/metrics/NAME`, or on a page.\n"
    rows = []
    for name in known.names():
        metric = known.metric(name)
        kind = f"estimate from {metric.reading}" if metric.reading else "full count"
        rows.append([f"`{name}`", metric.help, metric.formula, metric.of, metric.unit, metric.better, kind])
    yield from _table(["metric", "what it is", "formula", "of", "unit", "better", "kind"], rows)


def dimensions() -> Iterator[str]:
    """Every dimension, and which tables it groups."""
    from heedful.insight.dimensions import DIMENSIONS

    yield "# Dimensions\n"
    yield "What figures can be grouped (`--by`) and filtered (`--where`) by. A missing value is a group of its own.\n"
    rows = []
    for dimension in DIMENSIONS.values():
        values = ", ".join(f"`{value}`" for value in dimension.values) or "any"
        notes = [
            "in the question's time zone" if dimension.timed else "",
            "a row may have several" if dimension.many else "",
            f"as {dimension.reading} was read" if dimension.reading else "",
        ]
        rows.append(
            [
                f"`{dimension.name}`",
                dimension.title,
                ", ".join(dimension.tables),
                values,
                "; ".join(note for note in notes if note),
            ]
        )
    yield from _table(["dimension", "title", "of", "values", "note"], rows)


def annotators() -> Iterator[str]:
    """Every file in language/annotators."""
    from heedful import folder
    from heedful.language import annotators as known
    from heedful.language.annotate import order

    yield "# Annotators\n"
    yield "What is read from each message, in the order in which it is read.\n"
    loaded = [(name, folder.load(known, name)) for name in order()]
    rows = [
        [
            f"`{name}`",
            folder.first_line(module),
            ", ".join(f"`{need}`" for need in module.NEEDS),
            ", ".join(f"`{added}`" for added in module.ADDS.names),
            module.VERSION,
        ]
        for name, module in loaded
    ]
    yield from _table(["annotator", "what it reads", "needs", "adds", "version"], rows)


def models() -> Iterator[str]:
    """The card of every model that ships."""
    from heedful.language.cards import MODELS, card

    yield "# Models\n"
    yield "What reads messages, what it learnt from, how good it is and where it fails. Figures are in percent, with"
    yield "the middle 95% of 1,000 resamples of the texts; `training/` makes the models and these figures again.\n"
    for name in MODELS:
        told = card(name)
        yield f"## {name} {told['version']}, {told['date']}\n"
        yield f"{told['what']} {told['limits']} Licence: {told['licence']}.\n"
        if figures := [_reading(reading, held) for reading, held in told["readings"].items() if "value" in held]:
            names = ["reading", "metric", "value", "interval", "seeds", "calibration error", "texts", "measured on"]
            yield from _table(names, figures)
        for title, facts in told.get("facts", {}).items():
            yield f"### {title}\n"
            yield from _table(facts["names"], facts["rows"])
        for reading, held in told["readings"].items():
            for language, counts in held["by_language"].items():
                yield f"### Errors of {reading}, {language}\n"
                rows = [[label, *row] for label, row in zip(held["labels"], counts["confusion"], strict=True)]
                yield from _table(["is, and is called", *held["labels"]], rows)
        yield f"### What {name} learnt from\n"
        yield from _table(["set", "licence"], [[one["name"], one["licence"]] for one in told["data"]])


def _reading(name: str, held: dict[str, Any]) -> list[object]:
    interval = f"{held['low']} to {held['high']}"
    seeds = ", ".join(f"{value}" for value in held.get("seeds", [held["value"]]))
    measured = [held["metric"], held["value"], interval, seeds, held["calibration_error"], held["rows"]]
    return [f"`{name}`", *measured, held["validated_on"]]


def settings() -> Iterator[str]:
    """Every key of heedful.toml."""
    from heedful.records import BASES, PURPOSES
    from heedful.settings import BRAND_KEYS, DEFAULT_BASIS, KEYS, MODEL_KEYS, READINGS, Settings

    defaults = Settings()
    yield "# Settings\n"
    yield "`heedful.toml` in the workspace folder. Every key has a default; each mistake is named with its line.\n"
    rows: list[list[str]] = []
    for section, keys in KEYS.items():
        for key, (field, check) in keys.items():
            default = getattr(defaults, field)
            rows.append([f"`[{section}]`", f"`{key}`", f"`{json.dumps(default)}`", _rule(check)])
    yield from _table(["section", "key", "default", "rule"], rows)
    yield "## Lawful bases\n"
    yield f"`[privacy] basis = {{ PURPOSE = BASIS }}`; bases are {', '.join(f'`{basis}`' for basis in BASES)}.\n"
    yield from _table(["purpose", "default basis"], [[f"`{p}`", DEFAULT_BASIS[p]] for p in PURPOSES])
    yield "## Brands\n"
    yield "One section `[brands.NAME]` for each brand people talk about.\n"
    brand = {"handles": "[]", "competitor": "false"}
    yield from _table(
        ["key", "default", "rule"], [[f"`{k}`", f"`{brand[k]}`", _rule(c)] for k, c in BRAND_KEYS.items()]
    )
    yield "## Weights\n"
    yield "One section `[weights.NAME.DIMENSION]` for each dimension that [weights](../how-to/weights.md) go by,"
    yield "with the share of each of its groups; they add up to 1.\n"
    yield "## Models\n"
    yield "One section `[[models]]` for each [model of your own](../how-to/own-model.md).\n"
    model = {"labels": "the model's own", "threshold": "`0.5`", "languages": 'must be there; of categories `["*"]`'}
    yield from _table(
        ["key", "default", "rule"], [[f"`{k}`", model.get(k, "must be there"), _rule(c)] for k, c in MODEL_KEYS.items()]
    )
    labels = [[f"`{name}`", ", ".join(f"`{one}`" for one in known) or "any"] for name, known in READINGS.items()]
    yield from _table(["reading", "its labels"], labels)


def _rule(check: Callable[[Any], str | None]) -> str:
    """What a check says to a value that nothing takes."""
    return (check(object()) or "").removeprefix("must be ").removeprefix("must ")


def sources() -> Iterator[str]:
    """Every file in sources, with its example and its settings."""
    from dataclasses import fields

    from heedful.sources import load, names
    from heedful.sources._declared import form_of
    from heedful.sources.json_api import presets

    yield "# Sources\n"
    yield "What `[[sources]]` in heedful.toml may hold; [how to listen](../how-to/listen.md) says how it is used.\n"
    yield "Each has `name` (small letters, digits and `. _ -`) and `kind`, and may have `every`: `30s`, `5m`, `2h`.\n"
    for name in names():
        module = load(name)
        yield f"## {name}\n"
        yield f"{(module.__doc__ or '').strip()}\n"
        yield f"```toml\n[[sources]]{module.EXAMPLE.rstrip()}\n```\n"
        if hasattr(module, "read"):
            yield f"It is read every {module.EVERY} if the table does not say otherwise.\n"
        rows = []
        for field in fields(module.Settings):
            rule = _rule(lambda value, form=form_of(field): _told(form, value))  # type: ignore[misc]
            default = "must be there" if field.metadata["needed"] else f"`{json.dumps(field.default, default=str)}`"
            rows.append([f"`{field.name}`", field.metadata["help"], default, rule])
        yield from _table(["key", "what it is", "default", "rule"], rows)
    yield "## Presets of json_api\n"
    yield from _table(["preset", "what it reads"], [[f"`{name}`", told["about"]] for name, told in presets().items()])


def _told(form: Callable[[Any], Any], value: Any) -> str:
    """What a form says to a value that it does not take."""
    try:
        form(value)
    except ValueError as error:
        return str(error)
    return ""


def records() -> Iterator[str]:
    """Every field of every record."""
    from heedful import records as shapes

    yield "# Records\n"
    yield "What you see of each table. Times are UTC. `person` is a pseudonym; what comes in may be an e-mail address,"
    yield "a handle or a customer number, and becomes one. Fields in *italics* may be missing.\n"
    closed = {
        "channel": shapes.CHANNELS,
        "kind": shapes.KINDS,
        "direction": shapes.DIRECTIONS,
        "purpose": shapes.PURPOSES,
        "basis": shapes.BASES,
    }
    for name, schema in shapes.FACTS.items():
        yield f"## {name}\n"
        coming = set(shapes.INCOMING[name].names)
        rows = []
        for field in schema:
            required = field.name in coming and not shapes.INCOMING[name].field(field.name).nullable
            default = shapes.DEFAULTS.get(name, {}).get(field.name)
            notes = [
                "set by Heedful" if field.name not in coming else "",
                "must be sent" if required else "",
                f"`{json.dumps(default)}` if not sent" if default is not None else "",
                "one of " + ", ".join(closed[field.name]) if field.name in closed else "",
            ]
            shown = f"*{field.name}*" if field.nullable else field.name
            rows.append([shown, f"`{field.type}`", "; ".join(note for note in notes if note)])
        yield from _table(["field", "type", "note"], rows)
    yield "## reading\n"
    yield "What annotators add to a message. What is not made yet is null.\n"
    rows = [[f"*{f.name}*" if f.nullable else f.name, f"`{f.type}`"] for f in shapes.READING if f.name != "emotions"]
    yield from _table(["field", "type"], [*rows, ["*emotions*", "a float for each of GoEmotions' 28 names"]])


def http() -> Iterator[str]:
    """Every route of /openapi.json."""
    from heedful.server.openapi import description

    yield "# HTTP\n"
    yield "The whole contract is at `/openapi.json`. Errors are `application/problem+json`. Send a key as"
    yield "`Authorization: Bearer KEY`: a write key for POST, a read key for GET.\n"
    for path, methods in description()["paths"].items():
        for method, told in methods.items():
            yield f"## {method.upper()} {path}\n"
            yield f"{told['summary']}. {told.get('description', '')}".strip() + "\n"
            if told.get("security") == []:
                yield "No key is needed.\n"
            if parameters := told.get("parameters"):
                yield "Parameters: " + ", ".join(f"`{one['name']}`" for one in parameters) + "\n"
            answers = [[f"{code}", answer["description"]] for code, answer in told["responses"].items()]
            yield from _table(["status", "meaning"], answers)


def main() -> None:
    """Write every page, and remove those that are no longer made."""
    made = pages()
    REFERENCE.mkdir(exist_ok=True)
    for old in REFERENCE.glob("*.md"):
        if old.name not in made:
            old.unlink()
    for name, text in made.items():
        (REFERENCE / name).write_text(text, encoding="utf-8")
        print(REFERENCE / name)


if __name__ == "__main__":
    main()
