"""``ranvier serve``: a model behind HTTP."""

from __future__ import annotations

from pathlib import Path

from ranvier.commands import model_files, shared
from ranvier.commands.shared import click


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen at; any other can be reached from other machines.",
)
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=8000, show_default=True,
    help="0: one that is free.",
)  # fmt: skip
@click.option(
    "--token-file",
    type=click.Path(path_type=Path),
    help="File of the token that requests must carry. [default: a new one, printed]",
)
@click.option("--no-token", is_flag=True, help="Ask for none, on this machine only.")
@click.option(
    "--most-rows", type=click.IntRange(1, 1_000_000), default=10_000, show_default=True,
    help="Rows of one request.",
)  # fmt: skip
@click.option(
    "--most-bytes", type=click.IntRange(1000, 1 << 31), default=16_000_000,
    show_default=True, help="Bytes of one request.",
)  # fmt: skip
@click.option(
    "--timeout", type=click.FloatRange(0.1, 3600), default=30.0, show_default=True,
    help="Seconds until a request without a result is refused.",
)  # fmt: skip
def serve(
    model: Path,
    host: str,
    port: int,
    token_file: Path | None,
    no_token: bool,
    most_rows: int,
    most_bytes: int,
    timeout: float,
) -> None:
    """Serve the predictions of MODEL over HTTP.

    MODEL is what `ranvier train` saved, or an ONNX file of it. POST /predict takes rows
    as JSON or as an Arrow stream; GET /openapi.json describes the columns, GET /metrics
    counts requests, GET /health says that the server is ready.

    \b
    ranvier serve penguins.model
    curl -H "Authorization: Bearer $TOKEN" -d '{"rows": [{"island": "Dream", ...}]}' \\
        http://127.0.0.1:8000/predict
    """  # noqa: D301
    with shared.one_message():
        if no_token and token_file is not None:
            raise ValueError("--no-token and --token-file exclude each other: give one")
        predictor = model_files.load_predictor(model)
        # Imported here: the other commands do not wait for the server.
        from ranvier.serving.application import Limits
        from ranvier.serving.launch import serve as run
        from ranvier.serving.launch import token_of

        run(
            predictor,
            model.name,
            host=host,
            port=port,
            token=None if no_token else token_of(token_file),
            limits=Limits(most_rows, most_bytes, timeout),
            shows_token=not no_token and token_file is None,
        )
