"""Clients of other makers read the built server, and all must read what the canned queries say.

Usage: python tests/clients/run.py target/release/ocm

Starts `ocm serve` on a free loopback port and stops it at the end. Needs the packages of requirements.txt; elsewhere.py
has the clients that are not written in Python.
"""

import io
import json
import subprocess
import sys
import urllib.parse
import urllib.request
from contextlib import contextmanager

import elsewhere
import pandas
import pyshacl
import rdflib
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, TURTLE, XML, SPARQLWrapper

OCM = "https://w3id.org/ocm/ontology#"
PREFIXES = f"PREFIX ocm: <{OCM}>\nPREFIX skos: <http://www.w3.org/2004/02/skos/core#>\n"
PER_GOAL = (
    PREFIXES
    + """SELECT ?goal (COUNT(DISTINCT ?resource) AS ?resources) WHERE {
        ?resource a ocm:Resource ; ocm:addressesGoal ?goal_iri . ?goal_iri skos:notation ?goal
    } GROUP BY ?goal"""
)


@contextmanager
def server(ocm):
    """The address of a running server, which is stopped when the block ends."""
    process = subprocess.Popen([ocm, "serve", "--bind", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
    try:
        for line in process.stdout:
            if "http://127.0.0.1:" in line:
                yield "http://127.0.0.1:" + line.split("http://127.0.0.1:")[1].split()[0].rstrip("/")
                return
        sys.exit("the server ended without saying where it listens")
    finally:
        process.terminate()
        process.wait(timeout=20)


def canned(address, name, **parameters):
    """The bindings of a canned query as plain values."""
    query = urllib.parse.urlencode(parameters)
    request = urllib.request.Request(f"{address}/queries/{name}?{query}", headers={"Accept": "application/sparql-results+json"})
    with urllib.request.urlopen(request, timeout=20) as response:
        bindings = json.load(response)["results"]["bindings"]
    return [{name: cell["value"] for name, cell in row.items()} for row in bindings]


def equal(what, found, expected):
    if found != expected:
        sys.exit(f"{what}: found {found!r}, expected {expected!r}")
    print(f"ok  {what}: {found if len(repr(found)) < 60 else 'equal'}")


def check_sparqlwrapper(address, per_goal):
    client = SPARQLWrapper(f"{address}/sparql")
    client.setQuery(PER_GOAL)
    for method in ["GET", "POST"]:
        client.setMethod(method)
        client.setReturnFormat(JSON)
        rows = client.queryAndConvert()["results"]["bindings"]
        equal(f"SPARQLWrapper {method} JSON", {r["goal"]["value"]: int(r["resources"]["value"]) for r in rows}, per_goal)
    client.setReturnFormat(XML)
    equal("SPARQLWrapper XML", len(client.queryAndConvert().getElementsByTagName("result")), len(per_goal))
    client.setReturnFormat(CSV)
    equal("SPARQLWrapper CSV", len(client.queryAndConvert().decode().strip().splitlines()), len(per_goal) + 1)
    client.setQuery(PREFIXES + "CONSTRUCT { ?a ocm:target ?t } WHERE { ?a ocm:target ?t }")
    client.setReturnFormat(TURTLE)
    triples = len(rdflib.Graph().parse(data=client.queryAndConvert(), format="turtle"))
    return triples


def check_rdflib(address, per_goal, figures):
    graph = rdflib.Graph(store=SPARQLStore(f"{address}/sparql"))
    rows = {str(row.goal): int(row.resources) for row in graph.query(PER_GOAL)}
    equal("rdflib SPARQLStore SELECT", rows, per_goal)
    resources = set(graph.subjects(rdflib.RDF.type, rdflib.URIRef(OCM + "Resource")))
    equal("rdflib SPARQLStore triples", len(resources), figures["resources"])


def check_pandas(address, per_goal):
    table = pandas.read_csv(f"{address}/queries/coverage-goals?format=csv", dtype={"number": str})
    counted = table[table["resources"] > 0]
    equal("pandas CSV of a canned query", dict(zip(counted["number"], counted["resources"].astype(int))), per_goal)


def check_shapes(what, command, syntax):
    dump = subprocess.run(command, check=True, capture_output=True).stdout
    data = rdflib.Graph().parse(io.BytesIO(dump), format=syntax)
    shapes = rdflib.Graph().parse("ontology/shapes.ttl")
    conforms, _, report = pyshacl.validate(data, shacl_graph=shapes, meta_shacl=True, advanced=False)
    if not conforms:
        sys.exit(report)
    print(f"ok  pyshacl: {what} of {len(data)} triples conforms to the shapes")


def main(ocm):
    with server(ocm) as address:
        rows = canned(address, "coverage-goals")
        per_goal = {row["number"]: int(row["resources"]) for row in rows if row["resources"] != "0"}
        figures = {row["figure"]: int(row["number"]) for row in canned(address, "dataset-figures")}
        alignments = check_sparqlwrapper(address, per_goal)
        equal("SPARQLWrapper CONSTRUCT", alignments, figures["pairs of resource and target"])
        check_rdflib(address, per_goal, figures)
        check_pandas(address, per_goal)
        elsewhere.check(address, PER_GOAL, per_goal, figures["resources"], equal)
    check_shapes("the dump", [ocm, "dump", "--format", "turtle"], "turtle")
    check_shapes("an invented catalogue", [ocm, "generate", "--resources", "60", "--format", "ntriples"], "nt")


if __name__ == "__main__":
    main(sys.argv[1])
