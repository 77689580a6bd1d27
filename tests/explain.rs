//! A result taken apart down to the numbers that somebody stated, against values and elasticities derived by hand.
#![allow(clippy::expect_used, reason = "a test stops where it fails")]

use std::path::Path;

use imcost::cost::{estimate, explain};
use imcost::results::Explanation;
use imcost::results::explanation::{ExplainedNumber, Relation};
use imcost::{Memory, Session};

/// One layer of 4 inputs and 2 outputs on one tile: 4 drivers, 2 amplifiers, one after another.
const ARCHITECTURE: &str = "
name: a small layer
technology: library.yaml
network: { input: { features: 4 }, layers: [{ name: only, dense: 2 }] }
weights: { bits: 1, encoding: differential, bias: none }
tile: { crossbar: crossbar, rows: 4, columns: 2 }
stages: { input: [driver], column: [amplifier] }
statistics: { active-rows: 50%, low-resistance: 50% }
";

/// The amplifier's formulas have every function; figures where the place of a name is checked stand on lines of their own.
const LIBRARY: &str = "
name: round numbers
parameters: { pitch: 2 um, share: { value: 0.25, basis: assumed, note: a guess } }
devices:
  device: { type: sot-mram, r-low: 10 kohm, r-high: 40 kohm, source: devices, basis: measured }
components:
  crossbar:
    { kind: crossbar, device: device, cell: { devices: 2, width: 0.5 um, height: 1 um }, read-voltage: 1 V,
      max-rows: 64, max-columns: 64, latency: 1 ns, source: crossbars, basis: modelled }
  driver: { kind: row-driver, power: 1 uW, latency: 1 ns, area: 1 um^2, source: drivers, basis: simulated }
  amplifier:
    kind: amplifier
    differential: true
    parameters:
      fast: 3 ns
      slow: 2 ns
      bits: 3
      factor: 2
    static-power: 10 uW
    latency: = max(fast, slow) * min(1, factor) + (slow - 1 ns) / 2
    area: = pitch^2 * sqrt(factor * 8) + 2^bits * 1 um^2 + abs(-1) * exp(0) * log2(8) * log10(100) * ceil(1.2) * floor(1.8) * 1 um^2 - ln(1) * 1 um^2
    source: amplifiers
    basis: modelled
";

fn explained(library: &str, result: &str) -> Explanation {
    let files = Memory::default().with("layer.yaml", ARCHITECTURE).with("library.yaml", library);
    let mut session = Session::default().reading(files.over_standard());
    let design = session.design(Path::new("layer.yaml"));
    let design = design.map_err(|_| session.rendered()).expect("a design without errors");
    explain(&estimate(&design).expect("positive totals"), result, &session.sources).expect("a result")
}

fn number<'e>(explanation: &'e Explanation, name: &str) -> &'e ExplainedNumber {
    explanation.numbers.iter().find(|number| number.what == name).expect(name)
}

fn close(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-9 * b.abs() + 1e-30, "{a:e} instead of {b:e}");
}

/// latency = 1 ns + 1 ns + (3 ns x 1 + 0.5 ns) = 5.5 ns; of it 3/5.5 moves with `fast`, and 2/2/5.5 with `slow`, which is taken away from once.
#[test]
fn the_largest_and_the_smallest_are_those_that_are_chosen() {
    let latency = explained(LIBRARY, "latency");
    close(latency.value_si, 5.5e-9);
    close(number(&latency, "amplifier.latency").value_si, 3.5e-9);
    close(number(&latency, "amplifier.parameters.fast").elasticity, 3.0 / 5.5);
    close(number(&latency, "amplifier.parameters.slow").elasticity, 1.0 / 5.5);
    close(number(&latency, "amplifier.latency").elasticity, 3.5 / 5.5);
    // The smaller of 1 and the factor is 1.
    assert!(latency.numbers.iter().all(|number| number.what != "amplifier.parameters.factor"));
    let terms: Vec<f64> = latency.terms.iter().map(|term| term.value_si).collect();
    close(terms.iter().sum(), 5.5e-9);
    close(terms[0], 3e-9);
    close(*terms.last().expect("terms"), -0.5e-9);
}

