//! Pages: every one is well-formed, runs nothing, and its links lead somewhere.

use std::collections::BTreeSet;

use super::{HTML, get};

/// Elements that have no end tag.
const VOID: [&str; 6] = ["meta", "link", "input", "br", "hr", "img"];

const PAGES: [&str; 16] = [
    "/",
    "/queries",
    "/queries/resources-for-target",
    "/queries/resources-for-target?target=11.4",
    "/queries/resource-graph?resource=harbour-stories",
    "/queries/targets?goal=x",
    "/sparql",
    "/sparql?query=SELECT%20*%20%7B%3Fs%20%3Fp%20%3Fo%7D%20LIMIT%209",
    "/sparql?query=ASK%20%7B",
    "/resource/harbour-stories",
    "/theme/heritage",
    "/dataset",
    "/ontology",
    "/graphs",
    "/graph/sdg",
    "/problems/timeout",
];

/// The tags of a page in order: name, attributes, and whether it ends an element.
fn tags(html: &str) -> Vec<(String, String, bool)> {
    let mut tags = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let end = rest.find('>').unwrap_or_else(|| panic!("a tag does not end: {rest:.60}"));
        let tag = &rest[..end];
        rest = &rest[end..];
        if tag.starts_with('!') {
            continue;
        }
        let ends = tag.starts_with('/');
        let (name, attributes) =
            tag.trim_start_matches('/').split_once([' ', '\n']).unwrap_or((tag.trim_start_matches('/'), ""));
        assert!(!name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()), "<{tag}>");
        tags.push((name.to_owned(), attributes.to_owned(), ends));
    }
    tags
}

#[tokio::test]
async fn every_page_is_well_formed_and_runs_nothing() {
    for address in PAGES {
        let answer = get(address).accept(HTML).answer().await;
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{address}");
        let html = answer.text();
        assert!(html.starts_with("<!doctype html>\n<html lang=\"en\">"), "{address}");
        let (mut open, mut ids) = (Vec::new(), BTreeSet::new());
        for (name, attributes, ends) in tags(&html) {
            assert!(!["script", "style", "iframe", "object", "embed"].contains(&&*name), "{address}: <{name}>");
            assert!(!attributes.contains("style=") && !attributes.contains("javascript:"), "{address}: {attributes}");
            assert!(!attributes.split(' ').any(|attribute| attribute.starts_with("on")), "{address}: {attributes}");
            assert_eq!(attributes.matches('"').count() % 2, 0, "{address}: {attributes}");
            if let Some(id) = attributes.split("id=\"").nth(1).filter(|_| attributes.starts_with("id=")) {
                assert!(ids.insert(id.split('"').next().unwrap().to_owned()), "{address}: two elements have one id");
            }
            if ends {
                assert_eq!(open.pop().as_ref(), Some(&name), "{address}: </{name}>");
            } else if !VOID.contains(&&*name) {
                open.push(name);
            }
        }
        assert_eq!(open, [""; 0], "{address}");
        assert_eq!((html.matches("<h1>").count(), html.matches("<title>").count()), (1, 1), "{address}");
    }
}

#[tokio::test]
async fn every_link_inside_leads_somewhere() {
    let mut links = BTreeSet::new();
    for address in PAGES {
        let html = get(address).accept(HTML).answer().await.text();
        for (_, attributes, _) in tags(&html) {
            let href = attributes.split("href=\"").nth(1).and_then(|rest| rest.split('"').next());
            let href = href.filter(|href| href.starts_with('/')).map(|href| href.split('#').next().unwrap().to_owned());
            links.extend(href);
        }
    }
    assert!(links.len() > 50, "{}", links.len());
    for link in links {
        let address = link.replace("&amp;", "&").replace("&#38;", "&");
        let ascii: String =
            address.chars().map(|c| if c.is_ascii() { c.to_string() } else { super::encode(&c.to_string()) }).collect();
        let answer = get(&ascii).accept(HTML).answer().await;
        let leads_on = answer.status == 303 && get(answer.header("location")).answer().await.status == 200;
        assert!(answer.status.is_success() || leads_on, "{link}: {}", answer.status);
    }
}

#[tokio::test]
async fn the_home_page_says_what_this_is() {
    let html = get("/").shipped().good().await.text();
    for needed in ["68", "276", "/sparql", "/queries", "/resource/", "action=\"/queries/resources-with-words\""] {
        assert!(html.contains(needed), "{needed}");
    }
    let style = get("/style.css").good().await;
    assert_eq!(style.media_type(), "text/css");
}
