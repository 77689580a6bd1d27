//! Pictures in a CSV file: a line for each, its label and its pixels.

use std::path::Path;

use super::{Dataset, Images, Wanted, class, sides};
use crate::diagnostic::{Checked, Diagnostic, Diagnostics, SourceMap};
use crate::files::matrix;

/// Names of the column of labels; without such a name it is the first.
const LABELS: [&str; 3] = ["label", "class", "target"];

pub(super) fn read(
    path: &Path,
    wanted: &Wanted<'_>,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Checked<Dataset> {
    let matrix = matrix::read(path, sources, diagnostics)?;
    let column = LABELS.iter().find_map(|name| matrix.column(name)).unwrap_or(0);
    if matrix.columns < 2 {
        let message = "a line of one value holds no label and pixels";
        return Err(diagnostics
            .push(Diagnostic::error(message).at(matrix.place(), "expected the label and the pixels of a picture")));
    }
    let (height, width) = sides(matrix.columns - 1);
    let count = match wanted.pictures(matrix.rows, height, width, None) {
        Ok(count) => count,
        Err(error) => {
            return Err(diagnostics.push(Diagnostic::from(error.in_file(path)).at(matrix.place(), "its first line")));
        }
    };
    let mut labels = Vec::with_capacity(count);
    let mut pixels = Vec::with_capacity(count * height * width);
    for row in 0..count {
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
        for (at, value) in values.iter().enumerate().filter(|(at, _)| *at != column) {
            if value.abs() > f64::from(f32::MAX) {
                let message = format!("{value:e} is no pixel");
                return Err(
                    diagnostics.push(Diagnostic::error(message).at(matrix.span(row, at), "expected less than 3.4e38"))
                );
            }
            pixels.push(*value as f32);
        }
    }
    let images = Images { count, height, width, pixels };
    Ok(Dataset { name: path.display().to_string(), images, labels })
}
