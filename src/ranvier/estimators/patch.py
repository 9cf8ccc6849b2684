"""Ranvier's estimators under scikit-learn's names, for code that cannot be edited."""

import sys
from typing import Any

from ranvier.estimators.classifier import MLPClassifier
from ranvier.estimators.regressor import MLPRegressor

# The class of scikit-learn's that each of ours stands for.
_STANDS_FOR: dict[str, tuple[Any, Any]] = {
    ours.__name__: (ours.__bases__[1], ours) for ours in (MLPClassifier, MLPRegressor)
}


def patch_sklearn() -> None:
    """Put Ranvier's MLPClassifier and MLPRegressor in the place of scikit-learn's.

    Both ``from sklearn.neural_network import MLPClassifier`` from now on and the names
    that modules have imported already stand for Ranvier's then. Models that exist stay
    what they are; models pickled from scikit-learn's classes load as Ranvier's.

    Examples
    --------
    >>> import ranvier as rv
    >>> rv.patch_sklearn()
    >>> from sklearn.neural_network import MLPClassifier
    >>> MLPClassifier.__module__
    'ranvier.estimators.classifier'
    >>> rv.unpatch_sklearn()
    """
    for name, (theirs, ours) in _STANDS_FOR.items():
        _replace(name, theirs, ours)


def unpatch_sklearn() -> None:
    """Undo `patch_sklearn`.

    Examples
    --------
    >>> import ranvier as rv
    >>> rv.unpatch_sklearn()
    """
    for name, (theirs, ours) in _STANDS_FOR.items():
        _replace(name, ours, theirs)


def _replace(name: str, old: Any, new: Any) -> None:
    """Replace a class in every module that holds it under its name, but in our own."""
    for place, module in list(sys.modules.items()):
        own = place.partition(".")[0] == "ranvier"
        if not own and getattr(module, "__dict__", {}).get(name) is old:
            setattr(module, name, new)
