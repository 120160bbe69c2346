//! Quotations and the description around them.

use crate::model::{Field, Quotation};

use super::{
    line::Line,
    report::{Report, excerpt},
};

/// So many lines one quotation may have.
const LONGEST: usize = 50;

/// What stands between the creators and the languages.
#[derive(Debug, Default)]
pub(super) struct Passages<'t> {
    pub(super) quotations: Vec<Quotation>,
    /// The paragraphs that are not quoted.
    pub(super) description: Vec<Line<'t>>,
}

/// Whether a paragraph begins with an opening quotation mark.
pub(super) fn opens(text: &str) -> bool {
    text.chars().next().is_some_and(|c| !closing(c).is_empty())
}

/// The marks that close what a mark opens; none for what is no opening mark.
fn closing(opening: char) -> &'static [char] {
    match opening {
        '“' => &['”'],
        '"' => &['"', '”'],
        '«' => &['»'],
        '„' => &['“', '”'],
        '‘' | '\'' => &['’', '\''],
        _ => &[],
    }
}

/// Reads quotations: passages that begin a line with a quotation mark and end a line, perhaps a later one, with the
/// mark that closes it and a locator. Words in quotation marks inside a sentence belong to the sentence.
pub(super) fn passages<'t>(lines: &[Line<'t>], report: &mut Report) -> Passages<'t> {
    let mut passages = Passages::default();
    let mut rest = lines;
    // What is left of a line behind a quotation: perhaps another one.
    let mut remainder: Option<Line<'t>> = None;
    while let Some(first) = remainder.take().or_else(|| rest.split_off_first().copied()) {
        if !opens(first.text) {
            passages.unquoted(first);
            continue;
        }
        let Some(end) = end(first, rest) else {
            let message = format!("the quotation \"{}\" is never closed", excerpt(first.text));
            report.warning(first.number, "unclosed-quotation", message, "look whether the page is cut off here");
            report.gap(Field::Quotations, "A quotation is opened on the page and never closed.");
            let more = rest.iter().take(LONGEST).take_while(|line| !opens(line.text)).count();
            passages.quoted(first, &rest[..more], None);
            rest = &rest[more..];
            continue;
        };
        let (locator, behind) = tail(end.behind);
        if !behind.is_empty() && !opens(behind) {
            if end.more == 0 {
                passages.unquoted(first);
                continue;
            }
            let message = format!("\"{}\" follows a quotation on its last line", excerpt(behind));
            report.note(first.number, "text-after-quotation", message, "it is kept as description");
        }
        let (within, after) = rest.split_at(end.more);
        let last = within.last().copied().unwrap_or(first);
        let kept = last.text.len() - end.behind.len();
        passages.quoted_until(first, within, kept, locator);
        rest = after;
        if !behind.is_empty() {
            remainder = Some(Line { text: behind, bullet: None, ..last });
        }
    }
    passages
}

impl<'t> Passages<'t> {
    fn unquoted(&mut self, line: Line<'t>) {
        match (tail(line.text), self.quotations.last_mut()) {
            // A locator on a line of its own belongs to the quotation above.
            ((Some(locator), ""), Some(last)) if last.locator.is_none() && self.description.is_empty() => {
                last.locator = Some(locator);
            }
            _ => self.description.push(line),
        }
    }

