"""`heedful read`: what texts say, of a file or of a workspace, and what a new model changed."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from heedful.cli.options import AsJson, Folder, print_json, settings, workspace
from heedful.cli.progress import rows_read
from heedful.errors import BadSettings

if TYPE_CHECKING:
    from heedful.language.changes import Changes


def read(
    file: Annotated[
        str | None, typer.Argument(help="A CSV, JSON Lines or Parquet file, or - for standard input.")
    ] = None,
    text: Annotated[str | None, typer.Option(help="The column to read.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where to write; standard output if not given.")] = None,
    language: Annotated[str | None, typer.Option(help="The texts' language code, instead of recognising it.")] = None,
    taught: Annotated[
        list[Path] | None, typer.Option("--with", help="A folder of `heedful teach`, to add its columns; repeat it.")
    ] = None,
    changes: Annotated[
        bool, typer.Option("--changes", help="Say what the newest reading changed in the workspace; read nothing.")
    ] = False,
    as_json: AsJson = False,
    folder: Folder = None,
) -> None:
    """Read texts with the annotators.

    Of a file: language, sentiment, emotions and more become new columns, and your own categories with --with. Without
    FILE: what a workspace has not read yet, or read with an earlier version; it goes on where it was stopped, and then
    sorts the messages into topics.
    """
    _refuse(
        file,
        of_file={"--text": text, "--out": out, "--language": language, "--with": taught},
        of_workspace={"--changes": changes, "--json": as_json},
    )
    if file is not None:
        from heedful.cli.teaching import loaded
        from heedful.language.table import read_file

        known = loaded(taught or [])
        told, source = settings(folder), None if file == "-" else Path(file)
        default, own = told.language, told.models
        with rows_read() as progress:
            read_file(
                source,
                text=text,
                out=out,
                language=language,
                default=default,
                own=own,
                taught=known,
                progress=progress,
            )
        return
    from heedful.catalogue.renewal import keep
    from heedful.catalogue.topic import catalogue
    from heedful.language import annotate, many
    from heedful.language.unread import read_all, unread

    opened = workspace(folder)
    told = opened.place.settings
    version = annotate.version(own=told.models)
    with opened.store() as store:
        if changes:
            from heedful.language.changes import changes as found

            _show(found(store, version, smallest=told.smallest_group), as_json=as_json)
            return
        waiting = unread(store, version)
        typer.echo(f"{len(waiting):,} message(s) to read with {version}", err=True)
        with typer.progressbar(length=len(waiting), label="Reading") as bar:
            reader = partial(many.read_as, version=version, default=told.language, own=told.models)
            read_all(store, waiting, version, reader, bar.update, most=1000)
        typer.echo("Sorting messages into topics", err=True)
        while keep(store):
            pass
        typer.echo(f"{len(list(catalogue(store.topics.defined()))):,} topic(s)", err=True)


def _refuse(file: str | None, *, of_file: Mapping[str, object], of_workspace: Mapping[str, object]) -> None:
    """BadSettings where an option would be ignored."""
    if file is not None and (given := [name for name, value in of_workspace.items() if value]):
        raise BadSettings(f"{given[0]} is for the messages of a workspace; leave {file} out, or {given[0]}")
    if file is None and (given := [name for name, value in of_file.items() if value]):
        raise BadSettings(f"{given[0]} is for a FILE; name one, or - for standard input")


def _show(found: "Changes", *, as_json: bool) -> None:
    if as_json:
        moved = [{"was": was, "is": now, "messages": count} for (was, now), count in found.moved.items()]
        by = {
            name: [{name: value, "changed": changed, "messages": of} for value, (changed, of) in counts.items()]
            for name, counts in (("channel", found.by_channel), ("language", found.by_language))
        }
        told = {"before": list(found.before), "now": found.now, "as_of": found.as_of, "messages": found.messages}
        sets = [
            dict(zip(("category", "was", "is", "kept"), (name, *c), strict=True))
            for name, c in found.categories.items()
        ]
        print_json({**told, "changed": found.changed, "moved": moved, "by": by, "categories": sets})
        return
    typer.echo(f"was:  {', '.join(found.before)}\nis:   {found.now}")
    share = 100 * found.changed / found.messages
    typer.echo(f"{found.changed:,} of {found.messages:,} messages ({share:.1f}%) changed their sentiment:")
    for (was, now), count in found.moved.items():
        if was != now:
            typer.echo(f"  {was or 'not read':<9} -> {now or 'not read':<9} {count:>9,}")
    for name, counts in (("channel", found.by_channel), ("language", found.by_language)):
        parts = [f"{value or 'none'} {100 * part / of:.1f}% of {of:,}" for value, (part, of) in counts.items()]
        typer.echo(f"by {name}: {', '.join(parts[:12])}")
    for name, (was_of, is_of, kept) in found.categories.items():
        typer.echo(f"  {name}: {was_of:,} -> {is_of:,}, {kept:,} of them the same")
    typer.echo(f"as_of={found.as_of} in the address of evidence shows it as it was read before.")
