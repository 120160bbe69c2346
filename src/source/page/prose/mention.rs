//! Which reason belongs to which code.

use std::ops::Range;

use crate::model::{Field, GoalNumber, TargetCode};

use super::{
    super::{
        label::is_one_of,
        line::Line,
        report::{Report, excerpt},
    },
    sentence::{clauses, sentences, without_joiners, without_lead_in, without_leading_joiners, without_number},
    token::{Kind, Token, is_between, is_marker, tokens},
    tree::{DEEPEST, Node, tree},
};

/// Longest text before a bracket that is taken for a reason, in bytes.
const LONGEST_CLAUSE: usize = 400;

/// A code in the text, or the two ends of a range of codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mention<'t> {
    /// The line of the page.
    pub(super) line: usize,
    /// As printed.
    pub(super) printed: &'t str,
    /// The code; none when what is printed has only the look of one.
    pub(super) code: Option<TargetCode>,
    /// The other end of a range.
    pub(super) until: Option<(&'t str, Option<TargetCode>)>,
    /// The words that say why.
    pub(super) reason: Option<String>,
    /// Whether anything but its form makes it a code: "SDG" before it or its list, a bracket, its place in the line.
    pub(super) placed: bool,
}

/// What the lines say.
#[derive(Debug, Default)]
pub(super) struct Mentions<'t> {
    pub(super) targets: Vec<Mention<'t>>,
    /// Goals as wholes: the line, as printed, the goal when there is one.
    pub(super) goals: Vec<(usize, &'t str, Option<GoalNumber>)>,
}

/// Reads one line and adds what it mentions.
pub(super) fn mentions<'t>(line: Line<'t>, found: &mut Mentions<'t>, report: &mut Report) {
    let nodes = tree(tokens(line.text, DEEPEST));
    let unpaired = count_unpaired(&nodes);
    if unpaired > 0 {
        let message = match unpaired {
            1 => "a bracket has no partner".to_owned(),
            n => format!("{n} brackets have no partner"),
        };
        report.warning(line.number, "unpaired-bracket", message, "compare the reasons of this line with the page");
    }
    let text_start = line.text.len() - without_number(line.text).len();
    let spoken = first_marker(line.text).unwrap_or(usize::MAX);
    let mut reader = Reader { line, spoken, text_start, found, report };
    reader.sequence(&nodes, 0..line.text.len(), None);
}

fn count_unpaired(nodes: &[Node]) -> usize {
    nodes
        .iter()
        .map(|node| match node {
            Node::Unclosed(_) | Node::Stray(_) => 1,
            Node::Group(_, inner) => count_unpaired(inner),
            Node::Number(_) => 0,
        })
        .sum()
}

/// Where a text first speaks of goals or targets.
fn first_marker(text: &str) -> Option<usize> {
    let mut at = 0;
    text.split_inclusive(|c: char| !c.is_alphabetic()).find_map(|word| {
        let start = at;
        at += word.len();
        is_marker(word.trim_end_matches(|c: char| !c.is_alphabetic())).then_some(start)
    })
}

/// The brackets a sequence is in.
struct Within {
    /// What stands before the bracket, as the reason of the codes in it that have none of their own.
    clause: Clause,
}

/// The text before a bracket as a reason.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Clause {
    /// It says why.
    Reason(String),
    /// It says nothing of the codes.
    Nothing,
    /// It says something that cannot be told from what else it says.
    Unbounded,
}

/// What follows a run of codes.
enum Behind {
    /// A reason; so many nodes belong to it, and it ends at this byte.
    Reason { reason: String, nodes: usize, end: usize },
    /// A bracket that names further codes.
    Codes,
    /// A reason that is cut off.
    CutOff,
    /// Nothing that belongs to the codes.
    Nothing,
}

struct Reader<'t, 'r> {
    line: Line<'t>,
    /// Where the line first speaks of goals.
    spoken: usize,
    /// Where its words begin, behind the number of a list.
    text_start: usize,
    found: &'r mut Mentions<'t>,
    report: &'r mut Report,
}

