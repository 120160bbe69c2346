//! A resource with its alignments, quotations and gaps; and its creators.

use std::collections::BTreeSet;

use super::{Mapper, numbered, tag};
use crate::{
    model::{AgentKind, Alignment, Creator, Gap, GoalNumber, LanguageMention, Quotation, Resource},
    rdf::{
        iri::Graph::Catalogue,
        vocab::{bibo, dcterms, foaf, oa, ocm, prov, schema, skos, xsd},
    },
};

pub(super) fn map(mapper: &mut Mapper<'_>, resource: &Resource) {
    let Resource {
        slug,
        title,
        page,
        other_pages,
        year,
        wording,
        prose_language,
        audience,
        description,
        creators_as_printed,
        creators,
        quotations,
        languages,
        types,
        themes,
        goals,
        alignments,
        completeness,
        gaps,
        note,
    } = resource;
    let iris = mapper.iris;
    let prose = tag(prose_language.as_ref());

    let mut it = mapper.describe(Catalogue, iris.resource(slug));
    it.is(&[ocm::RESOURCE, schema::CREATIVE_WORK])
        .text(dcterms::IDENTIFIER, slug.as_str())
        .text(dcterms::TITLE, title)
        .page(dcterms::SOURCE, page)
        .page(foaf::PAGE, page)
        .text(ocm::COMPLETENESS, completeness.word())
        .text(ocm::WORDING, wording.word());
    for address in other_pages {
        it.page(foaf::PAGE, address);
    }
    if let Some(year) = year {
        it.typed(dcterms::ISSUED, format!("{year:04}"), xsd::G_YEAR);
    }
    if let Some(audience) = audience {
        it.words(dcterms::AUDIENCE, audience, prose);
    }
    if let Some(description) = description {
        it.words(dcterms::DESCRIPTION, description, prose);
    }
    if let Some(line) = creators_as_printed {
        it.text(ocm::CREATORS_AS_PRINTED, line);
    }
    if let Some(note) = note {
        it.ours(skos::EDITORIAL_NOTE, note);
    }
    for LanguageMention { tag, printed } in languages {
        it.text(ocm::LANGUAGE_AS_PRINTED, printed);
        if let Some(tag) = tag {
            it.text(schema::IN_LANGUAGE, tag.as_str()).link(dcterms::LANGUAGE, iris.language(tag));
        }
    }
    for slug in types {
        it.link(dcterms::TYPE, iris.resource_type(slug));
    }
    for slug in themes {
        it.link(dcterms::SUBJECT, iris.theme(slug));
    }
    for Creator { name, .. } in creators {
        it.link(dcterms::CREATOR, iris.agent(name));
    }
    for (n, _) in numbered(quotations) {
        it.link(ocm::HAS_QUOTATION, iris.quotation(slug, n));
    }
    for Alignment { target, .. } in alignments {
        it.link(ocm::HAS_ALIGNMENT, iris.alignment(slug, *target));
        it.link(ocm::ADDRESSES_TARGET, iris.target(*target));
    }
    let goals: BTreeSet<GoalNumber> = alignments.iter().map(|a| a.target.goal()).chain(goals.iter().copied()).collect();
    for goal in goals {
        it.link(ocm::ADDRESSES_GOAL, iris.goal(goal));
    }
    for Gap { field, .. } in gaps {
        it.link(ocm::HAS_GAP, iris.gap(slug, *field));
    }

    for (n, quotation) in numbered(quotations) {
        map_quotation(mapper, resource, n, quotation);
    }
    for (n, alignment) in numbered(alignments) {
        map_alignment(mapper, resource, n, alignment);
    }
    for Gap { field, why } in gaps {
        mapper
            .describe(Catalogue, iris.gap(slug, *field))
            .is(&[ocm::GAP])
            .text(ocm::GAP_FIELD, field.word())
            .ours(ocm::GAP_REASON, why);
    }
}

/// An agent is no more than a printed name: nobody is merged with anybody.
pub(super) fn map_creator(mapper: &mut Mapper<'_>, Creator { name, kind }: &Creator) {
    let agent = mapper.iris.agent(name);
    let mut it = mapper.describe(Catalogue, agent);
    it.is(&[foaf::AGENT]).text(foaf::NAME, name);
    match kind {
        Some(AgentKind::Person) => it.is(&[foaf::PERSON]),
        Some(AgentKind::Organisation) => it.is(&[foaf::ORGANIZATION]),
        None => &mut it,
    };
}

fn map_quotation(mapper: &mut Mapper<'_>, resource: &Resource, n: usize, Quotation { text, locator }: &Quotation) {
    let quotation = mapper.iris.quotation(&resource.slug, n);
    let mut it = mapper.describe(Catalogue, quotation);
    it.is(&[ocm::QUOTATION, schema::SCHEMA_QUOTATION]).number(schema::POSITION, n);
    if let Some(text) = text {
        it.words(schema::TEXT, text, tag(resource.prose_language.as_ref()));
    }
    if let Some(locator) = locator {
        it.text(bibo::LOCATOR, locator);
    }
}

fn map_alignment(mapper: &mut Mapper<'_>, resource: &Resource, n: usize, alignment: &Alignment) {
    let Alignment { target, printed, reason } = alignment;
    let iris = mapper.iris;
    let source = iris.agent(&mapper.catalogue.dataset.source);
    let mut it = mapper.describe(Catalogue, iris.alignment(&resource.slug, *target));
    it.is(&[ocm::ALIGNMENT, oa::ANNOTATION])
        .link(oa::HAS_TARGET, iris.resource(&resource.slug))
        .link(ocm::TARGET, iris.target(*target))
        .text(skos::NOTATION, printed)
        .number(schema::POSITION, n)
        .page(prov::WAS_DERIVED_FROM, &resource.page)
        .link(prov::WAS_ATTRIBUTED_TO, source);
    if let Some(reason) = reason {
        it.words(ocm::REASON, reason, tag(resource.prose_language.as_ref()))
            .text(ocm::WORDING, resource.wording.word());
    }
}
