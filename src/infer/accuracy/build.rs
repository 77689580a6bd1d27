//! From a dataflow and trained weights to the layers of [`inference`](crate::infer::classify), with as much detail as is asked for.

use super::cells::{self, WrittenCells};
use super::circuits::Circuits;
pub use super::detail::Detail;
use super::rails;
use super::reads::{Rows, reads, words};
use crate::design::{Design, InputEncoding};
use crate::diagnostic::{Checked, Diagnostic, Diagnostics};
use crate::infer::classify::SignedLayer;
use crate::infer::classify::devices::{Devices, States};
use crate::infer::classify::layer::{ColumnEnds, Columns};
use crate::infer::classify::neuron::{Activation, LoadedNeuron, NeuronStage};
use crate::infer::weights::DenseWeights;
use crate::model::imperfections::{Gain, Imperfections, Spread};
use crate::model::network::partition::Segments;
use crate::techlib::{Crossbar, Kind, Model};
use crate::units::Resistance;

/// Where a Gaussian spread that the library states is cut off.
const FLOOR: f64 = 0.1;

/// A design on its way to an inference.
#[derive(Debug)]
pub struct Build<'a> {
    flow: &'a Design,
    /// For each layer the weights of each grid of its arrays.
    weights: Vec<&'a [DenseWeights]>,
    /// The layers whose rows see negative values.
    negative: Vec<bool>,
    /// True of a chain of dense layers, whose activation units belong to its layers.
    chained: bool,
    diagnostics: &'a mut Diagnostics,
    notes: Vec<String>,
}

impl<'a> Build<'a> {
    /// Begins.
    pub fn new(flow: &'a Design, weights: &'a [DenseWeights], diagnostics: &'a mut Diagnostics) -> Self {
        let negative = (0..flow.layers.len()).map(|index| has_negative_rows(flow, index)).collect();
        let weights = weights.chunks(1).collect();
        Self { flow, weights, negative, chained: true, diagnostics, notes: Vec::new() }
    }

    /// Begins with a network of any layers: their weights grid by grid, and where rows see negative values. What words become between its layers is
    /// no part of them. Layers without grids are not built.
    pub fn of_network(
        flow: &'a Design,
        weights: &'a [Vec<DenseWeights>],
        negative: Vec<bool>,
        diagnostics: &'a mut Diagnostics,
    ) -> Self {
        let weights = weights.iter().map(Vec::as_slice).collect();
        Self { flow, weights, negative, chained: false, diagnostics, notes: Vec::new() }
    }

    /// What a reader should know about what has been built.
    #[must_use]
    pub fn into_notes(self) -> Vec<String> {
        self.notes
    }

    fn note(&mut self, text: String) {
        if !self.notes.contains(&text) {
            self.notes.push(text);
        }
    }

    /// The layers with these details.
    ///
    /// # Errors
    /// Something of them cannot be computed, which has been reported.
    pub fn layers(&mut self, detail: Detail) -> Checked<Vec<SignedLayer>> {
        Ok(self.grids(detail)?.into_iter().flatten().collect())
    }

