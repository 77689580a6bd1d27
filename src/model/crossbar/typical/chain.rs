//! A uniform chain: equal segments between neighbouring nodes, an equal conductance from each node to its own source, one open end, one foot.
//!
//! All it does is known in closed form. With x the ratio of node to segment conductance and `2 sinh(κ/2) = √x`, the voltages of a chain
//! without sources are `cosh((i - 1/2) κ)` from its open end; node by node elimination gives the same. Powers of `exp(-κ)` come from square
//! roots and products alone, so that every machine finds the same bits, and differences are written such that positive numbers are added:
//! chains of next to ideal wires keep their digits.

/// A chain that sources of 1 V drive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ColumnChain {
    nodes: u64,
    /// From each node to its source.
    node_s: f64,
    /// Between neighbouring nodes, and after the last.
    segment_ohm: f64,
    /// `sinh(κ/2)`
    sinh: f64,
    /// `cosh(κ/2)`
    cosh: f64,
    /// `tanh(n κ)` for n nodes.
    tanh: f64,
    /// `cosh((n - 1/2) κ) / cosh(n κ)`
    below: f64,
}

/// The part of a node's own drive that lies between source and node, where only that node is driven.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Alone {
    /// Mean over the nodes.
    pub mean: f64,
    /// Of the node next to the foot.
    pub last: f64,
}

impl ColumnChain {
    pub(super) fn new(nodes: u64, node_s: f64, segment_ohm: f64) -> Self {
        let x = node_s * segment_ohm;
        let sinh = x.sqrt() / 2.0;
        let cosh = (1.0 + x / 4.0).sqrt();
        let mut chain = Self { nodes, node_s, segment_ohm, sinh, cosh, tanh: 0.0, below: 0.0 };
        let gone = chain.gone(2 * nodes);
        chain.tanh = gone / (2.0 - gone);
        // cosh - tanh(n κ) sinh = exp(-κ/2) + (1 - tanh(n κ)) sinh
        chain.below = chain.decay() + 2.0 * (1.0 - gone) / (2.0 - gone) * sinh;
        chain
    }

    /// `exp(-κ/2)`
    fn decay(&self) -> f64 {
        1.0 / (self.cosh + self.sinh)
    }

    /// `1 - exp(-m κ)`: of m and n together it is `p + q - p q`, of which no digit is lost.
    fn gone(&self, mut m: u64) -> f64 {
        let (mut power, mut gone) = (2.0 * self.sinh * self.decay(), 0.0);
        while m > 0 {
            if m % 2 == 1 {
                gone += power * (1.0 - gone);
            }
            power *= 2.0 - power;
            m /= 2;
        }
        gone
    }

    /// `cosh((n + 1/2) κ) / cosh(n κ)`
    fn above(&self) -> f64 {
        self.cosh + self.tanh * self.sinh
    }

    /// Conductance that is seen from below the last segment, all sources at 0 V.
    pub(super) fn seen_from_foot_s(&self) -> f64 {
        if self.sinh == 0.0 {
            return self.nodes as f64 * self.node_s;
        }
        self.node_s * self.tanh / (2.0 * self.sinh * self.above())
    }

    /// The part of the drive between source and the node next to the foot, where all nodes are driven and the foot is at 0 V.
    pub(super) fn last_of_all(&self) -> f64 {
        self.below / self.above()
    }

