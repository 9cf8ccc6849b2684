"""How accurate Ranvier is beside others, on real tables: `python -m benchmarks accuracy`."""


def main(arguments: list[str]) -> None:
    """Run what has not been run yet, then report; see benchmarks/accuracy/command.py."""
    from benchmarks.accuracy.command import main as command  # trials need none of it

    command(arguments)
