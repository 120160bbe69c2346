"""Asks this program, pyoxigraph and Jena the same generated queries, and says where they differ.

    python3 run.py ../../target/release/ocm --queries 2000 [--seed 0] [--fuseki JAR] [--show 20]

Where two independent engines agree and ours says something else, the run fails, save for what `known.py` explains by
the text of the Recommendation. Where only one of them differs from us, it is counted.
"""

import argparse
import collections
import decimal
import json
import math
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

import pyoxigraph

from known import reason
from queries import query

HERE = pathlib.Path(__file__).resolve().parent
QUERIES = HERE.parent.parent / "queries"
XSD = "http://www.w3.org/2001/XMLSchema#"
INTEGERS = "integer byte short int long unsignedByte unsignedShort unsignedInt unsignedLong positiveInteger"
INTEGERS = {XSD + name for name in (INTEGERS + " nonNegativeInteger negativeInteger nonPositiveInteger").split()}


def cell(kind, text, datatype=None, language=None):
    """A term, so that those are equal which the Recommendation lets an engine write differently."""
    if kind == "bnode":
        return "_:"
    if kind == "uri":
        return f"<{text}>"
    if language:
        return f'"{text}"@{language.lower()}'
    if datatype in INTEGERS and re.fullmatch(r"\s*[+-]?\d+\s*", text):
        return f"{int(text)} integer"
    if datatype == XSD + "decimal" and re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)", text):
        # Quotients may have any number of digits from 18 on.
        return f"{decimal.Decimal(text):.15f}".rstrip("0") + " decimal"
    if datatype in (XSD + "double", XSD + "float"):
        try:
            number = float(text.replace("INF", "inf"))
        except ValueError:
            return f'"{text}"^^{datatype}'
        return "NaN" if math.isnan(number) else f"{number:.6g} {datatype[len(XSD):]}"
    if datatype == XSD + "boolean" and text in ("0", "1"):
        text = ("false", "true")[int(text)]
    if datatype == XSD + "dateTime":
        text = re.sub(r"\+00:00$", "Z", re.sub(r"(\.\d*?)0+(?=Z|[+-]|$)", r"\1", text)).replace(".Z", "Z")
    return f'"{text}"' + ("" if datatype in (None, XSD + "string") else f"^^{datatype}")


def rows(variables, solutions):
    """Rows as text, sorted, columns by name."""
    order = sorted(variables)
    return sorted(" | ".join(f"{name}={row[name]}" for name in order if name in row) for row in solutions)


def of_json(answer):
    """The rows of an answer in SPARQL's JSON."""
    solutions = (
        {name: cell(t["type"], t["value"], t.get("datatype"), t.get("xml:lang")) for name, t in row.items()}
        for row in answer["results"]["bindings"]
    )
    return rows(answer["head"]["vars"], solutions)


class Served:
    """An engine that answers over HTTP."""

    def __init__(self, command, path, environment=None):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [str(word).replace("PORT", str(port)) for word in command]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
        self.address = f"http://127.0.0.1:{port}{path}"
        for _ in range(600):
            try:
                self.ask("ASK {}")
                return
            except OSError:
                if self.process.poll() is not None:
                    raise SystemExit(f"{command[0]} does not start") from None
                time.sleep(0.1)

    def ask(self, text):
        body = urllib.parse.urlencode({"query": text}).encode()
        accept = {"Accept": "application/sparql-results+json", "Cache-Control": "no-cache"}
        request = urllib.request.Request(self.address, body, accept)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                answer = json.load(response)
        except urllib.error.HTTPError as error:
            return f"refused: {error.code} {error.read()[:300]!r}"
        except json.JSONDecodeError as error:
            return f"refused: an answer that breaks off: {error}"
        return of_json(answer) if "results" in answer else [str(answer["boolean"])]

    def stop(self):
        self.process.kill()
        self.process.wait()


