"""The models that are compared: their names, and where each comes from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NamedTuple

from ranvier.contest.setting import Setting
from ranvier.messages import choose


class Competitor(NamedTuple):
    """A model by its name.

    ``distribution`` is what to install for it; ``module`` and ``maker``, the function
    that makes one for a `Setting`.
    """

    name: str
    title: str
    distribution: str
    maker: str
    module: str = "ranvier.contest.pipelines"

    @property
    def version(self) -> str | None:
        """The version installed; None where it is not."""
        try:
            return version(self.distribution)
        except PackageNotFoundError:
            return None


OWN = Competitor("ranvier", "Ranvier", "ranvier", "tabular", "ranvier.contest.own")
COMPETITORS = (
    OWN,
    Competitor("linear", "linear model", "scikit-learn", "linear"),
    Competitor("svm", "RBF-SVM", "scikit-learn", "svm"),
    Competitor("mlp", "scikit-learn MLP", "scikit-learn", "mlp"),
    Competitor("forest", "random forest", "scikit-learn", "random_forest"),
    Competitor("histgb", "histGB", "scikit-learn", "hist_gradient_boosting"),
    Competitor("lightgbm", "LightGBM", "lightgbm", "lightgbm"),
    Competitor("xgboost", "XGBoost", "xgboost", "xgboost"),
    Competitor("catboost", "CatBoost", "catboost", "catboost"),
)


def chosen(names: Sequence[str] | None) -> tuple[Competitor, ...]:
    """Give the models of some names, each once; None: all that are installed.

    Raises
    ------
    ValueError
        There is none of a name, or no name is given.
    ImportError
        One that was named is not installed.
    """
    if names is None:
        return tuple(model for model in COMPETITORS if model.version is not None)
    known = {model.name: model for model in COMPETITORS}
    for name in names:
        if name not in known:
            raise ValueError(
                f"there is no model {name!r}: {choose(name, known, 'models')} All of "
                f"them: {', '.join(known)}"
            )
        if known[name].version is None:
            raise ImportError(
                f"the model {name!r} is not installed: run "
                f"pip install {known[name].distribution}, or leave it out"
            )
    if not names:
        raise ValueError(f"no model is named: choose from {', '.join(known)}")
    return tuple(known[name] for name in dict.fromkeys(names))


def maker(model: Competitor) -> Callable[[Setting], Any]:
    """Give the function that makes a model.

    Raises
    ------
    ImportError
        What all models stand on is not installed.
    """
    try:
        module = import_module(model.module)
    except ImportError as missing:
        package = str(missing.name).partition(".")[0].replace("sklearn", "scikit-learn")
        raise ImportError(
            f"comparing models needs {package}, which is not installed: run "
            f"pip install {package}"
        ) from None
    made: Callable[[Setting], Any] = getattr(module, model.maker)
    return made
