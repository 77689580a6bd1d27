//! What converters cost by their bits, rate and node: the regression against points of its authors' program, other models against theirs, the
//! measured converters against the survey, and libraries that ask for one.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::path::Path;
use std::process::Command;

use imcost::cost::breakdown::Breakdown;
use imcost::cost::estimate;
use imcost::design::Design;
use imcost::model::converter::measured::{self, Reach};
use imcost::model::converter::points::POINTS;
use imcost::model::converter::{WantedConverter, others, regression};
use imcost::results::FindingRule;
use imcost::techlib::{Basis, Component};
use imcost::units::{Area, Energy, Frequency, Length};
use imcost::{Memory, Session};
use serde_json::Value;

/// The records of a table in `tests/data/converters`, by their columns.
fn table(text: &'static str) -> Vec<Vec<&'static str>> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.skip(1).map(|line| line.split(',').collect()).collect()
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or_else(|_| panic!("{text}"))
}

fn wanted(bits: f64, node_nm: f64, rate_hz: f64) -> WantedConverter {
    WantedConverter { bits, rate: Frequency::new(rate_hz), node: Length::new(node_nm * 1e-9) }
}

fn close(found: f64, expected: f64, tolerance: f64, what: &str) {
    assert!((found / expected - 1.0).abs() < tolerance, "{what}: {found} {expected}");
}

/// All 72 points, to 3e-5: their coefficients are printed with so many digits.
#[test]
fn the_regression_is_that_of_its_authors_program() {
    let points = table(include_str!("data/converters/regression.csv"));
    assert_eq!(points.len(), 72);
    for point in points {
        let [bits, node, rate, dynamic, total, area, _, leak] = [0, 1, 2, 3, 4, 5, 6, 7].map(|at| number(point[at]));
        let found = regression::cost(wanted(bits, node, rate));
        let what = point.join(",");
        close(found.energy.si(), total, 3e-5, &what);
        close(found.area.map_or(f64::NAN, Area::si), area, 3e-5, &what);
        close(found.energy.si() * (1.0 - regression::LEAKAGE), dynamic, 3e-5, &what);
        close(found.energy.si() * rate * regression::LEAKAGE, leak, 3e-5, &what);
    }
}

/// All 120 rows of four programs.
#[test]
fn other_models_are_those_of_their_programs() {
    let rows = table(include_str!("data/converters/programs.csv"));
    assert_eq!(rows.len(), 120);
    let mut seen = [0; 4];
    for row in rows {
        let (name, bits, energy, what) = (row[0], number(row[1]), number(row[4]) * 1e-12, row.join(","));
        let rate = number(row[3]);
        let area = |found: Option<Area>| close(found.map_or(f64::NAN, Area::si), number(row[5]) * 1e-12, 3e-5, &what);
        match name {
            "hwcomponents-adc" => {
                let found = regression::cost(wanted(bits, number(row[2]), rate));
                close(found.energy.si(), energy, 3e-5, &what);
                area(found.area);
                seen[0] += 1;
            }
            "zigzag" => {
                let found = others::zigzag(bits, 128.0);
                close(found.cost.energy.si(), energy, 1e-12, &what);
                close(found.rate.map_or(f64::NAN, Frequency::si), rate, 1e-12, &what);
                area(found.cost.area);
                seen[1] += 1;
            }
            "neurosim" => {
                let found = others::neurosim(bits, Length::new(number(row[2]) * 1e-9));
                close(found.cost.energy.si(), energy, 1e-12, &what);
                close(found.rate.map_or(f64::NAN, Frequency::si), rate, 1e-12, &what);
                seen[2] += 1;
            }
            mnsim => {
                let choice = mnsim.strip_prefix("mnsim ").unwrap();
                let point = POINTS.iter().find(|p| p.name == format!("MNSIM choice {choice}")).unwrap();
                close(point.energy().si(), energy, 1e-12, &what);
                close(point.rate_hz.unwrap(), rate, 1e-12, &what);
                area(point.area_um2.map(|um2| Area::new(um2 * 1e-12)));
                assert_eq!(f64::from(point.bits), bits);
                seen[3] += 1;
            }
        }
    }
    assert_eq!(seen, [84, 7, 21, 8]);
    // PUMA's 8 bits: 2 mW for 100 ns, in which ISAAC's converter of 1.28 GS/s reads 128 columns.
    close(others::puma(8.0).cost.energy.si(), 2e-3 / 1.28e9, 1e-12, "PUMA");
}

