"""Drives the load generator."""

import json
import subprocess

from . import client, provision


def measure(engine, queries, clients, warm_up, runs, seconds, timeout):
    """What the load generator saw, as its JSON: see bench/load.rs. The queries are asked in turn."""
    requests = engine.folder / "requests"
    lines = ["\t".join(client.request(engine.path, query)) for query in queries]
    requests.write_text("".join(line + "\n" for line in lines))
    numbers = [str(number) for number in (clients, warm_up, runs, seconds, timeout)]
    command = [provision.load_generator(), f"127.0.0.1:{engine.port}", requests, *numbers]
    # Every client may wait once for its last answer; more is a fault of the generator.
    patience = seconds + (warm_up * len(queries) + 2) * timeout + 60
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=patience)
    return json.loads(done.stdout)
