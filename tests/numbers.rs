//! The numbers of a library: what rests on what, how sure it is, and what follows when some are changed.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::f64::consts::PI;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use imcost::diagnostic::render::render_all;
use imcost::session::Session;
use imcost::techlib::{Basis, Library, NumberId, Numbers, Origin};
use imcost::units::Unit;

const SHIPPED: &str = "builtin:techlib/sot-mram-14nm.yaml";

fn library_at(path: &str, settings: &[&str]) -> Arc<Library> {
    let mut session = Session::with_settings(settings);
    let library = session.library(path.as_ref());
    let said = render_all(&session.diagnostics, &session.sources, false);
    assert_eq!(said, "", "{path} {settings:?}");
    library.expect("a library")
}

fn shipped(settings: &[&str]) -> Arc<Library> {
    library_at(SHIPPED, settings)
}

fn write(name: &str, text: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("numbers");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path
}

fn written(name: &str, text: &str, settings: &[&str]) -> Arc<Library> {
    library_at(write(name, text).to_str().unwrap(), settings)
}

/// What is said of a library.
fn said_of(name: &str, text: &str, settings: &[&str]) -> String {
    let mut session = Session::with_settings(settings);
    let _ = session.library(&write(name, text));
    render_all(&session.diagnostics, &session.sources, false)
}

fn id(numbers: &Numbers, path: &str) -> NumberId {
    numbers.find(path).unwrap_or_else(|| panic!("no number {path}"))
}

fn close(value: f64, expected: f64) {
    assert!((value / expected - 1.0).abs() < 1e-12, "{value} instead of {expected}");
}

/// RA over the area of an ellipse of 50 nm x 30 nm.
fn parallel_ohm(ra_ohm_m2: f64) -> f64 {
    ra_ohm_m2 / (PI / 4.0 * 50e-9 * 30e-9)
}

#[test]
fn what_follows_from_a_setting_does_not_keep_the_source_of_what_it_replaced() {
    let before = shipped(&[]);
    let device = &before.devices["sot-mram-50x30"];
    assert_eq!(device.resistances.as_ref().unwrap().high.provenance.basis, Basis::Modelled);
    let after = shipped(&["sot-mram-50x30.parameters.tmr=600%"]);
    let device = &after.devices["sot-mram-50x30"];
    close(device.resistances.as_ref().unwrap().high.value.si(), parallel_ohm(10e-12) * 7.0);
    let provenance = &device.resistances.as_ref().unwrap().high.provenance;
    assert_eq!((provenance.basis, provenance.source.as_str()), (Basis::Assumed, "--set"));
    let note = provenance.note.as_deref().unwrap();
    assert_eq!(note, "follows from `sot-mram-50x30.parameters.tmr`, which is set on the command line");
    assert_eq!(provenance.node.map(|n| n.si()), Some(14e-9));
    // The other resistance does not rest on it.
    assert_eq!(device.resistances.as_ref().unwrap().low.provenance.basis, Basis::Modelled);
    assert!(device.resistances.as_ref().unwrap().low.provenance.source.contains("IMAC-Sim"));
}

#[test]
fn each_number_knows_its_operands_and_they_come_before_it() {
    let library = shipped(&[]);
    let numbers = &library.numbers;
    for (id, number) in numbers.iter() {
        assert!(number.operands().iter().all(|of| *of < id), "{}", number.path);
    }
    let paths = |path: &str| -> Vec<String> {
        numbers.get(id(numbers, path)).operands().iter().map(|id| numbers.get(*id).path.to_string()).collect()
    };
    let own = |name: &str| format!("sot-mram-50x30.parameters.{name}");
    assert_eq!(paths("sot-mram-50x30.r-low"), [own("ra"), own("length"), own("width")]);
    assert_eq!(paths("sot-mram-50x30.r-high"), ["sot-mram-50x30.r-low".to_owned(), own("tmr")]);
    // The first is the entry's own parameter, the others are the file's.
    let area = ["sot-mram-neuron.parameters.fins", "fin-pitch", "gate-pitch"];
    assert_eq!(paths("sot-mram-neuron.area"), area);
    // Power over rate.
    assert_eq!(paths("adc-4b.energy"), ["adc-4b.power", "adc-4b.latency"]);
    assert_eq!(paths("adc-4b.latency"), ["adc-4b.rate"]);
    // A parameter is also found by what a formula calls it.
    assert_eq!(numbers.find("sot-mram-50x30.tmr"), numbers.find("sot-mram-50x30.parameters.tmr"));
    assert_eq!(numbers.find("sot-mram-50x30.tmrr"), None);
}

