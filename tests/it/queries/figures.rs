//! The answers against the catalogue: the same numbers, counted in Rust.

use super::*;

type Table = Vec<Vec<String>>;

fn answer(name: &str, given: &[(&str, &str)], columns: &[&str]) -> Table {
    let query = BOOK.get(name).unwrap();
    let at: Vec<_> =
        columns.iter().map(|c| query.columns.iter().position(|column| column.name == *c).unwrap()).collect();
    SHIPPED.ask(query, given).iter().map(|row| at.iter().map(|i| row[*i].clone()).collect()).collect()
}

fn number(n: usize) -> String {
    n.to_string()
}

fn goals_of(resource: &Resource) -> BTreeSet<u8> {
    resource
        .alignments
        .iter()
        .map(|a| a.target.goal())
        .chain(resource.goals.iter().copied())
        .map(GoalNumber::get)
        .collect()
}

fn targets_of(resource: &Resource) -> BTreeSet<TargetCode> {
    resource.alignments.iter().map(|a| a.target).collect()
}

fn is_in(resource: &Resource, tag: &str) -> bool {
    resource.languages.iter().any(|l| l.tag.as_ref().is_some_and(|t| t.as_str() == tag))
}

fn languages_of(resource: &Resource) -> BTreeSet<&str> {
    resource.languages.iter().filter_map(|l| l.tag.as_ref()).map(LanguageTag::as_str).collect()
}

/// How many resources have a property, as text.
fn count(catalogue: &Catalogue, has: impl Fn(&Resource) -> bool) -> String {
    number(catalogue.resources.values().filter(|r| has(r)).count())
}

#[test]
fn coverage_of_goals() {
    let catalogue = &SHIPPED.edition.catalogue;
    let columns = ["number", "label", "dimension", "targets", "targets_covered", "alignments", "resources"];
    let expected: Table = catalogue
        .goals
        .values()
        .map(|goal| {
            let own = |target: &TargetCode| target.goal() == goal.number;
            let named: Vec<_> =
                catalogue.resources.values().flat_map(|r| &r.alignments).map(|a| a.target).filter(own).collect();
            vec![
                goal.number.to_string(),
                goal.label.clone(),
                goal.dimension.to_string(),
                number(catalogue.targets.keys().filter(|t| own(t)).count()),
                number(named.iter().collect::<BTreeSet<_>>().len()),
                number(named.len()),
                count(catalogue, |r| goals_of(r).contains(&goal.number.get())),
            ]
        })
        .collect();
    assert_eq!(expected.len(), 17);
    assert_eq!(answer("coverage-goals", &[], &columns), expected);
}

#[test]
fn coverage_of_targets_and_the_targets_without_a_resource() {
    let catalogue = &SHIPPED.edition.catalogue;
    let expected: Table = catalogue
        .targets
        .keys()
        .map(|code| {
            let naming: Vec<_> = catalogue.resources.values().filter(|r| targets_of(r).contains(code)).collect();
            vec![
                code.to_string(),
                number(naming.len()),
                number(naming.iter().flat_map(|r| languages_of(r)).collect::<BTreeSet<_>>().len()),
                number(catalogue.indicators.keys().filter(|id| id.target == *code && id.level.is_none()).count()),
            ]
        })
        .collect();
    let columns = ["code", "resources", "languages", "indicators"];
    assert_eq!(answer("coverage-targets", &[], &columns), expected);
    let without: Table = expected.iter().filter(|row| row[1] == "0").map(|row| vec![row[0].clone()]).collect();
    assert!(!without.is_empty());
    assert_eq!(answer("targets-without-resource", &[], &["code"]), without);
}

#[test]
fn targets_without_a_language() {
    let catalogue = &SHIPPED.edition.catalogue;
    for tag in ["en", "fr", "lo", "sw"] {
        let expected: Table = catalogue
            .targets
            .keys()
            .filter(|code| !catalogue.resources.values().any(|r| is_in(r, tag) && targets_of(r).contains(code)))
            .map(|code| vec![code.to_string(), count(catalogue, |r| targets_of(r).contains(code))])
            .collect();
        let given = [("language", tag)];
        assert_eq!(answer("targets-without-language", &given, &["code", "resources"]), expected, "{tag}");
    }
}

