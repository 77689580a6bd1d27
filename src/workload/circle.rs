//! The order of computation, and what is said where there is none.

use std::collections::BTreeSet;

use super::NetworkReader;
use super::blocks::FlatLayer;
use super::order::{Feeders, SHOWN_OF_A_CIRCLE};
use crate::diagnostic::Diagnostic;

impl NetworkReader<'_> {
    /// The layers in an order of computation; none if they feed each other in a circle, which is reported.
    pub(super) fn order(&mut self, feeds: &[Feeders], layers: &[FlatLayer<'_>]) -> Option<Vec<usize>> {
        // The layer that stands first in the file comes first among those that are ready.
        let mut waits: Vec<usize> = feeds.iter().map(|f| f.from.iter().flatten().count()).collect();
        let mut fed: Vec<Vec<usize>> = vec![Vec::new(); feeds.len()];
        for (layer, feed) in feeds.iter().enumerate().flat_map(|(i, f)| f.from.iter().flatten().map(move |&f| (i, f))) {
            fed[feed].push(layer);
        }
        let mut ready: BTreeSet<usize> = (0..feeds.len()).filter(|&i| waits[i] == 0).collect();
        let mut order = Vec::with_capacity(feeds.len());
        while let Some(next) = ready.pop_first() {
            order.push(next);
            for &layer in &fed[next] {
                waits[layer] -= 1;
                if waits[layer] == 0 {
                    ready.insert(layer);
                }
            }
        }
        if order.len() < feeds.len() {
            let placed: Vec<bool> = waits.iter().map(|&w| w == 0).collect();
            self.report_cycle(feeds, &placed, layers);
            return None;
        }
        Some(order)
    }

    /// Follows the feeds from a layer that waits until one comes up again.
    pub(super) fn report_cycle(&mut self, feeds: &[Feeders], placed: &[bool], layers: &[FlatLayer<'_>]) {
        let waiting = |i: usize| feeds[i].from.iter().flatten().copied().find(|&f| !placed[f]);
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
            let feeder = &layers[circle[(position + 1) % circle.len()]].name.value;
            let text = format!("`{}` waits for `{feeder}`", layers[index].name.value);
            diagnostic = if position == 0 {
                diagnostic.at(layers[index].name.span, text)
            } else {
                diagnostic.also(layers[index].name.span, text)
            };
        }
        if circle.len() > SHOWN_OF_A_CIRCLE {
            diagnostic = diagnostic.help(format!("the circle has {} layers", circle.len()));
        }
        self.diagnostics
            .push(diagnostic.help("a loop over the steps of a sequence is a layer of kind lstm or gru; unroll others"));
    }
}
