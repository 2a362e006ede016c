"""`heedful key`: keys for programs that send records or ask questions."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from heedful.cli.options import AsJson, Folder, place, print_json

app = typer.Typer(help="Make, list and revoke API keys.", no_args_is_help=True)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What the key is for; records sent with it have this source.")],
    scope: Annotated[str, typer.Option(help="write: send records; read: ask questions.")] = "write",
    role: Annotated[str, typer.Option(help="What a read key sees: as a viewer, agent or analyst.")] = "analyst",
    days: Annotated[int | None, typer.Option(help="It ends after so many days.", show_default="never")] = None,
    workspace: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Make a key. It is shown once and stored hashed."""
    secret = place(workspace).api_keys().create(name, scope, datetime.now(UTC), role=role, days=days)
    if as_json:
        print_json({"name": name, "scope": scope, "key": secret})
    else:
        typer.echo(secret)
        typer.echo("Keep it now: it is not shown again. Send it as `Authorization: Bearer KEY`.", err=True)


@app.command("list")
def list_keys(workspace: Folder = None, as_json: AsJson = False) -> None:
    """List the keys, never their secrets."""
    found = place(workspace).api_keys().list()
    if as_json:
        print_json([asdict(key) for key in found])
        return
    for key in found:
        typer.echo(f"{key.name}\t{key.scope}\t{key.created_at}")
    if not found:
        typer.echo("There are no keys: `heedful key create NAME` makes one.")


@app.command()
def revoke(name: Annotated[str, typer.Argument(help="The key's name.")], workspace: Folder = None) -> None:
    """End a key; a running server stops taking it within seconds."""
    place(workspace).api_keys().revoke(name)
    typer.echo(f"The key {name!r} is revoked.")
