//! Currents of a crossbar with wires.

use schemars::JsonSchema;
use serde::Serialize;

use super::FORMAT_VERSION;
use crate::model::crossbar::nodal::{Cells, Currents};
use crate::model::crossbar::partition::Partitions;

/// What `imcost crossbar` finds out; deviations are from the ideal product of conductances and voltages.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CrossbarResult {
    /// Version of this format.
    pub format_version: u32,
    /// Rows.
    pub rows: usize,
    /// Columns.
    pub columns: usize,
    /// Current of each column; where the crossbar is cut, of all its sub-arrays together.
    pub column_currents_a: Vec<f64>,
    /// What each column would carry if wires had no resistance.
    pub ideal_currents_a: Vec<f64>,
    /// Current of each row.
    pub row_currents_a: Vec<f64>,
    /// Power of all rows.
    pub power_w: f64,
    /// Root mean square of the columns' deviations over that of the ideal currents.
    pub relative_rms_deviation: f64,
    /// The column with the largest deviation; none where the ideal current of that column is zero.
    pub worst_column: Option<usize>,
    /// Steps of the solver.
    pub solver_steps: usize,
    /// True if the solver was stopped early.
    pub approximate: bool,
    /// The crossbar cut into sub-arrays, beside the whole one.
    pub partition: Option<PartitionedCrossbar>,
}

/// A crossbar that is cut into sub-arrays.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct PartitionedCrossbar {
    /// Sub-arrays one below the other.
    pub row_partitions: usize,
    /// Sub-arrays side by side.
    pub column_partitions: usize,
    /// Row ends, each with a driver.
    pub row_ends: usize,
    /// Column ends, each with what senses its current.
    pub column_ends: usize,
    /// The sub-arrays.
    pub partitioned: CrossbarFigures,
    /// The crossbar as a whole.
    pub whole: CrossbarFigures,
}

/// Figures of a crossbar.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct CrossbarFigures {
    /// Power of all rows.
    pub power_w: f64,
    /// Root mean square of the columns' deviations over that of the ideal currents.
    pub relative_rms_deviation: f64,
}

impl CrossbarResult {
    /// The currents of a crossbar at these row voltages, and of its sub-arrays where it is cut.
    #[must_use]
    pub fn of(
        cells: &Cells,
        voltages_v: &[f64],
        whole: &Currents,
        partitioned: Option<&(Partitions, Currents)>,
        approximate: bool,
    ) -> Self {
        let ideal = cells.ideal_currents_a(voltages_v);
        let figures = |currents: &Currents| CrossbarFigures {
            power_w: currents.power(voltages_v).si(),
            relative_rms_deviation: currents.deviation(&ideal).rms,
        };
        let asked = partitioned.map_or(whole, |(_, currents)| currents);
        let partition = partitioned.map(|(parts, currents)| PartitionedCrossbar {
            row_partitions: parts.rows,
            column_partitions: parts.columns,
            row_ends: parts.row_ends(cells),
            column_ends: parts.column_ends(cells),
            partitioned: figures(currents),
            whole: figures(whole),
        });
        let CrossbarFigures { power_w, relative_rms_deviation } = figures(asked);
        Self {
            format_version: FORMAT_VERSION,
            rows: cells.rows,
            columns: cells.columns,
            column_currents_a: asked.columns_a.clone(),
            row_currents_a: asked.rows_a.clone(),
            power_w,
            relative_rms_deviation,
            worst_column: asked.deviation(&ideal).worst.map(|(column, _)| column),
            solver_steps: asked.steps,
            approximate,
            partition,
            ideal_currents_a: ideal,
        }
    }
}