    /// A quotation that ends at the closing mark before byte `kept` of its last line.
    fn quoted_until(&mut self, first: Line<'t>, more: &[Line<'t>], kept: usize, locator: Option<String>) {
        let cut = |line: Line<'t>| {
            let text = &line.text[..kept];
            let mark = text.chars().next_back().map_or(0, char::len_utf8);
            Line { text: &text[..text.len() - mark], ..line }
        };
        match more.split_last() {
            None => self.quoted(cut(first), &[], locator),
            Some((last, between)) => {
                let more: Vec<Line<'t>> = between.iter().copied().chain([cut(*last)]).collect();
                self.quoted(first, &more, locator);
            }
        }
    }

    fn quoted(&mut self, first: Line<'t>, more: &[Line<'t>], locator: Option<String>) {
        let mark = first.text.chars().next().map_or(0, char::len_utf8);
        let paragraphs = more.iter().map(|line| line.text.strip_prefix(['“', '«', '„']).unwrap_or(line.text));
        let text: Vec<&str> = [first.text.get(mark..).unwrap_or_default()].into_iter().chain(paragraphs).collect();
        let mut text = text.join("\n").trim().to_owned();
        let mut locator = locator;
        // "… (p. 4)”": the place stands inside the marks.
        if locator.is_none()
            && let Some(open) = text.rfind('(')
            && let (Some(inside), "") = tail(&text[open..])
            && inside.starts_with('p')
        {
            locator = Some(inside);
            text.truncate(text[..open].trim_end().len());
        }
        if !text.is_empty() {
            self.quotations.push(Quotation { text: Some(text), locator });
        }
    }
}

/// Where a quotation ends: so many lines below its first, with this text behind the closing mark.
struct End<'t> {
    more: usize,
    behind: &'t str,
}

fn end<'t>(first: Line<'t>, rest: &[Line<'t>]) -> Option<End<'t>> {
    let opening = first.text.chars().next()?;
    let closing = closing(opening);
    let lines = || [first].into_iter().chain(rest.iter().copied()).take(LONGEST).enumerate();
    let single = matches!(opening, '‘' | '\'');
    if !single {
        let mut depth = 0_usize;
        for (more, line) in lines() {
            for (at, c) in line.text.char_indices() {
                let behind = &line.text[at + c.len_utf8()..];
                let opens_more = c == opening && (opening != '"' || (more, at) == (0, 0));
                if opens_more {
                    // Each paragraph of a long quotation may open it again; only the last closes it.
                    depth += usize::from(at > 0 || more == 0);
                } else if closing.contains(&c) && !behind.starts_with(char::is_alphanumeric) {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return Some(End { more, behind });
                    }
                }
            }
        }
    }
    // Marks inside are not in pairs, or the mark is an apostrophe too: the quotation ends where a line ends with one.
    lines().take(if single { 1 } else { LONGEST }).find_map(|(more, line)| {
        let at = line.text.rfind(closing).or_else(|| line.text.rfind('"'))?;
        let mark = line.text[at..].chars().next()?;
        let behind = &line.text[at + mark.len_utf8()..];
        ((more, at) != (0, 0) && tail(behind).1.is_empty()).then_some(End { more, behind })
    })
}

/// Takes the locator that follows a quotation, `(p.4)`, and gives what follows it.
fn tail(behind: &str) -> (Option<String>, &str) {
    const BETWEEN: [char; 4] = [' ', '.', ',', ';'];
    let behind = behind.trim_start_matches(BETWEEN);
    let bracketed = behind.strip_prefix('(').and_then(|inside| inside.split_once(')'));
    match bracketed.and_then(|(inside, after)| Some((locator(inside)?, after))) {
        Some((locator, after)) => (Some(locator), after.trim_start_matches(BETWEEN)),
        None => (None, behind),
    }
}

