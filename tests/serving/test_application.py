"""The server of a model: right predictions, clear refusals, many clients at once."""

import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from served import Served, fitted, rows_of, served, table

import ranvier as rv

FRAME = table(60).drop(columns=["kind", "price"])
ROWS = rows_of(FRAME)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("models")
    found: dict[str, Any] = {"folder": folder}
    for target in ("kind", "price"):
        found[target] = fitted(target)
        found[target].save(folder / f"{target}.safetensors")
    return found


@pytest.fixture(scope="module")
def kind(models: dict[str, Any]) -> Iterator[Served]:
    options = ("--most-rows", "1000", "--most-bytes", "200000")
    with served(models["folder"] / "kind.safetensors", *options) as server:
        yield server


@pytest.fixture(scope="module")
def price(models: dict[str, Any]) -> Iterator[Served]:
    with served(models["folder"] / "price.safetensors") as server:
        yield server


def test_classes_equal_predict_to_the_bit(models: Any, kind: Served) -> None:
    status, found = kind.ask("/predict", {"rows": ROWS})
    assert status == 200
    P = models["kind"].predict_proba(FRAME)
    names = models["kind"].outputs.names
    got = [
        [each["probabilities"][name] for name in names] for each in found["predictions"]
    ]
    assert np.array_equal(np.array(got), P)
    labels = [each["label"] for each in found["predictions"]]
    assert labels == models["kind"].predict(FRAME).tolist()


def test_numbers_and_bounds_equal_predict(models: Any, price: Served) -> None:
    status, found = price.ask("/predict?interval=0.8", {"rows": ROWS})
    assert status == 200
    expected = models["price"].predict(FRAME, interval=0.8)
    for name, values in zip(("prediction", "low", "high"), expected, strict=True):
        assert [each[name] for each in found["predictions"]] == values.tolist()
    status, found = price.ask("/predict", ROWS[0])
    assert found["predictions"] == [
        {"prediction": float(expected.prediction[0]), "unseen": []}
    ]


def test_an_arrow_stream(models: Any, price: Served) -> None:
    arrow = pa.Table.from_pandas(FRAME, preserve_index=False)
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, arrow.schema) as out:
        out.write_table(arrow)
    kind = "application/vnd.apache.arrow.stream"
    status, found = price.ask("/predict", sink.getvalue(), Content_Type=kind)
    assert status == 200
    got = [each["prediction"] for each in found["predictions"]]
    assert got == models["price"].predict(FRAME).tolist()
    assert price.ask("/predict", b"ARROW1", Content_Type=kind)[0] == 400


def test_unseen_categories_are_named(kind: Served) -> None:
    rows = [ROWS[0], ROWS[1] | {"colour": "violet"}, ROWS[2] | {"colour": None}]
    _, found = kind.ask("/predict", {"rows": rows})
    assert [each["unseen"] for each in found["predictions"]] == [[], ["colour"], []]


FAULTS: list[tuple[dict[str, Any], str, str]] = [
    ({"size": "1.5"}, "size", "a finite number or null"),
    ({"size": True}, "size", "a finite number or null"),
    ({"size": [1]}, "size", "a finite number or null"),
    ({"colour": {}}, "colour", "a text, a number, true, false or null"),
    ({"day": "yesterday"}, "day", "a date in ISO form"),
    ({"day": 5}, "day", "a date in ISO form"),
    ({"colur": "red"}, "colur", "no such column; 'colour' is one"),
]


@pytest.mark.parametrize(("change", "column", "expected"), FAULTS)
def test_each_field_at_fault_is_named(
    change: dict[str, Any], column: str, expected: str, kind: Served
) -> None:
    status, found = kind.ask("/predict", {"rows": [ROWS[0], ROWS[1] | change]})
    assert status == 422
    (fault,) = found["fields"]
    assert (fault["row"], fault["column"]) == (1, column)
    assert fault["expected"].startswith(expected)


def test_a_field_that_is_missing(kind: Served) -> None:
    row = {name: value for name, value in ROWS[0].items() if name != "size"}
    status, found = kind.ask("/predict", {"rows": [row]})
    assert status == 422
    assert found["fields"] == [
        {"row": 0, "column": "size", "given": None,
         "expected": "this column; null where it is missing"}
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400), (b"{", 400), (b"[" * 100_000, 400), (b"\xff", 400), (b"{}", 422),
        (b"[]", 422), (b'"a"', 422), (b'{"rows": []}', 422), (b'{"rows": [1]}', 422),
        (b" " * 300_000, 413),
    ],
)  # fmt: skip
def test_bodies_that_are_no_rows(body: bytes, status: int, kind: Served) -> None:
    got, found = kind.ask("/predict", body)
    assert got == status
    assert found["error"]


