import pytest

from ranvier.neurons import logic
from ranvier.neurons.circuit import MOST_VARIABLES, Circuit


def test_a_circuit_is_called_in_order_or_by_name() -> None:
    circuit = logic.compile("a and not b")
    assert isinstance(circuit, Circuit)
    assert circuit(True, False) is True
    assert circuit(b=True, a=True) is False
    assert circuit([[1, 0], [1, 1]]).tolist() == [True, False]
    with pytest.raises(ValueError, match="in order or by name, not both"):
        circuit(True, b=False)
    with pytest.raises(ValueError, match="'b' is missing"):
        circuit(a=True)


def test_tables_end_where_they_would_be_too_long() -> None:
    assert logic.OR(3).truth_table().values.tolist() == [0, 1, 1, 1, 1, 1, 1, 1]
    with pytest.raises(ValueError, match="has 2,097,152 rows"):
        logic.OR(MOST_VARIABLES + 1).truth_table()
