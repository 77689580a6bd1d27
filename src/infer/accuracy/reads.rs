//! What of a layer's columns is converted apart, and the words that follow.

use super::build::Detail;
use super::cells::WrittenCells;
use super::circuits::Circuits;
use crate::infer::classify::Read;
use crate::infer::classify::devices::States;
use crate::infer::classify::input::Plane;
use crate::infer::classify::layer::Lines;
use crate::infer::classify::quantiser::Quantiser;
use crate::model::crossbar::partition::cuts;
use crate::model::network::layer::Meet;
use crate::techlib::Kind;

/// What is to be known of rows and of the amplifiers at their tiles.
#[derive(Clone, Copy)]
pub(super) struct Rows {
    /// True if their voltages may be negative, so that the current of a single column may be too.
    pub negative: bool,
    /// True if a bit of a word is its sign, and is not applied.
    pub sign: bool,
    /// True if amplifiers have rails.
    pub rails: bool,
}

/// The reads of a layer: one for all rows, or one for each of what is converted, or held by the rails of an amplifier, apart.
pub(super) fn reads(
    found: &Circuits<'_>,
    written: &WrittenCells,
    set_for: &States,
    detail: Detail,
    Rows { negative, sign, rails }: Rows,
) -> Vec<Read> {
    let rows = written.slices.first().map_or(0, |(targets, _)| targets.rows);
    let converter = found.adc.as_ref().filter(|_| detail.converters);
    // Without a converter the bits of an input need not be looked at one by one.
    let planes = match found.word_bits {
        Some(word) if converter.is_some() => {
            Plane::of_word(word.saturating_sub(u32::from(sign)).max(1), found.applied_bits.max(1))
        }
        _ => vec![Plane::WHOLE],
    };
    let parts = match converter {
        Some(adc) if adc.before_sum => {
            cuts(rows, usize::try_from(found.usage.grid.row_partitions).unwrap_or(1)).collect()
        }
        None if rails && found.meet == Meet::AtOutputs => {
            cuts(rows, usize::try_from(found.usage.grid.row_partitions).unwrap_or(1)).collect()
        }
        _ => vec![(0, rows)],
    };
    let lines: &[(Lines, f64)] = match converter {
        Some(adc) if adc.paired => &[(Lines::Positive, 1.0), (Lines::Negative, -1.0)],
        _ => &[(Lines::Difference, 1.0)],
    };
    let mut reads = Vec::new();
    // The bias row is on in every cycle; the weights of the planes add up to one.
    for plane in &planes {
        for (slice, (_, counts)) in written.slices.iter().enumerate() {
            for &(first, end) in &parts {
                for &(lines, sign) in lines {
                    let largest = (end - first) as f64 * written.largest_weight;
                    let adc = converter.map(|adc| {
                        let bits = adc.component.bits.unwrap_or(1);
                        let of_one = adc.range * largest * set_for.low.si() / set_for.difference_s();
                        match lines {
                            Lines::Difference => Quantiser::signed(bits, adc.range * largest),
                            _ if negative => Quantiser::signed(bits, of_one),
                            _ => Quantiser::unsigned(bits, of_one),
                        }
                    });
                    reads.push(Read {
                        rows: first..end,
                        slice,
                        lines,
                        plane: *plane,
                        weight: plane.weight * counts * sign,
                        adc,
                        limit: None,
                    });
                }
            }
        }
    }
    reads
}

/// The words that the output of a layer is converted to; those of an activation unit are a layer's own where layers are `chained`.
pub(super) fn words(found: &Circuits<'_>, detail: Detail, chained: bool) -> Vec<Quantiser> {
    if !detail.converters {
        return Vec::new();
    }
    let own = found.activation.filter(|(component, _)| component.kind == Kind::Activation && detail.neurons && chained);
    let own = own.map(|(_, node)| Quantiser::unsigned(node.word_bits, 1.0));
    let after = found.converters_after.iter().map(|&(bits, range)| Quantiser::unsigned(bits, range));
    own.into_iter().chain(after).collect()
}
