//! What stands above the title: the site's menu and the types of the resource.

use std::ops::Range;

use super::{
    heading::{Section, heading, is_furniture},
    line::Line,
    names::Names,
    report::{Report, excerpt},
    section::Sections,
};

/// The site's menu lists all its actions at the top of every page.
const MENU: usize = 13;
/// So many of the first lines of a bullet list must be actions for the list to begin with the menu.
const ENOUGH_OF_MENU: usize = 10;

/// Reads menu, types and title; gives the lines after the title.
pub(super) fn preamble<'l, 't>(
    lines: &'l [Line<'t>],
    names: &Names<'_>,
    sections: &mut Sections<'t>,
    report: &mut Report,
) -> &'l [Line<'t>] {
    let list = leading_list(lines, names);
    let items: Vec<Line<'t>> = lines[list.clone()].iter().copied().filter(|line| line.is_item()).collect();
    let menu = menu_length(&items, names);
    for line in items[..menu].iter().filter(|line| names.theme(line.text).is_none()) {
        let message = format!("\"{}\" stands in the menu of actions and is not one of them", line.text);
        report.note(line.number, "unknown-action", message, "add it to themes.csv, if the site has a new action");
    }
    sections.types = items[menu..].to_vec();
    let mut rest = &lines[list.end..];
    while let Some((line, after)) = rest.split_first() {
        match heading(line) {
            Some(heading) if heading.section == Section::Actions => {
                sections.labels.push(heading.language);
            }
            None if is_furniture(line.text) || line.text.is_empty() => {}
            None if line.bullet.is_none() => {
                sections.title = Some(*line);
                rest = after;
                break;
            }
            _ => break,
        }
        rest = after;
    }
    let mut above: Vec<Line<'t>> =
        lines[..list.start].iter().copied().filter(|l| !is_furniture(l.text) && heading(l).is_none()).collect();
    if sections.title.is_none() {
        sections.title = above.pop();
    }
    for line in above {
        let message = format!("\"{}\" stands above the menu of actions and is not used", excerpt(line.text));
        report.note(line.number, "unused-line", message, "nothing, if it belongs to the site");
    }
    rest
}

/// The list of bullets above the title: that which begins with the menu, or else that at the very top.
fn leading_list(lines: &[Line<'_>], names: &Names<'_>) -> Range<usize> {
    let top = lines.iter().position(|line| heading(line).is_some_and(|h| h.section != Section::Actions));
    let top = top.unwrap_or(lines.len());
    let mut start = 0;
    while let Some(first) = lines[start..top].iter().position(|line| line.bullet.is_some()).map(|at| start + at) {
        let end = lines[first..top].iter().position(|line| line.bullet.is_none()).map_or(top, |at| first + at);
        let items: Vec<Line<'_>> = lines[first..end].iter().copied().filter(|line| line.is_item()).collect();
        let at_top = lines[..first].iter().all(|line| is_furniture(line.text) || heading(line).is_some());
        if at_top || menu_length(&items, names) >= ENOUGH_OF_MENU {
            return first..end;
        }
        start = end;
    }
    0..0
}

/// How many items at the beginning of a list are the menu, which ends with its last known action: all thirteen, fewer on
/// a site that has dropped one, or as many as a page cut at its top has left.
fn menu_length(items: &[Line<'_>], names: &Names<'_>) -> usize {
    let first = &items[..items.len().min(MENU)];
    first.iter().rposition(|line| names.theme(line.text).is_some()).map_or(0, |last| last + 1)
}
