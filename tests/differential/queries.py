"""Queries that nobody wrote: a seed gives the same one everywhere."""

import random

PREFIXES = (
    "PREFIX : <http://example.org/>\nPREFIX xsd: <http://www.w3.org/2001/XMLSchema#>\n"
)
SUBJECTS = [":vase", ":bowl", ":mask", ":drum", ":lamp", ":hall", ":ada", ":bob", ":none"]
PREDICATES = [":by", ":in", ":weight", ":pieces", ":name", ":made", ":open", ":part", ":knows"]
LITERALS = [
    "1", "0", "7", "2.5", "-4", "1e3", "3.0", '"Vase"', '"vase"', '"Vase"@en', '"1"', '""', "true", "false", '"x"^^:text',
    '"007"^^xsd:integer', '"2.50"^^xsd:decimal', '"3"^^xsd:float', '"2000-01-01T00:30:00Z"^^xsd:dateTime', '"x"^^xsd:integer',
    '"2001-02-03T04:05:06"^^xsd:dateTime', '"NaN"^^xsd:double', '"a+b"', '"Bowl, blue"', "9007199254740993", "0.1", "-1.5",
]  # fmt: skip
CASTS = ["integer", "decimal", "double", "float", "string", "boolean", "dateTime"]
PATTERNS = ['"a"', '"^[A-Z]"', '"s.*k"', '"[^a-z]"', '"(.)o"', '"e$"', '"\\\\d+"', '"L|B"']


