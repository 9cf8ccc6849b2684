"""What a network has to beat: the trivial guess, and a linear model."""

import warnings

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.floating]
LINEAR_STEPS = 500


def guess_class(labels: NDArray[np.integer], classes: int, n: int) -> Matrix:
    """Predict the class frequencies of the training rows for each of n rows.

    Its most probable class is the majority class, and no constant has a lower log-loss
    on the training rows.

    Examples
    --------
    >>> guess_class(np.array([0, 0, 0, 1]), 2, 1)
    array([[0.75, 0.25]])
    """
    shares = np.bincount(labels, minlength=classes) / len(labels)
    return np.tile(shares, (n, 1))


def guess_number(y: Matrix, n: int) -> Matrix:
    """Predict the mean of the training rows for each of n rows.

    Examples
    --------
    >>> guess_number(np.array([1.0, 3.0]), 2)
    array([2., 2.])
    """
    return np.full(n, y.mean())


def linear_class(
    X: Matrix, labels: NDArray[np.integer], classes: int, X_new: Matrix
) -> Matrix:
    """Class probabilities from scikit-learn's LogisticRegression with its defaults.

    Parameters
    ----------
    X, labels
        (n, d) encoded training rows and their classes 0 ... C-1.
    classes
        C; a class without a training row gets probability 0.
    X_new
        (m, d) encoded rows to predict.

    Returns
    -------
    numpy.ndarray
        (m, C) probabilities.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(max_iter=LINEAR_STEPS)
    with warnings.catch_warnings():
        # Standardised columns: what is left after this many steps no score shows.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X.astype(np.float64), labels)
    P = np.zeros((len(X_new), classes))
    P[:, model.classes_] = model.predict_proba(X_new.astype(np.float64))
    return P


def linear_number(X: Matrix, y: Matrix, X_new: Matrix) -> Matrix:
    """Numbers from scikit-learn's Ridge with its defaults.

    A penalty that small (1, against a sum over the rows) changes nothing but the
    columns that repeat each other, which least squares alone leaves undetermined.

    Parameters
    ----------
    X, y
        (n, d) encoded training rows and (n,) their numbers.
    X_new
        (m, d) encoded rows to predict.

    Returns
    -------
    numpy.ndarray
        (m,) predicted numbers.
    """
    from sklearn.linear_model import Ridge

    model = Ridge().fit(X.astype(np.float64), y)
    return np.asarray(model.predict(X_new.astype(np.float64)))
