//! What is sent: files, and texts too long for files.

use std::{fs, path::PathBuf};

use crate::{
    client::{encode, get, post},
    repository,
};

/// A request and how it may end.
pub(crate) struct Attack {
    pub(crate) name: String,
    pub(crate) request: Vec<u8>,
    /// Statuses that are as good as each other.
    pub(crate) expect: Vec<u16>,
}

impl Attack {
    /// `expect` is `503|413`. Where 503 is expected, a whole answer in time or a refusal is as good.
    fn new(name: &str, request: Vec<u8>, expect: &str) -> Self {
        let mut expect: Vec<u16> = expect.split('|').filter_map(|status| status.trim().parse().ok()).collect();
        if expect.contains(&503) {
            expect.extend([200, 400, 413]);
        }
        Self { name: name.into(), request, expect }
    }

    fn query(name: &str, text: impl AsRef<[u8]>, expect: &str) -> Self {
        Self::new(name, post(text.as_ref(), "application/sparql-query"), expect)
    }
}

/// The attacks of the shared folder; none where it is absent.
pub(crate) fn shared() -> Vec<Attack> {
    let folder = std::env::var_os("OCM_SHARED").map_or_else(|| repository("../shared"), PathBuf::from).join("hostile");
    let Ok(manifest) = fs::read_to_string(folder.join("MANIFEST.tsv")) else {
        eprintln!("{} is absent: its attacks are left out", folder.display());
        return Vec::new();
    };
    let mut attacks: Vec<Attack> = manifest
        .lines()
        .skip(1)
        .filter_map(|line| {
            let [name, send_as, expect, ..] = line.split('\t').collect::<Vec<_>>()[..] else { return None };
            let text = fs::read(folder.join(format!("{name}.rq"))).ok()?;
            let request = match send_as {
                "update" => post(&text, "application/sparql-update"),
                "get-update" => get(&format!("/sparql?update={}", encode(last_line(&text)))),
                "param" => get(&parameter(name, &text)),
                _ => post(&text, "application/sparql-query"),
            };
            Some(Attack::new(name, request, expect))
        })
        .collect();
    assert!(attacks.len() > 50, "the manifest is not what it was");
    let comment = format!("#{}\nASK {{}}", "x".repeat(5_000_000));
    attacks.push(Attack::query("58-comment-5mb", comment, "413"));
    attacks
}

fn last_line(text: &[u8]) -> &[u8] {
    text.trim_ascii_end().rsplit(|byte| *byte == b'\n').next().unwrap_or_default()
}

/// A canned query with the text behind the five comment lines as its parameter.
fn parameter(name: &str, text: &[u8]) -> String {
    let value = text.splitn(6, |byte| *byte == b'\n').last().unwrap_or_default();
    let query = if name.contains("iri") { "resource-card?resource" } else { "resources-with-words?words" };
    format!("/queries/{query}={}", encode(value))
}

/// The attacks of this repository: a file says in its first line how it may end.
pub(crate) fn own() -> Vec<Attack> {
    let mut attacks: Vec<Attack> = fs::read_dir(repository("tests/fixtures/hostile"))
        .expect("the folder is there")
        .map(|entry| {
            let path = entry.expect("the folder can be read").path();
            let text = fs::read_to_string(&path).expect("the file can be read");
            let first = text.lines().next().and_then(|line| line.strip_prefix("# expect: "));
            let name = path.file_stem().expect("files have names").to_string_lossy().into_owned();
            Attack::query(&name, &text, first.expect("the first line says what to expect"))
        })
        .collect();
    attacks.sort_by(|a, b| a.name.cmp(&b.name));
    attacks.extend(generated());
    attacks.extend(reviewed());
    attacks
}