    /// Each node driven alone, with this conductance from the foot to 0 V.
    pub(super) fn alone(&self, foot_s: f64) -> Alone {
        let n = self.nodes as f64;
        if self.sinh == 0.0 {
            // One node that all sources drive.
            let others = (n - 1.0) * self.node_s;
            let left = if foot_s.is_infinite() { 1.0 } else { (others + foot_s) / (others + self.node_s + foot_s) };
            return Alone { mean: left, last: left };
        }
        let Self { sinh, cosh, tanh, below, .. } = *self;
        // Conductance from the last node to 0 V, relative to a segment: at most 1.
        let foot = 1.0 / (1.0 + 1.0 / (foot_s * self.segment_ohm));
        // The voltages of the nodes add up to Σ cosh((i - 1/2) κ) β_i, with β the chain's solution from its foot; this is n less that sum.
        let before = self.gone(2 * self.nodes - 1);
        let before = before / (2.0 - before) * below / cosh;
        let sum = (2.0 - foot) * sinh * (n * before - tanh / (2.0 * cosh * cosh)) + n * foot * below;
        let all = 2.0 * tanh * sinh + foot * below;
        // sinh((n - 1) κ) / cosh(n κ)
        let above_last = self.decay().powi(2) * self.gone(2 * self.nodes - 2) / (2.0 - self.gone(2 * self.nodes));
        Alone { mean: sum.max(0.0) / (n * all), last: (2.0 * sinh * above_last + foot * below) / all }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Node by node, from conductances that only add up: mean and last part of a node driven alone, the part at the last node where all are
    /// driven and the foot is held, and the current through that foot.
    fn node_by_node(nodes: usize, node_s: f64, segment_ohm: f64, foot_s: f64) -> [f64; 4] {
        let series = |a_s: f64| a_s / (1.0 + a_s * segment_ohm);
        let mut above = vec![0.0; nodes];
        let mut under = vec![series(foot_s); nodes];
        for i in 1..nodes {
            above[i] = series(above[i - 1] + node_s);
        }
        for i in (0..nodes - 1).rev() {
            under[i] = series(under[i + 1] + node_s);
        }
        let left: Vec<f64> = above.iter().zip(&under).map(|(a, u)| (a + u) / (a + u + node_s)).collect();
        // Sources of 1 and a foot at 0 are, less 1 everywhere, a foot at -1 alone: its voltage divides on the way up.
        let mut at = 1.0;
        let mut through = 0.0;
        let mut last = 0.0;
        for i in (0..nodes).rev() {
            let seen = above[i] + node_s;
            at /= 1.0 + seen * segment_ohm;
            if i == nodes - 1 {
                last = at;
            }
            through += node_s * at;
        }
        [left.iter().sum::<f64>() / nodes as f64, left[nodes - 1], last, through]
    }

    proptest! {
        #[test]
        fn closed_forms_are_what_elimination_gives(
            nodes in 1_usize..40, node in -7.0_f64..-1.0, segment in -3.0_f64..4.0, foot in -9.0_f64..3.0,
        ) {
            let (node_s, segment_ohm, foot_s) = (10_f64.powf(node), 10_f64.powf(segment), 10_f64.powf(foot));
            let chain = ColumnChain::new(nodes as u64, node_s, segment_ohm);
            let [mean, last, last_of_all, through] = node_by_node(nodes, node_s, segment_ohm, foot_s);
            let alone = chain.alone(foot_s);
            // One node alone is held by its foot only: the rest is the rounding of a difference.
            prop_assert!((alone.mean - mean).abs() < 1e-11 * mean + 1e-14, "{} {mean}", alone.mean);
            prop_assert!((alone.last / last - 1.0).abs() < 1e-11, "{} {last}", alone.last);
            prop_assert!((chain.last_of_all() / last_of_all - 1.0).abs() < 1e-11);
            prop_assert!((chain.seen_from_foot_s() / through - 1.0).abs() < 1e-11);
        }

        #[test]
        fn thin_wires_become_one_node(nodes in 1_u64..2000, node in -7.0_f64..-1.0, foot in -7.0_f64..3.0) {
            let (node_s, foot_s) = (10_f64.powf(node), 10_f64.powf(foot));
            let (wire, ideal) = (ColumnChain::new(nodes, node_s, 1e-15), ColumnChain::new(nodes, node_s, 0.0));
            prop_assert!((wire.alone(foot_s).mean - ideal.alone(foot_s).mean).abs() < 1e-8);
            prop_assert!((wire.alone(foot_s).last - ideal.alone(foot_s).last).abs() < 1e-8);
            prop_assert!((wire.seen_from_foot_s() / ideal.seen_from_foot_s() - 1.0).abs() < 1e-8);
            prop_assert_eq!(ideal.last_of_all(), 1.0);
        }
    }

    #[test]
    fn a_foot_that_is_held_takes_all_of_a_node_without_wires() {
        assert_eq!(ColumnChain::new(8, 1e-4, 0.0).alone(f64::INFINITY), Alone { mean: 1.0, last: 1.0 });
        let held = ColumnChain::new(8, 1e-4, 10.0);
        assert!((held.alone(f64::INFINITY).mean - held.alone(1e12).mean).abs() < 1e-9);
    }
}
