//! What is true of a good design and its author should know. Each rule has a file; none of them changes a cost.

mod amplifiers;
mod columns;
mod converters;
mod driven;
mod junctions;
mod loading;
mod rails;
mod stress;
mod words;

use std::sync::Arc;

use crate::design::Design;
use crate::diagnostic::SourceMap;
use crate::results::Finding;
use crate::techlib::Component;

pub use columns::{ColumnEnding, column_ending};
pub use converters::computed_converters;

/// More than this part of a swing or of a current that is lost on the way is worth a word: half a step of three bits is 1/16, one step 1/8, and
/// nobody builds such a network to keep fewer.
const LOST: f64 = 0.1;

/// All findings of a design.
#[must_use]
pub fn findings(design: &Design, sources: &SourceMap) -> Vec<Finding> {
    let rules = [
        loading::find,
        driven::find,
        columns::find,
        amplifiers::find,
        junctions::find,
        stress::find,
        rails::find,
        words::find,
        converters::find,
    ];
    rules.iter().flat_map(|find| find(design, sources)).collect()
}

/// Something for each component, gathered in the order in which the components are met.
struct ByComponent<'d, T>(Vec<(&'d Arc<Component>, Vec<T>)>);

impl<'d, T> ByComponent<'d, T> {
    fn of(found: impl Iterator<Item = (&'d Arc<Component>, T)>) -> Self {
        let mut groups: Vec<(&Arc<Component>, Vec<T>)> = Vec::new();
        for (component, item) in found {
            match groups.iter_mut().find(|(of, _)| Arc::ptr_eq(of, component)) {
                Some((_, items)) => items.push(item),
                None => groups.push((component, vec![item])),
            }
        }
        Self(groups)
    }
}
