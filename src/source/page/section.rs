//! Which lines of a page belong to which part of it.

use super::{
    creator,
    heading::{Heading, LabelLanguage, Section, heading, is_furniture},
    line::Line,
    names::Names,
    quotation,
    report::{Report, excerpt},
};

/// The site's menu lists all its actions at the top of every page.
const MENU: usize = 13;
/// So many of the first lines of a bullet list must be actions for the list to begin with the menu.
const ENOUGH_OF_MENU: usize = 10;

/// The lines of a page by section, in the order of the page.
#[derive(Debug, Default)]
pub(super) struct Sections<'t> {
    pub(super) types: Vec<Line<'t>>,
    pub(super) title: Option<Line<'t>>,
    pub(super) audience: Vec<Line<'t>>,
    /// The creators; a page prints them as one bullet.
    pub(super) creators: Vec<Line<'t>>,
    /// Quotations and description.
    pub(super) description: Vec<Line<'t>>,
    pub(super) languages: Vec<Line<'t>>,
    /// The bullets under a heading for actions. Those that follow the languages without one are in `languages`.
    pub(super) actions: Vec<Line<'t>>,
    /// The text that names targets.
    pub(super) prose: Vec<Line<'t>>,
    /// Whether the line that follows that text on whole pages is there.
    pub(super) prose_ended: bool,
    /// Each heading of an indicator block with the lines under it.
    pub(super) blocks: Vec<(usize, Vec<Line<'t>>)>,
    /// The headings found, and in which language.
    pub(super) headings: Vec<(Section, LabelLanguage)>,
    /// The last line of the page that is not blank.
    pub(super) last: Option<Line<'t>>,
}

impl Sections<'_> {
    /// Whether a section has its heading.
    pub(super) fn has(&self, section: Section) -> bool {
        self.headings.iter().any(|(found, _)| *found == section)
    }
}

/// Where in the page we are. The parts come in this order; any may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Part {
    Title,
    Audience,
    Creators,
    Description,
    Languages,
    Actions,
    Prose,
    Indicators,
}

/// Sorts the lines of a page into its sections.
pub(super) fn sections<'t>(lines: &[Line<'t>], names: &Names<'_>, report: &mut Report) -> Sections<'t> {
    let mut sections = Sections { last: lines.last().copied(), ..Sections::default() };
    let rest = preamble(lines, names, &mut sections, report);
    let bullet = lines.iter().find_map(|line| line.bullet);
    let mut sorter = Sorter { names, bullet, strict: false, part: Part::Title, sections };
    for (index, line) in rest.iter().enumerate() {
        sorter.line(*line, &rest[index + 1..], report);
    }
    sorter.sections
}

