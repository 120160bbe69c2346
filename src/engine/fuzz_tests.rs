//! Texts that nobody would write: the reader and the planner say what is wrong with them, in linear time and little stack.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use oxigraph::model::Quad;

use super::{
    differential::{Choices, quads},
    *,
};
use crate::sparql;

/// Pieces that mean something, in places where they may not.
const PIECES: [&str; 40] = [
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "<",
    ">",
    "\"",
    "'",
    "\"\"\"",
    "\\",
    "\\u0041",
    "\\U0010FFFF",
    "\\uD800",
    "#",
    "\n",
    "^^",
    "@en",
    "?",
    "$",
    "_:",
    ":",
    "a",
    "*",
    "+",
    "!",
    "^",
    "|",
    "/",
    "SELECT",
    "FILTER",
    "OPTIONAL",
    "NOT EXISTS",
    "VALUES",
    "UNDEF",
    "GROUP BY",
    "1e",
    "é",
    "\u{0}",
];

/// Queries to begin with: ours, those of the comparison, and the suites beside the checkout where they are.
fn corpus() -> Vec<String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<PathBuf> =
        ["queries", "bench/queries", "../shared/hostile", "../shared/w3c"].iter().map(|name| here.join(name)).collect();
    let mut texts = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rq") {
                texts.extend(fs::read_to_string(&path).ok().filter(|text| text.len() < 5_000));
            }
        }
    }
    texts.sort();
    texts
}

/// Changes a text in some places.
fn changed(text: &str, corpus: &[String], choices: &mut Choices) -> String {
    let mut text: Vec<char> = text.chars().collect();
    for _ in 0..=choices.below(2) {
        let at = choices.below(text.len() + 1);
        let end = (at + choices.below(12)).min(text.len());
        match choices.below(7) {
            0 => drop(text.drain(at..end)),
            1 => {
                let part = text[at..end].to_vec();
                text.splice(at..at, part.repeat(1 + choices.below(3)));
            }
            2 => drop(text.splice(at..end, choices.of(&PIECES).chars())),
            3 => drop(
                text.splice(at..at, choices.of(&PIECES).repeat([1, 1, 1, 1, 1, 1, 1, 300][choices.below(8)]).chars()),
            ),
            4 => text.truncate(at),
            5 => {
                let other: Vec<char> = corpus[choices.below(corpus.len())].chars().collect();
                text.truncate(at);
                text.extend(&other[choices.below(other.len() + 1)..]);
            }
            _ => {
                let to = choices.below(text.len() + 1);
                let part: Vec<char> = text.drain(at..end).collect();
                let to = to.min(text.len());
                text.splice(to..to, part);
            }
        }
    }
    text.into_iter().collect()
}

/// `OCM_FUZZ_SECONDS=3600 OCM_SEED=7 cargo test --lib fuzz` goes on for an hour, from another beginning.
#[test]
fn no_text_makes_the_reader_or_the_planner_panic() {
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    let (end, mut seed) = (number("OCM_FUZZ_SECONDS").map(Duration::from_secs), number("OCM_SEED").unwrap_or(0) << 32);
    let dataset = Dataset::from_quads(quads().iter().map(Quad::as_ref)).unwrap();
    let engine = Engine::new(&dataset, Limits::default());
    let (corpus, start) = (corpus(), Instant::now());
    let (mut tried, mut read) = (0_u32, 0_u32);
    while end.map_or(tried < 20_000, |end| start.elapsed() < end) {
        let mut choices = Choices(seed);
        let text = if choices.below(3) == 0 { choices.query() } else { corpus[choices.below(corpus.len())].clone() };
        let text = changed(&text, &corpus, &mut choices);
        let began = Instant::now();
        match engine.prepare(&text, None) {
            Ok(prepared) => {
                read += 1;
                // What cannot be planned is refused: an unknown function.
                let _ = engine.explain(&prepared, &DatasetSpec::default(), false, &Watch::unlimited());
            }
            Err(refusal) => assert!(!refusal.to_string().is_empty(), "{text}"),
        }
        assert!(began.elapsed() < Duration::from_secs(5), "seed {seed} took {:?}: {text}", began.elapsed());
        (tried, seed) = (tried + 1, seed + 1);
    }
    println!("{tried} texts, {read} of them queries, in {:?}", start.elapsed());
    assert!(read > tried / 20, "only {read} of {tried} were queries");
}

