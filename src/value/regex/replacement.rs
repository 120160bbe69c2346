//! What REPLACE puts in the place of a match (F&O 5.6.4).

use super::error::ReplacementError;

/// A replacement, read once for all its matches.
///
/// # Examples
///
/// ```ignore
/// let pattern = Pattern::new("([0-9]+) ?km", "")?;
/// let replacement = Replacement::new("$1 kilometres", pattern.groups(), pattern.is_literal())?;
/// assert_eq!(pattern.replace("12km away", &replacement, 100)?, "12 kilometres away");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Text(String),
    /// The text of a group; 0 is the whole match.
    Group(usize),
}

impl Replacement {
    /// Reads the third argument of REPLACE.
    ///
    /// In it `$N` stands for the text of a group and `$0` for the whole match; a group that took no part is empty. Of
    /// several digits as many are the number as there are groups for, and the rest stands for itself; one digit without
    /// such a group is empty. `\$` and `\\` are a dollar sign and a backslash. With `is_literal`, that is with the flag
    /// `q`, nothing means anything but itself.
    pub fn new(text: &str, groups: usize, is_literal: bool) -> Result<Self, ReplacementError> {
        if is_literal {
            return Ok(Self { parts: vec![Part::Text(text.to_owned())] });
        }
        let (mut parts, mut plain) = (Vec::new(), String::new());
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            match letter {
                '\\' => match letters.next() {
                    Some(escaped @ ('\\' | '$')) => plain.push(escaped),
                    _ => return Err(ReplacementError::Backslash),
                },
                '$' => {
                    let mut digit = || letters.next_if(char::is_ascii_digit).and_then(|digit| digit.to_digit(10));
                    let Some(mut number) = digit().map(|digit| digit as usize) else {
                        return Err(ReplacementError::Dollar);
                    };
                    while let Some(digit) = letters.peek().and_then(|next| next.to_digit(10)) {
                        let longer = number * 10 + digit as usize;
                        if longer > groups.max(9) {
                            break;
                        }
                        number = longer;
                        letters.next();
                    }
                    if !plain.is_empty() {
                        parts.push(Part::Text(std::mem::take(&mut plain)));
                    }
                    if number <= groups {
                        parts.push(Part::Group(number));
                    }
                }
                _ => plain.push(letter),
            }
        }
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Self { parts })
    }

    pub(super) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Whether it asks for no group but the whole match.
    pub(super) fn is_without_groups(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, Part::Text(_) | Part::Group(0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str, groups: usize) -> String {
        let replacement = Replacement::new(text, groups, false).unwrap();
        let show = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Group(number) => format!("<{number}>"),
        };
        replacement.parts.iter().map(show).collect()
    }

    #[test]
    fn a_number_is_as_long_as_there_are_groups() {
        assert_eq!(parts("$1km", 1), "<1>km");
        assert_eq!(parts("$1_$2", 2), "<1>_<2>");
        assert_eq!(parts("$12", 1), "<1>2");
        assert_eq!(parts("$12", 12), "<12>");
        assert_eq!(parts("$123", 12), "<12>3");
        assert_eq!(parts("a$5b", 1), "ab");
        assert_eq!(parts("$01$00", 1), "<1><0>");
        assert_eq!(parts("$51", 1), "1");
        assert_eq!(parts("$99999999999999999999999", 9), "<9>9999999999999999999999");
    }

    #[test]
    fn signs_stand_for_themselves_after_a_backslash() {
        assert_eq!(parts(r"\$1 \\ é", 1), r"$1 \ é");
        for (text, error) in [
            (r"\n", ReplacementError::Backslash),
            (r"a\", ReplacementError::Backslash),
            ("$", ReplacementError::Dollar),
            ("$x", ReplacementError::Dollar),
            ("$٣", ReplacementError::Dollar),
        ] {
            assert_eq!(Replacement::new(text, 1, false), Err(error), "{text}");
        }
    }

    #[test]
    fn with_the_flag_q_nothing_has_a_meaning() {
        let replacement = Replacement::new(r"$1\", 1, true).unwrap();
        assert_eq!(replacement.parts, [Part::Text(r"$1\".to_owned())]);
    }
}