class Query:
    """One query, built by chance."""

    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.variables, self.fresh = ["?s", "?o", "?v", "?w", "?t"], 0

    def of(self, *choices):
        return self.chance.choice(choices)

    def below(self, end):
        return self.chance.randrange(end)

    def variable(self):
        return self.chance.choice(self.variables)

    def new(self):
        self.fresh += 1
        return f"?n{self.fresh}"

    def value(self):
        return self.variable() if self.below(3) else self.chance.choice(LITERALS)

    def number(self, depth):
        if depth == 0:
            return self.value()
        a, b = self.expression(depth - 1), self.expression(depth - 1)
        match self.below(9):
            case 0 | 1 | 2:
                return f"({a} {self.of('+', '-', '*', '/')} {b})"
            case 3:
                return f"{self.of('ABS', 'CEIL', 'FLOOR', 'ROUND')}({a})"
            case 4:
                return f"STRLEN({self.text(depth - 1)})"
            case 5:
                return f"xsd:{self.of(*CASTS)}({a})"
            case 6:
                return f"{self.of('YEAR', 'MONTH', 'DAY', 'HOURS', 'MINUTES', 'SECONDS')}({a})"
            case 7:
                return f"(- {a})"
        return a

    def text(self, depth):
        if depth == 0:
            return self.of(f"STR({self.variable()})", self.value(), self.value())
        a, b = self.text(depth - 1), self.text(depth - 1)
        match self.below(12):
            case 0:
                return f"{self.of('UCASE', 'LCASE', 'ENCODE_FOR_URI', 'STR')}({a})"
            case 1:
                return f"CONCAT({a}, {b})"
            case 2:
                return f"{self.of('STRBEFORE', 'STRAFTER')}({a}, {b})"
            case 3:
                return f"SUBSTR({a}, {self.of('1', '2', '0', '-1', '3')}{self.of('', ', 2', ', 1')})"
            case 4:
                return f"{self.of('LANG', 'STR')}({self.variable()})"
            case 5:
                replacement = self.of('"x"', '"[$0]"', '""')
                return f"REPLACE({a}, {self.chance.choice(PATTERNS)}, {replacement})"
            case 6:
                return f"STR({self.number(depth - 1)})"
            case 7:
                tag = self.of('"en"', '"fr"')
                return f"STRLANG({a}, {tag})"
            case 8:
                return f"STRDT({a}, {self.of('xsd:string', 'xsd:integer', ':text')})"
        return a

    def condition(self, depth):
        if depth == 0:
            return f"{self.value()} {self.of('=', '!=', '<', '>', '<=', '>=')} {self.value()}"
        a, b = self.expression(depth - 1), self.expression(depth - 1)
        match self.below(14):
            case 0 | 1 | 2:
                return f"({a} {self.of('=', '!=', '<', '>', '<=', '>=')} {b})"
            case 3:
                return f"({self.condition(depth - 1)} {self.of('&&', '||')} {self.condition(depth - 1)})"
            case 4:
                return f"(!{self.expression(depth - 1)})"
            case 5:
                return f"BOUND({self.variable()})"
            case 6:
                return f"{self.of('isLITERAL', 'isIRI', 'isBLANK', 'isNUMERIC')}({a})"
            case 7:
                return f"{self.of('CONTAINS', 'STRSTARTS', 'STRENDS')}({self.text(depth - 1)}, {self.text(0)})"
            case 8:
                flags = self.of("", ', "i"')
                return f"REGEX({self.text(depth - 1)}, {self.chance.choice(PATTERNS)}{flags})"
            case 9:
                return f"({a} {self.of('IN', 'NOT IN')} ({b}, {self.value()}))"
            case 10:
                return f"sameTerm({self.value()}, {self.value()})"
            case 11:
                ranges = self.of('"en"', '"*"', '"fr"', '"en-gb"')
                return f"LANGMATCHES(LANG({self.variable()}), {ranges})"
            case 12:
                return f"{self.of('', 'NOT ')}EXISTS {{ {self.triple()} }}"
        return a

    def expression(self, depth):
        if depth <= 0:
            return self.value()
        match self.below(9):
            case 0 | 1:
                return self.number(depth)
            case 2 | 3:
                return self.text(depth)
            case 4 | 5:
                return self.condition(depth)
            case 6:
                return f"IF({self.condition(depth - 1)}, {self.expression(depth - 1)}, {self.expression(depth - 1)})"
            case 7:
                return f"COALESCE({self.expression(depth - 1)}, {self.expression(depth - 1)})"
        return f"{self.of('DATATYPE', 'STR', 'LANG')}({self.value()})"

    def path(self):
        a, b = self.chance.choice(PREDICATES), self.of(":part", ":knows", ":in", ":by")
        return self.of(f"{a}/{b}", f"({a}|{b})", f"{b}+", f"{b}*", f"^{b}", f"{b}?", f"!({a}|^{b})", f"(^{b}/{a})", f"{b}*/{a}")

    def triple(self):
        subject = self.of("?s", "?s", "?s", "?s", "?o", "?t", self.chance.choice(SUBJECTS))
        predicate = self.path() if self.below(6) == 0 else self.chance.choice([*PREDICATES, "?p"])
        target = self.of("?o", "?v", "?w", "?v", "?w", "?o", "?t", "?v")
        if self.below(12) == 0:
            target = self.chance.choice(SUBJECTS + LITERALS)
        return f"{subject} {predicate} {target} . "

    def group(self, depth):
        text = "".join(self.triple() for _ in range(1 + self.below(2)))
        for _ in range(self.below(3) if depth else 0):
            inner = lambda: self.group(depth - 1)  # noqa: E731
            match self.below(12):
                case 0 | 1:
                    text += f"OPTIONAL {{ {inner()} }} "
                case 2:
                    text += f"{{ {inner()} }} UNION {{ {inner()} }} "
                case 3:
                    text += f"MINUS {{ {inner()} }} "
                case 4 | 5 | 6:
                    new = self.new()
                    text += f"BIND({self.expression(3)} AS {new}) "
                    self.variables.append(new)
                case 7:
                    text += f"GRAPH {self.of(':north', ':south', '?g', '?g')} {{ {self.triple()} }} "
                case 8:
                    text += f"VALUES {self.of('?v', '?s', '?t')} {{ {self.value_or_undef()} {self.value_or_undef()} }} "
                case 9:
                    text += f"{{ {self.select(depth - 1, inner=True)} }} "
                case _:
                    text += f"FILTER({self.condition(2)}) "
        if self.below(3) == 0:
            text += f"FILTER({self.condition(2)}) "
        return text

    def value_or_undef(self):
        return self.of("UNDEF", self.chance.choice(SUBJECTS), self.chance.choice(LITERALS))

    def aggregate(self):
        function = self.of("COUNT", "SUM", "MIN", "MAX", "AVG", "COUNT")
        distinct = self.of("", "", "DISTINCT ")
        return f"{function}({distinct}{self.of(self.variable(), self.expression(1))})"

    def select(self, depth, inner=False):
        group = self.group(depth)
        if self.below(4) == 0:
            key, new = self.of("?s", "?o", "?t"), self.new()
            having = f" HAVING ({self.aggregate()} > 1)" if self.below(4) == 0 else ""
            text = f"SELECT {key} ({self.aggregate()} AS {new}) {{ {group} }} GROUP BY {key}{having}"
            self.variables.append(new)
            return text
        distinct = self.of("", "", "DISTINCT ")
        return f"SELECT {distinct}{' '.join(self.variables[:4]) if inner else '*'} {{ {group} }}"

    def text_of_query(self):
        return PREFIXES + self.select(2)


def query(seed):
    """The query of a seed."""
    return Query(seed).text_of_query()
