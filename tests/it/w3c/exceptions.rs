use super::report::Exception;

pub(super) const QUERY_1_1: &[Exception] = &[];
pub(super) const QUERY_1_0: &[Exception] = &[];
