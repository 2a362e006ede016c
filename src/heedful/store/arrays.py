"""Columns of numbers as NumPy arrays that may be sorted in place."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def own(column: pa.ChunkedArray) -> NDArray[Any]:
    """A column without nulls as one array of its own type, which shares nothing with the column."""
    nothing = np.empty(0, column.type.to_pandas_dtype())
    return np.concatenate([nothing, *(chunk.to_numpy() for chunk in column.chunks)])
