//! Mentions in the text as alignments of a record.

use std::collections::BTreeMap;

use crate::{
    model::{Alignment, Field, GoalNumber, Target, TargetCode, TargetPart},
    source::normalise_wording,
};

use super::{
    super::{
        line::Line,
        report::{Report, excerpt},
    },
    mention::{Mention, Mentions, mentions},
    sentence::sentences,
    token::{speaks_of_goals, tokens},
};

/// What the text says of goals and targets.
#[derive(Debug, Default)]
pub(crate) struct Linkages {
    /// The targets in the order of the text, each once.
    pub(crate) alignments: Vec<Alignment>,
    /// The goals named as wholes, in the order of the text, each once.
    pub(crate) goals: Vec<GoalNumber>,
    /// The sentences before any goal or target is spoken of: they say what the resource is.
    pub(crate) opening: Option<String>,
}

/// Reads the text that names targets.
pub(crate) fn linkages(lines: &[Line<'_>], targets: &BTreeMap<TargetCode, Target>, report: &mut Report) -> Linkages {
    let mut found = Mentions::default();
    for line in lines {
        mentions(*line, &mut found, report);
    }
    let mut linkages = Linkages::default();
    let mut lines_of: BTreeMap<TargetCode, usize> = BTreeMap::new();
    let mut unread: Vec<(TargetCode, usize, &str, &str)> = Vec::new();
    for mention in found.targets {
        let Some(code) = mention.code.filter(|code| targets.contains_key(code)) else {
            no_target(mention.line, mention.printed, targets, report);
            continue;
        };
        if !mention.placed {
            let message = format!("{} stands alone and is read as a target", mention.printed);
            report.note(mention.line, "bare-target", message, "look whether it is a quantity");
        }
        unread.extend(mention.unread.map(|words| (code, mention.line, mention.printed, words)));
        for (target, printed) in span(code, &mention, targets, report) {
            linkages.align(
                Alignment { target, printed, reason: mention.reason.clone() },
                &mention,
                &mut lines_of,
                report,
            );
        }
    }
    for (code, line, printed, words) in unread {
        if linkages.alignments.iter().any(|alignment| alignment.target == code && alignment.reason.is_none()) {
            report.gap(Field::Reasons, "Some words of the page that may be reasons could not be read.");
            let message = format!("\"{}\" may say why {printed} is named", excerpt(words));
            report.note(line, "unread-reason", message, "write it into the record by hand if it does");
        }
    }
    for (line, printed, goal) in found.goals {
        match goal {
            Some(goal) if linkages.goals.contains(&goal) => {}
            Some(goal) => linkages.goals.push(goal),
            None => report.warning(
                line,
                "unknown-goal",
                format!("there is no goal {printed}; it is left out"),
                "the goals are 1 to 17",
            ),
        }
    }
    linkages.opening = opening(lines, report);
    linkages
}

impl Linkages {
    /// Adds an alignment. A target named twice keeps its first reason.
    fn align(
        &mut self,
        alignment: Alignment,
        mention: &Mention<'_>,
        lines_of: &mut BTreeMap<TargetCode, usize>,
        report: &mut Report,
    ) {
        let Some(index) = lines_of.get(&alignment.target) else {
            lines_of.insert(alignment.target, self.alignments.len());
            self.alignments.push(alignment);
            return;
        };
        let known = &mut self.alignments[*index].reason;
        match (&known, alignment.reason) {
            (None, reason) => *known = reason,
            (Some(first), Some(second)) if normalise_wording(first) != normalise_wording(&second) => {
                report.gap(Field::Reasons, "The page gives a target a second reason; the first is kept.");
                let message = format!("{} is given a second reason, \"{}\"", mention.printed, excerpt(&second));
                report.warning(
                    mention.line,
                    "second-reason",
                    message,
                    format!("the first is kept: \"{}\"", excerpt(first)),
                );
            }
            _ => {}
        }
    }
}

/// The targets of a mention: one, or all from one end of a range to the other.
fn span(
    code: TargetCode,
    mention: &Mention<'_>,
    targets: &BTreeMap<TargetCode, Target>,
    report: &mut Report,
) -> Vec<(TargetCode, String)> {
    let first = (code, mention.printed.to_owned());
    let Some((printed, end)) = mention.until else { return vec![first] };
    let Some(last) = end.filter(|code| targets.contains_key(code)) else {
        no_target(mention.line, printed, targets, report);
        return vec![first];
    };
    let of_a_kind = matches!(
        (code.part(), last.part()),
        (TargetPart::Number(_), TargetPart::Number(_)) | (TargetPart::Letter(_), TargetPart::Letter(_))
    );
    if code.goal() != last.goal() || !of_a_kind || code >= last {
        let message = format!("{}-{printed} is no range of targets of one goal", mention.printed);
        report.warning(mention.line, "unclear-range", message, "only its two ends are read; add what else is meant");
        return vec![first, (last, printed.to_owned())];
    }
    let between: Vec<TargetCode> = targets.range(code..=last).map(|(code, _)| *code).collect();
    let message =
        format!("{}-{printed} is read as all {} targets from one to the other", mention.printed, between.len());
    report.note(mention.line, "range", message, "nothing, if the page means all of them");
    between
        .into_iter()
        .map(|target| match target {
            target if target == code => first.clone(),
            target if target == last => (target, printed.to_owned()),
            target => (target, target.as_printed()),
        })
        .collect()
}

fn no_target(line: usize, printed: &str, targets: &BTreeMap<TargetCode, Target>, report: &mut Report) {
    report.gap(Field::Targets, "The page prints codes that are not known as targets.");
    let codes: Vec<String> = targets.keys().map(|code| code.as_printed()).collect();
    report.unknown(
        line,
        "unknown-target",
        format!("there is no target {printed}; it is left out"),
        (&printed.replace(',', "."), codes.iter().map(String::as_str)),
        "the targets are those of targets.csv",
    );
}

/// The sentences before goals and targets are spoken of. Later sentences that name none are said to be left out.
fn opening(lines: &[Line<'_>], report: &mut Report) -> Option<String> {
    let mut opening: Vec<String> = Vec::new();
    let mut begun = false;
    for line in lines {
        let starts = sentences(line.text);
        let ends = starts.iter().skip(1).copied().chain([line.text.len()]);
        let mut said = Vec::new();
        let mut unused = Vec::new();
        for sentence in starts.iter().zip(ends).map(|(start, end)| line.text[*start..end].trim()) {
            let names = !tokens(sentence, 0).is_empty() || speaks_of_goals(sentence);
            begun |= names;
            if !begun && sentence.contains(char::is_alphabetic) {
                said.push(sentence);
            } else if begun && !names && sentence.contains(char::is_alphabetic) && !sentence.ends_with(':') {
                unused.push(sentence);
            }
        }
        if !said.is_empty() {
            opening.push(said.join(" "));
        }
        if let Some(first) = unused.first() {
            let message = match unused.len() {
                1 => format!("a sentence names no target and is not kept: \"{}\"", excerpt(first)),
                n => format!("{n} sentences name no target and are not kept, first \"{}\"", excerpt(first)),
            };
            report.note(line.number, "unused-sentence", message, "add it to the description if it belongs there");
        }
    }
    (!opening.is_empty()).then(|| opening.join("\n"))
}
