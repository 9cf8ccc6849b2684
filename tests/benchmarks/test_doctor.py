"""The suite of seeded faults: a small part of it, and how it counts."""

import pytest
from benchmarks.doctor.command import NOTES, Row, main, row, seeded, table_of
from benchmarks.doctor.faults import FAULTS

import real_tables
from ranvier.doctor.kinds import CODES

# Quick ones, each on its first table.
FEW = (
    "column times 1e5",
    "leak",
    "missing as -999",
    "rows in both parts",
    "shuffled labels",
    "relu for numbers",
    "rate 1e-6 of Adam",
    "dropout 0.95",
    "constant start",
    "biases of -50",
    "missing cells",
    "NaN in the weights",
)


def test_expected_names_exist() -> None:
    assert len(FAULTS) >= 40
    assert {name for fault in FAULTS.values() for name in fault.expected} <= set(CODES)
    assert set(NOTES) <= set(CODES)


@real_tables.needed
@pytest.mark.parametrize("name", FEW)
def test_a_seeded_fault_is_found_first(name: str) -> None:
    fault = FAULTS[name]
    found = seeded(name, fault, fault.tables[0], 0)
    assert found[0].name in fault.expected


@real_tables.needed
def test_a_row_counts_all_tables() -> None:
    assert row("constant column", [0]) == Row("constant column", 5, 5, 5, 0, 0)


def test_totals() -> None:
    rows = [Row("a", 5, 4, 5, 3, 2), Row("b", 5, 5, 5, 0, 0)]
    assert table_of(rows).endswith("| **all** | 10 | 9 | 10 | 3 | 2 |")


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    assert end.value.code == 0
    assert "--healthy" in capsys.readouterr().out
