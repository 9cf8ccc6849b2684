"""Who takes part: Ranvier, its competitors, two published networks, ours of both."""

from collections.abc import Callable
from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd

from ranvier.comparison.competitors import (
    COMPETITORS,
    OWN,
    Competitor,
    ModelSettings,
    maker,
)

RANVIER = OWN.name


class Contender(NamedTuple):
    """One of them: its name, how it is called, the packages whose versions count."""

    name: str
    title: str
    packages: tuple[str, ...]
    make: Callable[[ModelSettings], Any]


def _compared(model: Competitor) -> Contender:
    """Return a model of `rv.compare` as a contender."""

    def make(to: ModelSettings) -> Any:
        return maker(model)(to)

    return Contender(model.name, model.title, (model.distribution,), make)


def _realmlp(to: ModelSettings) -> Any:
    """RealMLP-TD of Holzmüller, Grinsztajn & Steinwart 2024, by its authors."""
    import pytabkit.models.alg_interfaces.nn_interfaces  # seconds, not those of fit
    from pytabkit import RealMLP_TD_Classifier, RealMLP_TD_Regressor

    assert pytabkit.models.alg_interfaces.nn_interfaces
    kind = RealMLP_TD_Classifier if to.classification else RealMLP_TD_Regressor
    return _of_pytabkit(kind, to)


def _tabm(to: ModelSettings) -> Any:
    """TabM of Gorishniy, Kotelnikov & Babenko 2025, with pytabkit's defaults."""
    import pytabkit.models.alg_interfaces.tabm_interface  # seconds, not those of fit
    from pytabkit import TabM_D_Classifier, TabM_D_Regressor

    assert pytabkit.models.alg_interfaces.tabm_interface
    kind = TabM_D_Classifier if to.classification else TabM_D_Regressor
    return _of_pytabkit(kind, to)


class Filled:
    """A model that takes no missing numbers: medians, and a column that marks them."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def fit(self, frame: pd.DataFrame, y: Any) -> Self:
        """Learn the medians, then the model."""
        numbers = frame.select_dtypes("number")
        self.gaps = [name for name in numbers if numbers[name].isna().any()]
        self.medians = numbers.median().fillna(0)
        self.model.fit(self._filled(frame), y)
        return self

    def predict(self, frame: pd.DataFrame) -> Any:
        """Return the labels or numbers of rows."""
        return self.model.predict(self._filled(frame))

    def predict_proba(self, frame: pd.DataFrame) -> Any:
        """Compute the probability of each class."""
        return self.model.predict_proba(self._filled(frame))

    def _filled(self, frame: pd.DataFrame) -> pd.DataFrame:
        marks = {f"{name} is missing": frame[name].isna() for name in self.gaps}
        numbers = frame.fillna(self.medians)
        return numbers.assign(**{k: v.astype(np.float64) for k, v in marks.items()})


def _of_pytabkit(kind: Callable[..., Any], to: ModelSettings) -> Any:
    from ranvier.comparison.pipelines import WithCategories

    model = kind(device="cpu", random_state=to.seed, n_threads=to.n_threads)
    return Filled(WithCategories(model))


def _preset(preset: str) -> Callable[[ModelSettings], Any]:
    """Return a published network as Ranvier has it."""

    def make(to: ModelSettings) -> Any:
        from ranvier.tabular.classifier import TabularClassifier
        from ranvier.tabular.regressor import TabularRegressor

        kind = TabularClassifier if to.classification else TabularRegressor
        return kind(preset=preset, random_state=to.seed, n_threads=to.n_threads)

    return make


# In the order in which they run on a table.
CONTENDERS = (
    *map(_compared, COMPETITORS),
    Contender("realmlp-td", "RealMLP-TD", ("pytabkit", "torch"), _realmlp),
    Contender("tabm-d", "TabM-D", ("pytabkit", "torch"), _tabm),
)
# Each beside what it follows; they run when they are named, and have no rank.
PRESETS = {
    "realmlp-td": Contender(
        "ranvier-realmlp-td",
        "RealMLP-TD by Ranvier",
        ("ranvier",),
        _preset("realmlp-td"),
    ),
    "tabm-d": Contender(
        "ranvier-tabm", "TabM by Ranvier", ("ranvier",), _preset("tabm")
    ),
}
KNOWN = {c.name: c for c in (*CONTENDERS, *PRESETS.values())}