#[test]
fn a_component_says_which_numbers_it_uses() {
    let library = shipped(&[]);
    let numbers = &library.numbers;
    let crossbar = library.components["sot-mram-crossbar"].crossbar.as_ref().unwrap();
    let si = |id: NumberId| numbers.get(id).value.si;
    let dim = |id: NumberId| numbers.get(id).value.dim;
    assert_eq!(si(crossbar.cell_width.id), crossbar.cell_width.value.si());
    assert_eq!(si(crossbar.cell_height.id), crossbar.cell_height.value.si());
    assert_eq!(si(crossbar.device.r_low.id), crossbar.device.r_low.value.si());
    assert_eq!(si(crossbar.read_voltage_number), 0.8);
    let wire = crossbar.wire_numbers.unwrap();
    let expected = [27e-9, 22e-9, 45e-9, 20e-9, 20.0, 1.9e-8, 39e-9, 0.25, 0.3];
    assert_eq!(wire.ids().map(si), expected);
    assert_eq!(Some(wire.geometry(&si)), crossbar.wire);
    for component in library.components.values() {
        if let (Some(circuit), Some(model)) = (&component.circuit, &component.model) {
            assert_eq!(circuit.model(model, &si).as_ref(), Some(model), "{}", component.name);
        }
        let figures = [
            component.power.as_ref().map(|f| (f.id, f.value.si(), imcost::units::Power::DIM)),
            component.static_power.as_ref().map(|f| (f.id, f.value.si(), imcost::units::Power::DIM)),
            component.energy.as_ref().map(|f| (f.id, f.value.si(), imcost::units::Energy::DIM)),
            component.latency.as_ref().map(|f| (f.id, f.value.si(), imcost::units::Time::DIM)),
            component.rate.as_ref().map(|f| (f.id, f.value.si(), imcost::units::Frequency::DIM)),
            component.area.as_ref().map(|f| (f.id, f.value.si(), imcost::units::Area::DIM)),
        ];
        for (id, value, dimension) in figures.into_iter().flatten() {
            assert_eq!((si(id), dim(id)), (value, dimension), "{}", numbers.get(id).path);
        }
        assert_eq!(
            component.bits_number.map(si),
            component.bits.filter(|_| component.kind != imcost::techlib::Kind::RowDriver).map(f64::from)
        );
    }
}

#[test]
fn changed_numbers_change_what_rests_on_them_and_nothing_else() {
    let library = shipped(&[]);
    let numbers = &library.numbers;
    let at = |path: &str| id(numbers, path);
    let mut scratch = Vec::new();
    let unchanged = numbers.evaluate(&[], &mut scratch).to_vec();
    for (id, number) in numbers.iter() {
        assert_eq!(unchanged[id.index()].to_bits(), number.value.si.to_bits());
    }
    let changed = [(at("sot-mram-50x30.parameters.ra"), 20e-12), (at("sot-mram-50x30.parameters.tmr"), 6.0)];
    let values = numbers.evaluate(&changed, &mut scratch).to_vec();
    close(values[at("sot-mram-50x30.r-low").index()], parallel_ohm(20e-12));
    close(values[at("sot-mram-50x30.r-high").index()], parallel_ohm(20e-12) * 7.0);
    let moved = values.iter().zip(&unchanged).filter(|(a, b)| a.to_bits() != b.to_bits()).count();
    assert_eq!(moved, 4);
    // A number that follows can be given a value too; then its operands have no say.
    let given = numbers.evaluate(&[changed[0], (at("sot-mram-50x30.r-low"), 1000.0)], &mut scratch);
    close(given[at("sot-mram-50x30.r-high").index()], 3000.0);
}