/// Attacks by mere length.
fn generated() -> Vec<Attack> {
    let times = |n: usize, part: &dyn Fn(usize) -> String| (0..n).map(part).collect::<String>();
    let sparql = |name: &str, text: String, expect: &str| Attack::query(name, text, expect);
    let numbers = times(3300, &|n| format!(" {n}"));
    let values = ["a", "b", "c"].map(|name| format!("VALUES ?{name} {{{numbers} }} ")).concat();
    let graph = "FROM <https://w3id.org/ocm/graph/catalogue> ";
    vec![
        sparql("iri-of-100-kb", format!("ASK {{ <http://e/{}> ?p ?o }}", "x".repeat(100_000)), "200|400"),
        sparql(
            "prefixes-1000",
            format!("{}ASK {{}}", times(1000, &|n| format!("PREFIX p{n}: <http://e/{n}#>\n"))),
            "200|400",
        ),
        sparql("from-2000", format!("SELECT (COUNT(*) AS ?n) {} {{ ?s ?p ?o . ?t ?q ?u }}", graph.repeat(2000)), "503"),
        sparql("from-elsewhere", "SELECT * FROM <http://127.0.0.1:1/x> { ?s ?p ?o }".into(), "400"),
        sparql(
            "in-list-900",
            format!("ASK {{ ?s ?p ?o FILTER(?o IN (0{})) }}", times(900, &|n| format!(",{n}"))),
            "200",
        ),
        sparql("if-nest-90", format!("SELECT ({}1{} AS ?x) {{}}", "IF(true,".repeat(90), ",0)".repeat(90)), "200|400"),
        sparql("if-nest-300", format!("SELECT ({}1{} AS ?x) {{}}", "IF(true,".repeat(300), ",0)".repeat(300)), "400"),
        sparql(
            "coalesce-nest-99",
            format!("SELECT ({}1/0{} AS ?x) {{}}", "COALESCE(1/0,".repeat(98), ")".repeat(98)),
            "200|400",
        ),
        sparql("semicolons-5000", format!("ASK {{ ?s ?p ?o {} }}", "; ?p ?o ".repeat(5000)), "400"),
        sparql("commas-5000", format!("ASK {{ ?s ?p ?o {} }}", ", ?o ".repeat(5000)), "400"),
        sparql("star-of-100", format!("SELECT * {{ ?s {} }}", times(99, &|n| format!("?p{n} ?o{n} ; "))), "503"),
        sparql(
            "optionals-30",
            format!("SELECT * {{ ?s ?p ?o {} }}", times(29, &|n| format!("OPTIONAL {{ ?s ?p{n} ?o{n} }} "))),
            "503",
        ),
        sparql("variables-20000", format!("SELECT {} {{}}", times(20_000, &|n| format!("?v{n} "))), "400|413"),
        sparql("values-product", format!("SELECT (COUNT(*) AS ?n) {{ {values} }}"), "503"),
        sparql("values-sorted-product", format!("SELECT * {{ {values} }} ORDER BY DESC(?b * ?c + ?a) LIMIT 1"), "503"),
        sparql(
            "alternation-900",
            format!("SELECT (COUNT(*) AS ?n) {{ ?a (<x:0>{})* ?b }}", times(900, &|n| format!("|<x:{n}>"))),
            "503",
        ),
        sparql(
            "patterns-600",
            format!(
                "ASK {{ FILTER(false{}) }}",
                times(600, &|n| format!(" || REGEX(\"a\", \"(\\\\p{{L}}{{60}}){{3}}{n}\")"))
            ),
            "503",
        ),
        sparql(
            "replace-nest-16",
            format!("SELECT ({}\"x\"{} AS ?x) {{}}", "REPLACE(".repeat(16), ",\"x\",\"xx\")".repeat(16)),
            "200",
        ),
        sparql("negations-900", format!("ASK {{ FILTER({}true) }}", "!".repeat(900)), "200|400"),
        sparql("list-of-5000", format!("ASK {{ ?s ?p ({}) }}", " 1".repeat(5000)), "400"),
        sparql(
            "sort-keys-300",
            format!("SELECT * {{ ?a ?b ?c . ?d ?e ?f }} ORDER BY {}", times(300, &|n| format!("DESC(?a = {n}) "))),
            "503",
        ),
        sparql(
            "aggregates-300",
            format!("SELECT {} {{ ?a ?b ?c . ?d ?e ?f }}", times(300, &|n| format!("(COUNT(DISTINCT ?a) AS ?n{n}) "))),
            "503",
        ),
        sparql("groups-99", format!("SELECT * {}{}", "{".repeat(99), "}".repeat(99)), "200|400"),
        sparql("quotes-without-end", "'''\"".repeat(60_000), "400"),
        sparql("colons", "a:".repeat(120_000), "400"),
        sparql("backslashes", format!("ASK {{ ?s ?p \"{}\" }}", "\\".repeat(200_000)), "200|400"),
        sparql("angles", format!("ASK {{ FILTER(1{}) }}", " < ?a".repeat(900)), "400|200"),
        sparql("only-space", " \t\r\n".repeat(60_000), "400"),
        sparql("nul", "ASK { ?s ?p \"a\0b\" }".into(), "400"),
        Attack::query("latin-1", b"ASK { ?s ?p \"caf\xe9\" }", "400"),
    ]
}

