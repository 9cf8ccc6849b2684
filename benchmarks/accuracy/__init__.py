"""How accurate Ranvier is beside others on real tables."""


def main(arguments: list[str]) -> None:
    """Run what has not been run yet, then report: `python -m benchmarks accuracy`."""
    from benchmarks.accuracy.command import main as command  # trials need none of it

    command(arguments)
