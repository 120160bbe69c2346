//! Which reason belongs to which code.

use std::ops::Range;

use crate::model::{Field, GoalNumber, TargetCode};

use super::{
    super::{
        line::Line,
        report::{Report, excerpt},
    },
    before::{Clause, is_filler, label, led_in},
    behind::{Behind, Place},
    run::{Run, run_length},
    sentence::{sentences, without_joiners, without_number},
    token::{Kind, Token, is_between, is_marker, tokens},
    tree::{DEEPEST, Node, tree},
};

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
    /// Words behind it that may say why, and cannot be told from the sentence around them.
    pub(super) unread: Option<&'t str>,
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
    let message = match unpaired(&nodes) {
        0 => None,
        1 => Some("a bracket has no partner".to_owned()),
        n => Some(format!("{n} brackets have no partner")),
    };
    if let Some(message) = message {
        report.warning(line.number, "unpaired-bracket", message, "compare the reasons of this line with the page");
    }
    let text_start = line.text.len() - without_number(line.text).len();
    let spoken = first_marker(line.text).unwrap_or(usize::MAX);
    let mut reader = Reader { line, spoken, text_start, found, report };
    if !reader.brackets_first(&nodes) {
        reader.sequence(&nodes, 0..line.text.len(), None);
    }
}

