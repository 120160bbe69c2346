//! What holds at every address: `HEAD` is `GET` without the body, `OPTIONS` answers, and the headers of every response.

use super::{Answer, Ask, HTML, ask, get};

/// Every kind of address, good and bad.
const ADDRESSES: [&str; 38] = [
    "/",
    "/style.css",
    "/problems/timeout",
    "/problems/none",
    "/sparql",
    "/sparql/",
    "/sparql?query=ASK%20%7B%7D",
    "/sparql?query=SELECT%20*%20%7B%3Fs%20%3Fp%20%3Fo%7D&format=csv",
    "/sparql?query=ASK%20%7B",
    "/sparql?query=ASK%20%7B%7D&query=",
    "/sparql?query=ASK%20%7B%7D&format=ttl",
    "/sparql?update=x",
    "/sparql?query=%",
    "/queries",
    "/queries/targets",
    "/queries/targets.csv?goal=11",
    "/queries/targets.rq",
    "/queries/targets?goal=99",
    "/queries/nothing",
    "/queries/%ff",
    "/graphs",
    "/graphs?default",
    "/graphs?graph=x",
    "/graph/sdg",
    "/graph/none",
    "/.well-known/void",
    "/ontology",
    "/ontology.ttl",
    "/shapes.ttl",
    "/context.jsonld",
    "/dataset",
    "/resource/harbour-stories",
    "/resource/harbour-stories.ttl",
    "/resource/harbour",
    "/ocm/resource/harbour-stories",
    "/ocm/",
    "/%zz",
    "/nothing//here",
];

/// All headers but the one that tells requests apart.
fn headers(answer: &Answer) -> Vec<(String, String)> {
    let headers = answer.headers.iter().filter(|(name, _)| *name != "x-request-id");
    let mut headers: Vec<_> =
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    headers.sort();
    headers
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    for address in ADDRESSES {
        for accept in ["*/*", HTML, "image/png"] {
            let got = get(address).accept(accept).answer().await;
            let head = ask("HEAD", address).accept(accept).answer().await;
            assert_eq!(head.body, b"", "{address}");
            assert_eq!(head.status, got.status, "{address} {accept}");
            assert_eq!(headers(&head), headers(&got), "{address} {accept}");
            assert_eq!(got.header("content-length"), got.body.len().to_string(), "{address} {accept}");
        }
    }
}

#[tokio::test]
async fn every_answer_is_open_to_other_origins_and_is_not_sniffed() {
    let wrong = ADDRESSES.map(|address| ask("DELETE", address));
    let pages = ADDRESSES.map(|address| get(address).accept(HTML));
    for request in ADDRESSES.map(get).into_iter().chain(wrong).chain(pages).chain(ADDRESSES.map(|a| ask("OPTIONS", a)))
    {
        let answer = request.header("origin", "https://example.org").answer().await;
        for (name, value) in [
            ("access-control-allow-origin", "*"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-resource-policy", "cross-origin"),
        ] {
            assert_eq!(answer.header(name), value, "{}", answer.what);
        }
        assert!(answer.header("content-security-policy").starts_with("default-src 'none'"), "{}", answer.what);
        let has_body = !answer.body.is_empty();
        assert_eq!(has_body, !answer.header("content-type").is_empty(), "{}", answer.what);
    }
}

#[tokio::test]
async fn options_says_what_is_possible() {
    for address in ADDRESSES {
        let preflight = ask("OPTIONS", address)
            .header("origin", "https://example.org")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type,x-own");
        let answer = preflight.answer().await;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0), "{address}");
        let methods =
            if address.starts_with("/sparql") { "GET, HEAD, POST, QUERY, OPTIONS" } else { "GET, HEAD, OPTIONS" };
        assert_eq!(answer.header("allow"), methods, "{address}");
        assert_eq!(answer.header("access-control-allow-methods"), methods, "{address}");
        assert_eq!(answer.header("access-control-allow-headers"), "content-type,x-own", "{address}");
    }
    assert_eq!(ask("OPTIONS", "/ocm/sparql").answer().await.header("allow"), "GET, HEAD, POST, QUERY, OPTIONS");
}

#[tokio::test]
async fn what_cannot_be_done_says_what_can() {
    for address in ADDRESSES {
        if address.starts_with("/sparql") || address.starts_with("/graph") {
            continue;
        }
        for method in ["POST", "PUT", "DELETE", "PATCH", "QUERY", "BREW"] {
            let answer = ask(method, address).answer().await;
            assert_eq!(answer.status, 405, "{method} {address}");
            assert_eq!(answer.json()["type"], "/problems/method-not-allowed");
            let mut allow: Vec<_> = answer.header("allow").split(',').map(str::trim).collect();
            allow.sort_unstable();
            assert_eq!(allow, ["GET", "HEAD", "OPTIONS"], "{method} {address}");
        }
    }
}

#[tokio::test]
async fn no_address_is_a_fault_of_ours() {
    for address in ADDRESSES {
        for accept in ["*/*", HTML] {
            let answer = Ask { ..get(address) }.accept(accept).answer().await;
            assert!(!answer.status.is_server_error(), "{address}: {}", answer.text());
        }
    }
}
