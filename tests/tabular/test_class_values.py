import numpy as np
import pytest

from ranvier.tabular.class_values import describe_classes, read_classes


@pytest.mark.parametrize(
    "classes",
    [
        np.array(["a", "b"]),
        np.array(["a", "b"], object),
        np.array([1, 5]),
        np.array([0.5, 1.5]),
        np.array([False, True]),
    ],
    ids=str,
)
def test_classes_come_back_as_they_were(classes: np.ndarray) -> None:
    again = read_classes(describe_classes(classes))
    assert again.dtype == classes.dtype
    assert (again == classes).all()


def test_classes_that_no_file_holds() -> None:
    with pytest.raises(ValueError, match="cannot be written"):
        describe_classes(np.array(["2024-01-01"], "datetime64[D]"))
