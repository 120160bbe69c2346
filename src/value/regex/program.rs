//! A pattern as steps for the [matcher](super::backtrack) that goes back.

use std::sync::Arc;

use super::{
    error::PatternError::{self, TooLarge},
    flags::Flags,
    fold,
    parse::Parsed,
    tree::{Node, Repeat, Set},
};

/// How many steps a pattern may have after its quantities are written out.
const MAX_STEPS: usize = 32_768;

/// One step; each goes on with the next one unless it says otherwise.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Char(char),
    Set(Set),
    /// Tries the first, and the second if that leads nowhere.
    Split(usize, usize),
    Jump(usize),
    /// Keeps the place in the text in a slot.
    Save(usize),
    /// Leaves a loop, to the given step, if it has not moved since the slot was saved: it would go round forever.
    Moved(usize, usize),
    Start,
    End,
    LineStart,
    LineEnd,
    /// The text of a group once more.
    Back(usize),
    Match,
}

/// All steps of a pattern.
#[derive(Debug, Clone)]
pub(super) struct Program {
    pub(super) steps: Vec<Step>,
    /// Two slots for the ends of each group, the whole match first, and one for each loop.
    pub(super) slots: usize,
    /// Whether there are back-references, so that a place is not the same when it is come to twice.
    pub(super) has_back: bool,
    pub(super) folds: bool,
}

impl Program {
    /// Translates a pattern.
    pub(super) fn new(parsed: &Parsed, flags: Flags) -> Result<Self, PatternError> {
        let has_back = parsed.node.any(&|node| matches!(node, Node::Back(_)));
        let slots = 2 * (parsed.groups + 1);
        let mut program = Self { steps: vec![], slots, has_back, folds: flags.fold };
        program.push(Step::Save(0))?;
        program.node(&parsed.node, flags)?;
        program.push(Step::Save(1))?;
        program.push(Step::Match)?;
        Ok(program)
    }

    fn push(&mut self, step: Step) -> Result<usize, PatternError> {
        if self.steps.len() >= MAX_STEPS {
            return Err(TooLarge("written out, it has more than 32768 steps"));
        }
        self.steps.push(step);
        Ok(self.steps.len() - 1)
    }

    fn node(&mut self, node: &Node, flags: Flags) -> Result<(), PatternError> {
        match node {
            Node::Char(letter) => {
                let set = flags.fold.then(|| fold::variants(*letter)).filter(|set| set.iter().count() > 1);
                self.push(set.map_or(Step::Char(*letter), |set| Step::Set(Arc::new(set))))?;
            }
            Node::Set(set) => {
                self.push(Step::Set(Arc::clone(set)))?;
            }
            Node::Start => {
                self.push(if flags.lines { Step::LineStart } else { Step::Start })?;
            }
            Node::End => {
                self.push(if flags.lines { Step::LineEnd } else { Step::End })?;
            }
            Node::Group(None, inner) => self.node(inner, flags)?,
            Node::Group(Some(number), inner) => {
                self.push(Step::Save(2 * number))?;
                self.node(inner, flags)?;
                self.push(Step::Save(2 * number + 1))?;
            }
            Node::Sequence(parts) => {
                for part in parts {
                    self.node(part, flags)?;
                }
            }
            Node::Choice(branches) => self.choice(branches, flags)?,
            Node::Repeat(repeat) => self.repeat(repeat, flags)?,
            Node::Back(number) => {
                self.push(Step::Back(*number))?;
            }
        }
        Ok(())
    }

    fn choice(&mut self, branches: &[Node], flags: Flags) -> Result<(), PatternError> {
        let mut exits = Vec::new();
        for (index, branch) in branches.iter().enumerate() {
            if index + 1 == branches.len() {
                self.node(branch, flags)?;
                continue;
            }
            let split = self.push(Step::Split(0, 0))?;
            self.node(branch, flags)?;
            exits.push(self.push(Step::Jump(0))?);
            self.steps[split] = Step::Split(split + 1, self.steps.len());
        }
        for exit in exits {
            self.steps[exit] = Step::Jump(self.steps.len());
        }
        Ok(())
    }

    fn repeat(&mut self, repeat: &Repeat, flags: Flags) -> Result<(), PatternError> {
        let Repeat { node, least, most, is_greedy } = repeat;
        // Without an end the last one that has to be there is the one that is gone round in.
        let copies = if most.is_none() { least.saturating_sub(1) } else { *least };
        for _ in 0..copies {
            let before = self.steps.len();
            self.node(node, flags)?;
            // A part without steps of its own would be written out for nothing, as often as it says.
            if self.steps.len() == before {
                return Ok(());
            }
        }
        let mut splits = Vec::new();
        if let Some(most) = most {
            for _ in *least..*most {
                splits.push(self.push(Step::Jump(0))?);
                let before = self.steps.len();
                self.node(node, flags)?;
                if self.steps.len() == before {
                    break;
                }
            }
        } else {
            if *least == 0 {
                splits.push(self.push(Step::Jump(0))?);
            }
            self.around(node, *is_greedy, flags)?;
        }
        let outside = self.steps.len();
        for split in splits {
            self.steps[split] = fork(*is_greedy, split + 1, outside);
        }
        Ok(())
    }

    /// A part once and as often as it goes.
    fn around(&mut self, node: &Node, is_greedy: bool, flags: Flags) -> Result<(), PatternError> {
        let start = self.steps.len();
        if node.can_be_empty() {
            let slot = self.slots;
            self.slots += 1;
            self.push(Step::Save(slot))?;
            self.node(node, flags)?;
            let outside = self.steps.len() + 2;
            self.push(Step::Moved(slot, outside))?;
        } else {
            self.node(node, flags)?;
        }
        let outside = self.steps.len() + 1;
        self.push(fork(is_greedy, start, outside))?;
        Ok(())
    }
}

fn fork(is_greedy: bool, inside: usize, outside: usize) -> Step {
    if is_greedy { Step::Split(inside, outside) } else { Step::Split(outside, inside) }
}
