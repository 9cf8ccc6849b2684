"""All checks of a network together: symptoms give way to causes."""

import numpy as np
from tests.doctor.rows_and_networks import names, rows

import ranvier as rv
from ranvier.doctor.finding import Finding
from ranvier.doctor.network_diagnosis import predicted, without_symptoms


def test_a_symptom_gives_way_to_its_cause() -> None:
    symptom = Finding("not_learning", {"loss": 1.0, "baseline": 1.0})
    cause = Finding("unscaled_column", {"columns": ["a"], "largest": 1.0, "usual": 1.0})
    assert without_symptoms([symptom, cause]) == [cause]
    assert without_symptoms([symptom]) == [symptom]


def test_rows_that_the_network_cannot_take_are_found_not_raised() -> None:
    X, y = rows()
    X[3, 2] = np.nan
    net = rv.Network.mlp(5, 8, 1, output_activation="sigmoid", seed=0)
    assert names(rv.diagnose(net, X, y)) == ["missing_values"]


def test_probabilities_of_logits() -> None:
    X, y = rows()
    net = rv.Network.mlp(5, 8, 2, seed=0)
    P = predicted(net, "cross_entropy", X, y).P
    assert P.shape == (400, 2)
    assert np.allclose(P.sum(axis=1), 1)
