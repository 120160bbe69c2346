//! Values by their rules, one table for each.

use proptest::prelude::*;

use super::*;
use crate::sparql::{Builtin, Comparison};

fn xsd(name: &str) -> String {
    format!("http://www.w3.org/2001/XMLSchema#{name}")
}

/// A value written as `5:integer`, `a@en`, or `text`.
fn value(written: &str) -> Value<'static> {
    if let Some((text, language)) = written.split_once('@') {
        return Value::of_literal(text, None, Some(language)).into_owned();
    }
    match written.rsplit_once(':') {
        Some((text, name)) => Value::of_literal(text, Some(&xsd(name)), None).into_owned(),
        None => Value::String(written.to_owned().into()),
    }
}

fn written(value: Option<Value<'_>>) -> String {
    let Some(value) = value else { return "-".into() };
    let datatype = value.datatype().map(|datatype| datatype.as_str().rsplit('#').next().unwrap_or_default().to_owned());
    match (&value, datatype) {
        (Value::Tagged { text, language }, _) => format!("{text}@{language}"),
        (Value::Other { text, .. }, _) => format!("{text}:?"),
        (Value::String(text), _) => text.to_string(),
        (other, Some(name)) => format!("{}:{name}", other.writing()),
        (other, None) => other.writing().into_owned(),
    }
}

#[test]
fn arithmetic_promotes_and_stays_exact() {
    type Operation = fn(&Value<'_>, &Value<'_>) -> Option<Value<'static>>;
    let cases: [(Operation, &str, &str, &str); 19] = [
        (add, "1:integer", "2:byte", "3:integer"),
        (add, "0.1:decimal", "0.2:decimal", "0.3:decimal"),
        (add, "1:integer", "0.50:decimal", "1.5:decimal"),
        (add, "1:integer", "1.5:float", "2.5:float"),
        (add, "1:float", "1.5:double", "2.5:double"),
        (
            add,
            "170141183460469231731687303715884105727:integer",
            "1:integer",
            "170141183460469231731687303715884105728:integer",
        ),
        (
            multiply,
            "18446744073709551616:integer",
            "18446744073709551616:integer",
            "340282366920938463463374607431768211456:integer",
        ),
        (divide, "1:integer", "3:integer", "0.333333333333333333:decimal"),
        (divide, "6:integer", "3:integer", "2:decimal"),
        (divide, "1:integer", "0:integer", "-"),
        (divide, "1:double", "0:integer", "INF:double"),
        (subtract, "1:integer", "a", "-"),
        (add, "300:byte", "1:integer", "-"),
        (add, "2020-01-31:date", "P1M:yearMonthDuration", "2020-02-29:date"),
        (subtract, "2020-03-01:date", "2020-02-28:date", "P2D:dayTimeDuration"),
        (add, "P1Y:yearMonthDuration", "P2M:yearMonthDuration", "P1Y2M:yearMonthDuration"),
        (add, "P1Y:yearMonthDuration", "PT1H:dayTimeDuration", "-"),
        (multiply, "PT1H:dayTimeDuration", "1.5:decimal", "PT1H30M:dayTimeDuration"),
        (divide, "P1Y:yearMonthDuration", "P6M:yearMonthDuration", "2:decimal"),
    ];
    for (operation, a, b, expected) in cases {
        assert_eq!(written(operation(&value(a), &value(b))), expected, "{a} and {b}");
    }
}

#[test]
fn numbers_that_would_be_too_long_are_none() {
    let long = Value::Number(Number::Integer(Integer::power_of_ten(DIGITS - 1).unwrap()));
    assert!(multiply(&long, &long).is_none() && multiply(&long, &value("10:integer")).is_some());
    assert_eq!(written(Some(value(&format!("{}:integer", "9".repeat(20_000))))).rsplit(':').next(), Some("?"));
}

#[test]
fn comparisons_are_by_value_and_errors_where_there_is_none() {
    for (a, sign, b, expected) in [
        ("2:integer", "<", "10:integer", Some(true)),
        ("0.10:decimal", "=", "0.1:decimal", Some(true)),
        ("99999999999999999999:integer", ">", "1e3:double", Some(true)),
        ("NaN:double", "=", "NaN:double", Some(false)),
        ("NaN:double", "<", "1:integer", Some(false)),
        ("false:boolean", "<", "true:boolean", Some(true)),
        ("1:boolean", "=", "true:boolean", Some(true)),
        ("a", "<", "b", Some(true)),
        ("a", "=", "a@en", Some(false)),
        ("1:integer", "=", "a@en", Some(false)),
        ("a", "<", "b@en", None),
        ("x:integer", "=", "x:integer", Some(true)),
        ("x:integer", "=", "1:integer", None),
        ("a", "=", "1:integer", None),
        ("2020-01-01T00:00:00Z:dateTime", "<", "2020-01-01T01:00:00Z:dateTime", Some(true)),
        ("2020-01-01T00:00:00Z:dateTime", "<", "2020-01-01T00:00:00:dateTime", None),
        ("P1Y:duration", "=", "P12M:duration", Some(true)),
        ("P1Y:duration", "<", "P2Y:duration", None),
        ("P1Y:yearMonthDuration", "<", "P2Y:yearMonthDuration", Some(true)),
        ("--02-29:gMonthDay", "=", "--02-29:gMonthDay", Some(true)),
    ] {
        let comparison = match sign {
            "<" => Comparison::Less,
            ">" => Comparison::Greater,
            _ => Comparison::Equal,
        };
        assert_eq!(compare(comparison, &value(a), &value(b)), expected, "{a} {sign} {b}");
    }
}