fn unpaired(nodes: &[Node]) -> usize {
    let count = |node: &Node| match node {
        Node::Unclosed(_) | Node::Stray(_) => 1,
        Node::Group(_, inner) => unpaired(inner),
        Node::Number(_) => 0,
    };
    nodes.iter().map(count).sum()
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

struct Reader<'t, 'r> {
    line: Line<'t>,
    /// Where the line first speaks of goals.
    spoken: usize,
    /// Where its words begin, behind the number of a list.
    text_start: usize,
    found: &'r mut Mentions<'t>,
    report: &'r mut Report,
}

/// How far the reading of a sequence has come.
struct State {
    /// The node that comes next.
    at: usize,
    /// Where the text begins that no code has claimed yet.
    free: usize,
    /// Whether a code before has had a reason, so that those joined to it are items of a list.
    listing: bool,
    /// The clause before an opening bracket that has no partner.
    open: Option<Clause>,
}

/// What else is known of a run than its codes.
#[derive(Debug, Clone, Copy)]
struct Context {
    /// It goes on with a list in which codes have their own reasons.
    listed: bool,
    /// A bracket, or the list it goes on with, makes its numbers codes.
    placed: bool,
}

impl<'t> Reader<'t, '_> {
    /// Reads a line whose brackets stand before what they are about: `(SDG 4.7) courses, (SDG 11.4) boats`. Where the
    /// words between two brackets may belong to either, no reason is read. Gives whether the line is of that kind.
    fn brackets_first(&mut self, nodes: &[Node]) -> bool {
        let text = self.line.text;
        let groups: Vec<(&Range<usize>, &[Node])> = nodes
            .iter()
            .filter_map(|node| match node {
                Node::Group(span, inner) if node.has_number() => Some((span, inner.as_slice())),
                _ => None,
            })
            .collect();
        let Some((first, _)) = groups.first() else { return false };
        let lead = &text[self.text_start.min(first.start)..first.start];
        let holds_codes_only = |(span, inner): &(&Range<usize>, &[Node])| {
            let mut at = span.start + 1;
            let flat = inner.iter().all(|node| matches!(node, Node::Number(_)));
            let flat = flat
                && inner.iter().all(|node| {
                    let between = &text[at..node.span().start];
                    at = node.span().end;
                    is_filler(between) || is_between(between)
                });
            flat && text[at..span.end - 1].trim().is_empty()
        };
        let ends = groups.iter().skip(1).map(|(span, _)| span.start).chain([text.len()]);
        let words: Vec<&str> = groups.iter().zip(ends).map(|((span, _), end)| &text[span.end..end]).collect();
        let says = |words: &str| !is_filler(without_joiners(words)) && words.contains(char::is_alphabetic);
        let begins = is_filler(lead) || lead.trim_end().ends_with(':');
        if !begins || !says(words[0]) || !groups.iter().all(holds_codes_only) {
            return false;
        }
        let alone = nodes.iter().all(|node| !matches!(node, Node::Number(_) | Node::Unclosed(_) | Node::Stray(_)));
        let parted = |words: &&str| without_joiners(words).len() < words.trim().len();
        let clear = alone
            && words.iter().all(|words| says(words) && sentences(words).len() == 1)
            && words.iter().take(words.len() - 1).all(parted);
        for ((span, inner), words) in groups.iter().zip(words) {
            let clause = if clear { Clause::Reason(without_joiners(words).to_owned()) } else { Clause::Unbounded };
            self.sequence(inner, span.start + 1..span.end - 1, Some(&clause));
        }
        if !alone {
            for node in nodes.iter().filter(|node| matches!(node, Node::Number(_))) {
                let run = Run::new(text, std::slice::from_ref(node));
                self.give_clause(&run, &Clause::Unbounded, Context { listed: false, placed: true });
            }
        }
        true
    }

    /// The words behind a run up to the next code or bracket or the end of the sentence, where they may say why.
    fn unread(&self, run: &Run<'t>, nodes: &[Node], stop: usize) -> Option<&'t str> {
        let text = self.line.text;
        let next = nodes.first();
        // What stands before a bracket with codes is read as theirs.
        if !run.has_code || next.is_some_and(|node| !matches!(node, Node::Number(_)) && node.has_number()) {
            return None;
        }
        let behind = &text[run.span.end..next.map_or(stop, |node| node.span().start)];
        let sentence = sentences(behind).get(1).copied().unwrap_or(behind.len());
        let words = without_joiners(&behind[..sentence]);
        // One word, "especially", is none that says why.
        (words.contains(' ') && !is_filler(words) && words.contains(char::is_alphabetic)).then_some(words)
    }

    /// Says that a bracket follows the one that was read as the reason.
    fn second_bracket(&mut self, run: &Run<'t>, end: usize, nodes: &[Node]) {
        let text = self.line.text;
        if let Some(node @ Node::Group(span, _)) = nodes.first()
            && !node.has_number()
            && run.has_code
            && text.get(end..span.start).is_some_and(|between| between.trim().is_empty())
            && text[span.clone()].contains(char::is_alphabetic)
        {
            self.report.gap(Field::Reasons, "Part of a reason on the page could not be read.");
            let message = format!("behind the reason of {} stands \"{}\"", run.printed(), excerpt(&text[span.clone()]));
            self.report.note(
                self.line.number,
                "unread-reason",
                message,
                "it is left out; add it by hand if it belongs there",
            );
        }
    }

    /// Reads nodes that stand side by side. `before` is the clause before the bracket they are in.
    fn sequence(&mut self, nodes: &[Node], bounds: Range<usize>, before: Option<&Clause>) {
        let mut state = State { at: 0, free: bounds.start, listing: false, open: None };
        while let Some(node) = nodes.get(state.at) {
            match node {
                Node::Number(_) => self.run(nodes, bounds.end, before, &mut state),
                Node::Group(span, inner) => {
                    if node.has_number() {
                        let clause = Clause::before_bracket(&self.line.text[state.free..span.start]);
                        self.sequence(inner, span.start + 1..span.end - 1, Some(&clause));
                        state.free = span.end;
                        state.listing = true;
                    }
                    state.at += 1;
                }
                Node::Unclosed(start) => {
                    if let Some(Node::Number(next)) = nodes.get(state.at + 1)
                        && is_filler(&self.line.text[start + 1..next.span.start])
                    {
                        state.open = Some(Clause::before_bracket(&self.line.text[state.free..*start]));
                        state.free = start + 1;
                    }
                    state.at += 1;
                }
                Node::Stray(start) => {
                    state.free = start + 1;
                    state.open = None;
                    state.at += 1;
                }
            }
        }
    }

    /// Reads the run of codes that begins at the next node, with its reason.
    fn run(&mut self, nodes: &[Node], stop: usize, before: Option<&Clause>, state: &mut State) {
        let text = self.line.text;
        let end = state.at + run_length(text, &nodes[state.at..]);
        let run = Run::new(text, &nodes[state.at..end]);
        let lead = &text[state.free..run.span.start];
        let listed = state.listing && is_between(lead);
        let place = match (before, &state.open) {
            (Some(_), _) => Place::Brackets,
            (None, Some(_)) => Place::OpenBracket,
            (None, None) if self.begins_line(&run) => Place::LineStart { bulleted: self.line.bullet.is_some() },
            (None, None) => Place::Sentence,
        };
        if let Some(label) = label(lead).filter(|_| before.is_some()) {
            self.give(&run.as_one(), Some(label), Context { listed, placed: true });
            *state = State { at: end, free: run.span.end, listing: true, open: None };
            return;
        }
        match Behind::read(text, &run, &nodes[end..], stop, place) {
            Behind::Reason { reason, nodes: more, end: stop } => {
                self.give(&run, Some(&reason), Context { listed, placed: true });
                state.listing |= run.has_code;
                self.second_bracket(&run, stop, &nodes[end + more..]);
                (state.at, state.free) = (end + more, stop);
            }
            Behind::Codes => {
                if let Some(Node::Group(span, inner)) = nodes.get(end) {
                    self.codes_behind(&run, span, inner);
                    state.free = span.end;
                }
                state.at = end + 1;
            }
            behind => {
                let placed = listed || matches!(place, Place::Brackets | Place::OpenBracket);
                if behind == Behind::CutOff {
                    self.cut_off(&run);
                } else {
                    let clause = match (state.open.take(), before) {
                        (Some(clause), _) => clause,
                        (None, Some(before)) => Clause::in_bracket(lead, before),
                        (None, None) => Clause::before_colon(lead),
                    };
                    let first = self.found.targets.len();
                    self.give_clause(&run, &clause, Context { listed, placed });
                    if clause == Clause::Nothing && before.is_none() {
                        let unread = self.unread(&run, &nodes[end..], stop).or_else(|| led_in(lead));
                        self.found.targets[first..].iter_mut().for_each(|mention| mention.unread = unread);
                    }
                }
                state.at = end;
                state.free = if run.has_code { run.span.end } else { state.free };
            }
        }
    }

    fn begins_line(&self, run: &Run<'_>) -> bool {
        self.line.text.get(self.text_start..run.span.start).is_some_and(is_filler)
    }

    /// `12.6 (…, linked to 12.7)`: the bracket is the reason of the first and names the second. `12.6 (a, 12.7 (b))`: a
    /// closing bracket is missing, and the reason ends where the second code begins.
    fn codes_behind(&mut self, run: &Run<'t>, span: &Range<usize>, inner: &[Node]) {
        let text = self.line.text;
        let inside = span.start + 1..span.end - 1;
        let number = |node: &Node| matches!(node, Node::Number(_));
        let have_own = inner.windows(2).any(|pair| {
            number(&pair[0])
                && matches!(pair[1], Node::Group(..))
                && text[pair[0].span().end..pair[1].span().start].trim().is_empty()
        });
        let first = inner.iter().find(|node| node.has_number()).map_or(inside.end, |node| node.span().start);
        let lead = &text[inside.start..first];
        let is_reason = run.has_code && !is_filler(lead);
        let reason = if have_own { without_joiners(lead) } else { text[inside.clone()].trim() };
        let context = Context { listed: false, placed: true };
        self.give(run, Some(reason).filter(|reason| is_reason && !reason.is_empty()), context);
        if have_own || !is_reason {
            self.sequence(inner, first..inside.end, Some(&Clause::Nothing));
        } else {
            for node in inner.iter().filter(|node| number(node)) {
                self.give(&Run::new(text, std::slice::from_ref(node)), None, context);
            }
        }
    }

    fn cut_off(&mut self, run: &Run<'t>) {
        self.give(run, None, Context { listed: false, placed: true });
        if run.has_code {
            self.report.gap(Field::Reasons, "A reason on the page is cut off.");
            let message = format!("the reason of {} is cut off", run.printed());
            self.report.warning(self.line.number, "cut-off-reason", message, "it is left out; compare with the page");
        }
    }

    /// Records the codes of a run with the reason before them.
    fn give_clause(&mut self, run: &Run<'t>, clause: &Clause, context: Context) {
        match clause {
            Clause::Reason(reason) => return self.give(&run.as_one(), Some(reason), context),
            Clause::Unbounded if run.has_code => {
                self.report.gap(Field::Reasons, "Where some reasons begin on the page cannot be told.");
                let message = format!("where the reason of {} begins cannot be told", run.printed());
                self.report.note(self.line.number, "unbounded-reason", message, "write it into the record by hand");
            }
            _ => {}
        }
        self.give(run, None, context);
    }

    /// Records the codes of a run with the reason behind them. In a list that gives each code its own, `3.3 (a), 3.4,
    /// 3.5 (b)`, it is only that of the last.
    fn give(&mut self, run: &Run<'t>, reason: Option<&str>, context: Context) {
        let shared = run.shares(context.listed);
        let marked = run.items.first().is_some_and(|item| item.token.marked);
        let placed = context.placed || marked || self.begins_line(run);
        let mut codes = 0;
        for (index, item) in run.items.iter().enumerate() {
            match item.token.kind {
                Kind::Goal(goal) => self.goals(&item.token, goal, item.until.as_ref()),
                Kind::Code(code) => {
                    codes += 1;
                    let is_its_own = shared || index + 1 == run.items.len();
                    self.found.targets.push(Mention {
                        line: self.line.number,
                        printed: self.printed(&item.token),
                        code,
                        until: item.until.as_ref().map(|end| (self.printed(end), code_of(end))),
                        reason: reason.filter(|_| is_its_own).map(str::to_owned),
                        placed: placed || item.token.marked || self.spoken < item.token.span.start,
                        unread: None,
                    });
                }
                Kind::Open | Kind::Close => {}
            }
        }
        if let Some(reason) = reason {
            self.say_whose(reason, run, codes, shared);
        }
    }

    /// Says to whom a reason was given, where that is not plain.
    fn say_whose(&mut self, reason: &str, run: &Run<'_>, codes: usize, shared: bool) {
        let (code, message, help) = match codes {
            0 => (
                "remark-on-goal",
                format!("\"{}\" is said of a goal; only targets have reasons", excerpt(reason)),
                "nothing, if it is the name of the goal",
            ),
            1 => return,
            _ if shared => (
                "shared-reason",
                format!("{} share one reason", run.printed()),
                "nothing, if the page means all of them",
            ),
            _ => (
                "reason-of-last",
                format!("of {} only the last is given the reason that follows", run.printed()),
                "add it to the others if the page means all of them",
            ),
        };
        self.report.note(self.line.number, code, message, help);
    }

    /// Records a goal, or all goals from one to another.
    fn goals(&mut self, token: &Token, goal: Option<GoalNumber>, until: Option<&Token>) {
        let last = until.and_then(|until| match until.kind {
            Kind::Goal(last) => last,
            _ => None,
        });
        let more = goal.zip(last).map(|(first, last)| first.get() + 1..=last.get());
        let more = more.into_iter().flatten().filter_map(|number| number.to_string().parse().ok()).map(Some);
        let printed = self.printed(token);
        self.found.goals.extend([goal].into_iter().chain(more).map(|goal| (self.line.number, printed, goal)));
    }

    fn printed(&self, token: &Token) -> &'t str {
        &self.line.text[token.span.clone()]
    }
}

fn code_of(token: &Token) -> Option<TargetCode> {
    match token.kind {
        Kind::Code(code) => code,
        _ => None,
    }
}
