"""Reads and checks the bodies by hand, and calls the model in threads of its own."""

import asyncio
import json
import math
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse


class Refused(Exception):
    def __init__(self, status, why):
        self.status, self.why = status, why


def read(text, key):
    try:
        body = json.loads(text)
    except ValueError:
        raise Refused(422, "no JSON") from None
    if not isinstance(body, dict) or list(body) != [key] or not isinstance(body[key], list):
        raise Refused(422, f"expected an object with the list {key} and nothing else")
    return body[key]


def numbers(row, n_features):
    if not isinstance(row, list) or len(row) != n_features:
        raise Refused(422, f"a row has {n_features} numbers")
    for value in row:
        if type(value) not in (int, float) or abs(value) > 1.7976931348623157e308 or value != value:
            raise Refused(422, "a row has finite numbers")
    return list(map(float, row))


def described(name, kind):
    schema = {"type": "object", "required": [name], "properties": {name: kind}, "additionalProperties": False}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def create_app(load_model, *, n_features, max_batch=100):
    held = {}

    @asynccontextmanager
    async def lifespan(app):
        with ThreadPoolExecutor(8) as pool:
            held["pool"] = pool
            try:
                held["model"] = load_model()
            except Exception as error:
                print("no model:", error)
            yield
        if "model" in held:
            held.pop("model").close()

    async def ask(rows):
        if "model" not in held:
            raise Refused(503, "no model")
        if not rows:
            return []
        try:
            found = await asyncio.get_running_loop().run_in_executor(held["pool"], held["model"].predict, rows)
            found = [float(number) for number in found]
        except Exception:
            raise Refused(500, "the model failed") from None
        if any(math.isinf(number) or math.isnan(number) for number in found):
            raise Refused(500, "the model failed")
        return found

    app = FastAPI(lifespan=lifespan)

    @app.exception_handler(Refused)
    async def refused(request, error):
        return JSONResponse({"detail": error.why}, error.status)

    row = {"type": "array", "items": {"type": "number"}}

    @app.post("/predict", openapi_extra=described("features", row))
    async def predict(request: Request):
        features = numbers(read(await request.body(), "features"), n_features)
        return {"prediction": (await ask([features]))[0]}

    @app.post("/predict/batch", openapi_extra=described("rows", {"type": "array", "items": row}))
    async def predict_batch(request: Request):
        rows = read(await request.body(), "rows")
        if len(rows) > max_batch:
            raise Refused(422, f"at most {max_batch} rows")
        return {"predictions": await ask([numbers(each, n_features) for each in rows])}

    @app.get("/health")
    def health():
        return {"status": "ok"}

    @app.get("/ready")
    def ready():
        if "model" not in held:
            raise Refused(503, "no model")
        return {"status": "ready"}

    return app
