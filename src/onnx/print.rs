//! The `network:` section of an architecture.

use std::fmt::Write as _;

use super::Import;
use super::layer::{
    Feeder, ImportedKind, ImportedLayer, ImportedPadding, ImportedPooling, ImportedShape, ImportedWindow,
};
use super::repeats::ImportedEntry;
use super::view::PickedToken;

/// The text, with what was folded or left out before it.
pub(super) fn text(import: &Import) -> String {
    let mut text = format!("# {}, opset {}\n", import.file, import.opset);
    for note in &import.notes {
        let _ = writeln!(text, "# {note}");
    }
    let input = match import.input {
        ImportedShape::Features(features) => format!("features: {features}"),
        shape => format!("shape: {shape}"),
    };
    let _ = writeln!(text, "network:\n  input: {{ {input} }}\n  layers:");
    let blocks = blocks(import);
    let outer = LineNames { import, blocks: &blocks, block: None };
    // What stands before the entry that is written: the default of its feeder.
    let mut before = Feeder::Input;
    for entry in &import.entries {
        match entry {
            ImportedEntry::Layer(index) => {
                let _ = writeln!(text, "    - {}", outer.line(*index, before));
                before = Feeder::Layer(*index);
            }
            ImportedEntry::Repeat { name, times, first, names } => {
                let fed = if *first == 0 { Feeder::Input } else { Feeder::Layer(first - 1) };
                let from = if fed == before { String::new() } else { format!("      from: {}\n", outer.feeder(fed)) };
                let _ = write!(text, "    - name: {name}\n{from}      repeat: {times}\n      layers:\n");
                let inner = LineNames { import, blocks: &blocks, block: Some((*first, names)) };
                let mut inside = fed;
                for index in *first..first + names.len() {
                    let _ = writeln!(text, "        - {}", inner.line(index, inside));
                    inside = Feeder::Layer(index);
                }
                before = Feeder::Layer(first + names.len() * times - 1);
            }
        }
    }
    text
}

/// The block that each layer is in, if any.
fn blocks(import: &Import) -> Vec<Option<&str>> {
    let mut blocks = vec![None; import.layers.len()];
    for entry in &import.entries {
        if let ImportedEntry::Repeat { name, times, first, names } = entry {
            blocks[*first..first + times * names.len()].fill(Some(name.as_str()));
        }
    }
    blocks
}

/// What layers are called where a line stands.
struct LineNames<'a> {
    import: &'a Import,
    /// The block that each layer is in, if any.
    blocks: &'a [Option<&'a str>],
    /// The first layer of the block around it, and the names inside.
    block: Option<(usize, &'a [String])>,
}

impl LineNames<'_> {
    fn layer(&self, index: usize) -> &str {
        if let Some((first, names)) = self.block {
            return index.checked_sub(first).and_then(|inner| names.get(inner)).map_or("input", String::as_str);
        }
        self.blocks[index].unwrap_or(&self.import.layers[index].name)
    }

    fn feeder(&self, feeder: Feeder) -> &str {
        match feeder {
            Feeder::Input => "input",
            Feeder::Constant => "constant",
            Feeder::Layer(index) => self.layer(index),
        }
    }

    /// A layer as a mapping on one line.
    fn line(&self, index: usize, before: Feeder) -> String {
        let layer = &self.import.layers[index];
        let mut words = vec![format!("name: {}", self.layer(index))];
        let all: Vec<&str> = layer.from.iter().map(|&feeder| self.feeder(feeder)).collect();
        let list = format!("[{}]", all.join(", "));
        let several = matches!(
            layer.kind,
            ImportedKind::Add | ImportedKind::Multiply | ImportedKind::Concat | ImportedKind::MatMul { .. }
        );
        if !several && layer.from.first() != Some(&before) {
            words.push(format!("from: {}", all.first().copied().unwrap_or("input")));
        }
        words.extend(kind(layer, &list));
        if let Some(activation) = &layer.activation {
            words.push(format!("activation: {activation}"));
        }
        format!("{{ {} }}", words.join(", "))
    }
}

