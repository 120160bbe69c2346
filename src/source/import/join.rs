//! Indicator blocks joined to the targets of their page, and merged into the indicators known.

use std::collections::BTreeMap;

use crate::{
    model::{Field, Indicator, IndicatorId, TargetCode},
    source::{
        page::{Block, Report},
        wording_digest,
    },
};

/// The indicators after a page has been merged into them.
pub(super) struct Joined {
    pub(super) indicators: BTreeMap<IndicatorId, Indicator>,
    /// Indicators and sub-levels that were not there before.
    pub(super) new: usize,
}

/// What a page has to do with indicators.
pub(super) struct Page<'a> {
    pub(super) blocks: &'a [Block],
    pub(super) url: &'a str,
    /// Whether its text ends before the page does.
    pub(super) cut_off: bool,
}

/// Joins each block to the target in its place: blocks carry no code and follow the order of the targets. Where that
/// cannot be right, nothing is joined.
pub(super) fn join(
    page: &Page<'_>,
    targets: &[TargetCode],
    known: &BTreeMap<IndicatorId, Indicator>,
    report: &mut Report,
) -> Joined {
    let blocks = page.blocks;
    let mut joined = Joined { indicators: known.clone(), new: 0 };
    let mut targets = targets.to_vec();
    targets.sort_unstable();
    let Some(first) = blocks.first() else {
        if !targets.is_empty() {
            let why = if page.cut_off {
                "The text imported ends before them."
            } else {
                "The text imported has none under its targets."
            };
            report.gap(Field::Indicators, why);
        }
        return joined;
    };
    if blocks.len() != targets.len() {
        let message = format!(
            "the page has {} of indicators and {}",
            count(blocks.len(), "block"),
            count(targets.len(), "target")
        );
        let help = "nothing is joined; compare the targets that were read with those of the page";
        report.warning(first.line, "blocks-and-targets-differ", message, help);
        let why = if page.cut_off {
            "The text imported ends within them."
        } else {
            "The page has not as many blocks of indicators as targets that could be read."
        };
        report.gap(Field::Indicators, why);
        return joined;
    }
    let digested: Vec<Digested<'_>> = blocks.iter().map(Digested::new).collect();
    if contradicted(&digested, &targets, known, report) {
        report.gap(
            Field::Indicators,
            "The indicators on the page are not in the order of the targets that could be read.",
        );
        return joined;
    }
    for (block, target) in digested.iter().zip(&targets) {
        let before = joined.new;
        joined.merge(block, *target, page.url);
        let has_others = known.keys().any(|id| id.target == *target);
        if joined.new > before && has_others {
            let message = format!("{} new under {target}, which has others", count(joined.new - before, "indicator"));
            report.warning(block.block.line, "new-indicators", message, "look whether they belong to this target");
        }
    }
    if page.cut_off {
        report.gap(Field::Indicators, "The text imported ends within the last of them.");
    } else if let Some((last, target)) = digested.last().zip(targets.last()) {
        last.compare(*target, known, report);
    }
    joined
}

fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// A block with the digests of its wordings.
struct Digested<'b> {
    block: &'b Block,
    digests: Vec<String>,
}

impl<'b> Digested<'b> {
    fn new(block: &'b Block) -> Self {
        Self { block, digests: block.items.iter().map(|item| wording_digest(&item.wording)).collect() }
    }

    /// Says that the last block of a page has only the first of the indicators known: the text may end within it.
    fn compare(&self, target: TargetCode, known: &BTreeMap<IndicatorId, Indicator>, report: &mut Report) {
        let of_target = known.iter().filter(|(id, _)| id.target == target && id.level.is_none());
        let of_target: Vec<&str> = of_target.map(|(_, indicator)| indicator.wording_digest.as_str()).collect();
        let here = self.digests.len();
        if here > 0
            && here < of_target.len()
            && of_target.starts_with(&self.digests.iter().map(String::as_str).collect::<Vec<_>>())
        {
            let message =
                format!("the last block has {here} of the {} of {target}", count(of_target.len(), "indicator"));
            report.note(self.block.line, "short-block", message, "look whether the page has the others too");
            report.gap(Field::Indicators, "The text imported may end within the last of them.");
        }
    }
}

