//! The results of the commands, each as a [`View`](super::View).

#[cfg(feature = "infer")]
pub mod accuracy;
pub mod check;
pub mod compare;
pub mod crossbar;
pub mod device;
pub mod explain;
pub mod findings;
pub mod library;
pub mod machine;
pub mod neuron;
pub mod report;
#[cfg(feature = "infer")]
pub mod simulate;
pub mod sources;
#[cfg(feature = "infer")]
pub mod study;
pub mod validate;
mod verdict;
#[cfg(feature = "infer")]
pub mod words;

use crate::results::totals::AssumedFraction;

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
fn assumed_text(share: &AssumedFraction) -> String {
    format!("energy {}, latency {}, area {}", percent(share.energy), percent(share.latency), percent(share.area))
}