/// The words of a kind.
fn kind(layer: &ImportedLayer, list: &str) -> Vec<String> {
    let with = |first: String, window: &ImportedWindow| {
        let mut words = vec![first];
        words.extend(window_words(window, [1, 1]));
        words
    };
    match &layer.kind {
        ImportedKind::Input => Vec::new(),
        ImportedKind::Dense { outputs, of } => {
            let of = of.map(|token| format!("of: {}", if token == PickedToken::First { "first" } else { "last" }));
            std::iter::once(format!("dense: {outputs}")).chain(of).collect()
        }
        ImportedKind::Conv { outputs, window, groups } => {
            let mut words = with(format!("conv: {outputs}"), window);
            words.extend((*groups > 1).then(|| format!("groups: {groups}")));
            words
        }
        ImportedKind::Depthwise { multiplier, window } => with(format!("depthwise: {multiplier}"), window),
        ImportedKind::Deconv { outputs, window, output_padding, groups } => {
            let mut words = with(format!("deconv: {outputs}"), window);
            words.extend((*output_padding != [0; 2]).then(|| format!("output-padding: {}", two(*output_padding))));
            words.extend((*groups > 1).then(|| format!("groups: {groups}")));
            words
        }
        ImportedKind::Pool { of, window, ceil } => {
            let of = if *of == ImportedPooling::Max { "max" } else { "average" };
            let mut words = vec![format!("pool: {of}")];
            words.extend(window_words(window, window.kernel));
            words.extend(ceil.then(|| "ceil: true".to_owned()));
            words
        }
        ImportedKind::GlobalAverage => vec!["pool: global-average".into()],
        ImportedKind::Upsample(factor) => vec![format!("upsample: {factor}")],
        ImportedKind::Add => vec![format!("add: {list}")],
        ImportedKind::Multiply => vec![format!("multiply: {list}")],
        ImportedKind::Concat => vec![format!("concat: {list}")],
        ImportedKind::MatMul { heads, transposed } => {
            vec![format!("matmul: {list}"), format!("heads: {heads}"), format!("transposed: {transposed}")]
        }
        ImportedKind::Activation(function) => vec![format!("activation: {function}")],
        ImportedKind::Normalize(of) => vec![format!("normalize: {of}")],
        ImportedKind::Lstm { hidden, steps } => vec![format!("lstm: {hidden}"), format!("steps: {steps}")],
        ImportedKind::Gru { hidden, steps } => vec![format!("gru: {hidden}"), format!("steps: {steps}")],
        ImportedKind::Sequence(tokens) => vec![format!("sequence: {tokens}")],
        ImportedKind::Slice { first, last } => vec![format!("slice: {first}..{last}")],
        ImportedKind::Reshape => vec![format!("reshape: {}", layer.output)],
    }
}

/// Rows and columns: one number where they are the same.
fn two([rows, columns]: [usize; 2]) -> String {
    if rows == columns { rows.to_string() } else { format!("{rows} x {columns}") }
}

fn window_words(window: &ImportedWindow, stride: [usize; 2]) -> Vec<String> {
    let mut words = vec![format!("kernel: {}", two(window.kernel))];
    if window.stride != stride {
        words.push(format!("stride: {}", two(window.stride)));
    }
    match window.padding {
        ImportedPadding::Even(0, 0) => {}
        ImportedPadding::Even(rows, columns) => words.push(format!("padding: {}", two([rows, columns]))),
        ImportedPadding::Same => words.push("padding: same".into()),
        ImportedPadding::Each([top, left, bottom, right]) => {
            words.push(format!("padding: [{top}, {left}, {bottom}, {right}]"))
        }
    }
    if window.dilation != [1; 2] {
        words.push(format!("dilation: {}", two(window.dilation)));
    }
    words
}