/// Whether the wordings of a block belong rather to another target than to that in its place.
fn contradicted(
    blocks: &[Digested<'_>],
    targets: &[TargetCode],
    known: &BTreeMap<IndicatorId, Indicator>,
    report: &mut Report,
) -> bool {
    let mut places: BTreeMap<&str, Vec<TargetCode>> = BTreeMap::new();
    for (id, indicator) in known.iter().filter(|(id, _)| id.level.is_none()) {
        places.entry(&indicator.wording_digest).or_default().push(id.target);
    }
    let mut contradicted = false;
    for (Digested { block, digests }, target) in blocks.iter().zip(targets) {
        let mut matches: BTreeMap<TargetCode, usize> = BTreeMap::new();
        for place in digests.iter().filter_map(|digest| places.get(digest.as_str())).flatten() {
            *matches.entry(*place).or_default() += 1;
        }
        let here = matches.get(target).copied().unwrap_or(0);
        if let Some((other, there)) = matches.iter().max_by_key(|(_, count)| **count).filter(|(_, n)| **n > here) {
            contradicted = true;
            let message = format!(
                "the block is in the place of {target} and has {there} of the indicators of {other} and {here} of its own"
            );
            let help = "nothing is joined; compare the targets that were read with those of the page";
            report.warning(block.line, "block-of-other-target", message, help);
        }
    }
    contradicted
}

impl Joined {
    fn merge(&mut self, Digested { block, digests }: &Digested<'_>, target: TargetCode, page: &str) {
        for (item, digest) in block.items.iter().zip(digests) {
            let free = |last: u16| IndicatorId { target, position: last.saturating_add(1), level: None };
            let siblings = |id: &IndicatorId| id.target == target && id.level.is_none();
            let Some(parent) = self.witness(digest, &item.wording, page, siblings, |id| id.position, free) else {
                continue;
            };
            for (_, wording) in &item.levels {
                let free = |last: u16| IndicatorId { level: Some(last.saturating_add(1)), ..parent };
                let siblings = |id: &IndicatorId| id.parent() == Some(parent);
                self.witness(&wording_digest(wording), wording, page, siblings, |id| id.level.unwrap_or(0), free);
            }
        }
    }

    /// Finds an official wording among its siblings, or adds it behind them; either way the page is a witness of it.
    /// `None` when there is no place left.
    fn witness(
        &mut self,
        digest: &str,
        wording: &str,
        page: &str,
        siblings: impl Fn(&IndicatorId) -> bool,
        number: impl Fn(&IndicatorId) -> u16,
        free: impl Fn(u16) -> IndicatorId,
    ) -> Option<IndicatorId> {
        let same = |(id, known): &(&IndicatorId, &Indicator)| siblings(id) && known.wording_digest == digest;
        let found = self.indicators.iter().find(same).map(|(id, _)| *id);
        let id = found
            .unwrap_or_else(|| free(self.indicators.keys().filter(|id| siblings(id)).map(number).max().unwrap_or(0)));
        if found.is_none() && self.indicators.contains_key(&id) {
            return None;
        }
        self.new += usize::from(found.is_none());
        let indicator = self.indicators.entry(id).or_insert_with(|| Indicator {
            id,
            label: None,
            definition: None,
            wording_digest: digest.to_owned(),
            pages: Vec::new(),
        });
        indicator.definition.get_or_insert_with(|| wording.to_owned());
        if let Err(place) = indicator.pages.binary_search_by(|known| known.as_str().cmp(page)) {
            indicator.pages.insert(place, page.to_owned());
        }
        Some(id)
    }
}
