//! Output shapes and matrices of each kind of layer.

use super::kind::{Matrices, PickedToken, Pooling, ValueOperation, ValueOperations, Work};
use super::{Edges, Shape, WindowShape};

/// Why inputs do not fit a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// What does not fit.
    pub message: String,
    /// What would.
    pub help: Option<String>,
    /// The key beside the kind that it is about.
    pub key: Option<&'static str>,
}

impl Misfit {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None, key: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    fn about(mut self, key: &'static str) -> Self {
        self.key = Some(key);
        self
    }
}

const fn plain(inputs: u64, outputs: u64, products: u64) -> Matrices {
    Matrices { products, ..Matrices::one(inputs, outputs) }
}

pub(super) fn map_of(input: Shape, who: &str) -> Result<(u64, u64, u64), Misfit> {
    match input {
        Shape::Map { channels, height, width } => Ok((channels, height, width)),
        other => Err(Misfit::new(format!("{who} takes channels x height x width, and {other} arrives"))
            .help("the network's input says it: `input: { shape: 3 x 224 x 224 }`; `reshape: 64 x 7 x 7` gives values a shape")),
    }
}

/// Several inputs of a layer that takes one, along channels or features.
pub(super) fn side_by_side(inputs: &[Shape]) -> Result<Shape, Misfit> {
    let Some((first, rest)) = inputs.split_first() else { return Err(Misfit::new("nothing arrives")) };
    let mut depth = first.depth();
    for other in rest {
        if first.of_depth(1) != other.of_depth(1) {
            return Err(Misfit::new(format!("{first} and {other} do not fit side by side"))
                .help("side by side they differ in channels or features alone"));
        }
        depth = depth.saturating_add(other.depth());
    }
    Ok(first.of_depth(depth))
}

pub(super) fn dense(inputs: &[Shape], outputs: u64, of: Option<PickedToken>) -> Result<Work, Misfit> {
    let tokens = |shape: &Shape| matches!(shape, Shape::Sequence { .. });
    if !inputs.iter().any(tokens) {
        if of.is_some() {
            return Err(Misfit::new("`of` names a token, and no tokens arrive"));
        }
        let values = inputs.iter().map(|shape| shape.values()).fold(0_u64, u64::saturating_add);
        return Ok(Work { matrices: Some(plain(values, outputs, 1)), ..Work::of_shape(Shape::Features(outputs)) });
    }
    let input = side_by_side(inputs)?;
    if of.is_some() {
        return Ok(Work {
            matrices: Some(plain(input.depth(), outputs, 1)),
            ..Work::of_shape(Shape::Features(outputs))
        });
    }
    Ok(Work {
        matrices: Some(plain(input.depth(), outputs, input.rows())),
        first_rows: Some(1),
        ..Work::of_shape(input.of_depth(outputs))
    })
}

pub(super) fn window_misfit(window: &WindowShape, (height, width): (u64, u64)) -> Misfit {
    let places = |(h, w): (u64, u64)| if h == w { h.to_string() } else { format!("{h} x {w}") };
    let padding = match window.padding {
        Edges::Of([top, left, bottom, right]) if [left, bottom, right] == [top; 3] => format!("padding {top}"),
        Edges::Of([top, left, bottom, right]) => format!("padding [{top}, {left}, {bottom}, {right}]"),
        Edges::Same => "padding same".to_owned(),
    };
    let dilated =
        if window.dilation == (1, 1) { String::new() } else { format!(", dilated {}", places(window.dilation)) };
    Misfit::new(format!(
        "a kernel of {}{dilated} does not fit an input of {height} x {width} with {padding}",
        places(window.kernel)
    ))
    .about("kernel")
}