/// Of two numbers the smaller is it on whichever side it stands, and of equal ones the first; likewise the larger.
#[test]
fn the_first_of_equal_numbers_is_the_one_that_is_chosen() {
    let formula = LIBRARY.lines().find(|line| line.contains("latency: = max")).expect("a formula");
    for (text, by) in [
        ("min(fast, slow)", [0.0, 2.0 / 4.0, 0.0]),
        ("min(slow, fast)", [0.0, 2.0 / 4.0, 0.0]),
        ("max(slow, fast)", [3.0 / 5.0, 0.0, 0.0]),
        ("min(slow, factor * 1 ns)", [0.0, 2.0 / 4.0, 0.0]),
        ("min(factor * 1 ns, slow)", [0.0, 0.0, 2.0 / 4.0]),
        ("max(slow, factor * 1 ns)", [0.0, 2.0 / 4.0, 0.0]),
        ("max(factor * 1 ns, slow)", [0.0, 0.0, 2.0 / 4.0]),
    ] {
        let latency = explained(&LIBRARY.replace(formula, &format!("    latency: = {text}")), "latency");
        for (name, by) in ["fast", "slow", "factor"].into_iter().zip(by) {
            let name = format!("amplifier.parameters.{name}");
            let found = latency.numbers.iter().find(|number| number.what == name);
            close(found.map_or(0.0, |number| number.elasticity), by);
        }
    }
}

/// area = 4 x 1 um2 + 4 x 2 x 0.5 um2 + 2 x (4 um2 x 4 + 8 um2 + 1 x 1 x 3 x 2 x 2 x 1 um2) = 80 um2.
#[test]
fn powers_and_functions_have_their_slopes() {
    let area = explained(LIBRARY, "area");
    close(area.value_si, 80e-12);
    close(number(&area, "amplifier.area").value_si, 36e-12);
    let pitch = number(&area, "pitch");
    close(pitch.value_si, 2e-6);
    // 2 x 16 um2 of 80 um2 go with its square.
    close(pitch.elasticity, 2.0 * 32.0 / 80.0);
    assert_eq!(pitch.relation, Relation::Stated);
    assert!(pitch.place.as_ref().expect("a place").starts_with("library.yaml:3:"), "{pitch:?}");
    // 2 x 8 um2 go with 2^bits, whose elasticity is bits x ln 2.
    close(number(&area, "amplifier.parameters.bits").elasticity, 16.0 / 80.0 * 3.0 * std::f64::consts::LN_2);
    // And 32 um2 with the square root.
    close(number(&area, "amplifier.parameters.factor").elasticity, 32.0 / 80.0 / 2.0);
    let amplifier = number(&area, "amplifier.area");
    assert_eq!(amplifier.source.as_deref(), Some("amplifiers"));
    assert_eq!(amplifier.basis.as_deref(), Some("modelled"));
    close(amplifier.elasticity, 72.0 / 80.0);
}

/// The power of the crossbar is solved from what its circuit is described by: of ideal wires it goes with the square of the voltage and with
/// the mean of the two conductances, of which 1/10k is four times 1/40k.
#[test]
fn a_solution_rests_on_what_it_has_asked_for() {
    let energy = explained(LIBRARY, "energy");
    let power = number(&energy, "only / crossbar: power of its cells");
    assert_eq!(power.relation, Relation::Model);
    assert_eq!(power.basis.as_deref(), Some("modelled"));
    assert!(power.source.as_ref().expect("a source").contains("cells, wires"), "{power:?}");
    let below: Vec<&str> = power.of.iter().map(|place| energy.numbers[*place].what.as_str()).collect();
    for name in ["device.r-low", "device.r-high", "crossbar.read-voltage", "only: active-rows", "only: low-resistance"]
    {
        assert!(below.contains(&name), "{name} in {below:?}");
    }
    let within = |name: &str, share: f64| {
        let (found, wanted) = (number(&energy, name).elasticity, share * power.elasticity);
        assert!((found - wanted).abs() < 1e-5 * wanted.abs(), "{name}: {found} {wanted}");
    };
    within("crossbar.read-voltage", 2.0);
    within("device.r-low", -0.8);
    within("device.r-high", -0.2);
    within("only: active-rows", 1.0);
    // Half of 1/10k and half of 1/40k; a percent more of the first moves 0.5 % of 1 - 1/4 to it.
    within("only: low-resistance", 0.5 * (1.0 - 0.25) / (0.5 + 0.125));
}

