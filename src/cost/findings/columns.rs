//! Column ends that are no virtual ground.
//!
//! A column of conductance G (of its own, seen from its foot, all rows held) that ends in R delivers `1 / (1 + G R)` of the current that it would
//! deliver into a virtual ground. Of a difference amplifier the difference of a pair sees the input resistor alone, what both columns have in
//! common sees [`ColumnEnd::together`]: by how much both rise above 0 V.

use petgraph::graph::NodeIndex;

use super::{ByComponent, LOST};
use crate::cost::{drive, tile};
use crate::design::Design;
use crate::diagnostic::SourceMap;
use crate::model::amplifier::ColumnEnd;
use crate::model::crossbar::typical::{TilePlace, solve};
use crate::results::{Finding, FindingRule};
use crate::units::{Fraction, Resistance, Unit, Voltage};

/// How the columns of a crossbar end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ColumnEnding {
    /// What a column alone sees at its foot.
    pub termination: Resistance,
    /// What the foot sees of the column, all rows being held: its cells, its wire and what is joined to it.
    pub own: Resistance,
    /// The part of the difference of a pair's currents that does not arrive.
    pub lost: f64,
    /// Voltage to which columns rise where all rows are at their mean.
    pub rise: Voltage,
    /// That mean.
    pub rows: Voltage,
}

/// How the columns of a crossbar node end; none where they end in a virtual ground, and for other nodes.
#[must_use]
pub fn column_ending(design: &Design, crossbar: NodeIndex) -> Option<ColumnEnding> {
    let places = tile::tile_places(design, crossbar)?;
    // The columns of the widest tiles: their wires carry no more than those of others.
    let (place, _) = places.into_iter().rev().find(|(_, count)| *count > 0)?;
    let end = place.end;
    if end == ColumnEnd::GROUND {
        return None;
    }
    let column = |end: ColumnEnd| solve(&TilePlace { end, ..place }).column.si();
    let whole = column(ColumnEnd::GROUND);
    let left = |resistance: Resistance| column(ColumnEnd::to_ground(resistance)) / whole;
    let apart = left(end.apart);
    let rows = drive::rows_driven(design, crossbar)?.levels.mean;
    Some(ColumnEnding {
        termination: end.apart,
        own: end.apart * (apart / (1.0 - apart)),
        lost: 1.0 - apart,
        rise: rows * (1.0 - left(end.together)),
        rows,
    })
}

pub(super) fn find(design: &Design, sources: &SourceMap) -> Vec<Finding> {
    let found = design.layers.iter().filter_map(|layer| {
        let (amplifier, _) = design.termination_of(layer.circuits.crossbar)?;
        let ending = column_ending(design, layer.circuits.crossbar)?;
        Some((design.graph[amplifier].component()?, (layer.name.as_str(), ending)))
    });
    let found = found.filter(|(_, (_, ending))| ending.lost > LOST);
    let finding = |(component, layers): (&std::sync::Arc<crate::techlib::Component>, Vec<(&str, ColumnEnding)>)| {
        let what = format!("`{}` is no virtual ground to its columns", component.name);
        let mut finding = Finding::new(FindingRule::ColumnEnd, what).at(component.span, sources);
        let mut needed: Option<Resistance> = None;
        for (layer, ending) in layers {
            finding = finding.detail(line(layer, &ending));
            finding = finding.figure("termination", ending.termination).figure("column", ending.own);
            finding = finding.figure("part of the difference that is lost", Fraction::from_si(ending.lost));
            finding = finding.in_layer(layer);
            let enough = ending.own * (LOST / (1.0 - LOST));
            needed = Some(needed.map_or(enough, |least| if enough < least { enough } else { least }));
        }
        let needed = needed.unwrap_or_default();
        finding.mend(format!(
            "an `input-resistance` below {} loses less than {:.0} %; fewer rows on a column (`tile.rows`, sums that meet after it) help",
            needed.eng(3),
            100.0 * LOST
        ))
    };
    ByComponent::of(found).0.into_iter().map(finding).collect()
}

fn line(layer: &str, ending: &ColumnEnding) -> String {
    format!(
        "layer `{layer}`: {} at the foot of columns of {}: {:.0} % of a pair's difference is lost, columns rise to {} where rows are at {} on average",
        ending.termination.eng(3),
        ending.own.eng(3),
        100.0 * ending.lost,
        ending.rise.eng(3),
        ending.rows.eng(3),
    )
}