/// Attacks on the guard, the planner, the expressions and the pages, found by reading their code.
fn reviewed() -> Vec<Attack> {
    let sparql = |name: &str, text: String, expect: &str| Attack::query(name, text, expect);
    let nest = "IF(".repeat(80_000);
    let numbers = |n: usize| (0..n).map(|n| format!(" {n}")).collect::<String>();
    let lists = |n: usize| format!("VALUES ?s {{{0}}} VALUES ?p {{{0}}} VALUES ?o {{ 1 2 }}", numbers(n));
    let negated = (0..45).fold("?s ?p ?o".to_owned(), |inner, _| format!("?s ?p ?o FILTER(EXISTS {{ {inner} }} != 1)"));
    let objects = |n: usize| (0..n).map(|n| format!("?o{n}")).collect::<Vec<_>>().join(",");
    let much = format!("{}'{}'{}", "UCASE(LCASE(".repeat(45), "é".repeat(110_000), "))".repeat(45));
    let alias = |n: usize, text: &str| (0..n).map(|n| text.replace('#', &n.to_string())).collect::<String>();
    let mixed = "9007199254740993 9007199254740992e0 9007199254740992 ".repeat(300);
    let of_form = |fields: String| post(fields.as_bytes(), "application/x-www-form-urlencoded");
    let wide = format!("SELECT * {{ VALUES ?b {{ '{}' }} ?s ?p ?o }} LIMIT 1000", "<".repeat(60_000));
    let patterns = (0..600).map(|n| format!(" || REGEX('a', '(\\\\p{{L}}{{60}}){{3}}{n}')")).collect::<String>();
    vec![
        sparql("hidden-by-a-signed-escape", format!("ASK {{ FILTER('\\u+027={nest}') }}"), "400"),
        sparql("hidden-by-a-space-in-a-name", format!("ASK {{ FILTER(?\u{1680}<{nest}> 1) }}"), "400"),
        sparql("hidden-by-a-bad-escape", format!("ASK {{ ?s ?p ('''a' {}\\x''') }}", "[?p ".repeat(60_000)), "400"),
        sparql(
            "unions-of-nothing-60",
            format!("SELECT (COUNT(*) AS ?n) {{ {} }}", "{BIND(1 AS ?a)} UNION {BIND(1 AS ?a)} ".repeat(60)),
            "503",
        ),
        sparql("exists-not-equal-nest-45", format!("ASK {{ {negated} }}"), "503"),
        sparql(
            "prefix-of-128-kb",
            format!("PREFIX p:<http://e/{}> ASK {{ VALUES ?x {{ {} }} }}", "x".repeat(128_000), "p: ".repeat(43_000)),
            "400",
        ),
        sparql(
            "prefix-of-200-kb",
            format!("PREFIX p:<http://e/{}> ASK {{ VALUES ?x {{ {} }} }}", "x".repeat(200_000), "p: ".repeat(9900)),
            "503",
        ),
        sparql(
            "subject-of-200-kb",
            format!("ASK {{ <http://e/{}> ?p {} }}", "x".repeat(200_000), vec!["?o"; 90].join(",")),
            "503",
        ),
        sparql(
            "upper-case-of-much",
            format!("ASK {{ {} FILTER(COALESCE(?s, ?p, ?o) = STRLEN({much})) }}", lists(60)),
            "503",
        ),
        sparql(
            "triples-of-a-template-9000",
            format!("CONSTRUCT {{ {} }} {{ {} }}", "<x:a> <x:b> <x:c> . ".repeat(4500), lists(2000)),
            "503",
        ),
        sparql("quotes-in-values", format!("ASK {{ VALUES ?x {{ {} }} }}", "\\\"\"\"\n".repeat(50_000)), "400"),
        sparql(
            "sub-selects-95-of-95",
            format!("ASK {{ {} }}", format!("{{ SELECT ?s {{ ?s <p:> {} }} }} ", objects(95)).repeat(95)),
            "503",
        ),
        sparql(
            "filters-that-wait-330",
            format!("ASK {{ {} BIND(1/0 AS ?z) {} }}", alias(660, "BIND(?a AS ?v#) "), "FILTER(?z) ".repeat(330)),
            "503",
        ),
        sparql("numbers-that-are-nearly-equal", format!("SELECT * {{ VALUES ?x {{ {mixed} }} }} ORDER BY ?x"), "200"),
        Attack::new("page-of-much", of_form(format!("format=html&query={}", encode(wide.as_bytes()))), "200|503"),
        Attack::new(
            "explained-patterns-600",
            of_form(format!("explain=text&query={}", encode(format!("ASK {{ FILTER(false{patterns}) }}").as_bytes()))),
            "503",
        ),
        Attack::new("addresses-that-are-nearly-there", get(&format!("/resource/{}", "harbour".repeat(21))), "404"),
    ]
}

