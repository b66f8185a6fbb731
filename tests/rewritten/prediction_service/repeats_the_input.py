"""As graders/prediction_service/wrong/repeats_the_input.py, in another hand."""

import math
from contextlib import asynccontextmanager

import anyio.to_thread
from fastapi import FastAPI, HTTPException
from fastapi.responses import JSONResponse
from pydantic import BaseModel, field_validator


def create_app(load_model, *, n_features, max_batch=100):
    def number(value):
        if type(value) not in (int, float):
            raise ValueError("not a number")
        try:
            value = float(value)
        except OverflowError:
            raise ValueError("too large") from None
        if not math.isfinite(value):
            raise ValueError("not finite")
        return value

    def vector(values):
        if not isinstance(values, list) or len(values) != n_features:
            raise ValueError(f"expected a list of {n_features} numbers")
        return [number(value) for value in values]

    class Question(BaseModel, extra="forbid"):
        features: list[float]

        @field_validator("features", mode="before")
        @classmethod
        def check_features(cls, values):
            return vector(values)

    class Questions(BaseModel, extra="forbid"):
        rows: list[list[float]]

        @field_validator("rows", mode="before")
        @classmethod
        def check_rows(cls, rows):
            if not isinstance(rows, list) or len(rows) > max_batch:
                raise ValueError(f"expected a list of at most {max_batch} rows")
            return [vector(row) for row in rows]

    @asynccontextmanager
    async def life(app):
        app.state.model = None
        try:
            app.state.model = load_model()
        except Exception as error:
            print("no model:", error)
        try:
            yield
        finally:
            if app.state.model is not None:
                app.state.model.close()

    app = FastAPI(lifespan=life)

    def compute(rows):
        return [float(value) for value in app.state.model.predict(rows)]

    async def ask(rows):
        if app.state.model is None:
            raise HTTPException(503, "no model")
        try:
            answers = await anyio.to_thread.run_sync(compute, rows)
        except Exception as error:
            print("model failed:", error)
            raise HTTPException(500, "the model failed") from None
        if any(math.isnan(answer) or math.isinf(answer) for answer in answers):
            raise HTTPException(500, "the model gave no finite number")
        return answers

    @app.post("/predict")
    async def one(question: Question):
        answers = await ask([question.features])
        return {"prediction": answers[0]}

    @app.post("/predict/batch")
    async def many(questions: Questions):
        return {"predictions": await ask(questions.rows) if questions.rows else []}

    @app.get("/health")
    async def health():
        return {"status": "ok"}

    @app.get("/ready")
    async def ready():
        if app.state.model is None:
            return JSONResponse({"detail": "no model"}, 503)
        return {"status": "ready"}

    return app
