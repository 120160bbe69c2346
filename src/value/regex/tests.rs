//! Patterns as a whole; what the parts do is tested where they are.

use proptest::prelude::*;

use super::{
    backtrack::Matcher,
    engine::{Engine, Matches},
    flags::Flags,
    parse::parse,
    program::Program,
    *,
};

const ROOM: usize = 10_000;

fn matches(text: &str, pattern: &str, flags: &str) -> bool {
    Pattern::new(pattern, flags).unwrap().is_match(text).unwrap()
}

fn replace(text: &str, pattern: &str, replacement: &str, flags: &str) -> String {
    let pattern = Pattern::new(pattern, flags).unwrap();
    let replacement = Replacement::new(replacement, pattern.groups(), pattern.is_literal()).unwrap();
    pattern.replace(text, &replacement, ROOM).unwrap().into_owned()
}

fn fails(pattern: &str) -> bool {
    matches!(Pattern::new(pattern, ""), Err(PatternError::Syntax { .. }))
}

#[test]
fn character_classes_subtract() {
    assert!(matches("a", "^[a-c-[b]]$", "") && !matches("b", "^[a-c-[b]]$", ""));
    assert!(matches("e", "^[a-z-[b-y-[e]]]$", "") && !matches("f", "^[a-z-[b-y-[e]]]$", ""));
    assert!(matches("x", "^[^a-c-[d]]$", "") && !matches("d", "^[^a-c-[d]]$", ""));
    assert!(matches("-", "^[a-]$", "") && matches("-", "^[-a]$", "") && matches("-", r"^[\w-.]$", ""));
    assert!(matches("5", r"^[\p{IsBasicLatin}-[\D]]$", ""));
}

#[test]
fn sets_are_those_of_xml_schema() {
    assert!(matches("€", r"^\w$", "") && !matches("_", r"^\w$", ""));
    assert!(!matches("\u{A0}", r"\s", "") && matches("xml:lang", r"^\i\c*$", ""));
    assert!(matches("ἀρχή", r"^[\p{IsGreek}\p{IsGreekExtended}]+$", ""));
    assert!(!matches("a\rb", "a.b", "") && matches("a\rb", "a.b", "s"));
}

#[test]
fn anchors_are_of_the_text_or_of_its_lines() {
    assert!(!matches("one\n", "one$", "") && matches("one", "^one$", ""));
    assert!(matches("one\ntwo", "^two$", "m") && matches("one\ntwo", "one$", "m"));
    assert!(!matches("one\n", "^$", "m") && matches("one\n\ntwo\n", "^$", "m"));
    assert!(!matches("one\n", r"\n$", "m") && matches("one\n\n", r"\n$", "m"));
    assert_eq!(replace("a\nb\n", "^", "> ", "q"), "a\nb\n");
    assert_eq!(replace("a\nb\n", "^(.)", "> $1", "m"), "> a\n> b\n");
    assert_eq!(replace("ab\nb\n", r"b$|(\n)$?", "<$0>", "m"), "a<b><\n><b><\n>");
}

#[test]
fn case_is_that_of_the_standard() {
    assert!(matches("The HERITAGE of", "heritage", "i") && !matches("The HERITAGE of", "heritage", ""));
    assert!(matches("\u{212A}ind", "^kind", "i") && matches("wi\u{17F}e", "WISE", "i"));
    assert!(matches("ÉTÉ", "été", "i") && matches("straẞe", "straße", "i"));
    assert!(!matches("q", "^[^Q]$", "i") && !matches("o", "[A-Z-[OI]]", "i") && matches("x", "[A-Z-[OI]]", "i"));
    assert!(!matches("m", r"\p{Lu}", "i") && matches("M", r"\p{Lu}", "i"));
    assert!(matches("Mum", r"^([md])[aeiou]\1$", "i") && !matches("Mud", r"^([md])[aeiou]\1$", "i"));
}