/// Parameters for the queries of our own, which run in the server's own process.
pub(crate) fn parameters() -> Vec<Attack> {
    let long = "a ".repeat(15_000);
    let page = |name: &str, path: String, expect: &str| Attack::new(name, get(&path), expect);
    vec![
        page(
            "words-that-are-a-pattern",
            format!("/queries/resources-with-words?words={}", encode(b"((a+)+)+$[\\p{L}]{1000}")),
            "200|400",
        ),
        page(
            "words-without-end",
            format!("/queries/resources-with-words?words={}", long.replace(' ', "+")),
            "200|400|414",
        ),
        page("words-of-one-letter", "/queries/resources-with-words?words=e".into(), "200|400"),
        page("creator-of-one-letter", "/queries/resources-by-creator?name=a".into(), "200|400"),
        page("number-beyond", "/queries/resources-like?resource=374&at_least=99999999999999999999999".into(), "400"),
        page(
            "slug-that-closes",
            format!("/queries/resource-card?resource={}", encode(b"x> } SERVICE <http://127.0.0.1:1/> {")),
            "400|404",
        ),
        page("name-without-end", format!("/queries/{}", "x".repeat(60_000)), "404|414|431"),
        page("thing-without-end", format!("/resource/{}", "%25".repeat(15_000)), "404|414|431"),
        page("parameters-5000", format!("/queries/resources?{}", "a=b&".repeat(5000)), "400|200"),
        page("escape-without-end", "/queries/resources-with-words?words=%".into(), "400"),
    ]
}

/// Requests that are no sound HTTP, or more of it than anybody needs.
pub(crate) fn broken() -> Vec<Attack> {
    let headers: String = (0..5000).map(|n| format!("X-{n}: y\r\n")).collect();
    let large = format!("X: {}\r\n", "y".repeat(200_000));
    let url = "x".repeat(100_000);
    let compressed =
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/sparql-query\r\n\
        Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x08";
    vec![
        Attack::new("a URL of 100 KB", get(&format!("/sparql?query={url}")), "414"),
        Attack::new("a path of 100 KB", get(&format!("/{url}")), "414"),
        Attack::new("5,000 headers", format!("GET / HTTP/1.1\r\nHost: x\r\n{headers}\r\n").into_bytes(), "431"),
        Attack::new("a header of 200 KB", format!("GET / HTTP/1.1\r\nHost: x\r\n{large}\r\n").into_bytes(), "431"),
        Attack::new("a compressed body", compressed.to_vec(), "415"),
        Attack::new("NUL in a URL", get("/sparql?query=ASK%20%7B%7D%00"), "400"),
        Attack::new("bad UTF-8 in a URL", get("/sparql?query=ASK%20%7B%7D%FF"), "400"),
        Attack::query("a body with NUL", b"ASK {}\0", "400"),
        Attack::new("no host", b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n".to_vec(), "400"),
        Attack::new("two hosts", b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n".to_vec(), "400"),
        Attack::new(
            "a body packed on the way",
            b"POST /sparql HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/sparql-query\r\n\
                Transfer-Encoding: gzip, chunked\r\n\r\n6\r\nASK {}\r\n0\r\n\r\n"
                .to_vec(),
            "400",
        ),
        Attack::new("no HTTP at all", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec(), "400"),
    ]
}