#[test]
fn casts_are_those_of_xpath() {
    for (from, name, expected) in [
        ("1e6:double", "integer", "1000000:integer"),
        ("-1.9:double", "integer", "-1:integer"),
        ("1e5:double", "decimal", "100000:decimal"),
        ("0.1:float", "decimal", "0.1:decimal"),
        ("INF:double", "integer", "-"),
        ("1.0e6:double", "string", "1.0E6"),
        ("123456.5:double", "string", "123456.5"),
        ("1e-7:double", "string", "1.0E-7"),
        ("-0:double", "string", "-0"),
        ("01:integer", "string", "1"),
        (" 7 ", "integer", "7:integer"),
        ("7.0", "integer", "-"),
        ("128:integer", "byte", "-"),
        ("true:boolean", "double", "1:double"),
        ("0:integer", "boolean", "false:boolean"),
        ("NaN:double", "boolean", "false:boolean"),
        ("2020-01-02T03:04:05Z:dateTime", "date", "2020-01-02Z:date"),
        ("2020-01-02:date", "dateTime", "2020-01-02T00:00:00:dateTime"),
        ("2020-01-02:date", "gMonthDay", "--01-02:gMonthDay"),
        ("2020-01:gYearMonth", "gYear", "-"),
        ("P1Y2M3DT4H:duration", "dayTimeDuration", "P3DT4H:dayTimeDuration"),
        ("P1Y2M3DT4H:duration", "yearMonthDuration", "P1Y2M:yearMonthDuration"),
        ("a@en", "string", "-"),
        ("inf", "double", "-"),
        ("PT", "duration", "-"),
    ] {
        assert_eq!(written(cast(&xsd(name), &value(from))), expected, "{from} to {name}");
    }
}

#[test]
fn functions_have_the_values_of_the_standard() {
    for (function, arguments, expected) in [
        (Builtin::Round, &["2.5:decimal"][..], "3:decimal"),
        (Builtin::Round, &["-2.5:decimal"], "-2:decimal"),
        (Builtin::Ceil, &["-0.5:double"], "-0:double"),
        (Builtin::Abs, &["-5:byte"], "5:integer"),
        (Builtin::SubStr, &["motor car", "6:integer"], " car"),
        (Builtin::SubStr, &["12345", "1.5:decimal", "2.6:decimal"], "234"),
        (Builtin::SubStr, &["12345", "0:integer", "3:integer"], "12"),
        (Builtin::SubStr, &["12345", "NaN:double"], ""),
        (Builtin::SubStr, &["élan@fr", "2:integer", "2:integer"], "la@fr"),
        (Builtin::StrLen, &["héé"], "3:integer"),
        (Builtin::StrLen, &["5:integer"], "-"),
        (Builtin::UCase, &["straße@de"], "STRASSE@de"),
        (Builtin::Concat, &["a@en", "b@en"], "ab@en"),
        (Builtin::Concat, &["a@en", "b", "c@en"], "abc"),
        (Builtin::Concat, &[], ""),
        (Builtin::Contains, &["abc@en", "b"], "true:boolean"),
        (Builtin::Contains, &["abc", "b@en"], "-"),
        (Builtin::StrBefore, &["abc@en", "b"], "a@en"),
        (Builtin::StrBefore, &["abc@en", "z"], ""),
        (Builtin::StrAfter, &["abc@en", ""], "abc@en"),
        (Builtin::EncodeForUri, &["a b/é"], "a%20b%2F%C3%A9"),
        (Builtin::LangMatches, &["en-GB", "EN"], "true:boolean"),
        (Builtin::LangMatches, &["", "*"], "false:boolean"),
        (Builtin::Year, &["2020:gYear"], "2020:integer"),
        (Builtin::Seconds, &["2020-01-02T03:04:05.50Z:dateTime"], "5.5:decimal"),
        (Builtin::Timezone, &["2020-01-02T03:04:05-05:00:dateTime"], "-PT5H:dayTimeDuration"),
        (Builtin::Timezone, &["2020-01-02T03:04:05:dateTime"], "-"),
        (Builtin::Tz, &["2020-01-02T03:04:05:dateTime"], ""),
        (Builtin::IsNumeric, &["300:byte"], "false:boolean"),
        (Builtin::Str, &["1e6:double"], "1.0E6"),
        (Builtin::Md5, &["abc"], "900150983cd24fb0d6963f7d28e17f72"),
        (Builtin::Sha1, &["abc"], "a9993e364706816aba3e25717850c26c9cd0d89d"),
    ] {
        let values: Vec<Value<'_>> = arguments.iter().map(|argument| value(argument)).collect();
        assert_eq!(written(call(function, &values, 1000).ok()), expected, "{function:?} {arguments:?}");
    }
    assert_eq!(call(Builtin::Concat, &[value("aaa"), value("bbb")], 5), Err(Fault::TooLarge));
}

