//! The labels the site prints above the sections of a page, in its two languages.

use super::{
    label::{fold, slips},
    line::Line,
};

/// A section that has a heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    /// For whom the resource is.
    Audience,
    /// The languages of the resource.
    Languages,
    /// Its actions; at the top of the page, the menu of all actions.
    Actions,
    /// The text that names SDG targets.
    Linkages,
    /// One block of indicators.
    Indicators,
}

/// The language of a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LabelLanguage {
    English,
    Spanish,
}

/// A line recognised as a heading, with what follows on the same line: `Intended Audience: curators`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Heading<'t> {
    pub(super) section: Section,
    pub(super) language: LabelLanguage,
    pub(super) rest: &'t str,
}

use LabelLanguage::{English, Spanish};
use Section::{Actions, Audience, Indicators, Languages, Linkages};

/// The labels, folded.
const LABELS: &[(&str, Section, LabelLanguage)] = &[
    ("intended audience", Audience, English),
    ("target audience", Audience, English),
    ("audience", Audience, English),
    ("publico objetivo", Audience, Spanish),
    ("publico destinatario", Audience, Spanish),
    ("publico previsto", Audience, Spanish),
    ("available in", Languages, English),
    ("languages", Languages, English),
    ("disponible en", Languages, Spanish),
    ("idiomas", Languages, Spanish),
    ("actions", Actions, English),
    ("acciones", Actions, Spanish),
    ("sdgs linkages", Linkages, English),
    ("links to the sdgs", Linkages, English),
    ("vinculos a los ods", Linkages, Spanish),
    ("vinculos con los ods", Linkages, Spanish),
    ("our collections matter indicators", Indicators, English),
    ("ocm indicators", Indicators, English),
    ("indicadores our collections matter", Indicators, Spanish),
    ("indicadores de our collections matter", Indicators, Spanish),
    ("our collections matter indicadores", Indicators, Spanish),
    ("indicadores ocm", Indicators, Spanish),
    ("indicadores de ocm", Indicators, Spanish),
];

/// Longest line that is looked at as a heading, in bytes.
const LONGEST: usize = 80;

/// Reads a line as a heading. Case, accents, a colon, and one or two slips do not matter. Only the heading of indicators
/// may have a bullet; audience and languages may have their text beside them.
pub(super) fn heading<'t>(line: &Line<'t>) -> Option<Heading<'t>> {
    let read = |text: &str, rest| label(text).map(|(section, language)| Heading { section, language, rest });
    let heading = read(line.text, "").or_else(|| {
        let (before, rest) = line.text.split_once(':')?;
        read(before, rest.trim()).filter(|heading| matches!(heading.section, Audience | Languages))
    });
    heading.filter(|heading| line.bullet.is_none() || heading.section == Indicators)
}

/// The label nearest to a text.
fn label(text: &str) -> Option<(Section, LabelLanguage)> {
    if text.len() > LONGEST {
        return None;
    }
    let folded = fold(text);
    LABELS
        .iter()
        .filter_map(|(label, section, language)| Some((slips(&folded, label)?, (*section, *language))))
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, label)| label)
}

/// Whether a line belongs to the site and not to the page: what to click, where to skip to.
pub(super) fn is_furniture(text: &str) -> bool {
    const BEGINNINGS: &[&str] =
        &["click on ", "haga clic en ", "haz clic en ", "skip to main content", "pasar al contenido principal"];
    let folded = fold(text);
    text.len() <= 2 * LONGEST && BEGINNINGS.iter().any(|beginning| folded.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(text: &str) -> Option<(Section, LabelLanguage)> {
        heading(&Line { number: 1, bullet: None, text }).map(|heading| (heading.section, heading.language))
    }

    #[test]
    fn headings_are_known_in_both_languages_and_with_slips() {
        for (text, expected) in [
            ("Intended Audience", (Audience, English)),
            ("INTENDED  AUDIENCE : ", (Audience, English)),
            ("Inteded audiense", (Audience, English)),
            ("Público objetivo", (Audience, Spanish)),
            ("Publico Objectivo:", (Audience, Spanish)),
            ("Avaiable in", (Languages, English)),
            ("Disponible en:", (Languages, Spanish)),
            ("ACTIONS", (Actions, English)),
            ("Acciones", (Actions, Spanish)),
            ("SDGs LINKAGES", (Linkages, English)),
            ("SDG Linkages", (Linkages, English)),
            ("Vínculos a los ODS", (Linkages, Spanish)),
            ("Our Collections Matter indicators:", (Indicators, English)),
            ("Our Collection Matter indicator:", (Indicators, English)),
            ("Indicadores de Our Collections Matter:", (Indicators, Spanish)),
        ] {
            assert_eq!(section(text), Some(expected), "{text}");
        }
        assert_eq!(section("Our Collection Matters indicator:"), None, "three slips are not two");
    }

    #[test]
    fn ordinary_lines_are_no_headings() {
        for text in ["", "Museum staff", "Action plan", "Available now", "Our collections", &"x".repeat(10_000)] {
            assert_eq!(section(text), None, "{text}");
        }
    }

    #[test]
    fn a_heading_may_have_its_text_beside_it() {
        let heading = heading(&Line { number: 1, bullet: None, text: "Available in: English, Lao" }).unwrap();
        assert_eq!((heading.section, heading.rest), (Languages, "English, Lao"));
    }

    #[test]
    fn furniture_is_known() {
        assert!(is_furniture("Click on the SDG Target to discover Our Collections Matter indicators"));
        assert!(!is_furniture("Clicking is not furniture"));
    }
}
