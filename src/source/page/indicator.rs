//! The blocks of indicators that a page prints under each of its targets.

use std::collections::HashMap;

use crate::{model::Field, source::normalise_wording};

use super::{
    heading::is_furniture,
    line::Line,
    report::{Report, excerpt},
};

/// The indicators printed under one heading. It carries no code: which target it belongs to follows from its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    /// The line of the heading.
    pub(crate) line: usize,
    /// Its indicators, each wording once.
    pub(crate) items: Vec<Item>,
}

/// One indicator of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    /// Its line.
    pub(crate) line: usize,
    /// The official wording, verbatim.
    pub(crate) wording: String,
    /// Its sub-levels, printed below it as `i.`, `ii.` or `a)`: line and wording without that number.
    pub(crate) levels: Vec<(usize, String)>,
}

/// Longest wording, in bytes: the longest cell of `indicators.csv` is 64 KiB.
const LONGEST: usize = 60_000;

/// Reads the blocks. `cut_off`: the page ends within its last line.
pub(super) fn blocks(sections: &[(usize, Vec<Line<'_>>)], cut_off: bool, report: &mut Report) -> Vec<Block> {
    let mut blocks: Vec<Block> = sections
        .iter()
        .enumerate()
        .map(|(index, (line, lines))| block(*line, lines, index + 1 == sections.len(), report))
        .collect();
    for block in blocks.iter().filter(|block| block.items.is_empty()) {
        let message = "there is no indicator under this heading";
        report.warning(block.line, "empty-block", message, "compare with the page");
        report.gap(Field::Indicators, "Nothing could be read under a heading of indicators.");
    }
    let end = sections.last().and_then(|(_, lines)| lines.last()).map(|line| line.number);
    // Below the last indicator the foot of the page may stand; then it is that which is cut off.
    let at_end = |item: &&mut Item| Some(item.levels.last().map_or(item.line, |(line, _)| *line)) == end;
    if cut_off && let Some(last) = blocks.last_mut().and_then(|block| block.items.last_mut()).filter(at_end) {
        let (line, wording) = match last.levels.pop() {
            Some(level) => level,
            None => (last.line, std::mem::take(&mut last.wording)),
        };
        let message = format!("the last indicator is cut off: \"{}\"", excerpt(&wording));
        report.warning(line, "cut-off-indicator", message, "it is left out; import the whole page");
    }
    for block in &mut blocks {
        block.items.retain(|item| !item.wording.is_empty());
    }
    blocks
}

/// Reads one block. Below the last one the foot of the page may follow: a line that is no indicator begins it.
fn block(line: usize, lines: &[Line<'_>], is_last: bool, report: &mut Report) -> Block {
    let mut block = Block { line, items: Vec::new() };
    // Each wording, with the indicator it is a sub-level of, and its place.
    let mut seen: HashMap<(Option<usize>, String), usize> = HashMap::new();
    // Which indicator sub-levels and continued lines belong to.
    let mut current: Option<usize> = None;
    let mut unused: Vec<Line<'_>> = Vec::new();
    for line in lines {
        if line.text.is_empty() || is_furniture(line.text) {
            continue;
        }
        if line.text.len() > LONGEST {
            let message = format!("the line has {} bytes, too many for an indicator", line.text.len());
            report.warning(line.number, "too-long", message, "it is left out; compare with the page");
            continue;
        }
        let parent = current.and_then(|index| block.items.get_mut(index));
        match (numbered(line.text), parent) {
            (Some(wording), Some(parent))
                if line.bullet.is_none() || parent.wording.ends_with(':') || !parent.levels.is_empty() =>
            {
                let place = parent.levels.len();
                if *seen.entry((current, normalise_wording(wording))).or_insert(place) < place {
                    repeated(*line, report);
                } else {
                    parent.levels.push((line.number, wording.to_owned()));
                }
            }
            (_, Some(parent)) if line.bullet.is_none() && continues(parent, line.text) => {
                let text = parent.levels.last_mut().map_or(&mut parent.wording, |(_, level)| level);
                text.push(' ');
                text.push_str(line.text);
                let message = "the line goes on with the indicator above and is read as its end";
                report.note(line.number, "continued-line", message, "look whether it is a text of its own");
            }
            _ if line.bullet.is_none() => unused.push(*line),
            _ if is_last && current.is_some() && !unused.is_empty() => {
                report.gap(Field::Indicators, "Bullets below a line that is no indicator are not read.");
                unused.push(*line);
            }
            _ => {
                let place = block.items.len();
                let index = *seen.entry((None, normalise_wording(line.text))).or_insert(place);
                current = Some(index);
                if index < place {
                    repeated(*line, report);
                } else {
                    block.items.push(Item { line: line.number, wording: line.text.to_owned(), levels: Vec::new() });
                }
            }
        }
    }
    if let (Some(first), Some(last)) = (unused.first(), unused.last()) {
        let message = match unused.len() {
            1 => format!("\"{}\" is no indicator and is not used", excerpt(first.text)),
            n => format!(
                "{n} lines to line {} are no indicators and are not used, first \"{}\"",
                last.number,
                excerpt(first.text)
            ),
        };
        report.warning(first.number, "unused-line", message, "nothing, if they belong to the site");
    }
    block
}

fn repeated(line: Line<'_>, report: &mut Report) {
    let message = format!("the indicator \"{}\" is printed twice under its target", excerpt(line.text));
    report.warning(line.number, "repeated-indicator", message, "it is kept once");
}

/// The text behind `i.`, `iv)`, `(ii)`, `a)` or `2.`.
fn numbered(text: &str) -> Option<&str> {
    let (number, rest) = text.split_once(' ')?;
    let bare = number.trim_start_matches('(').trim_end_matches(['.', ')']);
    let roman = !bare.is_empty() && bare.bytes().all(|b| b"ivx".contains(&b));
    let letter = bare.len() == 1 && bare.bytes().all(|b| b.is_ascii_lowercase());
    let digits = !bare.is_empty() && bare.len() <= 2 && bare.bytes().all(|b| b.is_ascii_digit());
    let rest = rest.trim_start();
    (bare.len() < number.len() && (roman || letter || digits) && !rest.is_empty()).then_some(rest)
}

/// Whether a line without a bullet is the end of the text above: that has no full stop, and the line begins small.
fn continues(parent: &Item, text: &str) -> bool {
    let above = parent.levels.last().map_or(parent.wording.as_str(), |(_, level)| level);
    !above.ends_with(['.', '!', '?', ':', ';']) && text.starts_with(char::is_lowercase)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{super::line::lines, *};

    fn read(text: &str) -> (Vec<(String, Vec<String>)>, Vec<&'static str>) {
        let mut report = Report::new(Path::new("page"));
        let lines = lines(text);
        let blocks = blocks(&[(1, lines)], false, &mut report);
        let items = blocks.into_iter().flat_map(|block| block.items);
        let items = items.map(|item| (item.wording, item.levels.into_iter().map(|(_, level)| level).collect()));
        (items.collect(), report.diagnostics.iter().map(|diagnostic| diagnostic.code).collect())
    }

    fn item(wording: &str, levels: &[&str]) -> (String, Vec<String>) {
        (wording.to_owned(), levels.iter().map(|level| (*level).to_owned()).collect())
    }

    #[test]
    fn sub_levels_belong_to_the_bullet_above() {
        let (items, codes) = read("- Ponds:\ni. small\nii. large\n- Moss.");
        assert_eq!(items, [item("Ponds:", &["small", "large"]), item("Moss.", &[])]);
        assert_eq!(codes, [""; 0]);
        assert_eq!(read("* Ponds:\n* a) small\n* b) large").0, [item("Ponds:", &["small", "large"])]);
        assert_eq!(read("• Ponds:\n(i) small\n(ii) large").0, [item("Ponds:", &["small", "large"])]);
    }

    #[test]
    fn a_wording_printed_twice_is_one_indicator() {
        let (items, codes) = read("- Ponds:\ni. small\n- Ponds:\nii. large\n- Ponds’ edges\n- Ponds'  edges");
        assert_eq!(items, [item("Ponds:", &["small", "large"]), item("Ponds’ edges", &[])]);
        assert_eq!(codes, ["repeated-indicator", "repeated-indicator"]);
    }

    #[test]
    fn a_broken_line_is_put_together_and_a_strange_one_reported() {
        let (items, codes) = read("- Number of ponds\nwith moss.\nCopyright");
        assert_eq!(items, [item("Number of ponds with moss.", &[])]);
        assert_eq!(codes, ["continued-line", "unused-line"]);
        let (items, codes) = read("- Ponds.\nCopyright\nRelated\n- Another page");
        assert_eq!(items, [item("Ponds.", &[])], "the foot of the page is none of its indicators");
        assert_eq!(codes, ["unused-line"]);
    }
}
