"""Tests of what decides whether answers agree and what the figures say. Run: python3 -m unittest discover bench"""

import json
import subprocess
import tempfile
import unittest
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from xml.etree import ElementTree

from comparison import answers, client, contest, plot, processes, provision, queries, report


def query(compare):
    return queries.Query("name", "shape", compare, "ASK {}")


def rows(*cells, variables=("x",)):
    """SPARQL JSON results of one variable."""
    bindings = [{"x": cell} if cell else {} for cell in cells]
    return json.dumps({"head": {"vars": list(variables)}, "results": {"bindings": bindings}})


def literal(value, datatype=None, language=None):
    cell = {"type": "literal", "value": value}
    if datatype:
        cell["datatype"] = answers.XSD + datatype
    if language:
        cell["xml:lang"] = language
    return cell


class Answers(unittest.TestCase):
    def same(self, compare, one, other):
        return answers.read(query(compare), one).digest == answers.read(query(compare), other).digest

    def test_rows_are_a_multiset_and_ordered_ones_a_list(self):
        a, b = literal("a"), literal("b")
        self.assertTrue(self.same("rows", rows(a, b), rows(b, a)))
        self.assertFalse(self.same("rows", rows(a, a, b), rows(a, b, b)))
        self.assertFalse(self.same("ordered", rows(a, b), rows(b, a)))

    def test_numbers_compare_by_value(self):
        integer, decimal = literal("7", "integer"), literal("7.0", "decimal")
        self.assertTrue(self.same("rows", rows(integer), rows(decimal)))
        third = [literal(text, "decimal") for text in ("0.333333333333333333", "0.33333333333333")]
        self.assertTrue(self.same("rows", rows(third[0]), rows(third[1])))
        self.assertFalse(self.same("rows", rows(integer), rows(literal("8", "integer"))))
        self.assertFalse(self.same("rows", rows(integer), rows(literal("7"))))
        self.assertFalse(self.same("rows", rows(integer), rows(None)))

    def test_strings_tags_and_kinds_of_terms(self):
        self.assertTrue(self.same("rows", rows(literal("a")), rows(literal("a", "string"))))
        self.assertTrue(self.same("rows", rows(literal("a", language="pt-BR")), rows(literal("a", language="pt-br"))))
        self.assertFalse(self.same("rows", rows(literal("a", language="fr")), rows(literal("a"))))
        self.assertFalse(self.same("rows", rows(literal("http://a/")), rows({"type": "uri", "value": "http://a/"})))

    def test_bags_of_words(self):
        self.assertTrue(self.same("words", rows(literal("1.1 2.3")), rows(literal("2.3 1.1"))))
        self.assertFalse(self.same("rows", rows(literal("1.1 2.3")), rows(literal("2.3 1.1"))))

    def test_triples_are_a_set_whatever_their_escapes(self):
        one = '<s> <p> "caf\\u00E9"@FR .\n<s> <p> "07"^^<http://www.w3.org/2001/XMLSchema#integer> .\n'
        other = '<s> <p> 7 .\n<s>\t<p>\t"café"@fr .\n<s> <p> "café"@fr .\n'
        self.assertTrue(self.same("triples", one, other))
        self.assertFalse(self.same("triples", one, one + "<s> <p> <o> .\n"))

    def test_a_difference_is_told(self):
        one, other = (answers.read(query("rows"), rows(literal(text))) for text in "ab")
        self.assertIn('only the first has "a"', answers.difference(one, other))

    def test_one_engine_that_differs_excludes_and_a_timeout_does_not(self):
        asked = query("rows")
        entries = []
        for given in (rows(literal("a")), rows(literal("a")), None):
            engine = type("Engine", (), {"title": "E"})
            answer = answers.read(asked, given) if given else "timeout"
            entries.append(contest.Entry(engine, answers={"name": answer}))
        self.assertEqual(contest.disagreements(entries, [asked]), {})
        entries[2].answers["name"] = answers.read(asked, rows(literal("b")))
        self.assertIn("name", contest.disagreements(entries, [asked]))
        entries[2].answers["name"] = "error: 400"
        self.assertIn("name", contest.disagreements(entries, [asked]))


