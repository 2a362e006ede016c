"""`heedful user`: accounts of people who sign in."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from heedful.cli.options import AsJson, Folder, place, print_json

if TYPE_CHECKING:
    from heedful.store.place import Place

app = typer.Typer(help="Make, list, change and remove accounts.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="The account's name, such as an e-mail address.")]
ROLE_HELP = "viewer, agent, analyst, privacy officer or admin."


@app.command()
def add(
    name: Name,
    role: Annotated[str, typer.Option(help=ROLE_HELP)] = "viewer",
    workspace: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Make an account, and a link with which its owner sets a password."""
    opened = place(workspace)
    opened.accounts().create(name, role, datetime.now(UTC))
    _print_link(opened, name, as_json)


@app.command()
def link(name: Name, workspace: Folder = None, as_json: AsJson = False) -> None:
    """Make a link that sets a new password, once, within two days."""
    _print_link(place(workspace), name, as_json)


@app.command("list")
def list_accounts(workspace: Folder = None, as_json: AsJson = False) -> None:
    """List the accounts."""
    found = place(workspace).accounts().all()
    if as_json:
        print_json([{"name": a.name, "role": a.role, "signed_in_at": a.signed_in_at} for a in found])
        return
    for account in found:
        typer.echo(f"{account.name}\t{account.role}\t{account.signed_in_at or 'never signed in'}")
    if not found:
        typer.echo("There are no accounts: `heedful user add NAME --role admin` makes the first.")


@app.command()
def role(name: Name, role: Annotated[str, typer.Argument(help=ROLE_HELP)], workspace: Folder = None) -> None:
    """Give an account another role."""
    place(workspace).accounts().change_role(name, role)
    typer.echo(f"{name} is now {role}.")


@app.command()
def remove(name: Name, workspace: Folder = None) -> None:
    """Remove an account and end its sessions."""
    place(workspace).accounts().remove(name)
    typer.echo(f"The account {name} is removed.")


def _print_link(opened: "Place", name: str, as_json: bool) -> None:
    secret = opened.accounts().link(name, datetime.now(UTC))
    settings = opened.settings
    at = settings.public_url or (opened.running() or {}).get("url") or f"http://{settings.host}:{settings.port}"
    found = f"{at}/set-password?link={secret}"
    if as_json:
        print_json({"name": name, "link": found})
        return
    typer.echo(found)
    typer.echo("Send it to its owner: it sets a password once, within two days.", err=True)
