//! How the matches of a pattern are found: by the automaton of the `regex` crate wherever it can, else by
//! [steps](super::backtrack).

use std::sync::OnceLock;

use regex::{CaptureLocations, Regex, RegexBuilder};

use super::{
    backtrack::Matcher,
    error::{PatternError, TooHard},
    flags::Flags,
    literal::Literal,
    parse::{MAX_DEPTH, Parsed},
    print::print,
    program::{Program, Step},
    tree::Node,
};

/// How large an automaton may get, in bytes, by our estimate; those that are larger take long to build, too.
const MAX_WEIGHT: usize = 256 * 1024;
/// The same by the count of the `regex` crate, in case that we have estimated too low.
const MAX_SIZE: usize = 1024 * 1024;
/// What each thread may keep of the states that an automaton has been in.
const MAX_CACHE: usize = 1024 * 1024;

/// How matches are found.
#[derive(Debug)]
pub(super) enum Engine {
    /// By the literal alone.
    Literal,
    /// By the automaton alone.
    Automaton(Automaton),
    /// By the automaton, but where the end of the text might be taken for a line, by steps.
    Lines(Automaton, Program),
    /// By steps alone: back-references, and what would be too large for an automaton.
    Steps(Program),
}

/// An automaton that is perhaps built only when it is needed.
#[derive(Debug)]
pub(super) struct Automaton {
    pattern: String,
    weight: usize,
    built: OnceLock<Option<Regex>>,
}

impl Automaton {
    fn get(&self) -> Result<&Regex, TooHard> {
        let build = || {
            RegexBuilder::new(&self.pattern)
                .size_limit(MAX_SIZE)
                .dfa_size_limit(MAX_CACHE)
                .nest_limit(u32::try_from(8 * MAX_DEPTH).unwrap_or(u32::MAX))
                .build()
                .ok()
        };
        self.built.get_or_init(build).as_ref().ok_or(TooHard)
    }
}

impl Engine {
    /// The engine of a pattern, of which the literal is a part or all.
    pub(super) fn new(parsed: &Parsed, flags: Flags, literal: Option<&Literal>) -> Result<Self, PatternError> {
        if parsed.groups == 0 && literal.is_some_and(|literal| literal.finder().is_some()) {
            return Ok(Self::Literal);
        }
        let weight = parsed.node.weight(flags.fold);
        if weight > MAX_WEIGHT || parsed.node.any(&|node| matches!(node, Node::Back(_))) {
            return Program::new(parsed, flags).map(Self::Steps);
        }
        let automaton = Automaton { pattern: print(&parsed.node, flags), weight, built: OnceLock::new() };
        // Hardly any text needs it if the literal decides, and building takes longer than a thousand searches.
        if !literal.is_some_and(Literal::is_folded) && automaton.get().is_err() {
            return Program::new(parsed, flags).map(Self::Steps);
        }
        if flags.lines && parsed.node.any(&|node| matches!(node, Node::Start | Node::End)) {
            return Ok(Self::Lines(automaton, Program::new(parsed, flags)?));
        }
        Ok(Self::Automaton(automaton))
    }

    /// Whether a text has a match.
    pub(super) fn is_match(&self, text: &str) -> Result<bool, TooHard> {
        match self {
            // The literal has been asked before.
            Self::Literal => Ok(false),
            Self::Automaton(automaton) => Ok(automaton.get()?.is_match(text)),
            Self::Lines(automaton, _) if !text.ends_with('\n') => Ok(automaton.get()?.is_match(text)),
            Self::Lines(..) => Ok(Matches::new(self, None, text, false)?.next(0)?.is_some()),
            Self::Steps(program) => Matcher::new(program, text, 0)?.find(0),
        }
    }

    /// About how many bytes it takes up, its threads' caches aside.
    pub(super) fn memory(&self) -> usize {
        // An automaton goes in both directions, and has its literals apart.
        let of_automaton = |automaton: &Automaton| 8 * 1024 + automaton.pattern.len() + 2 * automaton.weight;
        let of_program = |program: &Program| program.steps.len() * size_of::<Step>();
        match self {
            Self::Literal => 0,
            Self::Automaton(automaton) => of_automaton(automaton),
            Self::Lines(automaton, program) => of_automaton(automaton) + of_program(program),
            Self::Steps(program) => of_program(program),
        }
    }
}

/// The matches of a pattern in a text, one after the other; none of them may be empty.
pub(super) struct Matches<'p> {
    text: &'p str,
    search: Search<'p>,
    /// What the steps have found last, if the automaton was not to be trusted.
    checked: Option<Matcher<'p>>,
}

enum Search<'p> {
    Literal(Option<&'p Literal>),
    Automaton(&'p Regex, Option<CaptureLocations>, Option<&'p Program>),
    Steps(Matcher<'p>),
}

impl<'p> Matches<'p> {
    /// The matches in a text, with what their groups have taken if that is asked for.
    pub(super) fn new(
        engine: &'p Engine,
        literal: Option<&'p Literal>,
        text: &'p str,
        has_groups: bool,
    ) -> Result<Self, TooHard> {
        let search = match engine {
            Engine::Literal => Search::Literal(literal),
            Engine::Steps(program) => Search::Steps(Matcher::new(program, text, 0)?),
            Engine::Automaton(automaton) | Engine::Lines(automaton, _) => {
                let program = match engine {
                    Engine::Lines(_, program) if text.ends_with('\n') => Some(program),
                    _ => None,
                };
                let automaton = automaton.get()?;
                Search::Automaton(automaton, has_groups.then(|| automaton.capture_locations()), program)
            }
        };
        Ok(Self { text, search, checked: None })
    }

    /// Where the first match at or after a place is.
    pub(super) fn next(&mut self, from: usize) -> Result<Option<(usize, usize)>, TooHard> {
        let found = match &mut self.search {
            Search::Literal(literal) => {
                let Some(finder) = literal.and_then(Literal::finder) else { return Ok(None) };
                let start = finder.find(&self.text.as_bytes()[from..]).map(|start| from + start);
                return Ok(start.map(|start| (start, start + finder.needle().len())));
            }
            Search::Steps(matcher) => {
                let is_found = matcher.find(from)?;
                return Ok(matcher.group(0).filter(|_| is_found));
            }
            Search::Automaton(automaton, None, _) => automaton.find_at(self.text, from),
            Search::Automaton(automaton, Some(groups), _) => automaton.captures_read_at(groups, self.text, from),
        };
        let Some((start, end)) = found.map(|found| (found.start(), found.end())) else { return Ok(None) };
        self.checked = None;
        match &self.search {
            // What the automaton takes for the anchors of a line, is one everywhere but at the end of the text. So a
            // match that does not come to the end is right, and one that does, begins at or before the right one.
            Search::Automaton(_, _, Some(program)) if end == self.text.len() => {
                let mut matcher = Matcher::new(program, self.text, start)?;
                let found = matcher.find(start)?.then(|| matcher.group(0)).flatten();
                self.checked = Some(matcher);
                Ok(found)
            }
            _ => Ok(Some((start, end))),
        }
    }

    /// Where a group of the last match is; not all of them take part.
    pub(super) fn group(&self, number: usize) -> Option<(usize, usize)> {
        match (&self.checked, &self.search) {
            (Some(matcher), _) | (None, Search::Steps(matcher)) => matcher.group(number),
            (None, Search::Automaton(_, Some(groups), _)) => groups.get(number),
            (None, Search::Automaton(_, None, _) | Search::Literal(_)) => None,
        }
    }
}
