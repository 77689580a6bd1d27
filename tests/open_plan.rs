//! Plans with open numbers, against designs that are read again with those numbers set in their files.

use std::path::Path;

use imcost::cost::plan::NotOpened;
use imcost::cost::plan::leaf::What;
use imcost::cost::{Plan, Scratch, Totals, estimate};
use imcost::design::{Role, Statistics};
use imcost::{Design, Session};

fn design(file: &str, settings: &[String]) -> Option<Design> {
    Session::with_settings(settings).design(Path::new(file)).ok()
}

fn totals(file: &str, settings: &[String]) -> Option<Totals> {
    Some(estimate(&design(file, settings)?).ok()?.totals)
}

fn close(a: f64, b: f64) -> bool {
    (a / b - 1.0).abs() < 1e-9
}

fn same(a: &Totals, b: &Totals) -> bool {
    close(a.energy.si(), b.energy.si())
        && close(a.power.si(), b.power.si())
        && close(a.peak_power.si(), b.peak_power.si())
        && close(a.latency.si(), b.latency.si())
        && close(a.initiation_interval.si(), b.initiation_interval.si())
        && close(a.area.si(), b.area.si())
}

/// Every number of a design's library that can be opened and set by itself: run with another value it gives what the file gives with that
/// value in it.
#[test]
fn an_open_number_moves_the_totals_as_a_setting_does() {
    for (file, least) in [
        ("builtin:arch/mlp-784-16-10-analog.yaml", 20),
        ("builtin:arch/mlp-784-16-10-mixed.yaml", 20),
        ("builtin:arch/mlp-784-16-10-shared-4b.yaml", 20),
    ] {
        let stated = design(file, &[]).expect("shipped");
        let before = estimate(&stated).expect("physical").totals;
        let mut scratch = Scratch::default();
        let (mut compared, mut moved) = (0, 0);
        for (_, number) in stated.library.numbers.iter() {
            let Ok(plan) = Plan::open(&stated, &[&number.path]) else { continue };
            let mut values = plan.stated_si();
            let place = plan.opened()[0];
            assert!(close(values[place], number.value.si), "{}", number.path);
            assert!(same(&plan.run(&values, &mut scratch), &before), "{}", number.path);
            // Fins are whole; all else is by a few percent.
            values[place] *= if number.path.ends_with("nfin") { 2.0 } else { 1.03 };
            let unit = number.value.unit();
            let Some(set) = totals(file, &[format!("{}={} {unit}", number.path, values[place])]) else { continue };
            let run = plan.run(&values, &mut scratch);
            assert!(same(&run, &set), "{file} {}: {run:?} {set:?}", number.path);
            compared += 1;
            moved += usize::from(!same(&set, &before));
        }
        assert!(compared >= least && moved >= least * 3 / 4, "{file}: {compared} compared, {moved} moved");
    }
}

/// Registers of a layer wait for those of another: for how long is a difference of two times, and both move.
#[test]
fn what_waits_for_something_slower_waits_as_long_as_it_does_with_that_number_set() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/totals/register-waits.yaml");
    let stated = design(file, &[]).expect("a design without errors");
    let before = totals(file, &[]).expect("physical");
    let plan = Plan::open(&stated, &["adc8.latency"]).expect("open");
    let mut scratch = Scratch::default();
    let mut values = plan.stated_si();
    assert!(same(&plan.run(&values, &mut scratch), &before));
    values[plan.opened()[0]] = 2.5e-9;
    let set = totals(file, &["adc8.latency=2.5 ns".into()]).expect("physical");
    let run = plan.run(&values, &mut scratch);
    assert!(same(&run, &set) && !same(&set, &before), "{run:?} {set:?}");
}

#[test]
fn statistics_of_a_layer_are_open_too() {
    let file = "builtin:arch/mlp-784-16-10-analog.yaml";
    let stated = design(file, &[]).expect("shipped");
    let plan = Plan::open(&stated, &["layers.hidden.active-rows", "layers.output.low-resistance"]).expect("open");
    assert_eq!(plan.leaves().len(), plan.stated_si().len());
    let opened = plan.opened().iter().map(|place| plan.leaves()[*place].what);
    assert_eq!(opened.collect::<Vec<_>>(), [What::ActiveRows, What::LowResistance]);
    let mut values = plan.stated_si();
    for (place, value) in plan.opened().iter().zip([0.4, 0.3]) {
        values[*place] = value;
    }
    let run = plan.run(&values, &mut Scratch::default());
    let layers = [(0.4, stated_of(&stated, 0).1), (stated_of(&stated, 1).0, 0.3)];
    let statistics = layers.map(|(active_rows, low_resistance)| Statistics {
        active_rows,
        mean: None,
        product: None,
        low_resistance,
    });
    let changed = stated.with_statistics(&statistics, false);
    assert!(same(&run, &estimate(&changed).expect("physical").totals));
    assert!(!same(&run, &estimate(&stated).expect("physical").totals));
}

