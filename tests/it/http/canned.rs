//! `/queries`: the list, the forms, the answers, and what is wrong with a request.

use super::{HTML, encode, get};

#[tokio::test]
async fn the_list_says_all_one_must_know_to_ask() {
    let list = get("/queries").good().await;
    assert_eq!(list.header("content-type"), "application/json");
    let queries = list.json()["queries"].as_array().unwrap().clone();
    assert!(queries.len() >= 20);
    for query in &queries {
        for member in ["name", "title", "summary", "form", "url", "example"] {
            assert!(query[member].as_str().is_some_and(|text| !text.is_empty()), "{member}: {query}");
        }
        for param in query["params"].as_array().unwrap() {
            for member in ["name", "kind", "example", "meaning"] {
                assert!(param[member].as_str().is_some_and(|text| !text.is_empty()), "{member}: {query}");
            }
        }
    }
}

#[tokio::test]
async fn every_query_answers_its_own_example_in_every_format() {
    let list = get("/queries").shipped().good().await.json();
    for query in list["queries"].as_array().unwrap() {
        let (url, example) = (query["url"].as_str().unwrap(), query["example"].as_str().unwrap());
        let parameters = example.strip_prefix(url).unwrap();
        let formats: &[_] = match query["form"].as_str().unwrap() {
            "select" | "ask" => &["json", "xml", "csv", "tsv"],
            _ => &["ttl", "nt", "rdf", "jsonld"],
        };
        for format in formats {
            let by_suffix = get(&format!("{url}.{format}{parameters}")).shipped().good().await;
            let joint = if parameters.is_empty() { '?' } else { '&' };
            let by_name = get(&format!("{example}{joint}format={format}")).shipped().good().await;
            assert!(by_suffix.body == by_name.body && !by_name.body.is_empty(), "{example} {format}");
        }
        let page = get(example).accept(HTML).shipped().good().await;
        let answered = if query["form"] == "ask" { "<strong>" } else { "</tbody>" };
        assert!(page.text().contains(answered), "{example}");
        let text = get(&format!("{url}.rq")).shipped().good().await;
        assert_eq!(text.header("content-type"), "application/sparql-query; charset=utf-8");
        let columns = query["columns"].as_array().unwrap();
        if !columns.is_empty() {
            let csv = get(example).accept("text/csv").shipped().good().await.text();
            let names: Vec<_> = columns.iter().map(|column| column["name"].as_str().unwrap()).collect();
            assert_eq!(csv.split("\r\n").next().unwrap(), names.join(","), "{example}");
        }
    }
}

#[tokio::test]
async fn a_table_is_downloaded_under_its_name() {
    let csv = get("/queries/targets.csv").good().await;
    assert_eq!(csv.header("content-disposition"), "attachment; filename=\"targets.csv\"");
    assert_eq!(get("/queries/targets").good().await.header("content-disposition"), "");
}

#[tokio::test]
async fn a_bad_request_names_the_parameter_and_what_would_be_right() {
    let bad = |parameters: &str| get(&format!("/queries/resources-for-target{parameters}"));
    let problem = bad("?target=11.44").problem(400, "bad-parameter").await;
    assert_eq!(problem["parameter"], "target", "{problem}");
    assert!(problem["example"].is_string(), "{problem}");
    let near = get("/queries/resources-for-theme?theme=heritag").problem(400, "bad-parameter").await;
    assert_eq!(near["near"][0], "heritage", "{near}");
    for missing in ["", "?target=", "?target=%20"] {
        let problem = bad(missing).problem(400, "bad-parameter").await;
        assert_eq!(problem["parameter"], "target", "{problem}");
    }
    let unknown = bad("?targte=11.4").problem(400, "bad-parameter").await;
    assert_eq!((&unknown["parameter"], &unknown["near"][0]), (&"targte".into(), &"target".into()), "{unknown}");
    for repeated in
        ["?target=11.4&target=11.4", "?target=11.4&target=8.1", "?target=11.4&format=csv&output=json&format=csv"]
    {
        bad(repeated).problem(400, "repeated-parameter").await;
    }
    let query = get("/queries/resource-for-target").problem(404, "not-found").await;
    assert_eq!(query["near"][0], "/queries/resources-for-target", "{query}");
    get("/queries/targets.png").problem(400, "unknown-format").await;
    get("/queries/targets.ttl").problem(400, "unknown-format").await;
    get("/queries/targets/more").problem(404, "not-found").await;
}

#[tokio::test]
async fn the_form_of_a_browser_may_leave_fields_empty() {
    let all = get("/queries/targets.csv").good().await;
    assert_eq!(get("/queries/targets.csv?goal=").good().await.body, all.body);
    let form = get("/queries/resources-for-target").accept(HTML).good().await;
    assert!(form.text().contains("<form"));
    let wrong = get("/queries/resources-for-target?target=x").accept(HTML).answer().await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.text().contains("<form") && wrong.text().contains("role=\"alert\""));
}

#[tokio::test]
async fn a_value_is_never_read_as_query_text() {
    for value in [
        "\") } UNION { ?resource ?p ?o } #",
        "\\\") || true || (\"",
        "x\" . ?s ?p ?o . #",
        "?title",
        "') FILTER(true) BIND('",
        "\n} SELECT * { ?s ?p ?o }",
        ".*",
        "%",
    ] {
        let answer = get(&format!("/queries/resources-with-words?words={}", encode(value))).answer().await;
        match answer.status.as_u16() {
            200 => assert_eq!(answer.column(), [""; 0], "{value}"),
            status => assert_eq!((status, &answer.json()["type"]), (400, &"/problems/bad-parameter".into()), "{value}"),
        }
        for address in ["resources-for-target?target", "resource-card?resource", "resources-in-language?language"] {
            let answer = get(&format!("/queries/{address}={}", encode(value))).answer().await;
            assert_eq!(answer.status, 400, "{address} {value}: {}", answer.text());
        }
    }
    let found = get("/queries/resources-with-words?words=harbour").good().await;
    assert_eq!(found.column().len(), 1);
}
