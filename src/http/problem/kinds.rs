//! The kinds of problem, which `/problems/{slug}` shows: what does not depend on the request.

use axum::http::StatusCode;

/// A kind of problem.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// Its name in addresses.
    pub(crate) slug: &'static str,
    pub(crate) status: StatusCode,
    pub(crate) title: &'static str,
    /// What it means, and what to do.
    pub(crate) meaning: &'static str,
}

macro_rules! kinds {
    ($($name:ident = $slug:literal $status:ident $title:literal $meaning:literal;)*) => {
        $(
            pub(super) const $name: Kind =
                Kind { slug: $slug, status: StatusCode::$status, title: $title, meaning: $meaning };
        )*

        /// Every kind.
        pub(crate) const KINDS: &[Kind] = &[$($name),*];
    };
}

kinds! {
    BAD_REQUEST = "bad-request" BAD_REQUEST
        "The request is malformed"
        "The request cannot be read: its encoding is broken.";
    MISSING_QUERY = "missing-query" BAD_REQUEST
        "There is no query"
        "A request to the SPARQL endpoint carries exactly one query, as the parameter query or as the body.";
    REPEATED_PARAMETER = "repeated-parameter" BAD_REQUEST
        "A parameter is given more than once"
        "The SPARQL Protocol allows one query, and each parameter of a canned query has one value.";
    MALFORMED_QUERY = "malformed-query" BAD_REQUEST
        "The query is not SPARQL 1.1"
        "The text stops being SPARQL at the line and column given.";
    QUERY_TOO_COMPLEX = "query-too-complex" BAD_REQUEST
        "The query is too complex"
        "A limit on the shape of queries keeps the endpoint up for everybody. The detail says which limit.";
    QUERY_TOO_LONG = "query-too-long" PAYLOAD_TOO_LARGE
        "The query is too long"
        "The text of a query has a largest length.";
    UNKNOWN_GRAPH = "unknown-graph" BAD_REQUEST
        "There is no such graph"
        "FROM and FROM NAMED name graphs of this dataset. Nothing is ever fetched.";
    UNKNOWN_FUNCTION = "unknown-function" BAD_REQUEST
        "There is no such function"
        "The query calls a function by its IRI. This endpoint has those of SPARQL 1.1 and the casts of XML Schema.";
    SERVICE_REFUSED = "service-refused" FORBIDDEN
        "SERVICE is not allowed"
        "This endpoint never calls another one.";
    READ_ONLY = "read-only" FORBIDDEN
        "The graph is read-only"
        "The graph changes only when the files it is made of change. Updates are refused, whoever sends them.";
    BAD_PARAMETER = "bad-parameter" BAD_REQUEST
        "A parameter is wrong"
        "A canned query's parameters have types. The detail names the parameter and shows a value that works.";
    NOT_FOUND = "not-found" NOT_FOUND
        "There is nothing here"
        "Nothing has this address.";
    METHOD_NOT_ALLOWED = "method-not-allowed" METHOD_NOT_ALLOWED
        "This method is not possible here"
        "The Allow header lists the methods that are.";
    NOT_ACCEPTABLE = "not-acceptable" NOT_ACCEPTABLE
        "No acceptable format"
        "Nothing in the Accept header is on offer. The detail lists what is.";
    UNWRITABLE = "unwritable" NOT_ACCEPTABLE
        "This format cannot hold the answer"
        "XML has no place for some control characters, and RDF/XML none for predicates that do not end with a name. Other formats have.";
    UNKNOWN_FORMAT = "unknown-format" BAD_REQUEST
        "There is no such format here"
        "The format parameter names a format that this answer does not come in. The detail lists those it does.";
    UNSUPPORTED_MEDIA_TYPE = "unsupported-media-type" UNSUPPORTED_MEDIA_TYPE
        "The body is in the wrong format"
        "A query is sent as a form, or as application/sparql-query in UTF-8 and not compressed.";
    BODY_TOO_LARGE = "body-too-large" PAYLOAD_TOO_LARGE
        "The body is too large"
        "The body of a request has a largest length.";
    BODY_TOO_SLOW = "body-too-slow" REQUEST_TIMEOUT
        "The body took too long"
        "The body of a request must come in time.";
    TIMEOUT = "timeout" SERVICE_UNAVAILABLE
        "The query took too long"
        "Every query has a deadline. Parts that share no variable multiply; join them, ask for less, or add a LIMIT inside a sub-query.";
    OUT_OF_MEMORY = "out-of-memory" SERVICE_UNAVAILABLE
        "The query needed too much memory"
        "Every query has a limit of memory. Sorting, grouping and DISTINCT hold all their rows: ask for less before them.";
    ANSWER_TOO_LARGE = "answer-too-large" PAYLOAD_TOO_LARGE
        "The answer is too large"
        "An answer has a largest size, and is never cut silently. Narrow the query, or page through it with ORDER BY, LIMIT and OFFSET.";
    BUSY = "busy" SERVICE_UNAVAILABLE
        "Too many queries at once"
        "The queue is full. Try again after the time in Retry-After.";
    TOO_MANY_REQUESTS = "too-many-requests" TOO_MANY_REQUESTS
        "You have used up your budget"
        "Each client may use so many seconds of work and make so many errors in each minute; /limits says how many. Try again after the time in Retry-After.";
    STOPPING = "stopping" SERVICE_UNAVAILABLE
        "The server is stopping"
        "Requests at work are finished, new ones are not begun. Try again after the time in Retry-After.";
    DAMAGED = "damaged" SERVICE_UNAVAILABLE
        "The edition is damaged"
        "The file that is served does not agree with its checksum; the server's log says what to do.";
    INTERNAL = "internal" INTERNAL_SERVER_ERROR
        "Something went wrong here"
        "This is our fault. The cause is in the server's log.";
}
