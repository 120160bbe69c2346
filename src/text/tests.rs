//! Words, folding, scores, and the index against the function it speeds up.

use proptest::{collection::vec, prelude::*};

use super::{
    fold::{fold, fold_unicode},
    index::HEADER,
    words::*,
    *,
};

fn folded(text: &str) -> String {
    let mut folded = String::new();
    fold(text, &mut folded);
    folded
}

fn words(text: &str) -> Vec<String> {
    let (folded, mut words) = (folded(text), Vec::new());
    each_word(&folded, &mut |word, _| words.push(word.to_owned()));
    words
}

fn matches(text: &str, sought: &str) -> bool {
    Search::new(sought, None).unwrap().matches(text, None)
}

#[test]
fn what_is_written_differently_folds_alike() {
    for (a, b) in [
        ("MUSÉE", "musee"),
        ("e\u{301}cole", "École"),
        ("Straße", "STRASSE"),
        ("STRAẞE", "strasse"),
        ("İstanbul", "istanbul"),
        ("ışık", "IŞIK"),
        ("ΟΔΟΣ", "οδος"),
        ("οδός", "ΟΔΟΣ"),
        ("ﬁlm", "film"),
        ("ＦＵＬＬ", "full"),
        ("heri\u{AD}tage", "heritage"),
        ("Łódź", "lodz"),
        ("Tromsø", "TROMSO"),
        ("Ærø", "aero"),
        ("œuvre", "oeuvre"),
        // Points of vowels, a doubled letter, a hamza, the stroke that makes longer.
        ("مُتْحَف", "متحف"),
        ("مكّة", "مكة"),
        ("أرشيف", "ارشيف"),
        ("متـــحف", "متحف"),
        ("שָׁלוֹם", "שלום"),
        ("ё", "е"),
        // Tone marks of Thai and Lao.
        ("ห้อง", "หอง"),
        ("½", "1⁄2"),
    ] {
        assert_eq!(folded(a), folded(b), "{a} {b}");
    }
}

#[test]
fn what_is_another_word_stays_another_word() {
    // Vowel signs of Devanagari, voicing of kana, vowels below of Thai.
    for (a, b) in [("की", "का"), ("が", "か"), ("กุ", "ก"), ("и", "і"), ("a", "b")] {
        assert_ne!(folded(a), folded(b), "{a} {b}");
    }
}

#[test]
fn folding_twice_is_folding_once() {
    for c in (0..=u32::from(char::MAX)).filter_map(char::from_u32) {
        let once = folded(&c.to_string());
        assert_eq!(folded(&once), once, "U+{:04X}", u32::from(c));
    }
}

#[test]
fn words_are_what_one_would_look_for() {
    for (text, expected) in [
        ("South-East Asia", &["south", "east", "asia"][..]),
        ("l'eau d\u{2019}Évian", &["l", "eau", "d", "evian"]),
        ("don't", &["don", "t"]),
        ("target 11.4, 8.10", &["target", "11.4", "8.10"]),
        ("1,000 items; 2019/20", &["1,000", "items", "2019", "20"]),
        ("COVID-19 3D", &["covid", "19", "3d"]),
        ("https://example.org/a_b.html", &["https", "example", "org", "a", "b", "html"]),
        ("e.g. this...", &["e", "g", "this"]),
        ("— … !? * +", &[]),
        ("", &[]),
        ("博物館", &["博", "物", "館"]),
        ("ミュージアム", &["ミューシ\u{3099}アム"]),
        ("музей и архив", &["музеи", "и", "архив"]),
        ("١١٫٤ متحف", &["١١", "٤", "متحف"]),
        ("👩‍👩‍👧 family", &["family"]),
        ("a\u{200B}b", &["a", "b"]),
        ("a_\u{11D3F}Ა", &["a", "ა"]),
    ] {
        assert_eq!(words(text), expected, "{text}");
    }
}

#[test]
fn all_words_must_be_there_in_any_order() {
    let text = "Climate action in museums, libraries & archives";
    for sought in ["climate", "museums CLIMATE", "mus*", "lib* arch*", "c*", "\"action\"", "+museums -archives"] {
        assert!(matches(text, sought), "{sought}");
    }
    for sought in ["museum", "clim", "climate change", "*ums", "mus*ms", "climate*s"] {
        assert!(!matches(text, sought), "{sought}");
    }
    assert!(matches("11.4", "11*") && matches("11.4", "11.4") && !matches("11.40", "11.4") && !matches("11.4", "11"));
    assert!(matches("L\u{2019}eau", "eau") && matches("Ｍuseum", "ｍus＊"));
}

#[test]
fn nothing_is_sought_where_there_is_no_word() {
    for nothing in ["", " ", "*", "** --", "%", "\u{301}", "\u{AD}"] {
        assert_eq!(Search::new(nothing, None), None, "{nothing:?}");
    }
}

#[test]
fn a_language_takes_in_its_varieties() {
    let search = Search::new("patrimoine", Some("FR")).unwrap();
    let text = "Le patrimoine";
    assert!(search.matches(text, Some("fr")) && search.matches(text, Some("fr-CA")));
    for other in [None, Some("f"), Some("frr"), Some("en"), Some("é")] {
        assert!(!search.matches(text, other), "{other:?}");
    }
    assert!(Search::new("patrimoine", None).unwrap().matches(text, Some("it")));
}

