//! What an evaluation has of time and chance: one time for all of it, and numbers and names that nobody had before.

use std::{
    cell::Cell,
    time::{SystemTime, UNIX_EPOCH},
};

use oxigraph::model::vocab::xsd;

use crate::value::Value;

/// Seconds of a day.
const DAY: u64 = 86_400;

/// The time of an evaluation, and its names for new blank nodes.
#[derive(Debug, Clone)]
pub(super) struct Moment {
    now: Value<'static>,
    /// What the labels of its blank nodes begin with.
    prefix: String,
    blanks: Cell<u64>,
}

impl Moment {
    pub(super) fn new() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let text = date_time(since.as_secs(), since.subsec_millis());
        let now = Value::of_literal(&text, Some(xsd::DATE_TIME.as_str()), None).into_owned();
        Self { now, prefix: format!("n{:016x}", rand::random::<u64>()), blanks: Cell::new(0) }
    }

    /// [`NOW`](https://www.w3.org/TR/sparql11-query/#func-now): the same in all of an evaluation.
    pub(super) fn now(&self) -> Value<'static> {
        self.now.clone()
    }

    /// [`RAND`](https://www.w3.org/TR/sparql11-query/#idp2130040): from 0 to below 1.
    #[expect(clippy::unused_self, reason = "chance is asked of one place")]
    pub(super) fn random(&self) -> f64 {
        rand::random()
    }

    /// A random UUID behind a prefix. [RFC 9562, section 5.4](https://www.rfc-editor.org/rfc/rfc9562#section-5.4)
    #[expect(clippy::unused_self, reason = "chance is asked of one place")]
    pub(super) fn uuid(&self, prefix: &str) -> String {
        let bits = rand::random::<u128>() & !(0xf << 76) & !(0b11 << 62) | 4 << 76 | 0b10 << 62;
        let hex = format!("{bits:032x}");
        format!("{prefix}{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }

    /// The label of a new blank node.
    pub(super) fn blank(&self) -> String {
        self.blanks.set(self.blanks.get() + 1);
        format!("{}{}", self.prefix, self.blanks.get())
    }
}

/// Seconds since 1970 as an `xsd:dateTime` in UTC.
fn date_time(seconds: u64, milliseconds: u32) -> String {
    let (days, second) = (seconds / DAY, seconds % DAY);
    // Eras of 400 years from the first of March of the year 0, in which leap days come last.
    let from_march = days + 719_468;
    let (era, of_era) = (from_march / 146_097, from_march % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milliseconds:03}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_calendars_have_them() {
        for (seconds, expected) in [
            (0, "1970-01-01T00:00:00.007Z"),
            (951_782_399, "2000-02-28T23:59:59.007Z"),
            (951_782_400, "2000-02-29T00:00:00.007Z"),
            (951_868_800, "2000-03-01T00:00:00.007Z"),
            (1_798_761_599, "2026-12-31T23:59:59.007Z"),
            (4_107_542_400, "2100-03-01T00:00:00.007Z"),
        ] {
            assert_eq!(date_time(seconds, 7), expected);
        }
    }

    #[test]
    fn a_uuid_says_that_it_is_random() {
        let uuid = Moment::new().uuid("urn:uuid:");
        let parts: Vec<&str> = uuid.trim_start_matches("urn:uuid:").split('-').collect();
        assert_eq!(parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
        assert!(parts[2].starts_with('4') && parts[3].starts_with(['8', '9', 'a', 'b']), "{uuid}");
    }

    #[test]
    fn blank_nodes_have_labels_of_their_own() {
        let (one, other) = (Moment::new(), Moment::new());
        let labels = [one.blank(), one.blank(), other.blank()];
        assert!(labels[0] != labels[1] && labels[0] != labels[2]);
    }
}
