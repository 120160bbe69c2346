//! Texts that must be something: slugs, codes, tags, IRIs, dates. One message for each kind of mistake.

use std::str::FromStr;

use oxiri::Iri;
use oxsdatatypes::Date;

use crate::{
    diagnostic::{Diagnostic, Place},
    model::{GoalNumber, IndicatorId, LanguageTag, Slug, TargetCode},
};

/// A text that has a form of its own.
pub(crate) trait Formed: FromStr<Err: std::fmt::Display> {
    /// The code of the diagnostic for a text that has not that form.
    const CODE: &'static str;
    /// What to do about it.
    const HELP: &'static str;
}

impl Formed for Slug {
    const CODE: &'static str = "bad-slug";
    const HELP: &'static str = "a slug is part of an address, such as sustainable-tourism";
}

impl Formed for LanguageTag {
    const CODE: &'static str = "bad-language-tag";
    const HELP: &'static str = "use the tags of languages.csv";
}

impl Formed for GoalNumber {
    const CODE: &'static str = "bad-code";
    const HELP: &'static str = "the goals are 1 to 17";
}

impl Formed for TargetCode {
    const CODE: &'static str = "bad-code";
    const HELP: &'static str = "the codes are those of targets.csv";
}

impl Formed for IndicatorId {
    const CODE: &'static str = "bad-code";
    const HELP: &'static str = "number the indicators of a target from 1, and the sub-levels of an indicator from 1";
}

/// Reads a text that has a form, or reports that it has not.
pub(crate) fn formed<T: Formed>(text: &str, place: Place, report: &mut Vec<Diagnostic>) -> Option<T> {
    match text.parse() {
        Ok(value) => Some(value),
        Err(error) => {
            report.push(Diagnostic::error(T::CODE, place, error.to_string()).help(T::HELP));
            None
        }
    }
}

/// An absolute IRI of one of the schemes; the list names them as they are written, `https`.
pub(crate) fn iri(text: String, schemes: &[&str], place: Place, report: &mut Vec<Diagnostic>) -> Option<String> {
    let sound = Iri::parse(text.as_str()).is_ok_and(|iri| {
        schemes.contains(&iri.scheme()) && (iri.scheme() == "mailto" || iri.authority().is_some_and(|a| !a.is_empty()))
    });
    if sound {
        return Some(text);
    }
    let examples: Vec<_> = schemes.iter().map(|scheme| format!("{scheme}:")).collect();
    report.push(
        Diagnostic::error("bad-iri", place, format!("\"{text}\" is not an address"))
            .help(format!("write it whole, beginning with {}, with %20 for a space", examples.join(" or "))),
    );
    None
}

/// The schemes of addresses on the web.
pub(crate) const WEB: &[&str] = &["https", "http"];

/// A day, `YYYY-MM-DD`.
pub(crate) fn day(text: String, place: Place, report: &mut Vec<Diagnostic>) -> Option<String> {
    if text.len() == 10 && Date::from_str(&text).is_ok() {
        return Some(text);
    }
    report.push(
        Diagnostic::error("bad-date", place, format!("\"{text}\" is not a day of the calendar"))
            .help("write year, month and day, such as 2026-11-22"),
    );
    None
}
