//! What a run over pictures shows of the converters of a design.

use std::sync::Arc;

use super::{Accuracy, LayerFigures};
use crate::design::{Design, Layer};
use crate::diagnostic::SourceMap;
use crate::results::{Finding, FindingRule};
use crate::techlib::Component;
use crate::units::{Fraction, Unit, sig};

/// More than this part of the values being clipped is worth a word; a Gaussian has as much beyond 2.6 standard deviations.
const CLIPPED: f64 = 0.01;
/// Below this part of the range a whole bit of the converter is never used.
const USED: f64 = 0.5;

/// The findings of a run.
#[must_use]
pub fn findings(accuracy: &Accuracy, design: &Design, sources: &SourceMap) -> Vec<Finding> {
    let layers = design.layers.iter().zip(&accuracy.layers);
    let found = layers.filter_map(|(layer, figures)| {
        let (converter, range) = converter(design, layer)?;
        let used = figures.used_range?;
        let clipped = figures.clipped.filter(|&part| part > CLIPPED);
        match clipped {
            Some(part) => Some(clipping(converter, figures, (range, used, part), sources)),
            None if used < USED => Some(unused(converter, figures, (range, used), sources)),
            None => None,
        }
    });
    found.collect()
}

/// The converter of a layer's sums, and its full scale as a fraction of the largest value that can arrive.
fn converter<'d>(design: &'d Design, layer: &Layer) -> Option<(&'d Arc<Component>, f64)> {
    let circuits = &layer.circuits;
    let &node = circuits.converters_before.first().or(circuits.converters_after.first())?;
    Some((design.graph[node].component()?, design.graph[node].range.unwrap_or(1.0)))
}

fn clipping(
    converter: &Arc<Component>,
    figures: &LayerFigures,
    (range, used, part): (f64, f64, f64),
    sources: &SourceMap,
) -> Finding {
    let name = &figures.name;
    let finding = Finding::new(FindingRule::Clipping, format!("`{}` clips values of layer `{name}`", converter.name));
    let help = format!("`range: {}` holds the largest", percent(range * used));
    finding
        .at(converter.span, sources)
        .detail(format!(
            "{} of them; the largest is {} of its full scale (`range: {}`)",
            percent(part),
            percent(used),
            percent(range)
        ))
        .figure("part of the values that is clipped", Fraction::from_si(part))
        .figure("largest value by full scale", Fraction::from_si(used))
        .in_layer(name)
        .mend(help)
}

fn unused(
    converter: &Arc<Component>,
    figures: &LayerFigures,
    (range, used): (f64, f64),
    sources: &SourceMap,
) -> Finding {
    let what = format!("`{}` never sees most of its range after layer `{}`", converter.name, figures.name);
    let bits = libm::log2(1.0 / used).floor();
    let finding = Finding::new(FindingRule::UnusedRange, what).at(converter.span, sources);
    let finding = finding.detail(format!(
        "the largest value is {} of its full scale (`range: {}`): {bits} of its bits {} nothing",
        percent(used),
        percent(range),
        if bits > 1.0 { "carry" } else { "carries" }
    ));
    let finding = finding.figure("largest value by full scale", Fraction::from_si(used)).in_layer(&figures.name);
    finding.mend(format!("`range: {}` uses all of it", percent(range * used)))
}

/// A part in percent with three digits, rounded up: a range that is told must hold what it is told for.
fn percent(part: f64) -> String {
    let percent = 100.0 * part;
    let digits = 10_f64.powi(2 - libm::log10(percent).floor() as i32);
    format!("{} %", sig((percent * digits).ceil() / digits, 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_rounded_up_to_three_digits() {
        assert_eq!([0.253_1, 0.012_34, 0.001_234, 1.0].map(percent), ["25.40 %", "1.240 %", "0.1240 %", "100.0 %"]);
    }
}
