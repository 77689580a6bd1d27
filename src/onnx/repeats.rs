//! Blocks that follow one another and are alike: written once, with how often.

use super::layer::{Feeder, ImportedKind, ImportedLayer};

/// Layers of one block, at most.
const LONGEST: usize = 256;
/// Layers of a network in which blocks are looked for, at most.
const MOST_LAYERS: usize = 3_000;

/// An entry of the list of layers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportedEntry {
    /// A layer, by its index.
    Layer(usize),
    /// A block.
    Repeat {
        /// Its name.
        name: String,
        /// How often it stands there.
        times: usize,
        /// The index of its first layer.
        first: usize,
        /// The names of its layers inside it.
        names: Vec<String>,
    },
}

/// Where a layer of a block takes its values from.
#[derive(Debug, PartialEq, Eq)]
enum Relative {
    /// The layer so many entries before.
    Inside(usize),
    /// What goes into the block.
    Input,
    Constant,
    /// Something else: then it is no block.
    Elsewhere,
}

/// The entries of a network; of layers alone if blocks are not wanted. The layers are those of [`super::Import::layers`].
pub(super) fn entries(layers: &[ImportedLayer], flat: bool) -> Vec<ImportedEntry> {
    if flat || layers.len() > MOST_LAYERS {
        return (0..layers.len()).map(ImportedEntry::Layer).collect();
    }
    let last_taken = last_taken(layers);
    let mut found = Vec::new();
    let mut names: Vec<String> = layers.iter().map(|layer| layer.name.clone()).collect();
    let mut first = 0;
    while first < layers.len() {
        match longest(layers, &last_taken, first) {
            Some((length, times)) => {
                // The same run may begin a few layers later, where names say that a block begins.
                let shift = (0..length).find(|shift| {
                    let begin = first + shift;
                    named_alike(layers, begin, length, times)
                        && (1..times).all(|t| is_repeated(layers, &last_taken, begin, length, t))
                });
                found.extend((first..first + shift.unwrap_or(0)).map(ImportedEntry::Layer));
                first += shift.unwrap_or(0);
                let (name, inner) = called(layers, first, length, times);
                // Its own layers are called anew.
                let own = first..first + length * times;
                let others = names.iter().enumerate().filter(|(index, _)| !own.contains(index));
                let others: Vec<String> = others.map(|(_, name)| name.clone()).collect();
                let name = unused_with(&name, times, &others);
                names.push(name.clone());
                found.push(ImportedEntry::Repeat { name, times, first, names: inner });
                first += length * times;
            }
            None => {
                found.push(ImportedEntry::Layer(first));
                first += 1;
            }
        }
    }
    found
}

/// For each layer the last one that takes from it.
fn last_taken(layers: &[ImportedLayer]) -> Vec<usize> {
    let mut last: Vec<usize> = (0..layers.len()).collect();
    for (index, layer) in layers.iter().enumerate() {
        for feeder in &layer.from {
            if let Feeder::Layer(from) = feeder {
                last[*from] = index;
            }
        }
    }
    last
}

/// The length of the block that begins here and saves most lines, and how often it stands there.
fn longest(layers: &[ImportedLayer], last_taken: &[usize], first: usize) -> Option<(usize, usize)> {
    let mut best: Option<(usize, usize)> = None;
    for length in 2..=LONGEST.min((layers.len() - first) / 2) {
        // Most lengths end at the first layer of the second block.
        if !alike(&layers[first], &layers[first + length]) {
            continue;
        }
        let mut times = 1;
        while is_repeated(layers, last_taken, first, length, times) {
            times += 1;
        }
        let saved = length * (times - 1);
        if times > 1 && best.is_none_or(|(l, t)| saved > l * (t - 1)) {
            best = Some((length, times));
        }
    }
    best
}

/// True if the block after so many of these is one more.
fn is_repeated(layers: &[ImportedLayer], last_taken: &[usize], first: usize, length: usize, times: usize) -> bool {
    let next = first + length * times;
    if next + length > layers.len() {
        return false;
    }
    let same = |index: usize| {
        let (one, other) = (first + index, next + index);
        let (from, to) = (relative(layers, one, first), relative(layers, other, next));
        alike(&layers[one], &layers[other]) && from == to && !from.contains(&Relative::Elsewhere)
    };
    let closed = |start: usize| (start..start + length - 1).all(|layer| last_taken[layer] < start + length);
    // Between two blocks the last layer of one is seen by the next block alone.
    let passed_on = last_taken[next - 1] < next + length;
    (0..length).all(same) && passed_on && closed(next) && (times > 1 || closed(first))
}

