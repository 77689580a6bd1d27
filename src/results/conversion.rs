//! What the columns of a design ask of its converters.

use schemars::JsonSchema;
use serde::Serialize;

use super::FORMAT_VERSION;
use crate::cost::conversion::{Conversion, MeasuredValues, conversions};
use crate::design::Design;
use crate::model::converter::loading::FullScale;
use crate::units::{Area, Energy};

/// What `imcost adc --for` finds out.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ConversionsResult {
    /// Version of this format.
    pub format_version: u32,
    /// Name of the design.
    pub name: String,
    /// Label of the design.
    pub label: String,
    /// The power of a column's values over that of the converter's error that is asked for, in dB.
    pub asked_snr_db: f64,
    /// True if what arrives has been measured with trained weights on pictures; else it follows from the statistics of rows and devices.
    pub measured: bool,
    /// The layers that have a converter between columns and activation.
    pub layers: Vec<ConversionResult>,
}

/// The converter of a layer, and what its columns ask of it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ConversionResult {
    /// Name of the layer.
    pub layer: String,
    /// Name of the component.
    pub converter: String,
    /// Rows whose sum is converted at once; of several partitions their mean.
    pub rows: f64,
    /// True if the two columns of a pair are converted one by one.
    pub one_by_one: bool,
    /// True if the statistics of rows and devices are assumed.
    pub assumed_statistics: bool,
    /// Mean of the values that arrive, over the largest that can.
    pub mean: f64,
    /// Standard deviation of these, over the largest that can arrive.
    pub deviation: f64,
    /// As it is built.
    pub built: ConverterSize,
    /// The part of its full scale that the largest measured value takes, or that all but one in ten thousand stay within.
    pub used: f64,
    /// The fewest bits that are enough, with their range; none where no converter has enough.
    pub fewest: Option<ConverterSize>,
    /// Conversions of an inference.
    pub conversions: u64,
    /// Energy of a conversion as the library states it.
    pub stated_energy_per_conversion_j: Option<f64>,
    /// Area of a converter as the library states it.
    pub stated_area_m2: Option<f64>,
}

/// Bits and range of a converter.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct ConverterSize {
    /// Bits.
    pub bits: u32,
    /// Full scale, as a fraction of the largest value that can arrive: the key `range` of a stage.
    pub range: f64,
    /// Power of the values over that of the converter's error, in dB.
    pub snr_db: f64,
    /// Energy of a conversion by the regression over measured converters, at the rate and node of the component; of fewer than four bits that of
    /// four.
    pub energy_per_conversion_j: Option<f64>,
    /// Area by the same regression.
    pub area_m2: Option<f64>,
}

impl ConversionsResult {
    /// Of a design; `snr_db` is what is asked for, `measured` what has been measured of its layers.
    #[must_use]
    pub fn of(design: &Design, snr_db: f64, measured: &[Option<MeasuredValues>]) -> Self {
        let found = conversions(design, libm::pow(10.0, snr_db / 10.0), measured);
        Self {
            format_version: FORMAT_VERSION,
            name: design.name.clone(),
            label: design.label.clone(),
            asked_snr_db: snr_db,
            measured: measured.iter().any(Option::is_some),
            layers: found.iter().map(ConversionResult::of).collect(),
        }
    }
}

impl ConversionResult {
    fn of(c: &Conversion<'_>) -> Self {
        let size = |loading: FullScale| {
            let cost = c.by_survey(loading.bits);
            ConverterSize {
                bits: loading.bits,
                range: loading.range,
                snr_db: 10.0 * libm::log10(loading.snr),
                energy_per_conversion_j: cost.map(|cost| cost.energy.si()),
                area_m2: cost.and_then(|cost| cost.area).map(Area::si),
            }
        };
        let stated = c.stated();
        Self {
            layer: c.layer.name.clone(),
            converter: c.converter.name.to_string(),
            rows: c.rows,
            one_by_one: c.one_by_one,
            assumed_statistics: c.assumed,
            mean: c.spread.mean,
            deviation: c.spread.deviation,
            built: size(c.built),
            used: c.largest.map_or_else(|| c.spread.used(c.built.range), |largest| largest / c.built.range),
            fewest: c.fewest.map(size),
            conversions: c.conversions,
            stated_energy_per_conversion_j: stated.map(|cost| Energy::si(cost.energy)),
            stated_area_m2: stated.and_then(|cost| cost.area).map(Area::si),
        }
    }
}
