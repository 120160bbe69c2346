"""Answers brought into one form, so that those of different engines compare."""

import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

XSD = "http://www.w3.org/2001/XMLSchema#"
NUMBERS = {
    XSD + name
    for name in ("integer", "decimal", "double", "float", "int", "long", "nonNegativeInteger", "short", "unsignedInt")
}

# As many digits of a number count: engines round means differently.
DIGITS = 9

# Answers of up to so many rows are kept, to show where they differ.
KEPT = 20_000


@dataclass(frozen=True)
class Answer:
    """What an engine said: equal answers have equal digests."""

    rows: int
    digest: str
    kept: tuple = ()


def read(query, body):
    """The answer in a response body."""
    if query.compare == "triples":
        rows = sorted(set(map(triple, filter(None, map(str.strip, body.splitlines())))))
    else:
        rows = table(json.loads(body), words=query.compare == "words")
        if query.compare != "ordered":
            rows.sort()
    digest = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return Answer(len(rows), digest, tuple(rows) if len(rows) <= KEPT else ())


def table(document, words):
    """The rows of SPARQL JSON results (https://www.w3.org/TR/sparql11-results-json/), each as one line."""
    if "boolean" in document:
        return [str(document["boolean"])]
    variables = document["head"]["vars"]
    return ["\t".join(cell(row.get(name), words) for name in variables) for row in document["results"]["bindings"]]


def cell(term, words):
    """A term as text: numbers by value, strings without their datatype, tags in lower case."""
    if term is None:
        return ""
    value = term["value"]
    if term["type"] in ("uri", "bnode"):
        return "_:" if term["type"] == "bnode" else f"<{value}>"
    datatype = term.get("datatype", XSD + "string")
    if datatype in NUMBERS:
        return number(value)
    if words:
        value = " ".join(sorted(value.split()))
    # json.dumps only to keep line breaks and tabs out of the row.
    text = json.dumps(value, ensure_ascii=False)
    if "xml:lang" in term:
        return f"{text}@{term['xml:lang'].lower()}"
    return text if datatype == XSD + "string" else f"{text}^^{datatype}"


def number(lexical):
    """A number by value, rounded."""
    try:
        return f"{Decimal(lexical):.{DIGITS}g}" if float(lexical) != int(float(lexical)) else str(int(float(lexical)))
    except (InvalidOperation, ValueError, OverflowError):
        return lexical


def triple(line):
    """A line of N-Triples with its escapes resolved, strings without their datatype, numbers by value."""
    line = re.sub(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})", lambda m: chr(int(m[1] or m[2], 16)), line)
    line = re.sub(r"\s*\.$", "", line).replace("\t", " ")
    line = re.sub(r'"@([A-Za-z0-9-]+)$', lambda m: '"@' + m[1].lower(), line)
    line = line.removesuffix(f"^^<{XSD}string>")
    typed = re.search(r'"([^"]*)"\^\^<([^>]*)>$', line)
    return line[: typed.start()] + number(typed[1]) if typed and typed[2] in NUMBERS else line


def difference(one, other):
    """Where two answers differ, in a few words."""
    if one.rows != other.rows:
        text = f"{one.rows} rows against {other.rows}"
    else:
        text = f"{one.rows} rows each, not the same"
    if one.kept and other.kept:
        missing, extra = Counter(one.kept) - Counter(other.kept), Counter(other.kept) - Counter(one.kept)
        sides = (("only the first has", missing), ("only the second has", extra))
        samples = [f"{side} {next(iter(rows))}" for side, rows in sides if rows]
        text += "; " + "; ".join(samples) if samples else "; the order differs"
    return text