/// A mean and a period that are stated can be other ones; a period that the circuits cannot keep gives no totals.
#[test]
fn a_stated_mean_and_a_stated_period_are_open() {
    let file = "builtin:arch/mlp-784-16-10-analog.yaml";
    let set = |mean: &str, period: &str| {
        let settings = [format!("network.layers.hidden.statistics.mean={mean}"), format!("period={period}")];
        design(file, &settings).expect("fine")
    };
    let stated = set("20%", "20 ns");
    let plan = Plan::open(&stated, &["layers.hidden.mean", "period"]).expect("open");
    let run = |mean: f64, period: f64| {
        let mut values = plan.stated_si();
        values[plan.opened()[0]] = mean;
        values[plan.opened()[1]] = period;
        plan.run(&values, &mut Scratch::default())
    };
    assert!(same(&run(0.3, 5e-8), &estimate(&set("30%", "50 ns")).expect("physical").totals));
    assert!(!same(&run(0.3, 5e-8), &run(0.2, 5e-8)) && !same(&run(0.3, 5e-8), &run(0.3, 2e-8)));
    // 13.2 % of the rows are on: their mean is at most the root of it.
    for (mean, period) in [(0.37, 5e-8), (0.3, 1e-9), (0.3, 0.0), (0.3, f64::NAN)] {
        assert!(run(mean, period).checked().is_err(), "{mean} {period}");
    }
    let unstated = design(file, &[]).expect("shipped");
    assert!(Plan::open(&unstated, &["period"]).is_err() && Plan::open(&unstated, &["layers.hidden.mean"]).is_err());
}

/// The statistics of a layer as its file states them.
fn stated_of(design: &Design, layer: usize) -> (f64, f64) {
    match &design.graph[design.layers[layer].circuits.crossbar].role {
        Role::Crossbar(_, usage) => {
            let bias = (usage.grid.rows - usage.grid.inputs) as f64;
            ((usage.mean_active_rows - bias) / usage.grid.inputs as f64, usage.low_resistance)
        }
        _ => (f64::NAN, f64::NAN),
    }
}

#[test]
fn values_that_no_circuit_has_give_no_totals() {
    let stated = design("builtin:arch/mlp-784-16-10-analog.yaml", &[]).expect("shipped");
    let plan = Plan::open(&stated, &["differential-amplifier.parameters.gbw"]).expect("open");
    let mut values = plan.stated_si();
    for value in [0.0, -1e9, f64::NAN, f64::INFINITY] {
        values[plan.opened()[0]] = value;
        assert!(plan.run(&values, &mut Scratch::default()).checked().is_err(), "{value}");
    }
}

#[test]
fn a_circuit_that_cannot_be_is_no_other_circuit() {
    let stated = design("builtin:arch/mlp-784-16-10-analog.yaml", &[]).expect("shipped");
    for (name, value) in [("sot-mram-neuron.model.mtj-inverter.nfin", 10.5), ("sot-mram-crossbar.wire.width", 1e-3)] {
        let plan = Plan::open(&stated, &[name]).expect("open");
        let mut values = plan.stated_si();
        values[plan.opened()[0]] = value;
        assert!(plan.run(&values, &mut Scratch::default()).checked().is_err(), "{name} {value}");
    }
}

/// What a file with such a value would be refused for gives no totals either.
#[test]
fn values_that_a_file_would_be_refused_for_give_no_totals() {
    let file = "builtin:arch/mlp-784-16-10-analog.yaml";
    let stated = design(file, &[]).expect("shipped");
    for (name, value, unit) in [
        ("sot-mram-50x30.r-low", -8e3, "ohm"),
        ("sot-mram-50x30.r-high", 1e3, "ohm"),
        ("sot-mram-crossbar.cell.width", -1e-7, "m"),
        ("sot-mram-crossbar.cell.height", 0.0, "m"),
        ("sot-mram-crossbar.read-voltage", -0.8, "V"),
        ("sot-mram-crossbar.wire.specularity", 1.5, ""),
        ("differential-amplifier.model.difference-amplifier.input-resistance", -1.0, "ohm"),
        ("differential-amplifier.static-power", 1e70, "W"),
    ] {
        let set = totals(file, &[format!("{name}={value:e} {unit}")]);
        assert!(set.is_none(), "{name} {value}");
        let plan = Plan::open(&stated, &[name]).expect("open");
        let mut values = plan.stated_si();
        values[plan.opened()[0]] = value;
        let run = plan.run(&values, &mut Scratch::default());
        assert!(run.checked().is_err(), "{name} {value}: {run:?}");
    }
    for name in ["layers.hidden.active-rows", "layers.hidden.low-resistance"] {
        let plan = Plan::open(&stated, &[name]).expect("open");
        for value in [-0.1, 1.1] {
            let mut values = plan.stated_si();
            values[plan.opened()[0]] = value;
            assert!(plan.run(&values, &mut Scratch::default()).checked().is_err(), "{name} {value}");
        }
    }
}

#[test]
fn what_cannot_be_opened_says_why() {
    let stated = design("builtin:arch/mlp-784-16-10-mixed.yaml", &[]).expect("shipped");
    let why = |name: &str| Plan::open(&stated, &[name]).expect_err("not open");
    let unknown = why("row-driver.energi");
    assert!(
        matches!(&unknown, NotOpened::Unknown { nearest: Some(best), .. } if best == "row-driver.energy"),
        "{unknown}"
    );
    let layer = why("layers.hiden.active-rows");
    assert!(layer.to_string().ends_with("did you mean `layers.hidden.active-rows`?"), "{layer}");
    let adc =
        stated.graph.node_weights().filter_map(|n| n.component()).find(|c| c.bits_number.is_some()).expect("an ADC");
    assert_eq!(why(&format!("{}.bits", adc.name)), NotOpened::Structure(format!("{}.bits", adc.name)));
    // The ADC states a power; its energy follows from that, and nothing from its energy.
    assert_eq!(why("adc-8b.energy"), NotOpened::Unused("adc-8b.energy".into()));
}
