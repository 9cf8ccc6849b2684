"""What outputs stand for: forms of a target, through JSON and back."""

import json

import numpy as np
import pytest

from ranvier.network.columns import Plain
from ranvier.network.embedding import Embedding
from ranvier.network.losses import Loss
from ranvier.table.targets import ClassTarget
from ranvier.tabular.hyperparameters import Hyperparameters
from ranvier.tabular.members import Member, MemberSpec, OutputSpec
from ranvier.tabular.outputs import (
    ClassOutputs,
    LabelOutputs,
    NumberOutputs,
    OutOfFold,
    Outputs,
    number_outputs,
    read_outputs,
)
from ranvier.training.task import Data

Y = np.exp(np.random.default_rng(0).normal(size=(200, 1)) * 2)
CLASSES = ClassOutputs(ClassTarget("kind", "text", ("a", "b", "c"), (5, 3, 2)))


@pytest.mark.parametrize(
    "outputs",
    [
        CLASSES,
        LabelOutputs("tags", 4),
        *number_outputs(Y, None, "price"),
        *number_outputs(np.hstack([Y, -Y]), None, single=False),
        number_outputs(np.round(Y), None, loss="poisson")[0],
        number_outputs(Y, None, loss="quantile", level=0.8)[0],
    ],
)
def test_they_come_back_from_json(outputs: Outputs) -> None:
    again = read_outputs(json.loads(json.dumps(outputs.describe())))
    assert str(again) == str(outputs)
    hyperparameters = Hyperparameters(members=1)
    assert again.output_spec(hyperparameters) == outputs.output_spec(hyperparameters)
    assert len(again.names) == again.output_spec(hyperparameters).outputs


@pytest.mark.parametrize(
    "value",
    [None, {}, {"kind": "numbers"}, {"kind": "labels", "name": "y", "count": -1}],
)
def test_what_is_no_description(value: object) -> None:
    with pytest.raises(ValueError, match="damaged"):
        read_outputs(value)


def test_a_skewed_target_has_two_forms() -> None:
    plain, logarithm = number_outputs(Y, None, "price")
    assert (plain.names, logarithm.names[0][:4]) == (("price",), "log(")
    (only,) = number_outputs(Y, None, loss="absolute_error")
    assert only.transform.formula == ""
    assert only.output_spec(Hyperparameters(members=1)) == OutputSpec(
        Loss("absolute_error"), 1, "identity"
    )


def test_targets_of_rows_that_are_traced() -> None:
    assert CLASSES.encode(["b", "a"]).tolist() == [1, 0]
    with pytest.raises(ValueError, match="holds 'd', but the classes are a, b, c"):
        CLASSES.encode(["b", "d"])
    (plain, _) = number_outputs(Y, None, "price")
    assert isinstance(plain, NumberOutputs)
    np.testing.assert_allclose(plain.encode(Y[:, 0]), plain.transform.transform(Y))
    with pytest.raises(ValueError, match="'price' is missing in row 1"):
        plain.encode([1.0, np.nan])


def test_what_is_held_out_by_several_is_averaged() -> None:
    X = np.zeros((100, 2), np.float32)
    spec = MemberSpec(
        Data(X, X[:, :1]), OutputSpec(Loss("squared_error"), 1, "identity"),
        Hyperparameters(members=1, hidden=(2,)), Embedding([Plain(), Plain()]),
    )  # fmt: skip
    data = Data(X, np.arange(100.0)[:, None], np.arange(100.0))
    net = spec.network(0)
    members = [
        Member(net, (), 0, np.array(rows), np.array(told)[:, None], 1.0)
        for rows, told in (([5, 2], [1.0, 4.0]), ([2], [6.0]))
    ]
    held = OutOfFold.of(members, data).averaged()
    assert held.rows.tolist() == [2, 5]
    assert held.Z.tolist() == [[5], [1]]
    assert held.Y.tolist() == [[2], [5]]
    assert held.weights.tolist() == [2, 5]