    /// The layers with these details, grid by grid of their arrays.
    ///
    /// # Errors
    /// Something of them cannot be computed, which has been reported.
    pub fn grids(&mut self, detail: Detail) -> Checked<Vec<Vec<SignedLayer>>> {
        let (flow, chained) = (self.flow, self.chained);
        // Not a short-circuiting collect: what is wrong with any layer is reported.
        let circuits: Vec<Checked<Option<Circuits<'a>>>> = (0..flow.layers.len())
            .map(|index| match self.weights[index] {
                [] => Ok(None),
                _ => Circuits::of(flow, index, self.diagnostics).map(Some),
            })
            .collect();
        let circuits: Vec<Option<Circuits<'a>>> = circuits.into_iter().collect::<Checked<_>>()?;
        if chained {
            // All of them, so that what is wrong with any layer is reported.
            let links: Vec<Checked<()>> = (circuits.iter().flatten().enumerate())
                .map(|(index, found)| found.check_chain(flow, index, self.diagnostics))
                .collect();
            links.into_iter().collect::<Checked<()>>()?;
        }
        let mut written = Vec::with_capacity(circuits.len());
        for (index, found) in circuits.iter().enumerate() {
            written.push(self.cells(index, found.as_ref(), detail)?);
        }
        let mut layers: Vec<Vec<SignedLayer>> = Vec::with_capacity(circuits.len());
        for (index, found) in circuits.iter().enumerate() {
            let mut grids = Vec::with_capacity(written[index].len());
            for (found, (grid, cells)) in found.iter().cycle().zip(written[index].iter().enumerate()) {
                grids.push(self.layer((index, grid), found, cells, detail)?);
            }
            layers.push(grids);
        }
        // Neurons that drive rows are known by now: what these rows draw is solved with the layer that they belong to.
        for (index, found) in circuits.iter().enumerate().skip(1) {
            let Some(found) = found else { continue };
            let before = if chained { Some(index - 1) } else { driver_of(flow, index) };
            let Some(before) = before.and_then(|before| layers[before].first()) else { continue };
            if let Activation::Loaded(neuron) = &before.activation {
                let bias = found.array.read_voltage / neuron.delivery.supply();
                layers[index].iter_mut().for_each(|layer| layer.driven = Some(bias));
            }
        }
        Ok(layers)
    }

    /// The network with one detail after another, up to those that are asked for; only what makes a difference in this design.
    ///
    /// # Errors
    /// Something of them cannot be computed, which has been reported.
    pub fn steps(&mut self, wanted: Detail) -> Checked<Vec<(&'static str, Vec<SignedLayer>)>> {
        let mut steps = vec![("as trained", self.layers(Detail::NONE)?)];
        for (what, detail) in wanted.one_by_one() {
            let layers = self.layers(detail)?;
            // A kind of detail that the design does not have changes nothing.
            if steps.last().is_some_and(|(_, before)| *before != layers) {
                steps.push((what, layers));
            }
        }
        Ok(steps)
    }

    fn cells(&mut self, index: usize, found: Option<&Circuits<'_>>, detail: Detail) -> Checked<Vec<WrittenCells>> {
        let (layer, Some(found)) = (&self.flow.layers[index], found) else { return Ok(Vec::new()) };
        let grid = |weights: &DenseWeights| {
            if !detail.cells {
                return Ok(cells::trained(layer, weights));
            }
            cells::built(layer, weights, found.crossbar, found.array.bits_per_device, self.diagnostics)
        };
        self.weights[index].iter().map(grid).collect()
    }

    fn imperfections(&self, detail: Detail) -> Imperfections {
        match (detail.drift, detail.randomness) {
            (false, _) => Imperfections::default(),
            (true, false) => self.flow.imperfections.without_randomness(),
            (true, true) => self.flow.imperfections,
        }
    }

    /// The devices and those that the gain is set for.
    fn devices(&self, array: &Crossbar, detail: Detail) -> (Devices, States) {
        let given = self.imperfections(detail);
        let (low, high) = (array.device.r_low.value, array.device.r_high.value);
        let of_library = States::of(low, high);
        let tmr = given.tmr.unwrap_or(high / low - 1.0);
        let with_tmr = |low: Resistance, tmr: f64| States::of(low, low * (1.0 + tmr));
        let before = if given.tmr.is_some() { with_tmr(low, tmr) } else { of_library };
        let drifted = given.tmr_drift != 0.0 || given.ra_drift != 0.0;
        let now = if drifted { with_tmr(low * (1.0 + given.ra_drift), tmr * (1.0 + given.tmr_drift)) } else { before };
        let stated = array.device.device.spread.as_ref().filter(|_| detail.randomness);
        let stated = stated.map(|spread| Spread::Gaussian { sigma: spread.value.si(), floor: FLOOR });
        let devices = Devices { states: now, spread: given.spread.or(stated), stuck: given.stuck };
        let set_for = match given.gain {
            Gain::Calibrated => before,
            Gain::Fixed | Gain::AsBuilt => of_library,
        };
        (devices, set_for)
    }

