//! How the canned queries and the questions of the comparison are answered: a change of the planner shows here.

use std::fs;

use super::*;
use crate::support::invented_edition;

/// The plan of a query as text, without what is evaluated.
fn plan(asked: &Asked, prepared: &Prepared) -> String {
    let plan = asked.engine.explain(prepared, &DatasetSpec::default(), false, &Watch::unlimited()).unwrap();
    plan.text().replace(asked.edition.iris.base(), "ocm/")
}

fn keep(name: &str, plan: &str) {
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "snapshots/plans" }, {
        insta::assert_snapshot!(name, plan);
    });
}

#[test]
fn plans_of_canned_queries() {
    for query in BOOK.iter() {
        let given: Vec<_> = small_request(query).iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let bound = query.bind(&given, &SMALL.edition.catalogue, &SMALL.edition.iris).unwrap();
        let prepared = Prepared::trusted(bound);
        keep(query.name.as_str(), &plan(&SMALL, &prepared));
    }
}

#[test]
fn plans_of_the_comparison() {
    let invented = Asked::new(invented_edition());
    for entry in fs::read_dir(repository("bench/queries")).unwrap() {
        let path = entry.unwrap().path();
        let prepared = invented.engine.prepare(&fs::read_to_string(&path).unwrap(), None).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        keep(&name, &plan(&invented, &prepared));
    }
}
