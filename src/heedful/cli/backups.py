"""`heedful backup` and `heedful restore`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from heedful.cli.options import AsJson, Folder, print_json, workspace

if TYPE_CHECKING:
    from heedful.store.backup.archive import Manifest

File = Annotated[Path, typer.Argument(help="A backup file.")]


def backup(
    into: Annotated[Path, typer.Argument(help="A new file, or a folder in which one is made.")],
    without_secret: Annotated[
        bool, typer.Option("--without-secret", help="Leave the secret out: keep it elsewhere.")
    ] = False,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Back the whole workspace up, also while its server runs.

    The file holds everything, personal data and, unless left out, the secret: keep it as safe as the workspace.
    """
    from datetime import UTC, datetime

    from heedful.errors import BadSettings
    from heedful.store.backup.archive import OUT, write

    opened = workspace(folder)
    if not into.is_dir() and not into.parent.is_dir():
        raise BadSettings(f"there is no folder {into.parent}: make it first")
    now = datetime.now(UTC)
    name = f"heedful-{now:%Y%m%dT%H%M%SZ}.tar"
    file = into / name if into.is_dir() else into
    with opened.snapshot() as copied:
        made = write(opened.place, copied, file, secret=not without_secret, now=now)
    if as_json:
        print_json({"backup": str(file), **_told(made)})
        return
    typer.echo(f"{file}: {len(made.parts)} files, {made.bytes:,} bytes, {_rows(made):,} rows")
    if made.secret == OUT or made.secret.startswith("env:"):
        typer.echo("The secret is not in it, and nothing can be read without: keep it elsewhere.", err=True)
    for model in made.outside:
        typer.echo(f"The model folder {model} is outside the workspace and not in it.", err=True)


def restore(
    file: File,
    into: Annotated[Path | None, typer.Argument(help="A new or empty folder.", metavar="DIR")] = None,
    check: Annotated[bool, typer.Option("--check", help="Verify the backup, and write nothing.")] = False,
    erased: Annotated[
        Path | None,
        typer.Option("--erased", help="A workspace, or its erasures.db, that knows who was erased since."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a workspace of a backup.

    Every checksum is verified before anything is written, and every row counted after.
    """
    from heedful.errors import BadSettings
    from heedful.store.backup import restore as backups
    from heedful.store.backup.archive import IN

    if check == (into is not None):
        raise BadSettings("name a folder to restore into, or --check")
    made = backups.check(file) if into is None else backups.restore(file, into)
    again = _erase_again(into, erased) if into and erased else None
    if as_json:
        print_json({"backup": str(file), "workspace": into and str(into), "erased_again": again, **_told(made)})
        return
    typer.echo(
        f"{file} of {made.made_at} is whole: {len(made.parts)} files, {made.bytes:,} bytes, {_rows(made):,} rows"
    )
    if into is not None:
        typer.echo(f"Restored into {into}. Next: heedful serve --workspace {into}")
        typer.echo("Accounts and keys are those of the backup: revoke again what was revoked since.", err=True)
        if again is not None:
            typer.echo(f"{again} people who were erased since the backup are erased from it too.")
        else:
            typer.echo("Who was erased since the backup is in it again: restore with --erased WORKSPACE.", err=True)
    if made.secret != IN:
        typer.echo(f"The secret is not in it ({made.secret}): put it where heedful.toml says.", err=True)
    for model in made.outside:
        typer.echo(f"The model folder {model} is not in it: put it there again.", err=True)


def _erase_again(into: Path, erased: Path) -> int:
    """Take over who was erased in another workspace since, and erase them here; how many there were."""
    from datetime import UTC, datetime

    from heedful.errors import BadSettings
    from heedful.intake.forget import reapply
    from heedful.store.place import Place

    known = erased if erased.is_file() else erased / "data" / "erasures.db"
    if not known.is_file():
        raise BadSettings(f"{erased} is no workspace in which somebody was erased: it has no {known}")
    place = Place.at(into)
    erasures = place.erasures()
    erasures.take_over(known)
    erasures.close()
    receipt = reapply(place, datetime.now(UTC))
    return receipt.people if receipt else 0


def _told(made: "Manifest") -> dict[str, object]:
    return {
        "made_at": made.made_at,
        "version": made.version,
        "schema": made.schema,
        "secret": made.secret,
        "outside": made.outside,
        "bytes": made.bytes,
        "rows": made.rows,
    }


def _rows(made: "Manifest") -> int:
    return sum(count for tables in made.rows.values() for count in tables.values())
