import copy
import pickle
import sys
from collections.abc import Iterator
from types import ModuleType

import numpy as np
import pytest
from sklearn import neural_network
from sklearn.model_selection import GridSearchCV, cross_val_score

import ranvier as rv
from tables import two_classes

THEIRS = {
    "MLPClassifier": neural_network.MLPClassifier,
    "MLPRegressor": neural_network.MLPRegressor,
}


@pytest.fixture(autouse=True)
def _unpatched() -> Iterator[None]:
    yield
    rv.unpatch_sklearn()


@pytest.mark.parametrize("name", THEIRS)
def test_there_and_back(name: str) -> None:
    module = ModuleType("someone")
    setattr(module, name, THEIRS[name])
    sys.modules["someone"] = module
    try:
        for _ in range(2):  # patching twice is patching once
            rv.patch_sklearn()
            assert getattr(neural_network, name) is getattr(rv, name)
            assert getattr(module, name) is getattr(rv, name)
            private = sys.modules["sklearn.neural_network._multilayer_perceptron"]
            assert getattr(private, name) is getattr(rv, name)
        assert issubclass(getattr(rv, name), THEIRS[name])
        rv.unpatch_sklearn()
        assert getattr(neural_network, name) is THEIRS[name]
        assert getattr(module, name) is THEIRS[name]
    finally:
        del sys.modules["someone"]


def test_models_of_scikit_learn_load_as_ours() -> None:
    X, y = two_classes(80)
    theirs = neural_network.MLPClassifier(max_iter=5, random_state=0).fit(X, y)
    pickled = pickle.dumps(theirs)
    rv.patch_sklearn()
    ours = pickle.loads(pickled)
    assert isinstance(ours, rv.MLPClassifier)
    expected = theirs.predict_proba(X)
    np.testing.assert_allclose(ours.predict_proba(X), expected, rtol=1e-12)
    assert ours.get_params()["dropout"] == 0
    assert "MLPClassifier(max_iter=5" in repr(ours)
    ours.partial_fit(X, y)
    assert ours.set_params(warm_start=True).fit(X, y).n_iter_ == 5


def test_models_that_exist_stay() -> None:
    theirs = neural_network.MLPClassifier()
    rv.patch_sklearn()
    assert type(theirs) is THEIRS["MLPClassifier"]


@pytest.mark.parametrize("name", THEIRS)
@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_models_that_exist_can_be_pickled_and_copied(name: str, protocol: int) -> None:
    X, y = two_classes(40)
    y = (y == y[0]).astype(int)
    theirs = THEIRS[name](max_iter=3, random_state=0).fit(X, y)
    rv.patch_sklearn()
    pickled = pickle.dumps(theirs, protocol)
    for copied in (pickle.loads(pickled), copy.deepcopy(theirs), copy.copy(theirs)):
        assert type(copied) is THEIRS[name]
        np.testing.assert_array_equal(copied.predict(X), theirs.predict(X))
        assert copied.get_params() == theirs.get_params()
    rv.unpatch_sklearn()
    assert type(pickle.loads(pickled)) is THEIRS[name]
    assert "__reduce_ex__" not in vars(THEIRS[name])


def test_models_that_exist_are_sent_to_workers() -> None:
    X, y = two_classes(40)
    theirs = neural_network.MLPClassifier(max_iter=3, random_state=0).fit(X, y)
    alone = cross_val_score(theirs, X, y, cv=2)
    rv.patch_sklearn()
    np.testing.assert_array_equal(cross_val_score(theirs, X, y, cv=2, n_jobs=2), alone)
    search = GridSearchCV(theirs, {"alpha": [1e-4]}, cv=2, n_jobs=2).fit(X, y)
    assert type(search.best_estimator_) is THEIRS["MLPClassifier"]


class Mine(neural_network.MLPClassifier):
    """A class that somebody has made of scikit-learn's."""


def test_subclasses_keep_their_name() -> None:
    X, y = two_classes(40)
    mine = Mine(max_iter=3).fit(X, y)
    rv.patch_sklearn()
    assert type(pickle.loads(pickle.dumps(mine))) is Mine
    ours = rv.MLPClassifier(max_iter=3).fit(X, y)
    assert type(pickle.loads(pickle.dumps(ours))) is rv.MLPClassifier


def test_other_names_are_replaced_and_given_back() -> None:
    module = ModuleType("someone")
    module.Net = THEIRS["MLPClassifier"]  # type: ignore[attr-defined]
    module.MLPRegressor = rv.MLPRegressor  # type: ignore[attr-defined]
    module.list = [THEIRS["MLPClassifier"]]  # type: ignore[attr-defined]
    sys.modules["someone"] = module
    try:
        for _ in range(2):
            rv.patch_sklearn()
        assert module.Net is rv.MLPClassifier
        rv.unpatch_sklearn()
        assert module.Net is THEIRS["MLPClassifier"]
        assert module.MLPRegressor is rv.MLPRegressor  # from ranvier, not patched
    finally:
        del sys.modules["someone"]
