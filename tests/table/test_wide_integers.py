"""wide_integers.py: which integers lose digits, and which are codes."""

from ranvier.table.wide_integers import are_inexact, few_codes, is_wide


def test_wide_integers() -> None:
    assert are_inexact([1, -(2**53) - 1])
    assert not are_inexact([2**53])
    assert not are_inexact([10**400])  # infinite as a number, and refused as that


def test_wide_texts() -> None:
    assert is_wide("10300000000003004")
    assert not is_wide("1030000000000300")
    assert not is_wide("1030000000000300.5")
    assert few_codes({"1": 1, "2": 1})
    assert not few_codes({str(i): 1 for i in range(50)})
    assert few_codes({str(i): 2 for i in range(50)})