#[test]
fn evaluating_gives_what_setting_gives() {
    let library = shipped(&[]);
    let numbers = &library.numbers;
    for (path, text, si) in [
        ("vdd", "0.75 V", 0.75),
        ("fin-pitch", "50 nm", 50e-9),
        ("sot-mram-neuron.parameters.fins", "20", 20.0),
        ("differential-amplifier.parameters.gain", "10", 10.0),
        ("sot-mram-neuron.model.mtj-inverter.tmr", "150%", 1.5),
        ("adc-8b.rate", "2 GS/s", 2e9),
        ("isaac-adc-8b.power", "1 mW", 1e-3),
    ] {
        let set = shipped(&[&format!("{path}={text}")]);
        let mut scratch = Vec::new();
        let values = numbers.evaluate(&[(id(numbers, path), si)], &mut scratch);
        let mut differ = 0;
        // A setting may add no number and take none away, except the ends of ranges.
        assert_eq!(numbers.len(), set.numbers.len(), "{path}");
        assert!(!numbers.is_empty() && Numbers::default().is_empty());
        for ((id, number), (_, before)) in set.numbers.iter().zip(numbers.iter()) {
            assert_eq!(number.path, before.path);
            let value = values[id.index()];
            assert_eq!(
                value.to_bits(),
                number.value.si.to_bits(),
                "{path}: {} {value} {}",
                number.path,
                number.value.si
            );
            differ += usize::from(value.to_bits() != before.value.si.to_bits());
        }
        assert!(differ >= 1, "{path}");
    }
}

#[test]
fn the_figures_of_a_circuit_rest_on_its_parameters() {
    let library = shipped(&[]);
    let neuron = &library.components["sot-mram-neuron"];
    let power = library.numbers.get(neuron.static_power.as_ref().unwrap().id);
    assert!(matches!(power.origin, Origin::Model { .. }));
    let on: Vec<&str> = power.operands().iter().map(|id| &*library.numbers.get(*id).path).collect();
    let field = |name: &str| format!("sot-mram-neuron.model.mtj-inverter.{name}");
    let expected = ["ra", "mtj-length", "mtj-width", "tmr", "nfin", "vdd"].map(field);
    assert_eq!(on, expected);
    let set = shipped(&["sot-mram-neuron.parameters.fins=20"]);
    let neuron = &set.components["sot-mram-neuron"];
    for provenance in [&neuron.static_power.as_ref().unwrap().provenance, &neuron.latency.as_ref().unwrap().provenance]
    {
        assert_eq!((provenance.basis, provenance.source.as_str()), (Basis::Assumed, "--set"));
    }
}

const BASES: &str = "
name: test library
parameters: { shared: 2, twice: = 2 * shared }
devices:
  ladder:
    type: sot-mram
    parameters:
      fitted: { value: 3, basis: fitted, note: so that the published total comes out, source: a fit }
      simulated: { value: 2, basis: simulated, source: a simulation, range: 1 .. 4 }
      measured: { value: 1 kohm, basis: measured, range: 900 ohm .. 1.2 kohm }
    r-low: = measured * simulated
    r-high: = r-low * fitted * twice
    source: a paper
    basis: measured
";

#[test]
fn a_computed_number_is_as_sure_as_its_weakest_contributor() {
    let library = written("bases.yaml", BASES, &[]);
    let device = &library.devices["ladder"];
    let of = |p: &imcost::techlib::Provenance| (p.basis, p.source.clone());
    assert_eq!(of(&device.resistances.as_ref().unwrap().low.provenance), (Basis::Simulated, "a simulation".into()));
    assert_eq!(of(&device.resistances.as_ref().unwrap().high.provenance), (Basis::Fitted, "a fit".into()));
    close(device.resistances.as_ref().unwrap().high.value.si(), 1e3 * 2.0 * 3.0 * 4.0);
    // A parameter of the whole file has no source of its own; what uses it says where it comes from.
    assert!(library.numbers.get(id(&library.numbers, "twice")).provenance().is_none());
    let order = [Basis::Measured, Basis::Simulated, Basis::Modelled, Basis::Fitted, Basis::Assumed];
    assert!(order.is_sorted(), "the weakest is the last");
    // A setting is weaker than a fit.
    let set = written("bases.yaml", BASES, &["shared=3"]);
    let device = &set.devices["ladder"];
    assert_eq!(of(&device.resistances.as_ref().unwrap().high.provenance), (Basis::Assumed, "--set".into()));
    assert_eq!(of(&device.resistances.as_ref().unwrap().low.provenance), (Basis::Simulated, "a simulation".into()));
}

