//! `imcost adc`: what a converter can be expected to cost.

use crate::model::converter::measured::SIZE;
use crate::report::{Document, Records, View};
use crate::results::converter::{ConverterResult, ConverterStatement, ReachResult};
use crate::results::{Answer, CommandResult};
use crate::units::{Area, Energy, Frequency, Length, Power, eng_number, sig};

/// A converter beside others.
#[derive(Debug, Clone)]
pub struct ConverterView(pub ConverterResult);

impl ConverterView {
    fn reached(&self) -> String {
        let result = &self.0;
        let (bits, rate) = (result.bits, Frequency::new(result.rate_hz).eng(3));
        let one = |m: &ConverterStatement| {
            let rate = Frequency::new(m.rate_hz.unwrap_or_default()).eng(3);
            format!(
                "{} ({} effective bits, {rate}, {})",
                m.name,
                sig(m.bits, 3),
                Energy::new(m.energy_per_conversion_j).eng(3)
            )
        };
        match (result.reached, &result.least_measured, &result.fastest_measured) {
            (ReachResult::Reached, Some(least), _) => {
                format!("Of {SIZE} measured converters one does as much with no more energy: {}.", one(least))
            }
            (ReachResult::WithMoreEnergy, Some(least), _) => format!(
                "Beyond all {SIZE} measured converters: of those with {bits} effective bits and {rate} the least takes {} times as much: {}.",
                sig(least.energy_ratio, 3),
                one(least)
            ),
            (_, _, Some(fastest)) => format!(
                "Beyond all {SIZE} measured converters: the fastest with {bits} effective bits is {}.",
                one(fastest)
            ),
            _ => format!("Beyond all {SIZE} measured converters: none has {bits} effective bits."),
        }
    }
}

fn row(s: &ConverterStatement) -> Vec<String> {
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".into());
    vec![
        s.name.clone(),
        sig(s.bits, 3),
        or_dash(s.rate_hz.map(|rate| Frequency::new(rate).eng(3))),
        or_dash(s.node_m.map(|node| Length::new(node).eng(3))),
        Energy::new(s.energy_per_conversion_j).eng(3),
        format!("{}x", eng_number(s.energy_ratio, 3)),
        or_dash(s.area_m2.map(|area| Area::new(area).eng(3))),
    ]
}

impl View for ConverterView {
    fn document(&self) -> Document {
        let result = &self.0;
        let mut document = Document::default();
        document.title(format!(
            "Converter of {} bits, {}, {}",
            result.bits,
            Frequency::new(result.rate_hz).eng(4),
            Length::new(result.node_m).eng(4)
        ));
        let figures = [
            ("energy of a conversion", Energy::new(result.energy_per_conversion_j).eng(4)),
            ("power", Power::new(result.power_w).eng(4)),
            ("area", Area::new(result.area_m2).eng(4)),
        ];
        let figures = figures.into_iter().map(|(name, value)| vec![name.to_owned(), value]);
        document.table(vec!["figure", "value"], figures.collect(), 1);
        document.title("The nearest measured converters");
        let header = ["converter", "bits", "rate", "node", "energy", "times", "area"];
        document.table(header.to_vec(), result.nearest.iter().map(row).collect(), 1);
        document.title("What models say");
        let header = ["model", "as", "bits", "rate", "node", "energy", "times", "area"];
        let models = result.models.iter().map(|model| {
            let mut row = row(model);
            row.insert(1, model.kind.name().to_owned());
            row
        });
        document.table(header.to_vec(), models.collect(), 2);
        document.paragraph(self.reached());
        document.line(format!("The models of {} bits differ by {}x.", result.bits, eng_number(result.spread, 3)));
        if !result.holds {
            document.line("The regression is of converters of 4 bits and more: with fewer it says nothing of value.");
        }
        document.paragraph("Energy: all of a conversion, with what leaks. Times: over that of the regression, `adc-survey`, an optimistic bound.");
        document.line("Bits, rate and node are those that a line is of; of measured converters effective bits. `--format json` has the sources.");
        document
    }

    fn answer(&self) -> Answer {
        Answer::of(CommandResult::Converter(Box::new(self.0.clone())))
    }

    fn records(&self) -> Records {
        let header = [
            "name",
            "kind",
            "bits",
            "rate_hz",
            "node_m",
            "energy_per_conversion_j",
            "energy_ratio",
            "area_m2",
            "source",
        ];
        let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
        let record = |s: &ConverterStatement| {
            vec![
                s.name.clone(),
                s.kind.name().to_owned(),
                s.bits.to_string(),
                number(s.rate_hz),
                number(s.node_m),
                s.energy_per_conversion_j.to_string(),
                s.energy_ratio.to_string(),
                number(s.area_m2),
                s.source.clone(),
            ]
        };
        Records::of(header, self.0.models.iter().chain(&self.0.nearest).map(record).collect())
    }
}
