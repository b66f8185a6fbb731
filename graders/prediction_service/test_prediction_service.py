"""Hidden checks of prediction_service."""

import asyncio
import http.client
import importlib
import json
import threading
import time

import pytest
import uvicorn

from mlkata.compare import assert_close, assert_equal, assert_true, assert_type

WAIVED = {"returns_zeros:create_app": "an application is neither a number nor made of numbers"}
PATIENCE = 20.0  # seconds of wall time, for what never ends otherwise


def start(app):
    """A server of uvicorn for an application, its thread, and where it listens."""

    class Server(uvicorn.Server):
        """One that sees at once that it shall stop; uvicorn's own looks ten times a second."""

        async def main_loop(self):
            while not await self.on_tick(0):
                await asyncio.sleep(0.005)

    server = Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="on"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    end = time.monotonic() + PATIENCE
    while not server.started and thread.is_alive() and time.monotonic() < end:
        time.sleep(0.002)
    if not server.started:
        return None, thread, None
    return server, thread, server.servers[0].sockets[0].getsockname()


def stop(server, thread):
    if server is not None:
        server.should_exit = True
    thread.join(PATIENCE)


def say(address, method, path, body=None, timeout=PATIENCE):
    """Status and text of one request; 0 and why where there is no answer."""
    connection = http.client.HTTPConnection(*address, timeout=timeout)
    try:
        connection.request(method, path, body, {"Content-Type": "application/json"} if body is not None else {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        return 0, type(error).__name__
    finally:
        connection.close()


def make_model(kind, record):
    """A model that adds up rows, or does what `kind` says, and writes down what it is asked."""

    class Model:
        def predict(self, rows):
            plain = [list(row) for row in rows]
            record["calls"].append(plain)
            record["plain"] &= type(rows) is list
            record["plain"] &= all(type(row) is list and all(type(value) is float for value in row) for row in rows)
            if kind == "fails twice" and len(record["calls"]) <= 2:
                raise (RuntimeError, ValueError)[len(record["calls"]) - 1]("secret-4711")
            if kind == "not finite":
                return [{-1: float("nan"), 1: float("inf")}.get(row[0], 0.0) for row in plain]
            if kind == "numpy":
                np = importlib.import_module("numpy")  # by the worker of this check alone

                return np.array([sum(row) for row in plain], dtype=np.float32)
            return [sum(row) for row in plain]

        def close(self):
            record["closed"] += 1

    return Model()


def serve(module, requests, kind="adds", **options):
    """create_app(load_model, **options) in a server, asked these requests one after the other"""
    record = {"calls": [], "plain": True, "loaded": 0, "closed": 0, "events": []}

    def load_model():
        record["loaded"] += 1
        if kind in ("missing", "broken"):
            raise FileNotFoundError("model.bin") if kind == "missing" else ValueError("no model in it")
        return make_model(kind, record)

    app = module.create_app(load_model, **{"n_features": 3, **options})
    record["loaded_by_create_app"] = record["loaded"]
    server, thread, address = start(app)
    record["started"] = server is not None
    record["loaded_at_start"] = record["loaded"]
    answers = [say(address, *request) for request in requests] if server is not None else []
    record["closed_before_stop"] = record["closed"]
    stop(server, thread)
    return answers, record


def together(module, path, body, count):
    """create_app(load_model, n_features=2) in a server, asked `count` times at once, and /health while all compute"""
    met, go_on = threading.Event(), threading.Event()
    meeting = threading.Barrier(count, action=met.set)

    class Model:
        def predict(self, rows):
            meeting.wait(PATIENCE / 8)
            go_on.wait(PATIENCE / 4)
            return [sum(row) for row in rows]

        def close(self):
            pass

    server, thread, address = start(module.create_app(Model, n_features=2))
    if server is None:
        return [], (0, "not started")
    answers = [None] * count

    def ask(place):
        answers[place] = say(address, "POST", path, body)

    clients = [threading.Thread(target=ask, args=(place,), daemon=True) for place in range(count)]
    for client in clients:
        client.start()
    health = say(address, "GET", "/health", None, PATIENCE / 8) if met.wait(PATIENCE / 8) else (0, "not together")
    go_on.set()
    for client in clients:
        client.join(PATIENCE)
    stop(server, thread)
    return answers, health


def meanwhile(module, body, stopping):
    """create_app(load_model, n_features=2) in a server, where something happens while the model computes"""
    entered, go_on, events, answers = threading.Event(), threading.Event(), [], []

    class Model:
        def predict(self, rows):
            entered.set()
            go_on.wait(PATIENCE / 2)
            events.append("predicted")
            return [sum(row) for row in rows]

        def close(self):
            events.append("closed")

    server, thread, address = start(module.create_app(Model, n_features=2))
    if server is None:
        return (0, "not started"), (0, "not started"), events
    client = threading.Thread(target=lambda: answers.append(say(address, "POST", "/predict", body)), daemon=True)
    client.start()
    entered.wait(PATIENCE / 2)
    health = None
    if stopping:
        server.should_exit = True
        end = time.monotonic() + PATIENCE / 4
        while time.monotonic() < end and any(each.is_serving() for each in server.servers):
            time.sleep(0.005)
    else:
        health = say(address, "GET", "/health", None, PATIENCE / 8)
    go_on.set()
    client.join(PATIENCE)
    stop(server, thread)
    return answers[0] if answers else (0, "no answer"), health, events


def refuse_constant(name):
    raise ValueError(name)


def body_of(answer, what):
    """The JSON of an answer, which must be JSON."""
    try:
        return json.loads(answer[1], parse_constant=refuse_constant)
    except ValueError:
        found = answer[1][:80]
    assert_true(False, f"{what} is no valid JSON", f"got {found!r}")
    return None


def expect(answer, status, what):
    """The body of an answer that has this status; of an error, that it says something under detail."""
    assert_equal(answer[0], status, what=f"the status of {what}")
    body = body_of(answer, f"the answer to {what}")
    if status >= 400:
        assert_true(isinstance(body, dict) and "detail" in body, f"the answer to {what} has no key detail")
    return body


def post(path, value):
    return ("POST", path, value if isinstance(value, str) else json.dumps(value))


@pytest.mark.correctness("Single", "Model")
def test_single_prediction(submission, rng):
    """One row is answered with one number, whether its numbers are integers or floats."""
    row = rng.normal(size=3).tolist()
    answers, record = submission.run(
        serve, [post("/predict", {"features": row}), post("/predict", {"features": [1, -2, 7]})]
    )
    for answer, expected in zip(answers, (sum(row), 6), strict=True):
        body = expect(answer, 200, "a valid request")
        assert_equal(sorted(body), ["prediction"], what="the list of keys of the answer")
        assert_true(type(body["prediction"]) in (int, float), "the prediction is no JSON number")
        assert_close(body["prediction"], expected, rtol=1e-12, atol=0.0, what="the prediction")
    assert_close(record["calls"], [[row], [[1, -2, 7]]], rtol=1e-12, atol=0.0, what="what the model was asked")
    assert_true(record["plain"], "the model is given something else than a list of lists of floats")


@pytest.mark.correctness("Batch")
def test_batch_is_one_call(submission, rng):
    """A batch is answered in order, by one call of the model."""
    rows = [*rng.normal(size=(3, 3)).tolist(), [4, -1, 2]]
    answers, record = submission.run(serve, [post("/predict/batch", {"rows": rows})])
    body = expect(answers[0], 200, "a valid batch")
    assert_equal(sorted(body), ["predictions"], what="the list of keys of the answer")
    expected = [sum(row) for row in rows]
    assert_close(body["predictions"], expected, rtol=1e-12, atol=0.0, what="the list of predictions")
    assert_equal(len(record["calls"]), 1, what="the number of calls of the model for one batch")
    assert_close(record["calls"][0], rows, what="what the model was asked")
    assert_true(record["plain"], "the model is given something else than a list of lists of floats")


@pytest.mark.correctness("Model", "Single", "Batch")
def test_model_may_answer_with_an_array(submission):
    """A model that returns a numpy array of float32 is answered with plain JSON numbers."""
    answers, _ = submission.run(
        serve,
        [post("/predict", {"features": [1, 2, 0.5]}), post("/predict/batch", {"rows": [[1, 2, 3], [0.5, 0, 0]]})],
        "numpy",
    )
    assert_close(expect(answers[0], 200, "a valid request")["prediction"], 3.5, what="the prediction")
    assert_close(expect(answers[1], 200, "a valid batch")["predictions"], [6, 0.5], what="the list of predictions")


@pytest.mark.correctness("Health", "Model")
def test_health_and_readiness(submission):
    """/health says ok, and /ready says ready once the model is there."""
    answers, record = submission.run(serve, [("GET", "/health"), ("GET", "/ready")])
    assert_equal(expect(answers[0], 200, "/health"), {"status": "ok"}, what="the answer of /health")
    assert_equal(expect(answers[1], 200, "/ready"), {"status": "ready"}, what="the answer of /ready")
    assert_equal(record["calls"], [], what="what the model was asked")


@pytest.mark.correctness("Model")
def test_model_lives_as_long_as_the_server(submission):
    """The model is loaded once when the server starts, and closed once when it stops."""
    requests = [post("/predict", {"features": [1, 2, 3]})] * 2 + [("GET", "/ready")]
    answers, record = submission.run(serve, requests)
    expect(answers[0], 200, "a valid request")
    assert_equal(record["loaded_by_create_app"], 0, what="how often create_app itself loads the model")
    assert_equal(record["loaded_at_start"], 1, what="how often the model is loaded when the server starts")
    assert_equal(record["loaded"], 1, what="how often the model is loaded after some requests")
    assert_equal(record["closed_before_stop"], 0, what="how often the model is closed while the server runs")
    assert_equal(record["closed"], 1, what="how often the model is closed after the server has stopped")


def serve_two(module, bodies):
    """two applications of create_app in two servers, both asked these bodies"""

    def factor(number):
        class Model:
            def predict(self, rows):
                return [number * sum(row) for row in rows]

            def close(self):
                pass

        return Model

    apps = [module.create_app(factor(number), n_features=2 + place) for place, number in enumerate((1, 10))]
    servers = [start(app) for app in apps]
    running = [address for server, _, address in servers if server is not None]
    answers = [say(address, "POST", "/predict", body) for address in running for body in bodies]
    for server, thread, _ in servers:
        stop(server, thread)
    return answers


@pytest.mark.correctness("Application")
def test_two_applications_are_independent(submission):
    """Each application has a model and a number of features of its own."""
    answers = submission.run(serve_two, [json.dumps({"features": row}) for row in ([1, 2], [1, 2, 4])])
    assert_equal(len(answers), 4, what="the number of answers of two servers")
    assert_close(expect(answers[0], 200, "a valid request")["prediction"], 3, what="the prediction of the first")
    expect(answers[1], 422, "a row that fits the second application alone")
    expect(answers[2], 422, "a row that fits the first application alone")
    assert_close(expect(answers[3], 200, "a valid request")["prediction"], 70, what="the prediction of the second")


@pytest.mark.correctness("Schema")
def test_schema_describes_the_bodies(submission):
    """/openapi.json lists both endpoints, and the properties of their bodies."""
    answers, _ = submission.run(serve, [("GET", "/openapi.json")])
    schema = expect(answers[0], 200, "/openapi.json")
    for path, name in (("/predict", "features"), ("/predict/batch", "rows")):
        operation = schema.get("paths", {}).get(path, {}).get("post", {})
        found = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        if "$ref" in found:
            found = schema["components"]["schemas"][found["$ref"].rpartition("/")[2]]
        assert_true(name in found.get("properties", {}), f"the schema of {path} has no property {name}")


BAD_BODIES = {
    "no JSON": '{"features": [1, 2, 3',
    "text": "hello",
    "an empty body": "",
    "a list": "[1, 2, 3]",
    "null": "null",
    "no key": "{}",
    "null for a list": '{"features": null, "rows": null}',
    "a number for a list": '{"features": 1, "rows": 1}',
    "a text for a list": '{"features": "123", "rows": "123"}',
    "an unknown key": '{"features": [1, 2, 3], "rows": [[1, 2, 3]], "user": 7}',
    "a number too few": '{"features": [1, 2], "rows": [[1, 2, 3], [1, 2]]}',
    "a number too many": '{"features": [1, 2, 3, 4], "rows": [[1, 2, 3, 4]]}',
    "an empty row": '{"features": [], "rows": [[]]}',
    "a text as JSON": '"features"',
    "NaN alone": "NaN",
    "NaN for a list": '{"features": NaN, "rows": NaN}',
    "NaN at an unknown key": '{"features": [1, 2, 3], "rows": [[1, 2, 3]], "user": NaN}',
    "NaN and no known key": '{"user": NaN}',
    "numbers for rows": '{"features": {"0": 1, "1": 2, "2": 3}, "rows": [1, 2, 3]}',
    "a nested row": '{"features": [[1, 2, 3]], "rows": [[[1, 2, 3]]]}',
}


def only(text, path):
    """A bad body for one endpoint: without the key that belongs to the other one, where it can be read."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    if isinstance(value, dict):
        value.pop("rows" if path == "/predict" else "features", None)
        return json.dumps(value)
    return text


@pytest.mark.edge_case("Validation", "Application", "Not finite")
def test_bad_bodies_are_refused(submission):
    """Bodies of another form are refused with 422, and the model is not asked."""
    cases = [(path, name) for path in ("/predict", "/predict/batch") for name in BAD_BODIES]
    answers, record = submission.run(serve, [post(path, only(BAD_BODIES[name], path)) for path, name in cases])
    assert_equal(len(answers), len(cases), what="the number of answers")
    for (path, name), answer in zip(cases, answers, strict=True):
        expect(answer, 422, f"a body with {name} for {path}")
    assert_equal(record["calls"], [], what="what the model was asked")


@pytest.mark.edge_case("Validation")
def test_only_numbers_are_numbers(submission):
    """Texts, truth values and null are no numbers, and one of them refuses a whole batch."""
    values = ['"1.5"', '"2"', "true", "false", "null", '""', "{}"]
    requests = [post("/predict", f'{{"features": [1, {value}, 3]}}') for value in values]
    requests += [post("/predict/batch", f'{{"rows": [[1, 2, 3], [4, 5, {value}]]}}') for value in values]
    answers, record = submission.run(serve, requests)
    assert_equal(len(answers), len(requests), what="the number of answers")
    for answer, value in zip(answers, values * 2, strict=True):
        expect(answer, 422, f"a row with {value}")
    assert_equal(record["calls"], [], what="what the model was asked")


@pytest.mark.edge_case("Not finite")
def test_what_is_not_finite_is_refused(submission):
    """NaN and infinities are refused with 422, in valid JSON."""
    values = ["NaN", "Infinity", "-Infinity", "1e400", "-1e999", "1" + 400 * "0"]
    requests = [post("/predict", f'{{"features": [{value}, 2, 3]}}') for value in values]
    requests += [post("/predict/batch", f'{{"rows": [[1, 2, 3], [1, {value}, 3]]}}') for value in values]
    large = [post("/predict", f'{{"features": [{value}, 2, 3]}}') for value in ("1e300", "1" + 20 * "0")]
    answers, record = submission.run(serve, [*requests, *large])
    assert_equal(len(answers), len(requests) + 2, what="the number of answers")
    for answer, value in zip(answers, values * 2, strict=False):
        expect(answer, 422, f"a row with {value if len(value) < 20 else 'an integer of 401 digits'}")
    for answer, number in zip(answers[-2:], (1e300, 1e20), strict=True):
        body = expect(answer, 200, f"a row with {number}")
        assert_close(body["prediction"], number, rtol=1e-12, what="the prediction")
    assert_equal(len(record["calls"]), 2, what="the number of calls of the model")


@pytest.mark.edge_case("Batch")
def test_sizes_of_batches(submission):
    """No rows give no predictions and no call; max_batch rows are taken, and one more is refused."""
    rows = [[1, 2, 3]] * 6
    requests = [post("/predict/batch", {"rows": rows[:count]}) for count in (0, 5, 6)]
    answers, record = submission.run(serve, requests, max_batch=5)
    assert_equal(expect(answers[0], 200, "an empty batch"), {"predictions": []}, what="the answer to an empty batch")
    assert_close(expect(answers[1], 200, "a full batch")["predictions"], [6] * 5, what="the list of predictions")
    expect(answers[2], 422, "a batch with a row too many")
    assert_equal(len(record["calls"]), 1, what="the number of calls of the model")
    answers, _ = submission.run(serve, [post("/predict/batch", {"rows": [[1, 2, 3]] * n}) for n in (100, 101)])
    expect(answers[0], 200, "a batch of 100 rows")
    expect(answers[1], 422, "a batch of 101 rows, where max_batch is not given")


@pytest.mark.edge_case("Without a model", "Health")
def test_server_starts_without_a_model(submission):
    """Where the model cannot be loaded the server runs, is not ready, and answers 503."""
    requests = [
        ("GET", "/health"),
        ("GET", "/ready"),
        post("/predict", {"features": [1, 2, 3]}),
        post("/predict/batch", {"rows": [[1, 2, 3]]}),
    ]
    answers, record = submission.run(serve, requests, "missing")
    assert_true(record["started"], "the server does not start where load_model raises")
    assert_equal(expect(answers[0], 200, "/health"), {"status": "ok"}, what="the answer of /health")
    for answer, what in zip(answers[1:], ("/ready", "/predict", "/predict/batch"), strict=True):
        expect(answer, 503, f"{what} without a model")
    assert_equal(record["closed"], 0, what="how often a model that is not there is closed")
    assert_equal(record["loaded"], 1, what="how often the server tries to load the model")
    answers, record = submission.run(serve, requests[1:3], "broken")
    assert_true(record["started"], "the server does not start where load_model raises ValueError")
    for answer, what in zip(answers, ("/ready", "/predict"), strict=True):
        expect(answer, 503, f"{what} without a model")


@pytest.mark.edge_case("Failing model")
@pytest.mark.parametrize("path", ["/predict", "/predict/batch"])
def test_failing_model(submission, path):
    """A model that raises, whatever it is, is answered with 500, without its text, and the next request is served."""
    body = {"features": [1, 2, 3]} if path == "/predict" else {"rows": [[1, 2, 3], [4, 5, 6]]}
    answers, record = submission.run(serve, [post(path, body)] * 3, "fails twice")
    for answer, error in zip(answers, ("RuntimeError", "ValueError"), strict=False):
        expect(answer, 500, f"a request for which the model raises {error}")
        assert_true("4711" not in answer[1], "the answer gives away the text of the model's exception")
    expect(answers[2], 200, "the next request")
    assert_equal(len(record["calls"]), 3, what="the number of calls of the model")


@pytest.mark.edge_case("Failing model")
def test_predictions_that_are_not_finite(submission):
    """A prediction of NaN or infinity is answered with 500, in valid JSON."""
    requests = [post("/predict", {"features": [sign, 2, 3]}) for sign in (-1, 1)]
    requests.append(post("/predict/batch", {"rows": [[0, 2, 3], [-1, 2, 3]]}))
    requests.append(post("/predict/batch", {"rows": [[0, 2, 3], [1, 2, 3], [0, 2, 3]]}))
    answers, _ = submission.run(serve, requests, "not finite")
    for answer in answers:
        expect(answer, 500, "a request for which the model has no finite number")
    assert_equal(len(answers), 4, what="the number of answers")


@pytest.mark.edge_case("Concurrent requests", "Health")
@pytest.mark.parametrize("path", ["/predict", "/predict/batch"])
def test_four_predictions_at_a_time(submission, path):
    """Four requests are in the model at the same time, and /health is answered meanwhile."""
    body = {"features": [1, 2]} if path == "/predict" else {"rows": [[1, 2]]}
    answers, health = submission.run(together, path, json.dumps(body), 4)
    assert_equal([answer[0] for answer in answers], [200] * 4, what="the list of statuses")
    for answer in answers:
        [found] = json.loads(answer[1]).values()
        assert_close(found, 3 if path == "/predict" else [3], what="the prediction")
    assert_equal(health[0], 200, what="the status of /health while four predictions are computed")


@pytest.mark.edge_case("Concurrent requests", "Health")
def test_health_while_the_model_computes(submission):
    """/health is answered while the model computes."""
    answer, health, _ = submission.run(meanwhile, json.dumps({"features": [1, 2]}), False)
    assert_type(health, tuple, what="the answer of /health")
    assert_equal(health[0], 200, what="the status of /health while the model computes")
    assert_close(expect(answer, 200, "the prediction")["prediction"], 3, what="the prediction")


@pytest.mark.edge_case("Shutdown", "Model")
def test_shutdown_waits_for_the_answer(submission):
    """A request under way is answered after the server is asked to stop, and the model is closed after that."""
    answer, _, events = submission.run(meanwhile, json.dumps({"features": [1, 2]}), True)
    assert_close(expect(answer, 200, "a request under way")["prediction"], 3, what="the prediction")
    assert_equal(events, ["predicted", "closed"], what="the order of predicting and closing")
