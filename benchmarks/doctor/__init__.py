"""How often the doctor finds a fault that was seeded: `python -m benchmarks doctor`."""

from benchmarks.doctor.command import main as main
