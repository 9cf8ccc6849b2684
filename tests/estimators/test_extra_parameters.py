import pytest

import ranvier as rv
from ranvier.estimators.extra_parameters import CONSTRAINTS, DEFAULTS


@pytest.mark.parametrize("kind", [rv.MLPClassifier, rv.MLPRegressor])
def test_defaults_are_those_of_the_estimators(kind: type) -> None:
    parameters = kind().get_params()
    for name in DEFAULTS.keys() & parameters.keys():
        assert parameters[name] == DEFAULTS[name], name
    assert parameters.keys() >= CONSTRAINTS.keys() - {"class_weight"}
