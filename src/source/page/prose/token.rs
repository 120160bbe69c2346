//! Codes, goals and brackets in a line of prose, and the numbers that only look like codes.

use std::ops::Range;

use crate::model::{GoalNumber, TargetCode};

use super::super::label::is_one_of;

/// What a place in the text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A number of the form of a code that nothing makes a quantity. Whether there is such a target is not asked here.
    Code(Option<TargetCode>),
    /// A goal as a whole: `SDG 3`. None when there is no such goal.
    Goal(Option<GoalNumber>),
    /// An opening bracket.
    Open,
    /// A closing bracket.
    Close,
}

/// A piece of the text that means something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// The bytes of the code, goal or bracket.
    pub(super) span: Range<usize>,
    /// Whether a word such as "SDG" or "targets" stands directly before it, or before the list it is in.
    pub(super) marked: bool,
}

/// Words that announce codes, in lower case: the goals, and in the second list the targets.
const GOAL_WORDS: &str = "sdg sdgs ods goal goals objetivo objetivos";
const TARGET_WORDS: &str = "target targets meta metas";

/// Words before a number that make it something else: `version 1.2`, `p. 5.6`, `more than 1.5`.
const NOT_BEFORE: &str = "\
    annex anexo appendix approximately article artículo averaging box bs capítulo chapter clause din doi exercise \
    fig figura figure html iec iso issue lesson measuring module nc nd nearly no nr núm p page pages paragraph part ph \
    pp pág página págs question rated release rfc roughly sa scored scoring sec sección section step tabla table \
    than unit v ver versión version vol volume web worth";

/// Words before "of", "to" or "by" that announce a quantity: `a factor of 1.5`, `rise by 2.5`.
const MEASURES: &str = "\
    average decrease factor fall grew heating increase increased limit maximum mean minimum rate rating ratio \
    reduced reduction rise rose score total warming";

/// What behind a number makes it a quantity. A word stands for its plural too.
const UNITS: &str = "\
    am año billion bn byte c celsius centimetre century cm day decade degree día dollar euro feet fold foot g gb grado \
    gram gw ha hectare hora hour hr hundred inch kb kg kilogram kilometer kilometre km kw kwh litre lux m mb meter \
    metre metro mg mil mile millimetre million millones millón minute ml mm month mw percent percentage pm pound ppm \
    semana siglo tb thousand time ton tonne trillion usd veces week year yr";

/// Finds the tokens of a line. Brackets deeper than `deepest` are not told from words.
pub(super) fn tokens(text: &str, deepest: usize) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let next = at + c.len_utf8();
        match c {
            '(' | '[' | '{' => {
                depth += 1;
                if depth <= deepest {
                    tokens.push(Token { kind: Kind::Open, span: at..next, marked: false });
                }
                at = next;
            }
            ')' | ']' | '}' => {
                if depth <= deepest {
                    tokens.push(Token { kind: Kind::Close, span: at..next, marked: false });
                }
                depth = depth.saturating_sub(1);
                at = next;
            }
            '0'..='9' => {
                let end = at + number_length(&text[at..]);
                tokens.extend(number(text, at..end, &tokens));
                at = end;
            }
            // An address is skipped whole: the numbers in it are no codes.
            _ if text[at..].starts_with("://") || text[at..].starts_with("www.") => {
                at = text[at..].find([' ', ')', ']', '}']).map_or(text.len(), |length| at + length);
            }
            _ => at = next,
        }
    }
    tokens
}

/// The length of a number as it is printed: `11.4`, `41,635`, `11.4.1`, `3.D`.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut end = 0;
    while digit(end) {
        end += 1;
    }
    loop {
        match bytes.get(end) {
            Some(b'.' | b',') if digit(end + 1) => {
                end += 1;
                while digit(end) {
                    end += 1;
                }
            }
            Some(b'.') if text[end + 1..].chars().next().is_some_and(|c| c.is_ascii_alphabetic()) => {
                let alone = text[end + 2..].chars().next().is_none_or(|c| !c.is_alphanumeric());
                return if alone { end + 2 } else { end };
            }
            _ => return end,
        }
    }
}

