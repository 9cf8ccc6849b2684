from ranvier.choices import unknown


def test_offers_the_nearest_and_lists_all() -> None:
    error = unknown("colour", "gren", ["red", "green"])
    assert isinstance(error, ValueError)
    assert str(error) == (
        "unknown colour 'gren': did you mean 'green'? Choose one of red, green"
    )


def test_offers_whatever_the_case() -> None:
    assert "did you mean 'red'?" in str(unknown("colour", "RED", ["red", "green"]))


def test_without_a_near_name_lists_all() -> None:
    text = "unknown colour 7: choose one of red, green"
    assert str(unknown("colour", 7, ["red", "green"])) == text
    assert "choose one of red, green" in str(unknown("colour", "x", ["red", "green"]))
