//! Weights in the CSV files of IMAC-Sim, `W1.csv`, `B1.csv`, …

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{LayerShape, other_network};
use crate::diagnostic::{Checked, Diagnostic, Diagnostics, SourceMap};
use crate::files::matrix::{self, MatrixFile};
use crate::files::{FileError, Files};

/// Weights and biases of one layer.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerWeights {
    /// Inputs x outputs.
    pub weights: MatrixFile,
    /// 1 x outputs.
    pub biases: Option<MatrixFile>,
}

/// The files of a network, by layer (the first is 1).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WeightFiles {
    weights: BTreeMap<usize, PathBuf>,
    biases: BTreeMap<usize, PathBuf>,
}

impl WeightFiles {
    /// Finds the files: each path is a file whose name ends in `W1.csv`, `B1.csv`, …, or a folder, or the beginning of the names.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the command line.
    pub fn find(paths: &[PathBuf], files: &dyn Files) -> Result<Self, String> {
        let mut found = Self::default();
        for path in paths {
            if let Ok(names) = files.names(path) {
                found.add_all(path, path, "", &names)?;
            } else if matches!(files.open(path), Err(FileError::Missing)) {
                let folder = path.parent().unwrap_or(Path::new(""));
                let names =
                    files.names(folder).map_err(|error| format!("the folder `{}` {error}", folder.display()))?;
                let beginning = path.file_name().and_then(|n| n.to_str()).unwrap_or("");
                found.add_all(path, folder, beginning, &names)?;
            } else {
                // What cannot be read is said when it is.
                found.add(path)?;
            }
        }
        if found.weights.is_empty() {
            return Err("`--weights` names no file of weights (a name that ends in `W1.csv`)".into());
        }
        Ok(found)
    }

    fn add(&mut self, path: &Path) -> Result<(), String> {
        let Some((letter, layer)) = role(path) else {
            return Err(format!(
                "`{}` does not say which layer it is of: expected a name that ends in `W1.csv` (weights) or `B1.csv` (biases)",
                path.display()
            ));
        };
        let files = if letter == 'W' { &mut self.weights } else { &mut self.biases };
        match files.insert(layer, path.to_owned()) {
            Some(other) if other != path => {
                Err(format!("`{}` and `{}` are both `{letter}{layer}.csv`", other.display(), path.display()))
            }
            _ => Ok(()),
        }
    }

    /// All files of weights in a folder whose names begin like this.
    fn add_all(&mut self, path: &Path, folder: &Path, beginning: &str, names: &[String]) -> Result<(), String> {
        let fits = |name: &&String| {
            let rest = name.strip_prefix(beginning);
            // `net_` means net_W1.csv, not net_old_W1.csv; a whole folder is searched freely.
            let short = |rest: &str| beginning.is_empty() || rest.len() <= "W999.csv".len();
            rest.is_some_and(|rest| role(Path::new(rest)).is_some() && short(rest))
        };
        let found: Vec<PathBuf> = names.iter().filter(fits).map(|name| folder.join(name)).collect();
        if found.is_empty() {
            return Err(format!(
                "no weights at `{}`: expected a file, a folder with `W1.csv`, `B1.csv`, … or the beginning of such names",
                path.display()
            ));
        }
        found.iter().try_for_each(|path| self.add(path))
    }

    fn first_name(&self) -> String {
        self.weights.values().next().map(|path| path.display().to_string()).unwrap_or_default()
    }