pub(super) fn conv(input: Shape, channels: u64, window: &WindowShape, groups: u64) -> Result<Work, Misfit> {
    let (depth, height, width) = map_of(input, "a convolution")?;
    for (count, what) in [(depth, "input channels"), (channels, "channels")] {
        if count % groups != 0 {
            return Err(Misfit::new(format!("{groups} groups do not divide {count} {what}")).about("groups"));
        }
    }
    let (rows, columns) = window.output((height, width)).ok_or_else(|| window_misfit(window, (height, width)))?;
    let inputs = window.places().saturating_mul(depth / groups);
    let matrices = Matrices { groups, ..plain(inputs, channels / groups, rows * columns) };
    let reach = window.dilation.0 * (window.kernel.0 - 1) + 1;
    Ok(Work {
        matrices: Some(matrices),
        first_rows: Some(reach),
        ..Work::of_shape(Shape::map(channels, rows, columns))
    })
}

/// Each place of the input is a product with a matrix of all places of the window, which are added where they overlap.
pub(super) fn deconv(input: Shape, channels: u64, window: &WindowShape, more: (u64, u64)) -> Result<Work, Misfit> {
    let (depth, height, width) = map_of(input, "a transposed convolution")?;
    let side = |places: u64, kernel: u64, stride: u64, dilation: u64, edges: u64, more: u64| {
        ((places - 1) * stride + dilation * (kernel - 1) + 1 + more).checked_sub(edges).filter(|&side| side > 0)
    };
    let (top, left, bottom, right) = match window.padding {
        Edges::Of([top, left, bottom, right]) => (top, left, bottom, right),
        Edges::Same => return Err(Misfit::new("a transposed convolution has no padding `same`")),
    };
    let rows = side(height, window.kernel.0, window.stride.0, window.dilation.0, top + bottom, more.0);
    let columns = side(width, window.kernel.1, window.stride.1, window.dilation.1, left + right, more.1);
    let (rows, columns) = rows.zip(columns).ok_or_else(|| window_misfit(window, (height, width)))?;
    let output = Shape::map(channels, rows, columns);
    let outputs = window.places().saturating_mul(channels);
    let matrices = plain(depth, outputs, height * width);
    let overlapping = outputs.saturating_mul(height * width).saturating_sub(output.values());
    let sums = ValueOperations { operation: ValueOperation::Add, count: overlapping };
    Ok(Work {
        matrices: Some(matrices),
        values: Some(sums).filter(|sums| sums.count > 0),
        first_rows: Some(1),
        ..Work::of_shape(output)
    })
}

pub(super) fn pool(input: Shape, pooling: Pooling, window: &WindowShape) -> Result<Work, Misfit> {
    let (channels, height, width) = map_of(input, "pooling")?;
    let (rows, columns) = window.output((height, width)).ok_or_else(|| window_misfit(window, (height, width)))?;
    let output = Shape::map(channels, rows, columns);
    let operation = if pooling == Pooling::Max { ValueOperation::Max } else { ValueOperation::Average };
    Ok(Work {
        values: Some(ValueOperations { operation, count: output.values() }),
        first_rows: Some(window.dilation.0 * (window.kernel.0 - 1) + 1),
        ..Work::of_shape(output)
    })
}

pub(super) fn global_pool(input: Shape) -> Work {
    let output = match input {
        Shape::Map { channels, .. } => Shape::map(channels, 1, 1),
        other => Shape::Features(other.depth()),
    };
    let values = ValueOperations { operation: ValueOperation::Average, count: input.depth() };
    Work { values: Some(values), ..Work::of_shape(output) }
}

/// Equal shapes, or channels of one place for all places.
pub(super) fn elementwise(inputs: &[Shape], constant: bool, operation: ValueOperation) -> Result<Work, Misfit> {
    let Some(&largest) = inputs.iter().max_by_key(|shape| shape.values()) else {
        return Err(Misfit::new("nothing arrives"));
    };
    for &other in inputs {
        let spread = matches!((other, largest), (Shape::Map { channels, height: 1, width: 1 }, Shape::Map { channels: all, .. }) if channels == all);
        if other != largest && !spread {
            return Err(Misfit::new(format!("{other} and {largest} differ"))
                .help("element by element, shapes are equal, or one is C x 1 x 1"));
        }
    }
    let terms = inputs.len() as u64 + u64::from(constant);
    if terms < 2 {
        return Err(Misfit::new("one input alone has nothing to be joined with")
            .help("two or more names, or `constant` for stored values"));
    }
    let count = largest.values().saturating_mul(terms - 1);
    Ok(Work { values: Some(ValueOperations { operation, count }), first_rows: Some(1), ..Work::of_shape(largest) })
}

