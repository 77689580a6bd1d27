//! What must hold for every design, whatever its numbers.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use imcost::cost::{Breakdown, Estimate, Line, estimate};
use imcost::design::Design;
use imcost::diagnostic::Partial;
use imcost::files::{Files, Memory};
use imcost::session::Session;
use imcost::units::{Area, Energy, Time};
use imcost::yaml::{Value, YamlNode};
use proptest::prelude::*;

const ANALOG: &str = "builtin:arch/mlp-784-16-10-analog.yaml";
const MIXED: &str = "builtin:arch/mlp-784-16-10-mixed.yaml";
const LARGE: &str = "builtin:arch/mlp-400-120-84-10-mixed.yaml";

fn flow(path: &str, settings: &[String]) -> Design {
    flow_in(Session::with_settings(settings), path)
}

fn flow_in(mut session: Session, path: &str) -> Design {
    let flow = session.design(Path::new(path));
    assert!(
        session.diagnostics.settled().is_ok(),
        "{:?}: {:#?}",
        session.settings().collect::<Vec<_>>(),
        session.diagnostics
    );
    flow.expect("a design without errors")
}

/// A shipped design with other sizes, costs and policies.
fn any_design() -> impl Strategy<Value = (&'static str, Vec<String>)> {
    let path = prop_oneof![Just(ANALOG), Just(MIXED), Just(LARGE)];
    (path, 8u64..400, 2u64..64, 1u64..2000, any::<bool>(), any::<bool>(), 1u64..100).prop_map(
        |(path, rows, columns, features, on, pipelined, neuron)| {
            let gating = if on { "always-on" } else { "per-stage" };
            let settings = vec![
                format!("tile.rows={rows}"),
                format!("tile.columns={columns}"),
                format!("network.input.features={features}"),
                format!("gating={gating}"),
                format!("pipelined={pipelined}"),
                format!("sot-mram-neuron.static-power={neuron} uW"),
            ];
            (path, settings)
        },
    )
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * a.abs().max(b.abs())
}

fn adds_up(estimate: &Estimate<'_>, lines: &[Line]) -> bool {
    let totals = &estimate.totals;
    let energy: Energy = lines.iter().map(|l| l.energy).sum();
    let area: Area = lines.iter().map(|l| l.area).sum();
    let time: Time = lines.iter().map(|l| l.critical_time).sum();
    close(energy.si(), totals.energy.si())
        && close(area.si(), totals.area.si())
        && close(time.si(), totals.latency.si())
}

