//! What means the same is answered the same: a query, and the same query with something in it that changes nothing.

use std::time::Duration;

use oxigraph::model::Quad;

use super::{
    differential::{Choices, comparable, quads},
    *,
};

/// What changes no solution wherever it stands in a group, save that one binds a variable of its own.
const NOTHING: [&str; 6] = [
    "FILTER(RAND() < 2)",
    "BIND(NOW() AS ?now)",
    "{} UNION { ?nothing :never ?there }",
    "{} UNION { FILTER(false) }",
    "OPTIONAL { ?nothing :never ?there }",
    "FILTER(STRLEN(STR(NOW())) > 5 || BNODE() = 7)",
];

/// Where something can be put into a group: behind the brace that opens it, or before the one that closes it. Generated
/// texts have no braces in strings.
fn places(query: &str) -> Vec<usize> {
    let (mut found, mut open, mut last) = (Vec::new(), Vec::new(), 0);
    for (at, _) in query.match_indices(['{', '}']) {
        if query[at..].starts_with('{') {
            let is_group = !["VALUES", "CONSTRUCT"].iter().any(|word| query[last..at].contains(word))
                && !query[at + 1..].trim_start().starts_with("SELECT");
            open.push(is_group);
            found.extend(is_group.then_some(at + 1));
        } else if open.pop() == Some(true) {
            found.push(at);
        }
        last = at + 1;
    }
    found
}

fn answer(engine: &Engine, query: &str) -> Result<Vec<String>, String> {
    let prepared = engine.prepare(query, None).map_err(|refusal| format!("{query}\n{refusal}"))?;
    let watch = Watch::start(Duration::from_secs(20));
    let (results, _) = engine
        .read(&prepared, &DatasetSpec::default(), usize::MAX, &watch)
        .map_err(|error| format!("{query}\n{error}"))?;
    let mut lines = comparable(results);
    if query.contains(" LIMIT ") {
        // Which rows come first is open where they are equal.
        lines.iter_mut().for_each(String::clear);
    }
    Ok(lines)
}

/// Puts something that changes nothing into a query, and compares the answers; whether there is anything in them.
fn holds(engine: &Engine, seed: u64) -> Result<bool, String> {
    let mut choices = Choices(seed);
    let query = choices.query().replace("SELECT * ", "SELECT ?a ?b ?c ?d ?e ?f ?new1 ?new2 ");
    let mut nothing = choices.of(&NOTHING);
    if query.contains("DISTINCT *") && nothing.contains("?now") {
        // A variable more is another solution there.
        nothing = NOTHING[0];
    }
    let places = places(&query);
    let (before, after) = query.split_at(places[choices.below(places.len())]);
    let longer = format!("{before} {nothing} {after}");
    let (plain, same) = (answer(engine, &query)?, answer(engine, &longer)?);
    if plain == same {
        Ok(!plain.is_empty() && plain != ["false"])
    } else {
        Err(format!("seed {seed}: {longer}\n{plain:#?}\nand then {same:#?}"))
    }
}

/// `OCM_DIFFERENTIAL=100000 OCM_SEED=200000 cargo test --lib invariance` tries others.
#[test]
fn what_changes_nothing_changes_no_answer() {
    let dataset = Dataset::from_quads(quads().iter().map(Quad::as_ref)).unwrap();
    let engines = [dataset.clone().with_words(), dataset].map(|dataset| Engine::new(&dataset, Limits::default()));
    let number = |name: &str, usual: u64| std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(usual);
    let (count, seed) = (number("OCM_DIFFERENTIAL", 20_000), number("OCM_SEED", 0));
    let halves = [(0, count / 2), (count / 2, count)];
    let all: Vec<Result<bool, String>> = std::thread::scope(|scope| {
        let parts = halves.map(|(start, end)| {
            let engines = &engines;
            scope.spawn(move || {
                let of = |n: u64| holds(&engines[usize::from(n.is_multiple_of(4))], seed + n);
                (start..end).map(of).collect::<Vec<_>>()
            })
        });
        parts.into_iter().flat_map(|part| part.join().unwrap()).collect()
    });
    let full = all.iter().filter(|one| matches!(one, Ok(true))).count();
    let mut wrong: Vec<String> = all.into_iter().filter_map(Result::err).collect();
    wrong.sort_by_key(String::len);
    let shortest = wrong[..wrong.len().min(3)].join("\n\n");
    assert!(wrong.is_empty(), "{} of {count} differ; the shortest:\n{shortest}", wrong.len());
    println!("{count} queries, {full} of them with rows, none differs");
    assert!(full as u64 > count / 4, "only {full} of {count} had rows");
}