/// Reads menu, types and title; gives the lines after the title.
fn preamble<'l, 't>(
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
        match heading(line.text) {
            Some(heading) if heading.section == Section::Actions => {
                sections.headings.push((heading.section, heading.language));
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
        lines[..list.start].iter().copied().filter(|l| !is_furniture(l.text) && heading(l.text).is_none()).collect();
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
fn leading_list(lines: &[Line<'_>], names: &Names<'_>) -> std::ops::Range<usize> {
    let top = lines.iter().position(|line| heading(line.text).is_some_and(|h| h.section != Section::Actions));
    let top = top.unwrap_or(lines.len());
    let mut start = 0;
    while let Some(first) = lines[start..top].iter().position(|line| line.bullet.is_some()).map(|at| start + at) {
        let end = lines[first..top].iter().position(|line| line.bullet.is_none()).map_or(top, |at| first + at);
        let items: Vec<Line<'_>> = lines[first..end].iter().copied().filter(|line| line.is_item()).collect();
        let at_top = lines[..first].iter().all(|line| is_furniture(line.text) || heading(line.text).is_some());
        if at_top || menu_length(&items, names) == MENU {
            return first..end;
        }
        start = end;
    }
    0..0
}

/// How many items at the beginning of a list are the menu: all thirteen, or as many as a page cut at its top has left.
fn menu_length(items: &[Line<'_>], names: &Names<'_>) -> usize {
    let first = &items[..items.len().min(MENU)];
    let known: Vec<usize> = (0..first.len()).filter(|index| names.theme(first[*index].text).is_some()).collect();
    if known.len() >= ENOUGH_OF_MENU { first.len() } else { known.last().map_or(0, |last| last + 1) }
}

fn until_heading<'l, 't>(lines: &'l [Line<'t>]) -> impl Iterator<Item = &'l Line<'t>> {
    lines.iter().take_while(|line| heading(line.text).is_none())
}

struct Sorter<'t, 'n> {
    names: &'n Names<'n>,
    /// The bullet of the page's own lists.
    bullet: Option<char>,
    /// Whether the audience is followed by a bullet of that kind, so that other bullets belong to its text.
    strict: bool,
    part: Part,
    sections: Sections<'t>,
}

impl<'t> Sorter<'t, '_> {
    fn line(&mut self, line: Line<'t>, after: &[Line<'t>], report: &mut Report) {
        if let Some(heading) = heading(line.text) {
            self.heading(line, heading, report);
            let is_own = |line: &Line<'_>| line.is_item() && line.bullet == self.bullet;
            self.strict = self.part == Part::Audience && until_heading(after).any(is_own);
        } else if is_furniture(line.text) {
            // "Click on the SDG Target …"
            self.sections.prose_ended |= self.part == Part::Prose;
        } else if line.is_item() && (line.bullet == self.bullet || !self.strict || self.part != Part::Audience) {
            self.item(line);
        } else if !line.text.is_empty() {
            self.text(line);
        }
    }

    fn heading(&mut self, line: Line<'t>, heading: Heading<'t>, report: &mut Report) {
        let part = match heading.section {
            Section::Audience => Part::Audience,
            Section::Languages => Part::Languages,
            Section::Actions => Part::Actions,
            Section::Linkages => Part::Prose,
            Section::Indicators => Part::Indicators,
        };
        let again = part < Part::Indicators && self.sections.has(heading.section) && part != Part::Actions;
        if again || part < self.part {
            let message = format!("\"{}\" stands where no such heading is expected", line.text);
            report.warning(
                line.number,
                "unexpected-heading",
                message,
                "look whether the text holds more than one page",
            );
        }
        self.sections.headings.push((heading.section, heading.language));
        self.part = part;
        if part == Part::Indicators {
            self.sections.blocks.push((line.number, Vec::new()));
        }
        if !heading.rest.is_empty() {
            self.text(Line { text: heading.rest, bullet: None, ..line });
        }
    }

    fn item(&mut self, line: Line<'t>) {
        match self.part {
            Part::Title | Part::Audience if self.is_creators(line) => {
                self.sections.creators.push(line);
                self.part = Part::Creators;
            }
            Part::Creators if creator::is_name(line.text) && !self.is_listed(line) => self.sections.creators.push(line),
            Part::Title | Part::Audience | Part::Creators | Part::Description => {
                if self.is_listed(line) {
                    self.part = Part::Languages;
                    self.sections.languages.push(line);
                } else {
                    self.part = Part::Description;
                    self.sections.description.push(line);
                }
            }
            Part::Languages => self.sections.languages.push(line),
            Part::Actions => self.sections.actions.push(line),
            Part::Prose => self.sections.prose.push(line),
            Part::Indicators => self.in_block(line),
        }
    }

    fn text(&mut self, line: Line<'t>) {
        match self.part {
            Part::Audience => self.sections.audience.push(line),
            Part::Title | Part::Creators | Part::Description => {
                self.part = Part::Description;
                self.sections.description.push(line);
            }
            Part::Languages if self.sections.languages.is_empty() && self.are_languages(line.text) => {
                self.sections.languages.push(line);
            }
            Part::Languages | Part::Actions | Part::Prose => {
                self.part = Part::Prose;
                self.sections.prose.push(line);
            }
            Part::Indicators => self.in_block(line),
        }
    }

    fn in_block(&mut self, line: Line<'t>) {
        if let Some((_, lines)) = self.sections.blocks.last_mut() {
            lines.push(line);
        }
    }

    /// The first bullet after title or audience names the creators, unless it opens a quotation or belongs to a list.
    fn is_creators(&self, line: Line<'_>) -> bool {
        self.sections.creators.is_empty() && !quotation::opens(line.text) && !self.is_listed(line)
    }

    fn is_listed(&self, line: Line<'_>) -> bool {
        self.names.theme(line.text).is_some() || self.names.language(line.text).is_some()
    }

    fn are_languages(&self, text: &str) -> bool {
        text.split([',', ';', '/']).all(|name| self.names.language(name).is_some())
    }
}