#[test]
fn targets_together() {
    let catalogue = &SHIPPED.edition.catalogue;
    let mut pairs: BTreeMap<(TargetCode, TargetCode), usize> = BTreeMap::new();
    for resource in catalogue.resources.values() {
        for one in targets_of(resource) {
            for other in targets_of(resource).into_iter().filter(|other| *other != one) {
                *pairs.entry((one, other)).or_default() += 1;
            }
        }
    }
    let expected = |keep: &dyn Fn(TargetCode, TargetCode) -> bool, at_least: usize| {
        let mut rows: Vec<_> = pairs.iter().filter(|((a, b), n)| **n >= at_least && keep(*a, *b)).collect();
        rows.sort_by_key(|(pair, n)| (std::cmp::Reverse(**n), **pair));
        rows.iter().map(|((a, b), n)| vec![a.to_string(), b.to_string(), number(**n)]).collect::<Table>()
    };
    let columns = ["code", "other_code", "resources"];
    let ask = |given: &[(&str, &str)]| answer("targets-together", given, &columns);
    assert_eq!(ask(&[]), expected(&|a, b| a < b, 2));
    assert_eq!(ask(&[("at_least", "1")]), expected(&|a, b| a < b, 1));
    let heritage: TargetCode = "11.4".parse().unwrap();
    assert_eq!(ask(&[("target", "11.4"), ("at_least", "1")]), expected(&|a, _| a == heritage, 1));
}

#[test]
fn both_matrices() {
    let catalogue = &SHIPPED.edition.catalogue;
    let mut themes: Vec<_> = catalogue.themes.values().collect();
    themes.sort_by_key(|theme| theme.position);
    let cell = |label: &str, goal: &ocm_graph::model::Goal, has: &dyn Fn(&Resource) -> bool| {
        let resources = count(catalogue, |r| has(r) && goals_of(r).contains(&goal.number.get()));
        vec![label.to_owned(), goal.number.to_string(), resources]
    };
    let goals = || catalogue.goals.values();
    let all: Table = themes
        .iter()
        .flat_map(|theme| goals().map(move |goal| (theme, goal)))
        .map(|(theme, goal)| cell(&theme.label, goal, &|r| r.themes.contains(&theme.slug)))
        .collect();
    let some: Table = all.iter().filter(|row| row[2] != "0").cloned().collect();
    let columns = ["theme_label", "number", "resources"];
    assert_eq!(answer("theme-goal-matrix", &[("at_least", "0")], &columns), all);
    assert_eq!(answer("theme-goal-matrix", &[], &columns), some);
    assert_eq!((all.len(), some.is_empty()), (13 * 17, false));

    let used: BTreeSet<_> = catalogue.resources.values().flat_map(languages_of).collect();
    let mut languages: Vec<_> = catalogue.languages.values().filter(|l| used.contains(l.tag.as_str())).collect();
    languages.sort_by(|a, b| a.label.cmp(&b.label));
    let all: Table = languages
        .iter()
        .flat_map(|language| goals().map(move |goal| (language, goal)))
        .map(|(language, goal)| cell(&language.label, goal, &|r| is_in(r, language.tag.as_str())))
        .collect();
    let columns = ["language_label", "number", "resources"];
    assert_eq!(answer("language-goal-matrix", &[("at_least", "0")], &columns), all);
}

