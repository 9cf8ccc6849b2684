"""``ranvier info``: what a model file holds."""

import json
from pathlib import Path

from command_line import Run
from command_line import run as run
from command_line import trained as trained


def test_info_tells_all(run: Run, trained: Path) -> None:
    result = run("info", trained)
    assert result.exit_code == 0
    for part in (
        "classification of 'y'",
        "high (16), low (16)",
        "x (0",
        "-8-2, mish, ",
        "30 epochs",
        "Held-out scores, 8 rows",
    ):
        assert part in result.stdout
    told = json.loads(run("info", trained, "--json").stdout)
    assert told["held_out"]["rows"] == 8
    assert told["training"]["created"].startswith("20")
