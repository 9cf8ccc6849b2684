"""What must be reached on two cores, and whether it was: one table for all sections."""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.report import figure, table


@dataclass(frozen=True)
class Goal:
    """A figure that a section measures, and its limit: a lower one unless `at_most`."""

    key: str
    what: str
    limit: float
    unit: str = "x"
    at_most: bool = False

    def is_met(self, reached: float) -> bool:
        """Tell whether a figure keeps the limit."""
        return reached <= self.limit if self.at_most else reached >= self.limit


def _rate(name: str, limit: float) -> Goal:
    return Goal(
        f"rate {name}", f"{name}: rate relative to NumPy's product", limit, " %"
    )


def _threads(name: str, limit: float) -> Goal:
    return Goal(f"threads {name}", f"{name}: two threads against one", limit)


def _most(key: str, what: str, limit: float, unit: str) -> Goal:
    return Goal(key, what, limit, unit, at_most=True)


GOALS = (
    Goal("scikit-learn", "W1 to W9, geometric mean: against scikit-learn", 10),
    Goal("PyTorch", "W1 to W9, geometric mean: against PyTorch's best", 6),
    Goal("JAX", "W1 to W9, geometric mean: against JAX", 2.5),
    Goal("best peer", "the worst workload: against the best peer", 1.2),
    *(_rate(name, 85) for name in ("W4", "W5", "W6", "W8")),
    _rate("W2", 70),
    _rate("W3", 55),
    _rate("W1", 45),
    *(_threads(name, 1.8) for name in ("W4", "W5", "W6", "W8")),
    _threads("W2", 1.4),
    Goal("threads", "the worst workload: two threads against one", 1),
    _most("neighbour", "the worst under load: time of two threads over one", 1.15, "x"),
    _most("row 20-64-64-1", "one row of 20-64-64-1", 5, " us"),
    _most("row 50-256-256-256-1", "one row of 50-256-256-256-1", 12, " us"),
    Goal("row ONNX", "one row, the worst: against ONNX Runtime", 1),
    Goal("rows rate", "100,000 rows: rate relative to NumPy's product", 85, " %"),
    _most("rows memory", "100,000 rows: memory beyond the outputs", 4, " MB"),
    _most("import", "import ranvier, above Python alone", 150, " ms"),
    Goal("iris", "a first fit on iris, whole process: against scikit-learn", 1),
    _most("memory", "training on MNIST: memory beyond the input", 30, " MB"),
)


def goals_table(reached: Mapping[str, float]) -> str:
    """Write the goals whose figure was measured; empty where none was."""
    rows = [
        [
            goal.what,
            f"{'at most' if goal.at_most else 'at least'} {goal.limit:g}{goal.unit}",
            figure(reached[goal.key], goal.unit),
            "yes" if goal.is_met(reached[goal.key]) else "no",
        ]
        for goal in GOALS
        if goal.key in reached
    ]
    return table(["what", "wanted", "measured", "reached"], rows) if rows else ""