/// What a printed number is; nothing, when it is a quantity, a date, a version, a page.
fn number(text: &str, span: Range<usize>, tokens: &[Token]) -> Option<Token> {
    let last = tokens.last();
    let (printed, before, after) = (&text[span.clone()], &text[..span.start], &text[span.end..]);
    let announcing = last_word(before, &[' ', '#', ':', '(', '-']);
    let listed = last.is_some_and(|last| last.marked && is_between(&text[last.span.end..span.start]));
    let goal_word = is_one_of(announcing, GOAL_WORDS);
    let marked = goal_word || is_one_of(announcing, TARGET_WORDS) || listed;
    let kind = if printed.bytes().all(|b| b.is_ascii_digit()) {
        ((goal_word || listed || goes_on(text, &span, tokens)) && printed.len() <= 2 && !is_quantity(after))
            .then(|| Kind::Goal(printed.parse().ok()))
    } else if marked {
        // Also what can be no code, 11.4.1 or 11,4: somebody meant one.
        (printed.len() <= 8 && !is_unit(after)).then(|| Kind::Code(printed.parse().ok()))
    } else {
        let of_form = printed.split_once('.').is_some_and(|(goal, part)| goal.len() <= 2 && part.len() <= 2);
        let other = !of_form
            || ends_other_range(before, last)
            || is_glued(before, after)
            || is_announced_otherwise(before)
            || is_quantity(after);
        (!other).then(|| Kind::Code(printed.parse().ok()))
    };
    kind.map(|kind| Token { kind, span, marked })
}

/// Whether a whole number goes on with a list that "SDGs" announces, behind a bracket of its last item: `SDGs 4 (4.1) and 11`.
fn goes_on(text: &str, span: &Range<usize>, tokens: &[Token]) -> bool {
    // "and 12 boats" is no goal.
    let after = text[span.end..].trim_start();
    if !after.is_empty() && !after.starts_with(['(', '[', ',', ';', '.', ')']) && !after.starts_with("and ") {
        return false;
    }
    let (mut next, mut before) = (span.start, tokens);
    // Each round goes back over the bracket of one item.
    while let Some((close, rest)) = before.split_last().filter(|(last, _)| last.kind == Kind::Close) {
        let between = &text[close.span.end..next];
        let mut depth = 1_usize;
        let open = rest.iter().rposition(|token| {
            match token.kind {
                Kind::Open => depth -= 1,
                Kind::Close => depth += 1,
                _ => {}
            }
            depth == 0
        });
        let Some((item, rest)) = open.and_then(|open| rest[..open].split_last()) else { return false };
        if between.trim().is_empty() || !is_between(between) {
            return false;
        }
        if item.marked {
            return true;
        }
        (next, before) = (item.span.start, rest);
    }
    false
}

/// Whether a number is the other end of a range that begins with no code: `pp. 3.4-3.9`.
fn ends_other_range(before: &str, last: Option<&Token>) -> bool {
    let first = before.trim_end().strip_suffix(['-', '–']).map(str::trim_end);
    first.is_some_and(|first| {
        first.ends_with(|c: char| c.is_ascii_digit()) && last.is_none_or(|last| last.span.end != first.len())
    })
}

/// Whether a number is part of a word, an amount of money or a path.
fn is_glued(before: &str, after: &str) -> bool {
    let mut back = before.chars().rev();
    let behind_word = match back.next() {
        Some('.' | '/') => back.next().is_some_and(char::is_alphabetic),
        Some(c) => c.is_alphanumeric() || "$€£¥§~≈<>±+".contains(c),
        None => false,
    };
    behind_word || after.starts_with(char::is_alphanumeric)
}

/// The word that ends a text, without what may stand between it and a number.
fn last_word<'t>(text: &'t str, between: &[char]) -> &'t str {
    let text = text.trim_end_matches(between);
    let start = text.char_indices().rev().take(16).take_while(|(_, c)| c.is_alphabetic()).last();
    start.map_or("", |(at, _)| &text[at..])
}

/// Whether a word announces codes: "SDG", "targets".
pub(super) fn is_marker(word: &str) -> bool {
    is_one_of(word, GOAL_WORDS) || is_one_of(word, TARGET_WORDS)
}

/// Whether a text speaks of the goals at all.
pub(in super::super) fn speaks_of_goals(text: &str) -> bool {
    text.split(|c: char| !c.is_alphabetic()).any(is_marker)
}

/// Whether only what joins the items of a list stands between two numbers.
pub(super) fn is_between(text: &str) -> bool {
    text.len() <= 40
        && text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).all(|word| {
            is_marker(word)
                || matches!(word, "and" | "or" | "y" | "e" | "o" | "to" | "through" | "as" | "well" | "plus")
        })
        && text.chars().all(|c| c.is_alphabetic() || " ,;&/-–—#".contains(c))
}

