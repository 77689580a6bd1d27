//! What stands on the rows of the first layer: voltages from a file, or pictures.

use std::path::Path;

use super::{SimulatedPictures, size};
use crate::design::Design;
use crate::diagnostic::{Checked, Diagnostic, Diagnostics, SourceMap};
use crate::files::matrix;
use crate::infer::accuracy::{self, Question};
use crate::infer::classify::input::Inputs;
use crate::units::{Unit, Voltage};

/// Voltages of the rows of the first layer, a list for each input.
pub(super) struct RowVoltages {
    pub voltages: Vec<Vec<Voltage>>,
    pub pictures: Option<SimulatedPictures>,
}

impl RowVoltages {
    fn stated(voltages: Vec<Vec<Voltage>>) -> Self {
        Self { voltages, pictures: None }
    }
}

/// The pictures of a question on rows of this read voltage.
pub(super) fn pictures(
    flow: &Design,
    question: &Question,
    read_voltage: Voltage,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Checked<RowVoltages> {
    let before = diagnostics.mark();
    let dataset = accuracy::read_pictures(flow, question, sources, diagnostics)?;
    accuracy::pictures_fit(flow, &dataset, diagnostics)?;
    let features = flow.layers.first().map_or(0, |layer| size(layer.grid.inputs));
    let mapped = flow.image.as_ref();
    let mapped = mapped.and_then(|m| Inputs::map(&dataset.images, m, flow.input_encoding, features).ok());
    let Some(inputs) = mapped else { return Err(diagnostics.missing(before)) };
    let of_picture =
        |picture: usize| inputs.of_picture(picture).into_iter().map(|value| read_voltage * value).collect();
    Ok(RowVoltages {
        voltages: (0..inputs.pictures).map(of_picture).collect(),
        pictures: Some(SimulatedPictures { data: dataset.name, labels: dataset.labels }),
    })
}

/// Reads voltages.
pub(super) fn voltages(
    path: &Path,
    flow: &Design,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Checked<RowVoltages> {
    let matrix = matrix::read(path, sources, diagnostics)?.without("image");
    let expected = flow.layers.first().map_or(0, |layer| size(layer.grid.inputs));
    let layout = "a line for each picture, a value for each input, in volts";
    if matrix.columns == expected {
        return Ok(RowVoltages::stated((0..matrix.rows).map(|row| volts(matrix.row(row).iter())).collect()));
    }
    if matrix.rows == expected {
        let message = format!("a line for each of {expected} inputs is read as {} pictures", matrix.columns);
        diagnostics.warn(Diagnostic::warning(message).at(matrix.place(), format!("expected {layout}")));
        let picture = |column: usize| volts(matrix.values.iter().skip(column).step_by(matrix.columns));
        return Ok(RowVoltages::stated((0..matrix.columns).map(picture).collect()));
    }
    let message = format!("{} values on a line, but the network has {expected} inputs", matrix.columns);
    Err(diagnostics.push(Diagnostic::error(message).at(matrix.place(), layout)))
}

fn volts<'a>(values: impl Iterator<Item = &'a f64>) -> Vec<Voltage> {
    values.map(|&v| Voltage::from_si(v)).collect()
}
