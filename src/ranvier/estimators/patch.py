"""Ranvier's estimators under scikit-learn's names, for code that cannot be edited."""

import sys
from collections.abc import Iterator
from typing import Any

from ranvier.estimators.classifier import MLPClassifier
from ranvier.estimators.regressor import MLPRegressor

# Each of our classes by its name, and the class of scikit-learn that it replaces.
_OURS: dict[str, Any] = {ours.__name__: ours for ours in (MLPClassifier, MLPRegressor)}
_THEIRS: dict[str, Any] = {name: ours.__bases__[1] for name, ours in _OURS.items()}

# What was changed: (module, attribute) that held a class of scikit-learn's, and those
# that held one of ours before, which are not scikit-learn's to get back.
_replaced: list[tuple[Any, str]] = []
_own: set[tuple[int, str]] = set()


def patch_sklearn() -> None:
    """Put Ranvier's MLPClassifier and MLPRegressor in the place of scikit-learn's.

    From now on ``from sklearn.neural_network import MLPClassifier`` imports Ranvier's
    class, and names that modules have imported before, also with ``as``, refer to it.
    Models that exist stay what they are, and can still be pickled, copied, and sent to
    worker processes. Models that were pickled before load as Ranvier's.

    Examples
    --------
    >>> import ranvier as rv
    >>> rv.patch_sklearn()
    >>> from sklearn.neural_network import MLPClassifier
    >>> MLPClassifier.__module__
    'ranvier.estimators.classifier'
    >>> rv.unpatch_sklearn()
    """
    for name, ours in _OURS.items():
        theirs = _THEIRS[name]
        _own.update((id(module), key) for module, key in _holders(ours))
        for module, key in _holders(theirs):
            setattr(module, key, ours)
            _replaced.append((module, key))
        # Pickle looks a class up by its name, where it finds ours now.
        theirs.__reduce_ex__ = _reduce
    _own.difference_update((id(module), key) for module, key in _replaced)


def unpatch_sklearn() -> None:
    """Undo `patch_sklearn`.

    Examples
    --------
    >>> import ranvier as rv
    >>> rv.unpatch_sklearn()
    """
    for name, ours in _OURS.items():
        theirs = _THEIRS[name]
        replaced = [(m, key) for m, key in _replaced if getattr(m, key, None) is ours]
        imported = [
            (m, key)
            for m, key in _holders(ours)
            if key == name and (id(m), key) not in _own
        ]
        for module, key in replaced + imported:
            setattr(module, key, theirs)
        if "__reduce_ex__" in vars(theirs):
            del theirs.__reduce_ex__
    _replaced.clear()
    _own.clear()


def _holders(kind: Any) -> Iterator[tuple[Any, str]]:
    """Find the names under which modules, other than our own, hold a class."""
    for place, module in list(sys.modules.items()):
        if place.partition(".")[0] != "ranvier":
            held = dict(getattr(module, "__dict__", {}))
            yield from ((module, key) for key, value in held.items() if value is kind)


def _reduce(model: Any, protocol: int) -> Any:
    """Pickle a model of scikit-learn's class while its name refers to ours."""
    reduced: Any = object.__reduce_ex__(model, protocol)
    name = type(model).__name__
    if type(model) is not _THEIRS.get(name):  # a subclass, which has its own name
        return reduced
    return _new_of_theirs, (name,), *reduced[2:]


def _new_of_theirs(name: str) -> Any:
    """Make an empty model of scikit-learn's class, patched or not."""
    kind = _THEIRS[name]
    return object.__new__(kind)
