//! The flags of a regular expression (F&O 5.6.2).

use super::error::PatternError;

/// Which flags are set. Their order and repetition mean nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "five flags that are independent of each other by the standard")]
pub(super) struct Flags {
    /// `s`: the dot matches line ends too.
    pub(super) dot_all: bool,
    /// `m`: `^` and `$` match at every line.
    pub(super) lines: bool,
    /// `i`: upper and lower case are the same.
    pub(super) fold: bool,
    /// `x`: white space outside of character classes is for the reader.
    pub(super) spaced: bool,
    /// `q`: every character stands for itself.
    pub(super) quoted: bool,
}

impl Flags {
    /// Reads flags; the first letter that is none is the error.
    pub(super) fn parse(text: &str) -> Result<Self, PatternError> {
        let mut flags = Self::default();
        for letter in text.chars() {
            match letter {
                's' => flags.dot_all = true,
                'm' => flags.lines = true,
                'i' => flags.fold = true,
                'x' => flags.spaced = true,
                'q' => flags.quoted = true,
                other => return Err(PatternError::Flag(other)),
            }
        }
        Ok(flags)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_flags_in_any_order_and_more_than_once() {
        let flags = Flags::parse("ixix").unwrap();
        assert!(flags.fold && flags.spaced && !flags.lines && !flags.dot_all && !flags.quoted);
        assert_eq!(Flags::parse(""), Ok(Flags::default()));
    }

    #[test]
    fn names_the_letter_that_is_no_flag() {
        assert_eq!(Flags::parse("iU"), Err(PatternError::Flag('U')));
        assert_eq!(Flags::parse(" "), Err(PatternError::Flag(' ')));
    }
}
