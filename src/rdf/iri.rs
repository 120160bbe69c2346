//! The only place that mints an IRI, and the only place that takes one apart.
//!
//! | thing | IRI |
//! |---|---|
//! | resource | `{base}resource/{slug}` |
//! | its alignment, quotation, gap | `{resource}/alignment/11.a`, `{resource}/quotation/1`, `{resource}/gap/languages` |
//! | theme, type, language | `{base}theme/{slug}`, `{base}type/{slug}`, `{base}language/{tag}` |
//! | indicator | `{base}indicator/{target}-{n}[-{level}]` |
//! | agent | `{base}agent/{name}`, spaces as `_` |
//! | concept scheme | `{base}scheme/{name}` |
//! | goal, target | `http://metadata.un.org/sdg/11`, `http://metadata.un.org/sdg/11.a`: the UN's own |
//! | graph | `{base}graph/{name}` |
//! | dataset | `{base}dataset` |
//! | its instances of a class, its statements with a property | `{dataset}/class/skos:Concept`, `{dataset}/property/dcterms:title` |
//! | of these, those with values of a datatype; those that lead to the UN's goals and targets | `{dataset}/property/dcterms:issued/xsd:date`, `{dataset}/links/ocm:target` |
//! | the UN's goals and targets as a dataset; the name of a namespace | `{dataset}/linked/un-sdg`, `{dataset}/prefix/skos` |
//! | the document that describes it | `{base}.well-known/void` |

use std::fmt::Write;

use oxigraph::model::{NamedNode, NamedNodeRef};
use oxiri::Iri;

use super::vocab::PREFIXES;
use crate::model::{Field, GoalNumber, IndicatorId, LanguageTag, Slug, TargetCode};

/// Where the UN publishes goals and targets: `http`, and lower-case letters.
pub const UN_SDG: &str = "http://metadata.un.org/sdg";

/// The default base of our IRIs.
pub const DEFAULT_BASE: &str = "https://w3id.org/ocm/";

/// Why a base IRI cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BaseError {
    /// Not an absolute IRI.
    #[error("\"{0}\" is not an absolute IRI: write one such as {DEFAULT_BASE}")]
    NotAbsolute(String),
    /// Would give IRIs such as `https://example.org/ocmresource/x`, or lose everything behind a `#`.
    #[error("the base IRI \"{0}\" must end with \"/\" and have no \"?\" or \"#\"")]
    NotAFolder(String),
    /// Only addresses on the web can be looked up.
    #[error("the base IRI \"{0}\" must start with http:// or https:// and name a host")]
    NotOnTheWeb(String),
}

/// Mints the IRIs of one edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Iris {
    base: String,
}

/// The graphs of an edition. A query that names none sees their union.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Graph {
    /// Resources and all that the toolkit says.
    Catalogue,
    /// The description of the dataset.
    Dataset,
    /// The ontology.
    Ontology,
    /// Goals and targets under the UN's IRIs, with our labels.
    Sdg,
}

impl Graph {
    /// Every graph, in order of name.
    pub const ALL: [Self; 4] = [Self::Catalogue, Self::Dataset, Self::Ontology, Self::Sdg];

    /// The last segment of its IRI.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Catalogue => "catalogue",
            Self::Dataset => "dataset",
            Self::Ontology => "ontology",
            Self::Sdg => "sdg",
        }
    }
}

impl Default for Iris {
    fn default() -> Self {
        Self { base: DEFAULT_BASE.into() }
    }
}

impl Iris {
    /// Takes the base all our data IRIs start with. The ontology's namespace does not depend on it.
    ///
    /// # Errors
    /// [`BaseError`] when the base is not an absolute http(s) IRI that ends with a slash.
    pub fn new(base: &str) -> Result<Self, BaseError> {
        let iri = Iri::parse(base).map_err(|_| BaseError::NotAbsolute(base.into()))?;
        if !matches!(iri.scheme(), "http" | "https") || iri.authority().is_none_or(str::is_empty) {
            return Err(BaseError::NotOnTheWeb(base.into()));
        }
        if !base.ends_with('/') || base.contains(['?', '#']) {
            return Err(BaseError::NotAFolder(base.into()));
        }
        Ok(Self { base: base.into() })
    }

