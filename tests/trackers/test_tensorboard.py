"""TensorBoard's own reader finds what was logged."""

from pathlib import Path

import pytest
from trainings import train

import ranvier as rv

pytestmark = pytest.mark.peers
pytest.importorskip("tensorboardX")
accumulators = pytest.importorskip(
    "tensorboard.backend.event_processing.event_accumulator"
)


@pytest.mark.filterwarnings("ignore")
def test_scalars_and_histograms_arrive(tmp_path: Path) -> None:
    net, history = train(rv.TensorBoardLogger(tmp_path / "run", histograms=7))
    found = accumulators.EventAccumulator(str(tmp_path / "run"))
    found.Reload()
    events = found.Scalars("loss/train")
    assert [event.step for event in events] == list(range(1, 8))
    assert [event.value for event in events] == pytest.approx(history.losses)
    assert {"loss/validation", "validation/accuracy"} <= set(found.Tags()["scalars"])
    (histogram,) = found.Histograms("weights/W1")
    value = histogram.histogram_value
    assert (histogram.step, value.num) == (7, 12)
    assert value.min == pytest.approx(float(net.layers[0].W.min()))