/// Names of what is added up, and of the numbers that entries state.
#[test]
fn numbers_are_called_by_what_they_are() {
    let latency = explained(LIBRARY, "latency");
    assert_eq!(latency.numbers[0].what, "latency");
    let energy = explained(LIBRARY, "energy");
    assert_eq!(energy.numbers[0].what, "energy of one inference");
    for (explanation, names) in [
        (&latency, ["only / driver: time of its operations", "driver.latency", "crossbar.latency"]),
        (&energy, ["only / driver: energy of its operations", "only / amplifier: energy of its power", "driver.power"]),
    ] {
        for name in names {
            assert!(explanation.numbers.iter().any(|number| number.what == name), "{name}");
        }
    }
    let area = explained(LIBRARY, "area");
    let power = number(&area, "2.000^amplifier.parameters.bits");
    assert_eq!((power.relation, power.of.len(), power.assumed), (Relation::Function, 2, false));
    close(power.value_si, 8.0);
}

/// An assumed exponent makes the power assumed, as an assumed base does, and so do the argument of a function, a divisor and what is taken away.
#[test]
fn what_a_function_or_a_quotient_gives_is_assumed_if_any_of_it_is() {
    let guess = "{ value: 3, basis: assumed, note: a guess }";
    let assumed = |formula: &str, what: &str| {
        let library = LIBRARY.replace("bits: 3", &format!("bits: {guess}"));
        let area = library.lines().find(|line| line.contains("area: = pitch")).expect("a formula").to_owned();
        let explanation = explained(&library.replace(&area, &format!("    area: = {formula}")), "area");
        let found = explanation.numbers.iter().find(|number| number.what == what);
        found.map(|number| number.assumed)
    };
    assert_eq!(assumed("1 um^2 * 2^bits + 1 um^2", "2.000^amplifier.parameters.bits"), Some(true));
    assert_eq!(assumed("1 um^2 * bits^2 + 1 um^2", "amplifier.parameters.bits^2.000"), Some(true));
    assert_eq!(assumed("1 um^2 * sqrt(bits) + 1 um^2", "sqrt(amplifier.parameters.bits)"), Some(true));
    assert_eq!(assumed("1 um^2 * sqrt(factor) + bits * 1 um^2", "sqrt(amplifier.parameters.factor)"), Some(false));
    assert_eq!(assumed("1 um^2 * (bits + sqrt(factor) / bits)", "quotient"), Some(true));
    assert_eq!(assumed("1 um^2 * (bits + bits / sqrt(factor))", "quotient"), Some(true));
    assert_eq!(assumed("1 um^2 * (bits + 1 / sqrt(factor))", "quotient"), Some(false));
}

/// latency = 1 ns + 1 ns + 2 x 3 ns - 2 ns = 6 ns.
#[test]
fn what_is_taken_away_moves_a_difference_the_other_way() {
    let latency = LIBRARY.lines().find(|line| line.contains("latency: = max")).expect("a formula");
    let latency = explained(&LIBRARY.replace(latency, "    latency: = 2 * fast - slow"), "latency");
    close(latency.value_si, 6e-9);
    close(number(&latency, "amplifier.parameters.fast").elasticity, 1.0);
    close(number(&latency, "amplifier.parameters.slow").elasticity, -2.0 / 6.0);
}

