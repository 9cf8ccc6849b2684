"""The models to compare: their names, and where each comes from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NamedTuple

from ranvier.checks import checked_list
from ranvier.messages import choose


class ModelSettings(NamedTuple):
    """What a compared model is made for.

    Attributes
    ----------
    classification
        Whether it predicts classes; otherwise numbers.
    seed
        Of its random numbers.
    n_threads
        The threads that it may use.
    time_ordered
        Whether the rows are in order of time.
    """

    classification: bool
    seed: int
    n_threads: int
    time_ordered: bool = False


class Competitor(NamedTuple):
    """A model by its name.

    ``distribution`` is what to install for it. ``maker`` is the function of ``module``
    that makes one for some `ModelSettings`.
    """

    name: str
    title: str
    distribution: str
    maker: str
    module: str = "ranvier.comparison.pipelines"

    @property
    def version(self) -> str | None:
        """The version installed; None where it is not."""
        try:
            return version(self.distribution)
        except PackageNotFoundError:
            return None


OWN = Competitor("ranvier", "Ranvier", "ranvier", "ranvier")
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
    """Return the models of some names, each once; None: all that are installed.

    Raises
    ------
    ValueError
        A name is unknown, or no name is given.
    ImportError
        A named model is not installed.
    """
    if names is None:
        return tuple(model for model in COMPETITORS if model.version is not None)
    known = {model.name: model for model in COMPETITORS}
    names = [str(name) for name in checked_list("models", names, "names of models")]
    for name in names:
        if name not in known:
            raise ValueError(
                f"models: there is no model {name!r}: "
                f"{choose(name, known, 'models')} All of them: {', '.join(known)}"
            )
        if known[name].version is None:
            raise ImportError(
                f"the model {name!r} is not installed: run "
                f"pip install {known[name].distribution}, or leave it out"
            )
    if not names:
        raise ValueError(f"models names none: choose from {', '.join(known)}")
    return tuple(known[name] for name in dict.fromkeys(names))


def maker(model: Competitor) -> Callable[[ModelSettings], Any]:
    """Return the function that makes a model.

    Raises
    ------
    ImportError
        scikit-learn or pandas is not installed.
    """
    try:
        module = import_module(model.module)
    except ImportError as missing:
        package = str(missing.name).partition(".")[0].replace("sklearn", "scikit-learn")
        raise ImportError(
            f"comparing models needs {package}, which is not installed: run "
            f"pip install {package}"
        ) from None
    made: Callable[[ModelSettings], Any] = getattr(module, model.maker)
    return made
