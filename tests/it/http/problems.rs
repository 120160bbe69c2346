//! Problem documents ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)): one of each kind that a request can get.

use super::{Ask, FORM, HTML, SPARQL, ask, get, post, sparql};

fn one_of_each() -> Vec<(&'static str, Ask)> {
    let nested = format!("SELECT * {}{}", "{".repeat(2000), "}".repeat(2000));
    vec![
        ("bad-request", get("/sparql?query=%zz")),
        ("missing-query", post(FORM, "")),
        ("repeated-parameter", get("/sparql?query=a&query=b")),
        ("malformed-query", sparql("SELECT ?x\nWHERE { ?x ?y }", "")),
        ("query-too-complex", post(SPARQL, nested)),
        ("query-too-long", post(SPARQL, format!("ASK {{}} #{}", "x".repeat(400_000)))),
        ("unknown-graph", sparql("ASK FROM <http://example.org/> {}", "")),
        ("service-refused", sparql("ASK { SERVICE <http://example.org/> {} }", "")),
        ("read-only", get("/sparql?update=CLEAR%20ALL")),
        ("bad-parameter", get("/queries/resources-for-target?target=11.44")),
        ("bad-parameter-missing", get("/queries/resources-for-target")),
        ("bad-parameter-unknown", get("/queries/resources-for-target?targte=11.4")),
        ("not-found", get("/resource/harbor-stories")),
        ("method-not-allowed", ask("PUT", "/queries")),
        ("not-acceptable", sparql("ASK {}", "").accept("image/png")),
        ("unknown-format", sparql("ASK {}", "&format=png")),
        ("unsupported-media-type", post("text/plain", "ASK {}")),
        ("body-too-large", post(SPARQL, vec![b' '; 2 * 1024 * 1024])),
    ]
}

#[tokio::test]
async fn each_kind_says_what_is_wrong() {
    let mut documents = String::new();
    for (kind, request) in one_of_each() {
        let answer = request.answer().await;
        let problem = answer.json();
        assert_eq!(answer.header("content-type"), "application/problem+json", "{kind}");
        assert_eq!(problem["status"], answer.status.as_u16(), "{kind}");
        assert_eq!(answer.header("cache-control"), "no-store", "{kind}");
        // The type is an address where it is explained.
        let slug = problem["type"].as_str().unwrap();
        assert!(kind.starts_with(slug.trim_start_matches("/problems/")), "{kind}: {slug}");
        let explained = get(slug).good().await.json();
        assert_eq!(explained["title"], problem["title"]);
        assert_eq!(explained["status"], problem["status"]);
        assert!(problem["instance"].as_str().unwrap().starts_with("/requests/"), "{kind}");
        let text = answer.text();
        let stable = text.lines().filter(|line| !line.starts_with("  \"instance\""));
        documents.extend(["## ", kind, "\n"]);
        documents.extend(stable.flat_map(|line| [line, "\n"]));
    }
    insta::assert_snapshot!(documents);
}

#[tokio::test]
async fn a_browser_gets_a_page() {
    for (kind, request) in one_of_each() {
        let answer = request.header("accept", HTML).answer().await;
        // The one names an image besides; the other opens the form of the query.
        if matches!(kind, "not-acceptable" | "bad-parameter-missing") {
            continue;
        }
        assert_eq!(answer.media_type(), HTML, "{kind}");
        assert!(answer.status.is_client_error(), "{kind}");
        assert!(answer.text().contains("</html>"), "{kind}");
    }
}

#[tokio::test]
async fn what_a_stranger_wrote_is_not_code_on_a_page() {
    let script = "<script>alert(1)</script>";
    let encoded = super::encode(script);
    for address in [
        format!("/resource/{encoded}"),
        format!("/queries/{encoded}"),
        format!("/queries/resources-for-target?target={encoded}"),
        format!("/queries/resources-with-words?words={encoded}"),
        format!("/sparql?query={encoded}"),
        format!("/sparql?query={}", super::encode(&format!("SELECT ('{script}' AS ?x) {{}}"))),
        format!("/sparql?query=ASK%7B%7D&format={encoded}"),
        format!("/graph/{encoded}"),
        format!("/graphs?graph={encoded}"),
        format!("/problems/{encoded}"),
    ] {
        let answer = get(&address).accept(HTML).answer().await;
        assert_eq!(answer.media_type(), HTML, "{address}");
        assert!(!answer.text().contains("<script"), "{address}: {}", answer.text());
    }
}

#[tokio::test]
async fn an_unknown_kind_is_404_with_near_names() {
    let problem = get("/problems/time-out").problem(404, "not-found").await;
    assert_eq!(problem["near"][0], "/problems/timeout", "{problem}");
}
