//! How layers take the arrays of a machine: on which level they lie, with how many copies.

use super::Machine;
use super::Pipelining;
use super::layer::packed;
use super::lower::{LeafPlace, Lowering};
use super::writing::Reload;
use crate::diagnostic::{Diagnostic, Diagnostics, suggest};
use crate::spec::machine::{Copying, MappingSpec, WeightsInArrays};
use crate::spec::network::LayerSpec;
use crate::workload::{LayerKind, Matrices, NetworkLayer};
use crate::yaml::{Located, Slot};

/// How layers take arrays, with nothing left open.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mapping {
    /// True if weights are stored as often as makes the longest layer shortest.
    pub balanced: bool,
    /// The smallest part of the machine that two layers do not share.
    pub whole: Option<usize>,
    /// The level of arrays for products of two layers.
    pub dynamic: Option<usize>,
    /// Inferences between two reloads, where weights that do not fit are written in passes.
    pub reload_after: Option<u64>,
}

/// Instances of a level that two layers do not share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whole {
    /// The level of arrays.
    pub leaf: usize,
    /// The level whose instances are not shared.
    pub level: usize,
    /// Arrays in one instance.
    pub arrays: u64,
    /// Instances that are powered.
    pub there: u64,
}

/// What a layer asks of its level of arrays.
pub(super) struct Demand {
    pub step: usize,
    pub leaf: usize,
    /// Arrays of one copy.
    pub arrays: u64,
    products: u64,
    /// Reads of one product: what its time is proportional to.
    reads: u64,
    pub dynamic: bool,
    /// Copies that the file states.
    pub stated: Option<u64>,
}

impl Machine {
    /// The level whose instances two layers do not share: the one that is named where it encloses the arrays, else that around them.
    pub(super) fn whole_of(&self, leaf: usize, named: Option<usize>) -> usize {
        let named = named.filter(|level| self.enclosing(leaf).any(|at| at == *level));
        named.or(self.levels[leaf].within).unwrap_or(leaf)
    }

    /// Arrays in one instance of such a level, those that are powered.
    pub(super) fn arrays_in_whole(&self, leaf: usize, whole: usize) -> u64 {
        let inside = self.enclosing(leaf).take_while(|at| *at != whole);
        inside.map(|at| self.levels[at].powered_each).product::<u64>().max(1)
    }
}

impl<'a> Lowering<'a> {
    /// Reads the mapping; what is wrong is reported. None where the file says nothing.
    pub(super) fn read_mapping(&mut self) -> Option<Mapping> {
        let written = self.spec.mapping.located()?;
        let spec = &written.value;
        if self.spec.levels.is_missing() {
            let copies = spec.copies.get() == Some(&Copying::Balanced);
            let (message, place) = if copies {
                ("without levels nothing limits the copies", spec.copies.span())
            } else {
                ("`mapping` says how layers take the arrays of `levels`, and the design has none", None)
            };
            self.report(Diagnostic::error(message).at(place.unwrap_or(written.span), ""));
            return None;
        }
        let before = self.diagnostics.mark();
        let whole = self.level_named(&spec.whole);
        let dynamic = self.level_named(&spec.dynamic);
        let dynamic = self.leaf_named(&spec.dynamic, dynamic);
        let batch = match &spec.batch {
            Slot::Missing => Some(1),
            Slot::Bad => None,
            Slot::Present(batch) => self.count("batch", batch, super::lower::MAX_SIZE),
        };
        let reload = spec.weights.get() == Some(&WeightsInArrays::Reload);
        self.refuse_batch(spec, reload);
        self.diagnostics.since(before).ok()?;
        let balanced = spec.copies.get() == Some(&Copying::Balanced);
        Some(Mapping { balanced, whole, dynamic, reload_after: batch.filter(|_| reload) })
    }

    fn refuse_batch(&mut self, spec: &MappingSpec, reload: bool) {
        let Some(place) = spec.batch.span().filter(|_| !reload) else { return };
        let error = Diagnostic::error("`batch` counts inferences between two reloads, and weights are not reloaded");
        self.report(error.at(place, "").help("`weights: reload` writes what does not fit, in passes"));
    }

