"""`heedful init`, `heedful serve` and `heedful demo`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from heedful.cli.options import AsJson, Folder, place, print_json

if TYPE_CHECKING:
    from heedful.server.front import Address


def init(
    folder: Annotated[Path, typer.Argument(help="A new folder, or one without a workspace in it.")],
    name: Annotated[str | None, typer.Option(help="Your organisation's name; the folder's if not given.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a workspace.

    It is a folder with heedful.toml, a secret of its own and room for data.
    """
    from heedful.store.place import make

    made = make(folder, name=name)
    if as_json:
        print_json({"workspace": str(made.folder), "settings": str(made.folder / "heedful.toml")})
        return
    typer.echo(f"Made the workspace {made.folder}. Its settings are in {made.folder / 'heedful.toml'}.")
    typer.echo(f"Next: heedful import FILE --workspace {made.folder}, then heedful serve --workspace {made.folder}")


def serve(
    folder: Folder = None,
    host: Annotated[str | None, typer.Option(help="Where to listen; heedful.toml's if not given.")] = None,
    port: Annotated[int | None, typer.Option(help="Which port; 0 for any.")] = None,
) -> None:
    """Serve the pages, until Ctrl-C.

    Answers pages and questions, and takes records in over HTTP.
    """
    from heedful.language.own_folders import plans
    from heedful.server import front

    opened = place(folder)
    settings = opened.settings
    plans(settings.models)
    kept = opened.accounts()
    accounts = kept.any()
    kept.close()
    address = front.Address(host or settings.host, settings.port if port is None else port, front.token())

    def started(at: "Address") -> None:
        typer.echo(f"Heedful serves {opened.folder.resolve()} at {at.url}")
        typer.echo(f"Sign in: {at.sign_in(accounts=accounts)}")

    front.serve(opened, address, started=started)


def demo(
    folder: Annotated[Path, typer.Option("--workspace", help="Where the demo's workspace is kept.")] = Path("demo"),
    port: Annotated[int, typer.Option(help="Which port; 0 for any.")] = 8400,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
    once: Annotated[bool, typer.Option("--once", help="Fill the workspace, read every message, and end.")] = False,
    messages: Annotated[int, typer.Option(help="About how many messages the 90 days hold.")] = 100_000,
) -> None:
    """Show a simulated company.

    90 days of its customers' voice, then live: no network, no account, no sign-in, on this machine only.
    """
    from heedful.cli import showing as show

    opened = show.workspace(folder, messages)
    if once:
        show.fill(opened)
        return
    from heedful.server import front

    def started(at: "Address") -> None:
        typer.echo(f"The demo fills {opened.folder.resolve()} and is at {at.url}")
        if not no_browser:
            show.open_when_ready(at.url)

    with show.feeding(opened):
        front.serve(opened, front.Address("127.0.0.1", port, front.token()), started=started, filling=True)