impl<'t> Reader<'t, '_> {
    /// Reads nodes that stand side by side.
    fn sequence(&mut self, nodes: &[Node], bounds: Range<usize>, within: Option<&Within>) {
        let mut at = 0;
        // Where the text begins that no code has claimed yet.
        let mut free = bounds.start;
        let mut listing = false;
        let mut open: Option<Clause> = None;
        while let Some(node) = nodes.get(at) {
            match node {
                Node::Number(_) => {
                    let end = self.run_end(nodes, at);
                    let run = Run::new(self.line.text, &nodes[at..end]);
                    let lead = free..run.span.start;
                    let listed = listing && is_between(&self.line.text[lead.clone()]);
                    if let (Some(_), Some(label)) = (within, self.label(lead.clone())) {
                        self.give(&run.as_one(), Some(label), listed, true);
                        (at, free, listing) = (end, run.span.end, true);
                        continue;
                    }
                    match self.behind(nodes, end, &run, bounds.end, within.is_some(), open.is_some()) {
                        Behind::Reason { reason, nodes: more, end: stop } => {
                            self.give(&run, Some(&reason), listed, true);
                            listing |= run.has_code;
                            (at, free) = (end + more, stop);
                        }
                        Behind::Codes => {
                            let Some(Node::Group(span, inner)) = nodes.get(end) else { break };
                            self.codes_behind(&run, span, inner);
                            (at, free) = (end + 1, span.end);
                        }
                        behind => {
                            let bracketed = within.is_some() || open.is_some() || listed;
                            if matches!(behind, Behind::CutOff) {
                                self.cut_off(&run);
                                self.give(&run, None, listed, true);
                            } else {
                                let clause = match (within, open.take()) {
                                    (Some(within), None) => self.before_code(lead, within),
                                    (_, Some(clause)) => clause,
                                    (None, None) => self.heading_clause(lead),
                                };
                                self.give_clause(&run, &clause, bracketed);
                            }
                            at = end;
                            free = if run.has_code { run.span.end } else { free };
                        }
                    }
                }
                Node::Group(span, inner) => {
                    if node.has_number() {
                        let clause = self.clause(free..span.start);
                        self.sequence(inner, span.start + 1..span.end - 1, Some(&Within { clause }));
                        free = span.end;
                        listing = true;
                    }
                    at += 1;
                }
                Node::Unclosed(start) => {
                    let next = nodes.get(at + 1).map(Node::span).filter(|_| matches!(nodes[at + 1], Node::Number(_)));
                    if next.is_some_and(|next| is_filler(&self.line.text[start + 1..next.start])) {
                        open = Some(self.clause(free..*start));
                        free = start + 1;
                    }
                    at += 1;
                }
                Node::Stray(start) => {
                    free = start + 1;
                    open = None;
                    at += 1;
                }
            }
        }
    }

    /// The end of a run of codes and goals with only commas, "and" or a dash between them.
    fn run_end(&self, nodes: &[Node], start: usize) -> usize {
        let mut end = start + 1;
        while let (Some(Node::Number(last)), Some(Node::Number(next))) = (nodes.get(end - 1), nodes.get(end))
            && is_between(&self.line.text[last.span.end..next.span.start])
        {
            end += 1;
        }
        end
    }

    /// What follows a run that ends before node `end`.
    fn behind(&self, nodes: &[Node], end: usize, run: &Run<'_>, stop: usize, inside: bool, open: bool) -> Behind {
        let text = self.line.text;
        let gap = &text[run.span.end..nodes.get(end).map_or(stop, |node| node.span().start)];
        let adjacent = gap.chars().all(|c| matches!(c, ' ' | '.' | ',' | ':' | ';'));
        match nodes.get(end) {
            Some(group @ Node::Group(span, _)) if adjacent => {
                if group.has_number() {
                    return Behind::Codes;
                }
                let reason = text[span.start + 1..span.end - 1].trim();
                // "… SDG 9.4. (See the guide.)" is a sentence of its own.
                let apart = gap.contains('.') && reason.starts_with(char::is_uppercase) && reason.ends_with('.');
                if apart || reason.is_empty() {
                    return Behind::Nothing;
                }
                return Behind::Reason { reason: reason.to_owned(), nodes: 1, end: span.end };
            }
            Some(Node::Unclosed(start)) if adjacent => {
                let next = nodes[end + 1..].iter().position(|node| node.has_number() || matches!(node, Node::Stray(_)));
                return match next.map(|next| (next, &nodes[end + 1 + next])) {
                    Some((more, Node::Number(token))) => {
                        let reason = without_joiners(&text[start + 1..token.span.start]);
                        reason_or_nothing(reason, more + 1, token.span.start)
                    }
                    Some((more, Node::Stray(close))) => {
                        reason_or_nothing(text[start + 1..*close].trim(), more + 2, close + 1)
                    }
                    _ => Behind::CutOff,
                };
            }
            // "15.5 on extinctions) and 16.6": the opening bracket is missing.
            Some(Node::Stray(close)) if !inside && sentences(gap).len() == 1 && run.has_code => {
                return reason_or_nothing(without_joiners(gap), 1, close + 1);
            }
            _ => {}
        }
        if inside || open {
            let next = nodes[end..].iter().position(Node::has_number);
            let until = next.map_or(stop, |next| nodes[end + next].span().start);
            let reason = without_joiners(&text[run.span.end..until]);
            let bounded = inside || next.is_some_and(|next| matches!(nodes[end + next], Node::Number(_)));
            return match (bounded, next) {
                (true, _) => reason_or_nothing(reason, next.unwrap_or(nodes.len() - end), until),
                (false, None) if !reason.is_empty() => Behind::CutOff,
                _ => Behind::Nothing,
            };
        }
        self.behind_sign(&nodes[end..], run, stop)
    }

    /// `4.7: lessons`, `4.7 – lessons; 11.4 – boats`.
    fn behind_sign(&self, nodes: &[Node], run: &Run<'_>, stop: usize) -> Behind {
        let next = nodes.iter().position(Node::has_number);
        let stop = next.map_or(stop, |next| nodes[next].span().start);
        let after = self.line.text[run.span.end..stop].trim_start();
        let sign = after.chars().next().filter(|c| matches!(c, ':' | '–' | '—') || after.starts_with("- "));
        // "• 4.7 Lessons": the code begins a line of a list.
        let begins_line = self.is_only_marker_before(run.span.start);
        let heads_line = begins_line
            && after.starts_with(if self.line.bullet.is_some() { char::is_alphabetic } else { char::is_uppercase });
        if !run.has_code || (sign.is_none() && !heads_line) {
            return Behind::Nothing;
        }
        let said = &after[sign.map_or(0, char::len_utf8)..];
        let until = said.find([';', '–', '—']).unwrap_or(said.len());
        let until = sentences(said).get(1).copied().unwrap_or(said.len()).min(until);
        let reason = without_joiners(&said[..until]);
        if !said[..until].trim().starts_with(reason) {
            // "11.4 – and more": the sentence goes on.
            return Behind::Nothing;
        }
        let end = stop - said.len() + until;
        reason_or_nothing(reason, nodes.iter().take_while(|node| node.span().end <= end).count(), end)
    }

    fn is_only_marker_before(&self, at: usize) -> bool {
        self.text_start <= at && is_filler(&self.line.text[self.text_start..at])
    }

    /// `12.6 (…, linked to 12.7)`: the bracket is the reason of the first and names the second. `12.6 (a, 12.7 (b))`: a
    /// closing bracket is missing, and the reason ends where the second code begins.
    fn codes_behind(&mut self, run: &Run<'t>, span: &Range<usize>, inner: &[Node]) {
        let text = self.line.text;
        let number = |node: &Node| matches!(node, Node::Number(_));
        let own = inner.windows(2).any(|pair| {
            number(&pair[0])
                && matches!(pair[1], Node::Group(..))
                && text[pair[0].span().end..pair[1].span().start].trim().is_empty()
        });
        let first = inner.iter().find(|node| node.has_number()).map_or(span.end - 1, |node| node.span().start);
        let reason =
            if own { without_joiners(&text[span.start + 1..first]) } else { text[span.start + 1..span.end - 1].trim() };
        let names_more = run.has_code && !is_filler(&text[span.start + 1..first]);
        self.give(run, names_more.then_some(reason).filter(|reason| !reason.is_empty()), false, true);
        if own || !names_more {
            self.sequence(inner, first..span.end - 1, Some(&Within { clause: Clause::Nothing }));
        } else {
            for node in inner.iter().filter(|node| number(node)) {
                self.give(&Run::new(text, std::slice::from_ref(node)), None, false, true);
            }
        }
    }

    /// `(water: 6.3, 6.6; peace: 16.6)`: what stands before the colon is said of the codes behind it.
    fn label(&self, lead: Range<usize>) -> Option<&'t str> {
        let label = self.line.text[lead].trim_end().strip_suffix(':').filter(|label| !is_filler(label))?;
        Some(without_joiners(label)).filter(|label| label.contains(char::is_alphabetic))
    }

    /// The text in a bracket before a code, `(reducing waste, SDG 12.5)`, or else that before the bracket.
    fn before_code(&self, lead: Range<usize>, within: &Within) -> Clause {
        let lead = &self.line.text[lead];
        let reason = without_joiners(lead);
        let parted =
            lead.trim_end().trim_end_matches(char::is_alphabetic).trim_end().ends_with([',', ';', ':', '–', '—', '-']);
        if !is_filler(lead) && parted && reason.contains(char::is_alphabetic) {
            return Clause::Reason(reason.to_owned());
        }
        within.clause.clone()
    }

    /// `Targets relating to ponds: 6.3, 6.6` gives its reason to the codes that follow.
    fn heading_clause(&self, lead: Range<usize>) -> Clause {
        let lead = &self.line.text[lead];
        let Some((head, list)) = lead.rsplit_once(':') else { return Clause::Nothing };
        if !is_filler(list) {
            return Clause::Nothing;
        }
        let start = sentences(head).last().copied().unwrap_or(0);
        let head = without_joiners(&head[start..]);
        let reason = without_lead_in(head);
        let led_in = reason.len() < without_number(head).len() && !reason.is_empty();
        if led_in { Clause::Reason(reason.to_owned()) } else { Clause::Nothing }
    }

    /// The clause that ends before a bracket, bounded by the sentence and by what other codes have claimed.
    fn clause(&self, range: Range<usize>) -> Clause {
        let text = &self.line.text[range];
        let start = clauses(text).last().copied().unwrap_or(0);
        let clause = without_leading_joiners(&text[start..]);
        let reason = without_lead_in(clause);
        let names_goal = reason.rsplit_once(' ').is_some_and(|(before, number)| {
            number.bytes().all(|b| b.is_ascii_digit()) && before.split(' ').next_back().is_some_and(is_marker)
        });
        if !reason.contains(char::is_alphabetic) || names_goal {
            return Clause::Nothing;
        }
        let paired = reason.matches(['(', '[', '{']).count() == reason.matches([')', ']', '}']).count();
        if reason.len() > LONGEST_CLAUSE || !paired {
            return Clause::Unbounded;
        }
        Clause::Reason(reason.to_owned())
    }

    /// Gives the codes of a run the reason before them.
    fn give_clause(&mut self, run: &Run<'t>, clause: &Clause, bracketed: bool) {
        match clause {
            Clause::Reason(reason) => self.give(&run.as_one(), Some(reason), false, bracketed),
            Clause::Nothing => self.give(run, None, false, bracketed),
            Clause::Unbounded => {
                self.give(run, None, false, bracketed);
                if run.has_code {
                    self.report.gap(Field::Reasons, "Where some reasons begin on the page cannot be told.");
                    let message = format!("where the reason of {} begins cannot be told", run.printed());
                    self.report.note(self.line.number, "unbounded-reason", message, "write it into the record by hand");
                }
            }
        }
    }

    /// Records a goal, or all goals from one to another.
    fn goals(&mut self, printed: &'t str, goal: Option<GoalNumber>, until: Option<&Token>) {
        let last = until.and_then(|until| match until.kind {
            Kind::Goal(last) => last,
            _ => None,
        });
        let span = goal.zip(last).map(|(first, last)| first.get() + 1..=last.get());
        let more = span.into_iter().flatten().filter_map(|number| number.to_string().parse().ok());
        for goal in [goal].into_iter().chain(more.map(Some)) {
            self.found.goals.push((self.line.number, printed, goal));
        }
    }

    fn cut_off(&mut self, run: &Run<'_>) {
        if run.has_code {
            self.report.gap(Field::Reasons, "A reason on the page is cut off.");
            let message = format!("the reason of {} is cut off", run.printed());
            self.report.warning(self.line.number, "cut-off-reason", message, "it is left out; compare with the page");
        }
    }

    /// Records the codes of a run with the reason behind them. In a list that gives each code its own, `3.3 (a), 3.4,
    /// 3.5 (b)`, it is only that of the last.
    fn give(&mut self, run: &Run<'t>, reason: Option<&str>, listing: bool, bracketed: bool) {
        let shared = reason.is_some() && run.shares(listing);
        let codes = run.items.iter().filter(|item| matches!(item.token.kind, Kind::Code(_))).count();
        for (index, item) in run.items.iter().enumerate() {
            let printed = &self.line.text[item.token.span.clone()];
            match item.token.kind {
                Kind::Goal(goal) => self.goals(printed, goal, item.until.as_ref()),
                Kind::Code(code) => {
                    let has_reason = shared || index + 1 == run.items.len();
                    let placed = item.token.marked
                        || bracketed
                        || run.items[0].token.marked
                        || self.is_only_marker_before(run.span.start)
                        || self.spoken < item.token.span.start;
                    let until = item.until.as_ref().map(|end| {
                        let Kind::Code(code) = end.kind else { return (&self.line.text[end.span.clone()], None) };
                        (&self.line.text[end.span.clone()], code)
                    });
                    let reason = reason.filter(|_| has_reason).map(str::to_owned);
                    let line = self.line.number;
                    self.found.targets.push(Mention { line, printed, code, until, reason, placed });
                }
                Kind::Open | Kind::Close => {}
            }
        }
        match reason {
            Some(reason) if codes == 0 => {
                let message = format!("\"{}\" is said of a goal; only targets have reasons", excerpt(reason));
                self.report.note(self.line.number, "remark-on-goal", message, "nothing, if it is the name of the goal");
            }
            Some(_) if codes > 1 && shared => {
                let message = format!("{} share one reason", run.printed());
                self.report.note(self.line.number, "shared-reason", message, "nothing, if the page means all of them");
            }
            Some(_) if codes > 1 => {
                let message = format!("of {} only the last is given the reason that follows", run.printed());
                self.report.note(
                    self.line.number,
                    "reason-of-last",
                    message,
                    "add it to the others if the page means all of them",
                );
            }
            _ => {}
        }
    }
}

