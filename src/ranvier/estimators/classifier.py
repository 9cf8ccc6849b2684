"""MLPClassifier: scikit-learn's, on Ranvier's engine."""

from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import neural_network
from sklearn.base import _fit_context
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils import column_or_1d
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.multiclass import unique_labels
from sklearn.utils.validation import (
    check_array,
    check_consistent_length,
    validate_data,
)

from ranvier.estimators import interop
from ranvier.estimators.base_mlp import BaseMLP
from ranvier.estimators.extra_parameters import CONSTRAINTS
from ranvier.estimators.fit_callbacks import with_callbacks
from ranvier.estimators.label_encoding import as_targets, balanced, codes_of
from ranvier.estimators.scoring import classes_of
from ranvier.network.network import Network
from ranvier.table.given_targets import plain_target
from ranvier.table.given_weights import sample_weights_of

Array = NDArray[Any]

# Taken here, before `patch_sklearn` can put ours in its place.
_Classifier: Any = neural_network.MLPClassifier


class MLPClassifier(BaseMLP, _Classifier):
    """Multilayer perceptron for classes: scikit-learn's, on Ranvier's engine.

    A subclass of `sklearn.neural_network.MLPClassifier` with its parameters,
    attributes, errors and numbers: with the same `random_state` it makes the same draws
    in the same order, and the weights agree to the last digits. The parameters from
    `class_weight` on are more than scikit-learn has; left alone they change nothing.

    Parameters
    ----------
    hidden_layer_sizes, solver, alpha, batch_size, learning_rate_init, power_t, \
max_iter, shuffle, random_state, tol, verbose, warm_start, momentum, \
nesterovs_momentum, early_stopping, validation_fraction, beta_1, beta_2, epsilon, \
n_iter_no_change, max_fun
        As in scikit-learn. `solver` may also be ``"adamw"``.
    activation
        scikit-learn's names, any other name of `ranvier.activations` for hidden layers,
        an `Activation`, or a list with one of them for each hidden layer.
    learning_rate
        scikit-learn's rules for sgd, or a schedule over `max_iter` epochs for every
        stochastic solver: a name of `ranvier.schedules`, or a function of the progress
        in [0, 1).
    class_weight
        Weights of the classes, multiplied with `sample_weight`: a dict, ``"balanced"``
        (n / (classes * rows of the class)), or None for all 1.
    label_smoothing
        Share of each target that is spread over the classes, in [0, 1).
    dropout
        Rate after each hidden layer, in [0, 1), or a list with one for each. Not with
        lbfgs.
    weight_decay
        Decoupled decay of adamw.
    clip_norm
        Largest norm of the gradient, which is scaled down to it; None: no limit.
    scoring
        What early stopping watches: the name of a scorer of scikit-learn's, a scorer,
        ``"loss"`` (minus the validation loss), or None for accuracy.
    keep_optimizer
        With `warm_start`: keep the optimizer's running means too.
    dtype
        ``"auto"``: that of X, as in scikit-learn; ``"float32"`` or ``"float64"``.
    n_threads
        Threads of the engine; results do not depend on it. None: those that pay.
    callbacks
        Functions called with a `ranvier.EpochRecord` after each epoch; one that returns
        True stops the fit. Also objects with ``on_train_begin(network, config)``,
        ``on_epoch_end(record)`` and ``on_train_end(history)``, as for `ranvier.train`.
    progress
        Whether to draw a progress bar on standard error.
    run
        Folder of runs, or a `ranvier.Recording`: each call of `fit` writes its epochs
        and its networks into a folder of its own there, for `ranvier view`. Such a run
        has no checkpoint to resume from, and `partial_fit` refuses it.

    Attributes
    ----------
    validation_losses_ : list of float
        Loss on the validation rows after each epoch, without the penalty.
    best_epoch_ : int or None
        Number in `loss_curve_`, from 1, of the epoch with the best validation score
        (early stopping), validation loss (X_val given), or training loss.
    network_ : ranvier.Network
        The network, with a copy of the weights.
    run_ : pathlib.Path
        With `run`: the folder that the last fit was recorded in.
    classes_, coefs_, intercepts_, loss_, loss_curve_, best_loss_, n_iter_, t_, \
n_layers_, n_outputs_, out_activation_, n_features_in_, feature_names_in_, \
validation_scores_, best_validation_score_
        As in scikit-learn.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = MLPClassifier(solver="lbfgs", random_state=0, max_iter=500).fit(X, y)
    >>> clf.score(X, y) > 0.95
    True
    """

    _parameter_constraints = {  # noqa: RUF012  # as scikit-learn has it
        **_Classifier._parameter_constraints,
        **CONSTRAINTS,
        "class_weight": [StrOptions({"balanced"}), dict, list, None],
        "label_smoothing": [Interval(Real, 0, 1, closed="left")],
    }

    def __init__(
        self,
        hidden_layer_sizes: Any = (100,),
        activation: Any = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: int | str = "auto",
        learning_rate: Any = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool | int = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: int = 15000,
        class_weight: Any = None,
        label_smoothing: float = 0.0,
        dropout: Any = 0.0,
        weight_decay: float = 0.01,
        clip_norm: float | None = None,
        scoring: Any = None,
        keep_optimizer: bool = False,
        dtype: str = "auto",
        n_threads: int | None = None,
        callbacks: Any = None,
        progress: bool = False,
        run: Any = None,
    ) -> None:
        given = dict(locals())
        del given["self"]
        self.__dict__.update(given, loss="log_loss")

    @with_callbacks
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
    ) -> Any:
        """Fit the network to X and y.

        Parameters
        ----------
        X
            Inputs (n, d): an array, a sparse matrix, or a frame of numbers.
        y
            Classes (n,), or several labels of each row (n, labels) as 0 and 1.
        sample_weight
            Weights of the rows (n,); None for all 1.
        X_val, y_val, sample_weight_val
            Rows to score the network on after each epoch, in place of those that early
            stopping would hold out. Without early stopping they are only scored.

        Returns
        -------
        self
            The fitted estimator.

        Warns
        -----
        ConvergenceWarning
            `max_iter` was reached.
        UserWarning
            Ctrl-C ended the fit; the network keeps what it has learned.

        Examples
        --------
        >>> import ranvier as rv
        >>> clf = rv.MLPClassifier(4, solver="lbfgs", random_state=0)
        >>> clf.fit([[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1]).classes_.tolist()
        [0, 1]
        """
        return self._fit_watched(X, y, sample_weight, (X_val, y_val, sample_weight_val))

    def _validate_input(
        self, X: Any, y: Any, incremental: bool, reset: bool
    ) -> tuple[Any, Array]:
        """Check X and y; return the codes of the classes (n,), or columns (n, k)."""
        y = plain_target(y)
        should_continue = hasattr(self, "classes_") and (self.warm_start or incremental)
        codes = codes_of(self, y, define=not should_continue)
        if codes is None:
            X, y = super()._validate_input(X, y, incremental, reset)
            return X, y.argmax(axis=1) if self._has_codes() else y
        kinds, sparse = (np.float64, np.float32), ["csr", "csc"]
        X, codes = validate_data(
            self, X, codes, accept_sparse=sparse, dtype=kinds, reset=reset
        )
        return X, as_targets(codes, len(self.classes_))

    def predict(self, X: Any) -> Array:
        """Predict the class of each row.

        Parameters
        ----------
        X
            Numbers (n, features): an array, a list of rows, a sparse matrix, or a frame
            of pandas, polars or Arrow.

        Returns
        -------
        ndarray of shape (n,), or (n, labels)
            A class for each row; for several labels, 0 or 1 for each.

        Raises
        ------
        NotFittedError
            It is not fitted yet.
        ValueError
            X has another number of columns, or holds something other than numbers.

        Examples
        --------
        >>> import ranvier as rv
        >>> X, y = [[0.0], [1.0], [2.0], [3.0]], ["low", "low", "high", "high"]
        >>> clf = rv.MLPClassifier(solver="lbfgs", random_state=0).fit(X, y)
        >>> clf.predict([[-1.0], [4.0]]).tolist()
        ['low', 'high']
        """
        if len(getattr(self, "classes_", ())) < 2 or self._several_labels():
            predicted: Array = super().predict(X)
            return predicted
        classes: Array = self.classes_
        return classes[classes_of(self._forward_pass_fast(X))]

    def _has_codes(self) -> bool:
        """Say whether targets are codes of classes: three or more, one for each row."""
        return bool(self._label_binarizer.y_type_ == "multiclass")

    def _count_outputs(self, y: Array) -> int:
        return len(self.classes_) if self._has_codes() else int(y.shape[1])

    def _several_labels(self) -> bool:
        return bool(self.out_activation_ == "logistic" and self.n_outputs_ > 1)

    def _out_activation(self) -> str:
        return "softmax" if self._has_codes() else "logistic"

    def _answers(self, y: Any, X: Any) -> Array:
        """Return classes of validation rows as the outputs should be."""
        check_consistent_length(X, y)
        y = check_array(plain_target(y), ensure_2d=False, dtype=None)
        y = column_or_1d(y, warn=True) if y.ndim == 2 and y.shape[1] == 1 else y
        unknown = np.setdiff1d(unique_labels(y), self.classes_)
        if len(unknown):
            raise ValueError(
                f"y_val has the classes {unknown}, which y does not have: classes are "
                f"{self.classes_}"
            )
        if self._has_codes():
            codes: Array = np.searchsorted(self.classes_, y)
            return codes
        columns: Array = self._label_binarizer.transform(y).astype(bool)
        return columns

    def _class_weighted(self, y: Array, weights: Any, incremental: bool) -> Any:
        """Multiply weights of rows with those of their classes; y is binarised."""
        if self.class_weight is None:
            return weights
        if incremental and self.class_weight == "balanced":
            raise ValueError(
                "class_weight='balanced' needs all rows at once, but partial_fit gets "
                "some: give the weights as a dict, for example from "
                "sklearn.utils.class_weight.compute_class_weight('balanced', ...)"
            )
        one_each = y.ndim == 1 or y.shape[1] == 1
        if one_each and self.class_weight == "balanced":
            of_rows = balanced(y.reshape(-1).astype(np.intp), weights)
        else:
            of_rows = sample_weights_of(self.class_weight, self._labels_of(y))
        return of_rows if weights is None else weights * of_rows

    def _labels_of(self, y: Array) -> Any:
        """Return the labels that targets stand for."""
        if self._has_codes():
            return self.classes_[y]
        return self._label_binarizer.inverse_transform(y.astype(float))

    def onnx_converter(self) -> Any:
        """Return the converter of scikit-learn's class for skl2onnx."""
        return interop.onnx(self, "SklearnMLPClassifier", "converter")

    def onnx_shape_calculator(self) -> Any:
        """Return the shape calculator of scikit-learn's class for skl2onnx."""
        return interop.onnx(self, "SklearnMLPClassifier", "shape_calculator")

    @classmethod
    def from_network(
        cls, network: Network, classes: Any = None, **parameters: Any
    ) -> Any:
        """Return a fitted classifier with the layers and weights of a network.

        Parameters
        ----------
        network
            Its last layer is ``softmax`` with a unit for each of three or more classes,
            or ``sigmoid``: one unit for two classes, or one for each label.
        classes
            The classes in the order of the outputs; None: 0, 1, ...
        parameters
            Other parameters of this class, to continue the fit.

        Examples
        --------
        >>> import ranvier as rv
        >>> net = rv.Network.mlp(4, 8, 3, output_activation="softmax", seed=0)
        >>> clf = MLPClassifier.from_network(net, classes=["a", "b", "c"])
        >>> clf.predict([[0.0, 0.0, 0.0, 1.0]]).shape
        (1,)
        """
        mlp = interop.estimator(cls, network, parameters, ("softmax", "sigmoid"))
        interop.set_classes(mlp, network, classes, LabelBinarizer())
        return mlp
