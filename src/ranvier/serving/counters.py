"""What the server has done, in the text format of Prometheus."""

from __future__ import annotations

from collections import Counter
from typing import Final

SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


class Counters:
    """Requests by status, rows, batches, and how long predictions took."""

    def __init__(self) -> None:
        self.requests: Counter[int] = Counter()
        self.rows = 0
        self.batches = 0
        self.seconds_sum = 0.0
        self._buckets = [0] * len(SECONDS)

    def batch(self, rows: int) -> None:
        """Count a batch of rows."""
        self.batches += 1
        self.rows += rows

    def request(self, status: int, seconds: float) -> None:
        """Count a request for predictions."""
        self.requests[status] += 1
        self.seconds_sum += seconds
        for place, limit in enumerate(SECONDS):
            self._buckets[place] += seconds <= limit

    def text(self) -> str:
        """Write them as Prometheus reads them."""
        lines = [
            "# HELP ranvier_requests_total Requests for predictions, by status.",
            "# TYPE ranvier_requests_total counter",
        ]
        for status, count in sorted(self.requests.items()):
            lines.append(f'ranvier_requests_total{{status="{status}"}} {count}')
        for name, text, value in (
            ("rows", "Rows predicted.", self.rows),
            ("batches", "Batches of rows computed at once.", self.batches),
        ):
            lines += [f"# HELP ranvier_{name}_total {text}",
                      f"# TYPE ranvier_{name}_total counter",
                      f"ranvier_{name}_total {value}"]  # fmt: skip
        name, count = "ranvier_request_seconds", sum(self.requests.values())
        lines += [f"# HELP {name} Seconds from a request to its response.",
                  f"# TYPE {name} histogram"]  # fmt: skip
        for limit, below in zip(SECONDS, self._buckets, strict=True):
            lines.append(f'{name}_bucket{{le="{limit}"}} {below}')
        lines += [f'{name}_bucket{{le="+Inf"}} {count}',
                  f"{name}_sum {self.seconds_sum:.6f}",
                  f"{name}_count {count}"]  # fmt: skip
        return "\n".join(lines) + "\n"
