//! The results of the commands, each as a [`View`](super::View).

#[cfg(feature = "infer")]
pub mod accuracy;
pub mod check;
pub mod compare;
pub mod crossbar;
pub mod explain;
pub mod library;
pub mod neuron;
pub mod report;
#[cfg(feature = "infer")]
pub mod simulate;
mod sources;
#[cfg(feature = "infer")]
pub mod study;
pub mod validate;

use serde_json::{Value, json};

use crate::cost::{AssumedShare, Totals};

/// Totals in SI base units.
fn totals_json(t: &Totals, assumed: &AssumedShare) -> Value {
    json!({
        "power_w": t.power.si(),
        "peak_power_w": t.peak_power.si(),
        "latency_s": t.latency.si(),
        "initiation_interval_s": t.initiation_interval.si(),
        "energy_j": t.energy.si(),
        "energy_delay_j_s": t.energy_delay_js(),
        "area_m2": t.area.si(),
        "macs": t.macs,
        "tops": t.tops(),
        "tops_per_w": t.tops_per_w(),
        "tops_per_mm2": t.tops_per_mm2(),
        "assumed_fraction": {
            "energy": assumed.energy,
            "latency": assumed.latency,
            "area": assumed.area,
        },
    })
}

/// `88.55 %`, of an accuracy.
fn exact(fraction: f64) -> String {
    format!("{:.2} %", 100.0 * fraction)
}

/// `12.3 %`; a part that is not zero is never shown as zero.
fn percent(fraction: f64) -> String {
    let percent = fraction * 100.0;
    if percent != 0.0 && percent.abs() < 0.1 {
        return if percent < 0.0 { "> -0.1 %".into() } else { "<0.1 %".into() };
    }
    format!("{percent:.1} %")
}

/// `energy 12.3 %, latency 0.0 %, area 45.6 %`.
fn assumed_text(share: &AssumedShare) -> String {
    format!("energy {}, latency {}, area {}", percent(share.energy), percent(share.latency), percent(share.area))
}