fn reason_or_nothing(reason: &str, nodes: usize, end: usize) -> Behind {
    if reason.contains(char::is_alphanumeric) {
        Behind::Reason { reason: reason.to_owned(), nodes, end }
    } else {
        Behind::Nothing
    }
}

/// Whether a text holds only words that lead up to a code: nothing, "SDG", "see", "contributing to SDG targets".
fn is_filler(text: &str) -> bool {
    const WORDS: &str = "\
        addressing also and cf contributing contributes e.g eg i.e ie in including line linked particular primarily \
        related relates relating see supporting supports the to un with véase";
    text.split([' ', ',', ':', '.', '(', '#', '-', '–', '—', '*', '"', '“'])
        .filter(|word| !word.is_empty())
        .all(|word| is_one_of(word, WORDS) || is_marker(word))
}

/// Codes and goals that stand together.
#[derive(Debug, Clone)]
struct Run<'t> {
    text: &'t str,
    span: Range<usize>,
    items: Vec<Item>,
    /// Whether one of them is a code and not a goal.
    has_code: bool,
    /// Whether a reason behind them is meant for all, as far as the words between them tell.
    together: Together,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Together {
    /// One code or range; or "SDGs" before them and "and" before the last.
    Always,
    /// "and" before the last.
    UnlessListed,
    /// Only commas between them, or a mark for each.
    Never,
}

