//! Architecture and library as texts in memory, to the plan and its totals: whatever the texts are, they give errors, or totals that are finite
//! and positive, agree with each other, are the sums of their parts, and come out the same twice.
//!
//! An input is the architecture, a line `---`, and the library. The architecture may name its library as it likes; every name that is not shipped
//! has the library's text.
#![no_main]

use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use imcost::cost::machine::MachineCosts;
use imcost::cost::{Breakdown, Estimate, Line, Scratch, Totals, explain};
use imcost::files::{FileError, Files, OpenFile, Shipped};
use imcost::session::Session;
use libfuzzer_sys::fuzz_target;

const ARCHITECTURE: &str = "arch/fuzzed.yaml";

/// What parts the two texts of an input.
const CUT: &str = "\n---\n";

#[derive(Debug)]
struct Texts {
    architecture: Vec<u8>,
    library: Vec<u8>,
}

impl Files for Texts {
    fn open(&self, path: &Path) -> Result<OpenFile, FileError> {
        let bytes = if path == Path::new(ARCHITECTURE) {
            &self.architecture
        } else if path.to_string_lossy().starts_with("builtin:") {
            return Shipped.open(path);
        } else {
            &self.library
        };
        Ok(OpenFile { reader: Box::new(Cursor::new(bytes.clone())), length: bytes.len() as u64 })
    }

    fn names(&self, _: &Path) -> Result<Vec<String>, FileError> {
        Err(FileError::Missing)
    }

    fn is_link(&self, _: &Path) -> bool {
        false
    }
}

/// What a session makes of the texts: all that it says of them and, if they are a design, its totals.
fn read(texts: &Arc<Texts>, session: Session) -> (String, Option<Totals>) {
    let mut session = session.reading(Arc::<Texts>::clone(texts));
    let design = session.design(Path::new(ARCHITECTURE));
    if design.is_err() {
        assert!(session.design(Path::new(ARCHITECTURE)).is_err(), "refused once, taken the second time");
    }
    let totals = design.ok().and_then(|design| {
        assert!(session.diagnostics.settled().is_ok(), "a design with errors has numbers");
        // Totals that no circuit has are refused, in words.
        let estimate = session.estimate(&design).ok()?;
        check_totals(&estimate);
        check_parts(&estimate);
        if design.is_machine {
            check_machine(&estimate, &session);
        } else {
            check_explanations(&estimate, &session);
        }
        for finding in session.findings(&[&design]).list() {
            assert!(finding.figures.iter().all(|figure| figure.value_si.is_finite()), "{finding:?}");
        }
        Some(estimate.totals)
    });
    let refused = totals.is_none();
    assert_eq!(session.diagnostics.settled().is_err(), refused, "refused without an error, or taken with one");
    assert_eq!(session.diagnostics.is_empty(), !refused, "an error that was reported is not in the list");
    let said = session.rendered();
    assert_eq!(said.contains("error"), refused, "{said}");
    (said, totals)
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
}

fn check_totals(estimate: &Estimate<'_>) {
    let t = estimate.totals;
    let (energy, power, interval) = (t.energy.si(), t.power.si(), t.initiation_interval.si());
    for value in [energy, power, interval, t.latency.si(), t.area.si(), t.peak_power.si()] {
        assert!(value.is_finite() && value > 0.0, "{t:?}");
    }
    assert!(close(energy, power * interval), "energy is not power x interval: {t:?}");
    assert!(t.peak_power.si() >= power * (1.0 - 1e-9), "the peak is below the average: {t:?}");
    for share in [estimate.assumed.energy, estimate.assumed.latency, estimate.assumed.area] {
        assert!((0.0..=1.0).contains(&share), "{:?}", estimate.assumed);
    }
    let again = estimate.plan.run(&estimate.plan.stated_si(), &mut Scratch::default());
    assert_eq!(again, t, "the plan does not give its own totals");
}

/// The groups, and every cut of the breakdown, add up to the totals.
fn check_parts(estimate: &Estimate<'_>) {
    let t = estimate.totals;
    for cost in &estimate.costs {
        let parts = [
            cost.dynamic_energy.si(),
            cost.powered_energy.si(),
            cost.area.si(),
            cost.time.si(),
            cost.critical_time.si(),
        ];
        assert!(parts.iter().all(|part| part.is_finite() && *part >= 0.0), "{cost:?}");
    }
    let breakdown = Breakdown::of(estimate);
    for lines in [&breakdown.layers, &breakdown.components, &breakdown.kinds] {
        let sum = |of: fn(&Line) -> f64| lines.iter().map(of).sum::<f64>();
        assert!(close(sum(|line| line.energy.si()), t.energy.si()), "{lines:?} {t:?}");
        assert!(close(sum(|line| line.area.si()), t.area.si()), "{lines:?} {t:?}");
        assert!(close(sum(|line| line.critical_time.si()), t.latency.si()), "{lines:?} {t:?}");
    }
}

/// A machine is the sum of its levels, and what is explained is what is reported.
fn check_machine(estimate: &Estimate<'_>, session: &Session) {
    let machine = estimate.design.machine.as_ref().expect("a machine has levels");
    let Ok(costs) = MachineCosts::of(machine) else { return };
    for value in [costs.power.si(), costs.full_rate.si(), costs.area.si(), costs.operations.si()] {
        assert!(value.is_finite() && value >= 0.0, "{costs:?}");
    }
    assert!(costs.full_rate.si() <= costs.power.si() * (1.0 + 1e-9), "{costs:?}");
    let sums = costs.levels.iter().fold((0.0, 0.0), |(power, area), level| {
        (power + level.own_power.si() * level.powered as f64, area + level.own_area.si() * level.instances as f64)
    });
    assert!(close(sums.0, costs.power.si()) && close(sums.1, costs.area.si()), "{costs:?}");
    let explained = explain(estimate, "area", &session.sources).expect("every machine has an area");
    assert!(close(explained.value_si, costs.area.si()), "area: {} for {costs:?}", explained.value_si);
}

/// The terms of a result add up to it, and it is the one that the report prints.
fn check_explanations(estimate: &Estimate<'_>, session: &Session) {
    let t = estimate.totals;
    for (name, value) in
        [("energy", t.energy.si()), ("power", t.power.si()), ("latency", t.latency.si()), ("area", t.area.si())]
    {
        let explained = explain(estimate, name, &session.sources).expect("every design has these results");
        assert!(close(explained.value_si, value), "{name}: {} for {value}", explained.value_si);
        let (sum, size) =
            explained.terms.iter().fold((0.0, 0.0), |(sum, size), t| (sum + t.value_si, size + t.value_si.abs()));
        assert!((sum - value).abs() <= 1e-9 * size, "the terms of {name} add up to {sum} of {value}");
        assert!((0.0..=1.0).contains(&explained.assumed_fraction), "{name}: {}", explained.assumed_fraction);
    }
}

fuzz_target!(|input: &str| {
    let (architecture, library) = input.split_once(CUT).unwrap_or((input, ""));
    let texts = Arc::new(Texts { architecture: architecture.into(), library: library.into() });
    let (said, totals) = read(&texts, Session::default());
    assert_eq!((said, totals), read(&texts, Session::default()), "the same texts twice");
    // Entries that the design does not use may be wrong, but change nothing.
    let (_, whole) = read(&texts, Session::default().thorough());
    assert!(whole.is_none() || whole == totals, "{whole:?} of the whole library, {totals:?} of what is used");
});
