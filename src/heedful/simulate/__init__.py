"""A company with known truth: what its customers say and do, with incidents planted in it."""

from heedful.simulate.company import COMPANY, brands_toml
from heedful.simulate.stream import history, live, write_truth
from heedful.simulate.truth import Ledger

__all__ = ["COMPANY", "Ledger", "brands_toml", "history", "live", "write_truth"]