#[test]
#[expect(clippy::float_cmp, reason = "halves and quarters are exact")]
fn a_score_is_the_mean_of_two_shares() {
    let score = |text: &str, sought: &str| Search::new(sought, None).unwrap().score(text);
    assert_eq!(score("Museum climate", "museum climate"), 1.0);
    assert_eq!(score("museum museum", "MUSEUM museum"), 1.0);
    assert_eq!(score("museums", "museum*"), 0.75);
    assert_eq!(score("one two three four", "two"), 0.625);
    assert_eq!(score("one two three four", "two t*"), 0.625);
    assert_eq!(score("one two three four", "two five"), 0.0);
    assert_eq!(score("", "two"), 0.0);
}

/// Texts and searches of few letters, so that they meet.
const TEXT: &str = "([abAé]{1,3}|[a-c]{1,2}'s|ß|ss|1[.,]2|12|馆|م|\\PC)?([ -.][abé]{1,2}){0,3}";
const SOUGHT: &str = "[abAé]{1,2}[*]?( [ab]{1,3}[*]?)?|ss|1[.]2|1[*]|馆|\\PC{1,2}[*]?";

fn found(index: &Index<'_>, search: &Search) -> Vec<u32> {
    let lists = search.words().iter().map(|sought| {
        let mut texts: Vec<u32> = index.texts_of(&index.find(sought)).collect();
        assert!(texts.len() as u64 == index.count(&index.find(sought)));
        texts.sort_unstable();
        texts.dedup();
        texts
    });
    lists.reduce(|all, texts| all.into_iter().filter(|text| texts.binary_search(text).is_ok()).collect()).unwrap()
}

proptest! {
    #[test]
    fn the_short_way_for_ascii_is_the_long_way(
        text in "[ -~\t\n]{0,30}|([ -~]{0,6}(\\PC|[ éß\u{301}א\"'.,\u{200D}馆カ])[0-9a-z .,']{0,3}){0,6}",
    ) {
        let (folded, mut long) = (folded(&text), Vec::new());
        each_unicode_word(&folded, 0..folded.len(), &mut |word, _| long.push(word.to_owned()));
        prop_assert_eq!(words(&text), long);
        let mut whole = String::new();
        fold_unicode(&text, &mut whole);
        prop_assert_eq!(folded, whole);
    }

    #[test]
    fn a_text_has_each_of_its_words_and_their_beginnings(text in "\\PC{0,30}|[ -~]{0,30}") {
        for word in words(&text) {
            prop_assert!(matches(&text, &word), "{:?}", word);
            let beginning: String = word.chars().take(1).collect();
            if Search::new(&beginning, None).is_some() {
                prop_assert!(matches(&text, &format!("{beginning}*")), "{:?}", word);
            }
        }
    }

    #[test]
    fn a_score_is_above_nothing_just_where_the_words_are(text in TEXT, sought in SOUGHT) {
        if let Some(search) = Search::new(&sought, None) {
            let score = search.score(&text);
            prop_assert_eq!(score > 0.0, search.matches(&text, None));
            prop_assert!((0.0..=1.0).contains(&score));
        }
    }

    #[test]
    fn the_index_says_what_the_function_says(texts in vec(TEXT, 0..40), sought in SOUGHT, end in 0_usize..40) {
        let some = |number: u32| texts.get(number as usize).filter(|_| number % 5 != 3).map(String::as_str);
        let end = u32::try_from(end.min(texts.len())).unwrap();
        let bytes = super::index(end, some).unwrap();
        let index = Index::open(&bytes).unwrap();
        if let Some(search) = Search::new(&sought, None) {
            let is = |number: &u32| some(*number).is_some_and(|text| search.matches(text, None));
            prop_assert_eq!(found(&index, &search), (0..end).filter(is).collect::<Vec<_>>());
        }
    }

    #[test]
    fn damaged_bytes_give_something_or_nothing(
        texts in vec(TEXT, 0..20),
        changes in vec((any::<usize>(), any::<u8>()), 1..30),
        cut in any::<usize>(),
    ) {
        let mut bytes = super::index(20, |number| texts.get(number as usize).map(String::as_str)).unwrap();
        let behind = bytes.len() - HEADER;
        for (at, byte) in changes {
            bytes[HEADER + at % behind] = byte;
        }
        let read = |bytes: &[u8]| Index::open(bytes).map(|index| {
            let all = Search::new("a* ss 1* 馆", None).unwrap();
            all.words().iter().map(|sought| {
                let run = index.find(sought);
                index.texts_of(&run).count() as u64 + index.count(&run)
            }).sum::<u64>()
        });
        prop_assert!(read(&bytes).is_some());
        prop_assert!(read(&bytes[..cut % bytes.len()]).is_none());
        for at in 0..HEADER {
            let mut header = bytes.clone();
            header[at] ^= 0x81;
            read(&header);
        }
    }
}

#[test]
fn the_ends_of_the_words_are_found() {
    let texts = ["aa", "zz", "zzz", "\u{10FFFF}", "한국", "zy"];
    let bytes = super::index(6, |number| texts.get(number as usize).copied()).unwrap();
    let index = Index::open(&bytes).unwrap();
    let find = |sought: &str| found(&index, &Search::new(sought, None).unwrap());
    assert_eq!((find("zz*"), find("zzz*"), find("zzzz*")), (vec![1, 2], vec![2], vec![]));
    assert_eq!((find("a*"), find("aa"), find("a"), find("하*")), (vec![0], vec![0], vec![], vec![4]));
    assert_eq!((index.texts(), index.words()), (6, 5));
}

#[test]
fn an_index_made_by_other_rules_is_not_believed() {
    let bytes = super::index(1, |_| Some("a")).unwrap();
    for at in 0..20 {
        let mut other = bytes.clone();
        other[at] ^= 1;
        assert!(Index::open(&other).is_none(), "{at}");
    }
    assert!(Index::open(&[]).is_none() && Index::open(&bytes).is_some());
}
