"""Throws changed examples at a parser: each input is made from seed, parser and number, so that each can be made again.

    python tests/fuzz/driver.py --parser redact --inputs 100000 --seed 1
    python tests/fuzz/driver.py --parser redact --seed 1 --first 4711 --inputs 1 --show

A parser may answer or refuse with an error of ours. It fails by any other error, by ending the process, by taking
longer than a second and 20 microseconds a byte (of the processor, so that a busy machine does not matter), or by
holding more memory than 300 MB and 1000 times the input.
"""
# ruff: noqa: T201

import argparse
import json
import mmap
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from fuzz.mutations import mutated
from fuzz.parsers import PARSERS, Parser

PATIENCE, A_BYTE = 1.0, 20e-6
"""Seconds of the processor an input may take, and how many more for each of its bytes."""
HANG = 60
"""Seconds after which an input counts as one that never ends."""
MEMORY, TIMES = 300_000_000, 1_000
"""Bytes that an input may make the process grow by, and how many for each of its own."""
WARM = 200
"""Inputs before the memory is looked at: modules are loaded and caches filled."""
MOST_FINDINGS = 20


@dataclass(frozen=True)
class Finding:
    """An input that a parser does not stand, and how it failed."""

    parser: str
    seed: int
    number: int
    size: int
    what: str


def made(name: str, parser: Parser, seed: int, number: int) -> bytes:
    """The input of a number."""
    draw = Random(f"{name} {seed} {number}")
    return mutated(draw.choice(parser.examples), draw, parser.examples, longest=parser.longest)


def failures(name: str, seed: int, first: int, inputs: int, tell: mmap.mmap) -> Iterator[Finding]:
    """Run inputs in this process; `tell` gets the number of each before it runs."""
    parser = PARSERS[name]
    run = parser.start()
    high = 0
    for number in range(first, first + inputs):
        body = made(name, parser, seed, number)
        tell[:8] = number.to_bytes(8, "little")
        signal.setitimer(signal.ITIMER_REAL, HANG)
        began, what = time.process_time(), ""
        try:
            run(body, Random(number))
        except (Exception, RecursionError) as error:  # noqa: BLE001 - any error is what is looked for
            place = traceback.extract_tb(error.__traceback__)[-1]
            what = f"{type(error).__name__}: {str(error)[:200]} at {Path(place.filename).name}:{place.lineno}"
        took = time.process_time() - began
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        if not what and took > PATIENCE + A_BYTE * len(body):
            what = f"slow: {took:.1f} s for {len(body)} bytes"
        if not what and number > first + WARM and grown - high > MEMORY + TIMES * len(body):
            what = f"memory: {(grown - high) / 1e6:.0f} MB for {len(body)} bytes"
        high = max(high, grown)
        if what:
            yield Finding(name, seed, number, len(body), what)
    signal.setitimer(signal.ITIMER_REAL, 0)


def fuzz(name: str, *, seed: int, inputs: int, first: int = 0, seconds: float = 1e9) -> tuple[int, list[Finding]]:
    """How many inputs ran, and what failed; a process of its own runs them, since one may end it."""
    tell, last, until = mmap.mmap(-1, 8), first + inputs, time.monotonic() + seconds
    found: list[Finding] = []
    at = first
    while at < last and len(found) < MOST_FINDINGS and time.monotonic() < until:
        some = min(last - at, 50_000)
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.close(reading)
            with os.fdopen(writing, "w") as out:
                _child(name, seed, at, some, tell, out, until)
        os.close(writing)
        with os.fdopen(reading) as lines:
            told = [json.loads(line) for line in lines]
        _, status = os.waitpid(child, 0)
        kinds = {one.what.partition(":")[0] + one.what.rpartition(" at ")[2] for one in found}
        for one in (Finding(**line) for line in told):
            if (kind := one.what.partition(":")[0] + one.what.rpartition(" at ")[2]) not in kinds:
                kinds.add(kind)
                found.append(one)
        number = int.from_bytes(tell[:8], "little")
        if os.WIFSIGNALED(status) or os.WEXITSTATUS(status):
            ended = f"ended by signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else "ended the process"
            found.append(Finding(name, seed, number, len(made(name, PARSERS[name], seed, number)), ended))
        at = number + 1
    return at - first, found


def _child(name: str, seed: int, first: int, inputs: int, tell: mmap.mmap, out: object, until: float) -> None:
    status = 1
    try:
        count = 0
        step = 200
        while count < inputs and time.monotonic() < until:
            for one in failures(name, seed, first + count, min(step, inputs - count), tell):
                print(json.dumps(asdict(one)), file=out, flush=True)  # type: ignore[call-overload]
            count += step
        status = 0
    except BaseException:  # noqa: BLE001 - whatever it is, the process that waits must learn of it
        traceback.print_exc()
    finally:
        out.flush()  # type: ignore[attr-defined]
        os._exit(status)


def main() -> None:
    """Run the parsers named, or all."""
    wanted = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted.add_argument("--parser", action="append", choices=sorted(PARSERS), help="all if not given")
    wanted.add_argument("--inputs", type=int, default=10_000)
    wanted.add_argument("--seed", type=int, default=1)
    wanted.add_argument("--first", type=int, default=0, help="number of the first input")
    wanted.add_argument("--seconds", type=float, default=1e9, help="end a parser after so many")
    wanted.add_argument("--show", action="store_true", help="print the inputs, and run them with their errors")
    wanted.add_argument("--out", type=Path, help="add how many ran to this file of JSON lines")
    asked = wanted.parse_args()
    for name in asked.parser or sorted(PARSERS):
        if asked.show:
            for number in range(asked.first, asked.first + asked.inputs):
                body = made(name, PARSERS[name], asked.seed, number)
                print(number, len(body), body[:2000])
                PARSERS[name].start()(body, Random(number))
            continue
        began = time.monotonic()
        ran, found = fuzz(name, seed=asked.seed, inputs=asked.inputs, first=asked.first, seconds=asked.seconds)
        told = {"parser": name, "seed": asked.seed, "first": asked.first, "inputs": ran, "findings": len(found)}
        told |= {"seconds": round(time.monotonic() - began), "date": time.strftime("%Y-%m-%d", time.gmtime())}
        print(json.dumps(told), flush=True)
        for one in found:
            print(" ", json.dumps(asdict(one)), flush=True)
        if asked.out:
            with asked.out.open("a") as file:
                file.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
