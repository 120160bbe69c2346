//! `GET /limits`: everything that a request is held to, so that nobody has to find out by running into it.

use std::{fmt::Display, time::Duration};

use axum::{
    extract::{RawQuery, State},
    http::HeaderMap,
    response::Response,
};
use serde::Serialize;

use super::{
    AppState, Edge, answer, body,
    budget::BudgetOptions,
    form::{self, pairs},
    negotiate, page,
    problem::Problem,
    representation::{self, PAGE},
};
use crate::engine::{Isolation, Limit, Limits};

/// Limits of one kind.
#[derive(Debug, Serialize)]
pub(crate) struct Section {
    pub(crate) name: &'static str,
    /// What happens to a request that goes over one.
    pub(crate) beyond: &'static str,
    pub(crate) limits: Vec<Bound>,
}

/// One limit.
#[derive(Debug, Serialize)]
pub(crate) struct Bound {
    /// Its stable name.
    pub(crate) name: &'static str,
    pub(crate) allowed: u64,
    /// What is counted.
    pub(crate) unit: String,
}

/// The limits, for programs and for people.
pub(crate) async fn show(
    State(state): State<AppState>,
    RawQuery(url): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let url = pairs(url.unwrap_or_default().as_bytes())?;
    let offer = negotiate::choose(form::format(&url)?, &headers, representation::documents())?;
    let sections = in_force(&state);
    let body = if *offer == PAGE {
        page::limits(&sections)
    } else {
        format!("{:#}\n", serde_json::json!({ "sections": sections }))
    };
    Ok(answer::response(offer, "limits", body.into_bytes()))
}

fn in_force(state: &AppState) -> Vec<Section> {
    let mut sections = queries(state.engine.limits());
    sections.extend(state.isolation.as_ref().map(workers));
    sections.push(Section {
        name: "All answers",
        beyond: "Forgotten, and made again when they are asked for.",
        limits: vec![bound("cache", state.cache.capacity(), "bytes of answers that are kept to be sent again")],
    });
    sections.push(client(&state.operations.budgets.options));
    sections.push(connections(&state.operations.edge));
    sections
}

/// The limits of the engine. Taken apart by name, so that a new one is not forgotten here.
fn queries(limits: &Limits) -> Vec<Section> {
    let Limits {
        text,
        nesting,
        tokens,
        expansion,
        variables,
        patterns,
        optionals,
        nodes,
        values,
        rows,
        bytes,
        memory,
        timeout,
    } = limits;
    let bounds = |list: &[(Limit, usize)]| list.iter().map(|(limit, n)| bound(limit.name(), *n, *limit)).collect();
    let mut answers: Vec<Bound> = bounds(&[(Limit::Rows, *rows), (Limit::Bytes, *bytes)]);
    answers.push(bound("page-rows", answer::MOST_ROWS, "rows shown on a page, which says so and offers the whole"));
    vec![
        Section {
            name: "A query",
            beyond: "Refused with 400, or 413 for its text, before it is evaluated.",
            limits: bounds(&[
                (Limit::Text, *text),
                (Limit::Nesting, *nesting),
                (Limit::Tokens, *tokens),
                (Limit::Expansion, *expansion),
                (Limit::Variables, *variables),
                (Limit::Patterns, *patterns),
                (Limit::Optionals, *optionals),
                (Limit::Nodes, *nodes),
                (Limit::Values, *values),
            ]),
        },
        Section { name: "An answer", beyond: "Refused with 413, never cut.", limits: answers },
        Section {
            name: "An evaluation",
            beyond: "Stopped, and answered 503.",
            limits: vec![
                time("timeout", *timeout, "for one query, waiting included"),
                bound("memory", *memory, "bytes of memory for one query"),
            ],
        },
    ]
}

fn workers(isolation: &Isolation) -> Section {
    Section {
        name: "All evaluations",
        beyond: "Answered 503 with Retry-After.",
        limits: vec![
            bound("workers", isolation.workers, "queries at once"),
            bound("queue", isolation.queue, "queries that may wait"),
        ],
    }
}

fn client(budget: &BudgetOptions) -> Section {
    let BudgetOptions { work_per_minute, work_burst, errors_per_minute, limit_loopback, clients: _ } = budget;
    Section {
        name: "A client",
        beyond: if *limit_loopback {
            "Answered 429 with Retry-After. A client is an IPv4 address or an IPv6 /64 network."
        } else {
            "Answered 429 with Retry-After. A client is an IPv4 address or an IPv6 /64 network; the server's own machine is exempt."
        },
        limits: vec![
            time("work-per-minute", *work_per_minute, "of work in each minute"),
            time("work-burst", *work_burst, "of work at most saved up"),
            bound("errors-per-minute", *errors_per_minute, "answers with an error in each minute"),
        ],
    }
}

fn connections(edge: &Edge) -> Section {
    let Edge { head, stall, head_bytes, headers, connections, connections_per_address, drain, proxies: _ } = edge;
    Section {
        name: "A connection",
        beyond: "Closed, or answered 408, 413, 414 or 431.",
        limits: vec![
            time("head", *head, "for the head of a request to come"),
            time("body", body::PATIENCE, "for the body of a request to come"),
            time("stall", *stall, "in which a client must take something of an answer"),
            bound("head-bytes", *head_bytes, "bytes of request line and headers"),
            bound("headers", *headers, "headers"),
            bound("body-bytes", body::MAX, "bytes of a body, which may not be compressed"),
            bound("connections", *connections, "connections in all"),
            bound(
                "connections-per-address",
                *connections_per_address,
                "connections from one address, or from one /64 network of IPv6 addresses; a trusted proxy has as many as it likes",
            ),
            time("drain", *drain, "for requests at work when the server stops"),
        ],
    }
}

fn bound(name: &'static str, allowed: impl TryInto<u64>, unit: impl Display) -> Bound {
    Bound { name, allowed: allowed.try_into().unwrap_or(u64::MAX), unit: format!("{unit}") }
}

fn time(name: &'static str, allowed: Duration, what: &str) -> Bound {
    bound(name, allowed.as_millis(), format_args!("milliseconds {what}"))
}
