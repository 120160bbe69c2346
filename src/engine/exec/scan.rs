//! Triple patterns over the orders of the dataset.

use super::{Execution, Flow};
use crate::{
    dataset::{GraphNumber, Id},
    engine::{
        plan::{GraphPlace, Place, Scan},
        terms::UNBOUND,
    },
};

/// Which triples of the union a pattern may see.
#[derive(Debug, Clone, Copy)]
pub(super) enum Visible<'v> {
    All,
    /// Those in one of these graphs.
    In(&'v [GraphNumber]),
    /// None: the graph is not there, or the query may not see it.
    None,
}

impl Visible<'_> {
    pub(super) fn sees(self, graphs: &[GraphNumber]) -> bool {
        match self {
            Self::All => true,
            Self::In(those) => graphs.iter().any(|graph| those.binary_search(graph).is_ok()),
            Self::None => false,
        }
    }
}

impl<'q> Execution<'q> {
    /// What a place holds, if anything.
    #[inline]
    pub(super) fn value_at(place: Place, row: &[Id]) -> Option<Id> {
        match place {
            Place::Term(id) => Some(id),
            Place::Slot(slot) => Some(row[slot]).filter(|id| *id != UNBOUND),
        }
    }

    /// Puts a value in a place, unless another is there.
    #[inline]
    pub(super) fn put(place: Place, value: Id, row: &mut [Id]) -> bool {
        match place {
            Place::Term(id) => id == value,
            Place::Slot(slot) if row[slot] == UNBOUND => {
                row[slot] = value;
                true
            }
            Place::Slot(slot) => row[slot] == value,
        }
    }

    /// Empties a place that was empty before.
    #[inline]
    pub(super) fn clear(place: Place, before: Option<Id>, row: &mut [Id]) {
        if let (Place::Slot(slot), None) = (place, before) {
            row[slot] = UNBOUND;
        }
    }

    /// Hands on the row with each match of the pattern.
    pub(super) fn scan(&self, scan: &Scan, row: &mut [Id], next: &mut dyn FnMut(&mut [Id]) -> Flow) -> Flow {
        let (s, p, o) =
            (Self::value_at(scan.subject, row), Self::value_at(scan.predicate, row), Self::value_at(scan.object, row));
        let bound = |row: &mut [Id], triple: [Id; 3], next: &mut dyn FnMut(&mut [Id]) -> Flow| {
            let fits = (s.is_some() || Self::put(scan.subject, triple[0], row))
                && (p.is_some() || Self::put(scan.predicate, triple[1], row))
                && (o.is_some() || Self::put(scan.object, triple[2], row));
            let flow = if fits { next(row) } else { Flow::Continue(()) };
            Self::clear(scan.subject, s, row);
            Self::clear(scan.predicate, p, row);
            Self::clear(scan.object, o, row);
            flow
        };
        match scan.graph {
            GraphPlace::Default => match self.default_graph() {
                Visible::All => self.triples(s, p, o, |triple| bound(row, triple, next)),
                visible => self.visible_triples(visible, s, p, o, |triple, _| bound(row, triple, next)),
            },
            GraphPlace::Named(place) => match Self::value_at(place, row) {
                Some(name) => {
                    let number = self.named_graph(name);
                    let graphs = number.as_slice();
                    let visible = if graphs.is_empty() { Visible::None } else { Visible::In(graphs) };
                    self.visible_triples(visible, s, p, o, |triple, _| bound(row, triple, next))
                }
                None => self.visible_triples(Visible::All, s, p, o, |triple, graphs| {
                    for graph in graphs {
                        let Some(name) = self.name_of(*graph) else { continue };
                        if Self::put(place, name, row) {
                            let flow = bound(row, triple, next);
                            Self::clear(place, None, row);
                            flow?;
                        }
                    }
                    Flow::Continue(())
                }),
            },
        }
    }

    /// Binds or checks the name of a named graph.
    pub(super) fn graph_name(&self, place: Place, row: &mut [Id], next: &mut dyn FnMut(&mut [Id]) -> Flow) -> Flow {
        if let Some(name) = Self::value_at(place, row) {
            return if self.named_graph(name).is_some() { next(row) } else { Flow::Continue(()) };
        }
        for name in self.dataset.graphs() {
            self.budget.step()?;
            if self.named_graph(*name).is_some() && Self::put(place, *name, row) {
                let flow = next(row);
                Self::clear(place, None, row);
                flow?;
            }
        }
        Flow::Continue(())
    }

