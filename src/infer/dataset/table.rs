//! Pictures in a CSV file: a line for each, its label and its pixels.

use std::path::Path;

use super::{Dataset, Images, class, sides};
use crate::diagnostic::{Checked, Diagnostic, Diagnostics, SourceMap};
use crate::files::matrix;

/// Names of the column of labels; without such a name it is the first.
const LABELS: [&str; 3] = ["label", "class", "target"];

pub(super) fn read(path: &Path, sources: &mut SourceMap, diagnostics: &mut Diagnostics) -> Checked<Dataset> {
    let matrix = matrix::read(path, sources, diagnostics)?;
    let column = LABELS.iter().find_map(|name| matrix.column(name)).unwrap_or(0);
    if matrix.columns < 2 {
        let message = "a line of one value holds no label and pixels";
        let error = Diagnostic::error(message).at(matrix.place(), "expected the label and the pixels of a picture");
        return Err(diagnostics.push(error));
    }
    let mut labels = Vec::with_capacity(matrix.rows);
    let mut pixels = Vec::with_capacity(matrix.values.len());
    for row in 0..matrix.rows {
        let values = matrix.row(row);
        let Some(label) = class(values[column]) else {
            let message = format!("{} is no class", values[column]);
            let place = matrix.span(row, column);
            return Err(diagnostics.push(
                Diagnostic::error(message)
                    .at(place, "expected a whole number, 0 or more")
                    .help("the labels are in the column called `label`, or else in the first"),
            ));
        };
        labels.push(label);
        pixels.extend(values.iter().enumerate().filter(|(at, _)| *at != column).map(|(_, &v)| v as f32));
    }
    let (height, width) = sides(matrix.columns - 1);
    let images = Images { count: matrix.rows, height, width, pixels };
    Ok(Dataset { name: path.display().to_string(), images, labels })
}
