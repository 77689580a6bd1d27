//! The tables of drain current, as they lie in `techlib/data/`. Read once, when the program is built (`build.rs`).

use super::Polarity;
use super::spline::Surface;

/// The surface of one polarity.
pub(super) fn surface(text: &str, polarity: Polarity) -> Surface {
    let mut points = points(text, polarity);
    points.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    Surface::new(axis(&points, 0), axis(&points, 1), points.iter().map(|p| p[2]).collect())
}

/// Gate-source voltage, drain-source voltage and drain current, from lines `type,v_gs,v_ds,i_d`; the signs of a p-channel transistor are
/// turned.
fn points(text: &str, polarity: Polarity) -> Vec<[f64; 3]> {
    let (letter, sign) = match polarity {
        Polarity::N => ("n", 1.0),
        Polarity::P => ("p", -1.0),
    };
    text.lines()
        .filter_map(|line| {
            let (kind, rest) = line.split_once(',')?;
            let mut numbers = rest.split(',').map(str::parse::<f64>);
            let mut next = || Some(sign * numbers.next()?.ok()?);
            let [v_gs, v_ds, i_d] = (kind == letter).then(|| Some([next()?, next()?, next()?])).flatten()?;
            // What the simulator leaves there is its own rounding.
            Some([v_gs, v_ds, if v_ds == 0.0 { 0.0 } else { i_d }])
        })
        .collect()
}

/// The different values of a coordinate, rising.
fn axis(points: &[[f64; 3]], index: usize) -> Vec<f64> {
    let mut values: Vec<f64> = points.iter().map(|p| p[index]).collect();
    values.sort_by(f64::total_cmp);
    values.dedup();
    values
}

#[cfg(test)]
mod tests {
    use super::super::ProcessNode;
    use super::*;

    fn text(node: ProcessNode) -> &'static str {
        match node {
            ProcessNode::Nm7 => include_str!("../../../techlib/data/fet-iv-7nm-hp.csv"),
            ProcessNode::Nm14 => include_str!("../../../techlib/data/fet-iv-14nm-hp.csv"),
            ProcessNode::Nm20 => include_str!("../../../techlib/data/fet-iv-20nm-hp.csv"),
        }
    }

    #[test]
    fn the_packed_surfaces_are_those_of_the_tables_to_the_bit() {
        for node in ProcessNode::ALL {
            let transistors = node.transistors();
            for (packed, polarity) in [(&transistors.n, Polarity::N), (&transistors.p, Polarity::P)] {
                let read = surface(text(node), polarity);
                assert!(read.is_full_grid());
                assert_eq!(*packed, read, "{node:?} {polarity:?}");
            }
        }
    }

    #[test]
    fn with_every_second_point_left_out_these_are_met_within_1_percent_of_the_largest_current() {
        for node in ProcessNode::ALL {
            for polarity in [Polarity::N, Polarity::P] {
                let mut points = points(text(node), polarity);
                points.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
                let [xs, ys] = [0, 1].map(|index| axis(&points, index));
                let kept = |all: &[f64], value: f64| all.iter().position(|v| *v == value).is_some_and(|k| k % 2 == 0);
                let (coarse, left_out): (Vec<[f64; 3]>, Vec<[f64; 3]>) =
                    points.iter().partition(|p| kept(&xs, p[0]) && kept(&ys, p[1]));
                let surface = Surface::new(axis(&coarse, 0), axis(&coarse, 1), coarse.iter().map(|p| p[2]).collect());
                let largest = points.iter().map(|p| p[2]).fold(0.0, f64::max);
                let worst = left_out.iter().map(|p| (surface.at(p[0], p[1])[0] - p[2]).abs()).fold(0.0, f64::max);
                assert!(worst < 0.01 * largest, "{node:?} {polarity:?}: {:.3} %", 100.0 * worst / largest);
            }
        }
    }

    #[test]
    fn every_table_is_a_full_grid_without_current_at_zero_drain_voltage() {
        for node in ProcessNode::ALL {
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