class Figures(unittest.TestCase):
    def entries(self):
        first = contest.Entry(type("A", (), {"title": "A"}), one={"q": {"median": 2.0}, "r": {"median": 1.0}})
        second = contest.Entry(type("B", (), {"title": "B"}), one={"q": {"median": 8.0}, "r": {"timed_out": True}})
        return [first, second]

    def test_ratios_leave_out_timeouts(self):
        asked = [queries.Query(name, "", "rows", "") for name in "qr"]
        times = report.ratios(self.entries(), asked, report.median)
        self.assertEqual(times, {"A": {"q": 1.0, "r": 1.0}, "B": {"q": 4.0}})
        self.assertEqual(report.geometric_mean([1.0, 4.0]), 2.0)
        self.assertIsNone(report.geometric_mean([]))

    def test_the_plot_is_xml_with_a_bar_for_each_ratio(self):
        drawing = ElementTree.fromstring(plot.draw("a < b", {"A": {"q": 1.0}, "B": {"q": 40.0}}, ["q", "r"]))
        titles = [title.text for title in drawing.iter("{http://www.w3.org/2000/svg}title")]
        self.assertEqual(titles, ["a < b", "B: 40.00×"])


class Questions(unittest.TestCase):
    def test_every_question_reads_and_a_name_may_leave_out_its_number(self):
        asked = queries.read(["all"])
        self.assertGreaterEqual(len(asked), 20)
        self.assertEqual(queries.read(["creators"]), [it for it in asked if it.name.endswith("-creators")])
        with self.assertRaises(SystemExit):
            queries.read(["nothing-of-the-kind"])

    def test_a_path_may_have_parameters(self):
        target, accept = client.request("/sparql?a=b", query("triples"))
        self.assertEqual(dict(urllib.parse.parse_qsl(target.partition("?")[2])), {"a": "b", "query": "ASK {}"})
        self.assertEqual(accept, client.TRIPLES)


class Handler(BaseHTTPRequestHandler):
    """Answers in pieces or as a whole, and with an error."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.asked.append((self.path, self.headers["Accept"], self.headers["Cache-Control"]))
        self.send_response(500 if self.path == "/wrong" else 200)
        if self.path == "/pieces":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
        else:
            self.send_header("Content-Length", "5")
            self.end_headers()
            self.wfile.write(b"abcde")

    def log_message(self, *_):
        pass


class LoadGenerator(unittest.TestCase):
    def load(self, *requests, clients=2, runs=20):
        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.asked, server.daemon_threads = [], True
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            with tempfile.NamedTemporaryFile("w", suffix=".requests") as file:
                file.write("".join(f"{path}\ttext/plain\n" for path in requests))
                file.flush()
                address = f"127.0.0.1:{server.server_port}"
                command = [provision.load_generator(), address, file.name, str(clients), "1", str(runs), "20", "5"]
                seen = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
            return seen, server.asked
        finally:
            server.shutdown()
            server.server_close()

    def test_it_asks_as_often_as_told_and_reads_both_kinds_of_body(self):
        seen, asked = self.load("/whole", "/pieces")
        self.assertEqual((seen["count"], seen["errors"], seen["bytes"]), (20, 0, 5))
        # One round of two requests to warm up each client, then those that count.
        self.assertEqual(len(asked), 2 * 2 + 20)
        self.assertEqual({path for path, _, _ in asked}, {"/whole", "/pieces"})
        self.assertEqual({(accept, control) for _, accept, control in asked}, {("text/plain", "no-cache")})
        self.assertLessEqual(seen["least"], seen["median"])
        self.assertLessEqual(seen["median"], seen["p99"])

    def test_errors_are_no_answers(self):
        seen, _ = self.load("/wrong", clients=1, runs=5)
        self.assertEqual((seen["count"], seen["median"]), (0, None))
        self.assertGreaterEqual(seen["errors"], 5)


class Processes(unittest.TestCase):
    def test_a_server_is_ended_with_its_children(self):
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder) / "log"
            process = processes.start(["sh", "-c", "sleep 60 & echo $!; wait"], log)
            processes.wait_until(lambda: log.read_text().strip(), process, log)
            child = int(log.read_text())
            self.assertEqual(set(processes.tree(process.pid)), {process.pid, child})
            self.assertGreater(processes.memory(process.pid), 0)
            processes.end(process, patience=5)
            self.assertNotIn(child, [it.pid for it in processes.running()])

    def test_a_command_that_fails_says_where_its_words_are(self):
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder) / "log"
            with self.assertRaisesRegex(processes.Failed, "status 3"):
                processes.run(["sh", "-c", "exit 3"], log)
            seconds, memory = processes.run(["true"], log)
            self.assertGreater(memory, 0)
            self.assertGreater(seconds, 0)


if __name__ == "__main__":
    unittest.main()