/// By hand from the survey: VLSI 2022, C10-3 has 10.01 bits at 250 MS/s with 0.56 mW, 2.24 pJ; no other with 8 bits at 100 MS/s takes less.
#[test]
fn what_has_been_reached_is_decided_by_the_front() {
    let rate = Frequency::new(100e6);
    let reached = |bits, rate, picojoule: f64| measured::reached(bits, rate, Energy::new(picojoule * 1e-12));
    let Reach::Yes(least) = reached(8.0, rate, 2.25) else { panic!() };
    assert_eq!(
        (least.paper.as_str(), least.doi),
        ("VLSI 2022, C10-3", "10.1109/VLSITechnologyandCir46769.2022.9830180")
    );
    close(least.energy().si(), 2.24e-12, 1e-9, "energy");
    assert_eq!(reached(8.0, rate, 2.23), Reach::WithMoreEnergy(least));
    let Reach::NotAsFast(fastest) = reached(8.0, Frequency::new(2e10), 1e6) else { panic!() };
    assert_eq!(fastest.paper, "ISSCC 2024, 22.1");
    assert_eq!(reached(19.9, Frequency::new(1.0), 1e9), Reach::NotAsFine);
    // The nearest of a request that is one of them is that one.
    let one = measured::table().iter().find(|m| m.paper == "VLSI 2022, C10-3").unwrap();
    let asked = WantedConverter { bits: one.effective_bits, rate: one.rate, node: one.node.unwrap() };
    assert_eq!(measured::nearest(asked, 1), [one]);
}

/// Effective bits, rate, power, node, venue, year and paper of every converter of the survey that has a power.
fn survey() -> Vec<(f64, f64, f64, Option<f64>, String)> {
    let folder = std::env::var("IMCOST_ADC_SURVEY").expect("IMCOST_ADC_SURVEY names the survey as a CSV file");
    let mut reader = csv::Reader::from_path(folder).expect("the survey");
    let header = reader.headers().unwrap().clone();
    let at = |name: &str| header.iter().position(|column| column == name).unwrap();
    let [bits, rate, power, node, venue, year, id] =
        ["enob_derived", "fsnyq_hz", "power_w", "tech_nm", "venue", "year", "id"].map(at);
    let one = |fields: csv::StringRecord| {
        let paper = format!("{} {}, {}", &fields[venue], &fields[year], &fields[id]);
        let power = fields[power].parse().ok()?;
        Some((number(&fields[bits]), number(&fields[rate]), power, fields[node].parse().ok(), paper))
    };
    reader.into_records().map(Result::unwrap).filter_map(one).collect()
}

/// Whatever is asked of bits, rate and energy or power: the carried converters answer as all of the survey.
#[test]
#[ignore = "needs the survey: IMCOST_ADC_SURVEY=FILE"]
fn the_carried_converters_decide_as_the_whole_survey() {
    let all = survey();
    assert_eq!(all.len(), measured::SIZE);
    let table = measured::table();
    let beaten = |one: &(f64, f64, f64, Option<f64>, String)| {
        all.iter().any(|o| o.0 >= one.0 && o.1 >= one.1 && o.2 <= one.2 && (o.0, o.1, o.2) != (one.0, one.1, one.2))
    };
    let near = |a: f64, b: f64| (a / b - 1.0).abs() < 1e-5;
    let carried = |one: &(f64, f64, f64, Option<f64>, String)| {
        let same = |m: &&measured::Measured| {
            m.paper == one.4 && near(m.rate.si(), one.1) && near(m.power.si(), one.2) && near(m.effective_bits, one.0)
        };
        table.iter().any(|m| same(&m))
    };
    let front: Vec<_> = all.iter().filter(|one| !beaten(one)).collect();
    assert_eq!(front.len(), 165);
    assert!(front.into_iter().all(carried));
    // None is there that the survey does not have.
    for m in table {
        assert!(all.iter().any(|o| o.4 == m.paper && near(m.rate.si(), o.1) && near(m.power.si(), o.2)), "{m:?}");
    }
    for one in &all {
        for factor in [0.5, 1.0, 2.0] {
            let (bits, rate) = (one.0 - 1e-4, one.1 * factor * (1.0 - 1e-6));
            let able = || all.iter().filter(|o| o.0 >= bits && o.1 >= rate);
            let least = able().map(|o| o.2 / o.1).fold(f64::INFINITY, f64::min);
            let found = measured::least_energy(bits, Frequency::new(rate)).map_or(f64::INFINITY, |m| m.energy().si());
            assert!(found == least || near(found, least), "{one:?}: {found} {least}");
        }
    }
}

