//! The dataset as the reference evaluator sees it: every SPARQL feature works on it.

use std::{cell::RefCell, convert::Infallible, iter, rc::Rc};

use oxigraph::model::{BlankNode, Term, TermRef};
use spareval::{InternalQuad, QueryableDataset};

use super::{
    plan::View,
    terms::{Constants, Terms},
};
use crate::dataset::{Dataset, Id};

/// A dataset seen through the graphs of a query's dataset.
#[derive(Debug, Clone)]
pub(super) struct Queryable<'d> {
    dataset: &'d Dataset,
    view: Rc<View>,
    terms: Rc<RefCell<Terms<'d>>>,
}

impl<'d> Queryable<'d> {
    pub(super) fn new(dataset: &'d Dataset, view: View) -> Self {
        let terms = Rc::new(RefCell::new(Terms::new(dataset, Constants::default())));
        Self { dataset, view: Rc::new(view), terms }
    }

    /// The triples of the union of all graphs that fit.
    fn triples(&self, s: Option<Id>, p: Option<Id>, o: Option<Id>) -> Box<dyn Iterator<Item = [Id; 3]> + 'd> {
        let (spo, ops, pso) = (self.dataset.spo(), self.dataset.ops(), self.dataset.pso());
        match (s, p, o) {
            (Some(s), Some(p), o) => {
                let pairs = spo.with(s, p).iter().map(move |&[_, o]| [s, p, o]);
                Box::new(pairs.filter(move |triple| o.is_none_or(|o| o == triple[2])))
            }
            (Some(s), None, o) => {
                let pairs = spo.of(s).iter().map(move |&[p, o]| [s, p, o]);
                Box::new(pairs.filter(move |triple| o.is_none_or(|o| o == triple[2])))
            }
            (None, Some(p), Some(o)) => Box::new(ops.with(o, p).iter().map(move |&[_, s]| [s, p, o])),
            (None, None, Some(o)) => Box::new(ops.of(o).iter().map(move |&[p, s]| [s, p, o])),
            (None, Some(p), None) => Box::new(pso.of(p).iter().map(move |&[s, o]| [s, p, o])),
            (None, None, None) => {
                let dataset = self.dataset;
                Box::new((0..dataset.terms()).flat_map(move |s| spo.of(s).iter().map(move |&[p, o]| [s, p, o])))
            }
        }
    }
}

impl<'d> QueryableDataset<'d> for Queryable<'d> {
    type InternalTerm = Id;
    type Error = Infallible;

    fn internal_quads_for_pattern(
        &self,
        subject: Option<&Id>,
        predicate: Option<&Id>,
        object: Option<&Id>,
        graph_name: Option<Option<&Id>>,
    ) -> impl Iterator<Item = Result<InternalQuad<Id>, Infallible>> + use<'d> {
        let triples = self.triples(subject.copied(), predicate.copied(), object.copied());
        let (dataset, view) = (self.dataset, Rc::clone(&self.view));
        let asked = graph_name.map(|name| name.map(|name| dataset.graph_number(*name)));
        triples.flat_map(move |[subject, predicate, object]| {
            let graphs = dataset.position(subject, predicate, object).map_or(&[][..], |at| dataset.graphs_of(at));
            let is_named =
                |graph: &u32| *graph != 0 && view.named.as_ref().is_none_or(|named| named.binary_search(graph).is_ok());
            let names: Vec<Option<Id>> = match asked {
                Some(None) => {
                    let default = view.default.as_ref();
                    let seen = default.is_none_or(|those| graphs.iter().any(|g| those.binary_search(g).is_ok()));
                    seen.then_some(None).into_iter().collect()
                }
                Some(Some(number)) => {
                    let seen = number.filter(|number| is_named(number) && graphs.binary_search(number).is_ok());
                    seen.map(|number| dataset.graphs().get(number as usize - 1).copied()).into_iter().collect()
                }
                None => {
                    let names = graphs.iter().filter(|graph| is_named(graph));
                    names.map(|graph| dataset.graphs().get(*graph as usize - 1).copied()).collect()
                }
            };
            names.into_iter().map(move |graph_name| Ok(InternalQuad { subject, predicate, object, graph_name }))
        })
    }

    fn internal_named_graphs(&self) -> impl Iterator<Item = Result<Id, Infallible>> + use<'d> {
        let (dataset, view) = (self.dataset, Rc::clone(&self.view));
        iter::zip(1_u32.., dataset.graphs()).filter_map(move |(number, name)| {
            let seen = view.named.as_ref().is_none_or(|named| named.binary_search(&number).is_ok());
            seen.then_some(Ok(*name))
        })
    }

    fn contains_internal_graph_name(&self, graph_name: &Id) -> Result<bool, Infallible> {
        Ok(self.internal_named_graphs().flatten().any(|name| name == *graph_name))
    }

    fn internalize_term(&self, term: Term) -> Result<Id, Infallible> {
        Ok(self.terms.borrow_mut().number(term))
    }

    fn externalize_term(&self, term: Id) -> Result<Term, Infallible> {
        let terms = self.terms.borrow();
        // Every number came from here, so there always is a term.
        Ok(terms.term(term).map_or_else(|| BlankNode::default().into(), TermRef::into_owned))
    }
}
