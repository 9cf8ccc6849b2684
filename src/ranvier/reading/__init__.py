"""Data files of any kind <-> a table, through DuckDB."""
