//! Whether layers fit on the arrays of a machine, and may be written there.

use super::lower::Lowering;
use crate::diagnostic::{Diagnostic, Span, suggest};
use crate::yaml::Located;

impl Lowering<'_> {
    /// The network fits on the machine, or it is reported.
    pub(super) fn check_capacity(&mut self) {
        let Some(machine) = &self.machine else { return };
        let in_turn = self.computes_in_turn();
        let in_passes = self.reload.is_some();
        let named = self.mapping.and_then(|mapping| mapping.whole);
        let mut errors = Vec::new();
        for leaf in &machine.leaves {
            let level = &machine.levels[leaf.level];
            // Without a mapping layers may share what is around their arrays.
            let whole = if self.mapping.is_some() { machine.whole_of(leaf.level, named) } else { leaf.level };
            let in_whole = machine.arrays_in_whole(leaf.level, whole);
            let (mut used, mut dynamic) = (0_u64, 0_u64);
            for (layer, _) in self.layers.iter().zip(&self.leaf_levels).filter(|(_, at)| **at == leaf.level) {
                let wholes = layer.arrays().div_ceil(in_whole);
                if layer.replication.matrices.dynamic && in_turn || in_passes {
                    dynamic = dynamic.max(wholes);
                } else {
                    used = used.saturating_add(wholes);
                }
            }
            let (needed, there) = (used + dynamic, level.powered / in_whole);
            if needed <= there {
                continue;
            }
            let name = &machine.levels[whole].name;
            let message = format!("the network needs {needed} of `{name}`, the machine has {there}");
            let place = self.spec.network.span().unwrap_or(self.place);
            let error = Diagnostic::error(message).at(place, "").also(level.span, "this level");
            errors.push(error.help(self.what_would_fit(whole, needed)));
        }
        errors.into_iter().for_each(|error| self.report(error));
    }

    /// So many more instances of a level that encloses what is short, and the other ways.
    pub(super) fn what_would_fit(&self, short: usize, needed: u64) -> String {
        let Some(machine) = &self.machine else { return String::new() };
        let many = machine.enclosing(short).filter(|level| machine.levels[*level].count > 1).last().unwrap_or(short);
        let in_one = machine.instances_in(short, many).max(1);
        let more = machine.levels[many].within.map_or(1, |around| machine.levels[around].instances).max(1);
        let count = needed.div_ceil(in_one).div_ceil(more);
        let name = &machine.levels[many].name;
        format!(
            "more of them (levels.{name}.count={count}), fewer weight bits, larger arrays, or `mapping: {{ weights: reload }}`"
        )
    }

    /// What is said where products of two layers meet an array that keeps its weights.
    pub(super) fn refuse_rewriting(&mut self, name: &Located<String>, array: &str, span: Span) {
        let message =
            format!("`{}` multiplies two activations, and `{array}` cannot be rewritten for every input", name.value);
        let fitting: Vec<&str> = self.library.names_where(|c| c.rewritable).collect();
        let has = if fitting.is_empty() { "none".to_owned() } else { suggest::list(&fitting) };
        let help = if self.machine.is_some() {
            format!(
                "`mapping: {{ dynamic: LEVEL }}` names a level of rewritable arrays; {} has: {has}",
                self.library.name
            )
        } else {
            format!("`tile` of this layer names a rewritable array; {} has: {has}", self.library.name)
        };
        self.report(Diagnostic::error(message).at(name.span, "").also(span, "the arrays").help(help));
    }
}
