from benchmarks.goals import GOALS, Goal, goals_table


def test_limits_from_below_and_from_above() -> None:
    least, most = Goal("a", "a", 2.0), Goal("b", "b", 2.0, " us", at_most=True)
    assert (least.is_met(1.9), least.is_met(2.0)) == (False, True)
    assert (most.is_met(2.0), most.is_met(2.1)) == (True, False)
    assert not least.is_met(float("nan"))
    assert not most.is_met(float("nan"))


def test_table_of_what_was_measured() -> None:
    text = goals_table({"JAX": 2.4, "row 20-64-64-1": 3.76, "something else": 1.0})
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]] for line in text.split("\n")
    ]
    assert rows[2:] == [
        ["W1 to W9, geometric mean: against JAX", "at least 2.5x", "2.40x", "no"],
        ["one row of 20-64-64-1", "at most 5 us", "3.76 us", "yes"],
    ]
    assert goals_table({}) == ""


def test_keys_are_not_used_twice() -> None:
    assert len({goal.key for goal in GOALS}) == len(GOALS)
