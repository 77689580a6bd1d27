//! Gate capacitance of a fin, over the gate-source voltage.

use std::sync::OnceLock;

use super::{Polarity, ProcessNode};

/// Gate capacitances of one fin, in farad.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GateCapacitance {
    /// Gate to everything.
    pub total_f: f64,
    /// Of which gate to drain.
    pub drain_f: f64,
}

impl ProcessNode {
    /// Gate capacitances of one fin; none where no table exists. `v_gs` of a p-channel transistor is negative where it conducts.
    ///
    /// The table holds five gate voltages at half the supply between drain and source; between them the capacitance is taken as
    /// linear, beyond them as constant.
    #[must_use]
    pub fn gate_capacitance(self, polarity: Polarity, v_gs: f64) -> Option<GateCapacitance> {
        static READ: OnceLock<[Vec<[f64; 3]>; 2]> = OnceLock::new();
        if self != Self::Nm14 {
            return None;
        }
        let [n, p] = READ.get_or_init(|| [read("n", 1.0), read("p", -1.0)]);
        let (table, v_gs) = match polarity {
            Polarity::N => (n, v_gs),
            Polarity::P => (p, -v_gs),
        };
        let at = table.partition_point(|row| row[0] <= v_gs).clamp(1, table.len() - 1);
        let ([x0, total0, drain0], [x1, total1, drain1]) = (table[at - 1], table[at]);
        let t = ((v_gs - x0) / (x1 - x0)).clamp(0.0, 1.0);
        Some(GateCapacitance { total_f: total0 + t * (total1 - total0), drain_f: drain0 + t * (drain1 - drain0) })
    }
}

/// Gate voltage, total and drain capacitance of each line of a type.
fn read(kind: &str, sign: f64) -> Vec<[f64; 3]> {
    include_str!("../../../techlib/data/fet-capacitance-14nm-hp.csv")
        .lines()
        .filter_map(|line| {
            let fields: Vec<&str> = line.split(',').collect();
            let number = |index: usize| fields.get(index)?.parse::<f64>().ok();
            (fields.first() == Some(&kind))
                .then(|| Some([sign * number(1)?, number(3)?, number(3)? - number(4)?]))
                .flatten()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_met_at_its_points_and_held_beyond() {
        let n = |v| ProcessNode::Nm14.gate_capacitance(Polarity::N, v).expect("a table");
        assert!((n(0.4).total_f - 5.458_965e-17).abs() < 1e-22);
        assert_eq!(n(2.0), n(0.8));
        let p = ProcessNode::Nm14.gate_capacitance(Polarity::P, -0.6).expect("a table");
        assert!((p.drain_f - (6.063_283e-17 - 3.952_732e-17)).abs() < 1e-22);
        assert_eq!(ProcessNode::Nm7.gate_capacitance(Polarity::N, 0.4), None);
    }
}
