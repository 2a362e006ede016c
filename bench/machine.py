"""What every benchmark saves beside its figures: the machine, the date, and the versions."""

import json
import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("duckdb", "pyarrow", "narwhals", "starlette", "uvicorn", "msgspec", "onnxruntime", "tokenizers")


def about() -> dict[str, Any]:
    """The machine and the versions that were measured."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "cpu": model,
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "load_at_start": os.getloadavg()[0],
    }


def save(name: str, figures: dict[str, Any]) -> Path:
    """Write bench/results/NAME.json; figures of an earlier run that this one did not measure are kept."""
    path = RESULTS / f"{name}.json"
    RESULTS.mkdir(exist_ok=True)
    before = json.loads(path.read_text()).get("figures", {}) if path.exists() else {}
    measured = {key: {**value, "measured": about()} for key, value in figures.items()}
    path.write_text(json.dumps({"figures": {**before, **measured}}, indent=1) + "\n")
    print(json.dumps(figures, indent=1))
    return path


def quantile(values: list[float], part: float) -> float:
    """The value below which `part` of the values lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