    fn layer(
        &mut self,
        (index, grid): (usize, usize),
        found: &Circuits<'_>,
        written: &WrittenCells,
        detail: Detail,
    ) -> Checked<SignedLayer> {
        let spec = &self.flow.layers[index];
        let given = self.imperfections(detail);
        let (devices, set_for) = self.devices(found.array, detail);
        let (activation, per_volt) = self.activation(index, found, detail)?;
        let rails = rails::of(found, written, detail, per_volt);
        let size = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        let analog = found.activation.is_some_and(|(component, _)| component.kind == Kind::Neuron);
        let rows = Rows { negative: self.negative[index], sign: self.sign(index), rails: rails.is_some() };
        let mut layer = SignedLayer {
            inputs: size(spec.grid.inputs),
            outputs: size(spec.grid.outputs),
            slices: written.slices.iter().map(|(targets, _)| targets.clone()).collect(),
            largest_weight: written.largest_weight,
            devices,
            set_for,
            columns: Columns::Ideal,
            driven: None,
            reads: reads(found, written, &set_for, detail, rows),
            gain: self.weights[index][grid].gain.unwrap_or(spec.cells.gain),
            activation,
            words: words(found, detail, self.chained),
            read_noise: given.read_noise,
            neuron_offset: if analog { given.neuron_offset.si() * per_volt.unwrap_or(0.0) } else { 0.0 },
            neuron_slope: if analog { given.neuron_slope } else { 0.0 },
        };
        let mismatch = given.neuron_offset.si() > 0.0 || given.neuron_slope > 0.0;
        if mismatch && !analog {
            self.note(format!("layer `{}` has no analog neurons: their mismatch does not touch it", spec.name));
        } else if given.neuron_offset.si() > 0.0 && per_volt.is_none() {
            self.note(format!(
                "the neurons of layer `{}` have no circuit, so an offset in volts has no meaning for them",
                spec.name
            ));
        }
        layer.columns = self.columns(found, detail, per_volt);
        self.note_unsolved(spec, &layer);
        if let Err(error) = layer.set_gain() {
            let message = format!("layer `{}`: {error}", spec.name);
            let error = Diagnostic::error(message).at(found.crossbar.span, "its cells and wires");
            return Err(self.diagnostics.push(error));
        }
        rails::hold(&mut layer, rails);
        Ok(layer)
    }

    /// Whether one of the bits of a layer's words is a sign.
    fn sign(&self, index: usize) -> bool {
        self.negative[index] && !has_negative_rows(self.flow, index)
    }

    /// What is neglected is said.
    fn note_unsolved(&mut self, spec: &crate::design::Layer, layer: &SignedLayer) {
        if layer.read_noise > 0.0 && layer.columns != Columns::Ideal {
            self.note(format!(
                "read noise of layer `{}` is that of its devices: what wires and column ends take of it is not solved",
                spec.name
            ));
        }
    }

    /// What of the currents the columns carry. The same wires and column ends act whatever follows them; what has no circuit is noted.
    fn columns(&mut self, found: &Circuits<'_>, detail: Detail, per_volt: Option<f64>) -> Columns {
        let array = found.array;
        let name = &found.crossbar.name;
        if detail.wires && array.wire.is_none() {
            self.note(format!("`{name}` describes no wire: its lines are taken without resistance"));
        }
        let wire = array.wire.as_ref().filter(|_| detail.wires);
        let ends = found.amplifier.filter(|_| detail.column_ends).map_or(ColumnEnds::Grounds, ColumnEnds::Amplifiers);
        if detail.column_ends && found.amplifier.is_none() {
            let end = found.end.map_or_else(|| "nothing".to_owned(), |end| format!("`{}`", end.name));
            self.note(format!(
                "the columns of `{name}` end in {end}, which has no circuit: they are taken as held at 0 V"
            ));
        }
        if wire.is_none() && ends == ColumnEnds::Grounds {
            return Columns::Ideal;
        }
        let size = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        let as_built = if detail.column_ends { self.as_built(found, ends, per_volt) } else { None };
        Columns::Circuit {
            segments: wire.map(|wire| Segments {
                row_ohm: wire.resistance(array.cell_width.value).si(),
                column_ohm: wire.resistance(array.cell_height.value).si(),
                pair_in_cell: array.devices_per_cell == 2,
            }),
            ends,
            meet: found.meet,
            row_partitions: size(found.usage.grid.row_partitions),
            column_partitions: size(found.usage.grid.column_partitions),
            exchanged: as_built.is_some() && falls(found),
            scale: 1.0,
            as_built,
        }
    }

