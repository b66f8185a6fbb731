"""Keeps the model on app.state, checks numbers in validators, and hands the blocking call to asyncio.to_thread."""

import asyncio
from contextlib import asynccontextmanager, suppress
from math import isfinite

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, field_validator


def error(status, text):
    return JSONResponse(status_code=status, content={"detail": text})


def checked(row, n):
    if type(row) is not list or len(row) != n:
        raise ValueError("wrong length")
    for value in row:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ValueError("not a number")
        try:
            fine = isfinite(value)
        except OverflowError:
            fine = False
        if not fine:
            raise ValueError("not finite")
    return [float(value) for value in row]


def create_app(load_model, *, n_features, max_batch=100):
    class Features(BaseModel, extra="forbid"):
        features: list

        @field_validator("features", mode="before")
        @classmethod
        def check(cls, value):
            return checked(value, n_features)

    class Rows(BaseModel, extra="forbid"):
        rows: list

        @field_validator("rows", mode="before")
        @classmethod
        def check(cls, value):
            if type(value) is not list or len(value) > max_batch:
                raise ValueError("too many rows")
            return [checked(row, n_features) for row in value]

    @asynccontextmanager
    async def lifespan(app):
        app.state.model = None
        with suppress(Exception):
            app.state.model = await asyncio.to_thread(load_model)
        try:
            yield
        finally:
            if app.state.model is not None:
                await asyncio.to_thread(app.state.model.close)

    router = APIRouter()

    async def answer(app, rows, shape):
        if app.state.model is None:
            return error(503, "model not loaded")
        values = []
        if rows:
            try:
                values = [float(v) for v in await asyncio.to_thread(app.state.model.predict, rows)]
            except Exception:
                return error(500, "prediction failed")
            if not all(isfinite(v) for v in values):
                return error(500, "prediction failed")
        return JSONResponse(shape(values))

    @router.post("/predict")
    async def one(body: Features, request: Request):
        return await answer(request.app, [body.features], lambda values: {"prediction": values[0]})

    @router.post("/predict/batch")
    async def many(body: Rows, request: Request):
        return await answer(request.app, body.rows, lambda values: {"predictions": values})

    @router.get("/health")
    async def health():
        return {"status": "ok"}

    @router.get("/ready")
    async def ready(request: Request):
        return {"status": "ready"} if request.app.state.model is not None else error(503, "model not loaded")

    app = FastAPI(lifespan=lifespan)
    app.include_router(router)
    app.add_exception_handler(RequestValidationError, lambda request, err: error(422, "the request is not valid"))
    return app
