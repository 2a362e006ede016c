"""The command line: `heedful --help`."""

import sys

from heedful.errors import BadRecord, BadSettings, HeedfulError, NotFound


def main() -> None:
    """Run a command; exit 0 when it worked, 1 when it failed, 2 when it was used wrongly."""
    from heedful.cli.commands import app

    try:
        app(prog_name="heedful")
    except (BadSettings, NotFound, BadRecord) as error:
        _say(error)
        raise SystemExit(2) from None
    except HeedfulError as error:
        _say(error)
        raise SystemExit(1) from None
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(0) from None


def _say(error: HeedfulError) -> None:
    sys.stderr.write(f"heedful: {error}\n")
