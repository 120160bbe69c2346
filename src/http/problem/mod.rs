//! Everything that can go wrong with a request, as problem documents (RFC 9457). Nothing else writes error bodies.

mod kinds;
mod respond;

use axum::http::{HeaderValue, StatusCode};
use serde_json::{Map, Value, json};

pub(crate) use self::{
    kinds::{KINDS, Kind},
    respond::present,
};
use super::{budget, representation::Representation};
use crate::{
    engine::{EngineError, IsolatedError, Limit, Refusal, Unavailable},
    query::ParamError,
};

/// Why a request has no answer.
#[derive(Debug, Clone)]
pub(crate) enum Problem {
    /// The request is not sound HTTP or not sound URL encoding.
    BadRequest(String),
    /// Neither a query nor a place to ask one.
    MissingQuery,
    /// A parameter that may be there once is there more often.
    RepeatedParameter(String),
    /// The query is refused before it is evaluated.
    Query(Refusal),
    /// A canned query cannot be bound.
    Parameter(ParamError),
    /// The graph is read-only.
    ReadOnly,
    /// There is nothing at this address; names that are near.
    NotFound {
        /// What was looked for.
        what: String,
        /// Addresses that are near.
        near: Vec<String>,
    },
    /// The method is not one of these.
    Method(HeaderValue),
    /// Nothing on offer is acceptable.
    NotAcceptable {
        /// What is on offer.
        offers: &'static [Representation],
    },
    /// `?format=` names something that is not on offer.
    UnknownFormat {
        /// The name given.
        given: String,
        /// What is on offer.
        offers: &'static [Representation],
    },
    /// The body is in a format we do not read.
    MediaType(String),
    /// The body is longer than this many bytes.
    BodyTooLarge(usize),
    /// The body did not come in time.
    BodyTooSlow,
    /// The query did not end in time.
    Timeout,
    /// The answer is larger than a limit.
    AnswerTooLarge {
        /// Which.
        limit: Limit,
        /// What it is.
        allowed: usize,
    },
    /// The query outgrew its memory.
    Memory,
    /// The answer cannot be written in the format it should have.
    Unwritable(String),
    /// The query calls a function there is not.
    UnknownFunction(String),
    /// Too many queries at once.
    Busy,
    /// The client has used up what it may.
    TooManyRequests(budget::Refusal),
    /// The server is asked to end.
    Stopping,
    /// The edition's file has changed under us.
    Damaged,
    /// Our fault.
    Internal,
}

impl Problem {
    pub(crate) fn unknown_format(given: &str, offers: &'static [Representation]) -> Self {
        Self::UnknownFormat { given: given.chars().take(60).collect(), offers }
    }

