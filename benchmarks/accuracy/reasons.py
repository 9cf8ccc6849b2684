"""Why Ranvier errs more than others on a table, as far as it has been looked into."""

REASONS: dict[str, str] = {}
