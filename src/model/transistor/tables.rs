//! The tables of drain current, as they lie in `techlib/data/`.

use super::spline::Surface;
use super::{Node, Polarity};

pub(super) fn text(node: Node) -> &'static str {
    match node {
        Node::Nm7 => include_str!("../../../techlib/data/fet-iv-7nm-hp.csv"),
        Node::Nm14 => include_str!("../../../techlib/data/fet-iv-14nm-hp.csv"),
        Node::Nm20 => include_str!("../../../techlib/data/fet-iv-20nm-hp.csv"),
    }
}

/// The surface of one polarity, from lines `type,v_gs,v_ds,i_d`; the signs of a p-channel transistor are turned.
pub(super) fn surface(text: &str, polarity: Polarity) -> Surface {
    let (letter, sign) = match polarity {
        Polarity::N => ("n", 1.0),
        Polarity::P => ("p", -1.0),
    };
    let mut points: Vec<[f64; 3]> = text
        .lines()
        .filter_map(|line| {
            let (kind, rest) = line.split_once(',')?;
            let mut numbers = rest.split(',').map(str::parse::<f64>);
            let mut next = || Some(sign * numbers.next()?.ok()?);
            let [v_gs, v_ds, i_d] = (kind == letter).then(|| Some([next()?, next()?, next()?])).flatten()?;
            // What the simulator leaves there is its own rounding.
            Some([v_gs, v_ds, if v_ds == 0.0 { 0.0 } else { i_d }])
        })
        .collect();
    points.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    let axis = |index: usize| {
        let mut values: Vec<f64> = points.iter().map(|p| p[index]).collect();
        values.sort_by(f64::total_cmp);
        values.dedup();
        values
    };
    Surface::new(axis(0), axis(1), points.iter().map(|p| p[2]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_a_full_grid_without_current_at_zero_drain_voltage() {
        for node in Node::ALL {
            for polarity in [Polarity::N, Polarity::P] {
                let surface = surface(text(node), polarity);
                assert!(surface.is_full_grid(), "{node:?} {polarity:?}");
                for step in 0..100 {
                    let v_gs = -0.5 + 0.018 * f64::from(step);
                    assert!(surface.at(v_gs, 0.0)[0].abs() < 1e-15, "{node:?} {polarity:?} {v_gs}");
                }
            }
        }
    }
}
