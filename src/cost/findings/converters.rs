//! Converters beyond every measured one.
//!
//! A converter of n bits has about n - 1 effective ones: it is held against the measured converters of at least that, at its rate or above. It is
//! beyond them if none of them is so fast, if all of them take ten times its power, or if it takes a hundred times what one of them does. One that is
//! computed from its effective bits has these, and is beyond them as soon as all that do as much take more energy.

use std::sync::Arc;

use super::ByComponent;
use crate::design::{Design, Domain};
use crate::diagnostic::SourceMap;
use crate::model::converter::WantedConverter;
use crate::model::converter::measured::{self, Measured, Reach, SIZE};
use crate::results::{Finding, FindingRule};
use crate::techlib::{Component, Kind, Model};
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

/// The converters that are computed and beyond every measured one, whether or not a design uses them.
pub fn computed_converters<'l>(
    components: impl Iterator<Item = &'l Arc<Component>>,
    sources: &SourceMap,
) -> Vec<Finding> {
    let computed = components.filter(|component| matches!(component.model, Some(Model::AdcSurvey(_))));
    computed.filter_map(|component| beyond(component, sources)).collect()
}

fn claim(component: &Component) -> Option<ConverterClaim> {
    // The survey is of converters of voltages and currents.
    if component.takes == Some(Domain::Pulse) {
        return None;
    }
    let rate = component.rate.as_ref().map(|rate| rate.value.si());
    let rate = rate.or_else(|| Some(1.0 / component.latency.as_ref()?.value.si()))?;
    Some(ConverterClaim { bits: component.bits?, rate: Frequency::new(rate), power: component.working_power()? })
}

fn beyond(component: &Arc<Component>, sources: &SourceMap) -> Option<Finding> {
    if let Some(Model::AdcSurvey(wanted)) = component.model {
        return computed(component, wanted, sources);
    }
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
            nearest.rate.eng(3),
            nearest.power.eng(3),
            nearest.paper
        ));
    let finding = finding.figure("rate", rate).figure("power", power);
    let finding = finding.figure("rate of the nearest", nearest.rate).figure("power of the nearest", nearest.power);
    Some(finding.mend("check power, rate and bits, and the prefixes of their units"))
}

/// What is to be said of a converter whose energy follows from its effective bits, rate and node.
fn computed(component: &Arc<Component>, wanted: WantedConverter, sources: &SourceMap) -> Option<Finding> {
    let energy = component.energy.as_ref()?.value;
    let (bits, rate) = (wanted.bits, wanted.rate);
    let (said, nearest) = match measured::reached(bits, rate, energy) {
        Reach::Yes(_) => return None,
        Reach::WithMoreEnergy(least) => {
            let times = sig(least.energy() / energy, 3);
            (format!("all {SIZE} measured ones that do as much take {times} times as much or more"), Some(least))
        }
        Reach::NotAsFast(fastest) => (format!("none of {SIZE} with as many bits is as fast"), Some(fastest)),
        Reach::NotAsFine => (format!("none of {SIZE} has as many effective bits"), None),
    };
    let what = format!("`{}`, as it is computed, is beyond every measured converter", component.name);
    let finding = Finding::new(FindingRule::Converter, what).at(component.span, sources);
    let of = format!("{} effective bits at {} with {} a conversion", sig(bits, 3), rate.eng(3), energy.eng(3));
    let mut finding = finding.detail(format!("{of}: {said}")).figure("rate", rate).figure("energy", energy);
    // The least, then those that are near in bits, rate and node.
    let beside = measured::nearest(wanted, 2).into_iter().filter(|m| nearest != Some(*m));
    for m in nearest.into_iter().chain(beside) {
        finding = finding.detail(format!(
            "measured: {} effective bits, {}, {} a conversion, {} ({})",
            sig(m.effective_bits, 3),
            m.rate.eng(3),
            m.energy().eng(3),
            m.node.map_or_else(|| "node unknown".into(), |node| node.eng(3)),
            m.paper
        ));
    }
    Some(finding.mend("state the figures of a measured one, or fewer bits or a lower rate"))
}

/// What is to be said of a converter, with the nearest measured one.
fn judge(claim: &ConverterClaim) -> Option<(String, &'static Measured)> {
    let bits = f64::from(claim.bits) - LOST_BITS;
    let Some(least) = measured::least_power(bits, claim.rate) else {
        // More bits than any has are refused before.
        return Some(("none of as many bits is as fast".into(), measured::fastest(bits)?));
    };
    let times = claim.power / least.power;
    if times > TOO_HUNGRY {
        return Some((format!("one that does as much takes {} times less", eng_number(times, 2)), least));
    }
    let too_frugal = claim.bits >= FEWEST_BITS && claim.power * TOO_FRUGAL < least.power;
    too_frugal.then(|| (format!("all that do as much take {} times as much or more", sig(1.0 / times, 2)), least))
}