#[test]
fn resources_like_one() {
    let catalogue = &SHIPPED.edition.catalogue;
    for resource in catalogue.resources.values().filter(|r| !r.alignments.is_empty()) {
        let mut expected = BTreeMap::new();
        for other in catalogue.resources.values().filter(|other| other.slug != resource.slug) {
            let targets = targets_of(resource).intersection(&targets_of(other)).count();
            let themes = resource.themes.iter().filter(|theme| other.themes.contains(theme)).count();
            if targets + themes > 0 {
                expected
                    .insert(other.slug.to_string(), vec![number(targets + themes), number(targets), number(themes)]);
            }
        }
        let columns = ["slug", "score", "shared_targets", "shared_themes"];
        let rows = answer("resources-like", &[("resource", resource.slug.as_str())], &columns);
        let scores: Vec<usize> = rows.iter().map(|row| row[1].parse().unwrap()).collect();
        assert!(scores.iter().rev().is_sorted(), "{}", resource.slug);
        let found = rows.into_iter().map(|mut row| (row.remove(0), row)).collect::<BTreeMap<_, _>>();
        assert_eq!(found, expected, "{}", resource.slug);
    }
}

#[test]
fn what_is_not_known() {
    let catalogue = &SHIPPED.edition.catalogue;
    let gaps = |field: Field| count(catalogue, |r| r.gaps.iter().any(|gap| gap.field == field));
    let mut expected: Table =
        Field::ALL.iter().map(|f| vec![f.to_string(), gaps(*f), number(catalogue.resources.len())]).collect();
    expected.retain(|row| row[1] != "0");
    expected.sort_by_key(|row| (std::cmp::Reverse(row[1].parse::<usize>().unwrap()), row[0].clone()));
    assert_eq!(answer("unknown-by-field", &[], &["field", "records", "of"]), expected);

    for field in Field::ALL {
        let found: BTreeSet<_> =
            answer("records-partial", &[("field", field.word())], &["slug", "field", "why"]).into_iter().collect();
        let expected = catalogue.resources.values().flat_map(|r| {
            let gaps = r.gaps.iter().filter(|gap| gap.field == *field);
            gaps.map(|gap| vec![r.slug.to_string(), gap.field.to_string(), gap.why.clone()])
        });
        assert_eq!(found, expected.collect(), "{field}");
    }
}

#[test]
fn lists_by_number() {
    let catalogue = &SHIPPED.edition.catalogue;
    let listed = |name: &str, columns: &[&str]| answer(name, &[], columns);
    let as_set = |table: Table| table.into_iter().collect::<BTreeSet<_>>();

    let expected = catalogue
        .types
        .values()
        .map(|t| vec![t.slug.to_string(), t.label.clone(), count(catalogue, |r| r.types.contains(&t.slug))]);
    assert_eq!(as_set(listed("types", &["slug", "label", "resources"])), expected.collect());

    let mut themes: Vec<_> = catalogue.themes.values().collect();
    themes.sort_by_key(|theme| theme.position);
    let expected: Table = themes
        .iter()
        .map(|t| {
            let label_es = t.label_es.clone().unwrap_or_default();
            vec![t.slug.to_string(), t.label.clone(), label_es, count(catalogue, |r| r.themes.contains(&t.slug))]
        })
        .collect();
    assert_eq!(listed("themes", &["slug", "label", "label_es", "resources"]), expected);

    let used: BTreeSet<_> = catalogue.resources.values().flat_map(languages_of).collect();
    let expected = catalogue.languages.values().filter(|l| used.contains(l.tag.as_str())).map(|l| {
        let available = catalogue.resources.values().filter(|r| is_in(r, l.tag.as_str()));
        let targets: BTreeSet<_> = available.clone().flat_map(targets_of).collect();
        vec![l.tag.to_string(), l.label.clone(), number(available.count()), number(targets.len())]
    });
    assert_eq!(as_set(listed("languages", &["tag", "label", "resources", "targets"])), expected.collect());

    let mut creators: BTreeMap<&str, (String, BTreeSet<&Slug>)> = BTreeMap::new();
    for resource in catalogue.resources.values() {
        for creator in &resource.creators {
            let kind = creator.kind.map_or("unknown", |kind| kind.word()).to_owned();
            creators.entry(&creator.name).or_insert((kind, BTreeSet::new())).1.insert(&resource.slug);
        }
    }
    let expected =
        creators.iter().map(|(name, (kind, made))| vec![(*name).to_owned(), kind.clone(), number(made.len())]);
    let found = listed("creators", &["name", "kind", "resources"]);
    let numbers: Vec<usize> = found.iter().map(|row| row[2].parse().unwrap()).collect();
    assert!(numbers.iter().rev().is_sorted());
    assert_eq!(as_set(found), expected.collect());
}

