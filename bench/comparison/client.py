"""Asks a SPARQL server on loopback one question and reads the answer."""

import http.client
import json
import time
from urllib.parse import urlencode

ROWS = "application/sparql-results+json"
TRIPLES = "application/n-triples"


class Refused(Exception):
    """The server answered with an error; the message begins as the answer does."""


def request(path, query):
    """The path of a question, and the media type of the answer."""
    return address(path, query.text), TRIPLES if query.compare == "triples" else ROWS


def address(path, text):
    """A question as path and query string; the path may have parameters already."""
    return f"{path}{'&' if '?' in path else '?'}{urlencode({'query': text})}"


def ask(port, path, query, timeout):
    """The answer as text. Raises `Refused`, or `TimeoutError` when it takes longer than so many seconds."""
    target, accept = request(path, query)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    started = time.monotonic()
    try:
        connection.request("GET", target, headers={"Accept": accept, "Cache-Control": "no-cache"})
        response = connection.getresponse()
        body = response.read().decode()
    finally:
        connection.close()
    # The connection's timeout is for each piece; an answer may come slowly in many.
    if time.monotonic() - started > timeout:
        raise TimeoutError
    if response.status != 200:
        raise Refused(f"{response.status}: {' '.join(body.split())[:300]}")
    return body


def answers(port, path):
    """Whether the server answers questions now."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", address(path, "ASK { ?s ?p ?o }"), headers={"Accept": ROWS})
        response = connection.getresponse()
        # Before loading the answer is no; an answer it is.
        return response.status == 200 and "boolean" in json.loads(response.read())
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        connection.close()
