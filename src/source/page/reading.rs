//! All that a page says, and what it does not.

use crate::{
    model::{Alignment, Catalogue, Creator, Field, GoalNumber, LanguageMention, LanguageTag, Quotation, Slug},
    source::file::TextFile,
};

use super::{
    creator::{self, Doubt},
    heading::LabelLanguage,
    indicator::{self, Block},
    line::{Line, lines, plain_spaces},
    list,
    names::Names,
    prose, quotation,
    report::{Report, excerpt},
    section::{Sections, sections},
};

/// Largest page read, in bytes. A whole page has about twelve thousand.
pub(crate) const MAX_PAGE: usize = 2 * 1024 * 1024;
/// Most lines read. A whole page has about a hundred.
const MAX_LINES: usize = 5000;

/// What a page says, in the types of the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PageReading {
    pub(crate) title: String,
    /// The types: slug, name as printed, line.
    pub(crate) types: Vec<(Slug, String, usize)>,
    pub(crate) audience: Option<String>,
    pub(crate) creators_as_printed: Option<String>,
    pub(crate) creators: Vec<Creator>,
    pub(crate) quotations: Vec<Quotation>,
    pub(crate) description: Option<String>,
    pub(crate) languages: Vec<LanguageMention>,
    pub(crate) themes: Vec<Slug>,
    pub(crate) goals: Vec<GoalNumber>,
    pub(crate) alignments: Vec<Alignment>,
    pub(crate) blocks: Vec<Block>,
    /// The language of the page's prose, where the labels around it tell.
    pub(crate) prose_language: Option<LanguageTag>,
    /// Whether the text seems to end before the page does.
    pub(crate) cut_off: bool,
}

/// Reads the text of a page. `None`, with an error in the report, when it has no title or nothing besides prose.
pub(crate) fn read(file: &TextFile, catalogue: &Catalogue, report: &mut Report) -> Option<PageReading> {
    if file.text.len() > MAX_PAGE || file.text.lines().nth(MAX_LINES).is_some() {
        too_large(report);
        return None;
    }
    if let Some(at) = file.text.find(['\u{a0}', '\u{202f}', '\u{2007}']) {
        let line = file.text[..at].matches('\n').count() + 1;
        report.note(line, "no-break-space", "no-break spaces are read as spaces", "nothing; they look the same");
    }
    let text = plain_spaces(&file.text);
    let names = Names::new(catalogue);
    let sections = sections(&lines(&text), &names, report);
    let reading = Fields { sections, names, catalogue }.read(report);
    let has_fields = reading.as_ref().is_some_and(|reading| {
        reading.audience.is_some()
            || reading.creators_as_printed.is_some()
            || !(reading.types.is_empty()
                && reading.languages.is_empty()
                && reading.themes.is_empty()
                && reading.alignments.is_empty())
    });
    if reading.is_none() {
        report.error("no-title", "the text has no title", "give the text of a whole page of the toolkit");
    } else if !has_fields {
        let message = "the text has a title and prose, and none of the fields of a toolkit page";
        report.error("no-fields", message, "give the text of the whole page: audience, creators, languages, targets");
    }
    reading.filter(|_| has_fields)
}

/// Says that a text is too large for a page.
pub(crate) fn too_large(report: &mut Report) {
    let message = format!("the text is longer than {MAX_PAGE} bytes or {MAX_LINES} lines");
    report.error("page-too-large", message, "check that it is the text of one page");
}

struct Fields<'t, 'c> {
    sections: Sections<'t>,
    names: Names<'c>,
    catalogue: &'c Catalogue,
}

