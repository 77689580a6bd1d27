//! Convolutions, pooling and their padding.

use super::super::graph::OnnxNode;
use super::super::layer::{ImportedKind, ImportedPadding, ImportedPooling, ImportedShape, ImportedWindow};
use super::super::view::TensorView;
use super::super::weights::Weights;
use super::{NetworkBuilder, Outcome, TracedValue, Trouble};

/// No window is larger, nor its steps, nor the zeros around a map.
const LARGEST: usize = 1 << 20;

/// How a window is stated in a file.
struct StatedWindow {
    kernel: [usize; 2],
    stride: [usize; 2],
    dilation: [usize; 2],
    /// Top, left, bottom, right.
    pads: [usize; 4],
}

impl<'m> NetworkBuilder<'m> {
    /// `Conv`.
    pub(super) fn conv(&mut self, node: &OnnxNode<'m>, inputs: &[Option<TracedValue>]) -> Outcome<TensorView> {
        let (source, pad, map) = self.map(node, inputs)?;
        let matrix = self.stored(inputs, 1, "weights")?.clone();
        let [outputs, each, kernel @ ..] = matrix.sizes.as_slice() else { return Err(unfit()) };
        let (outputs, each) = (*outputs, *each);
        let groups = node.count("group", 1).filter(|&groups| groups > 0).ok_or_else(unfit)?;
        if each.checked_mul(groups) != Some(map[0]) || outputs == 0 || !outputs.is_multiple_of(groups) {
            return Err(Trouble::because(format!(
                "has weights for {each} channels in {groups} groups, but there are {}",
                map[0]
            )));
        }
        let stated = stated(node, &map, Some(pair(kernel)?), pad)?;
        let size = |axis: usize| places(map[axis + 1], &stated, axis, false).ok_or_else(too_small);
        let output = ImportedShape::Map { channels: outputs, height: size(0)?, width: size(1)? };
        let window = stated.window(&map);
        let kind = if groups == map[0] && groups > 1 {
            ImportedKind::Depthwise { multiplier: outputs / groups, window }
        } else {
            ImportedKind::Conv { outputs, window, groups }
        };
        let macs = product(&[output.elements(), each, stated.kernel[0], stated.kernel[1]]);
        let weights = Weights::conv(&matrix, Self::maybe_stored(inputs, 2));
        self.window_layer(node, kind, source, output, macs, Some((weights, "conv")))
    }

    /// `ConvTranspose`.
    pub(super) fn deconv(&mut self, node: &OnnxNode<'m>, inputs: &[Option<TracedValue>]) -> Outcome<TensorView> {
        let (source, pad, map) = self.map(node, inputs)?;
        let matrix = self.stored(inputs, 1, "weights")?.clone();
        let [channels, each, kernel @ ..] = matrix.sizes.as_slice() else { return Err(unfit()) };
        let (channels, each) = (*channels, *each);
        let groups = node.count("group", 1).filter(|&groups| groups > 0).ok_or_else(unfit)?;
        if channels != map[0]
            || pad != [0; 4]
            || node.ints("output_shape").is_some()
            || !channels.is_multiple_of(groups)
        {
            return Err(Trouble::because("is a transposed convolution whose sizes are not followed"));
        }
        let stated = stated(node, &map, Some(pair(kernel)?), pad)?;
        let more = node.ints("output_padding").map_or(Ok([0; 2]), small_pair)?;
        let size = |axis: usize| {
            let reach = stated.dilation[axis] * (stated.kernel[axis] - 1) + 1;
            let whole = map[axis + 1].checked_sub(1)?.checked_mul(stated.stride[axis])?;
            let whole = whole.checked_add(reach + more[axis])?;
            whole.checked_sub(stated.pads[axis] + stated.pads[axis + 2]).filter(|&size| size > 0)
        };
        let outputs = each.checked_mul(groups).filter(|&outputs| outputs > 0).ok_or_else(unfit)?;
        let output = ImportedShape::Map {
            channels: outputs,
            height: size(0).ok_or_else(too_small)?,
            width: size(1).ok_or_else(too_small)?,
        };
        let window = ImportedWindow { padding: plain(stated.pads), ..stated.window(&map) };
        let kind = ImportedKind::Deconv { outputs, window, output_padding: more, groups };
        let macs = product(&[map[0], map[1], map[2], each, stated.kernel[0], stated.kernel[1]]);
        let weights = Weights::deconv(&matrix, Self::maybe_stored(inputs, 2), groups);
        self.window_layer(node, kind, source, output, macs, Some((weights, "deconv")))
    }

    /// `MaxPool` and `AveragePool`.
    pub(super) fn pool(&mut self, node: &OnnxNode<'m>, inputs: &[Option<TracedValue>]) -> Outcome<TensorView> {
        let (source, pad, map) = self.map(node, inputs)?;
        let stated = stated(node, &map, None, pad)?;
        let ceil = node.int("ceil_mode").unwrap_or(0) != 0;
        let size = |axis: usize| places(map[axis + 1], &stated, axis, ceil).ok_or_else(too_small);
        let output = ImportedShape::Map { channels: map[0], height: size(0)?, width: size(1)? };
        let of = if node.operator == "MaxPool" { ImportedPooling::Max } else { ImportedPooling::Average };
        let whole = stated.kernel == [map[1], map[2]] && output.elements() == map[0] && stated.pads == [0; 4];
        let kind = if whole && of == ImportedPooling::Average {
            ImportedKind::GlobalAverage
        } else {
            ImportedKind::Pool { of, window: stated.window(&map), ceil }
        };
        self.window_layer(node, kind, source, output, 0, None)
    }

