//! Which lines of a page belong to which part of it.

use super::{
    creator,
    heading::{Heading, LabelLanguage, Section, heading, is_furniture},
    line::Line,
    names::Names,
    preamble::preamble,
    prose, quotation,
    report::Report,
};

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
    /// Whether the line that follows that text on whole pages is there, also where the text itself is not.
    pub(super) prose_ended: bool,
    /// Each heading of an indicator block with the lines under it.
    pub(super) blocks: Vec<(usize, Vec<Line<'t>>)>,
    /// The languages of the headings found.
    pub(super) labels: Vec<LabelLanguage>,
    /// The last line of the page that is not blank.
    pub(super) last: Option<Line<'t>>,
}

impl Sections<'_> {
    /// Whether the text goes on to that of the linkages, or below it.
    pub(super) fn reaches_prose(&self) -> bool {
        !self.prose.is_empty() || !self.blocks.is_empty() || self.prose_ended
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
    let mut sorter = Sorter { names, bullet, strict: false, part: Part::Title, seen: Vec::new(), sections };
    for (index, line) in rest.iter().enumerate() {
        if !sorter.line(*line, &rest[index + 1..], report) {
            break;
        }
    }
    sorter.sections
}

fn part(section: Section) -> Part {
    match section {
        Section::Audience => Part::Audience,
        Section::Languages => Part::Languages,
        Section::Actions => Part::Actions,
        Section::Linkages => Part::Prose,
        Section::Indicators => Part::Indicators,
    }
}

fn until_heading<'l, 't>(lines: &'l [Line<'t>]) -> impl Iterator<Item = &'l Line<'t>> {
    lines.iter().take_while(|line| heading(line).is_none())
}

struct Sorter<'t, 'n> {
    names: &'n Names<'n>,
    /// The bullet of the page's own lists.
    bullet: Option<char>,
    /// Whether the audience is followed by a bullet of that kind, so that other bullets belong to its text.
    strict: bool,
    part: Part,
    /// The headings met so far.
    seen: Vec<Section>,
    sections: Sections<'t>,
}

impl<'t> Sorter<'t, '_> {
    /// Puts a line where it belongs. Gives whether to go on: another page may follow the one that is read.
    fn line(&mut self, line: Line<'t>, after: &[Line<'t>], report: &mut Report) -> bool {
        match heading(&line) {
            Some(heading) if self.expects(heading.section) => {
                self.heading(line, heading);
                let is_own = |line: &Line<'_>| line.is_item() && line.bullet == self.bullet;
                self.strict = self.part == Part::Audience && until_heading(after).any(is_own);
            }
            Some(heading) if heading.rest.is_empty() => {
                let ends = self.part == Part::Indicators;
                let what = if ends { "it and what follows is not read" } else { "it is passed over" };
                let message = format!("\"{}\" stands where no such heading is expected; {what}", line.text);
                let help = "look whether the text holds more than one page";
                report.warning(line.number, "unexpected-heading", message, help);
                return !ends;
            }
            _ if is_furniture(line.text) => {
                // "Click on the SDG Target …"
                self.sections.prose_ended |= self.part >= Part::Languages;
            }
            _ if line.is_item() && (line.bullet == self.bullet || !self.strict || self.part != Part::Audience) => {
                self.item(line);
            }
            _ if !line.text.is_empty() => self.text(line),
            _ => {}
        }
        true
    }

    /// Whether a heading may stand here: below what was read, or at least not a second time and above the linkages.
    fn expects(&self, section: Section) -> bool {
        let part = part(section);
        let first = !self.seen.contains(&section);
        part == Part::Indicators || (first && (part >= self.part || self.part < Part::Prose))
    }

    fn heading(&mut self, line: Line<'t>, heading: Heading<'t>) {
        self.sections.labels.push(heading.language);
        self.seen.push(heading.section);
        self.part = part(heading.section);
        if self.part == Part::Indicators {
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
            // "- SDG 4.7 (courses)": the text of the linkages is printed as a list.
            Part::Languages | Part::Actions
                if prose::speaks_of_goals(line.text) && line.text.contains(|c: char| c.is_ascii_digit()) =>
            {
                self.part = Part::Prose;
                self.sections.prose.push(line);
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
            Part::Languages if !self.names.languages_in(line.text).is_empty() => {
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
        // A menu at the foot of the page is no indicator.
        let is_menu = line.bullet.is_some() && self.names.theme(line.text).is_some();
        if let Some((_, lines)) = self.sections.blocks.last_mut().filter(|_| !is_menu) {
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
}
