//! Converters beyond every measured one.
//!
//! A converter of n bits has about n - 1 effective ones: it is held against the measured converters of at least that, at its rate or above. It is
//! beyond them if none of them is so fast, if all of them take ten times its power, or if it takes a hundred times what one of them does.

use std::sync::Arc;

use super::ByComponent;
use super::survey::{FRONT, Measured, SIZE};
use crate::design::Design;
use crate::diagnostic::SourceMap;
use crate::results::{Finding, FindingRule};
use crate::techlib::{Component, Kind};
use crate::units::{Frequency, Power, eng_number, sig};

/// What noise and distortion take of the bits of a converter.
const LOST_BITS: f64 = 1.0;
/// The survey has converters of 4 bits and more; below, what is fast and frugal is a comparator and not in it.
const FEWEST_BITS: u32 = 4;
/// Takes less than all measured ones that do as much by more than this: of the survey's 724 converters 18 are so far ahead of all others.
const TOO_FRUGAL: f64 = 10.0;
/// Takes more than a measured one that does as much by more than this: so do 4 of the survey's 307 converters since 2015.
const TOO_HUNGRY: f64 = 100.0;

/// What a converter claims.
struct ConverterClaim {
    bits: u32,
    rate: Frequency,
    power: Power,
}

pub(super) fn find(design: &Design, sources: &SourceMap) -> Vec<Finding> {
    let converters =
        design.nodes().filter_map(|(_, node)| Some((node.component()?, ()))).filter(|(c, ())| c.kind == Kind::Adc);
    let groups = ByComponent::of(converters).0;
    groups.into_iter().filter_map(|(component, _)| beyond(component, sources)).collect()
}

fn claim(component: &Component) -> Option<ConverterClaim> {
    let rate = component.rate.as_ref().map(|rate| rate.value.si());
    let rate = rate.or_else(|| Some(1.0 / component.latency.as_ref()?.value.si()))?;
    Some(ConverterClaim { bits: component.bits?, rate: Frequency::new(rate), power: component.working_power()? })
}

fn beyond(component: &Arc<Component>, sources: &SourceMap) -> Option<Finding> {
    let claim = claim(component)?;
    let (said, nearest) = judge(&claim)?;
    let ConverterClaim { bits, rate, power } = claim;
    let what = format!("`{}` is beyond every measured converter", component.name);
    let finding = Finding::new(FindingRule::Converter, what)
        .at(component.span, sources)
        .detail(format!("{bits} bits at {} with {}: {said}", rate.eng(3), power.eng(3)))
        .detail(format!(
            "nearest of {SIZE} measured ones: {} effective bits, {}, {} ({})",
            sig(nearest.effective_bits, 2),
            nearest.rate().eng(3),
            nearest.power().eng(3),
            nearest.paper
        ));
    let finding = finding.figure("rate", rate).figure("power", power);
    let finding = finding.figure("rate of the nearest", nearest.rate()).figure("power of the nearest", nearest.power());
    Some(finding.mend("check power, rate and bits, and the prefixes of their units"))
}

/// What is to be said of a converter, with the nearest measured one.
fn judge(claim: &ConverterClaim) -> Option<(String, &'static Measured)> {
    let (rate, power) = (claim.rate.si(), claim.power.si());
    let as_fine = || FRONT.iter().filter(|m| m.effective_bits >= f64::from(claim.bits) - LOST_BITS);
    let least = as_fine().filter(|m| m.rate_hz >= rate).min_by(|a, b| a.power_w.total_cmp(&b.power_w));
    let Some(least) = least else {
        // More bits than any has are refused before.
        let fastest = as_fine().max_by(|a, b| a.rate_hz.total_cmp(&b.rate_hz))?;
        return Some(("none of as many bits is as fast".into(), fastest));
    };
    if power > TOO_HUNGRY * least.power_w {
        return Some((
            format!("one that does as much takes {} times less", eng_number(power / least.power_w, 2)),
            least,
        ));
    }
    let too_frugal = claim.bits >= FEWEST_BITS && power * TOO_FRUGAL < least.power_w;
    too_frugal
        .then(|| (format!("all that do as much take {} times as much or more", sig(least.power_w / power, 2)), least))
}
