//! The plan of shipped designs against itself taken apart.

use std::path::Path;

use super::*;
use crate::session::Session;

fn plan(file: &str, settings: &[&str]) -> Plan {
    let mut session = Session::with_settings(settings);
    let design = session.design(Path::new(file)).expect("a design without errors");
    Plan::compile(&design)
}

fn shipped() -> impl Iterator<Item = Plan> {
    ["mlp-784-16-10-analog", "mlp-784-16-10-mixed", "mlp-784-16-10-shared-4b", "mlp-400-120-84-10-mixed"]
        .into_iter()
        .flat_map(|name| {
            [&[][..], &["gating=per-stage"], &["gating=always-on", "pipelined=true"]]
                .map(|settings| plan(&format!("builtin:arch/{name}.yaml"), settings))
        })
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

#[test]
fn derivatives_are_the_slopes_of_the_totals() {
    for plan in shipped() {
        let values = plan.values_si();
        let leaves = plan.stated_si();
        let mut scratch = Scratch::default();
        let by = plan.tape.derivatives(plan.totals.energy.register(), values, &[]);
        for (index, register) in plan.tape.leaf_registers.iter().enumerate() {
            let step = 1e-6 * leaves[index];
            let mut at = |change: f64| {
                let mut changed = leaves.clone();
                changed[index] += change;
                plan.run(&changed, &mut scratch).energy.si()
            };
            let energy = values[plan.totals.energy.register().index()];
            // Where two segments are as long as each other the slopes on the two sides differ, and ours is one of them.
            let sides = [at(step) - energy, energy - at(-step)].map(|change| change / step * leaves[index] / energy);
            let ours = by[register.index()] * leaves[index] / energy;
            assert!(
                sides.iter().any(|side| (side - ours).abs() < 1e-5),
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