fn alike(a: &ImportedLayer, b: &ImportedLayer) -> bool {
    a.kind == b.kind
        && a.activation == b.activation
        && a.input == b.input
        && a.output == b.output
        && a.macs == b.macs
        && a.from.len() == b.from.len()
}

fn relative(layers: &[ImportedLayer], index: usize, start: usize) -> Vec<Relative> {
    let one = |feeder: &Feeder| match *feeder {
        Feeder::Constant => Relative::Constant,
        Feeder::Layer(from) if from >= start => Relative::Inside(index - from),
        Feeder::Layer(from) if from + 1 == start => Relative::Input,
        Feeder::Input if start == 0 => Relative::Input,
        _ => Relative::Elsewhere,
    };
    layers[index].from.iter().map(one).collect()
}

/// True if the names of each block have something in common that those of the others have not.
fn named_alike(layers: &[ImportedLayer], first: usize, length: usize, times: usize) -> bool {
    let Some(run) = layers.get(first..first + length * times) else { return false };
    let prefix = |block: &[ImportedLayer]| {
        let names: Vec<&str> = block.iter().map(|layer| layer.name.as_str()).collect();
        common(&names).to_owned()
    };
    let mut prefixes: Vec<String> = run.chunks(length).map(prefix).collect();
    prefixes.dedup();
    prefixes.len() == times && prefixes.iter().all(|prefix| !prefix.is_empty())
}

/// The name of a block, and those of its layers inside it: what the names of all have in common, and what is left of each.
fn called(layers: &[ImportedLayer], first: usize, length: usize, times: usize) -> (String, Vec<String>) {
    let block =
        |number: usize| layers[first + number * length..first + (number + 1) * length].iter().map(|l| l.name.as_str());
    let all: Vec<&str> = (0..times).flat_map(&block).collect();
    let name = common(&all);
    let rests = |number: usize| -> Vec<String> {
        let names: Vec<&str> = block(number).collect();
        let prefix = common(&names);
        names.iter().map(|name| rest(name, prefix).into_owned()).collect()
    };
    let mut inner: Vec<String> = Vec::new();
    for name in rests(0) {
        let free = unused(&name, &inner);
        inner.push(free);
    }
    let name = name.trim_end_matches(['.', '-']);
    (if name.is_empty() { "block".into() } else { name.to_owned() }, inner)
}

/// A name with a number behind it if it is taken.
fn unused(name: &str, taken: &[String]) -> String {
    let is_free = |name: &str| !taken.iter().any(|other| other == name);
    if is_free(name) {
        return name.to_owned();
    }
    (2..).map(|number| format!("{name}-{number}")).find(|name| is_free(name)).unwrap_or_default()
}

/// The same for a block: no other name is one that a layer in it has when it is written out.
fn unused_with(name: &str, times: usize, taken: &[String]) -> String {
    let begins = |name: &str| {
        let numbers = (1..=times).map(|number| format!("{name}.{number}."));
        let within = if times == 1 { vec![format!("{name}.")] } else { numbers.collect() };
        taken.iter().any(|other| other == name || within.iter().any(|start| other.starts_with(start)))
    };
    if !begins(name) {
        return name.to_owned();
    }
    (2..).map(|number| format!("{name}-{number}")).find(|name| !begins(name)).unwrap_or_default()
}

/// The part before a dot that all names begin with.
fn common<'a>(names: &[&'a str]) -> &'a str {
    let Some((first, rest)) = names.split_first() else { return "" };
    let mut end = first.len();
    for name in rest {
        end = end.min(first.bytes().zip(name.bytes()).take_while(|(a, b)| a == b).count());
    }
    first[..end].rfind('.').map_or("", |dot| &first[..=dot])
}

/// What is left of a name; one that would be a number or a word of the language keeps a letter before it.
fn rest<'a>(name: &'a str, prefix: &str) -> std::borrow::Cow<'a, str> {
    let rest = name.strip_prefix(prefix).unwrap_or(name);
    let word = rest.starts_with(|c: char| c.is_ascii_alphabetic())
        && !matches!(rest, "input" | "constant" | "true" | "false" | "null");
    if word { rest.into() } else { format!("layer-{rest}").into() }
}

/// True for what stands for a layer in a list.
#[must_use]
pub(super) fn is_layer(layer: &ImportedLayer) -> bool {
    layer.kind != ImportedKind::Input
}
