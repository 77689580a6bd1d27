//! The plan of shipped designs against itself taken apart.

use std::path::Path;

use super::*;
use crate::session::Session;
use crate::units::Unit;

fn design(file: &str, settings: &[&str]) -> Design {
    let mut session = Session::with_settings(settings);
    session.design(Path::new(file)).expect("a design without errors")
}

fn designs() -> impl Iterator<Item = Design> {
    ["mlp-784-16-10-analog", "mlp-784-16-10-mixed", "mlp-784-16-10-shared-4b", "mlp-400-120-84-10-mixed"]
        .into_iter()
        .flat_map(|name| {
            [&[][..], &["gating=per-stage"], &["gating=always-on", "pipelined=true"]]
                .map(|settings| design(&format!("builtin:arch/{name}.yaml"), settings))
        })
}

/// Shipped designs with their figures at the leaves, and with all that these follow from.
fn shipped() -> impl Iterator<Item = Plan> {
    designs().flat_map(|design| [Plan::compile(&design), Plan::down_to_the_stated(&design)])
}

#[test]
fn the_terms_of_every_total_add_up_to_it() {
    for plan in shipped() {
        let t = &plan.totals;
        for register in [t.energy.register(), t.latency.register(), t.area.register(), t.interval.register()] {
            let sum: f64 = plan.tape.terms(register, plan.values_si()).iter().map(|term| term.value_si).sum();
            let total = plan.values_si()[register.index()];
            assert!((sum / total - 1.0).abs() < 1e-12, "{sum:e} {total:e}");
        }
    }
}

#[test]
fn the_assumed_share_is_that_of_the_terms_with_an_assumed_factor() {
    for plan in shipped() {
        let (tape, values) = (&plan.tape, plan.values_si());
        let sure = tape.sure(values);
        for register in [plan.totals.energy.register(), plan.totals.latency.register(), plan.totals.area.register()] {
            let is_sure = |r: Register| sure[r.index()] == values[r.index()];
            let of_terms: f64 = tape
                .terms(register, values)
                .iter()
                .filter(|term| term.factors.iter().all(|(r, _)| is_sure(*r)))
                .map(|term| term.value_si)
                .sum();
            let total = values[register.index()];
            assert!(
                (of_terms - sure[register.index()]).abs() < 1e-12 * total,
                "{of_terms:e} {:e}",
                sure[register.index()]
            );
        }
    }
}

/// A setting is assumed: what is solved with the voltage of the rows is then unsure as a whole, and what is solved without it stays as it is.
#[test]
fn what_a_circuit_gives_is_as_sure_as_the_least_sure_number_that_it_is_solved_from() {
    fn unsure(tape: &tape::Tape, register: Register) -> bool {
        tape.number(register).is_some_and(|number| number.assumed)
            || tape.operands_of(register).into_iter().any(|of| unsure(tape, of))
    }
    let design = design("builtin:arch/mlp-784-16-10-analog.yaml", &["sot-mram-crossbar.read-voltage=0.7 V"]);
    let plan = Plan::down_to_the_stated(&design);
    let (tape, values) = (&plan.tape, plan.values_si());
    let sure = tape.sure(values);
    let mut found = [0, 0];
    for at in 0..values.len() {
        if let tape::PlanOp::Model { .. } = tape.op(Register::at(at)) {
            let unsure = unsure(tape, Register::at(at));
            assert_eq!(sure[at], if unsure { 0.0 } else { values[at] });
            found[usize::from(unsure)] += 1;
        }
    }
    assert!(found[0] > 0 && found[1] > 0, "{found:?}");
}

