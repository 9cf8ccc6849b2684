from dataclasses import replace

import numpy as np
import pytest

from ranvier.tabular.fit_options import FitOptions, member_seed
from ranvier.tabular.hyperparameters import choose_hyperparameters
from ranvier.tabular.presets import preset_hyperparameters


def test_hyperparameters_are_the_chosen_ones_but_for_what_was_given() -> None:
    def found(rows: int = 1000, **given: object) -> object:
        options = FitOptions(**given)  # type: ignore[arg-type]
        return options.hyperparameters(rows, classification=True)

    assert found() == choose_hyperparameters(1000)
    assert found(effort="fast") == choose_hyperparameters(1000, "fast")
    own = replace(choose_hyperparameters(1000), hidden=(5,), epochs=3)
    assert found(hidden=(5,), epochs=3) == own
    preset = preset_hyperparameters("realmlp-td", 1000, classification=True)
    assert found(preset="realmlp-td", epochs=9) == replace(preset, epochs=9)
    with pytest.raises(ValueError, match="leave one of them out"):
        found(preset="tabm", effort="fast")


@pytest.mark.parametrize(
    "options", [FitOptions(), FitOptions(hidden=(3, 4), categories=("a",), epochs=2)]
)
def test_they_come_back_from_json(options: FitOptions) -> None:
    import json

    assert FitOptions.read(json.loads(json.dumps(options.describe()))) == options


def test_a_seed_and_its_generator_draw_alike() -> None:
    assert member_seed(3) == member_seed(np.random.RandomState(3)) != member_seed(4)
    assert 0 <= member_seed(None) < 2**31
