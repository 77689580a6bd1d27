//! The rails of the amplifiers at the feet of columns.

use super::build::Detail;
use super::cells::WrittenCells;
use super::circuits::Circuits;
use crate::infer::classify::SignedLayer;

/// The largest output of the amplifiers in units of the neuron's argument, of which one volt is `per_volt`. None where it is not known, where a
/// converter has its own range, and where the columns of several slices count differently.
pub(super) fn of(found: &Circuits<'_>, written: &WrittenCells, detail: Detail, per_volt: Option<f64>) -> Option<f64> {
    let rails = found.amplifier.filter(|_| detail.column_ends)?.rails()?;
    let one_slice = written.slices.len() == 1 && (found.adc.is_none() || !detail.converters);
    Some(per_volt? * rails.si()).filter(|_| one_slice)
}

/// Keeps the outputs of a layer's amplifiers within their rails; joined ones have their mean.
pub(super) fn hold(layer: &mut SignedLayer, rails: Option<f64>) {
    let joined = layer.reads.len() as f64;
    for read in &mut layer.reads {
        read.limit = rails.map(|rails| rails / (joined * layer.gain));
    }
}
