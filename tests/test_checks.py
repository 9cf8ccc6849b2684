import numpy as np
import pytest

from ranvier.checks import (
    LARGEST_SIZE,
    checked_bool,
    checked_float,
    checked_index,
    checked_int,
    checked_layer,
    checked_list,
    checked_names,
    checked_size,
)


def test_whole_numbers() -> None:
    assert checked_int("steps", np.int64(7), 1, example=64) == 7
    assert type(checked_int("steps", np.uint8(7), 1, 9, example=64)) is int
    assert checked_size("units", LARGEST_SIZE) == LARGEST_SIZE


@pytest.mark.parametrize("value", [0, 10, True, np.True_, 1.5, 2.0, "3", None, [4]])
def test_no_whole_number_within_the_limits(value: object) -> None:
    with pytest.raises(ValueError, match="steps must be a whole number from 1 to 9, b"):
        checked_int("steps", value, 1, 9, example=3)


def test_error_without_an_upper_limit() -> None:
    with pytest.raises(ValueError, match=r"of at least 1, but got -2: .* example 64$"):
        checked_int("steps", -2, 1, example=64)
    with pytest.raises(ValueError, match="units must be a whole number from 1 to 16,7"):
        checked_size("units", 0)


def test_finite_numbers() -> None:
    assert checked_float("bias", np.float32(0.5), example=0.5) == 0.5
    assert type(checked_float("bias", 3, example=0.5)) is float


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), "0.5", None, True, [1.0, 2.0], 10**400, 1j]
)
def test_no_finite_number(value: object) -> None:
    with pytest.raises(ValueError, match="bias must be a finite number, but got"):
        checked_float("bias", value, example=0.5)


def test_layers_and_indices() -> None:
    assert checked_layer(np.int32(2), 2) == 2
    assert checked_index("unit", np.int64(3), 4) == 3
    with pytest.raises(ValueError, match=r"^layer 3 does not exist: .* 1 to 2$"):
        checked_layer(3, 2)
    with pytest.raises(ValueError, match="'W3' names layer 3, which does not exist"):
        checked_layer(3, 2, "W3")
    with pytest.raises(ValueError, match=r"^unit 4 of layer 2 does not exist: .* 3$"):
        checked_index("unit", 4, 4, " of layer 2")


@pytest.mark.parametrize("wrong", [True, "1", 1.0, None, [1]])
def test_no_layer_and_no_index(wrong: object) -> None:
    with pytest.raises(TypeError, match="layer must be a whole number from 1 to 2"):
        checked_layer(wrong, 2)
    with pytest.raises(TypeError, match="row must be a whole number from 0 to 3"):
        checked_index("row", wrong, 4)


def test_names_are_one_for_each() -> None:
    assert checked_names("names", np.array(["a", "b"]), 2) == ("a", "b")
    for wrong in (["a"], "ab", 3, None, {"a": 1}):
        with pytest.raises(ValueError, match="names must be a list of 2 names"):
            checked_names("names", wrong, 2)


def test_lists() -> None:
    assert checked_list("layers", (1, 2), "layers") == [1, 2]
    for wrong in ("ab", 3, None):
        with pytest.raises(TypeError, match="layers must be a list of layers, but got"):
            checked_list("layers", wrong, "layers")


def test_truth_values() -> None:
    assert checked_bool("shuffle", np.True_) is True
    for wrong in (0, 1, "no", None):
        with pytest.raises(TypeError, match="shuffle must be True or False, but got"):
            checked_bool("shuffle", wrong)