/// A number, a formula, and a number that says where it comes from can be set; what follows from them is set too, and nothing else.
#[test]
fn what_is_set_and_what_follows_from_it_is_known() {
    for setting in ["shared=3", "shared== 1 + 2", "shared={ value: 3, source: my bench, basis: measured }"] {
        let set = written("set.yaml", BASES, &[setting]);
        let is_set = |path: &str| set.numbers.get(id(&set.numbers, path)).is_set();
        let found = ["shared", "twice", "ladder.r-high", "ladder.r-low", "ladder.fitted"].map(is_set);
        assert_eq!(found, [true, true, true, false, false], "{setting}");
    }
}

#[test]
fn the_range_of_a_formula_is_that_over_the_corners_of_its_operands() {
    let library = written("ranges.yaml", BASES, &[]);
    let device = &library.devices["ladder"];
    let range = |figure: &imcost::techlib::Figure<imcost::units::Resistance>| {
        figure.range.map(|(low, high)| (low.si(), high.si()))
    };
    assert_eq!(range(&device.resistances.as_ref().unwrap().low), Some((900.0 * 1.0, 1.2e3 * 4.0)));
    assert_eq!(range(&device.resistances.as_ref().unwrap().high), Some((900.0 * 1.0 * 12.0, 1.2e3 * 4.0 * 12.0)));
    // A setting replaces the number with its range.
    let set = written("ranges.yaml", BASES, &["ladder.parameters.simulated=3"]);
    assert_eq!(range(&set.devices["ladder"].resistances.as_ref().unwrap().low), Some((900.0 * 3.0, 1.2e3 * 3.0)));
    assert_eq!(set.numbers.get(id(&set.numbers, "ladder.simulated")).range, None);
}

#[test]
fn an_operand_in_two_places_is_one_operand() {
    // x - x^2 has 0 at both ends of 0.1 .. 0.9 only if both x are the same: 0.09 and 0.09.
    let text = BASES
        .replace("= measured * simulated", "= measured * (share - share^2) * 100")
        .replace("    parameters:\n", "    parameters:\n      share: { value: 0.5, range: 0.1 .. 0.9 }\n");
    let library = written("twice.yaml", &text, &[]);
    let (low, high) = library.devices["ladder"].resistances.as_ref().unwrap().low.range.unwrap();
    close(low.si(), 900.0 * 0.09 * 100.0);
    // The largest of the corners and the value itself, which lies between them: 1 kohm x 0.25 x 100.
    close(high.si(), 1e3 * 0.25 * 100.0);
}

#[test]
fn a_range_never_blocks_a_setting() {
    for setting in [
        "differential-amplifier.parameters.gain=10",
        "differential-amplifier.parameters.r-unit=100 ohm",
        "sot-mram-neuron.parameters.fins=40",
        "sot-mram-neuron.area=100 um^2",
        "sot-mram-neuron.area.value=100 um^2",
        "fin-pitch=1 um",
        "dac-1b.rate.value=5 GS/s",
    ] {
        shipped(&[setting]);
    }
    let set = shipped(&["differential-amplifier.parameters.gain=10"]);
    let area = set.components["differential-amplifier"].area.as_ref().unwrap();
    assert_eq!(area.range, None);
    // 10 transistors of 20 fins, and 4 (1 + gain) squares of 0.01 um^2.
    close(area.value.si(), 10.0 * 20.0 * 42e-9 * 2.0 * 70e-9 + 4.0 * 11.0 * 1e-14);
    assert_eq!(area.provenance.source, "--set");
    // What does not rest on the gain keeps its range.
    let buffer = set.components["row-buffer"].area.as_ref().unwrap();
    assert_eq!(buffer.range.map(|(low, _)| low.si()), Some(0.5e-12));
    // A range that is set is about the number that is set.
    let set = shipped(&["adc-8b.power={ value: 5 mW, range: 4 mW .. 6 mW, source: my bench, basis: measured }"]);
    let power = set.components["adc-8b"].power.as_ref().unwrap();
    assert_eq!(power.range.map(|(low, high)| (low.si(), high.si())), Some((4e-3, 6e-3)));
    assert_eq!((power.provenance.basis, power.provenance.source.as_str()), (Basis::Measured, "my bench"));
    let set = shipped(&["adc-8b.power={ value: 5 mW }"]);
    assert_eq!(set.components["adc-8b"].power.as_ref().unwrap().provenance.source, "--set");
}

