"""The version of Ranvier; pyproject.toml, which builds it, says the same."""

__version__ = "0.1.0"