def test_limits_of_rows_and_of_the_interval(kind: Served, price: Served) -> None:
    short = [{"size": 1, "count": 1, "colour": None, "day": None}] * 1001
    status, found = kind.ask("/predict", {"rows": short})
    assert status == 413
    assert "at most 1000" in found["error"]
    for text in ("2", "-1", "nan", "x", ""):
        assert price.ask(f"/predict?interval={text}", ROWS[:1])[0] == 422
    status, found = kind.ask("/predict?interval=0.5", ROWS[:1])
    assert status == 422
    assert "there are no intervals for classes" in found["error"]


@pytest.mark.parametrize("token", [None, "x", "é"])
@pytest.mark.parametrize("path", ["/predict", "/openapi.json", "/metrics"])
def test_without_the_token(token: str | None, path: str, kind: Served) -> None:
    body = ROWS if path == "/predict" else None
    token = None if token is None else token.encode().decode("latin-1")
    status, found = kind.ask(path, body, token=token)
    assert status == 401
    assert "Authorization: Bearer TOKEN" in found["error"]


def test_other_paths_and_methods(kind: Served) -> None:
    assert kind.ask("/predict")[0] == 405
    assert kind.ask("/nothing")[0] == 404
    assert kind.ask("/health", token=None) == (
        200,
        {"status": "ready", "target": "kind"},
    )


def test_the_schema_describes_the_columns(kind: Served) -> None:
    _, schema = kind.ask("/openapi.json")
    assert schema["openapi"] == "3.1.0"
    row = schema["components"]["schemas"]["Row"]
    assert row["required"] == ["size", "count", "colour", "day"]
    assert row["properties"]["colour"]["examples"] == ["blue", "red", "초록"]
    assert row["properties"]["day"]["format"] == "date-time"


def test_metrics_count(kind: Served) -> None:
    def value(text: str, name: str) -> float:
        (line,) = [line for line in text.splitlines() if line.startswith(name + " ")]
        return float(line.split()[1])

    before = kind.ask("/metrics")[1]
    kind.ask("/predict", ROWS[:7])
    after = kind.ask("/metrics")[1]
    assert value(after, "ranvier_rows_total") - value(before, "ranvier_rows_total") == 7
    count = "ranvier_request_seconds_count"
    assert value(after, count) - value(before, count) == 1


def test_many_clients_get_their_own_rows(models: Any, price: Served) -> None:
    expected = models["price"].predict(FRAME).tolist()

    def ask(i: int) -> bool:
        _, found = price.ask("/predict", [ROWS[i % 60], ROWS[(i + 1) % 60]])
        got = [each["prediction"] for each in found["predictions"]]
        return got == [expected[i % 60], expected[(i + 1) % 60]]

    with ThreadPoolExecutor(40) as pool:
        assert all(pool.map(ask, range(400)))


def test_without_a_token_other_sites_are_refused(models: Any) -> None:
    path = models["folder"] / "kind.safetensors"
    with served(path, "--no-token") as server:
        assert server.ask("/predict", ROWS[:1], token=None)[0] == 200
        form = "text/plain"
        assert server.ask("/predict", ROWS[:1], token=None, Content_Type=form)[0] == 415
        assert (
            server.ask("/predict", ROWS[:1], token=None, Host="evil.com:80")[0] == 421
        )


def test_an_onnx_file_is_served(models: Any, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    rv.export(models["price"], tmp_path / "m.onnx")
    with served(tmp_path / "m.onnx") as server:
        _, found = server.ask("/predict", ROWS)
        got = [each["prediction"] for each in found["predictions"]]
        assert np.allclose(got, models["price"].predict(FRAME), rtol=1e-5)


def test_json_has_no_nan(price: Served) -> None:
    body = json.dumps([ROWS[0] | {"size": float("inf")}]).encode()
    status, found = price.ask("/predict", body)
    assert status == 422
    assert found["fields"][0]["column"] == "size"
