//! Goals and targets under the UN's IRIs, and the toolkit's indicators for them.

use oxigraph::model::NamedNode;

use super::{Mapper, numbered};
use crate::{
    model::{Dimension, Goal, Indicator, Target},
    rdf::{
        iri::Graph::{Catalogue, Sdg},
        vocab::{ocm, prov, schema, sdgo, skos},
    },
};

pub(super) fn map(mapper: &mut Mapper<'_>) {
    let catalogue = mapper.catalogue;
    for goal in catalogue.goals.values() {
        map_goal(mapper, goal);
    }
    let targets: Vec<&Target> = catalogue.targets.values().collect();
    for (n, target) in numbered(&targets) {
        map_target(mapper, n, target);
    }
    for indicator in catalogue.indicators.values() {
        map_indicator(mapper, indicator);
    }
}

fn map_goal(mapper: &mut Mapper<'_>, Goal { number, label, dimension }: &Goal) {
    let goal = mapper.iris.goal(*number);
    mapper
        .describe(Sdg, goal)
        .is(&[sdgo::GOAL, skos::CONCEPT])
        .text(skos::NOTATION, number.to_string())
        .ours(skos::PREF_LABEL, label)
        .number(schema::POSITION, number)
        .link(ocm::DIMENSION, dimension_iri(*dimension));
}

/// The five Ps are individuals of the ontology, named as they are called.
fn dimension_iri(dimension: Dimension) -> NamedNode {
    NamedNode::new_unchecked(format!("{}{dimension}", ocm::NAMESPACE))
}

/// The position is that in the list of all targets, so that a query can sort 17.9 before 17.16.
fn map_target(mapper: &mut Mapper<'_>, n: usize, Target { code, label }: &Target) {
    let (goal, target) = (mapper.iris.goal(code.goal()), mapper.iris.target(*code));
    mapper
        .describe(Sdg, target.clone())
        .is(&[sdgo::TARGET, skos::CONCEPT])
        .text(skos::NOTATION, code.to_string())
        .ours(skos::PREF_LABEL, label)
        .number(schema::POSITION, n)
        .link(sdgo::IS_TARGET_OF, goal.clone())
        .link(skos::BROADER, goal.clone());
    mapper.describe(Sdg, goal).link(sdgo::HAS_TARGET, target.clone()).link(skos::NARROWER, target);
}

fn map_indicator(mapper: &mut Mapper<'_>, indicator: &Indicator) {
    let Indicator { id, label, definition, wording_digest, pages } = indicator;
    let iris = mapper.iris;
    let mut it = mapper.describe(Catalogue, iris.indicator(*id));
    it.is(&[ocm::INDICATOR, skos::CONCEPT])
        .link(ocm::INDICATOR_OF, iris.target(id.target))
        .link(skos::IN_SCHEME, iris.scheme("indicators"))
        .text(skos::NOTATION, id.to_string())
        .number(schema::POSITION, id.level.unwrap_or(id.position))
        .text(ocm::WORDING_DIGEST, wording_digest);
    if let Some(label) = label {
        it.ours(skos::PREF_LABEL, label);
    }
    if let Some(definition) = definition {
        it.ours(skos::DEFINITION, definition);
    }
    for page in pages {
        it.page(prov::WAS_DERIVED_FROM, page);
    }
    if let Some(parent) = id.parent() {
        it.link(skos::BROADER, iris.indicator(parent));
        mapper.describe(Catalogue, iris.indicator(parent)).link(skos::NARROWER, iris.indicator(*id));
    }
}