#[derive(Debug, Clone)]
struct Item {
    token: Token,
    until: Option<Token>,
}

impl<'t> Run<'t> {
    fn new(text: &'t str, nodes: &[Node]) -> Self {
        let mut items: Vec<Item> = Vec::new();
        let mut between: Vec<&str> = Vec::new();
        for node in nodes {
            let Node::Number(token) = node else { continue };
            if let Some(last) = items.last_mut() {
                let end = last.until.as_ref().unwrap_or(&last.token).span.end;
                let joiner = &text[end..token.span.start];
                let is_range =
                    last.until.is_none() && matches!(joiner.trim(), "-" | "–" | "—" | "to" | "through" | "a");
                if is_range && std::mem::discriminant(&last.token.kind) == std::mem::discriminant(&token.kind) {
                    last.until = Some(token.clone());
                    continue;
                }
                between.push(joiner);
            }
            items.push(Item { token: token.clone(), until: None });
        }
        let span = nodes.first().map_or(0, |node| node.span().start)..nodes.last().map_or(0, |node| node.span().end);
        let has_code = items.iter().any(|item| matches!(item.token.kind, Kind::Code(_)));
        let together = together(&items, &between);
        Self { text, span, items, has_code, together }
    }

    /// The same codes, with a reason for all.
    fn as_one(&self) -> Self {
        Self { together: Together::Always, ..self.clone() }
    }

    fn shares(&self, listing: bool) -> bool {
        match self.together {
            Together::Always => true,
            Together::UnlessListed => !listing,
            Together::Never => false,
        }
    }

    fn printed(&self) -> &'t str {
        &self.text[self.span.clone()]
    }
}

fn together(items: &[Item], between: &[&str]) -> Together {
    let has_word = |text: &str, test: &dyn Fn(&str) -> bool| text.split([' ', ',']).any(test);
    let is_and = |word: &str| matches!(word, "and" | "&" | "y" | "e" | "or" | "o");
    let own_mark = between.iter().any(|text| text.contains(',') && has_word(text, &is_marker));
    let pair_with_comma = between.len() == 1 && between[0].contains(',');
    match between.last() {
        None => Together::Always,
        Some(last) if own_mark || !has_word(last, &is_and) && !last.contains('/') => Together::Never,
        Some(_) if items.first().is_some_and(|item| item.token.marked) => Together::Always,
        Some(_) if pair_with_comma => Together::Never,
        Some(_) => Together::UnlessListed,
    }
}
