//! Every namespace and term the program names. No other module spells a namespace.

use oxigraph::model::NamedNodeRef;

macro_rules! vocabularies {
    ($($(#[$doc:meta])* $prefix:ident = $namespace:literal { $($name:ident = $local:literal,)* })+) => {
        $(
            $(#[$doc])*
            pub mod $prefix {
                /// The namespace.
                pub const NAMESPACE: &str = $namespace;
                $(
                    #[doc = concat!("`", stringify!($prefix), ":", $local, "`")]
                    pub const $name: oxigraph::model::NamedNodeRef<'static> =
                        oxigraph::model::NamedNodeRef::new_unchecked(concat!($namespace, $local));
                )*
            }
        )+

        /// Every prefix and its namespace, in alphabetical order of the prefix.
        pub const PREFIXES: &[(&str, &str)] = &[$((stringify!($prefix), $namespace)),+];

        /// Every term declared here.
        pub const TERMS: &[NamedNodeRef<'static>] = &[$($($prefix::$name,)*)+];
    };
}

vocabularies! {
    /// Bibliographic Ontology.
    bibo = "http://purl.org/ontology/bibo/" {
        LOCATOR = "locator",
    }
    /// Data Catalog Vocabulary 3.
    dcat = "http://www.w3.org/ns/dcat#" {
        CONTACT_POINT = "contactPoint", DATASET = "Dataset", LANDING_PAGE = "landingPage", VERSION = "version",
    }
    /// DCMI Metadata Terms.
    dcterms = "http://purl.org/dc/terms/" {
        AUDIENCE = "audience", CREATOR = "creator", DESCRIPTION = "description", IDENTIFIER = "identifier",
        ISSUED = "issued", LANGUAGE = "language", LICENSE = "license", LINGUISTIC_SYSTEM = "LinguisticSystem",
        PUBLISHER = "publisher", SOURCE = "source", SUBJECT = "subject", TITLE = "title", TYPE = "type",
    }
    /// SPARQL 1.1 Entailment Regimes.
    ent = "http://www.w3.org/ns/entailment/" {
        SIMPLE = "Simple",
    }
    /// Friend of a Friend.
    foaf = "http://xmlns.com/foaf/0.1/" {
        AGENT = "Agent", HOMEPAGE = "homepage", NAME = "name", ORGANIZATION = "Organization", PAGE = "page",
        PERSON = "Person", PRIMARY_TOPIC = "primaryTopic",
    }
    /// The W3C's names of file formats.
    formats = "http://www.w3.org/ns/formats/" {
        JSON_LD = "JSON-LD",
    }
    /// Web Annotation.
    oa = "http://www.w3.org/ns/oa#" {
        ANNOTATION = "Annotation", HAS_TARGET = "hasTarget",
    }
    /// Our own terms, defined in `ontology/ocm.ttl`.
    ocm = "https://w3id.org/ocm/ontology#" {
        ADDRESSES_GOAL = "addressesGoal", ADDRESSES_TARGET = "addressesTarget", ALIGNMENT = "Alignment",
        COMPLETENESS = "completeness", CREATORS_AS_PRINTED = "creatorsAsPrinted", DIMENSION = "dimension",
        GAP = "Gap", GAP_FIELD = "gapField", GAP_REASON = "gapReason", HAS_ALIGNMENT = "hasAlignment",
        HAS_GAP = "hasGap", HAS_QUOTATION = "hasQuotation", INDICATOR = "Indicator", INDICATOR_OF = "indicatorOf",
        LANGUAGE_AS_PRINTED = "languageAsPrinted", MATCHES_WORDS = "matchesWords", QUOTATION = "Quotation", REASON = "reason", RESOURCE = "Resource",
        RESOURCE_TYPE = "ResourceType", TARGET = "target", THEME = "Theme", WORDING = "wording",
        WORDING_DIGEST = "wordingDigest", WORD_SCORE = "wordScore",
    }
    /// Web Ontology Language.
    owl = "http://www.w3.org/2002/07/owl#" {
        VERSION_IRI = "versionIRI",
    }
    /// Provenance Ontology.
    prov = "http://www.w3.org/ns/prov#" {
        WAS_ATTRIBUTED_TO = "wasAttributedTo", WAS_DERIVED_FROM = "wasDerivedFrom",
    }
    /// RDF itself.
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#" {
        TYPE = "type",
    }
    /// RDF Schema.
    rdfs = "http://www.w3.org/2000/01/rdf-schema#" {
        LABEL = "label", SEE_ALSO = "seeAlso",
    }
    /// Schema.org, under the IRIs its own JSON-LD context gives.
    schema = "http://schema.org/" {
        CREATIVE_WORK = "CreativeWork", IN_LANGUAGE = "inLanguage", POSITION = "position", SCHEMA_QUOTATION = "Quotation",
        TEXT = "text",
    }
    /// SPARQL 1.1 Service Description.
    sd = "http://www.w3.org/ns/sparql-service-description#" {
        DATASET = "Dataset", DEFAULT_DATASET = "defaultDataset",
        DEFAULT_ENTAILMENT_REGIME = "defaultEntailmentRegime", DEFAULT_GRAPH = "defaultGraph", ENDPOINT = "endpoint",
        EXTENSION_FUNCTION = "extensionFunction", FEATURE = "feature", FUNCTION = "Function", GRAPH = "Graph", NAME = "name", NAMED_GRAPH = "namedGraph",
        NAMED_GRAPH_CLASS = "NamedGraph", RESULT_FORMAT = "resultFormat", SERVICE = "Service",
        SPARQL11_QUERY = "SPARQL11Query", SUPPORTED_LANGUAGE = "supportedLanguage",
        UNION_DEFAULT_GRAPH = "UnionDefaultGraph",
    }
    /// The UN's SDG ontology.
    sdgo = "http://metadata.un.org/sdg/ontology#" {
        GOAL = "Goal", HAS_TARGET = "hasTarget", IS_TARGET_OF = "isTargetOf", TARGET = "Target",
    }
    /// Shapes Constraint Language.
    sh = "http://www.w3.org/ns/shacl#" {
        DECLARE = "declare", PREFIX = "prefix", PREFIX_DECLARATION = "PrefixDeclaration", SHORT_FOR = "namespace",
    }
    /// Simple Knowledge Organization System.
    skos = "http://www.w3.org/2004/02/skos/core#" {
        ALT_LABEL = "altLabel", BROADER = "broader", CONCEPT = "Concept", CONCEPT_SCHEME = "ConceptScheme",
        DEFINITION = "definition", EDITORIAL_NOTE = "editorialNote", HAS_TOP_CONCEPT = "hasTopConcept",
        IN_SCHEME = "inScheme", NARROWER = "narrower", NOTATION = "notation", PREF_LABEL = "prefLabel",
        TOP_CONCEPT_OF = "topConceptOf",
    }
    /// Vocabulary of Interlinked Datasets.
    void = "http://rdfs.org/ns/void#" {
        CLASS = "class", CLASSES = "classes", CLASS_PARTITION = "classPartition", DATASET = "Dataset",
        DATASET_DESCRIPTION = "DatasetDescription", DATA_DUMP = "dataDump", DISTINCT_OBJECTS = "distinctObjects",
        DISTINCT_SUBJECTS = "distinctSubjects", ENTITIES = "entities", EXAMPLE_RESOURCE = "exampleResource",
        IN_DATASET = "inDataset", LINKSET = "Linkset", LINK_PREDICATE = "linkPredicate",
        OBJECTS_TARGET = "objectsTarget", PROPERTIES = "properties", PROPERTY = "property",
        PROPERTY_PARTITION = "propertyPartition", SPARQL_ENDPOINT = "sparqlEndpoint",
        SUBJECTS_TARGET = "subjectsTarget", SUBSET = "subset", TRIPLES = "triples", URI_SPACE = "uriSpace",
        VOCABULARY = "vocabulary",
    }
    /// Partitions by datatype, which the Vocabulary of Interlinked Datasets does not have.
    void_ext = "http://ldf.fi/void-ext#" {
        DATATYPE = "datatype", DATATYPE_PARTITION = "datatypePartition",
    }
    /// XML Schema datatypes.
    xsd = "http://www.w3.org/2001/XMLSchema#" {
        ANY_URI = "anyURI", DATE = "date", G_YEAR = "gYear", INTEGER = "integer",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use oxigraph::model::NamedNode;

    #[test]
    fn every_term_is_an_iri_and_appears_once() {
        let mut seen = std::collections::BTreeSet::new();
        for term in TERMS {
            NamedNode::new(term.as_str()).unwrap_or_else(|error| panic!("{term}: {error}"));
            assert!(seen.insert(term.as_str()), "{term} is declared twice");
        }
        assert!(PREFIXES.is_sorted());
    }
}
