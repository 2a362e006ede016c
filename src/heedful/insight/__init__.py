"""Questions and their answers: metrics, dimensions, periods, certainty."""