/// The elasticity of a divisor is the other way round, that of what is divided is not.
#[test]
fn a_divisor_moves_a_quotient_the_other_way() {
    let library = LIBRARY.replace("static-power: 10 uW", "static-power: = 30 uW / bits");
    let power = explained(&library, "power");
    let (figure, bits) = (number(&power, "amplifier.static-power"), number(&power, "amplifier.parameters.bits"));
    close(bits.elasticity, -figure.elasticity);
    // On for 3.5 ns of 5.5 ns.
    close(figure.elasticity, 20e-6 * 3.5 / 5.5 / power.value_si);
}

/// 1 uW for 1 ns in each of 4 operations: one product of three, however it was computed.
#[test]
fn products_of_products_are_one() {
    let energy = explained(LIBRARY, "energy");
    let driver = number(&energy, "only / driver: energy of its operations");
    close(driver.value_si, 4e-15);
    assert_eq!(driver.relation, Relation::Product);
    let mut parts: Vec<&str> = driver.of.iter().map(|place| energy.numbers[*place].what.as_str()).collect();
    parts.sort_unstable();
    assert_eq!(parts, ["driver.latency", "driver.power", "only / driver: operations"]);
    // Nobody states how often a driver works: it is counted.
    assert_eq!(number(&energy, "only / driver: operations").relation, Relation::Counted);
    assert_eq!(number(&energy, "driver.power").relation, Relation::Stated);
    // And sums of sums: 1 ns + 1 ns + 3.5 ns.
    let latency = explained(LIBRARY, "latency");
    assert_eq!((latency.numbers[0].relation, latency.numbers[0].of.len()), (Relation::Sum, 3));
}

/// What rests on an assumed parameter is assumed, whatever the entry says of itself; what does not is not.
#[test]
fn an_assumed_parameter_makes_its_terms_assumed() {
    let library = LIBRARY.replace("static-power: 10 uW", "static-power: = share * 40 uW");
    let (with, without) = (explained(&library, "energy"), explained(LIBRARY, "energy"));
    close(with.value_si, without.value_si);
    close(without.assumed_fraction, 0.0);
    let power = number(&with, "amplifier.static-power");
    assert_eq!((power.assumed, power.basis.as_deref()), (true, Some("assumed")));
    // 2 x 10 uW over the 3.5 ns for which an amplifier is on, of the whole energy.
    close(with.assumed_fraction, 20e-6 * 3.5e-9 / with.value_si);
    let assumed: f64 = with.terms.iter().filter(|term| term.assumed).map(|term| term.share).sum();
    close(with.assumed_fraction, assumed);
}

/// A figure that is another by name has its value, and the elasticity of what it is.
#[test]
fn a_number_that_repeats_another_is_that_number() {
    let library = LIBRARY.replace("static-power: 10 uW", "parameters: { idle: 10 uW }\n    static-power: = idle");
    let library = library.replacen(
        "    parameters:\n      fast: 3 ns\n",
        "    parameters:\n      idle: 10 uW\n      fast: 3 ns\n",
        1,
    );
    let library = library.replace("    parameters: { idle: 10 uW }\n", "");
    let power = explained(&library, "power");
    let (figure, idle) = (number(&power, "amplifier.static-power"), number(&power, "amplifier.parameters.idle"));
    close(figure.elasticity, idle.elasticity);
    assert_eq!((figure.relation, figure.of.len()), (Relation::Sum, 1));
    assert_eq!(power.numbers[figure.of[0]].what, idle.what);
    // On for 3.5 ns of 5.5 ns.
    close(idle.elasticity, 20e-6 * 3.5 / 5.5 / power.value_si);
}

/// What a number that is solved rests on is said where no entry says it.
#[test]
fn solved_numbers_say_what_they_are_solved_from() {
    let mut session = Session::default();
    let design = session.design(Path::new("builtin:arch/mlp-784-16-10-analog.yaml")).expect("shipped");
    let estimate = estimate(&design).expect("positive totals");
    let energy = explain(&estimate, "energy", &session.sources).expect("a result");
    let latency = explain(&estimate, "latency", &session.sources).expect("a result");
    for (explanation, name, said) in [
        (&energy, "hidden / sot-mram-neuron: power of its circuit", "the rows that it drives"),
        (&latency, "hidden / sot-mram-neuron: delay of its circuit", "the rows that it drives"),
        (&latency, "hidden / sot-mram-crossbar: settling time", "Elmore"),
        (&energy, "hidden / sot-mram-crossbar: power of its cells", "column circuits"),
    ] {
        let source = number(explanation, name).source.as_deref().expect("a source");
        assert!(source.contains(said), "{name}: {source}");
    }
}

