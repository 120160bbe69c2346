//! The page as numbered lines.

/// One line that is not blank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line<'t> {
    /// Its number in the page, from 1.
    pub(super) number: usize,
    /// The bullet it begins with.
    pub(super) bullet: Option<char>,
    /// Its words, without bullet and without space around them. Empty after a bullet that stands alone.
    pub(super) text: &'t str,
}

/// The text with every kind of space that is not a line end as a plain space, so that words can be told apart by it.
pub(super) fn plain_spaces(text: &str) -> String {
    text.chars().map(|c| if c != '\n' && c.is_whitespace() { ' ' } else { c }).collect()
}

/// The lines of a text that are not blank.
pub(super) fn lines(text: &str) -> Vec<Line<'_>> {
    text.lines().enumerate().filter_map(|(index, line)| Line::read(index + 1, line)).collect()
}

impl<'t> Line<'t> {
    fn read(number: usize, line: &'t str) -> Option<Self> {
        let line = trim(line);
        let first = line.chars().next()?;
        let rest = &line[first.len_utf8()..];
        let is_bullet = match first {
            '•' | '·' | '▪' | '◦' | '‣' | '●' | '○' => true,
            '*' | '–' | '—' => rest.is_empty() || rest.starts_with(' '),
            // "-English" is a bullet; "-5" and "--" are not.
            '-' => rest.chars().next().is_none_or(|c| c == ' ' || c.is_alphabetic()),
            _ => false,
        };
        let (bullet, text) = if is_bullet { (Some(first), trim(rest)) } else { (None, line) };
        Some(Self { number, bullet, text })
    }

    /// Whether it is a bullet with words.
    pub(super) fn is_item(self) -> bool {
        self.bullet.is_some() && !self.text.is_empty()
    }
}

/// Without spaces and without the invisible characters that copying leaves at the ends of lines.
fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(usize, Option<char>, &str)> {
        lines(text).into_iter().map(|line| (line.number, line.bullet, line.text)).collect()
    }

    #[test]
    fn bullets_of_every_kind_are_told_from_words() {
        assert_eq!(
            read("- a\n\n*  b\n•c\n– d\n· e\n-\nf - g\n-5 degrees\n-Lao"),
            [
                (1, Some('-'), "a"),
                (3, Some('*'), "b"),
                (4, Some('•'), "c"),
                (5, Some('–'), "d"),
                (6, Some('·'), "e"),
                (7, Some('-'), ""),
                (8, None, "f - g"),
                (9, None, "-5 degrees"),
                (10, Some('-'), "Lao"),
            ]
        );
    }

    #[test]
    fn spaces_that_do_not_look_different_are_not_different() {
        assert_eq!(plain_spaces("a\u{a0}b\tc\u{202f}d\ne"), "a b c d\ne");
        assert_eq!(read("\u{feff}- a\u{200b} "), [(1, Some('-'), "a")]);
    }
}
