"""The models that Ranvier is compared with: their names, and where each comes from."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple


class Competitor(NamedTuple):
    """A model by its name.

    ``maker`` is its function in `ranvier.contest.pipelines`; ``distribution``, what to
    install for it.
    """

    name: str
    title: str
    distribution: str
    maker: str

    @property
    def version(self) -> str | None:
        """The version installed; None where it is not."""
        try:
            return version(self.distribution)
        except PackageNotFoundError:
            return None


COMPETITORS = (
    Competitor("linear", "linear model", "scikit-learn", "linear"),
    Competitor("svm", "RBF-SVM", "scikit-learn", "svm"),
    Competitor("mlp", "scikit-learn's MLP", "scikit-learn", "mlp"),
    Competitor("forest", "random forest", "scikit-learn", "random_forest"),
    Competitor("histgb", "histGB", "scikit-learn", "hist_gradient_boosting"),
    Competitor("lightgbm", "LightGBM", "lightgbm", "lightgbm"),
    Competitor("xgboost", "XGBoost", "xgboost", "xgboost"),
    Competitor("catboost", "CatBoost", "catboost", "catboost"),
)
