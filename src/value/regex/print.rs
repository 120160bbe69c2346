//! A pattern in the words of the `regex` crate, in which nothing means anything that is not written out: no flags, no
//! named sets, every character class as its ranges.

use std::fmt::Write as _;

use regex_syntax::hir::ClassUnicode;

use super::{flags::Flags, fold, tree::Node};

/// Writes a pattern down; it must not have back-references, which count as nothing. How long the text gets is limited by
/// the weight of the pattern.
pub(super) fn print(node: &Node, flags: Flags) -> String {
    let mut printer = Printer { text: String::new(), flags };
    printer.node(node);
    printer.text
}

struct Printer {
    text: String,
    flags: Flags,
}

impl Printer {
    fn node(&mut self, node: &Node) {
        match node {
            Node::Char(letter) if self.flags.fold => self.set(&fold::variants(*letter)),
            Node::Char(letter) => self.letter(*letter),
            Node::Set(set) => self.set(set),
            Node::Start => self.text.push_str(if self.flags.lines { "(?m:^)" } else { r"\A" }),
            Node::End => self.text.push_str(if self.flags.lines { "(?m:$)" } else { r"\z" }),
            Node::Group(number, inner) => {
                self.text.push_str(if number.is_some() { "(" } else { "(?:" });
                self.node(inner);
                self.text.push(')');
            }
            Node::Sequence(parts) => {
                for part in parts {
                    self.node(part);
                }
            }
            Node::Choice(branches) => {
                for (index, branch) in branches.iter().enumerate() {
                    if index > 0 {
                        self.text.push('|');
                    }
                    self.node(branch);
                }
            }
            Node::Repeat(repeat) => {
                self.text.push_str("(?:");
                self.node(&repeat.node);
                self.text.push(')');
                let (least, lazy) = (repeat.least, if repeat.is_greedy { "" } else { "?" });
                // Writing into a string does not fail.
                let _ = match repeat.most {
                    Some(most) => write!(self.text, "{{{least},{most}}}{lazy}"),
                    None => write!(self.text, "{{{least},}}{lazy}"),
                };
            }
            Node::Back(_) => {}
        }
    }

    fn set(&mut self, set: &ClassUnicode) {
        if set.ranges().is_empty() {
            self.text.push_str("[a&&b]");
            return;
        }
        self.text.push('[');
        for range in set.ranges() {
            self.letter(range.start());
            if range.end() != range.start() {
                self.text.push('-');
                self.letter(range.end());
            }
        }
        self.text.push(']');
    }

    /// A character that stands for itself. What might mean something is written as a number, because a backslash gives
    /// some signs a meaning.
    fn letter(&mut self, letter: char) {
        if letter.is_ascii_alphanumeric() || !letter.is_ascii() {
            self.text.push(letter);
        } else {
            let _ = write!(self.text, r"\x{:02X}", u32::from(letter));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::parse::parse, *};

    fn printed(pattern: &str, flags: &str) -> String {
        let flags = Flags::parse(flags).unwrap();
        print(&parse(pattern, flags).unwrap().node, flags)
    }

    #[test]
    fn everything_is_written_out() {
        assert_eq!(printed("^a(?:b|c)+?$", ""), r"\Aa(?:(?:b|c)){1,}?\z");
        assert_eq!(printed("^a$", "m"), r"(?m:^)a(?m:$)");
        assert_eq!(printed("é<", "i"), r"[Éé][\x3C]");
        assert_eq!(printed(r"[a-c-[b]]\s", ""), r"[ac][\x09-\x0A\x0D\x20]");
        assert_eq!(printed("[a-[a]]", ""), "[a&&b]");
        assert_eq!(printed("a.c", "q"), r"a\x2Ec");
    }
}