#[test]
fn figures_of_the_dataset() {
    let catalogue = &SHIPPED.edition.catalogue;
    let Catalogue { resources, indicators, .. } = catalogue;
    let alignments = || resources.values().flat_map(|r| &r.alignments);
    let is = |completeness: Completeness| move |r: &Resource| r.completeness == completeness;
    let expected: Table = [
        ("resources", resources.len()),
        ("resources whose record is complete", resources.values().filter(|r| is(Completeness::Complete)(r)).count()),
        ("resources whose record is partial", resources.values().filter(|r| is(Completeness::Partial)(r)).count()),
        ("resources with at least one target", resources.values().filter(|r| !r.alignments.is_empty()).count()),
        ("pairs of resource and target", alignments().count()),
        ("pairs with a reason", alignments().filter(|a| a.reason.is_some()).count()),
        ("goals", catalogue.goals.len()),
        ("goals that some resource supports", resources.values().flat_map(goals_of).collect::<BTreeSet<_>>().len()),
        ("targets", catalogue.targets.len()),
        ("targets that some resource names", alignments().map(|a| a.target).collect::<BTreeSet<_>>().len()),
        ("indicators, sub-levels not counted", indicators.keys().filter(|id| id.level.is_none()).count()),
        ("sub-levels of indicators", indicators.keys().filter(|id| id.level.is_some()).count()),
        (
            "indicators and sub-levels with their official wording",
            indicators.values().filter(|i| i.definition.is_some()).count(),
        ),
        ("themes", catalogue.themes.len()),
        ("types of resource", catalogue.types.len()),
        ("languages", resources.values().flat_map(languages_of).collect::<BTreeSet<_>>().len()),
        (
            "creators, as printed",
            resources.values().flat_map(|r| &r.creators).map(|c| &c.name).collect::<BTreeSet<_>>().len(),
        ),
        ("quotations", resources.values().map(|r| r.quotations.len()).sum()),
    ]
    .map(|(figure, n)| vec![figure.to_owned(), number(n)])
    .to_vec();
    assert_eq!(answer("dataset-figures", &[], &["figure", "number"]), expected);
}

/// The table for a spreadsheet is the list of alignments, and both are the records'.
#[test]
fn alignments_one_by_one() {
    let catalogue = &SHIPPED.edition.catalogue;
    let expected: BTreeSet<Vec<String>> = catalogue
        .resources
        .values()
        .flat_map(|r| {
            r.alignments.iter().map(|a| {
                vec![r.slug.to_string(), a.target.to_string(), a.reason.clone().unwrap_or_default(), r.page.clone()]
            })
        })
        .collect();
    for name in ["alignments", "resource-targets"] {
        let found = answer(name, &[], &["slug", "code", "reason", "page"]);
        assert_eq!(found.len(), expected.len(), "{name}: no pair twice");
        assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), expected, "{name}");
    }
}

