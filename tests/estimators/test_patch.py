import pickle
import sys
from collections.abc import Iterator
from types import ModuleType

import numpy as np
import pytest
from sklearn import neural_network

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