/// The factors of the term that one of them is in, and its value.
fn term_with(explanation: &Explanation, factor: &str) -> (Vec<(String, i32)>, f64) {
    let has = |names: &[(String, i32)]| names.iter().any(|(name, _)| name == factor);
    let terms = explanation.terms.iter().map(|term| {
        let names: Vec<_> = term.factors.iter().map(|f| (f.what.clone(), f.power)).collect();
        (names, term.value_si)
    });
    terms.into_iter().find(|(names, _)| has(names)).expect(factor)
}

/// Two amplifiers of 4 um2 x 4, of 2^3 um2, and then of 4 um2 to the power of a half, and 1.5.
#[test]
fn a_number_to_a_whole_power_that_is_written_is_a_factor_and_any_other_power_is_one_by_itself() {
    let area = explained(LIBRARY, "area");
    let (factors, value) = term_with(&area, "pitch");
    assert!(factors.contains(&("pitch".into(), 2)), "{factors:?}");
    close(value, 2.0 * 16e-12);
    let (factors, value) = term_with(&area, "2.000^amplifier.parameters.bits");
    assert!(factors.contains(&("2.000^amplifier.parameters.bits".into(), 1)), "{factors:?}");
    close(value, 2.0 * 8e-12);
    let formula = LIBRARY.lines().find(|line| line.contains("area: = pitch")).expect("a formula");
    let area = explained(&LIBRARY.replace(formula, "    area: = 1 um^2 * factor^0.5 + bits^1.5 * 1 um^2"), "area");
    for (name, value) in [("factor^0.5000", 2_f64.sqrt()), ("bits^1.500", 27_f64.sqrt())] {
        let name = format!("amplifier.parameters.{name}");
        let (factors, found) = term_with(&area, &name);
        assert!(factors.contains(&(name, 1)), "{factors:?}");
        close(found, 2.0 * value * 1e-12);
    }
}

/// d log2(x) / dx = 1 / (x ln 2), and log10 likewise: of 2 x 3 um2 with x = 8 and of 2 x 2 um2 with x = 100.
#[test]
fn logarithms_of_every_base_have_their_slopes() {
    let library = LIBRARY.replace("bits: 3", "bits: 8").replace("factor: 2", "factor: 100");
    let formula = library.lines().find(|line| line.contains("area: = pitch")).expect("a formula").to_owned();
    let text = "    area: = (log2(bits) + log10(factor) + ln(bits)) * 1 um^2";
    let area = explained(&library.replace(&formula, text), "area");
    // Cells of 4 um2 beside the two amplifiers, and 4 drivers of 1 um2.
    let slope = |name: &str| number(&area, name).elasticity * area.value_si / 2e-12;
    close(slope("amplifier.parameters.bits"), 1.0 / std::f64::consts::LN_2 + 1.0);
    close(slope("amplifier.parameters.factor"), 1.0 / std::f64::consts::LN_10);
}

/// Two amplifiers of 36 um2; four drivers of 1 uW that hold their rows until the end, 5.5 ns.
#[test]
fn the_part_of_a_component_is_that_of_all_its_units() {
    close(explained(LIBRARY, "area.component.amplifier").value_si, 72e-12);
    close(explained(LIBRARY, "energy.component.driver").value_si, 22e-15);
    let of_layer = explained(LIBRARY, "area.layer.only").value_si;
    let parts =
        ["crossbar", "driver", "amplifier"].map(|c| explained(LIBRARY, &format!("area.component.{c}")).value_si);
    close(parts.iter().sum(), of_layer);
}