/// A place in a resource as it is cited: `p.4` is `p. 4`, `PP 5-6` is `pp. 5-6`, `Guide p.3` is `Guide p. 3`. Other
/// places, such as `Foreword`, stay as they are. `None` for what is too long for a place.
fn locator(text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 60 {
        return None;
    }
    let lower = text.to_lowercase();
    for (word, page) in
        [("páginas", "pp. "), ("página", "p. "), ("págs", "pp. "), ("pág", "p. "), ("pages", "pp. "), ("page", "p. ")]
            .into_iter()
            .chain([("pp", "pp. "), ("p", "p. ")])
    {
        // Lower-casing can change lengths outside of Latin letters; then the text is left alone.
        let Some(at) = lower.rfind(word).filter(|_| lower.len() == text.len()) else { continue };
        let number = text.get(at + word.len()..).unwrap_or_default().trim_start_matches(['.', ' ']);
        let apart = !lower[..at].ends_with(char::is_alphanumeric);
        let numeral = |c: char| c.is_ascii_digit() || "ivxlcIVXLC".contains(c);
        let is_number = number.starts_with(numeral)
            && number.chars().all(|c| numeral(c) || matches!(c, '-' | '–' | ',' | ' ' | '&') || c.is_ascii_digit());
        if apart && is_number {
            return Some(format!("{}{page}{number}", text.get(..at).unwrap_or_default()));
        }
    }
    Some(text.to_owned())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{super::line::lines, *};

    fn read(text: &str) -> (Vec<(String, String)>, Vec<&str>, bool) {
        let mut report = Report::new(Path::new("page"));
        let passages = passages(&lines(text), &mut report);
        let quotations = passages.quotations.into_iter();
        let quotations = quotations.map(|q| (q.text.unwrap_or_default(), q.locator.unwrap_or_default())).collect();
        let description = passages.description.into_iter().map(|line| line.text).collect();
        (quotations, description, !report.gaps.is_empty())
    }

    fn quoted(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(text, locator)| ((*text).to_owned(), (*locator).to_owned())).collect()
    }

    #[test]
    fn marks_of_every_kind_and_locators() {
        assert_eq!(read("“A b.” (p.4)").0, quoted(&[("A b.", "p. 4")]));
        assert_eq!(read("\"A b.\" (pp. 5-6).").0, quoted(&[("A b.", "pp. 5-6")]));
        assert_eq!(read("« A b. » (p. iv)").0, quoted(&[("A b.", "p. iv")]));
        assert_eq!(read("‘Museums’ role isn’t small.’ (P 8)").0, quoted(&[("Museums’ role isn’t small.", "p. 8")]));
        assert_eq!(read("“A b” (Guide p.3)").0, quoted(&[("A b", "Guide p. 3")]));
        assert_eq!(read("“A b” (Foreword)").0, quoted(&[("A b", "Foreword")]));
        assert_eq!(read("“A b (p. 12)”").0, quoted(&[("A b", "p. 12")]));
        assert_eq!(read("“A b”\n(p. 12)").0, quoted(&[("A b", "p. 12")]));
    }

    #[test]
    fn several_quotations_on_one_line_or_several() {
        let expected = quoted(&[("A.", "p. 1"), ("B.", "")]);
        assert_eq!(read("“A.” (p.1) “B.”").0, expected);
        assert_eq!(read("“A.” (p.1)\n“B.”").0, expected);
    }

    #[test]
    fn a_quotation_may_have_paragraphs_and_bullets_and_quote_others() {
        assert_eq!(read("“A\nb\n“c” (p.2)\nD").0, quoted(&[("A\nb\nc", "p. 2")]));
        assert_eq!(read("- “A\n- b\n- c;”").0, quoted(&[("A\nb\nc;", "")]));
        assert_eq!(read("“A “b” c.” (p.2)").0, quoted(&[("A “b” c.", "p. 2")]));
        assert_eq!(read("“A “b c.” (p.2)").0, quoted(&[("A “b c.", "p. 2")]));
        assert_eq!(read("“A \"b\" c.” (p.2)").0, quoted(&[("A \"b\" c.", "p. 2")]));
        assert_eq!(read("“A b.\" (p.2)").0, quoted(&[("A b.", "p. 2")]));
    }

    #[test]
    fn quoted_words_in_a_sentence_are_no_quotation() {
        let (quotations, description, _) = read("“Slow storage” is a way to keep things.\nIt is “good”.");
        assert_eq!(quotations, []);
        assert_eq!(description, ["“Slow storage” is a way to keep things.", "It is “good”."]);
    }

    #[test]
    fn what_is_never_closed_is_kept_and_said() {
        let (quotations, _, unclosed) = read("“A b\nc\n“D.”");
        // The second paragraph may go on with the first quotation; it closes it.
        assert_eq!((quotations, unclosed), (quoted(&[("A b\nc\nD.", "")]), false));
        assert_eq!(read("“A b\nc"), (quoted(&[("A b\nc", "")]), vec![], true));
    }
}
