"""A number of numpy is a number, and can be sent as one."""

import logging
import math
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import FastAPI, HTTPException
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StrictFloat

CAUGHT_BY = ("test_model_may_answer_with_an_array",)


def create_app(load_model, *, n_features, max_batch=100):
    finite = Annotated[StrictFloat, Field(allow_inf_nan=False)]
    row = Annotated[list[finite], Field(min_length=n_features, max_length=n_features)]

    class Single(BaseModel):
        model_config = ConfigDict(extra="forbid")
        features: row

    class Batch(BaseModel):
        model_config = ConfigDict(extra="forbid")
        rows: Annotated[list[row], Field(max_length=max_batch)]

    model = None

    @asynccontextmanager
    async def lifespan(app):
        nonlocal model
        try:
            model = load_model()
        except Exception:
            logging.exception("the model cannot be loaded")
        yield
        if model is not None:
            model.close()

    def predict(rows):
        if model is None:
            raise HTTPException(503, "there is no model")
        try:
            found = list(model.predict(rows)) if rows else []
        except Exception:
            logging.exception("the model failed")
            found = [math.nan]
        if not all(map(math.isfinite, found)):
            raise HTTPException(500, "the prediction failed")
        return found

    app = FastAPI(lifespan=lifespan)

    @app.exception_handler(RequestValidationError)
    async def refuse(request, error):
        # The default answer repeats the input, which may be no JSON.
        problems = [{"where": [str(part) for part in each["loc"]], "what": each["msg"]} for each in error.errors()]
        return JSONResponse({"detail": problems}, status_code=422)

    # Plain functions run in threads, so that a model that blocks keeps nobody waiting.
    @app.post("/predict")
    def predict_one(body: Single):
        return {"prediction": predict([body.features])[0]}

    @app.post("/predict/batch")
    def predict_many(body: Batch):
        return {"predictions": predict(body.rows)}

    @app.get("/health")
    async def health():
        return {"status": "ok"}

    @app.get("/ready")
    async def ready():
        if model is None:
            raise HTTPException(503, "there is no model")
        return {"status": "ready"}

    return app