impl<'t> Fields<'t, '_> {
    fn read(mut self, report: &mut Report) -> Option<PageReading> {
        let title = self.sections.title?.text.to_owned();
        self.audience_without_creators(report);
        let types = list::types(&self.sections.types, report);
        let (creators_as_printed, creators) = self.creators(report);
        let passages = quotation::passages(&self.sections.description, report);
        let description = self.description(passages.description.as_slice(), report);
        let lists = list::lists(&self.sections, &self.names, report);
        let linkages = prose::linkages(&self.sections.prose, &self.catalogue.targets, report);
        let cut_off = self.is_cut_off();
        let blocks = indicator::blocks(&self.sections.blocks, cut_off, report);
        let reading = PageReading {
            title,
            types,
            audience: joined(&self.sections.audience),
            creators_as_printed,
            creators,
            quotations: passages.quotations,
            description: joined(&description).or(linkages.opening),
            languages: lists.languages,
            themes: lists.themes,
            goals: linkages.goals,
            alignments: linkages.alignments,
            blocks,
            prose_language: self.prose_language(report),
            cut_off,
        };
        self.missing(&reading, report);
        Some(reading)
    }

    /// Without a creators line, all text from the audience to the languages stands under the audience's heading. The
    /// first paragraph is the audience; a line that begins with a person's initials names the creators.
    fn audience_without_creators(&mut self, report: &mut Report) {
        let sections = &mut self.sections;
        if !sections.creators.is_empty() || sections.audience.is_empty() {
            return;
        }
        let named = sections.audience.iter().position(|line| creator::begins_with_person(line.text));
        if let Some(at) = named {
            let mut rest = sections.audience.split_off(at).into_iter();
            sections.creators.extend(rest.next().inspect(|line| {
                let message = "the line has no bullet and begins with a person's name; it is read as the creators";
                report.note(line.number, "creators-without-bullet", message, "look whether it belongs to the audience");
            }));
            sections.description.splice(0..0, rest);
            return;
        }
        let first_is_quoted = sections.audience.first().is_some_and(|line| quotation::opens(line.text));
        let next_quotation =
            sections.audience.iter().skip(1).position(|line| quotation::opens(line.text)).map(|at| at + 1);
        if let Some(at) = next_quotation.filter(|_| !first_is_quoted) {
            let rest = sections.audience.split_off(at);
            sections.description.splice(0..0, rest);
        }
    }

    fn creators(&self, report: &mut Report) -> (Option<String>, Vec<Creator>) {
        let mut creators: Vec<Creator> = Vec::new();
        for line in &self.sections.creators {
            let split = creator::split(line.text);
            for doubt in split.doubts {
                say_doubt(*line, &doubt, report);
            }
            for creator in split.creators {
                if !creators.iter().any(|known| known.name == creator.name) {
                    creators.push(creator);
                }
            }
        }
        let printed: Vec<&str> = self.sections.creators.iter().map(|line| line.text).collect();
        ((!printed.is_empty()).then(|| printed.join("; ")), creators)
    }

    /// The paragraphs of the description. Those that name targets, on a page without any heading below, are the text
    /// of the linkages.
    fn description(&mut self, paragraphs: &[Line<'t>], report: &mut Report) -> Vec<Line<'t>> {
        let sections = &mut self.sections;
        let names_targets =
            |line: &Line<'_>| prose::speaks_of_goals(line.text) && line.text.contains(|c: char| c.is_ascii_digit());
        let unheaded = sections.prose.is_empty() && sections.languages.is_empty();
        match paragraphs.iter().position(names_targets) {
            Some(at) if unheaded => {
                sections.prose = paragraphs[at..].to_vec();
                paragraphs[..at].to_vec()
            }
            Some(at) => {
                let message = "the description speaks of goals; what it names is not read as targets of the resource";
                report.note(paragraphs[at].number, "goals-in-description", message, "add them by hand if they are");
                paragraphs.to_vec()
            }
            None => paragraphs.to_vec(),
        }
    }

    /// English, when the page's labels are; the prose under Spanish labels is often English too.
    fn prose_language(&self, report: &mut Report) -> Option<LanguageTag> {
        let english = self.sections.labels.contains(&LabelLanguage::English);
        let spanish = self.sections.labels.contains(&LabelLanguage::Spanish);
        if english && !spanish {
            return "en".parse().ok();
        }
        let line = self.sections.title.map_or(1, |line| line.number);
        let message = "the page's labels do not tell the language of its prose";
        report.note(line, "unknown-prose-language", message, "add prose_language to the record");
        None
    }

    /// Says which fields are not on the page. A field with nothing below its place may only be out of sight.
    fn missing(&self, reading: &PageReading, report: &mut Report) {
        let sections = &self.sections;
        let fields = [
            (Field::Types, !reading.types.is_empty(), "The page prints no types."),
            (Field::Audience, reading.audience.is_some(), "The page prints no intended audience."),
            (Field::Creators, !reading.creators.is_empty(), "The page prints no creators."),
            (
                Field::Description,
                reading.description.is_some() || !reading.quotations.is_empty(),
                "The page prints neither a description nor a quotation.",
            ),
            (Field::Languages, !reading.languages.is_empty(), "The page prints no languages."),
            (Field::Themes, !reading.themes.is_empty(), "The page prints no actions."),
            (Field::Targets, !reading.alignments.is_empty(), "The page names no targets."),
        ];
        let below = sections.reaches_prose();
        for (place, (field, is_there, why)) in fields.into_iter().enumerate() {
            let more = below || fields[place + 1..].iter().any(|(_, is_there, _)| *is_there);
            if !is_there {
                report.gap(field, if more { why } else { "The text imported ends before it." });
            }
        }
        if !below {
            self.ends_early(report);
        }
        if reading.cut_off && sections.blocks.is_empty() && !sections.prose.is_empty() && !sections.prose_ended {
            report.gap(Field::Targets, "The text imported ends within the text that names them.");
        }
    }

    /// Says that the text ends above that of the linkages: what it ends in may go on, and what follows is out of sight.
    fn ends_early(&self, report: &mut Report) {
        let sections = &self.sections;
        let Some(last) = sections.last else { return };
        let message = "the text ends before the page names its targets";
        report.warning(last.number, "ends-early", message, "import the whole page, if it goes on there");
        let parts = [
            (Field::Audience, &sections.audience),
            (Field::Creators, &sections.creators),
            (Field::Description, &sections.description),
            (Field::Themes, &sections.actions),
            (Field::Languages, &sections.languages),
            (Field::Types, &sections.types),
        ];
        let within = parts.iter().find(|(_, lines)| lines.last().is_some_and(|line| line.number == last.number));
        if let Some((field, _)) = within {
            let is_action = *field == Field::Languages && self.names.theme(last.text).is_some();
            let field = if is_action { Field::Themes } else { *field };
            report.gap(field, "The text imported ends here; the page may go on.");
        }
        report.gap(Field::Indicators, "The text imported ends before them.");
    }

    /// Whether the page breaks off in its last line.
    fn is_cut_off(&self) -> bool {
        let ended = |text: &str| text.ends_with(['.', '!', '?', ')', ']', '”', '"', '»', '’', ':', ';', '…']);
        let open_bracket = |text: &str| text.matches('(').count() > text.matches(')').count();
        let Some(last) = self.sections.last else { return false };
        let is_last = |line: Option<&Line<'_>>| line.is_some_and(|line| line.number == last.number);
        match self.sections.blocks.last() {
            // The items of a page all end in full stops, or none does.
            Some((_, lines)) => {
                let all = self.sections.blocks.iter().flat_map(|(_, lines)| lines).filter(|line| line.is_item());
                let (count, closed) =
                    all.fold((0, 0), |(n, closed), line| (n + 1, closed + usize::from(ended(line.text))));
                is_last(lines.last()) && last.bullet.is_some() && !ended(last.text) && closed > 0 && closed * 2 >= count
            }
            None if is_last(self.sections.prose.last()) => !ended(last.text) || open_bracket(last.text),
            None => is_last(self.sections.description.last()) && last.bullet.is_none() && !ended(last.text),
        }
    }
}

fn joined(lines: &[Line<'_>]) -> Option<String> {
    let texts: Vec<&str> = lines.iter().map(|line| line.text).collect();
    (!texts.is_empty()).then(|| texts.join("\n"))
}

fn say_doubt(line: Line<'_>, doubt: &Doubt, report: &mut Report) {
    let help = "mend the creators in the record if it is otherwise";
    match doubt {
        Doubt::Journal(name) => {
            let name = excerpt(name);
            let message = format!("\"{name}\" is a journal and not a creator; it stays in creators_as_printed");
            report.note(line.number, "journal", message, help);
        }
        Doubt::Others => report.note(line.number, "other-creators", "creators not named are left out", help),
        Doubt::TooLong => {
            let message = "the line in the place of the creators is too long to be names";
            report.warning(line.number, "no-names", message, "add the creators by hand");
        }
        Doubt::MaybeTwo(name) => {
            let message = format!("\"{}\" is read as one creator", excerpt(name));
            report.note(line.number, "doubtful-creator", message, help);
        }
        Doubt::MaybeOne(first, second) => {
            let message = format!("\"{}\" and \"{}\" are read as two creators", excerpt(first), excerpt(second));
            report.note(line.number, "doubtful-creator", message, help);
        }
    }
}
