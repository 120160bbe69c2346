//! The text that names targets, with a reason for each.
//!
//! It is written by many hands: `8.9 (jobs)`, `creating jobs (SDG 8.9)`, `(13.1, 13.3)` with one reason for both,
//! `(11.4 protect, 14.2 use)`, `SDGs 12.6 and 12.7 (…)`, `3.1-3.9`, lists with and without numbers. [`token`] finds the
//! codes, [`tree`] the brackets, [`run`] the codes that stand together; [`mention`] reads which reason belongs to which
//! code, from what stands [`before`] and [`behind`] it; [`resolve`] makes alignments.

mod before;
mod behind;
mod mention;
mod resolve;
mod run;
mod sentence;
mod token;
mod tree;

pub(super) use resolve::linkages;
pub(super) use token::speaks_of_goals;

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, fmt::Write, path::Path, sync::LazyLock};

    use crate::model::{Target, TargetCode};

    use super::{super::line::lines, super::report::Report, linkages};

    /// What is read from a text, one target a line, then goals, the opening, and the codes of the reports.
    fn read(text: &str) -> String {
        static TARGETS: LazyLock<BTreeMap<TargetCode, Target>> = LazyLock::new(|| {
            let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
            crate::source::load(&data).catalogue.targets
        });
        let mut report = Report::new(Path::new("page"));
        let linkages = linkages(&lines(text), &TARGETS, &mut report);
        let mut read = String::new();
        for alignment in linkages.alignments {
            writeln!(read, "{}: {}", alignment.printed, alignment.reason.unwrap_or_default()).unwrap();
        }
        for goal in linkages.goals {
            writeln!(read, "goal {goal}").unwrap();
        }
        for diagnostic in report.diagnostics {
            writeln!(read, "[{}] {}", diagnostic.code, diagnostic.message).unwrap();
        }
        read
    }

    fn check(cases: &[(&str, &str)]) {
        for (text, expected) in cases {
            let expected: String = expected.split(" | ").map(|line| format!("{line}\n")).collect();
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn a_reason_stands_in_brackets_behind_its_code() {
        check(&[
            (
                "It serves SDG targets 8.9 (jobs), 11.4 (old boats, kept (and used) daily) and 16.7 (all; decide).",
                "8.9: jobs | 11.4: old boats, kept (and used) daily | 16.7: all; decide",
            ),
            (
                "SDG targets 3.3 (care). 3.4 (rest), 8.3. (yards). 11.A (ports)",
                "3.3: care | 3.4: rest | 8.3: yards | 11.A: ports",
            ),
            ("These are:\n4.4 (skills), 4.5(doors)", "4.4: skills | 4.5: doors"),
            (
                "- SDG 11.4: keeping boats (all).\n- SDG 4.7 - lessons\n- 13.1 – walls; 13.3 – talks",
                "11.4: keeping boats (all) | 4.7: lessons | 13.1: walls | 13.3: talks",
            ),
            ("See SDG 9.4. (It is a guide.)", "9.4: "),
        ]);
    }

    #[test]
    fn a_reason_stands_before_its_code() {
        check(&[
            (
                "The tool serves many SDGs, mostly around keeping boats (SDG 11.4), and teaching, drilling and training crews (4.4).",
                "11.4: keeping boats | 4.4: teaching, drilling and training crews",
            ),
            (
                "These include less waste [SDG 12.5] and and clean bays (SDG 14.1).",
                "12.5: less waste | 14.1: clean bays",
            ),
            ("Boats sail. Crews, old and new, are paid (SDG 8.5).", "8.5: Crews, old and new, are paid"),
            (
                "It protects fish (contributing to SDG 14.4 on fishing) and crews (safety, SDG 8.8).",
                "14.4: on fishing | 8.8: safety",
            ),
            ("It serves several SDG targets (4.7).", "4.7: "),
            ("1. Targets relating to water (6.3)\n2. Targets relating to peace: 16.6", "6.3: water | 16.6: peace"),
        ]);
    }

    #[test]
    fn a_bracket_holds_several_codes_with_their_reasons() {
        check(&[
            (
                "(Water: 6.3, 6.6; peace: 16.6) and moss {15.1}.",
                "6.3: Water | 6.6: Water | 16.6: peace | 15.1: moss | [shared-reason] 6.3, 6.6 share one reason",
            ),
            (
                "Water (6.3, clean harbours, 6.6 marshes (wet), and SDG 14.2 bays).",
                "6.3: clean harbours | 6.6: marshes (wet) | 14.2: bays",
            ),
            (
                "It keeps ports safe (SDG 13.1, 13.3, 11.B).",
                "13.1: It keeps ports safe | 13.3: It keeps ports safe | 11.B: It keeps ports safe \
                 | [shared-reason] 13.1, 13.3, 11.B share one reason",
            ),
        ]);
    }

    #[test]
    fn codes_share_a_reason_where_the_words_between_them_say_so() {
        check(&[
            (
                "It serves SDGs 12.6 and 12.7 (buying with care).",
                "12.6: buying with care | 12.7: buying with care | [shared-reason] 12.6 and 12.7 share one reason",
            ),
            (
                "SDGs 3.3 (care), 3.4, 3.5 (no rum) and 3.7 (crews).",
                "3.3: care | 3.4:  | 3.5: no rum | 3.7: crews \
                 | [reason-of-last] of 3.4, 3.5 only the last is given the reason that follows",
            ),
            (
                "SDG 7.2, and SDG 7.3 (less oil).",
                "7.2:  | 7.3: less oil | [reason-of-last] of 7.2, and SDG 7.3 only the last is given the reason that follows",
            ),
        ]);
    }

    #[test]
    fn ranges_and_goals() {
        check(&[
            (
                "SDG 3 (3.1-3.3, 3.D)",
                "3.1:  | 3.2:  | 3.3:  | 3.D:  | goal 3 | [range] 3.1-3.3 is read as all 3 targets from one to the other",
            ),
            (
                "SDG 13.1-13.A (storms)",
                "13.1: storms | 13.A: storms | [unclear-range] 13.1-13.A is no range of targets of one goal",
            ),
            (
                "Goals 1–3 and SDG 14 (Water), SDG 18.",
                "goal 1 | goal 2 | goal 3 | goal 14 | [remark-on-goal] \"Water\" is said of a goal; only targets have reasons | [unknown-goal] there is no goal 18; it is left out",
            ),
            ("SDG1.4, the SDG 16+ agenda and 17 goals", "1.4:  | goal 16"),
            ("SDGs 4 (4.1, 4.2) and 11 (11.3).", "4.1:  | 4.2:  | 11.3:  | goal 4 | goal 11"),
            ("SDGs 12.5 (waste), 11.4 (boats (old)), 13.", "12.5: waste | 11.4: boats (old) | goal 13"),
            ("SDG 12.5 (waste) and 12 boats.", "12.5: waste"),
        ]);
    }

    #[test]
    fn brackets_out_of_order_leave_what_is_certain() {
        check(&[
            (
                "SDG 11.4 (keeping boats, 11.7 (open quays) and 16.7 (all).",
                "11.4: keeping boats | 11.7: open quays | 16.7: all | [unpaired-bracket] a bracket has no partner",
            ),
            (
                "SDG 15.5 on fish) and 16.7 (all), some), 4.7 (lessons).",
                "15.5: on fish | 16.7: all | 4.7: lessons | [unpaired-bracket] 2 brackets have no partner",
            ),
            (
                "SDG 4.7 (lessons) and 3.9 (fewer ill",
                "4.7: lessons | 3.9:  | [unpaired-bracket] a bracket has no partner | [cut-off-reason] the reason of 3.9 is cut off",
            ),
            (
                "Boats (11.4 kept, 14.2 used",
                "11.4: kept | 14.2:  | [unpaired-bracket] a bracket has no partner | [cut-off-reason] the reason of 14.2 is cut off",
            ),
            (
                "SDG 12.6 (reports, linked to 12.7), 11.4 (boats, 11.7 (quays))",
                "12.6: reports, linked to 12.7 | 12.7:  | 11.4: boats | 11.7: quays",
            ),
        ]);
    }

    #[test]
    fn a_target_twice_keeps_its_first_reason() {
        check(&[
            (
                "SDG 4.7 and 11.4 (old boats); 11.4 (new boats), 4.7 (lessons).",
                "4.7: old boats | 11.4: old boats | [shared-reason] 4.7 and 11.4 share one reason \
                 | [second-reason] 11.4 is given a second reason, \"new boats\" \
                 | [second-reason] 4.7 is given a second reason, \"lessons\"",
            ),
            ("SDG 4.7. Later SDG 4.7 (lessons).", "4.7: lessons"),
        ]);
    }

    #[test]
    fn what_is_no_target_is_said_or_is_no_code_at_all() {
        check(&[
            (
                "SDG targets 3.15 (no), 11.Z, 8.10 (banks), SDG 11.4.1 and 11,4.",
                "8.10: banks | [reason-of-last] of 11.Z, 8.10 only the last is given the reason that follows \
                 | [unknown-target] there is no target 3.15; it is left out \
                 | [unknown-target] there is no target 11.Z; it is left out \
                 | [unknown-target] there is no target 11.4.1; it is left out \
                 | [unknown-target] there is no target 11,4; it is left out",
            ),
            (
                "In 2.5 million homes, after 1.5 years (p.5-6), at $41,635, 3.5% of 1.5 °C, version 1.2 serves SDG 11.4.",
                "11.4: ",
            ),
            (
                "SDG 4.7 (3.5 million pupils, 1.5 hours each), 8.5 (16.7% of all).",
                "4.7: 3.5 million pupils, 1.5 hours each | 8.5: 16.7% of all",
            ),
            (
                "It helps 4.4 with courses.",
                "4.4:  | [bare-target] 4.4 stands alone and is read as a target \
                 | [unread-reason] \"with courses\" may say why 4.4 is named",
            ),
        ]);
    }

    #[test]
    fn brackets_may_stand_before_what_they_are_about() {
        check(&[
            ("(SDG 4.7) courses for all, (SDG 11.4) old boats.", "4.7: courses for all | 11.4: old boats"),
            (
                "(SDG 4.7) courses; (SDG 11.4) old boats; (SDG 12.5) less waste.",
                "4.7: courses | 11.4: old boats | 12.5: less waste",
            ),
            (
                "(SDG 4.7) courses for all (SDG 11.4).",
                "4.7:  | 11.4:  | [unbounded-reason] where the reason of 4.7 begins cannot be told \
                 | [unbounded-reason] where the reason of 11.4 begins cannot be told",
            ),
        ]);
    }

    #[test]
    fn words_that_may_be_reasons_are_not_dropped_silently() {
        check(&[
            (
                "Four targets: 4.7 for courses, 11.4 for boats.",
                "4.7:  | 11.4:  | [unread-reason] \"for courses\" may say why 4.7 is named \
                 | [unread-reason] \"for boats\" may say why 11.4 is named",
            ),
            (
                "SDG 4.7 because of its courses; SDG 11.4 because of its boats.",
                "4.7:  | 11.4:  | [unread-reason] \"because of its courses\" may say why 4.7 is named \
                 | [unread-reason] \"because of its boats\" may say why 11.4 is named",
            ),
            (
                "SDG 4.7 (courses) (for all), 11.4 (boats) [wood].",
                "4.7: courses | 11.4: boats | [unread-reason] behind the reason of 4.7 stands \"(for all)\" \
                 | [unread-reason] behind the reason of 11.4 stands \"[wood]\"",
            ),
            (
                "3. Targets relating to work, such as 8.5 and 8.9",
                "8.5:  | 8.9:  | [unread-reason] \"work, such as\" may say why 8.5 is named \
                 | [unread-reason] \"work, such as\" may say why 8.9 is named",
            ),
            ("SDG 4.7 calls for lessons. SDG 4.7 (lessons).", "4.7: lessons"),
        ]);
    }

    #[test]
    fn spanish_is_read_like_english() {
        check(&[(
            "ODS 4.7 (clases), 11.4 (barcos) y 16.10 (archivos). La meta 13.3 también.",
            "4.7: clases | 11.4: barcos | 16.10: archivos | 13.3: ",
        )]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(
            text in "(SDGs?|targets| |[0-9]{1,2}\\.[0-9a-d]{1,2}|[0-9]{1,2}|\\(|\\)|,|and|-|;|:|\\.|word|é|€|…){0,60}|\\PC{0,200}"
        ) {
            read(&text);
        }
    }
}
