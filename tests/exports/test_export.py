"""`export`: kinds by ending, verified, and nothing left behind where it fails."""

from pathlib import Path

import numpy as np
import pytest
from networks import with_activation
from table_models import fitted, mixed

import ranvier as rv
from ranvier.exports import export as module
from ranvier.exports.export import Export, export
from ranvier.exports.verification import ExportError, find_compiler

NET = with_activation("tanh", "float32")


@pytest.mark.parametrize("ending", ["c", "onnx", "py"])
def test_kind_by_ending(ending: str, tmp_path: Path) -> None:
    if ending == "onnx":
        pytest.importorskip("onnx")
    done = export(NET, tmp_path / f"net.{ending}")
    assert isinstance(done, Export)
    assert done.size == done.path.stat().st_size
    assert done.verification.rows == 64 or find_compiler() is None
    stored = done.path.read_bytes().decode(errors="replace")
    assert ending == "py" or str(done.verification) in stored


def test_kind_by_name(tmp_path: Path) -> None:
    assert export(NET, tmp_path / "net.txt", to="numpy").kind == "numpy"


def test_an_estimator_is_exported_by_its_network(tmp_path: Path) -> None:
    X = np.random.default_rng(0).normal(size=(50, 3))
    clf = rv.MLPClassifier((4,), solver="lbfgs", random_state=0).fit(X, X[:, 0] > 0)
    export(clf, tmp_path / "clf.py")
    scope: dict[str, object] = {}
    exec((tmp_path / "clf.py").read_text(), scope)
    P = scope["predict"](X)  # type: ignore[operator]
    np.testing.assert_allclose(P[:, -1], clf.predict_proba(X)[:, 1], atol=1e-5)


def test_a_failed_verification_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "net.py"
    path.write_text("old")
    wrong = module.numpy_source(NET).replace("np.tanh", "np.sin")
    monkeypatch.setattr(module, "numpy_source", lambda *_: wrong)
    with pytest.raises(ExportError, match="was not written"):
        export(NET, path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_leaves_no_file(small_disk: Path) -> None:
    big = rv.Network.mlp(100, [100], 1, seed=0)
    with pytest.raises(OSError, match=r"net\.py"):
        export(big, small_disk / "net.py")
    assert list(small_disk.iterdir()) == []


def test_wrong_input(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="says no kind of file"):
        export(NET, tmp_path / "net.exe")
    with pytest.raises(ValueError, match="unknown kind of export 'rust'"):
        export(NET, tmp_path / "net.c", to="rust")
    with pytest.raises(TypeError, match="a network is exported to C, ONNX and NumPy"):
        export(NET, tmp_path / "net.sql")
    with pytest.raises(ValueError, match="neither intervals nor members"):
        export(NET, tmp_path / "net.c", interval=0.9)
    with pytest.raises(TypeError, match="a dict cannot be exported"):
        export({}, tmp_path / "net.c")


def test_a_table_model_in_onnx(tmp_path: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    model = fitted(mixed(100), "flag", epochs=2, hidden=(4,))
    done = export(model, tmp_path / "m.onnx")
    assert done.size == done.path.stat().st_size
    session = onnxruntime.InferenceSession(done.path)
    names = ["label", "probabilities", "unseen"]
    assert [o.name for o in session.get_outputs()] == names
    with pytest.raises(TypeError, match="C, ONNX and SQL, but not to numpy"):
        export(model, tmp_path / "m.py")


def test_a_table_model_in_sql(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    table = mixed(100)
    model = fitted(table, "flag", epochs=2, hidden=(4,))
    done = export(model, tmp_path / "my model.sql")
    assert (done.kind, done.size) == ("sql", done.path.stat().st_size)
    with duckdb.connect() as database:
        database.execute(done.path.read_text())
        database.register("new", table)
        query = "SELECT label FROM my_model_predict('new')"
        labels = [label for (label,) in database.execute(query).fetchall()]
    assert labels == model.predict(table).tolist()


def test_what_a_user_has_to_know_is_said(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    table = mixed(100)
    table["도시"] = table["도시"].replace("대구", "None")
    model = fitted(table, "flag", epochs=2, hidden=(4,))
    done = export(model, tmp_path / "m.onnx")
    assert "'None' is a category of '도시'" in str(done).splitlines()[1]


@pytest.mark.parametrize("ending", ["c", "sql"])
def test_the_verification_stands_in_its_own_line(ending: str, tmp_path: Path) -> None:
    table = mixed(60).rename(columns={"flag": "VERIFICATION"})
    model = fitted(table, "VERIFICATION", epochs=2, hidden=(4,))
    done = export(model, tmp_path / f"m.{ending}")
    lines = done.path.read_text("utf-8").splitlines()
    assert "VERIFICATION" in lines[0]
    assert str(done.verification) in lines[1]


@pytest.mark.parametrize("ending", ["py", "c", "onnx"])
def test_a_network_that_diverged_is_refused(ending: str, tmp_path: Path) -> None:
    net = rv.Network.mlp(2, [3], 1, seed=0)
    net.theta[0] = np.nan
    with pytest.raises(ExportError, match="NaN or infinite, as after a training that"):
        export(net, tmp_path / f"net.{ending}")
    assert list(tmp_path.iterdir()) == []
