//! Which layer feeds which, and the order in which they are computed.

use std::collections::{BTreeMap, BTreeSet};

use super::lower::Lowering;
use crate::diagnostic::{Diagnostic, Span, suggest};
use crate::spec::architecture as file;
use crate::yaml::Located;

/// Layers of a circle that are shown: whoever reads them sees which way it goes.
const SHOWN_OF_A_CIRCLE: usize = 8;

impl Lowering<'_> {
    /// The layers' names, those without one by their number; a name that is taken is an error.
    pub(super) fn layer_names(&mut self, layers: &[Option<&Located<file::LayerSpec>>]) -> Vec<Located<String>> {
        let mut first: BTreeMap<String, Span> = BTreeMap::from([("input".to_owned(), self.place)]);
        let mut names = Vec::with_capacity(layers.len());
        for (index, layer) in layers.iter().enumerate() {
            let written = layer.and_then(|l| l.value.name.located());
            let span = written.map(|n| n.span).or(layer.map(|l| l.span)).unwrap_or(self.place);
            let name = written.map_or_else(|| format!("layer-{}", index + 1), |n| n.value.clone());
            match first.get(&name) {
                Some(_) if name == "input" => self.report(
                    Diagnostic::error("a layer may not be called `input`").at(span, "this is the network's input"),
                ),
                Some(&other) => self.report(
                    Diagnostic::error(format!("two layers are called `{name}`"))
                        .at(span, "the second")
                        .also(other, "the first"),
                ),
                None => {
                    first.insert(name.clone(), span);
                }
            }
            names.push(Located { value: name, span });
        }
        names
    }

    /// The layers in an order of computation, each with what feeds it (none for the network's input).
    pub(super) fn order(
        &mut self,
        layers: &[Option<&Located<file::LayerSpec>>],
        names: &[Located<String>],
    ) -> Option<Vec<(usize, Vec<Option<usize>>)>> {
        // Of layers with the same name, which is an error, the first is meant.
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        for (index, name) in names.iter().enumerate() {
            places.entry(name.value.as_str()).or_insert(index);
        }
        let mut feeds: Vec<Vec<Option<usize>>> = Vec::with_capacity(layers.len());
        for (index, layer) in layers.iter().enumerate() {
            let from = layer.and_then(|l| l.value.from.located());
            feeds.push(match from {
                None => vec![index.checked_sub(1)],
                Some(from) => self.feeds(from, &places),
            });
        }
        // The layer that stands first in the file comes first among those that are ready.
        let mut waits: Vec<usize> = feeds.iter().map(|f| f.iter().flatten().count()).collect();
        let mut fed: Vec<Vec<usize>> = vec![Vec::new(); layers.len()];
        for (layer, feed) in feeds.iter().enumerate().flat_map(|(i, f)| f.iter().flatten().map(move |&f| (i, f))) {
            fed[feed].push(layer);
        }
        let mut ready: BTreeSet<usize> = (0..layers.len()).filter(|&i| waits[i] == 0).collect();
        let mut order = Vec::with_capacity(layers.len());
        while let Some(next) = ready.pop_first() {
            order.push((next, feeds[next].clone()));
            for &layer in &fed[next] {
                waits[layer] -= 1;
                if waits[layer] == 0 {
                    ready.insert(layer);
                }
            }
        }
        if order.len() < layers.len() {
            let placed: Vec<bool> = waits.iter().map(|&w| w == 0).collect();
            self.report_cycle(&feeds, &placed, names);
            return None;
        }
        Some(order)
    }

    /// The layers that feed one, none for the network's input.
    fn feeds(&mut self, from: &Located<file::OneOrMany>, places: &BTreeMap<&str, usize>) -> Vec<Option<usize>> {
        if from.value.names().is_empty() {
            let diagnostic = Diagnostic::error("`from` names no layer").at(from.span, "expected at least one name");
            self.report(
                diagnostic.help("without `from` a layer is fed by the one before it; `input` is the network's input"),
            );
        }
        let mut first: BTreeMap<&str, Span> = BTreeMap::new();
        let mut feeds = Vec::new();
        for name in from.value.names() {
            if let Some(&other) = first.get(name.value.as_str()) {
                let diagnostic = Diagnostic::error(format!("`{}` feeds this layer twice", name.value));
                self.report(diagnostic.at(name.span, "named again here").also(other, "first named here"));
                continue;
            }
            first.insert(&name.value, name.span);
            feeds.extend(self.feed(name, places));
        }
        feeds
    }

    fn feed(&mut self, name: &Located<String>, places: &BTreeMap<&str, usize>) -> Option<Option<usize>> {
        if name.value == "input" {
            return Some(None);
        }
        let found = places.get(name.value.as_str()).copied();
        if found.is_none() {
            let diagnostic =
                Diagnostic::error(format!("unknown layer `{}`", name.value)).at(name.span, "no such layer");
            let known = places.keys().copied().chain(["input"]);
            let help = if self.may_compare(places.len()) { suggest::did_you_mean(&name.value, known) } else { None };
            self.report(diagnostic.maybe_help(help));
        }
        found.map(Some)
    }

    /// Follows the feeds from a layer that waits until one comes up again.
    fn report_cycle(&mut self, feeds: &[Vec<Option<usize>>], placed: &[bool], names: &[Located<String>]) {
        let waiting = |i: usize| feeds[i].iter().flatten().copied().find(|&f| !placed[f]);
        let Some(mut at) = (0..feeds.len()).find(|&i| !placed[i]) else { return };
        let mut seen = vec![false; feeds.len()];
        let mut path = Vec::new();
        while !seen[at] {
            seen[at] = true;
            path.push(at);
            let Some(next) = waiting(at) else { return };
            at = next;
        }
        let circle: Vec<usize> = path.into_iter().skip_while(|&i| i != at).collect();
        let mut diagnostic = Diagnostic::error("the layers feed each other in a circle");
        for (position, &index) in circle.iter().enumerate().take(SHOWN_OF_A_CIRCLE) {
            let feeder = &names[circle[(position + 1) % circle.len()]].value;
            let text = format!("`{}` waits for `{feeder}`", names[index].value);
            diagnostic = if position == 0 {
                diagnostic.at(names[index].span, text)
            } else {
                diagnostic.also(names[index].span, text)
            };
        }
        if circle.len() > SHOWN_OF_A_CIRCLE {
            diagnostic = diagnostic.help(format!("the circle has {} layers", circle.len()));
        }
        self.report(diagnostic.help("recurrent networks are not estimated; unroll the loop into layers"));
    }
}