    fn level_named(&mut self, slot: &Slot<String>) -> Option<usize> {
        let (name, machine) = (slot.located()?, self.machine.as_ref()?);
        let found = machine.levels.iter().position(|level| level.name == name.value);
        if found.is_none() {
            let known = machine.levels.iter().map(|level| level.name.as_str());
            let help = suggest::did_you_mean(&name.value, known);
            let error = Diagnostic::error(format!("unknown level `{}`", name.value));
            self.report(error.at(name.span, "no level has this name").maybe_help(help));
        }
        found
    }

    fn leaf_named(&mut self, slot: &Slot<String>, level: Option<usize>) -> Option<usize> {
        let (level, machine) = (level?, self.machine.as_ref()?);
        if machine.levels.iter().any(|other| other.within == Some(level)) {
            let names: Vec<&str> = machine.leaves.iter().map(|l| machine.levels[l.level].name.as_str()).collect();
            let message = format!("no arrays are on the level `{}`", machine.levels[level].name);
            let help = format!("arrays are on: {}", suggest::list(&names));
            let place = slot.span().unwrap_or(self.place);
            self.report(Diagnostic::error(message).at(place, "").help(help));
            return None;
        }
        Some(level)
    }

    /// The level of arrays that a layer lies on; none if it is not known, which is reported.
    pub(super) fn leaf_of(&mut self, spec: &'a Located<LayerSpec>, layer: &NetworkLayer<'_>) -> Option<LeafPlace<'a>> {
        let machine = self.machine.as_ref()?;
        let dynamic = matches!(layer.kind, Some(LayerKind::MatMul { .. }));
        let of_dynamic = self.mapping.and_then(|mapping| mapping.dynamic);
        let leaves: Vec<usize> = machine.leaves.iter().map(|leaf| leaf.level).collect();
        let static_leaves: Vec<usize> = leaves.iter().copied().filter(|leaf| Some(*leaf) != of_dynamic).collect();
        let names: Vec<&str> = leaves.iter().map(|level| machine.levels[*level].name.as_str()).collect();
        // Of the layers of attention `on` is about those with weights.
        let on = if dynamic && !spec.value.attention.is_missing() { &Slot::Missing } else { &spec.value.on };
        let found = match on {
            Slot::Bad => return None,
            Slot::Present(on) => match names.iter().position(|name| *name == on.value) {
                Some(at) => leaves.get(at).copied(),
                None => {
                    let message = format!("no arrays are on the level `{}`", on.value);
                    let help = format!("layers may be on: {}", suggest::list(&names));
                    self.report(Diagnostic::error(message).at(on.span, "").help(help));
                    return None;
                }
            },
            Slot::Missing if dynamic && of_dynamic.is_some() => of_dynamic,
            Slot::Missing if static_leaves.len() == 1 => static_leaves.first().copied(),
            Slot::Missing if leaves.len() > 1 => {
                let message = "a layer does not say on which level of arrays it lies".to_owned();
                let key = if dynamic { "`mapping: { dynamic: LEVEL }`" } else { "`on: LEVEL`" };
                let help = format!("{key}; layers may be on: {}", suggest::list(&names));
                let label = if dynamic { "its matrix is written for every inference" } else { "`on` is missing here" };
                self.report(Diagnostic::error(message).at(spec.span, label).help(help));
                return None;
            }
            // Without a leaf something else is wrong.
            Slot::Missing => leaves.first().copied(),
        };
        found.and_then(|level| self.as_leaf(level))
    }

    /// How often the matrices of a layer are stored.
    pub(super) fn copies_of(&mut self, step: usize, spec: &LayerSpec, matrices: Option<&Matrices>) -> u64 {
        let balanced = self.copies.get(&step).copied().unwrap_or(1);
        let Some(matrices) = matrices.filter(|matrices| !matrices.dynamic) else { return balanced };
        match &spec.copies {
            Slot::Present(copies) if self.machine.is_none() => {
                let error = Diagnostic::error("copies lie on the arrays of `levels`, and the design has none");
                self.report(error.at(copies.span, ""));
                1
            }
            Slot::Present(copies) if u64::from(copies.value) > matrices.products || copies.value == 0 => {
                let message = format!("{} copies share {} products", copies.value, matrices.products);
                self.report(Diagnostic::error(message).at(copies.span, format!("expected 1 to {}", matrices.products)));
                1
            }
            Slot::Present(copies) => u64::from(copies.value),
            _ => balanced,
        }
    }

    /// Shares the arrays out: the passes in which weights are written, where they do not stay, and the copies of layers, where they are balanced.
    pub(super) fn share_out(&mut self, layers: &[NetworkLayer<'a>]) {
        let Some(mapping) = self.mapping.filter(|m| m.balanced || m.reload_after.is_some()) else { return };
        let demands = self.demands(layers);
        self.reload = self.passes(mapping, &demands);
        let in_passes = self.reload.as_ref().is_some_and(|reload| reload.passes() > 1);
        if mapping.balanced && !in_passes {
            let in_turn = self.computes_in_turn();
            self.copies = self.wholes().iter().flat_map(|whole| copies_on(whole, &demands, in_turn)).collect();
        }
    }

    /// What two layers do not share, of each level of arrays; none where the file says nothing of it.
    pub(super) fn wholes(&self) -> Vec<Whole> {
        let (Some(mapping), Some(machine)) = (self.mapping, &self.machine) else { return Vec::new() };
        let of = |leaf: usize| {
            let level = machine.whole_of(leaf, mapping.whole);
            let arrays = machine.arrays_in_whole(leaf, level);
            Whole { leaf, level, arrays, there: machine.levels[leaf].powered / arrays }
        };
        machine.leaves.iter().map(|leaf| of(leaf.level)).collect()
    }

    /// True if one inference, and one layer, ends before the next begins.
    pub(super) fn computes_in_turn(&self) -> bool {
        self.spec.pipelined.get().copied().unwrap_or_default() == Pipelining::None
    }

    /// The passes in which weights are written, where they are.
    fn passes(&self, mapping: Mapping, demands: &[Demand]) -> Option<Reload> {
        let wholes = self.wholes().into_iter().map(|whole| (whole.leaf, (whole.there, whole.arrays)));
        Some(Reload::of(mapping.reload_after?, demands, &wholes.collect()))
    }

    /// What all layers ask of arrays; of a layer that something is wrong with nothing, which is reported where it is lowered.
    fn demands(&mut self, layers: &[NetworkLayer<'a>]) -> Vec<Demand> {
        let mut found = Diagnostics::default();
        std::mem::swap(self.diagnostics, &mut found);
        let demands = layers.iter().enumerate().filter_map(|(step, layer)| self.demand(step, layer)).collect();
        std::mem::swap(self.diagnostics, &mut found);
        self.leaf = None;
        demands
    }

    fn demand(&mut self, step: usize, layer: &NetworkLayer<'a>) -> Option<Demand> {
        let matrices = layer.work.as_ref()?.matrices?;
        let spec = layer.spec?;
        let leaf = self.leaf_of(spec, layer)?;
        self.leaf = Some(leaf);
        let (mut weights, tile, input) =
            (self.weights(&spec.value)?, self.tile(&spec.value)?, self.input_chain(&spec.value)?);
        weights.bias &= !matrices.dynamic;
        let packed = packed(&matrices, &weights, &tile);
        let signal = self.words(matrices.inputs * packed);
        let grid = self.grid(&signal, matrices.outputs * packed, &weights, &tile)?;
        let serial = self.serial(&signal, &input, &grid, &tile);
        let in_turn = matrices.in_turn;
        let stated = spec.value.copies.get().map(|copies| u64::from(*copies)).filter(|_| !matrices.dynamic);
        Some(Demand {
            step,
            leaf: leaf.level,
            arrays: grid.tiles() * matrices.groups.div_ceil(packed),
            products: matrices.products,
            reads: serial.cycles(),
            dynamic: matrices.dynamic,
            stated: stated.or(in_turn.then_some(1)),
        })
    }
}

/// Copies, by step, of all layers on a level of arrays that make the longest of them shortest; `in_turn` where one layer ends before the next begins.
fn copies_on(whole: &Whole, demands: &[Demand], in_turn: bool) -> Vec<(usize, u64)> {
    let Whole { leaf, arrays, there, .. } = *whole;
    let of_leaf = demands.iter().filter(|demand| demand.leaf == leaf);
    // Matrices that are written for each inference may lie where those of others have been.
    let (dynamic, fixed): (Vec<&Demand>, Vec<&Demand>) = of_leaf.partition(|demand| demand.dynamic && in_turn);
    // One copy of the largest of them has room beside the others.
    let written = dynamic.iter().map(|demand| demand.arrays.div_ceil(arrays)).max().unwrap_or(0);
    let mut copies = balanced(&fixed, arrays, there.saturating_sub(written));
    let taken = copies.iter().zip(&fixed).map(|((_, copies), demand)| (copies * demand.arrays).div_ceil(arrays));
    let room = there.saturating_sub(taken.fold(0, u64::saturating_add));
    copies.extend(dynamic.iter().flat_map(|demand| balanced(&[demand], arrays, room)));
    copies
}

/// The smallest time for which all copies fit, and the copies of it: of each layer as many as it needs to take no longer.
///
/// Times are counted in reads, in units of 2^-32; whatever is counted in them, the copies of the smallest time that fits are those of the smallest
/// `products x reads / copies` that fits.
fn balanced(demands: &[&Demand], arrays_in_whole: u64, wholes: u64) -> Vec<(usize, u64)> {
    const SCALE: u128 = 1 << 32;
    let copies = |demand: &Demand, time: u128| -> u64 {
        let work = u128::from(demand.products) * u128::from(demand.reads) * SCALE;
        let needed = u64::try_from(work.div_ceil(time.max(1))).unwrap_or(u64::MAX);
        demand.stated.unwrap_or_else(|| needed.clamp(1, demand.products))
    };
    let fits = |time: u128| {
        let of = |demand: &&Demand| copies(demand, time).saturating_mul(demand.arrays).div_ceil(arrays_in_whole);
        demands.iter().map(of).fold(0, u64::saturating_add) <= wholes
    };
    let most = demands.iter().map(|d| u128::from(d.products) * u128::from(d.reads)).max().unwrap_or(1);
    let (mut low, mut high) = (1, most * SCALE);
    while low < high {
        let middle = u128::midpoint(low, high);
        if fits(middle) { high = middle } else { low = middle + 1 }
    }
    demands.iter().map(|demand| (demand.step, copies(demand, high))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn demand(step: usize, arrays: u64, products: u64) -> Demand {
        Demand { step, leaf: 0, arrays, products, reads: 1, dynamic: false, stated: None }
    }

    proptest! {
        /// Every time that a layer can take with some copies is tried, the shortest that fits taken.
        #[test]
        fn the_longest_layer_is_as_short_as_fits(
            sizes in prop::collection::vec((1u64..20, 1u64..30), 1..5), arrays in 1u64..9, wholes in 1u64..60,
        ) {
            let demands: Vec<Demand> =
                sizes.iter().enumerate().map(|(step, &(arrays, products))| demand(step, arrays, products)).collect();
            let references: Vec<&Demand> = demands.iter().collect();
            let found = balanced(&references, arrays, wholes);
            let used: u64 = found.iter().map(|&(step, copies)| (copies * demands[step].arrays).div_ceil(arrays)).sum();
            let copies_for = |n: u64, k: u64, d: &Demand| (d.products * k).div_ceil(n);
            let mut best: Option<(f64, Vec<u64>)> = None;
            for d in &demands {
                for k in 1..=d.products {
                    let copies: Vec<u64> = demands.iter().map(|other| copies_for(d.products, k, other).min(other.products)).collect();
                    let needed: u64 = copies.iter().zip(&demands).map(|(c, d)| (c * d.arrays).div_ceil(arrays)).sum();
                    let time = d.products as f64 / k as f64;
                    if needed <= wholes && best.as_ref().is_none_or(|(least, _)| time < *least) {
                        best = Some((time, copies));
                    }
                }
            }
            let found: Vec<u64> = found.iter().map(|&(_, copies)| copies).collect();
            match best {
                Some((_, copies)) => {
                    prop_assert!(used <= wholes);
                    prop_assert_eq!(found, copies);
                }
                // It does not fit at all: one copy of each, which is refused later.
                None => prop_assert!(found.iter().all(|&copies| copies == 1)),
            }
        }
    }
}