    /// What the read voltage at an amplifier's output is in units of the argument, where the gain is that of the amplifiers.
    fn as_built(&mut self, found: &Circuits<'_>, ends: ColumnEnds, per_volt: Option<f64>) -> Option<f64> {
        if self.flow.imperfections.gain != Gain::AsBuilt {
            return None;
        }
        if let (ColumnEnds::Amplifiers(_), Some(per_volt)) = (ends, per_volt) {
            return Some(per_volt * found.array.read_voltage.si());
        }
        self.note(format!(
            "the gain after `{}` cannot be as built: it takes an amplifier and a neuron with circuits; it is calibrated",
            found.crossbar.name
        ));
        None
    }

    /// What follows the weighted sum, and how much of its argument a volt is.
    fn activation(&mut self, index: usize, found: &Circuits<'_>, detail: Detail) -> Checked<(Activation, Option<f64>)> {
        let Some((component, _)) = found.activation else { return Ok((Activation::None, None)) };
        if !self.chained && component.kind != Kind::Neuron {
            return Ok((Activation::None, None));
        }
        let stage = match component.model {
            Some(Model::MtjInverter(neuron)) => NeuronStage::mtj(neuron.circuit),
            Some(Model::Logistic(curve)) => Ok(NeuronStage::logistic(curve, found.array.read_voltage)),
            _ => {
                if component.kind == Kind::Neuron {
                    self.note(format!("`{}` has no circuit: it is taken as a logistic function", component.name));
                }
                return Ok((Activation::Logistic, None));
            }
        };
        let curve = stage.and_then(|stage| {
            let per_volt = Some(stage.per_volt());
            if !detail.neurons {
                return Ok((Activation::Logistic, per_volt));
            }
            let as_built =
                self.flow.imperfections.gain == Gain::AsBuilt && detail.column_ends && found.amplifier.is_some();
            let tells_class = as_built && index + 1 == self.flow.layers.len();
            if (tells_class || (detail.load && found.drives_rows))
                && let Some(neuron) = stage.loaded()?
            {
                // Nothing holds an ideal op-amp.
                let range_v = if as_built { f64::INFINITY } else { neuron.range_v };
                return Ok((Activation::Loaded(LoadedNeuron { range_v, ..neuron }), per_volt));
            }
            Ok((Activation::Curve(stage.curve()?), per_volt))
        });
        curve.map_err(|error| {
            let message = format!("`{}` has no transfer curve: {error}", component.name);
            self.diagnostics.push(Diagnostic::error(message).at(component.span, "its circuit"))
        })
    }
}

/// Whether the rows of a layer are at negative voltages because the network's inputs are.
pub(super) fn has_negative_rows(flow: &Design, index: usize) -> bool {
    flow.input_encoding == InputEncoding::Bipolar && flow.layers[index].from.contains(&None)
}

/// The layer whose voltages are on the rows of a layer.
fn driver_of(flow: &Design, index: usize) -> Option<usize> {
    let layer = &flow.layers[index];
    match layer.from[..] {
        [from] if layer.driven_directly => from,
        _ => None,
    }
}

/// True if a layer's neuron falls with its input.
fn falls(found: &Circuits<'_>) -> bool {
    match found.activation.and_then(|(component, _)| component.model) {
        Some(Model::MtjInverter(_)) => true,
        Some(Model::Logistic(curve)) => curve.steepness_per_v < 0.0,
        _ => false,
    }
}
