//! Themes, resource types and languages, and the schemes that hold them.

use std::collections::BTreeSet;

use oxigraph::model::{NamedNode, NamedNodeRef};

use super::Mapper;
use crate::{
    model::{LanguageTag, ResourceType, Theme},
    rdf::{
        iri::Graph::Catalogue,
        vocab::{dcterms, ocm, schema, skos},
    },
};

pub(super) fn map(mapper: &mut Mapper<'_>) {
    let catalogue = mapper.catalogue;
    let iris = mapper.iris;

    map_scheme(mapper, "themes", "Themes: the actions of the toolkit");
    for Theme { slug, position, label, label_es } in catalogue.themes.values() {
        map_top_concept(mapper, "themes", iris.theme(slug), ocm::THEME);
        let mut it = mapper.describe(Catalogue, iris.theme(slug));
        it.text(dcterms::IDENTIFIER, slug.as_str())
            .words(skos::PREF_LABEL, label, Some("en"))
            .number(schema::POSITION, position);
        if let Some(label) = label_es {
            it.words(skos::PREF_LABEL, label, Some("es"));
        }
    }

    map_scheme(mapper, "types", "Types of resource in the toolkit");
    for ResourceType { slug, label } in catalogue.types.values() {
        map_top_concept(mapper, "types", iris.resource_type(slug), ocm::RESOURCE_TYPE);
        mapper.describe(Catalogue, iris.resource_type(slug)).text(dcterms::IDENTIFIER, slug.as_str()).words(
            skos::PREF_LABEL,
            label,
            Some("en"),
        );
    }

    map_scheme(mapper, "indicators", "Indicators of the toolkit, by SDG target");
    for id in catalogue.indicators.keys().filter(|id| id.level.is_none()) {
        let scheme = iris.scheme("indicators");
        mapper.describe(Catalogue, scheme.clone()).link(skos::HAS_TOP_CONCEPT, iris.indicator(*id));
        mapper.describe(Catalogue, iris.indicator(*id)).link(skos::TOP_CONCEPT_OF, scheme);
    }
}

pub(super) fn map_languages(mapper: &mut Mapper<'_>, used: &BTreeSet<&LanguageTag>) {
    let catalogue = mapper.catalogue;
    for language in used.iter().filter_map(|tag| catalogue.languages.get(*tag)) {
        let iri = mapper.iris.language(&language.tag);
        mapper
            .describe(Catalogue, iri)
            .is(&[dcterms::LINGUISTIC_SYSTEM])
            .text(skos::NOTATION, language.tag.as_str())
            .ours(skos::PREF_LABEL, &language.label);
    }
}

fn map_scheme(mapper: &mut Mapper<'_>, name: &str, title: &str) {
    let scheme = mapper.iris.scheme(name);
    mapper.describe(Catalogue, scheme).is(&[skos::CONCEPT_SCHEME]).ours(dcterms::TITLE, title);
}

fn map_top_concept(mapper: &mut Mapper<'_>, scheme: &str, concept: NamedNode, class: NamedNodeRef<'_>) {
    let scheme = mapper.iris.scheme(scheme);
    mapper
        .describe(Catalogue, concept.clone())
        .is(&[class, skos::CONCEPT])
        .link(skos::IN_SCHEME, scheme.clone())
        .link(skos::TOP_CONCEPT_OF, scheme.clone());
    mapper.describe(Catalogue, scheme).link(skos::HAS_TOP_CONCEPT, concept);
}
