from typing import Any

import pytest

from ranvier.live.settings import (
    BadRequestError,
    Layer,
    Settings,
    WeightEdit,
    read_command,
)


def test_commands() -> None:
    for name in ("play", "pause", "step", "step_batch", "reset"):
        assert read_command({"command": name}) == (name, None)
    assert read_command({"command": "rate", "value": 0.5}) == ("rate", 0.5)
    assert read_command({"command": "speed", "value": 0}) == ("speed", 0)
    edit = {"command": "weight", "layer": 0, "i": -1, "j": 2, "value": -1.5}
    assert read_command(edit) == ("weight", WeightEdit(0, -1, 2, -1.5))
    layers = [{"units": 3, "activation": "relu"}]
    given = {"table": "xor", "layers": layers, "columns": [1, 0], "rate": 1}
    told = read_command({"command": "setup", "settings": given})
    wanted = Settings(table="xor", layers=(Layer(3, "relu"),), columns=(0, 1), rate=1.0)
    assert told == ("setup", wanted)


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"command": "exec"},
        {"command": ["play"]},
        {"command": "play", "more": 1},
        {"command": "rate"},
        {"command": "rate", "value": "0.1"},
        {"command": "rate", "value": True},
        {"command": "rate", "value": 0},
        {"command": "rate", "value": 11},
        {"command": "rate", "value": float("nan")},
        {"command": "speed", "value": 0.5},
        {"command": "weight", "layer": 0, "i": 0, "j": 0, "value": float("inf")},
        {"command": "weight", "layer": -1, "i": 0, "j": 0, "value": 0},
        {"command": "weight", "layer": 0, "i": -2, "j": 0, "value": 0},
        {"command": "setup"},
        {"command": "setup", "settings": []},
    ],
)
def test_what_is_no_command(body: Any) -> None:
    with pytest.raises(BadRequestError):
        read_command(body)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("table", "../../etc/passwd"),
        ("table", None),
        ("noise", -0.1),
        ("noise", 2),
        ("columns", []),
        ("columns", [0, 0]),
        ("columns", [-1]),
        ("columns", [200]),
        ("columns", "x1"),
        ("layers", "relu"),
        ("layers", [{"units": 1, "activation": "relu"}] * 9),
        ("layers", [{"units": 0, "activation": "relu"}]),
        ("layers", [{"units": 257, "activation": "relu"}]),
        ("layers", [{"units": 2.0, "activation": "relu"}]),
        ("layers", [{"units": 2, "activation": "softmax"}]),
        ("layers", [{"units": 2}]),
        ("loss", "huber; import os"),
        ("optimizer", "lbfgs"),
        ("batch_size", 0),
        ("batch_size", True),
        ("seed", -1),
        ("seed", 2**32),
        ("path", "/etc/passwd"),
    ],
)
def test_settings_out_of_bounds(name: str, value: Any) -> None:
    with pytest.raises(BadRequestError):
        read_command({"command": "setup", "settings": {name: value}})