#[test]
fn a_stated_value_outside_its_own_range_is_still_an_error() {
    let text = BASES.replace("range: 1 .. 4", "range: 3 .. 4");
    let said = said_of("outside.yaml", &text, &[]);
    assert!(said.contains("the value of `simulated` is outside its own range"), "{said}");
    let text = BASES.replace("range: 1 .. 4", "range: 1 V .. 4 V");
    let said = said_of("kind.yaml", &text, &[]);
    assert!(said.contains("the range of `simulated` is a voltage, its value a number"), "{said}");
}

#[test]
fn a_fitted_number_says_to_what() {
    let text = BASES.replace("note: so that the published total comes out, ", "");
    let said = said_of("fitted.yaml", &text, &[]);
    assert!(said.contains("`fitted` is fitted, but says not to what"), "{said}");
    assert_eq!(said.matches("error:").count(), 1, "{said}");
}

#[test]
fn a_formula_of_the_file_reads_the_names_of_the_entry_that_uses_it() {
    let text = "
name: test library
parameters: { vdd: 1 V, swing: = 2 * vdd }
devices:
  own: { type: sot-mram, parameters: { vdd: 2 V }, r-low: = swing / 1 mA, r-high: = 2 * r-low, source: s, basis: measured }
  files: { type: sot-mram, r-low: = swing / 1 mA, r-high: = 2 * r-low, source: s, basis: measured }
";
    let library = written("hides.yaml", text, &[]);
    assert_eq!(library.devices["own"].resistances.as_ref().unwrap().low.value.si(), 4000.0);
    assert_eq!(library.devices["files"].resistances.as_ref().unwrap().low.value.si(), 2000.0);
}

#[test]
fn a_power_whose_exponent_changes_its_dimension_has_no_value() {
    let text = "
name: test library
parameters: { side: 2 m, k: 2, surface: = side^k }
devices: {}
";
    let library = written("power.yaml", text, &[]);
    let numbers = &library.numbers;
    let mut scratch = Vec::new();
    let surface = id(numbers, "surface").index();
    assert!(numbers.evaluate(&[(id(numbers, "k"), 3.0)], &mut scratch)[surface].is_nan());
    assert_eq!(numbers.evaluate(&[(id(numbers, "side"), 3.0)], &mut scratch)[surface], 9.0);
}

#[test]
fn bits_that_are_set_beside_stated_costs_are_found() {
    let finding = |library: &Library, name: &str| {
        let component = &library.components[name];
        component.bits_set_beside_stated_costs(&library.numbers).map(|warning| warning.message)
    };
    assert_eq!(finding(&shipped(&[]), "adc-6b"), None);
    assert_eq!(finding(&shipped(&["adc-6b.bits=6"]), "adc-6b"), None, "nothing has changed");
    let said = finding(&shipped(&["adc-6b.bits=8"]), "adc-6b").expect("a finding");
    assert!(said.contains("`adc-6b` is set to 8 bits, but what it states of 6 bits stays: power, area"), "{said}");
    let said = finding(&shipped(&["adc-6b.bits=8", "adc-6b.power=5 mW"]), "adc-6b").expect("a finding");
    assert!(said.contains("what it states of 6 bits stays: area"), "{said}");
    assert_eq!(finding(&shipped(&["adc-6b.bits=8", "adc-6b.power=5 mW", "adc-6b.area=1 um^2"]), "adc-6b"), None);
    let text = "
name: test library
components:
  follows: { kind: adc, bits: 6, parameters: { step: 1 mW }, power: = step * 2^bits, rate: 1 GS/s, area: = power / step * 1 um^2, source: s, basis: measured }
  half: { kind: adc, bits: 6, power: 2 mW, rate: 1 GS/s, area: = bits * 1 um^2, source: s, basis: measured }
";
    let library = written("bits.yaml", text, &["follows.bits=8", "half.bits=8"]);
    assert_eq!(finding(&library, "follows"), None);
    assert!(finding(&library, "half").expect("a finding").contains("what it states of 6 bits stays: power"));
    let numbers = &library.numbers;
    assert!(numbers.rests_on(id(numbers, "follows.area"), id(numbers, "follows.bits")));
    assert!(!numbers.rests_on(id(numbers, "half.power"), id(numbers, "half.bits")));
    assert!(!numbers.rests_on(id(numbers, "half.area"), id(numbers, "follows.bits")));
    let Origin::Setting { text, instead_of } = &numbers.get(id(numbers, "half.bits")).origin else {
        panic!("no setting")
    };
    assert_eq!((&**text, instead_of.as_deref()), ("half.bits=8", Some("6")));
}
