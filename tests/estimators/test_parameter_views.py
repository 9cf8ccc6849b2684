import pickle

import numpy as np

import ranvier as rv
from ranvier.estimators.parameter_views import (
    adopt_parameters,
    flatten,
    theta_of,
    units_of,
    view_parameters,
)
from tables import two_classes


def test_bind_by_hand() -> None:
    # W (2, 2), b (2,), then W (2, 1), b (1,)
    theta = np.arange(9.0)
    bound = view_parameters(theta, [2, 2, 1])
    np.testing.assert_array_equal(bound.coefs[0], [[0, 1], [2, 3]])
    np.testing.assert_array_equal(bound.intercepts[0], [4, 5])
    np.testing.assert_array_equal(bound.coefs[1], [[6], [7]])
    np.testing.assert_array_equal(bound.intercepts[1], [8])
    assert all(np.shares_memory(part, theta) for part in bound.coefs)
    np.testing.assert_array_equal(flatten(bound.coefs, bound.intercepts), theta)


def test_lists_are_the_truth() -> None:
    X, y = two_classes()
    clf = rv.MLPClassifier(random_state=0, max_iter=300).fit(X, y)
    assert np.shares_memory(theta_of(clf), clf.coefs_[0])
    before = clf.predict_proba(X)

    clf.coefs_[0][:, :] += 0.1  # what is in the array
    changed = clf.predict_proba(X)
    assert np.abs(changed - before).max() > 1e-3
    clf.coefs_[0] = clf.coefs_[0] - 0.1  # the array in the list
    assert not np.shares_memory(theta_of(clf), clf.coefs_[0])
    np.testing.assert_allclose(clf.predict_proba(X), before, atol=1e-12)
    clf.coefs_ = [W.copy() for W in clf.coefs_]  # the list
    np.testing.assert_allclose(clf.predict_proba(X), before, atol=1e-12)
    clf.intercepts_[1] = clf.intercepts_[1] + 100
    assert (clf.predict(X) == clf.classes_[1]).all()


def test_swapped_views_are_noticed() -> None:
    X, y = two_classes(d=4)
    clf = rv.MLPClassifier((4, 4), random_state=0, max_iter=300).fit(X, y)
    before = clf.predict_proba(X)
    clf.coefs_[0], clf.coefs_[1] = clf.coefs_[1], clf.coefs_[0]
    assert np.abs(clf.predict_proba(X) - before).max() > 1e-3


def test_rebind() -> None:
    X, y = two_classes()
    clf = rv.MLPClassifier((3,), random_state=0, max_iter=300).fit(X, y)
    assert units_of(clf) == [5, 3, 1]
    theta = adopt_parameters(clf, np.zeros(22))
    assert theta_of(clf) is theta
    assert (clf.predict_proba(X) == 0.5).all()


def test_pickle_holds_the_weights_once() -> None:
    X, y = two_classes()
    clf = rv.MLPClassifier((500,), random_state=0, max_iter=300, solver="lbfgs")
    clf.fit(X, y)
    text = pickle.dumps(clf)
    assert len(text) < 1.3 * 8 * theta_of(clf).size
    again = pickle.loads(text)
    np.testing.assert_array_equal(again.predict_proba(X), clf.predict_proba(X))
