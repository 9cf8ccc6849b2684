"""Ranvier with its defaults, as a contender."""

from typing import Any, Self

import pandas as pd

import ranvier as rv
from ranvier.contest.pipelines import Setting


class Own:
    """`rv.fit_table`, by the names that the others have."""

    model: Any

    def __init__(self, to: Setting) -> None:
        self.to = to

    def fit(self, frame: pd.DataFrame, y: Any) -> Self:
        """Train."""
        task = "classification" if self.to.classification else "regression"
        self.model = rv.fit_table(
            frame.assign(**{"(target)": y}),
            "(target)",
            task=task,
            seed=self.to.seed,
            n_threads=self.to.threads,
            progress=False,
        )
        return self

    def predict(self, frame: pd.DataFrame) -> Any:
        """Give the labels or numbers of rows."""
        return self.model.predict(frame)

    def predict_proba(self, frame: pd.DataFrame) -> Any:
        """Give the probability of each class."""
        return self.model.predict_proba(frame)
