"""Ranvier's own models, by the door that the others have."""

from __future__ import annotations

from typing import Any

from ranvier.contest.setting import Setting
from ranvier.tabular.classifier import TabularClassifier
from ranvier.tabular.regressor import TabularRegressor


def tabular(to: Setting) -> Any:
    """Give the classifier or the regressor for tables, with nothing set."""
    kind = TabularClassifier if to.classification else TabularRegressor
    return kind(random_state=to.seed, n_threads=to.threads)