#[test]
fn derivatives_are_the_slopes_of_the_totals() {
    for plan in shipped() {
        let values = plan.values_si();
        let leaves = plan.stated_si();
        let mut scratch = Scratch::default();
        let by = plan.tape.derivatives(plan.totals.energy.register(), values, &[]);
        for (index, register) in plan.tape.leaf_registers.iter().enumerate() {
            // Models are exact to some digits only, and fins are whole.
            use leaf::What::{ActiveRows, LowResistance, Parameter};
            let below = matches!(plan.tape.leaves[index].what, Parameter | ActiveRows | LowResistance);
            let tolerance = if below { 2e-4 } else { 1e-5 };
            let fine = if below { 2e-3 * leaves[index].abs() } else { 1e-6 * leaves[index] };
            let whole = below && plan.run(&moved(&leaves, index, fine), &mut scratch).checked().is_err();
            let step = if whole { 1.0 } else { fine };
            let mut at = |change: f64| plan.run(&moved(&leaves, index, change), &mut scratch).energy.si();
            let energy = values[plan.totals.energy.register().index()];
            let middle = (at(step) - at(-step)) / (2.0 * step) * leaves[index] / energy;
            // Where two segments are as long as each other the slopes on the two sides differ, and ours is one of them.
            let sides = [at(step) - energy, energy - at(-step)].map(|change| change / step * leaves[index] / energy);
            let ours = by[register.index()] * leaves[index] / energy;
            assert!(
                sides.iter().chain([&middle]).any(|slope| (slope - ours).abs() < tolerance),
                "{:?}: {ours} {sides:?}",
                plan.leaves()[index]
            );
        }
    }
}

#[test]
fn a_run_at_the_stated_values_gives_the_stated_totals() {
    for plan in shipped() {
        assert_eq!(plan.run(&plan.stated_si(), &mut Scratch::default()), plan.as_stated());
    }
}

fn moved(leaves: &[f64], index: usize, change: f64) -> Vec<f64> {
    let mut changed = leaves.to_vec();
    changed[index] += change;
    changed
}

#[test]
fn what_is_below_the_figures_changes_neither_totals_nor_what_is_assumed_of_them() {
    for design in designs() {
        let (figures, all) = (Plan::compile(&design), Plan::down_to_the_stated(&design));
        let (a, b) = (figures.as_stated(), all.as_stated());
        assert_eq!(a, b);
        let assumed = |plan: &Plan, register: fn(&TotalNumbers) -> Register| {
            let register = register(&plan.totals).index();
            plan.tape.sure(plan.values_si())[register] / plan.values_si()[register]
        };
        for register in [
            |t: &TotalNumbers| t.energy.register(),
            |t: &TotalNumbers| t.latency.register(),
            |t: &TotalNumbers| t.area.register(),
        ] {
            let (a, b) = (assumed(&figures, register), assumed(&all, register));
            assert!((a - b).abs() < 1e-12, "{}: {a} {b}", design.name);
        }
    }
}

fn leaves<Q: Unit>(tape: &mut tape::Tape, count: usize) -> Vec<Num<Q>> {
    let leaf = || leaf::Leaf { what: leaf::What::Parameter, number: None, group: NodeIndex::new(0), assumed: false };
    (1..=count).map(|n| Num::at(tape.leaf(Q::from_si(n as f64).into(), leaf()))).collect()
}

/// 10 x 20 terms are told, 400 x 501 are more than the limit.
#[test]
fn a_product_of_two_sums_is_taken_apart_unless_it_has_too_many_terms() {
    let mut tape = tape::Tape::with_capacity(1000);
    let mut product = |powers: usize, times: usize| {
        let (powers, times) = (leaves::<Power>(&mut tape, powers), leaves::<Time>(&mut tape, times));
        let (power, time) = (tape.sum(&powers), tape.sum(&times));
        tape.mul(power, time).register()
    };
    let (few, many) = (product(10, 20), product(400, 501));
    let terms = |of: Register| tape.terms(of, &tape.values);
    assert_eq!(terms(few).len(), 200);
    let of_many = terms(many);
    assert_eq!((of_many.len(), &of_many[0].factors[..]), (1, &[(many, 1)][..]));
}

#[test]
fn what_is_divided_by_a_count_is_a_smaller_term_of_the_same_factors() {
    let mut tape = tape::Tape::with_capacity(3);
    let eight = leaves::<Power>(&mut tape, 8)[7];
    let four = tape.constant(4.0);
    let quotient = tape.add_register(tape::PlanOp::Div(eight.register(), four.register()), Power::from_si(2.0).into());
    let terms = tape.terms(quotient, &tape.values);
    assert_eq!((terms.len(), terms[0].value_si, &terms[0].factors[..]), (1, 2.0, &[(eight.register(), 1)][..]));
}
