//! What a layer of a file computes: its kind with the keys beside it.

use super::kind::LayerKind;
use super::{Edges, NetworkReader, Places, Shape, WindowShape};
use crate::catalog::{LAYER_KINDS, LayerEntry};
use crate::diagnostic::{Diagnostic, Span, suggest};
use crate::spec::network::{LayerSpec, Padding, Pooling, Window};
use crate::yaml::{Located, Slot};

/// What an entry of the list of layers is.
#[derive(Debug, Clone)]
pub(super) enum WorkloadEntry {
    /// A layer.
    Layer(LayerKind),
    /// Self-attention: several layers.
    Attention {
        /// Features of queries, keys and values.
        features: u64,
        /// Heads.
        heads: u64,
        /// Tokens from before.
        cached: u64,
    },
    /// A block that stands so often one after another.
    Block(u64),
    /// Wrong, which has been reported.
    Wrong,
}

/// The kinds that an entry has, and where it says so.
fn kinds(spec: &LayerSpec) -> Vec<(&'static str, Slot<()>)> {
    let all: [Slot<()>; LAYER_KINDS.len()] = [
        spec.dense.state(),
        spec.conv.state(),
        spec.depthwise.state(),
        spec.deconv.state(),
        spec.pool.state(),
        spec.upsample.state(),
        spec.add.state(),
        spec.multiply.state(),
        spec.concat.state(),
        spec.matmul.state(),
        spec.attention.state(),
        spec.lstm.state(),
        spec.gru.state(),
        spec.normalize.state(),
        spec.sequence.state(),
        spec.slice.state(),
        spec.reshape.state(),
        spec.layers.state(),
    ];
    let mut found: Vec<_> = LAYER_KINDS.iter().copied().zip(all).filter(|(_, state)| *state != Slot::Missing).collect();
    found.sort_by_key(|(_, state)| state.span());
    found
}