/// What the head of the regression says of the survey: 79 of 707 take less than it, half of them more than ten times as much.
#[test]
#[ignore = "needs the survey: IMCOST_ADC_SURVEY=FILE"]
fn the_regression_is_an_optimistic_bound() {
    let ratios = survey().into_iter().filter_map(|(bits, rate, power, node, _)| {
        let energy = regression::energy(wanted(bits, node?, rate)).si();
        (bits >= regression::FEWEST_BITS).then_some(power / rate / energy)
    });
    let mut ratios: Vec<f64> = ratios.collect();
    ratios.sort_by(f64::total_cmp);
    assert_eq!(ratios.len(), 707);
    assert_eq!(ratios.iter().filter(|ratio| **ratio < 1.0).count(), 79);
    assert!((10.0..11.0).contains(&ratios[353]));
}

/// A library with one converter, which says nothing of energy and area but what is put there.
fn library(fields: &str) -> String {
    let entry = format!("{{ kind: adc, source: asked for, basis: modelled, {fields} }}");
    format!(
        "name: converters\nextends: \"builtin:techlib/sot-mram-14nm.yaml\"\nnode: 14 nm\ncomponents:\n  asked: {entry}\n"
    )
}

/// The shipped mixed-signal design for digits with this converter, and what has been read.
fn design(fields: &str, settings: &[&str]) -> (Session, Design) {
    let shipped = std::fs::read_to_string("arch/digits-64-32-10-held-mixed.yaml").unwrap();
    let architecture = shipped.replace("../techlib/sot-mram-14nm.yaml", "converters.yaml").replace("adc-8b", "asked");
    let files = Memory::default().with("design.yaml", &architecture).with("converters.yaml", library(fields));
    let mut session = Session::with_settings(settings).reading(files.over_standard());
    let design = session.design(Path::new("design.yaml"));
    let design = design.map_err(|_| session.rendered()).expect("a design without errors");
    (session, design)
}

fn asked(design: &Design) -> &Component {
    &design.library.components["asked"]
}

/// What a library computes is what the regression gives, and what a design costs is made of it.
#[test]
fn a_library_asks_for_a_converter_by_its_bits_rate_and_node() {
    let (_, flow) = design("bits: 8, rate: 1 GS/s, node: 32 nm, model: adc-survey", &[]);
    let by_hand = regression::cost(wanted(8.0, 32.0, 1e9));
    let (energy, area) = (asked(&flow).energy.as_ref().unwrap(), asked(&flow).area.as_ref().unwrap());
    close(energy.value.si(), by_hand.energy.si(), 1e-12, "energy");
    close(area.value.si(), by_hand.area.unwrap().si(), 1e-12, "area");
    close(asked(&flow).latency.as_ref().unwrap().value.si(), 1e-9, 1e-12, "latency");
    assert_eq!((energy.provenance.basis, area.provenance.basis), (Basis::Modelled, Basis::Modelled));
    assert!(energy.provenance.reference.as_ref().unwrap().url.as_ref().unwrap().ends_with("2404.06553"));
    // 32 + 10 conversions of an inference, and as many converters.
    let estimate = estimate(&flow).unwrap();
    let line = Breakdown::of(&estimate).components.into_iter().find(|line| line.name == "asked").unwrap();
    close(line.energy.si(), 42.0 * by_hand.energy.si(), 1e-9, "energy of the design");
    close(line.area.si(), 42.0 * by_hand.area.unwrap().si(), 1e-9, "area of the design");
    // What an entry states of its area and latency counts; the node of the file where it states none.
    let (_, flow) = design("bits: 8, rate: 1 GS/s, area: 7 um^2, latency: 3 ns, model: adc-survey", &[]);
    close(asked(&flow).area.as_ref().unwrap().value.si(), 7e-12, 1e-12, "area");
    close(asked(&flow).latency.as_ref().unwrap().value.si(), 3e-9, 1e-12, "latency");
    let at_14_nm = regression::energy(wanted(8.0, 14.0, 1e9)).si();
    close(asked(&flow).energy.as_ref().unwrap().value.si(), at_14_nm, 1e-12, "energy");
}

