//! Means and largest values over maps or tokens, and larger maps.

use super::super::constant::{Const, Data};
use super::super::graph::OnnxNode;
use super::super::layer::{ImportedKind, ImportedPadding, ImportedPooling, ImportedShape, ImportedWindow};
use super::super::view::{AxisPart, TensorView, merged};
use super::{NetworkBuilder, Note, Outcome, TracedValue, Trouble};

impl<'m> NetworkBuilder<'m> {
    /// `GlobalAveragePool`, `GlobalMaxPool`, `ReduceMean`, `ReduceMax`.
    pub(super) fn reduce(&mut self, node: &OnnxNode<'m>, inputs: &[Option<TracedValue>]) -> Outcome<TensorView> {
        let view = self.view(inputs, 0)?;
        let mut view = self.plain(node, view)?;
        let sizes = view.sizes();
        let of_map = node.operator.starts_with("Global");
        let axes = Self::maybe_stored(inputs, 1).filter(|_| !of_map).and_then(Const::numbers);
        let dims = if of_map { Some((2..sizes.len()).collect()) } else { node.axes(sizes.len(), axes) };
        let dims: Vec<usize> = dims.ok_or_else(|| Trouble::because("reduces dimensions that are not there"))?;
        let keep = of_map || node.int("keepdims") != Some(0);
        let largest = node.operator.contains("Max");
        let mut over = merged(dims.iter().flat_map(|&dim| view.dims[dim].iter().copied()));
        over.sort_by_key(|factor| (factor.axis, usize::MAX - factor.stride));
        let over = merged(over.into_iter());
        if over.is_empty() {
            // Nothing but dimensions of one place.
            return Ok(without(view, &dims, keep));
        }
        let shape = self.shape(view.source);
        let whole = |axes: &[usize]| {
            let all = super::super::view::axes(&shape);
            over == merged(axes.iter().filter_map(|&axis| all.get(axis).copied()))
        };
        let (output, kind) = match shape {
            ImportedShape::Map { channels, height, width } if whole(&[1, 2]) => {
                let window = ImportedWindow {
                    kernel: [height, width],
                    stride: [height, width],
                    padding: ImportedPadding::Even(0, 0),
                    dilation: [1; 2],
                };
                let output = ImportedShape::Map { channels, height: 1, width: 1 };
                let largest_of = ImportedKind::Pool { of: ImportedPooling::Max, window, ceil: false };
                (output, if largest { largest_of } else { ImportedKind::GlobalAverage })
            }
            ImportedShape::Sequence { features, .. } if whole(&[0]) && !largest => {
                self.notes.add(Note::TokenMean);
                (ImportedShape::Features(features), ImportedKind::GlobalAverage)
            }
            _ => return Err(Trouble::because("reduces other dimensions than all places of a map or all tokens")),
        };
        let name = self.names.of(node, None, "pool");
        let source = self.push(name, kind, Self::from(view.source), output, 0);
        let feature = shape.feature_axis();
        let moved =
            |factor: &AxisPart| AxisPart { axis: if output.sizes().len() == 1 { 0 } else { factor.axis }, ..*factor };
        for dim in &mut view.dims {
            dim.retain(|factor| factor.axis == feature);
            for factor in dim.iter_mut() {
                *factor = moved(factor);
            }
        }
        Ok(without(TensorView { source, sole: true, ..view }, &dims, keep))
    }

    /// `Resize` and `Upsample` by a whole factor.
    pub(super) fn resize(&mut self, node: &OnnxNode<'m>, inputs: &[Option<TracedValue>]) -> Outcome<TensorView> {
        let (source, pad, map) = self.map(node, inputs)?;
        let unfit = || Trouble::because("changes a map by other than one whole factor");
        if pad != [0; 4] {
            return Err(unfit());
        }
        let last = if node.operator == "Upsample" { 1 } else { 2 };
        let scales = Self::maybe_stored(inputs, last).filter(|c| c.count() > 0);
        let sizes = Self::maybe_stored(inputs, 3).and_then(Const::numbers);
        let factors: Vec<f64> = match (scales.map(|c| &c.data), sizes) {
            (Some(Data::Fractions(scales)), _) => scales.clone(),
            (_, Some(sizes)) => {
                let from = [1, map[0], map[1], map[2]];
                sizes
                    .iter()
                    .zip(&from[4_usize.saturating_sub(sizes.len())..])
                    .map(|(&to, &from)| to as f64 / from as f64)
                    .collect()
            }
            _ => return Err(Trouble::because("changes a map by a factor that is not known")),
        };
        let [front @ .., height, width] = factors.as_slice() else { return Err(unfit()) };
        let factor = *height as usize;
        if front.iter().any(|&factor| factor != 1.0)
            || height != width
            || *height != factor as f64
            || !(1..=1024).contains(&factor)
        {
            return Err(unfit());
        }
        let output = ImportedShape::Map {
            channels: map[0],
            height: map[1].saturating_mul(factor),
            width: map[2].saturating_mul(factor),
        };
        let sizes = [1, map[0], output.sizes()[1], output.sizes()[2]];
        super::super::tensor::count(&sizes).ok_or_else(unfit)?;
        let made = if factor == 1 {
            source
        } else {
            let name = self.names.of(node, None, "upsample");
            self.push(name, ImportedKind::Upsample(factor), Self::from(source), output, 0)
        };
        TensorView::whole(made, &output, &sizes).ok_or_else(unfit)
    }
}

/// A view of which some dimensions have one place, or are gone.
fn without(mut view: TensorView, dims: &[usize], keep: bool) -> TensorView {
    if !keep {
        let mut dim = 0;
        view.dims.retain(|_| {
            dim += 1;
            !dims.contains(&(dim - 1))
        });
    }
    view
}