    fn kind(&self) -> &'static Kind {
        match self {
            Self::BadRequest(_) => &kinds::BAD_REQUEST,
            Self::MissingQuery => &kinds::MISSING_QUERY,
            Self::RepeatedParameter(_) | Self::Parameter(ParamError::Repeated { .. }) => &kinds::REPEATED_PARAMETER,
            Self::Query(Refusal::Syntax { .. }) => &kinds::MALFORMED_QUERY,
            Self::UnknownFunction(_) => &kinds::UNKNOWN_FUNCTION,
            Self::Unwritable(_) => &kinds::UNWRITABLE,
            Self::Query(Refusal::Update { .. }) | Self::ReadOnly => &kinds::READ_ONLY,
            Self::Query(Refusal::Service { .. }) => &kinds::SERVICE_REFUSED,
            Self::Query(Refusal::UnknownGraph { .. }) => &kinds::UNKNOWN_GRAPH,
            Self::Query(Refusal::Limit { limit: Limit::Text, .. }) => &kinds::QUERY_TOO_LONG,
            Self::Query(Refusal::Limit { .. }) => &kinds::QUERY_TOO_COMPLEX,
            Self::Parameter(_) => &kinds::BAD_PARAMETER,
            Self::NotFound { .. } => &kinds::NOT_FOUND,
            Self::Method(_) => &kinds::METHOD_NOT_ALLOWED,
            Self::NotAcceptable { .. } => &kinds::NOT_ACCEPTABLE,
            Self::UnknownFormat { .. } => &kinds::UNKNOWN_FORMAT,
            Self::MediaType(_) => &kinds::UNSUPPORTED_MEDIA_TYPE,
            Self::BodyTooLarge(_) => &kinds::BODY_TOO_LARGE,
            Self::BodyTooSlow => &kinds::BODY_TOO_SLOW,
            Self::Timeout => &kinds::TIMEOUT,
            Self::Memory => &kinds::OUT_OF_MEMORY,
            Self::AnswerTooLarge { .. } => &kinds::ANSWER_TOO_LARGE,
            Self::Busy => &kinds::BUSY,
            Self::TooManyRequests(_) => &kinds::TOO_MANY_REQUESTS,
            Self::Stopping => &kinds::STOPPING,
            Self::Damaged => &kinds::DAMAGED,
            Self::Internal => &kinds::INTERNAL,
        }
    }

    /// The status of its answer.
    pub(crate) fn status(&self) -> StatusCode {
        self.kind().status
    }

    /// What is wrong with this very request.
    pub(crate) fn detail(&self) -> String {
        let list = |offers: &[Representation]| {
            let offers: Vec<String> = offers.iter().map(|o| format!("{} ({})", o.name, o.media_types[0])).collect();
            offers.join(", ")
        };
        match self {
            Self::BadRequest(what) | Self::MediaType(what) | Self::UnknownFunction(what) | Self::Unwritable(what) => {
                what.clone()
            }
            Self::RepeatedParameter(name) => format!("the parameter \"{name}\" is given more than once"),
            Self::Query(Refusal::UnknownGraph { graph, known }) => {
                format!("there is no graph <{graph}>; there are <{}>", known.join(">, <"))
            }
            Self::Query(refusal) => refusal.to_string(),
            Self::Parameter(error) => error.to_string(),
            Self::NotFound { what, near } if near.is_empty() => format!("there is no {what}"),
            Self::NotFound { what, near } => format!("there is no {what}; did you mean {}?", near.join(" or ")),
            Self::NotAcceptable { offers } => format!("this answer comes as {}", list(offers)),
            Self::UnknownFormat { given, offers } => {
                format!("there is no format \"{given}\" for this answer: it comes as {}", list(offers))
            }
            Self::BodyTooLarge(most) => format!("a body may have {most} bytes"),
            Self::AnswerTooLarge { limit, allowed } => format!("the answer has more than {allowed} {limit}"),
            Self::TooManyRequests(refusal) => refusal.to_string(),
            Self::Memory => "the query needed more memory than a query may have".into(),
            Self::MissingQuery
            | Self::ReadOnly
            | Self::Method(_)
            | Self::BodyTooSlow
            | Self::Timeout
            | Self::Busy
            | Self::Stopping
            | Self::Damaged
            | Self::Internal => self.kind().meaning.to_owned(),
        }
    }

    /// The members that programs may want, besides those of RFC 9457.
    fn extensions(&self) -> Map<String, Value> {
        let members = match self {
            Self::Query(refusal) => {
                let (position, limit) = match refusal {
                    Refusal::Syntax { position, .. } | Refusal::Update { position } | Refusal::Service { position } => {
                        (Some(*position), None)
                    }
                    Refusal::Limit { limit, allowed, position, .. } => (*position, Some((*limit, *allowed))),
                    Refusal::UnknownGraph { .. } => (None, None),
                };
                json!({
                    "line": position.map(|p| p.line),
                    "column": position.map(|p| p.column),
                    "limit": limit.map(|(limit, _)| limit.name()),
                    "allowed": limit.map(|(_, allowed)| allowed),
                    "hint": limit.map(|(limit, _)| limit.advice()),
                })
            }
            Self::AnswerTooLarge { limit, allowed } => {
                json!({ "limit": limit.name(), "allowed": allowed, "hint": limit.advice() })
            }
            Self::Parameter(error) => match error {
                ParamError::Unknown { given, near, known } => {
                    json!({ "parameter": given, "near": near, "known": known })
                }
                ParamError::Repeated { name } => json!({ "parameter": name }),
                ParamError::Missing { name, example, .. } => json!({ "parameter": name, "example": example }),
                ParamError::Invalid { name, example, near, .. } => {
                    json!({ "parameter": name, "example": example, "near": near })
                }
            },
            Self::NotFound { near, .. } => json!({ "near": near }),
            Self::RepeatedParameter(name) => json!({ "parameter": name }),
            _ => json!({}),
        };
        let Value::Object(members) = members else { return Map::new() };
        let said = |value: &Value| !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty());
        members.into_iter().filter(|(_, value)| said(value)).collect()
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::Query(refusal)
    }
}

impl From<ParamError> for Problem {
    fn from(error: ParamError) -> Self {
        Self::Parameter(error)
    }
}

impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Timeout => Self::Timeout,
            EngineError::Memory => Self::Memory,
            EngineError::TooLarge { limit, allowed } => Self::AnswerTooLarge { limit, allowed },
            EngineError::UnknownFunction(what) => Self::UnknownFunction(what),
            EngineError::Unwritable(what) => Self::Unwritable(what),
            EngineError::Internal(cause) => {
                tracing::error!(cause, "an evaluation failed");
                Self::Internal
            }
        }
    }
}

impl From<Unavailable> for Problem {
    fn from(unavailable: Unavailable) -> Self {
        match unavailable {
            Unavailable::Busy => Self::Busy,
            Unavailable::Overdue => Self::Timeout,
            Unavailable::Failed => Self::Internal,
        }
    }
}

impl From<IsolatedError> for Problem {
    fn from(error: IsolatedError) -> Self {
        match error {
            IsolatedError::Unavailable(unavailable) => unavailable.into(),
            IsolatedError::Engine(error) => error.into(),
            IsolatedError::Memory => Self::Memory,
            IsolatedError::Refused(refusal) => refusal.into(),
            IsolatedError::Died(cause) => EngineError::Internal(cause).into(),
        }
    }
}
