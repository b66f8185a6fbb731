"""As graders/prediction_service/wrong/no_lifespan.py, in another hand."""

import asyncio
import json
import logging
import math

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse


class Refusal(Exception):
    def __init__(self, status, reason):
        super().__init__(reason)
        self.status, self.reason = status, reason


def schema(name, items):
    body = {"type": "object", "required": [name], "properties": {name: {"type": "array", "items": items}}}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": body}}}}


NUMBER = {"type": "number"}


def create_app(load_model, *, n_features, max_batch=100):
    holder = {}

    try:
        holder["model"] = load_model()
    except Exception:
        logging.exception("loading failed")
    app = FastAPI()

    @app.exception_handler(Refusal)
    async def refused(request, refusal):
        return JSONResponse({"detail": refusal.reason}, status_code=refusal.status)

    async def read(request, key):
        try:
            body = json.loads(await request.body())
        except (ValueError, RecursionError):
            raise Refusal(422, "the body is no JSON") from None
        if not isinstance(body, dict) or list(body) != [key]:
            raise Refusal(422, f"the body must be an object with the key {key}")
        if not isinstance(body[key], list):
            raise Refusal(422, f"{key} must be a list")
        return body[key]

    def to_floats(row):
        if not isinstance(row, list) or len(row) != n_features:
            raise Refusal(422, f"a row has {n_features} numbers")
        floats = []
        for entry in row:
            if isinstance(entry, bool) or not isinstance(entry, int | float) or not -1.7e308 < entry < 1.7e308:
                raise Refusal(422, "all entries must be finite numbers")
            floats.append(float(entry))
        return floats

    async def predictions(rows):
        model = holder.get("model")
        if model is None:
            raise Refusal(503, "there is no model at the moment")
        try:
            values = await asyncio.to_thread(model.predict, rows)
            values = list(map(float, values))
        except Exception:
            logging.exception("prediction failed")
            raise Refusal(500, "the model could not answer") from None
        if not all(math.isfinite(value) for value in values):
            raise Refusal(500, "the model gave something that is not finite")
        return values

    @app.post("/predict", openapi_extra=schema("features", NUMBER))
    async def predict(request: Request):
        row = to_floats(await read(request, "features"))
        (value,) = await predictions([row])
        return {"prediction": value}

    @app.post("/predict/batch", openapi_extra=schema("rows", {"type": "array", "items": NUMBER}))
    async def predict_batch(request: Request):
        rows = [to_floats(row) for row in await read(request, "rows")]
        if len(rows) > max_batch:
            raise Refusal(422, f"at most {max_batch} rows")
        return {"predictions": await predictions(rows) if rows else []}

    @app.get("/health")
    async def health():
        return {"status": "ok"}

    @app.get("/ready")
    async def ready():
        if "model" not in holder:
            raise Refusal(503, "no model")
        return {"status": "ready"}

    return app