class Pyoxigraph:
    """The oxigraph library in this process. Its default graph gets all that is in any graph, as ours has."""

    def __init__(self, data):
        self.store = pyoxigraph.Store()
        self.store.load(path=str(data))
        for quad in list(self.store):
            self.store.add(pyoxigraph.Quad(quad.subject, quad.predicate, quad.object))

    def ask(self, text):
        def one(term):
            if isinstance(term, pyoxigraph.Literal):
                return cell("literal", term.value, term.datatype.value, term.language)
            return cell("uri" if isinstance(term, pyoxigraph.NamedNode) else "bnode", term.value)

        try:
            found = self.store.query(text)
            names = [variable.value for variable in found.variables]
            return rows(names, ({n: one(row[n]) for n in names if row[n] is not None} for row in found))
        except (SyntaxError, RuntimeError, OSError, ValueError) as error:
            return f"refused: {error}"

    def stop(self):
        pass


def main():
    """Compares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--queries", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", type=int, default=10)
    parser.add_argument("--known", action="store_true", help="show what is explained too, where all others agree")
    parser.add_argument("--fuseki", type=pathlib.Path, help="the jar of jena-fuseki-server")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        compare(options, pathlib.Path(folder))


def compare(options, folder):
    data, edition = HERE / "data.trig", folder / "edition"
    subprocess.run([options.program, "build", "--rdf", data, "--out", edition], check=True, stderr=subprocess.DEVNULL)
    ours = Served([options.program, "serve", "--edition", edition, "--queries", QUERIES, "--bind", "127.0.0.1:PORT"], "/sparql")
    others = {"pyoxigraph": Pyoxigraph(data)}
    if options.fuseki:
        union = folder / "union.nq"
        quads = list(pyoxigraph.parse(path=str(data)))
        quads += [pyoxigraph.Quad(quad.subject, quad.predicate, quad.object) for quad in quads]
        pyoxigraph.serialize(quads, str(union), pyoxigraph.RdfFormat.N_QUADS)
        command = ["java", "-jar", options.fuseki, "--localhost", "--port=PORT", f"--file={union}", "/data"]
        others["jena"] = Served(command, "/data/query", {**os.environ, "FUSEKI_BASE": str(folder / "base")})
    counts, shown, full = collections.Counter(), collections.Counter(), 0
    try:
        for seed in range(options.seed, options.seed + options.queries):
            text = query(seed)
            mine = ours.ask(text)
            full += bool(mine)
            theirs = {name: engine.ask(text) for name, engine in others.items()}
            different = [name for name, answer in theirs.items() if answer != mine]
            if not different:
                counts["same"] += 1
                continue
            why = reason(text, mine, {name: theirs[name] for name in different})
            agree = len(different) == len(others) > 1 and len(set(map(str, theirs.values()))) == 1
            kind = "all others agree" if agree else " and ".join(different)
            counts[f"{kind}: {why or 'NOT EXPLAINED'}"] += 1
            wanted = why is None or (options.known and agree)
            if wanted and shown[kind] < options.show:
                shown[kind] += 1
                report(seed, kind, text, mine, theirs)
    finally:
        for engine in (ours, *others.values()):
            engine.stop()
    print(f"{options.queries} queries, {full} of them with rows")
    for kind, count in sorted(counts.items()):
        print(f"{count:7} {kind}")
    if any("NOT EXPLAINED" in kind for kind in counts):
        sys.exit(1)


def report(seed, kind, text, mine, theirs):
    print(f"--- seed {seed}: {kind}\n{text}")
    for name, answer in theirs.items():
        if isinstance(answer, str) or isinstance(mine, str):
            print(f"  ours {mine if isinstance(mine, str) else len(mine)}, {name} {answer if isinstance(answer, str) else len(answer)}")
        else:
            a, b = collections.Counter(mine), collections.Counter(answer)
            print(f"  only ours {list((a - b).elements())[:3]}\n  only {name} {list((b - a).elements())[:3]}")


if __name__ == "__main__":
    main()
