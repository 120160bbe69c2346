//! The terms of the W3C's manifests and result files.

macro_rules! vocabularies {
    ($($prefix:ident = $namespace:literal { $($name:ident = $local:literal,)* })+) => {
        $(
            pub(super) mod $prefix {
                use oxigraph::model::NamedNodeRef;
                $(
                    pub(in super::super) const $name: NamedNodeRef<'static> =
                        NamedNodeRef::new_unchecked(concat!($namespace, $local));
                )*
            }
        )+
    };
}

vocabularies! {
    // Manifests.
    mf = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#" {
        ACTION = "action", ENTRIES = "entries", INCLUDE = "include", LAX_CARDINALITY = "LaxCardinality",
        RESULT = "result", RESULT_CARDINALITY = "resultCardinality",
        EXPECTED_BOOLEAN = "expectedBoolean", EXPECTED_FORMAT = "expectedFormat", EXPECTED_STATUS = "expectedStatus",
    }
    // Queries and their data.
    qt = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#" {
        DATA = "data", GRAPH_DATA = "graphData", QUERY = "query",
    }
    // Graphs to be there before a protocol test.
    ut = "http://www.w3.org/2009/sparql/tests/test-update#" {
        GRAPH = "graph", GRAPH_DATA = "graphData",
    }
    // Solutions written as a graph.
    rs = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#" {
        BINDING = "binding", BOOLEAN = "boolean", INDEX = "index", RESULT_SET = "ResultSet",
        RESULT_VARIABLE = "resultVariable", SOLUTION = "solution", VALUE = "value", VARIABLE = "variable",
    }
    // HTTP messages.
    ht = "http://www.w3.org/2011/http#" {
        ABSOLUTE_PATH = "absolutePath", BODY = "body", FIELD_NAME = "fieldName", FIELD_VALUE = "fieldValue",
        HEADERS = "headers", METHOD_NAME = "methodName", REQUESTS = "requests", RESP = "resp",
    }
    // Their bodies.
    cnt = "http://www.w3.org/2011/content#" {
        CHARACTER_ENCODING = "characterEncoding", CHARS = "chars",
    }
    rdfs = "http://www.w3.org/2000/01/rdf-schema#" {
        LABEL = "label",
    }
}
