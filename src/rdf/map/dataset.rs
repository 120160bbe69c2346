//! What the publication is, who publishes it, and whose statements it repeats.

use super::Mapper;
use crate::{
    model::DatasetCard,
    rdf::{
        iri::{
            Graph::{self, Dataset},
            UN_SDG,
        },
        vocab::{PREFIXES, bibo, dcat, dcterms, foaf, oa, ocm, prov, rdfs, schema, sdgo, sh, skos, void, xsd},
    },
};

/// The vocabularies the graph is written in.
const VOCABULARIES: [&str; 9] = [
    bibo::NAMESPACE,
    dcterms::NAMESPACE,
    foaf::NAMESPACE,
    oa::NAMESPACE,
    ocm::NAMESPACE,
    prov::NAMESPACE,
    schema::NAMESPACE,
    sdgo::NAMESPACE,
    skos::NAMESPACE,
];

/// The formats of the files that hold a whole graph, by suffix. The server has more for who asks.
const DUMPS: [&str; 2] = ["nt", "ttl"];

pub(super) fn map(mapper: &mut Mapper<'_>) {
    let catalogue = mapper.catalogue;
    let iris = mapper.iris;
    let DatasetCard {
        title,
        description,
        publisher,
        publisher_page,
        source,
        source_page,
        license,
        contact,
        version,
        issued,
    } = &catalogue.dataset;

    let mut it = mapper.describe(Dataset, iris.dataset());
    it.is(&[dcat::DATASET, void::DATASET])
        .ours(dcterms::TITLE, title)
        .ours(dcterms::DESCRIPTION, description)
        .link(dcterms::PUBLISHER, iris.agent(publisher))
        .page(dcterms::SOURCE, source_page)
        .page(dcterms::LICENSE, license)
        .typed(dcterms::ISSUED, issued.clone(), xsd::DATE)
        .text(dcat::VERSION, version)
        .page(dcat::CONTACT_POINT, contact)
        .page(dcat::LANDING_PAGE, iris.base())
        .link(void::SPARQL_ENDPOINT, iris.sparql())
        .text(void::URI_SPACE, iris.base());
    for vocabulary in VOCABULARIES {
        it.page(void::VOCABULARY, vocabulary);
    }
    for (prefix, _) in PREFIXES {
        it.link(sh::DECLARE, iris.prefix(prefix));
    }
    // The best described record is the best example.
    if let Some(example) = catalogue.resources.values().max_by_key(|r| (r.gaps.is_empty(), r.alignments.len())) {
        it.link(void::EXAMPLE_RESOURCE, iris.resource(&example.slug));
    }
    for graph in Graph::ALL {
        let mut it = mapper.describe(Dataset, iris.graph(graph));
        it.is(&[void::DATASET]);
        for suffix in DUMPS {
            it.link(void::DATA_DUMP, iris.dump(graph, suffix));
        }
    }
    for (prefix, namespace) in PREFIXES {
        mapper.describe(Dataset, iris.prefix(prefix)).is(&[sh::PREFIX_DECLARATION]).text(sh::PREFIX, *prefix).typed(
            sh::SHORT_FOR,
            (*namespace).to_owned(),
            xsd::ANY_URI,
        );
    }
    mapper
        .describe(Dataset, iris.un_sdg())
        .is(&[void::DATASET])
        .text(void::URI_SPACE, format!("{UN_SDG}/"))
        .page(rdfs::SEE_ALSO, UN_SDG);
    mapper
        .describe(Dataset, iris.void_document())
        .is(&[void::DATASET_DESCRIPTION])
        .link(foaf::PRIMARY_TOPIC, iris.dataset());
    for (name, page) in [(publisher, publisher_page), (source, source_page)] {
        let agent = iris.agent(name);
        mapper.describe(Dataset, agent).is(&[foaf::AGENT]).text(foaf::NAME, name).page(foaf::HOMEPAGE, page);
    }
}