    /// The base, ending with a slash.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The path of the base, beginning and ending with a slash: `/ocm/`.
    #[must_use]
    pub fn base_path(&self) -> &str {
        self.base.splitn(4, '/').nth(3).map_or("/", |path| &self.base[self.base.len() - path.len() - 1..])
    }

    /// A resource.
    #[must_use]
    pub fn resource(&self, slug: &Slug) -> NamedNode {
        self.mint(format_args!("resource/{slug}"))
    }

    /// The statement that a resource supports a target.
    #[must_use]
    pub fn alignment(&self, resource: &Slug, target: TargetCode) -> NamedNode {
        self.mint(format_args!("resource/{resource}/alignment/{target}"))
    }

    /// The n-th quotation of a resource, from 1.
    #[must_use]
    pub fn quotation(&self, resource: &Slug, n: usize) -> NamedNode {
        self.mint(format_args!("resource/{resource}/quotation/{n}"))
    }

    /// What a resource's record does not know of one field.
    #[must_use]
    pub fn gap(&self, resource: &Slug, field: Field) -> NamedNode {
        self.mint(format_args!("resource/{resource}/gap/{field}"))
    }

    /// A theme.
    #[must_use]
    pub fn theme(&self, slug: &Slug) -> NamedNode {
        self.mint(format_args!("theme/{slug}"))
    }

    /// A resource type.
    #[must_use]
    pub fn resource_type(&self, slug: &Slug) -> NamedNode {
        self.mint(format_args!("type/{slug}"))
    }

    /// A language.
    #[must_use]
    pub fn language(&self, tag: &LanguageTag) -> NamedNode {
        self.mint(format_args!("language/{tag}"))
    }

    /// A toolkit indicator.
    #[must_use]
    pub fn indicator(&self, id: IndicatorId) -> NamedNode {
        self.mint(format_args!("indicator/{id}"))
    }

    /// An agent known by nothing but a name. Different names give different IRIs; equal names give one.
    ///
    /// Spaces become `_`; what a segment cannot have is percent-encoded.
    #[must_use]
    pub fn agent(&self, name: &str) -> NamedNode {
        self.mint(format_args!("agent/{}", segment(name)))
    }

    /// A concept scheme: `themes`, `types`, `indicators`.
    #[must_use]
    pub fn scheme(&self, name: &str) -> NamedNode {
        self.mint(format_args!("scheme/{name}"))
    }

    /// A goal, under the UN's IRI.
    #[must_use]
    pub fn goal(&self, number: GoalNumber) -> NamedNode {
        NamedNode::new_unchecked(format!("{UN_SDG}/{number}"))
    }

    /// A target, under the UN's IRI.
    #[must_use]
    pub fn target(&self, code: TargetCode) -> NamedNode {
        NamedNode::new_unchecked(format!("{UN_SDG}/{code}"))
    }

    /// A named graph.
    #[must_use]
    pub fn graph(&self, graph: Graph) -> NamedNode {
        self.mint(format_args!("graph/{}", graph.name()))
    }

    /// The dataset.
    #[must_use]
    pub fn dataset(&self) -> NamedNode {
        self.mint(format_args!("dataset"))
    }

    /// The instances of a class in the dataset.
    #[must_use]
    pub fn class_partition(&self, class: NamedNodeRef<'_>) -> NamedNode {
        self.mint(format_args!("dataset/class/{}", abbreviated(class)))
    }

    /// The statements with a property in the dataset.
    #[must_use]
    pub fn property_partition(&self, property: NamedNodeRef<'_>) -> NamedNode {
        self.mint(format_args!("dataset/property/{}", abbreviated(property)))
    }

    /// The statements with a property whose objects have a datatype.
    #[must_use]
    pub fn datatype_partition(&self, property: NamedNodeRef<'_>, datatype: NamedNodeRef<'_>) -> NamedNode {
        self.mint(format_args!("dataset/property/{}/{}", abbreviated(property), abbreviated(datatype)))
    }

    /// The links with a property from the dataset to the UN's goals and targets.
    #[must_use]
    pub fn linkset(&self, property: NamedNodeRef<'_>) -> NamedNode {
        self.mint(format_args!("dataset/links/{}", abbreviated(property)))
    }

    /// The UN's goals and targets, as what links lead to.
    #[must_use]
    pub fn un_sdg(&self) -> NamedNode {
        self.mint(format_args!("dataset/linked/un-sdg"))
    }