#[test]
fn white_space_and_quoting() {
    assert!(matches("C#", "^C #$", "x") && !matches("C", "^C #$", "x"));
    assert!(matches("a b", "a[ ]b", "x") && !matches("a b", "a b", "x") && matches("a.b", r"a\ .b", "x"));
    assert!(matches("f(x)[0]", "(X)[", "iq") && !matches("fx", "f.", "q"));
    assert_eq!(replace(r"a.b.c", ".", r"$1\", "q"), r"a$1\b$1\c");
}

#[test]
fn back_references() {
    assert!(matches("aa", r"^(a)\1$", "") && !matches("ab", r"^(a)\1$", ""));
    assert!(matches("'it' \"is'", r#"(['"])[a-z]+\1"#, "") && !matches("'it\"", r#"(['"])[a-z]+\1"#, ""));
    assert!(matches("#abc#1", r"^(#)abc\11$", ""));
    assert!(matches("b", r"^(a)?b\1$", ""), "a group that took no part is empty");
    assert_eq!(replace("hello  all", r"(.)\1", "<$1>", ""), "he<l>o< >a<l>");
    assert!(fails(r"(a\1)") && fails(r"\1(a)") && fails(r"(a)\2") && fails(r"(a)[\1]") && fails(r"(a)\0"));
}

#[test]
fn replacements() {
    assert_eq!(replace("12km", "([0-9]+)km", "$1km", ""), "12km");
    assert_eq!(replace("5 EUR", "EUR", r"\$", ""), "5 $");
    assert_eq!(replace("11.4", "^([0-9]+)[.]([0-9a-d]+)$", "$1_$2", ""), "11_4");
    assert_eq!(replace("abcd", "(ab)|(a)", "[1=$1][2=$2]", ""), "[1=ab][2=]cd");
    assert_eq!(replace("Ha ha", "ha", "ho", "i"), "ho ho");
    assert_eq!(replace("darted", "^(.*?)d(.*)$", "$1c$2", ""), "carted");
}

#[test]
fn a_replacement_has_its_limits() {
    let pattern = Pattern::new("(x)", "").unwrap();
    let many = Replacement::new("$1$1$1", 1, false).unwrap();
    assert_eq!(pattern.replace("xx", &many, 6), Ok("xxxxxx".into()));
    assert_eq!(pattern.replace("xx", &many, 5), Err(ReplaceError::TooLong(5)));
    assert_eq!(pattern.replace("abc", &many, 2), Err(ReplaceError::TooLong(2)));
    assert!(matches!(pattern.replace("abc", &many, 3), Ok(Cow::Borrowed("abc"))));
    for empty in ["", "x*", "^", "^$", "(a)?", r"(a)?\1", ".*"] {
        let pattern = Pattern::new(empty, "").unwrap();
        assert_eq!(pattern.replace("x", &many, 9), Err(ReplaceError::MatchesEmpty), "{empty}");
    }
}

#[test]
fn what_the_standard_does_not_have_is_refused() {
    for pattern in [
        r"\bword",
        r"\Aword",
        r"word\z",
        "(?=a)",
        "(?!a)",
        "(?<=a)",
        "(?P<n>a)",
        "(?<n>a)",
        "(?i)a",
        "a*+",
        "a++",
        "a**",
        "a{2}{3}",
        r"\x41",
        r"\u0041",
        r"\/",
        r"\ ",
        "[[:alpha:]]",
        "[a-z&&[aeiou]]",
        "a{,3}",
        "a{3,2}",
        "a{",
        "a}",
        "]",
        "[]",
        "[^]",
        "[b-a]",
        r"[a-\d]",
        "[a--b]",
        "[a",
        "(a",
        "a)",
        "*a",
        "?",
        r"\p{Greek}",
        r"\p{IsKlingon}",
        r"\pL",
        r"\p{",
        "\\",
    ] {
        assert!(fails(pattern), "{pattern}");
    }
    assert_eq!(
        Pattern::new("ab(", "").unwrap_err().to_string(),
        "the regular expression has a mistake at character 3: this bracket is not closed"
    );
    assert!(matches!(Pattern::new("a b [", "x"), Err(PatternError::Syntax { at: 6, .. })));
    assert_eq!(Pattern::new("a", "g").unwrap_err(), PatternError::Flag('g'));
}

#[test]
fn hostile_patterns_are_refused_or_harmless() {
    let large = |pattern: &str| matches!(Pattern::new(pattern, ""), Err(PatternError::TooLarge(_)));
    assert!(large(&"(".repeat(10_000)) && large(&format!("{}{}", "(".repeat(200), ")".repeat(200))));
    assert!(large("((a{1000}){1000}){1000}") && large("((|){1000}){1000}") && large("a{4294967296}"));
    assert!(large(&r"\w".repeat(8_000)) && large(&"x".repeat(20_000)));
    assert!(Pattern::new(&"[".repeat(10_000), "").is_err() && Pattern::new(&"[a-".repeat(300), "").is_err());
    assert!(matches("", "(?:(?:(?:){4000000000}){4000000000}){0,4000000000}", ""));
    assert!(matches("", r"(a)?(?:(?:(?:){4000000000}){4000000000}){0,4000000000}\1", ""));
    let nested = |depth| format!("{}a{}", "(".repeat(depth), ")+".repeat(depth));
    assert!(matches("aaa", &nested(100), "") && matches("aaa", &format!(r"{}\1", nested(4)), ""));
    assert!(!matches(&"a".repeat(10_000), "(a*)*b", ""));
}

#[test]
fn back_references_give_up_in_time() {
    let pattern = Pattern::new(r"(x+x+)+\1y", "").unwrap();
    assert_eq!(pattern.is_match(&"x".repeat(200)), Ok(false), "there is no y");
    let pattern = Pattern::new(r"(x+x+)+\1[yz]", "").unwrap();
    assert_eq!(pattern.is_match(&"x".repeat(200)), Err(TooHard));
    assert_eq!(pattern.is_match("xxxxy"), Ok(true));
}

#[test]
fn what_is_too_large_for_an_automaton_is_stepped_through() {
    let pattern = Pattern::new(r"^(\w{1,30})@(\w{1,30})$", "").unwrap();
    assert!(matches!(pattern.engine, Engine::Steps(_)) && pattern.memory() < 10_000);
    assert_eq!(pattern.is_match("someone@somewhere"), Ok(true));
    assert_eq!(pattern.is_match("someone@some where"), Ok(false));
    let swap = Replacement::new("$2@$1", 2, false).unwrap();
    assert_eq!(pattern.replace("a@b", &swap, 9), Ok("b@a".into()));
}

/// All matches of a pattern with their first groups, by an engine.
fn found(engine: &Engine, text: &str) -> Vec<[Option<(usize, usize)>; 2]> {
    let mut matches = Matches::new(engine, None, text, true).unwrap();
    let (mut list, mut from) = (vec![], 0);
    while let Some((start, end)) = matches.next(from).unwrap() {
        list.push([Some((start, end)), matches.group(1)]);
        if start == end {
            break;
        }
        from = end;
    }
    list
}

/// A pattern of what all dialects have in common.
fn common() -> impl Strategy<Value = String> {
    let leaf = proptest::sample::select(vec!["a", "b", "é", ".", "[ab]", "[^a]", r"\.", "^", "$", "bab", ""]);
    leaf.prop_map(str::to_owned).prop_recursive(5, 24, 3, |inner| {
        let quantifier =
            proptest::sample::select(vec!["*", "+", "?", "*?", "+?", "??", "{2}", "{1,}", "{0,2}?", "{0}"]);
        prop_oneof![
            (inner.clone(), quantifier).prop_map(|(inner, quantifier)| format!("({inner}){quantifier}")),
            (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("(?:{one}|{other})")),
            prop::collection::vec(inner, 1..4).prop_map(|parts| parts.concat()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn agrees_with_the_regex_crate(pattern in common(), text in "[abcé.\n]{0,12}", flags in "[ims]{0,2}") {
        let lines = flags.contains('m');
        // There the two differ, and the next test is about it.
        prop_assume!(!(lines && text.ends_with('\n')));
        let letters = Flags::parse(&flags).unwrap();
        let inline = if flags.is_empty() { String::new() } else { format!("(?{})", if flags.len() == 2 && flags[..1] == flags[1..] { &flags[..1] } else { &flags }) };
        let other = ::regex::Regex::new(&format!("{inline}{pattern}")).unwrap();
        let ours = Pattern::new(&pattern, &flags).unwrap();
        prop_assert_eq!(ours.is_match(&text).unwrap(), other.is_match(&text), "{} {}", pattern, flags);
        let expected: Vec<_> = other.captures(&text).into_iter().map(|groups| {
            [0, 1].map(|number| groups.get(number).map(|group| (group.start(), group.end())))
        }).collect();
        let program = Engine::Steps(Program::new(&parse(&pattern, letters).unwrap(), letters).unwrap());
        prop_assert_eq!(found(&program, &text).into_iter().take(1).collect::<Vec<_>>(), expected, "{} {}", pattern, flags);
    }

    #[test]
    fn both_engines_find_the_same_lines(pattern in common(), text in "[ab\n]{0,8}\n") {
        let flags = Flags::parse("m").unwrap();
        let parsed = parse(&pattern, flags).unwrap();
        let program = Engine::Steps(Program::new(&parsed, flags).unwrap());
        let both = Engine::new(&parsed, flags, None).unwrap();
        prop_assert_eq!(found(&both, &text), found(&program, &text), "{}", pattern);
    }

    #[test]
    fn no_pattern_and_no_text_does_harm(pattern in r"[ab\[\](){}|\\^$.*+?0-9,:ipIPL-]{0,30}", text in ".{0,20}", flags in "[smixq]{0,3}") {
        if let Ok(pattern) = Pattern::new(&pattern, &flags) {
            let _ = pattern.is_match(&text);
            if let Ok(replacement) = Replacement::new("$1-$0", pattern.groups(), false) {
                let _ = pattern.replace(&text, &replacement, ROOM);
            }
        }
    }
}

#[test]
fn places_after_a_match_are_tried_again() {
    let flags = Flags::default();
    let program = Program::new(&parse("ab|b|a", flags).unwrap(), flags).unwrap();
    let mut matcher = Matcher::new(&program, "aab", 0).unwrap();
    assert!(matcher.find(0).unwrap() && matcher.group(0) == Some((0, 1)));
    assert!(matcher.find(1).unwrap() && matcher.group(0) == Some((1, 3)));
    assert!(!matcher.find(3).unwrap());
}