/// The keys that belong to some kinds, and where the entry has them.
fn siblings(spec: &LayerSpec) -> [(&'static str, Option<Span>); 23] {
    [
        ("kernel", spec.kernel.span()),
        ("stride", spec.stride.span()),
        ("padding", spec.padding.span()),
        ("output-padding", spec.output_padding.span()),
        ("dilation", spec.dilation.span()),
        ("groups", spec.groups.span()),
        ("ceil", spec.ceil.span()),
        ("heads", spec.heads.span()),
        ("transposed", spec.transposed.span()),
        ("cache", spec.cache.span()),
        ("steps", spec.steps.span()),
        ("of", spec.of.span()),
        ("repeat", spec.repeat.span()),
        ("activation", spec.activation.span()),
        ("from", spec.from.span()),
        ("copies", spec.copies.span()),
        ("on", spec.on.span()),
        ("weights", spec.weights.span()),
        ("tile", spec.tile.span()),
        ("stages", spec.stages.span()),
        ("statistics", spec.statistics.span()),
        ("use", spec.component.span()),
        ("units", spec.units.span()),
    ]
}

impl NetworkReader<'_> {
    pub(super) fn entry(&mut self, layer: &Located<LayerSpec>, name: &Located<String>) -> WorkloadEntry {
        let before = self.diagnostics.mark();
        let found = kinds(&layer.value);
        let kind = match found.as_slice() {
            [] => return self.without_kind(layer, name),
            [(kind, _)] => *kind,
            [(first, a), (second, b), ..] => {
                let message = format!("`{}` has two kinds, `{first}` and `{second}`", name.value);
                let place = |slot: &Slot<()>| slot.span().unwrap_or(layer.span);
                let error = Diagnostic::error(message).at(place(b), "the second").also(place(a), "the first");
                self.diagnostics.push(error);
                return WorkloadEntry::Wrong;
            }
        };
        self.check_siblings(&layer.value, kind);
        let entry = self.of_kind(&layer.value, kind, layer.span, name);
        match (entry, self.diagnostics.since(before)) {
            (Some(entry), Ok(())) => entry,
            _ => WorkloadEntry::Wrong,
        }
    }

    fn without_kind(&mut self, layer: &Located<LayerSpec>, name: &Located<String>) -> WorkloadEntry {
        match &layer.value.activation {
            Slot::Present(_) => {
                self.check_siblings(&layer.value, "activation");
                return WorkloadEntry::Layer(LayerKind::Elementwise);
            }
            Slot::Bad => return WorkloadEntry::Wrong,
            Slot::Missing => {}
        }
        self.diagnostics.push(
            Diagnostic::error(format!("the layer `{}` does not say what it computes", name.value))
                .at(name.span, "a layer kind is missing here")
                .help("a fully connected layer is `dense: OUTPUTS`, a convolution `conv: CHANNELS, kernel: 3`")
                .help(format!("the layer kinds are: {}", suggest::list(LAYER_KINDS))),
        );
        WorkloadEntry::Wrong
    }

    fn check_siblings(&mut self, spec: &LayerSpec, kind: &str) {
        let entry = LayerEntry::of(kind);
        for (key, span) in siblings(spec) {
            let Some(span) = span.filter(|_| !entry.takes(key)) else { continue };
            let having: Vec<&str> = LayerEntry::ALL.iter().filter(|e| e.takes(key)).map(|e| e.name).collect();
            let error = Diagnostic::error(format!("`{key}` has no meaning for `{kind}`"));
            self.diagnostics.push(error.at(span, format!("belongs to: {}", suggest::list(&having))));
        }
    }

    fn of_kind(&mut self, spec: &LayerSpec, kind: &str, place: Span, name: &Located<String>) -> Option<WorkloadEntry> {
        let layer = match kind {
            "dense" => LayerKind::Dense { outputs: self.size("dense", &spec.dense)?, of: spec.of.get().copied() },
            "conv" => {
                let (channels, window) = (self.size("conv", &spec.conv), self.window(spec, kind, place, name));
                let groups = self.or_one("groups", &spec.groups);
                LayerKind::Conv { channels: channels?, window: window?, groups: groups? }
            }
            "depthwise" => {
                let (channels, window) =
                    (self.size("depthwise", &spec.depthwise), self.window(spec, kind, place, name));
                LayerKind::Depthwise { multiplier: channels?, window: window? }
            }
            "deconv" => {
                let (channels, window) = (self.size("deconv", &spec.deconv), self.window(spec, kind, place, name));
                let more = self.places("output-padding", &spec.output_padding, (0, 0), 0);
                LayerKind::Deconv { channels: channels?, window: window?, output_padding: more? }
            }
            "pool" => self.pool(spec, place, name)?,
            "upsample" => LayerKind::Upsample(self.size("upsample", &spec.upsample)?),
            // Whether stored values are among what is joined is known when names are.
            "add" => LayerKind::Add { constant: false },
            "multiply" => LayerKind::Multiply { constant: false },
            "concat" => LayerKind::Concat,
            "matmul" => {
                let heads = self.or_one("heads", &spec.heads)?;
                LayerKind::MatMul { heads, transposed: spec.transposed.get().copied(), cached: 0 }
            }
            "attention" => return self.attention(spec),
            "lstm" | "gru" => {
                let (slot, gates) = if kind == "lstm" { (&spec.lstm, 4) } else { (&spec.gru, 3) };
                let steps = match &spec.steps {
                    Slot::Missing => None,
                    steps => Some(self.size("steps", steps)?),
                };
                LayerKind::Recurrent { outputs: self.size(kind, slot)?, steps, gates }
            }
            "normalize" => LayerKind::Normalize(*spec.normalize.get()?),
            "sequence" => LayerKind::Tokens(u64::from(*spec.sequence.get()?)),
            "slice" => self.slice(spec.slice.located()?)?,
            "reshape" => self.reshape(spec.reshape.located()?)?,
            _ => {
                let times = self.or_one("repeat", &spec.repeat)?;
                return Some(WorkloadEntry::Block(times));
            }
        };
        Some(WorkloadEntry::Layer(layer))
    }

    fn attention(&mut self, spec: &LayerSpec) -> Option<WorkloadEntry> {
        let features = self.size("attention", &spec.attention);
        let heads = self.or_one("heads", &spec.heads);
        let (features, heads) = (features?, heads?);
        let cached = match &spec.cache {
            Slot::Missing => 0,
            Slot::Bad => return None,
            Slot::Present(cached) if cached.value == 0 => 0,
            Slot::Present(_) => self.size("cache", &spec.cache)?,
        };
        if features % heads != 0 {
            let place = spec.heads.span().or(spec.attention.span())?;
            let message = format!("{heads} heads do not divide {features} features");
            self.diagnostics.push(Diagnostic::error(message).at(place, "every head has as many"));
            return None;
        }
        Some(WorkloadEntry::Attention { features, heads, cached })
    }

    fn pool(&mut self, spec: &LayerSpec, place: Span, name: &Located<String>) -> Option<LayerKind> {
        let pooling = *spec.pool.get()?;
        if pooling != Pooling::GlobalAverage {
            let window = self.window(spec, "pool", place, name)?;
            return Some(LayerKind::Pool { pooling, window });
        }
        let windows = [spec.kernel.span(), spec.stride.span(), spec.padding.span(), spec.ceil.span()];
        if let Some(place) = windows.into_iter().flatten().next() {
            let error = Diagnostic::error("`global-average` has no window").at(place, "takes a whole channel");
            self.diagnostics.push(error);
            return None;
        }
        Some(LayerKind::GlobalPool)
    }

    fn size<N: Copy + Into<u64>>(&mut self, what: &str, slot: &Slot<N>) -> Option<u64> {
        let size = slot.located()?;
        let number = size.value.into();
        if (1..=self.most).contains(&number) {
            return Some(number);
        }
        let error = Diagnostic::error(format!("`{what}` is {number}"));
        self.diagnostics.push(error.at(size.span, format!("expected 1 to {}", self.most)));
        None
    }

    fn or_one(&mut self, what: &str, slot: &Slot<u32>) -> Option<u64> {
        if slot.is_missing() { Some(1) } else { self.size(what, slot) }
    }

    fn window(&mut self, spec: &LayerSpec, kind: &str, place: Span, name: &Located<String>) -> Option<WindowShape> {
        let owner = format!("`{}`, a layer of kind `{kind}`,", name.value);
        spec.kernel.require(&owner, "kernel", place, self.diagnostics);
        let kernel = self.places("kernel", &spec.kernel, (1, 1), 1);
        let usual = if kind == "pool" { kernel.unwrap_or((1, 1)) } else { (1, 1) };
        let stride = self.places("stride", &spec.stride, usual, 1);
        let dilation = self.places("dilation", &spec.dilation, (1, 1), 1);
        let padding = self.padding(&spec.padding);
        let ceil = spec.ceil.get().copied().unwrap_or(false);
        spec.kernel.located()?;
        Some(WindowShape { kernel: kernel?, stride: stride?, dilation: dilation?, padding: padding?, ceil })
    }

    /// A number of places or height x width.
    fn places(&mut self, what: &str, slot: &Slot<Window>, usual: Places, least: u64) -> Option<Places> {
        match slot {
            Slot::Missing => Some(usual),
            Slot::Bad => None,
            Slot::Present(text) => self.places_of(what, &text.value.0, text.span, least),
        }
    }

    fn places_of(&mut self, what: &str, text: &str, span: Span, least: u64) -> Option<Places> {
        let sizes: Option<Vec<u64>> = text.split('x').map(|size| size.trim().parse().ok()).collect();
        let places = match sizes.as_deref() {
            Some(&[size]) => Some((size, size)),
            Some(&[height, width]) => Some((height, width)),
            _ => None,
        };
        let range = least..=MOST_PLACES;
        let found = places.filter(|(height, width)| range.contains(height) && range.contains(width));
        if found.is_none() {
            let error = Diagnostic::error(format!("`{what}` is {text}"));
            let expected =
                format!("expected a number from {least} to {MOST_PLACES}, or height x width such as `3 x 5`");
            self.diagnostics.push(error.at(span, expected));
        }
        found
    }

    fn padding(&mut self, slot: &Slot<Padding>) -> Option<Edges> {
        let written = match slot {
            Slot::Missing => return Some(Edges::Of([0; 4])),
            Slot::Bad => return None,
            Slot::Present(written) => written,
        };
        match &written.value {
            Padding::Scalar(word) if word == "same" => Some(Edges::Same),
            Padding::Scalar(text) => {
                let (height, width) = self.places_of("padding", text, written.span, 0)?;
                Some(Edges::Of([height, width, height, width]))
            }
            Padding::Sequence(edges) => {
                let edges: Option<Vec<u64>> = edges.iter().map(|edge| edge.get().copied()).collect();
                let edges = edges?;
                let four = <[u64; 4]>::try_from(edges.as_slice()).ok();
                let found = four.filter(|edges| edges.iter().all(|edge| *edge <= MOST_PLACES));
                if found.is_none() {
                    let error = Diagnostic::error(format!("`padding` has {} numbers", edges.len()));
                    self.diagnostics.push(error.at(written.span, "expected top, left, bottom and right"));
                }
                found.map(Edges::Of)
            }
        }
    }

    fn slice(&mut self, text: &Located<String>) -> Option<LayerKind> {
        let ends = text.value.split_once("..").and_then(|(first, last)| {
            let number = |text: &str| text.trim().parse::<u64>().ok();
            Some((number(first)?, number(last)?)).filter(|(first, last)| first <= last)
        });
        if ends.is_none() {
            let error = Diagnostic::error(format!("`slice: {}` names no part", text.value));
            let expected = "expected FIRST..LAST, for example `0..191`; the first is 0, the ends belong to it";
            self.diagnostics.push(error.at(text.span, expected));
        }
        ends.map(|(first, last)| LayerKind::Slice(first, last))
    }

    fn reshape(&mut self, text: &Located<String>) -> Option<LayerKind> {
        self.shape("reshape", text).map(LayerKind::Reshape)
    }

    /// A shape as a file writes it.
    pub fn shape(&mut self, what: &str, text: &Located<String>) -> Option<Shape> {
        let shape = Shape::parse(&text.value);
        if shape.is_none() {
            let error = Diagnostic::error(format!("`{what}: {}` is no shape", text.value));
            let expected =
                "expected channels x height x width such as `3 x 224 x 224`, or tokens x features such as `128 x 768`";
            self.diagnostics.push(error.at(text.span, expected));
        }
        shape
    }
}

/// More places than this are no window.
const MOST_PLACES: u64 = 100_000;
