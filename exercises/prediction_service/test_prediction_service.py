"""Visible examples of prediction_service: run them with pytest exercises/prediction_service."""

import http.client
import json
import threading
import time

import uvicorn

from mlkata.compare import assert_close, assert_equal


def ask(module, path, body):
    """create_app(...) in a server, and one POST request"""

    class Adder:
        def predict(self, rows):
            return [sum(row) for row in rows]

        def close(self):
            pass

    app = module.create_app(Adder, n_features=2)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while thread.is_alive() and not server.started:
        time.sleep(0.005)
    connection = http.client.HTTPConnection(*server.servers[0].sockets[0].getsockname(), timeout=20)
    connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    found = answer.status, json.loads(answer.read())
    connection.close()
    server.should_exit = True
    thread.join(20)
    return found


def test_worked_example(submission):
    """The worked example of the prompt: one row, and two."""
    status, answer = submission.run(ask, "/predict", {"features": [0.5, 2]})
    assert_equal(status, 200, what="the status")
    assert_close(answer["prediction"], 2.5, what="the prediction")
    status, answer = submission.run(ask, "/predict/batch", {"rows": [[0.5, 2], [1, 1]]})
    assert_close(answer["predictions"], [2.5, 2.0], what="the list of predictions")


def test_one_number_too_few(submission):
    """A row of another length is refused with 422."""
    status, _ = submission.run(ask, "/predict", {"features": [0.5]})
    assert_equal(status, 422, what="the status")
