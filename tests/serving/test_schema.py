"""schema.py: the description of the server, as a validator of JSON schemas reads it."""

import jsonschema
import pytest
from served import fitted, rows_of, table

from ranvier.serving.predictions import predict
from ranvier.serving.schema import openapi


@pytest.mark.parametrize("target", ["kind", "price"])
def test_rows_and_predictions_fit_the_schema(target: str) -> None:
    model = fitted(target)
    schema = openapi(model, "m", 100)
    row = schema["components"]["schemas"]["Row"]
    frame = table(30).drop(columns=["kind", "price"])
    for each in rows_of(frame):
        jsonschema.validate(each, row)
    for wrong in ({"size": "x"}, {"day": 3}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(rows_of(frame)[0] | wrong, row)
    response = schema["paths"]["/predict"]["post"]["responses"]["200"]
    content = response["content"]["application/json"]["schema"]
    interval = 0.8 if target == "price" else None
    found = {"predictions": predict(model, frame, interval)}
    jsonschema.validate(found, content)
