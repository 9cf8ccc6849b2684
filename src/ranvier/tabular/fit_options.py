"""How networks for a table are fitted: for the command and the estimators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from ranvier.checks import (
    checked_bool,
    checked_float,
    checked_int,
    checked_list,
    checked_size,
)
from ranvier.tabular.hyperparameters import Hyperparameters, choose_hyperparameters
from ranvier.tabular.presets import preset_hyperparameters


@dataclass(frozen=True)
class FitOptions:
    """Options of a fit.

    Parameters
    ----------
    effort
        ``"fast"``, ``"default"`` or ``"best"``: how many networks, and how long.
    preset
        A published network instead: ``"realmlp-td"`` or ``"tabm"``.
    hidden, epochs
        Units of each hidden layer, and passes over the rows, instead of those chosen
        for the number of rows.
    time_limit
        Seconds within which the fit ends; None: no limit.
    categories
        Columns that hold categories though their values are numbers.
    numbers
        Columns that are numbers alone, and no codes, whatever the data say.
    validation
        Fraction of the rows that each network holds out; None: a fold of its own.
    time_ordered
        Whether the rows are in order of time: then the last ones are held out.
    """

    effort: str = "default"
    preset: str | None = None
    hidden: Sequence[int] | None = None
    epochs: int | None = None
    time_limit: float | None = None
    categories: Sequence[str] = ()
    numbers: Sequence[str] = ()
    validation: float | None = None
    time_ordered: bool = False

    def __post_init__(self) -> None:
        """Check the options; NumPy's numbers and lists become Python's and tuples."""

        def keep(name: str, value: object) -> None:
            object.__setattr__(self, name, value)

        if self.hidden is not None:
            sizes = checked_list("hidden", self.hidden, "units of each hidden layer")
            keep("hidden", tuple(checked_size("hidden", size) for size in sizes))
        if self.epochs is not None:
            keep("epochs", checked_int("epochs", self.epochs, 1, example=50))
        for name in ("categories", "numbers"):
            names = checked_list(name, getattr(self, name), "names of columns")
            keep(name, tuple(map(str, names)))
        if self.validation is not None:
            fraction = checked_float("validation", self.validation, example=0.2)
            if not 0 < fraction < 1:
                raise ValueError(
                    f"validation must be a fraction in (0, 1), but got "
                    f"{self.validation!r}: give for example 0.2"
                )
            keep("validation", fraction)
        keep("time_ordered", checked_bool("time_ordered", self.time_ordered))

    def hyperparameters(self, rows: int, *, classification: bool) -> Hyperparameters:
        """Choose how networks for so many rows are built and trained."""
        if self.preset is None:
            chosen = choose_hyperparameters(
                rows, self.effort, classification=classification
            )
        elif self.effort != "default":
            raise ValueError(
                f"effort={self.effort!r} was given with preset={self.preset!r}, which "
                "says by itself how long it trains: leave one of them out"
            )
        else:
            chosen = preset_hyperparameters(
                self.preset, rows, classification=classification
            )
        own = {"hidden": self.hidden, "epochs": self.epochs}
        given: dict[str, Any] = {k: v for k, v in own.items() if v is not None}
        return replace(chosen, **given)

    def describe(self) -> dict[str, Any]:
        """Describe the options as plain JSON."""
        return asdict(self)

    @classmethod
    def read(cls, value: dict[str, Any]) -> FitOptions:
        """Rebuild options from what `describe` returned."""
        hidden = value["hidden"]
        return cls(
            **value
            | {
                "hidden": None if hidden is None else tuple(hidden),
                "categories": tuple(value["categories"]),
                "numbers": tuple(value.get("numbers", ())),
            }
        )


def member_seed(random_state: Any, name: str = "random_state") -> int:
    """Draw the seed of the first network from a seed, a generator, or None.

    The next networks have the next seeds. What an estimator draws with
    ``random_state=0``, `fit_table` and the command draw with ``seed=0``.
    """
    from sklearn.utils import check_random_state

    try:
        generator = check_random_state(random_state)
    except (TypeError, ValueError):
        raise ValueError(
            f"{name} must be a whole number from 0 to 2^32 - 1, a generator of NumPy, "
            f"or None, but got {random_state!r}: give for example 0"
        ) from None
    return int(generator.randint(np.iinfo(np.int32).max))


def plain_parameters(parameters: dict[str, Any]) -> dict[str, Any]:
    """Keep the parameters that JSON can hold; others go back to their defaults."""
    simple = (str, int, float, bool, type(None))
    kept: dict[str, Any] = {
        name: v for name, v in parameters.items() if isinstance(v, simple)
    }
    for name, kind in (("categories", str), ("numbers", str), ("hidden", int)):
        if (given := parameters[name]) is not None:
            kept[name] = list(map(kind, given))
    # The folder of runs on one machine is nothing for another.
    return kept | {"run": None}


def plain_seed(random_state: Any) -> int | None:
    """Return a seed that is a number from 0; None for a generator."""
    whole = isinstance(random_state, int | np.integer)
    return int(random_state) if whole and random_state >= 0 else None