#[test]
fn what_counts_as_true() {
    for (written, expected) in [
        ("", Some(false)),
        ("@en", Some(false)),
        ("x@en", Some(true)),
        ("0:integer", Some(false)),
        ("NaN:double", Some(false)),
        ("x:integer", Some(false)),
        ("yes:boolean", Some(false)),
        ("2020:gYear", None),
    ] {
        assert_eq!(truth(&value(written)), expected, "{written}");
    }
}

fn any_value() -> impl Strategy<Value = Value<'static>> {
    let number = prop_oneof![
        any::<i64>().prop_map(|n| Number::from(n % 5)),
        any::<i32>().prop_map(|n| Number::Decimal(format!("{}.{}", n % 3, n.unsigned_abs() % 10).parse().unwrap())),
        (0_u8..9).prop_map(|n| Number::Double(
            [0.0, -0.0, 0.1, 1.0, 1e300, -1e300, f64::NAN, f64::INFINITY, 2.5][usize::from(n)]
        )),
        (0_u8..6).prop_map(|n| Number::Float([0.0, 0.1, 1.0, 2.5, f32::NAN, f32::NEG_INFINITY][usize::from(n)])),
    ];
    let other = prop::sample::select(vec![
        "true:boolean",
        "0:boolean",
        "a",
        "b",
        "a@en",
        "a@fr",
        "x:integer",
        "2020:gYear",
        "2021:gYear",
        "P1Y:duration",
        "P12M:duration",
        "P1Y:yearMonthDuration",
        "PT1H:dayTimeDuration",
        "2020-01-01:date",
        "2020-01-01Z:date",
        "2020-01-01T00:00:00:dateTime",
        "2020-01-01T01:00:00+01:00:dateTime",
        "01:02:03:time",
        "--01-01:gMonthDay",
    ]);
    prop_oneof![number.prop_map(Value::Number), other.prop_map(value)]
}

proptest! {
    #[test]
    fn the_order_is_total(a in any_value(), b in any_value(), c in any_value()) {
        prop_assert_eq!(order(&a, &b), order(&b, &a).reverse());
        if order(&a, &b).is_le() && order(&b, &c).is_le() {
            prop_assert!(order(&a, &c).is_le(), "{:?} {:?} {:?}", a, b, c);
        }
    }

    #[test]
    fn the_order_agrees_with_less(a in any_value(), b in any_value()) {
        let is_float = |value: &Value<'_>| matches!(value, Value::Number(Number::Float(_)));
        // A float and a decimal may be equal as floats and yet two numbers.
        if !is_float(&a) && !is_float(&b) && compare(Comparison::Less, &a, &b) == Some(true) {
            prop_assert!(order(&a, &b).is_lt());
        }
    }

    #[test]
    fn equal_values_stand_at_one_place(a in any_value(), b in any_value()) {
        if equals(&a, &b) == Some(true) {
            let places = [place(&a), place(&b)];
            prop_assert!(places[0] == places[1] || places.contains(&Place::Anywhere), "{:?} {:?}", a, b);
        }
    }

    #[test]
    fn decimals_are_as_exact_as_fractions(a in -10_000_i64..10_000, b in -10_000_i64..10_000) {
        let hundredth = |n: i64| value(&format!("{}{}.{:02}:decimal", if n < 0 { "-" } else { "" }, n.abs() / 100, n.abs() % 100));
        let sum = add(&hundredth(a), &hundredth(b)).unwrap();
        prop_assert_eq!(sum, hundredth(a + b));
        prop_assert_eq!(compare(Comparison::Less, &hundredth(a), &hundredth(b)), Some(a < b));
    }

    #[test]
    fn whole_numbers_are_those_of_the_library(a in any::<i128>(), b in any::<i128>()) {
        let (big_a, big_b) = (num_bigint::BigInt::from(a), num_bigint::BigInt::from(b));
        let (a, b) = (Integer::Small(a), Integer::Small(b));
        prop_assert_eq!(a.add(&b).unwrap().to_string(), (&big_a + &big_b).to_string());
        prop_assert_eq!(a.multiply(&b).unwrap().to_string(), (&big_a * &big_b).to_string());
        prop_assert_eq!(a.subtract(&b).unwrap().cmp(&Integer::from(0)), (&big_a - &big_b).cmp(&num_bigint::BigInt::from(0)));
    }

    #[test]
    fn a_value_that_becomes_a_term_is_read_back(value in any_value()) {
        let term = value.clone().into_term();
        prop_assert!(order(&Value::of(term.as_ref()), &value).is_eq(), "{}", term);
    }
}
