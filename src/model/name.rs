//! Slugs and language tags: the names that records are called by.

use std::{borrow::Borrow, fmt, str::FromStr};

use oxilangtag::LanguageTag as Bcp47;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::text::as_text;

/// Why a text is not a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// A slug has lower-case letters, digits and single hyphens.
    #[error("\"{0}\" is not a slug: use lower-case letters a-z, digits and single hyphens between them")]
    Slug(String),
    /// Not well-formed by RFC 5646.
    #[error("\"{0}\" is not a language tag: write a BCP 47 tag such as en, pt-BR or zh-Hans")]
    LanguageTag(String),
}

/// An identifier in IRIs and file names: `[a-z0-9]+(-[a-z0-9]+)*`, at most 200 bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(String);

impl Slug {
    /// Longest slug accepted, in bytes; a file name may have 255.
    pub const MAX_LEN: usize = 200;

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Makes a slug from a name: accents dropped, everything but letters and digits a hyphen.
    ///
    /// `None` when nothing is left (`"…"`). Different names may give the same slug.
    ///
    /// ```
    /// # use ocm_graph::model::Slug;
    /// assert_eq!(Slug::from_name("Sign-post to other resource (database)").unwrap().as_str(),
    ///     "sign-post-to-other-resource-database");
    /// ```
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let mut slug = String::new();
        for c in name.nfd().filter(|c| !is_combining_mark(*c)) {
            if c.is_ascii_alphanumeric() {
                slug.push(c.to_ascii_lowercase());
            } else if !matches!(c, '\'' | '’') && !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
            if slug.len() == Self::MAX_LEN {
                break;
            }
        }
        let slug = slug.trim_end_matches('-');
        (!slug.is_empty()).then(|| Self(slug.into()))
    }
}

impl FromStr for Slug {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let well_formed = text.len() <= Self::MAX_LEN
            && text
                .split('-')
                .all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
        if well_formed { Ok(Self(text.into())) } else { Err(NameError::Slug(text.into())) }
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Borrow<str> for Slug {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// A well-formed BCP 47 tag ([RFC 5646, section 2.1](https://www.rfc-editor.org/rfc/rfc5646#section-2.1)) in its
/// conventional letter case: `pt-BR`, `zh-Hans`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LanguageTag(String);

impl LanguageTag {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for LanguageTag {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        match Bcp47::parse_and_normalize(text) {
            Ok(tag) => Ok(Self(tag.into_inner())),
            Err(_) => Err(NameError::LanguageTag(text.into())),
        }
    }
}

impl fmt::Display for LanguageTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Borrow<str> for LanguageTag {
    fn borrow(&self) -> &str {
        &self.0
    }
}

as_text!(Slug);
as_text!(LanguageTag);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tags_are_brought_to_their_usual_case() {
        assert_eq!("PT-br".parse::<LanguageTag>().unwrap().as_str(), "pt-BR");
        assert!("en_GB".parse::<LanguageTag>().is_err());
        assert!("".parse::<LanguageTag>().is_err());
    }

    proptest! {
        #[test]
        fn a_slug_made_from_a_name_is_a_slug(name in "\\PC{0,300}") {
            if let Some(slug) = Slug::from_name(&name) {
                prop_assert_eq!(slug.as_str().parse::<Slug>().unwrap(), slug);
            }
        }
    }
}