    fn window_layer(
        &mut self,
        node: &OnnxNode<'m>,
        kind: ImportedKind,
        source: usize,
        output: ImportedShape,
        macs: u64,
        weights: Option<(Weights, &str)>,
    ) -> Outcome<TensorView> {
        let stored = weights.as_ref().and_then(|_| node.input(1));
        let name = self.names.of(node, stored, weights.as_ref().map_or("pool", |(_, word)| word));
        let layer = self.push(name, kind, Self::from(source), output, macs);
        self.layers[layer].weights = weights.map(|(weights, _)| weights);
        let rank = node.input(0).and_then(|name| self.values.get(name)).map_or(4, |value| match value {
            TracedValue::TensorView(view) => view.dims.len(),
            _ => 4,
        });
        let [channels, height, width] = [output.sizes()[0], output.sizes()[1], output.sizes()[2]];
        let sizes = match rank {
            3 if height == 1 => vec![1, channels, width],
            _ => vec![1, channels, height, width],
        };
        TensorView::whole(layer, &output, &sizes).ok_or_else(too_small)
    }
}

fn unfit() -> Trouble {
    Trouble::because("has a window or weights that do not fit")
}

fn too_small() -> Trouble {
    Trouble::because("has a window that is larger than its map")
}

fn product(factors: &[usize]) -> u64 {
    factors.iter().fold(1, |product: u64, &factor| product.saturating_mul(factor as u64))
}

/// Rows and columns; of one number, columns.
fn pair(sizes: &[usize]) -> Outcome<[usize; 2]> {
    let found = match *sizes {
        [width] => [1, width],
        [height, width] => [height, width],
        _ => return Err(Trouble::because("works in three dimensions, which no layer does")),
    };
    if found.iter().all(|size| (1..=LARGEST).contains(size)) { Ok(found) } else { Err(unfit()) }
}

fn small(value: i64) -> Outcome<usize> {
    usize::try_from(value).ok().filter(|&value| value <= LARGEST).ok_or_else(unfit)
}

fn small_pair(values: &[i64]) -> Outcome<[usize; 2]> {
    match *values {
        [width] => Ok([0, small(width)?]),
        [height, width] => Ok([small(height)?, small(width)?]),
        _ => Err(unfit()),
    }
}

/// What a file says of a window, with the zeros that an operation before adds.
fn stated(node: &OnnxNode<'_>, map: &[usize; 3], kernel: Option<[usize; 2]>, pad: [usize; 4]) -> Outcome<StatedWindow> {
    let counts = |name: &str| -> Outcome<Option<[usize; 2]>> {
        let Some(values) = node.ints(name) else { return Ok(None) };
        let values: Vec<usize> = values.iter().map(|&value| small(value)).collect::<Outcome<_>>()?;
        pair(&values).map(Some)
    };
    let kernel = match (kernel, counts("kernel_shape")?) {
        (Some(kernel), _) | (None, Some(kernel)) => kernel,
        _ => return Err(unfit()),
    };
    let mut found = StatedWindow {
        kernel,
        stride: counts("strides")?.unwrap_or([1; 2]),
        dilation: counts("dilations")?.unwrap_or([1; 2]),
        pads: match node.ints("pads") {
            None | Some([]) => [0; 4],
            Some(&[left, right]) => [0, small(left)?, 0, small(right)?],
            Some(&[top, left, bottom, right]) => [small(top)?, small(left)?, small(bottom)?, small(right)?],
            Some(_) => return Err(unfit()),
        },
    };
    match node.word("auto_pad") {
        Some("SAME_UPPER") => found.pads = same(&found, map),
        Some("SAME_LOWER") => {
            let [top, left, bottom, right] = same(&found, map);
            found.pads = [bottom, right, top, left];
        }
        Some("VALID") => found.pads = [0; 4],
        _ => {}
    }
    for (own, more) in found.pads.iter_mut().zip(pad) {
        *own += more;
    }
    Ok(found)
}

/// The zeros that give a result of the size of the map by the stride, the odd one below and right.
fn same(stated: &StatedWindow, map: &[usize; 3]) -> [usize; 4] {
    let total = |axis: usize| {
        let size = map[axis + 1];
        let reach = stated.dilation[axis] * (stated.kernel[axis] - 1) + 1;
        ((size.div_ceil(stated.stride[axis]).saturating_sub(1)) * stated.stride[axis] + reach).saturating_sub(size)
    };
    let (rows, columns) = (total(0), total(1));
    [rows / 2, columns / 2, rows - rows / 2, columns - columns / 2]
}

fn plain(pads: [usize; 4]) -> ImportedPadding {
    let [top, left, bottom, right] = pads;
    if (top, left) == (bottom, right) { ImportedPadding::Even(top, left) } else { ImportedPadding::Each(pads) }
}

impl StatedWindow {
    fn window(&self, map: &[usize; 3]) -> ImportedWindow {
        let padding = match plain(self.pads) {
            ImportedPadding::Each(pads) if pads == same(self, map) => ImportedPadding::Same,
            padding => padding,
        };
        ImportedWindow { kernel: self.kernel, stride: self.stride, padding, dilation: self.dilation }
    }
}

/// Places of a window along an axis.
fn places(size: usize, stated: &StatedWindow, axis: usize, ceil: bool) -> Option<usize> {
    let (before, after) = (stated.pads[axis], stated.pads[axis + 2]);
    let reach = stated.dilation[axis] * (stated.kernel[axis] - 1) + 1;
    let room = (size + before + after).checked_sub(reach)?;
    let stride = stated.stride[axis];
    if !ceil {
        return Some(room / stride + 1);
    }
    let places = room.div_ceil(stride) + 1;
    // A last window that begins beyond the map and the zeros before it sees nothing.
    Some(if (places - 1) * stride >= size + before { places - 1 } else { places })
}