    /// Reads the files of a network of these layers and checks their shapes.
    ///
    /// # Errors
    /// A file is missing, cannot be read or does not fit.
    pub fn read(
        &self,
        layers: &[LayerShape],
        sources: &mut SourceMap,
        diagnostics: &mut Diagnostics,
    ) -> Checked<Vec<LayerWeights>> {
        let before = diagnostics.mark();
        let mut matrices: BTreeMap<usize, Checked<MatrixFile>> = BTreeMap::new();
        for (&number, path) in &self.weights {
            matrices.insert(number, matrix::read(path, sources, diagnostics));
        }
        let sizes = (1..).map_while(|number| matrices.get(&number)?.as_ref().ok()).map(|m| (m.rows, m.columns));
        if let Some(error) = other_network(&self.first_name(), &sizes.collect::<Vec<_>>(), layers) {
            return Err(diagnostics.push(error));
        }
        let mut all = Vec::with_capacity(layers.len());
        for (index, LayerShape { name, inputs, outputs, bias }) in layers.iter().enumerate() {
            let number = index + 1;
            let Some(weights) = matrices.remove(&number) else {
                diagnostics.push(Diagnostic::error(format!("layer {number} (`{name}`) has no weights")).help(format!(
                    "add a file whose name ends in `W{number}.csv`, {inputs} lines of {outputs} values"
                )));
                continue;
            };
            let shaped = |m: MatrixFile, rows: usize, d: &mut Diagnostics| check_shape(m, name, rows, *outputs, d);
            let weights = weights.and_then(|w| shaped(w, *inputs, diagnostics));
            let biases = self.biases.get(&number).map(|path| {
                let biases = matrix::read(path, sources, diagnostics).map(as_row);
                biases.and_then(|b| shaped(b, 1, diagnostics))
            });
            if *bias && !self.biases.contains_key(&number) {
                diagnostics
                    .push(Diagnostic::error(format!("layer {number} (`{name}`) has a bias row, but no biases")).help(
                    format!(
                        "add a file whose name ends in `B{number}.csv`, or write `bias: none` in the layer's weights"
                    ),
                ));
            }
            let layer = weights.and_then(|weights| Ok(LayerWeights { weights, biases: biases.transpose()? }));
            all.extend(layer);
        }
        if let Some((number, path)) = self.weights.range(layers.len() + 1..).next() {
            diagnostics.push(Diagnostic::error(format!(
                "`{}` is of layer {number}, but the architecture has {} layers",
                path.display(),
                layers.len()
            )));
        }
        diagnostics.since(before)?;
        Ok(all)
    }
}

/// `W` or `B` and the layer, from a name that ends in `W1.csv`.
fn role(path: &Path) -> Option<(char, usize)> {
    let stem = path.file_name()?.to_str()?.strip_suffix(".csv")?;
    let digits = stem.len() - stem.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let (head, number) = stem.split_at(stem.len() - digits);
    let letter = head.chars().next_back().filter(|c| matches!(c, 'W' | 'B'))?;
    Some((letter, number.parse().ok().filter(|&n| n > 0)?))
}

/// Biases may stand in a column as well as in a row.
fn as_row(mut matrix: MatrixFile) -> MatrixFile {
    if matrix.columns == 1 && matrix.rows > 1 {
        (matrix.rows, matrix.columns) = (1, matrix.rows);
        matrix.header.clear();
    }
    matrix
}

fn check_shape(
    matrix: MatrixFile,
    layer: &str,
    rows: usize,
    columns: usize,
    diagnostics: &mut Diagnostics,
) -> Checked<MatrixFile> {
    if matrix.rows != rows || matrix.columns != columns {
        let message =
            format!("{} x {} values, but layer `{layer}` takes {rows} x {columns}", matrix.rows, matrix.columns);
        let mut diagnostic = Diagnostic::error(message).at(matrix.place(), "lines x values on each");
        if matrix.rows == columns && matrix.columns == rows {
            diagnostic = diagnostic.help("the matrix is transposed: a line for each input, a value for each output");
        }
        return Err(diagnostics.push(diagnostic));
    }
    Ok(matrix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_name_says_which_layer_and_what() {
        assert_eq!(role(Path::new("a/net_W2.csv")), Some(('W', 2)));
        assert_eq!(role(Path::new("B13.csv")), Some(('B', 13)));
        assert_eq!(role(Path::new("W.csv")), None);
        assert_eq!(role(Path::new("W0.csv")), None);
        assert_eq!(role(Path::new("inputs.csv")), None);
    }
}