    /// The declaration of a prefix.
    #[must_use]
    pub fn prefix(&self, prefix: &str) -> NamedNode {
        self.mint(format_args!("dataset/prefix/{prefix}"))
    }

    /// The document that describes the dataset, where [VoID, section 7.2](https://www.w3.org/TR/void/#well-known) wants it.
    #[must_use]
    pub fn void_document(&self) -> NamedNode {
        self.mint(format_args!(".well-known/void"))
    }

    /// A file with a whole graph, by the suffix of its format.
    #[must_use]
    pub fn dump(&self, graph: Graph, suffix: &str) -> NamedNode {
        self.mint(format_args!("graph/{}.{suffix}", graph.name()))
    }

    /// The SPARQL endpoint, at its permanent address.
    #[must_use]
    pub fn sparql(&self) -> NamedNode {
        self.mint(format_args!("sparql"))
    }

    fn mint(&self, path: std::fmt::Arguments<'_>) -> NamedNode {
        // The base was parsed, and every path above is made of characters an IRI may have.
        NamedNode::new_unchecked(format!("{}{path}", self.base))
    }
}

/// A text as one segment of a path, from which it can be read again: spaces become `_`; every character that
/// [RFC 3987](https://www.rfc-editor.org/rfc/rfc3987#section-2.2) does not allow in a segment, and `_` and `%` themselves,
/// are percent-encoded.
fn segment(text: &str) -> String {
    let mut segment = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ' ' => segment.push('_'),
            _ if c.is_ascii_alphanumeric() || "-.~!$&'()*+,;=:@".contains(c) => segment.push(c),
            _ if !c.is_ascii() && c.is_alphanumeric() => segment.push(c),
            _ => {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    // Writing to a String cannot fail.
                    let _ = write!(segment, "%{byte:02X}");
                }
            }
        }
    }
    segment
}

/// A term as a segment: `skos:Concept`, or all of its IRI when its namespace has no prefix here.
fn abbreviated(term: NamedNodeRef<'_>) -> String {
    let iri = term.as_str();
    let short = PREFIXES.iter().find_map(|(prefix, namespace)| {
        let local = iri.strip_prefix(namespace).filter(|local| !local.is_empty() && !local.contains(['/', '#']))?;
        Some(format!("{prefix}:{local}"))
    });
    segment(short.as_deref().unwrap_or(iri))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_base_is_an_absolute_folder_on_the_web() {
        assert!(Iris::new(DEFAULT_BASE).is_ok());
        for bad in [
            "",
            "ocm/",
            "/ocm/",
            "https://example.org",
            "https://example.org/#",
            "urn:x/",
            "https:///x/",
            "https://a/?b/",
        ] {
            assert!(Iris::new(bad).is_err(), "{bad}");
        }
        assert_eq!(Iris::new(DEFAULT_BASE).unwrap().base_path(), "/ocm/");
        assert_eq!(Iris::new("http://127.0.0.1:1/").unwrap().base_path(), "/");
        assert_eq!(Iris::new("http://e.org/a/b/").unwrap().base_path(), "/a/b/");
    }

    #[test]
    fn terms_are_abbreviated_where_they_have_a_prefix() {
        let iris = Iris::default();
        let concept = NamedNodeRef::new_unchecked("http://www.w3.org/2004/02/skos/core#Concept");
        assert_eq!(iris.class_partition(concept).as_str(), "https://w3id.org/ocm/dataset/class/skos:Concept");
        let foreign = NamedNodeRef::new_unchecked("http://e.org/a#b_c");
        assert_eq!(
            iris.property_partition(foreign).as_str(),
            "https://w3id.org/ocm/dataset/property/http:%2F%2Fe.org%2Fa%23b%5Fc"
        );
    }

    proptest! {
        #[test]
        fn every_name_gives_a_valid_iri_of_its_own(a in "\\PC{1,40}", b in "\\PC{1,40}") {
            let iris = Iris::new(DEFAULT_BASE).unwrap();
            let (x, y) = (iris.agent(&a), iris.agent(&b));
            prop_assert!(NamedNode::new(x.as_str()).is_ok(), "{}", x);
            prop_assert_eq!(a == b, x == y);
        }
    }
}
