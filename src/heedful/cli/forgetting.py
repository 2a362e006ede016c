"""`heedful forget`: erase people, and list the receipts."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from heedful.cli.options import AsJson, Folder, print_json, workspace

SHOWN = {
    "messages": "messages",
    "events": "events",
    "answers": "answers",
    "profiles": "profile traits",
    "consents": "consents",
    "past_versions": "past versions of these",
    "readings": "readings",
    "search_entries": "entries of the search index",
    "identities": "identifiers",
    "waiting": "records that wait in the journal",
    "quarantined": "records in quarantine that name them",
    "mentions": "rows of others that mention them: they stay, without the mention",
    "audit": "audit rows that name them: they stay, without the name",
}


def forget(
    person: Annotated[
        list[str] | None,
        typer.Option(help="An e-mail, handle, phone or customer number as it came in, or p_...; repeat it."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would go.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    receipts: Annotated[bool, typer.Option("--receipts", help="List the erasures there were.")] = False,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Erase people.

    Shows what there is of them and asks; then nobody sees it any more, and it is taken off the disk.
    """
    from heedful.errors import BadSettings

    opened = workspace(folder)
    if receipts:
        _list(opened.receipts(), as_json)
        return
    if not person:
        raise BadSettings("nobody is named: heedful forget --person KEY, once for each of their identifiers")
    if dry_run or not yes:
        found = opened.preview(person)
        _show(found, as_json=as_json, dry_run=dry_run)
        if dry_run:
            return
        typer.confirm("Erase all of this for good?", abort=True, err=True)
    receipt = opened.forget(person)
    if not receipt["done_at"]:
        typer.echo("Nobody sees it any more. It is being taken off the disk ...", err=True)
        receipt = opened.erased(receipt["id"])
    if as_json:
        print_json(receipt)
    else:
        _print(receipt)


def _show(found: Mapping[str, int], *, as_json: bool, dry_run: bool) -> None:
    """What there is of them; with --json it is the answer itself, or stands beside the question."""
    if as_json and dry_run:
        print_json(found)
        return
    for name, words in SHOWN.items():
        if found[name]:
            typer.echo(f"{found[name]:>8,}  {words}", err=not dry_run)
    if not any(found.values()):
        typer.echo("There is nothing of them here.", err=not dry_run)


def _list(found: Any, as_json: bool) -> None:
    if as_json:
        print_json(list(found))
        return
    for one in found:
        rows = sum(one["counts"].get(name, 0) for name in ("messages", "events", "answers", "profiles", "consents"))
        state = f"done {one['done_at']}" if one["done_at"] else "under way"
        typer.echo(f"{one['id']}\t{one['asked_at']}\t{one['asked_by']}\t{one['people']}\t{rows}\t{state}")
    if not found:
        typer.echo("Nobody was erased yet.", err=True)


def _print(receipt: Mapping[str, Any]) -> None:
    for name, words in SHOWN.items():
        if number := receipt["counts"].get(name):
            typer.echo(f"{number:>8,}  {words}")
    typer.echo(f"Done. Receipt {receipt['id']}: it tells of nobody; `heedful forget --receipts` lists it.")
