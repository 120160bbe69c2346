//! The suite on disk.

use std::{env, fs, path::PathBuf};

use super::case::{self, Case};
use crate::support::repository;

/// How many cases the files hold: one that is not read would be missed by nobody.
const CASES: usize = 9_902;

/// The files that are of use here, without their extension.
const NAMES: &[(&str, &[&str])] = &[
    (
        "fn",
        &[
            "abs",
            "boolean",
            "ceiling",
            "concat",
            "contains",
            "day-from-dateTime",
            "encode-for-uri",
            "ends-with",
            "floor",
            "hours-from-dateTime",
            "lang",
            "lower-case",
            "matches",
            "matches.re",
            "minutes-from-dateTime",
            "month-from-dateTime",
            "not",
            "number",
            "replace",
            "round",
            "seconds-from-dateTime",
            "starts-with",
            "string",
            "string-length",
            "substring",
            "substring-after",
            "substring-before",
            "timezone-from-dateTime",
            "upper-case",
            "year-from-dateTime",
        ],
    ),
    (
        "op",
        &[
            "boolean-equal",
            "boolean-greater-than",
            "boolean-less-than",
            "date-equal",
            "date-greater-than",
            "date-less-than",
            "dateTime-equal",
            "dateTime-greater-than",
            "dateTime-less-than",
            "dayTimeDuration-greater-than",
            "dayTimeDuration-less-than",
            "duration-equal",
            "gYear-equal",
            "gYearMonth-equal",
            "numeric-add",
            "numeric-divide",
            "numeric-equal",
            "numeric-greater-than",
            "numeric-integer-divide",
            "numeric-less-than",
            "numeric-mod",
            "numeric-multiply",
            "numeric-subtract",
            "numeric-unary-minus",
            "numeric-unary-plus",
            "string-equal",
            "string-greater-than",
            "string-less-than",
            "time-equal",
            "time-greater-than",
            "time-less-than",
            "yearMonthDuration-greater-than",
            "yearMonthDuration-less-than",
        ],
    ),
    ("prod", &["CastExpr", "CastExpr.derived", "CastableExpr", "OrExpr", "ValueComp"]),
];

/// The W3C's files.
#[derive(Debug)]
pub(super) struct Files {
    folder: PathBuf,
}

impl Files {
    /// The folder with the suite: `w3c/qt3` in the folder `OCM_SHARED`, or in `shared` beside the repository.
    pub(super) fn open() -> Self {
        let shared = env::var_os("OCM_SHARED").map_or_else(|| repository("../shared"), PathBuf::from);
        Self { folder: shared.join("w3c/qt3") }
    }

    /// All cases of all files.
    pub(super) fn cases(&self) -> Vec<Case> {
        let sets = NAMES.iter().flat_map(|(folder, names)| names.iter().map(move |name| format!("{folder}/{name}")));
        let cases: Vec<Case> = sets.flat_map(|set| case::read(&set, &self.text(&set))).collect();
        assert_eq!(cases.len(), CASES, "the suite has other cases than it had");
        cases
    }

    fn text(&self, set: &str) -> String {
        let path = self.folder.join(format!("{set}.xml"));
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}