    /// Which triples the default graph has.
    pub(super) fn default_graph(&self) -> Visible<'q> {
        self.plan.view.default.as_deref().map_or(Visible::All, Visible::In)
    }

    /// The number of a named graph that the query may see.
    pub(super) fn named_graph(&self, name: Id) -> Option<GraphNumber> {
        let number = self.dataset.graph_number(name)?;
        let named = self.plan.view.named.as_ref();
        named.is_none_or(|named| named.binary_search(&number).is_ok()).then_some(number)
    }

    /// The name of a graph that is named and that the query may see.
    fn name_of(&self, graph: GraphNumber) -> Option<Id> {
        let name = *self.dataset.graphs().get((graph as usize).checked_sub(1)?)?;
        self.named_graph(name).map(|_| name)
    }

    /// The triples of some graphs, each with all graphs it is in.
    fn visible_triples(
        &self,
        visible: Visible<'_>,
        s: Option<Id>,
        p: Option<Id>,
        o: Option<Id>,
        mut each: impl FnMut([Id; 3], &[GraphNumber]) -> Flow,
    ) -> Flow {
        let whole_graph = match visible {
            Visible::None => return Flow::Continue(()),
            // A small graph is gone through triple by triple.
            Visible::In([graph]) if s.is_none() => {
                Some(self.dataset.triples_of(*graph)).filter(|positions| positions.len() < self.count(s, p, o))
            }
            Visible::In(_) | Visible::All => None,
        };
        if let Some(positions) = whole_graph {
            for position in positions {
                self.budget.step()?;
                let triple = self.dataset.triple(*position as usize);
                let fits = s.is_none_or(|s| s == triple[0])
                    && p.is_none_or(|p| p == triple[1])
                    && o.is_none_or(|o| o == triple[2]);
                if fits {
                    each(triple, self.dataset.graphs_of(*position as usize))?;
                }
            }
            return Flow::Continue(());
        }
        self.triples(s, p, o, |triple| {
            let [s, p, o] = triple;
            let graphs = self.dataset.position(s, p, o).map_or(&[][..], |position| self.dataset.graphs_of(position));
            if visible.sees(graphs) { each(triple, graphs) } else { Flow::Continue(()) }
        })
    }

    /// How many matches a pattern has, if that is the length of a run of triples.
    pub(super) fn size_of(&self, scan: &Scan, row: &[Id]) -> Option<usize> {
        let places = [scan.subject, scan.predicate, scan.object];
        let values = places.map(|place| Self::value_at(place, row));
        let free = || places.iter().zip(values).filter(|(_, value)| value.is_none()).map(|(place, _)| *place);
        let repeated = free().enumerate().any(|(n, place)| free().skip(n + 1).any(|other| other == place));
        let whole = scan.graph == GraphPlace::Default && self.plan.view.default.is_none();
        let [s, p, o] = values;
        let is_run = !matches!((s, p, o), (Some(_), _, Some(_)));
        (whole && !repeated && is_run).then(|| self.count(s, p, o))
    }

    /// How many triples are looked at to find those that fit.
    fn count(&self, s: Option<Id>, p: Option<Id>, o: Option<Id>) -> usize {
        match (s, p, o) {
            (Some(s), Some(p), _) => self.spo.with(s, p).len(),
            (Some(s), None, _) => self.spo.of(s).len(),
            (None, Some(p), Some(o)) => self.ops.with(o, p).len(),
            (None, None, Some(o)) => self.ops.of(o).len(),
            (None, Some(p), None) => self.pso.of(p).len(),
            (None, None, None) => self.dataset.triples(),
        }
    }

    /// The triples of the union of all graphs that fit.
    #[inline]
    pub(super) fn triples(
        &self,
        s: Option<Id>,
        p: Option<Id>,
        o: Option<Id>,
        mut each: impl FnMut([Id; 3]) -> Flow,
    ) -> Flow {
        let (spo, ops, pso) = (self.spo, self.ops, self.pso);
        let budget = &*self.budget;
        match (s, p, o) {
            (Some(s), Some(p), Some(o)) => {
                budget.step()?;
                let (of_subject, of_object) = (spo.of(s), ops.of(o));
                let is_there = if of_subject.len() <= of_object.len() {
                    of_subject.binary_search(&[p, o]).is_ok()
                } else {
                    of_object.binary_search(&[p, s]).is_ok()
                };
                if is_there { each([s, p, o]) } else { Flow::Continue(()) }
            }
            (Some(s), Some(p), None) => spo.with(s, p).iter().try_for_each(|&[_, o]| {
                budget.step()?;
                each([s, p, o])
            }),
            (Some(s), None, Some(o)) => {
                let (of_subject, of_object) = (spo.of(s), ops.of(o));
                if of_subject.len() <= of_object.len() {
                    of_subject.iter().filter(|pair| pair[1] == o).try_for_each(|&[p, _]| {
                        budget.step()?;
                        each([s, p, o])
                    })
                } else {
                    of_object.iter().filter(|pair| pair[1] == s).try_for_each(|&[p, _]| {
                        budget.step()?;
                        each([s, p, o])
                    })
                }
            }
            (Some(s), None, None) => spo.of(s).iter().try_for_each(|&[p, o]| {
                budget.step()?;
                each([s, p, o])
            }),
            (None, Some(p), Some(o)) => ops.with(o, p).iter().try_for_each(|&[_, s]| {
                budget.step()?;
                each([s, p, o])
            }),
            (None, None, Some(o)) => ops.of(o).iter().try_for_each(|&[p, s]| {
                budget.step()?;
                each([s, p, o])
            }),
            (None, Some(p), None) => pso.of(p).iter().try_for_each(|&[s, o]| {
                budget.step()?;
                each([s, p, o])
            }),
            (None, None, None) => (0..self.dataset.terms()).try_for_each(|s| {
                spo.of(s).iter().try_for_each(|&[p, o]| {
                    budget.step()?;
                    each([s, p, o])
                })
            }),
        }
    }
}
