//! What is true of a good library under settings, and its user should know.

use super::{Component, NumberId, Numbers, Origin};
use crate::diagnostic::{Diagnostic, Warning};

impl Component {
    /// Bits that a setting gave to a component whose stated costs are those of the bits before: nothing of them follows.
    #[must_use = "a warning that is not in a list is lost"]
    pub fn bits_set_beside_stated_costs(&self, numbers: &Numbers) -> Option<Warning> {
        let bits = self.bits_number?;
        let Origin::Setting { instead_of, .. } = &numbers.get(bits).origin else { return None };
        let now = self.bits?.to_string();
        let before = instead_of.as_deref().filter(|before| **before != now)?;
        let costs = [
            ("power", self.power.as_ref().map(|f| f.id)),
            ("static-power", self.static_power.as_ref().map(|f| f.id)),
            // An energy of power and time is no number of its own.
            ("energy", self.energy.as_ref().filter(|_| self.power.is_none()).map(|f| f.id)),
            ("area", self.area.as_ref().map(|f| f.id)),
        ];
        let stays = |id: NumberId| !numbers.rests_on(id, bits) && !numbers.get(id).is_set();
        let stated: Vec<&str> = costs
            .into_iter()
            .filter_map(|(what, id)| Some((what, id?)))
            .filter(|(_, id)| stays(*id))
            .map(|(what, _)| what)
            .collect();
        if stated.is_empty() {
            return None;
        }
        let name = &self.name;
        let message =
            format!("`{name}` is set to {now} bits, but what it states of {before} bits stays: {}", stated.join(", "));
        let help =
            format!("set them too, or write them as formulas over `bits`, such as `= 1 mW * 2^bits / 2^{before}`");
        Some(Diagnostic::warning(message).at(numbers.get(bits).place, "").help(help))
    }
}
