//! A matcher that tries one way after the other and goes back where one fails.
//!
//! It is for what the automaton cannot do. Back-references are the one thing for which no linear way is known: they get a
//! number of steps, and when those are used up the match is an error. The others are the flag `m` at the end of a text
//! that ends with a line end, since `XPath` has no line after that one and the automaton would find it, and patterns whose
//! automaton would be too large, as `\w{50}`: a set of characters is one step here, and hundreds there. For these no place
//! is tried twice, so that it takes linear time too.

use super::{
    error::TooHard,
    fold,
    program::{Program, Step},
};

/// How many steps a text with back-references may take: some ten milliseconds ...
const MAX_STEPS: usize = 1_000_000;
/// ... and how many more for each of its bytes.
const STEPS_PER_BYTE: usize = 32;
/// How many ways may be kept to go back to, each in 24 bytes.
const MAX_KEPT: usize = 250_000;
/// How many pairs of step and place are remembered as tried, each in a bit.
const MAX_TRIED: usize = 8_000_000;

/// A slot that nothing was saved in.
const NOWHERE: usize = usize::MAX;

/// What to do when the way taken leads nowhere.
#[derive(Debug)]
enum Kept {
    /// Go on with this step at this place.
    Way(usize, usize),
    /// Put back what was in this slot.
    Slot(usize, usize),
}

/// The matches in a text, one after the other, with what their groups have taken.
#[derive(Debug)]
pub(super) struct Matcher<'t> {
    program: &'t Program,
    text: &'t str,
    slots: Vec<usize>,
    kept: Vec<Kept>,
    /// Without back-references: for each place from the first on a bit for each step.
    tried: Vec<u64>,
    first: usize,
    steps_left: usize,
}

impl<'t> Matcher<'t> {
    /// A matcher on a text from a place on. The steps it may take are for all matches in the text together.
    pub(super) fn new(program: &'t Program, text: &'t str, first: usize) -> Result<Self, TooHard> {
        let length = text.len() - first;
        let (pairs, steps_left) = if program.has_back {
            (0, length.saturating_mul(STEPS_PER_BYTE).saturating_add(MAX_STEPS))
        } else {
            (program.steps.len().saturating_mul(length + 1), usize::MAX)
        };
        if pairs > MAX_TRIED {
            return Err(TooHard);
        }
        let (slots, tried) = (vec![NOWHERE; program.slots], vec![0; pairs.div_ceil(64)]);
        Ok(Self { program, text, slots, kept: vec![], tried, first, steps_left })
    }

    /// Looks for the first match at or after a place.
    pub(super) fn find(&mut self, from: usize) -> Result<bool, TooHard> {
        for start in from..=self.text.len() {
            if self.text.is_char_boundary(start) && self.matches_at(start)? {
                self.forget(start);
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What a group has taken; 0 is the whole match.
    pub(super) fn group(&self, number: usize) -> Option<(usize, usize)> {
        let (start, end) = (*self.slots.get(2 * number)?, *self.slots.get(2 * number + 1)?);
        (start != NOWHERE && end != NOWHERE).then_some((start, end))
    }

    fn matches_at(&mut self, start: usize) -> Result<bool, TooHard> {
        self.slots.fill(NOWHERE);
        self.kept.clear();
        let (mut step, mut place) = (0, start);
        loop {
            self.steps_left = self.steps_left.checked_sub(1).filter(|_| self.kept.len() < MAX_KEPT).ok_or(TooHard)?;
            let next = match &self.program.steps[step] {
                Step::Match => return Ok(true),
                _ if self.was_tried(step, place) => None,
                _ => self.advance(step, place),
            };
            match next.or_else(|| self.go_back()) {
                Some(way) => (step, place) = way,
                None => return Ok(false),
            }
        }
    }

    /// The step and the place after a step, if it fits.
    fn advance(&mut self, step: usize, place: usize) -> Option<(usize, usize)> {
        let program = self.program;
        let bytes = self.text.as_bytes();
        let next = step + 1;
        match &program.steps[step] {
            Step::Char(wanted) => {
                self.letter(place).filter(|letter| letter == wanted).map(|letter| (next, place + letter.len_utf8()))
            }
            Step::Set(set) => {
                self.letter(place).filter(|letter| fold::has(set, *letter)).map(|it| (next, place + it.len_utf8()))
            }
            Step::Split(first, second) => {
                self.kept.push(Kept::Way(*second, place));
                Some((*first, place))
            }
            Step::Jump(target) => Some((*target, place)),
            Step::Save(slot) => {
                let before = std::mem::replace(&mut self.slots[*slot], place);
                // With no way to go back to, nobody needs what was there.
                if !self.kept.is_empty() {
                    self.kept.push(Kept::Slot(*slot, before));
                }
                Some((next, place))
            }
            Step::Moved(slot, outside) => Some((if self.slots[*slot] == place { *outside } else { next }, place)),
            Step::Start => (place == 0).then_some((next, place)),
            Step::End => (place == bytes.len()).then_some((next, place)),
            // There is no line after the line end at the very end.
            Step::LineStart => {
                (place == 0 || place < bytes.len() && bytes[place - 1] == b'\n').then_some((next, place))
            }
            Step::LineEnd => match bytes.get(place) {
                Some(byte) => *byte == b'\n',
                None => bytes.last() != Some(&b'\n'),
            }
            .then_some((next, place)),
            Step::Back(number) => self.once_more(*number, place).map(|place| (next, place)),
            Step::Match => None,
        }
    }

    fn letter(&self, place: usize) -> Option<char> {
        self.text[place..].chars().next()
    }

    /// Where the text of a group ends if it stands at a place again. A group that has taken no part is empty.
    fn once_more(&mut self, number: usize, place: usize) -> Option<usize> {
        let Some((start, end)) = self.group(number) else { return Some(place) };
        // Comparing is work too.
        let work = if self.program.folds { end - start } else { (end - start) / 64 };
        self.steps_left = self.steps_left.saturating_sub(work);
        let (group, rest) = (&self.text[start..end], &self.text[place..]);
        if !self.program.folds {
            return rest.starts_with(group).then_some(place + group.len());
        }
        let mut letters = rest.chars();
        let is_same = group.chars().all(|one| letters.next().is_some_and(|other| fold::is_variant(one, other)));
        is_same.then(|| self.text.len() - letters.as_str().len())
    }

    fn go_back(&mut self) -> Option<(usize, usize)> {
        loop {
            match self.kept.pop()? {
                Kept::Way(step, place) => return Some((step, place)),
                Kept::Slot(slot, before) => self.slots[slot] = before,
            }
        }
    }

    /// Whether this step was tried at this place before, in vain; from now on it was.
    fn was_tried(&mut self, step: usize, place: usize) -> bool {
        if self.program.has_back {
            return false;
        }
        let pair = (place - self.first) * self.program.steps.len() + step;
        let bit = 1 << (pair % 64);
        let word = &mut self.tried[pair / 64];
        let was_tried = *word & bit != 0;
        *word |= bit;
        was_tried
    }

    /// After a match, the steps at its end were not tried in vain, and the next match may begin there. Whatever was
    /// tried behind it, led nowhere.
    fn forget(&mut self, start: usize) {
        if self.program.has_back {
            return;
        }
        let place = self.group(0).map_or(start, |(_, end)| end) - self.first;
        let steps = self.program.steps.len();
        for pair in place * steps..(place + 1) * steps {
            self.tried[pair / 64] &= !(1 << (pair % 64));
        }
    }
}