/// Settings are followed, and the numbers that energy and area rest on are those of the entry.
#[test]
fn what_a_converter_costs_follows_its_numbers() {
    let fields = "bits: 8, rate: 1 GS/s, node: 32 nm, model: adc-survey";
    let settings = ["asked.rate=4 GS/s", "asked.bits=6", "asked.node=7 nm"];
    let (_, flow) = design(fields, &settings);
    let by_hand = regression::cost(wanted(6.0, 7.0, 4e9));
    let energy = asked(&flow).energy.as_ref().unwrap();
    close(energy.value.si(), by_hand.energy.si(), 1e-12, "energy");
    assert_eq!(energy.provenance.basis, Basis::Assumed);
    let (_, flow) = design(fields, &[]);
    let numbers = &flow.library.numbers;
    let of = |path: &str| numbers.find(path).unwrap_or_else(|| panic!("{path}"));
    let rests_on = ["asked.bits", "asked.rate", "asked.node"].map(of);
    for figure in ["asked.energy", "asked.area"].map(of) {
        assert_eq!(numbers.get(figure).operands(), rests_on);
        let mut scratch = Vec::new();
        let moved = numbers.evaluate(&[(rests_on[0], 6.0), (rests_on[1], 4e9), (rests_on[2], 7e-9)], &mut scratch);
        let expected = if figure == of("asked.energy") { by_hand.energy.si() } else { by_hand.area.unwrap().si() };
        close(moved[figure.index()], expected, 1e-12, "moved");
        // A part of a bit is a part of what a bit takes, no jump to the next.
        let [less, more] =
            [7.999, 8.001].map(|bits| numbers.evaluate(&[(rests_on[0], bits)], &mut scratch)[figure.index()]);
        assert!(less < more && more / less < 1.01, "{less} {more}");
    }
}

/// 6 bits at 1 GS/s: the least that a measured one takes of at least 6 bits is 1.111 pJ (ISSCC 2023, 17.7: 7.33 bits, 2.7 GS/s, 3 mW).
#[test]
fn a_computed_converter_beyond_all_measured_ones_is_found() {
    let found = |fields: &str| {
        let (session, flow) = design(fields, &[]);
        let findings = session.findings(&[&flow]);
        let of_rule = findings.list().iter().filter(|f| f.rule == FindingRule::Converter);
        of_rule.map(|f| f.details.join("\n")).collect::<Vec<_>>()
    };
    let said = found("bits: 6, rate: 1 GS/s, node: 14 nm, model: adc-survey");
    assert_eq!(said.len(), 1);
    assert!(said[0].contains("4.94 times as much") && said[0].contains("(ISSCC 2023, 17.7)"), "{}", said[0]);
    close(3e-3 / 2.7e9 / regression::energy(wanted(6.0, 14.0, 1e9)).si(), 4.94, 1e-2, "times");
    // At 180 nm the regression asks for more than the best measured ones take.
    assert!(found("bits: 6, rate: 1 MS/s, node: 180 nm, model: adc-survey").is_empty());
    let said = found("bits: 12, rate: 100 GS/s, node: 14 nm, model: adc-survey");
    assert!(said[0].contains("none of 724 with as many bits is as fast"), "{said:?}");
}

/// A library alone says it too, once for each entry, and of the one that is asked for.
#[test]
fn a_library_says_which_of_its_computed_converters_nobody_has_reached() {
    let entry = |name: &str, bits: u32| {
        format!(
            "  {name}: {{ kind: adc, bits: {bits}, rate: 1 GS/s, model: adc-survey, source: asked for, basis: modelled }}\n"
        )
    };
    let text = format!("name: converters\nnode: 7 nm\ncomponents:\n{}{}", entry("fine", 6), entry("finer", 10));
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("computed-converters.yaml");
    std::fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap();
    let said = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_imcost")).args(args).args(["--format", "json"]).output().unwrap();
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        let findings = answer["findings"].as_array().unwrap().clone();
        assert!(findings.iter().all(|finding| finding["rule"] == "converter"));
        let names = findings.iter().map(|f| f["what"].as_str().unwrap().split('`').nth(1).unwrap().to_owned());
        names.collect::<std::collections::BTreeSet<_>>().into_iter().collect::<Vec<_>>()
    };
    assert_eq!(said(&["library", path]), ["fine", "finer"]);
    assert_eq!(said(&["check", path]), ["fine", "finer"]);
    assert_eq!(said(&["library", path, "finer"]), ["finer"]);
}

/// A bit, a factor of four in the rate and a factor of two in the node are as far as each other, and at right angles.
#[test]
fn a_bit_is_as_far_as_four_rates_or_two_nodes() {
    for found in imcost::model::converter::measured::table().iter().filter(|one| one.node.is_some()) {
        let node_nm = found.node.expect("a node").si() * 1e9;
        let (bits, rate) = (found.effective_bits, found.rate.si());
        for (wanted, distance) in [
            (wanted(bits, node_nm, rate), 0.0),
            (wanted(bits - 1.0, node_nm, rate), 1.0),
            (wanted(bits, node_nm / 2.0, rate), 1.0),
            (wanted(bits, node_nm, rate / 4.0), 1.0),
            (wanted(bits + 3.0, node_nm * 16.0, rate), 5.0),
            (wanted(bits, node_nm * 8.0, rate * 256.0), 5.0),
        ] {
            assert!((found.distance(wanted) - distance).abs() < 1e-9, "{found:?}");
        }
    }
}