/// A few cases, unless `PROPTEST_CASES` asks for more.
fn config() -> ProptestConfig {
    let config = ProptestConfig::default();
    if std::env::var_os("PROPTEST_CASES").is_some() { config } else { ProptestConfig { cases: 64, ..config } }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn energy_is_average_power_times_the_interval((path, settings) in any_design()) {
        let flow = flow(path, &settings);
        let totals = estimate(&flow).expect("positive totals").totals;
        prop_assert!(close(totals.energy.si(), (totals.power * totals.initiation_interval).si()));
        prop_assert!(close(totals.tops() / totals.power.si(), totals.tops_per_w()));
    }

    #[test]
    fn totals_are_the_sum_of_every_breakdown((path, settings) in any_design()) {
        let flow = flow(path, &settings);
        let estimate = estimate(&flow).expect("positive totals");
        let cut = Breakdown::of(&estimate);
        prop_assert!(adds_up(&estimate, &cut.layers));
        prop_assert!(adds_up(&estimate, &cut.components));
        prop_assert!(adds_up(&estimate, &cut.kinds));
    }

    #[test]
    fn peak_power_is_at_least_the_average_and_the_interval_at_most_the_latency((path, settings) in any_design()) {
        let flow = flow(path, &settings);
        let t = estimate(&flow).expect("positive totals").totals;
        prop_assert!(t.peak_power.si() >= t.power.si() * (1.0 - 1e-12));
        prop_assert!(t.initiation_interval.si() <= t.latency.si() * (1.0 + 1e-12));
    }

    #[test]
    fn cutting_a_design_into_smaller_tiles_never_loses_a_mac(
        (path, settings) in any_design(), rows in 1u64..64, columns in 1u64..32,
    ) {
        let macs = flow(path, &settings).macs();
        let mut smaller = settings;
        smaller.extend([format!("tile.rows={rows}"), format!("tile.columns={columns}")]);
        let flow = flow(path, &smaller);
        prop_assert_eq!(flow.macs(), macs);
        // The tiles together hold every weight and the bias row.
        for layer in &flow.layers {
            let grid = &layer.grid;
            let cells = grid.rows_by_partition().sum::<u64>() * grid.outputs_by_partition().sum::<u64>();
            prop_assert_eq!(cells, layer.macs() + grid.outputs);
        }
    }

    #[test]
    fn doubling_share_never_lowers_latency_nor_raises_area(
        stage in prop_oneof![Just("adc-8b"), Just("digital-sigmoid"), Just("register"), Just("differential-amplifier")],
        share in 1u64..6, rows in 16u64..256, columns in 32u64..64,
    ) {
        let cost = |share: u64| {
            let settings = vec![
                format!("tile.rows={rows}"),
                format!("tile.columns={columns}"),
                format!("stages.column.{stage}.share={share}"),
            ];
            let flow = flow(MIXED, &settings);
            let totals = estimate(&flow).expect("positive totals").totals;
            (totals.latency, totals.area)
        };
        let ((latency, area), (slower, smaller)) = (cost(share), cost(2 * share));
        prop_assert!(slower.si() >= latency.si() * (1.0 - 1e-12), "{slower} after {latency}");
        prop_assert!(smaller.si() <= area.si() * (1.0 + 1e-12), "{smaller} after {area}");
    }

    #[test]
    fn the_order_of_keys_does_not_matter(seed in any::<u64>()) {
        let mut order = seed;
        let yaml = imcost::files::shipped::FILES.iter().filter(|(name, _)| name.ends_with(".yaml"));
        let files: Arc<dyn Files> = Arc::new(yaml.fold(Memory::default(), |files, (name, text)| {
            files.with(name, flow_style(&parse(text), &mut order))
        }));
        for path in [ANALOG, MIXED] {
            let session = Session::default().reading(files.clone());
            let shuffled = flow_in(session, path.trim_start_matches("builtin:"));
            let original = flow(path, &[]);
            prop_assert_eq!(estimate(&shuffled).expect("positive totals").totals, estimate(&original).expect("positive totals").totals);
        }
    }
}

fn parse(text: &str) -> YamlNode {
    let mut sources = imcost::diagnostic::SourceMap::default();
    let source = sources.add("file", text);
    let mut diagnostics = imcost::diagnostic::Diagnostics::default();
    imcost::yaml::parse(text, source, &mut diagnostics).and_then(Partial::whole).expect("shipped files are YAML")
}

/// The tree in YAML's flow style with the keys of every mapping in another order; anchors are written out.
fn flow_style(node: &YamlNode, order: &mut u64) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Bool(b) => b.to_string(),
        Value::Number(text) => text.clone(),
        Value::Text(text) => serde_json::Value::from(text.as_str()).to_string(),
        Value::Sequence(items) => {
            let items: Vec<String> = items.iter().map(|item| flow_style(item, order)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Mapping(entries) => {
            let mut left: Vec<_> = entries.iter().collect();
            let mut text = String::from("{");
            while !left.is_empty() {
                // A linear congruential step is random enough to mix keys.
                *order = order.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let entry = left.remove((*order >> 33) as usize % left.len());
                let key = serde_json::Value::from(entry.key.as_str());
                let _ = write!(text, "{key}: {}, ", flow_style(&entry.value, order));
            }
            text + "}"
        }
    }
}