/// Each is as deep or as long as a text may be, or far beyond it.
fn monsters(size: usize) -> Vec<(&'static str, String)> {
    let nest = |open: &str, inner: &str, close: &str| format!("{}{inner}{}", open.repeat(size), close.repeat(size));
    vec![
        ("groups", format!("SELECT * {{ {} }}", nest("{ ", "?s ?p ?o", " }"))),
        ("unclosed groups", format!("SELECT * {}", "{ ".repeat(size))),
        ("brackets", format!("SELECT * {{ ?s ?p ?o FILTER {} }}", nest("(", "?o", ")"))),
        ("nots", format!("SELECT * {{ ?s ?p ?o FILTER({}?o) }}", "! ".repeat(size))),
        ("signs", format!("SELECT * {{ ?s ?p ?o FILTER({}?o) }}", "- ".repeat(size))),
        ("ifs", format!("SELECT * {{ ?s ?p ?o FILTER({}) }}", nest("IF(?o, 1, ", "2", ")"))),
        ("exists", format!("SELECT * {{ {} }}", nest("FILTER EXISTS { ?s ?p ?o ", "", " }"))),
        ("lists", format!("SELECT * {{ ?s ?p {} }}", nest("(", "1", ")"))),
        ("blank nodes", format!("SELECT * {{ ?s ?p {} }}", nest("[ ?p ", "1", " ]"))),
        ("paths", format!("SELECT * {{ ?s {} ?o }}", nest("(", "<http://e/p>", ")*"))),
        ("inverses", format!("SELECT * {{ ?s {}<http://e/p> ?o }}", "^".repeat(size))),
        ("steps", format!("SELECT * {{ ?s {}<http://e/p> ?o }}", "<http://e/p>/".repeat(size))),
        ("unions", format!("SELECT * {{ {{}} {} }}", "UNION { ?s ?p ?o } ".repeat(size))),
        ("optionals", format!("SELECT * {{ {} }}", nest("OPTIONAL { ?s ?p ?o ", "", " }"))),
        ("sub-selects", format!("SELECT * {}", nest("{ SELECT * ", "{ ?s ?p ?o }", " }"))),
        ("ors", format!("SELECT * {{ ?s ?p ?o FILTER(?o {}) }}", "|| ?o ".repeat(size))),
        ("sums", format!("SELECT * {{ ?s ?p ?o FILTER(?o {}) }}", "+ 1 -1 ".repeat(size))),
        ("in", format!("SELECT * {{ ?s ?p ?o FILTER(?o IN (1{})) }}", ", 1".repeat(size))),
        ("a literal", format!("SELECT * {{ ?s ?p \"{}\" }}", "x\\n".repeat(size))),
        ("an open literal", format!("SELECT * {{ ?s ?p \"\"\"{}", "\"\"x".repeat(size))),
        ("a comment", format!("SELECT * {{ ?s ?p ?o }} #{}", "#".repeat(size))),
        (
            "prefixes",
            (0..size).fold(String::new(), |all, n| all + &format!("PREFIX p{n}: <http://e/{n}/> ")) + "ASK {}",
        ),
        (
            "used prefixes",
            (0..size).fold(String::new(), |all, n| all + &format!("PREFIX p{n}: <http://e/> "))
                + "ASK { "
                + &(0..size).fold(String::new(), |all, n| all + &format!("p{n}:s p{n}:p p{n}:o . "))
                + "}",
        ),
        ("grouped", (0..size).fold("SELECT * { } GROUP BY ".to_owned(), |all, n| all + &format!("?v{n} "))),
        (
            "grouped and named",
            (0..size).fold("SELECT ".to_owned(), |all, n| all + &format!("?v{n} "))
                + &(0..size).fold("{ } GROUP BY ".to_owned(), |all, n| all + &format!("?v{n} ")),
        ),
        ("labels", (0..size).fold("ASK { ".to_owned(), |all, n| all + &format!("_:a{n} ?p {{}} ")) + "}"),
        ("binds", (0..size).fold("ASK { ".to_owned(), |all, n| all + &format!("BIND({n} AS ?v{n}) ")) + "}"),
        (
            "broken groups",
            (0..size).fold("ASK { ".to_owned(), |all, n| all + &format!("_:a{n} ?p ?v{n} OPTIONAL {{}} ")) + "}",
        ),
        ("variables", (0..size).fold("SELECT * { ".to_owned(), |all, n| all + &format!("?v{n} ?w{n} ?x{n} . ")) + "}"),
        ("columns", (0..size).fold("SELECT ".to_owned(), |all, n| all + &format!("(1 AS ?v{n}) ")) + "{}"),
        ("values", format!("SELECT * {{ VALUES ?v {{ {} }} }}", "1 ".repeat(size))),
        (
            "wide values",
            format!(
                "SELECT * {{ VALUES ({}) {{}} }}",
                (0..size).fold(String::new(), |all, n| all + &format!("?v{n} "))
            ),
        ),
        ("escapes", format!("SELECT * {{ ?s ?p {}o }}", "\\u003f".repeat(size))),
        ("minus signs", format!("SELECT ({}1 AS ?x) {{}}", "-".repeat(size))),
        ("semicolons", format!("SELECT * {{ ?s ?p ?o {} }}", ";".repeat(size))),
        ("keys", format!("SELECT * {{}} ORDER BY {}", "?s ".repeat(size))),
    ]
}

/// As deep as the limits let a text be, on a small stack; and much deeper, which is refused.
#[test]
fn the_reader_needs_little_stack() {
    let limits = Limits { text: usize::MAX, ..Limits::default() };
    let read = move || {
        for size in [10, 30, 90, 1_000, 100_000] {
            for (name, text) in monsters(size) {
                // Whether it is read or refused, the stack has held; deep ones are refused.
                let is_read = sparql::read(&text, None, &limits).is_ok();
                assert!(
                    !is_read || size < 100_000 || name == "a comment" || name == "a literal" || name == "semicolons",
                    "{name}"
                );
            }
        }
    };
    thread::Builder::new().stack_size(4 * 1024 * 1024).spawn(read).unwrap().join().unwrap();
}

/// A text that is twice as long takes twice the time, whatever it is made of.
#[test]
fn the_time_of_reading_is_linear() {
    // Nothing but the stack limits it, so that there is something to measure.
    let free = usize::MAX;
    let limits = Limits {
        text: free,
        tokens: free,
        expansion: free,
        variables: free,
        patterns: free,
        optionals: free,
        nodes: free,
        values: free,
        ..Limits::default()
    };
    let time = |text: &str| {
        let once = || {
            let start = Instant::now();
            drop(sparql::read(text, None, &limits));
            start.elapsed()
        };
        (0..3).map(|_| once()).min().unwrap_or_default()
    };
    for ((name, short), (_, long)) in monsters(4_000).iter().zip(&monsters(32_000)) {
        let (one, eight) = (time(short), time(long));
        // Eight times the length: 64 times the time would be quadratic.
        assert!(eight < one * 24 + Duration::from_millis(20), "{name}: {one:?} becomes {eight:?}");
    }
}
