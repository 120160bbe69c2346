//! The README's curl commands are run.

use super::{Ask, FORM, ask, encode, get};
use crate::support::repository;

/// What a `curl` command line asks, for the options the README uses.
fn curl(command: &str) -> Ask {
    let words = words(command);
    let mut words = words.iter().map(String::as_str);
    assert_eq!(words.next(), Some("curl"));
    let (mut target, mut accept, mut data) = (String::new(), None, None);
    while let Some(word) = words.next() {
        match word {
            "-H" => accept = words.next().and_then(|header| header.strip_prefix("Accept: ")).map(str::to_owned),
            "--data-urlencode" => data = words.next().and_then(|data| data.split_once('=')),
            address => {
                let path = address.strip_prefix("http://127.0.0.1:7878");
                target = String::from(path.unwrap_or_else(|| panic!("{address}")));
            }
        }
    }
    let request = match data {
        Some((name, value)) => {
            ask("POST", &target).header("content-type", FORM).body(format!("{name}={}", encode(value)))
        }
        None => get(&target),
    };
    request.accept(&accept.unwrap_or_else(|| "*/*".into())).shipped()
}

/// Splits a command as a shell does that knows single quotes.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for (index, part) in command.split('\'').enumerate() {
        let mut pieces =
            if index % 2 == 1 { vec![part] } else { part.split(char::is_whitespace).collect() }.into_iter();
        words.last_mut().unwrap().push_str(pieces.next().unwrap());
        words.extend(pieces.map(str::to_owned));
    }
    words.retain(|word| !word.is_empty());
    words
}

#[tokio::test]
async fn each_question_of_the_readme_has_an_answer() {
    let readme = std::fs::read_to_string(repository("README.md")).unwrap();
    let blocks = readme.split("```").skip(1).step_by(2);
    let commands: Vec<&str> = blocks.map(str::trim).filter(|block| block.starts_with("curl ")).collect();
    assert!(commands.len() >= 5, "{commands:?}");
    for command in commands {
        let answer = curl(command).good().await;
        assert_eq!(answer.media_type(), "text/csv", "{command}");
        assert!(answer.text().lines().count() > 1, "{command}: {}", answer.text());
    }
}
