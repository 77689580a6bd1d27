//! `imcost adc --for`: what the columns of a design ask of its converters.

use super::percent;
use crate::report::{Document, Records, View};
use crate::results::conversion::{ConversionResult, ConversionsResult, ConverterSize};
use crate::results::{Answer, CommandResult};
use crate::units::{Area, Energy, sig};

/// The converters of a design beside what its columns ask for.
#[derive(Debug, Clone)]
pub struct ConversionsView(pub ConversionsResult);

fn or_dash(text: Option<String>) -> String {
    text.unwrap_or_else(|| "-".into())
}

fn loading(layer: &ConversionResult) -> Vec<String> {
    let of = |size: &ConverterSize| [size.bits.to_string(), percent(size.range), sig(size.snr_db, 3)];
    let fewest = layer.fewest.as_ref().map_or_else(|| ["-".into(), "-".into(), "-".into()], of);
    let mut row = vec![layer.layer.clone(), layer.converter.clone(), percent(layer.mean), percent(layer.deviation)];
    row.extend(of(&layer.built));
    row.push(percent(layer.used));
    row.extend(fewest);
    row
}

fn costs(layer: &ConversionResult) -> Vec<String> {
    let energy = |energy: Option<f64>| or_dash(energy.map(|energy| Energy::new(energy).eng(3)));
    let area = |area: Option<f64>| or_dash(area.map(|area| Area::new(area).eng(3)));
    let fewest = layer.fewest.as_ref();
    vec![
        layer.layer.clone(),
        layer.conversions.to_string(),
        energy(layer.stated_energy_per_conversion_j),
        energy(layer.built.energy_per_conversion_j),
        energy(fewest.and_then(|size| size.energy_per_conversion_j)),
        area(layer.stated_area_m2),
        area(layer.built.area_m2),
        area(fewest.and_then(|size| size.area_m2)),
    ]
}

impl View for ConversionsView {
    fn document(&self) -> Document {
        let result = &self.0;
        let mut document = Document::default();
        document.title(format!(
            "Converters of {}, {}, at {} dB",
            result.name,
            result.label,
            sig(result.asked_snr_db, 3)
        ));
        let header =
            ["layer", "converter", "mean", "deviation", "bits", "range", "dB", "used", "fewest bits", "range", "dB"];
        document.table(header.to_vec(), result.layers.iter().map(loading).collect(), 2);
        document.title("Costs");
        let header = [
            "layer",
            "conversions",
            "energy, stated",
            "adc-survey",
            "fewest bits",
            "area, stated",
            "adc-survey",
            "fewest bits",
        ];
        document.table(header.to_vec(), result.layers.iter().map(costs).collect(), 1);
        document.paragraph(
            "Mean, deviation: of the values that arrive, over the largest that can. Range: full scale over that largest, the key `range` of a stage.",
        );
        document.line(if result.measured {
            "Values: measured with the trained weights on all pictures. Used: the part of the full scale that the largest takes."
        } else {
            "Values: rows and weights independent, as the statistics say; trained columns reach further where inputs go together with weights, which --weights and --data measure. Used: the part of the full scale that all but one in ten thousand stay within."
        });
        document.line(
            "dB: the values over the converter's error, steps and clipping together, of values spread as a Gaussian.",
        );
        document.line(
            "Energy of a conversion. adc-survey: the regression over measured converters at the rate and node of the component, an optimistic bound; of fewer than 4 bits that of 4.",
        );
        if result.layers.iter().any(|layer| layer.one_by_one) {
            document.line("The two columns of a pair are converted one by one: dB are those of a single column's values about their mean.");
        }
        if result.layers.iter().any(|layer| layer.assumed_statistics) {
            document.line("Statistics of rows or devices are assumed: `statistics` states them.");
        }
        document
    }

    fn answer(&self) -> Answer {
        Answer::of(CommandResult::Conversions(Box::new(self.0.clone())))
    }

    fn records(&self) -> Records {
        let header = [
            "layer",
            "converter",
            "mean",
            "deviation",
            "bits",
            "range_built",
            "snr_built_db",
            "used",
            "fewest_bits",
            "fewest_range",
            "fewest_snr_db",
            "conversions",
            "stated_energy_per_conversion_j",
            "survey_energy_per_conversion_j",
            "fewest_energy_per_conversion_j",
            "stated_area_m2",
            "survey_area_m2",
            "fewest_area_m2",
        ];
        let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
        let record = |layer: &ConversionResult| {
            let fewest = layer.fewest;
            vec![
                layer.layer.clone(),
                layer.converter.clone(),
                layer.mean.to_string(),
                layer.deviation.to_string(),
                layer.built.bits.to_string(),
                layer.built.range.to_string(),
                layer.built.snr_db.to_string(),
                layer.used.to_string(),
                fewest.map_or_else(String::new, |size| size.bits.to_string()),
                number(fewest.map(|size| size.range)),
                number(fewest.map(|size| size.snr_db)),
                layer.conversions.to_string(),
                number(layer.stated_energy_per_conversion_j),
                number(layer.built.energy_per_conversion_j),
                number(fewest.and_then(|size| size.energy_per_conversion_j)),
                number(layer.stated_area_m2),
                number(layer.built.area_m2),
                number(fewest.and_then(|size| size.area_m2)),
            ]
        };
        Records::of(header, self.0.layers.iter().map(record).collect())
    }
}
