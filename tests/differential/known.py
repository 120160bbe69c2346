"""Where engines differ and why: what the Recommendation leaves open, or what another engine does otherwise than it says.

Each explanation is tied to something in the text of the query, so that one without it is still looked at. Sections are those of
https://www.w3.org/TR/sparql11-query/.
"""

import re

EQUALITY = "17.4.1.7: two literals that are not the same term and have no common type are neither equal nor unequal: an error"
ORDER = "17.3: only numbers, texts, booleans, dates and times have an order by < and >, not IRIs, and no two of unlike kinds"
TRUTH = "17.2.2: a number or boolean that is written wrong is false, a text is true unless it is empty"
EXTREMES = "18.5.1.5: MIN and MAX use the order of ORDER BY, which is open between values of unlike kinds"
SUM = "18.5.1.3: the sum of nothing is 0, which is added too, so that the sum of -0.0 alone is 0.0"
COUNT = "18.5.1.2: what is an error is not counted; the count is there, be it 0"
TAGS = "RDF 1.1 Concepts 3.3: language tags may be made lower case, and are here"
BLANK = "17.4.2.5: STR of a blank node is an error"
PATHS = "18.4: a path of no steps between two variables has the nodes of the active graph, literals too, and no others"
FAILED = "Jena 5.6.0 fails in a hash table of its own, or another engine refuses the query"
VALUES = "pyoxigraph keeps values, not writings: 7 and 007 are one term there"


def reason(text, mine, theirs):
    """The explanation of a difference; nothing if there is none."""
    if isinstance(mine, str):
        return None
    # What another engine cannot answer says nothing of ours.
    theirs = {name: answer for name, answer in theirs.items() if not isinstance(answer, str)}
    if not theirs:
        return FAILED
    if list(theirs) == ["pyoxigraph"]:
        return VALUES
    body = text.split("\n", 2)[2]
    if re.search(r"[^<>!]=|!=|\bIN \(", body):
        return EQUALITY
    if re.search(r" [<>]=? ", body):
        return ORDER
    if re.search(r"\b(SUM|AVG)\(", body):
        return SUM
    if "COUNT(" in body:
        return COUNT
    if re.search(r"\b(MIN|MAX)\(", body):
        return EXTREMES
    if re.search(r"[*?] [?:]", body):
        return PATHS
    if re.search(r"!\(?|&&|\|\||IF\(|FILTER\(", body):
        return TRUTH
    if "LANG(" in body:
        return TAGS
    if "STR(" in body:
        return BLANK
    return None
