//! By hand.

use super::*;

const INPUT: Resistance = Resistance::new(1e3);

fn feet(response: &PairResponse, currents: [f64; 2]) -> [f64; 2] {
    response.feet_ohm.map(|of| sum(of, currents))
}

fn sum(weights: [f64; 2], currents: [f64; 2]) -> f64 {
    weights[0] * currents[0] + weights[1] * currents[1]
}

#[test]
fn a_difference_amplifier_is_its_four_resistors() {
    // v_pos = 0.31 V at gain 30: v_x = 0.3 V, 10 uA to ground; the negative column at 0.4 V delivers 0.1 V / 1 kohm.
    let response = ColumnAmplifier::ideal_difference(INPUT, 30.0).response();
    let currents = [10e-6, 0.1e-3];
    let feet = feet(&response, currents);
    assert!((feet[0] - 0.31).abs() < 1e-12 && (feet[1] - 0.4).abs() < 1e-12, "{feet:?}");
    // 0.3 V less what 0.1 mA drops across 30 kohm; the op-amp takes that current.
    assert!((sum(response.output_ohm, currents) - (0.3 - 3.0)).abs() < 1e-12);
    assert_eq!((sum(response.sunk[0], currents), sum(response.sunk[1], currents)), (0.1e-3, 0.0));
}

#[test]
fn what_a_pair_sees_of_a_difference_amplifier() {
    let end = ColumnAmplifier::ideal_difference(INPUT, 30.0).column_end();
    assert!((end.together.si() - 31e3).abs() < 1e-9 && (end.apart.si() - 1e3).abs() < 1e-9);
    // With a gain of 31 at DC half of the output is left: (30 + 62) / 92 of the way from ground to v_pos, seen from the negative column.
    let weak = OpAmp { dc_gain: Some(31.0), ..OpAmp::IDEAL };
    let amplifier = ColumnAmplifier { op_amp: weak, ..ColumnAmplifier::ideal_difference(INPUT, 30.0) };
    let currents = [0.0, 1e-3];
    let response = amplifier.response();
    // v⁺ = 0, v_out = -31 v⁻, 1 mA through 30 kohm: v⁻ + 31 v⁻ = 30 V.
    let minus = 30.0 / 32.0;
    assert!((feet(&response, currents)[1] - (minus + 1.0)).abs() < 1e-12);
    assert!((sum(response.output_ohm, currents) + 31.0 * minus).abs() < 1e-12);
}

#[test]
fn a_transimpedance_amplifier_holds_its_columns_and_takes_their_difference() {
    let ideal = ColumnAmplifier::ideal_transimpedance(INPUT);
    let (response, currents) = (ideal.response(), [0.3e-3, 0.1e-3]);
    assert_eq!(feet(&response, currents), [0.0, 0.0]);
    assert!((sum(response.output_ohm, currents) - 0.2).abs() < 1e-12);
    // The first takes what its column delivers and what it draws out of the second node, the second the difference.
    assert!((sum(response.sunk[0], currents) - 0.6e-3).abs() < 1e-15);
    assert!((sum(response.sunk[1], currents) + 0.2e-3).abs() < 1e-15);
    assert_eq!(ideal.column_end(), ColumnEnd::GROUND);
}

#[test]
fn a_transimpedance_amplifier_of_finite_gain_is_its_node_equations() {
    let op_amp = OpAmp { dc_gain: Some(9.0), ..OpAmp::IDEAL };
    let response = ColumnAmplifier { op_amp, ..ColumnAmplifier::ideal_transimpedance(INPUT) }.response();
    let currents = [0.3e-3, 0.1e-3];
    // First: e + 9 e = 0.3 V. Second: (-0.27 - e) + 0.1 = e + 9 e, in volt.
    let (first, second) = (0.03, -0.17 / 11.0);
    let feet = feet(&response, currents);
    assert!((feet[0] - first).abs() < 1e-12 && (feet[1] - second).abs() < 1e-12, "{feet:?}");
    assert!((sum(response.output_ohm, currents) + 9.0 * second).abs() < 1e-12);
    let into_first = 0.3e-3 + (second + 0.27) / 1e3;
    let into_second = (second + 9.0 * second) / 1e3;
    assert!((sum(response.sunk[0], currents) - into_first).abs() < 1e-15);
    assert!((sum(response.sunk[1], currents) - into_second).abs() < 1e-15);
}

#[test]
fn the_noise_gain_is_that_of_the_column_and_not_of_the_amplifier_alone() {
    // 16 devices of 8488 ohm and 16 of 25465 ohm: 398 ohm. 1 + 30 / 1.398.
    let column = Conductance::new(16.0 / 8488.0 + 16.0 / 25465.0);
    let difference = ColumnAmplifier::ideal_difference(INPUT, 30.0).noise_gains(column);
    assert!((difference[0] - 22.46).abs() < 0.01, "{difference:?}");
    let held = ColumnAmplifier::ideal_difference(INPUT, 30.0).noise_gains(Conductance::new(1e9));
    assert!((held[0] - 31.0).abs() < 1e-6);
    let transimpedance = ColumnAmplifier::ideal_transimpedance(INPUT).noise_gains(column);
    assert!((transimpedance[0] - 3.513).abs() < 1e-3 && (transimpedance[1] - 4.513).abs() < 1e-3);
}
