"""``python -m benchmarks PART`` runs one part; without PART it lists them."""

import sys
from importlib import import_module

# Part -> module with a function main(arguments), and what it measures.
PARTS = {
    "sklearn": ("sklearn_fit", "fit, predict and memory beside scikit-learn's MLP"),
}


def main() -> int:
    """Run the part that the command names."""
    name, *arguments = sys.argv[1:] or [""]
    if name not in PARTS:
        print("usage: python -m benchmarks PART [arguments]\n")
        for part, (_, text) in PARTS.items():
            print(f"  {part:12} {text}")
        return 0 if name in ("", "-h", "--help") else 2
    module = import_module(f"benchmarks.{PARTS[name][0]}")
    return int(module.main(arguments) or 0)


if __name__ == "__main__":
    sys.exit(main())