/// The matrix of each head is the second input; each token of the first is a product with it.
pub(super) fn matmul(inputs: &[Shape], heads: u64, transposed: Option<bool>, cached: u64) -> Result<Work, Misfit> {
    let &[Shape::Sequence { tokens, features: a }, Shape::Sequence { tokens: rows, features: b }] = inputs else {
        let arrives: Vec<String> = inputs.iter().map(Shape::to_string).collect();
        return Err(Misfit::new(format!(
            "`matmul` takes two sequences, tokens x features; {} arrive",
            arrives.join(", ")
        )));
    };
    let rows = rows.saturating_add(cached);
    let as_keys = a == b;
    let as_values = a == heads.saturating_mul(rows);
    for (features, what) in [(a, "first"), (b, "second")] {
        if features % heads != 0 {
            return Err(Misfit::new(format!(
                "{heads} heads do not divide the {features} features of the {what} input"
            ))
            .about("heads"));
        }
    }
    let transposed = transposed.unwrap_or(as_keys);
    let (of_keys, of_values) = (plain(a / heads, rows, tokens), plain(rows, b / heads, tokens));
    let (matrices, output) = match (transposed, as_keys, as_values) {
        (true, true, _) => (Matrices { kept_columns: cached, ..of_keys }, heads.saturating_mul(rows)),
        (false, _, true) => (Matrices { kept_rows: cached, ..of_values }, b),
        (true, false, _) => {
            return Err(Misfit::new(format!("the first input has {a} features, the second, transposed, {b}")));
        }
        (false, ..) => {
            let message =
                format!("the first input has {a} features, the second {rows} tokens for each of {heads} heads");
            return Err(Misfit::new(message)
                .help("`transposed: true` multiplies with the second input's features, as with keys"));
        }
    };
    let matrices = Matrices { groups: heads, dynamic: true, ..matrices };
    Ok(Work { matrices: Some(matrices), ..Work::of_shape(Shape::Sequence { tokens, features: output }) })
}

pub(super) fn recurrent(input: Shape, outputs: u64, steps: Option<u64>, gates: u64) -> Result<Work, Misfit> {
    let (tokens, features) = match input {
        Shape::Sequence { tokens, features } => (tokens, features),
        Shape::Features(features) => (steps.unwrap_or(1), features),
        other @ Shape::Map { .. } => {
            return Err(Misfit::new(format!("a recurrent layer takes tokens x features, and {other} arrives")));
        }
    };
    if steps.is_some_and(|steps| steps != tokens) {
        return Err(Misfit::new(format!("{} steps, and {tokens} tokens arrive", steps.unwrap_or_default())));
    }
    let matrix = plain(features.saturating_add(outputs), outputs.saturating_mul(gates), tokens);
    let (operation, each) = if gates == 3 { (ValueOperation::Gru, 4) } else { (ValueOperation::Lstm, 5) };
    Ok(Work {
        matrices: Some(Matrices { in_turn: true, ..matrix }),
        values: Some(ValueOperations { operation, count: outputs.saturating_mul(each).saturating_mul(tokens) }),
        first_rows: Some(1),
        ..Work::of_shape(Shape::Sequence { tokens, features: outputs })
    })
}

pub(super) fn slice(input: Shape, first: u64, last: u64) -> Result<Work, Misfit> {
    let depth = input.depth();
    if last >= depth {
        return Err(Misfit::new(format!(
            "`slice` ends with {last}, and the {} of {input} are 0 to {}",
            input.depth_name(),
            depth - 1
        )));
    }
    Ok(Work { first_rows: Some(1), ..Work::of_shape(input.of_depth(last - first + 1)) })
}
