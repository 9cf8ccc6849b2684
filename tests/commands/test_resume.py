import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from time import sleep

import pages
import pytest

import ranvier as rv
from ranvier.run.folder import manifest_text, read_manifest
from ranvier.run.lock import Lock
from ranvier.training.run_creation import fingerprint
from stacks import hearing_ctrl_c

RANVIER = str(Path(sys.executable).with_name("ranvier"))


def ranvier(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder."""
    return subprocess.run(
        [RANVIER, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


def killed(folder: Path, asked: list[str], number: signal.Signals) -> Path:
    """Start a training, send it a signal once there is a checkpoint; give its run."""
    with (
        hearing_ctrl_c(),
        subprocess.Popen(
            [RANVIER, *asked],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process,
    ):
        while not list(folder.glob("runs/*/checkpoint.safetensors")):
            assert process.poll() is None
            sleep(0.01)
        process.send_signal(number)
    return next((folder / "runs").iterdir())


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_training_that_was_killed(tmp_path: Path, number: signal.Signals) -> None:
    """The model file in the end is that of a training that was left alone."""
    pages.table(400).to_csv(tmp_path / "mine.csv", index=False)
    # Long enough to be killed; the clock decides where, and whether it was.
    asked = ["train", "mine.csv", "-t", "kind", "--hidden", "16", "--epochs", "600"]
    asked += ["--effort", "fast"]
    whole = tmp_path / "whole"
    whole.mkdir()
    os.link(tmp_path / "mine.csv", whole / "mine.csv")
    run = killed(tmp_path, asked, number)
    while rv.Run(run).state != "stopped":  # where it was over before it was killed
        shutil.rmtree(run)
        run = killed(tmp_path, asked, number)
    (tmp_path / "mine-model.safetensors").unlink(missing_ok=True)
    done = ranvier(tmp_path, "resume", str(run))
    assert done.returncode == 0, done.stderr
    assert f"The run {run.name} is done: History(600 epochs" in done.stdout
    alone = ranvier(whole, *asked, "--no-run")
    assert alone.returncode == 0
    # What is told is the same too: the table, the columns, the scores.
    for begins, ends in (("Task:", "The run "), ("Held-out", "Model:")):
        told = done.stdout.partition(begins)[2].partition(ends)[0]
        assert len(told.splitlines()) > 4
        assert told.strip() in alone.stdout
    models = [
        rv.load(folder / "mine-model.safetensors") for folder in (tmp_path, whole)
    ]
    assert models[0].members == models[1].members
    assert models[0].metadata.scores == models[1].metadata.scores != {}
    frame = pages.table(50)
    assert (models[0].predict(frame) == models[1].predict(frame)).all()
    again = ranvier(tmp_path, "resume", str(run), "-o", "other.safetensors")
    assert "was over already" in again.stdout
    other = rv.load(tmp_path / "other.safetensors")
    assert other.members == models[0].members
    (tmp_path / "mine.csv").unlink()
    # The run holds the rows, so that all networks can be had without the table.
    blind = ranvier(tmp_path, "resume", str(run), "--json", "-o", "blind.safetensors")
    assert json.loads(blind.stdout)["scores"] == {}
    other = rv.load(tmp_path / "blind.safetensors")
    assert other.members == models[0].members
    assert "there will be no scores on held-out rows: there is no file" in (
        blind.stderr
    )


def test_rows_that_were_too_many_to_keep(tmp_path: Path) -> None:
    """They are read again from where they came; where that fails, it is said."""
    pages.table(90).to_csv(tmp_path / "mine.csv", index=False)
    ranvier(tmp_path, "train", "mine.csv", "-t", "kind", "--epochs", "9")
    run = next((tmp_path / "runs").iterdir())
    # As it would be left by a process that was killed, of a table of 64 MB.
    lines = (run / "epochs.jsonl").read_text().splitlines(keepends=True)
    (run / "epochs.jsonl").write_text("".join(lines[:4]))
    whole = rv.load(tmp_path / "mine-model.safetensors")
    kept = rv.Run(run).data
    assert kept is not None
    manifest = json.loads((run / "run.json").read_text())
    arrays = {"X": kept["X"], "Y": kept["Y"], "rows": kept["rows"]}
    manifest["data"] |= {"kept": False, "sha256": fingerprint(arrays)}
    (run / "run.json").write_text(manifest_text(manifest))
    (run / "data.safetensors").unlink()
    done = ranvier(tmp_path, "resume", str(run))
    assert done.returncode == 0, done.stderr
    again = rv.load(tmp_path / "mine-model.safetensors")
    assert again.members == whole.members
    assert again.metadata.scores == whole.metadata.scores
    (tmp_path / "mine.csv").unlink()
    (run / "epochs.jsonl").write_text("".join(lines[:4]))
    blind = ranvier(tmp_path, "resume", str(run))
    assert blind.returncode == 1
    assert "has not kept its rows, which are many, and they cannot" in blind.stderr


def test_groups_are_needed_again(tmp_path: Path) -> None:
    """Without its table the other networks would hold out other rows."""
    table = pages.table(90)
    table["site"] = [i // 3 for i in range(90)]
    table.to_csv(tmp_path / "mine.csv", index=False)
    asked = ["train", "mine.csv", "-t", "kind", "--groups", "site", "--effort", "fast"]
    assert ranvier(tmp_path, *asked, "--epochs", "3").returncode == 0
    (run,) = (tmp_path / "runs").iterdir()
    whole = rv.load(tmp_path / "mine-model.safetensors")
    out = ["-o", "other.safetensors"]
    assert ranvier(tmp_path, "resume", str(run), *out).returncode == 0
    assert rv.load(tmp_path / "other.safetensors").members == whole.members
    (tmp_path / "other.safetensors").unlink()
    (tmp_path / "mine.csv").unlink()
    text = "a run does not store these: put the table back where it was"
    refuses(tmp_path, run, text, *out)


def test_a_run_of_arrays(tmp_path: Path) -> None:
    run = pages.record(tmp_path)
    done = ranvier(tmp_path, "resume", str(run), "-o", "net.safetensors")
    assert done.returncode == 0, done.stderr
    assert rv.Network.load(tmp_path / "net.safetensors") == rv.Run(run).network()


def test_no_run(tmp_path: Path) -> None:
    done = ranvier(tmp_path, "resume", "nowhere")
    assert done.returncode == 1
    assert "is no run: there is no run.json in it" in done.stderr


def test_the_fit_of_a_tabular_estimator_is_no_table_of_its_own(tmp_path: Path) -> None:
    table = pages.table(60)
    y = table.pop("kind")
    clf = rv.TabularClassifier(effort="fast", run=tmp_path / "runs").fit(table, y)
    done = ranvier(tmp_path, "resume", str(clf.run_), "--out", "net.safetensors")
    assert done.returncode == 0, done.stderr
    assert "was over already" in done.stdout
    net = rv.Network.load(tmp_path / "net.safetensors")
    assert net == rv.Run(clf.run_).network()


# ---------------------------------------------------------------- a stranger's run


def stopped(folder: Path) -> Path:
    """Train in a folder, and leave the run as a process that was killed would."""
    pages.table(90).to_csv(folder / "mine.csv", index=False)
    asked = ["train", "mine.csv", "-t", "kind", "--epochs", "9", "--effort", "fast"]
    assert ranvier(folder, *asked).returncode == 0
    (run,) = (folder / "runs").iterdir()
    lines = (run / "epochs.jsonl").read_text().splitlines(keepends=True)
    (run / "epochs.jsonl").write_text("".join(lines[:4]))
    return run


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a run that was stopped."""
    folder = tmp_path_factory.mktemp("trained")
    stopped(folder)
    return folder


@pytest.fixture
def run(trained: Path, tmp_path: Path) -> Path:
    """Return a copy of that run."""
    shutil.copytree(trained / "runs", tmp_path / "runs")
    (found,) = (tmp_path / "runs").iterdir()
    return found


def refuses(folder: Path, run: Path, text: str, *more: str) -> None:
    """Resume a run, and see one clear line and nothing written outside of it."""
    before = {path: path.read_bytes() for path in folder.glob("*") if path.is_file()}
    done = ranvier(folder, "resume", str(run), *more)
    assert done.returncode == 1
    (line,) = [one for one in done.stderr.splitlines() if not one.startswith("Note:")]
    assert text in line
    after = {path: path.read_bytes() for path in folder.glob("*") if path.is_file()}
    assert after == before


def changed(run: Path, **about: object) -> None:
    """Write another page into a run, with the checksum that belongs to it."""
    told = read_manifest(run)
    told["about"] |= about
    (run / "run.json").write_text(manifest_text(told))


def test_a_run_that_names_another_file(tmp_path: Path) -> None:
    run = stopped(tmp_path)
    (tmp_path / "victim.txt").write_text("mine")
    for name in ("victim.txt", "new.txt"):
        changed(run, model=str(tmp_path / name))
        refuses(tmp_path, run, "no training of yours on this machine has named it")
    changed(run, model=7, model_claim=[None])
    refuses(tmp_path, run, "no training of yours on this machine has named it")


def test_a_run_of_somebody_else(tmp_path: Path) -> None:
    """Whoever has not the key can sign nothing, and needs --out."""
    theirs = tmp_path / "theirs"
    mine = tmp_path / "mine"
    theirs.mkdir()
    mine.mkdir()
    run = stopped(theirs)
    shutil.move(theirs / "runs", mine / "runs")
    run = mine / "runs" / run.name
    refuses(mine, run, "it lies outside the current folder")
    env = os.environ | {"XDG_STATE_HOME": str(tmp_path / "state")}
    command = [RANVIER, "resume", str(run)]
    done = subprocess.run(
        command, cwd=theirs, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "no training of yours on this machine has named it" in done.stderr
    assert (tmp_path / "state" / "ranvier" / "key").stat().st_mode & 0o777 == 0o600
    assert ranvier(mine, "resume", str(run), "-o", "m.safetensors").returncode == 0
    assert rv.TableModel.load(mine / "m.safetensors").target == "kind"


def test_a_model_that_another_training_has_written_since(tmp_path: Path) -> None:
    run = stopped(tmp_path)
    asked = ["train", "mine.csv", "-t", "kind", "--epochs", "3", "--seed", "5"]
    assert ranvier(tmp_path, *asked).returncode == 0
    text = "that file now holds something else than the model of this run: give --out"
    refuses(tmp_path, run, text)
    model = "mine-model.safetensors"
    refuses(tmp_path, run, "is a model of another training", "-o", model)
    refuses(tmp_path, run, "is the input", "-o", "mine.csv")
    assert ranvier(tmp_path, "resume", str(run), "-o", model, "--force").returncode == 0
    assert ranvier(tmp_path, "resume", str(run)).returncode == 0  # its own again


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
@pytest.mark.parametrize(
    "name",
    ["lock", "epochs.jsonl", "networks", "checkpoint.safetensors", "data.safetensors",
     "run.json", "network.safetensors", "networks/00000000.safetensors"],
)  # fmt: skip
def test_links_in_a_run_are_not_followed(run: Path, tmp_path: Path, name: str) -> None:
    outside = tmp_path / "outside"
    if name == "networks":
        (run / name).rename(outside)
        (outside / "00000009.safetensors").write_text("mine")
    else:
        (run / name).unlink(missing_ok=True)
        outside.write_text("mine")
    (run / name).symlink_to(outside)
    done = ranvier(tmp_path, "resume", str(run), "-o", "m.safetensors")
    if name not in ("checkpoint.safetensors", "network.safetensors"):
        # Those are not needed: a run begins again, and replaces them.
        assert done.returncode == 1, done.stdout
        assert "is a link" in done.stderr.splitlines()[-1]
    mine = outside / "00000009.safetensors" if outside.is_dir() else outside
    assert mine.read_text() == "mine"


@pytest.mark.skipif(os.name == "nt", reason="there are no pipes of that kind")
@pytest.mark.parametrize("name", ["lock", "epochs.jsonl", "data.safetensors"])
def test_pipes_in_a_run_are_refused_at_once(
    run: Path, tmp_path: Path, name: str
) -> None:
    (run / name).unlink(missing_ok=True)
    os.mkfifo(run / name)
    text = "but a regular file was expected"
    refuses(tmp_path, run, text, "-o", "m.safetensors")


def test_a_run_in_use_or_damaged(run: Path, tmp_path: Path) -> None:
    out = ["-o", "m.safetensors"]
    with Lock(run):
        text = f"is being written by process {os.getpid()} since"
        refuses(tmp_path, run, text, *out)
    text = (run / "run.json").read_text()
    (run / "run.json").write_text(text.replace('"seed": 0', '"seed": 1', 1))
    refuses(tmp_path, run, "its contents do not match its checksum", *out)
    (run / "run.json").write_text(text)
    first = run / "networks" / "00000000.safetensors"
    first.write_bytes(first.read_bytes()[:-1])
    refuses(tmp_path, run, "is a file of Ranvier's, but damaged", *out)
