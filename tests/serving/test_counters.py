"""counters.py: the text that Prometheus reads."""

from ranvier.serving.counters import SECONDS, Counters


def test_the_text() -> None:
    counters = Counters()
    for status, seconds in ((200, 0.002), (200, 0.3), (422, 20.0)):
        counters.request(status, seconds)
    counters.batch(5)
    counters.batch(7)
    text = [line for line in counters.text().splitlines() if line[0] != "#"]
    lines = dict(line.rsplit(" ", 1) for line in text)
    assert lines['ranvier_requests_total{status="200"}'] == "2"
    assert lines["ranvier_rows_total"] == "12"
    assert lines["ranvier_batches_total"] == "2"
    below = [int(lines[f'ranvier_request_seconds_bucket{{le="{s}"}}']) for s in SECONDS]
    assert below == sorted(below)
    assert (below[0], below[1], below[-1]) == (0, 1, 2)
    assert lines['ranvier_request_seconds_bucket{le="+Inf"}'] == "3"
    assert float(lines["ranvier_request_seconds_sum"]) == 20.302