/// "Any" is the sum of its parts: what a parameter left out gives is what its values give together.
#[test]
fn left_out_means_any() {
    let catalogue = &SHIPPED.edition.catalogue;
    let slugs = |given: &[(&str, &str)]| -> BTreeSet<String> {
        SHIPPED.column(BOOK.get("resources").unwrap(), given, "slug").into_iter().collect()
    };
    let everything: BTreeSet<String> = catalogue.resources.keys().map(ToString::to_string).collect();
    assert_eq!(slugs(&[]), everything);
    assert_eq!(slugs(&[("theme", ""), ("goal", " "), ("words", "")]), everything, "empty is as if left out");

    let with = |has: &dyn Fn(&Resource) -> bool| -> BTreeSet<String> {
        catalogue.resources.values().filter(|r| has(r)).map(|r| r.slug.to_string()).collect()
    };
    let together = |name: &str, values: Vec<String>| -> BTreeSet<String> {
        values.iter().flat_map(|value| slugs(&[(name, value)])).collect()
    };
    let codes = catalogue.targets.keys().map(ToString::to_string).collect();
    assert_eq!(together("target", codes), with(&|r| !r.alignments.is_empty()));
    let goals = catalogue.goals.keys().map(ToString::to_string).collect();
    assert_eq!(together("goal", goals), with(&|r| !goals_of(r).is_empty()));
    let themes = catalogue.themes.keys().map(ToString::to_string).collect();
    assert_eq!(together("theme", themes), with(&|r| !r.themes.is_empty()));
    let types = catalogue.types.keys().map(ToString::to_string).collect();
    assert_eq!(together("type", types), with(&|r| !r.types.is_empty()));
    let tags = catalogue.languages.keys().map(ToString::to_string).collect();
    assert_eq!(together("language", tags), with(&|r| !languages_of(r).is_empty()));

    // Two parameters at once are an intersection.
    let both = slugs(&[("goal", "11"), ("language", "en")]);
    assert_eq!(both, with(&|r| goals_of(r).contains(&11) && is_in(r, "en")));
    assert!(!both.is_empty());
}

#[test]
fn words_are_found_in_titles_and_descriptions_best_first() {
    let words = |text: &str| -> Vec<String> {
        text.to_lowercase().split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_owned).collect()
    };
    let found = |sought: &str| SHIPPED.column(BOOK.get("resources-with-words").unwrap(), &[("words", sought)], "slug");
    let resources = || SHIPPED.edition.catalogue.resources.values();
    let with = |has: &dyn Fn(&[String]) -> bool| -> BTreeSet<String> {
        let texts =
            |r: &Resource| [Some(r.title.clone()), r.description.clone()].into_iter().flatten().collect::<Vec<_>>();
        let fits = |r: &&Resource| texts(r).iter().any(|text| has(&words(text)));
        resources().filter(fits).map(|r| r.slug.to_string()).collect()
    };
    for sought in ["museum", "MUSEUMS", "heritage climate", "arts south east", "of the"] {
        let expected = with(&|text| words(sought).iter().all(|word| text.contains(word)));
        let found = found(sought);
        assert_eq!(found.len(), expected.len(), "{sought}: each once");
        assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), expected, "{sought}");
    }
    let beginnings = with(&|text| text.iter().any(|word| word.starts_with("muse")));
    assert_eq!(found("muse*").into_iter().collect::<BTreeSet<_>>(), beginnings);
    assert!(beginnings.len() > found("museum").len());
    // Whoever types a title finds what is called so before all others.
    for resource in resources().filter(|resource| resource.title.is_ascii()) {
        assert_eq!(found(&resource.title)[0], resource.slug.to_string());
    }
}

/// The finders for one thing agree with the finder for everything.
#[test]
fn the_finders_agree() {
    for (name, param, value) in [
        ("resources-for-target", "target", "13.3"),
        ("resources-for-goal", "goal", "12"),
        ("resources-for-theme", "theme", "support-research"),
        ("resources-of-type", "type", "video"),
        ("resources-in-language", "language", "Spanish"),
        ("resources-by-creator", "creator", "unesco"),
        ("resources-with-words", "words", "museum"),
    ] {
        let found = |name: &str| -> BTreeSet<String> {
            SHIPPED.column(BOOK.get(name).unwrap(), &[(param, value)], "slug").into_iter().collect()
        };
        assert_eq!(found(name), found("resources"), "{name} {value}");
        assert!(!found(name).is_empty(), "{name} {value}");
    }
}