/// Whether the words before a number make it something else than a code.
fn is_announced_otherwise(before: &str) -> bool {
    let before = before.trim_end_matches([' ', '.', ':', '#']);
    let word = last_word(before, &[]);
    let measure = matches!(word, "of" | "to" | "by" | "at")
        && is_one_of(last_word(&before[..before.len() - word.len()], &[' ']), MEASURES);
    measure
        || word == "BY"
        || is_one_of(word, NOT_BEFORE)
        || before.ends_with(['$', '€', '£', '¥', '~', '≈', '<', '>', '±'])
}

/// Whether a unit follows, at once or behind a second number: `1.5 °C`, `1.5-2.5 million`.
fn is_quantity(after: &str) -> bool {
    let rest = after.trim_start();
    if is_unit(after) || rest.starts_with("per ") {
        return true;
    }
    // "8.5/10": a mark out of ten; "13.1/13.3" are two codes.
    let outof = after.strip_prefix('/').map(|whole| &whole[..number_length(whole)]);
    if outof.is_some_and(|whole| !whole.is_empty() && !whole.contains('.')) {
        return true;
    }
    let second =
        ["-", "–", "to ", "and ", "or ", "a ", "x ", "× "].iter().find_map(|between| rest.strip_prefix(between));
    second.map(str::trim_start).is_some_and(|second| {
        let length = if second.starts_with(|c: char| c.is_ascii_digit()) { number_length(second) } else { 0 };
        length > 0 && is_unit(&second[length..])
    })
}

fn is_unit(after: &str) -> bool {
    let rest = after.trim_start_matches([' ', '-']);
    if rest.starts_with(['%', '°', '‰', '×', '€', '$', '£']) || rest.starts_with("per cent") {
        return true;
    }
    let word: String = rest.chars().take(16).take_while(|c| c.is_alphabetic()).collect();
    is_one_of(&word, UNITS) || word.strip_suffix('s').is_some_and(|one| is_one_of(one, UNITS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        tokens(text, 8)
            .into_iter()
            .map(|token| match token.kind {
                Kind::Code(code) => code.map_or_else(|| format!("?{}", &text[token.span]), |code| code.to_string()),
                Kind::Goal(goal) => goal.map_or_else(|| format!("G?{}", &text[token.span]), |goal| format!("G{goal}")),
                Kind::Open => "(".into(),
                Kind::Close => ")".into(),
            })
            .collect()
    }

    #[test]
    fn codes_and_goals_are_found() {
        for (text, expected) in [
            ("8.9 (jobs)", &["8.9", "(", ")"][..]),
            ("SDG1.4 and SDG 3", &["1.4", "G3"]),
            ("SDGs 3, 4 and 11.A.", &["G3", "G4", "11.a"]),
            ("3.1-3.9, 3.D", &["3.1", "3.9", "3.d"]),
            ("Goal 13: climate", &["G13"]),
            ("8.3. (small firms)", &["8.3", "(", ")"]),
            ("target 11.4.", &["11.4"]),
            ("#13.1", &["13.1"]),
            ("8.10 and 18.1 and 3.15", &["8.10", "?18.1", "3.15"]),
            ("SDG 18", &["G?18"]),
            ("SDG 11.4.1 or SDG 11,4", &["?11.4.1", "?11,4"]),
            ("a pandemic).3.4 (b)", &[")", "3.4", "(", ")"]),
            ("16.7/16.10", &["16.7", "16.10"]),
            ("It serves the goals. 4 museums", &[]),
            ("SDG 16.7, (SDG 16.b)", &["16.7", "(", "16.b", ")"]),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
    }

    #[test]
    fn quantities_are_not_codes() {
        for text in [
            "1.5 years",
            "p.5-6",
            "p. 5.6",
            "$41,635",
            "US$ 2.5",
            "2.5 million",
            "version 1.2",
            "v1.2",
            "1.5 °C",
            "2.5 per house",
            "2.5-fold",
            "1.5°C",
            "3.5%",
            "3.5 per cent",
            "1.5-2.5 million",
            "1.5 to 2.5 degrees",
            "between 1.5 and 2.5 metres",
            "16.7 m",
            "1.5m",
            "more than 1.5",
            "a factor of 1.5",
            "11.4.1",
            "12.10.2023",
            "https://a.org/3.4/x",
            "www.b.org/3.4",
            "2.5-year",
            "Agenda 2030",
            "CC BY 4.0",
            "17 goals",
            "the 17 SDGs",
            "1.5x",
            "CO2.5",
            "SDG 2030",
            "ISO 14.1",
            "Table 3.4",
            "10.30 am",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn brackets_that_go_too_deep_are_words() {
        assert_eq!(tokens(&"(".repeat(100), 8).len(), 8);
        assert_eq!(tokens(&format!("{}{}", "(".repeat(10), ")".repeat(10)), 8).len(), 16);
    }
}
