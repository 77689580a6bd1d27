//! A component as the sum of its parts.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::entry::{Entry, entries};
use super::numbers::{NewNumber, NumberId, Origin};
use super::{Component, Figure};
use crate::diagnostic::{Diagnostic, suggest};
use crate::spec::{Written, library as file, parts::PartSpec};
use crate::units::{Area, Energy, Formula, Fraction, Power, Quantity, Time, Unit};
use crate::yaml::{Located, Slot};

/// The components that parts can be.
pub(super) struct PartTable<'l> {
    pub known: &'l BTreeMap<String, Arc<Component>>,
    /// Those that are there but wrong, which has been reported.
    pub broken: &'l std::collections::BTreeSet<String>,
    /// Those of the same file that wait for each other.
    pub waiting: &'l std::collections::BTreeSet<&'l str>,
}

/// What follows from the parts of a component.
pub(super) struct PartFigures {
    pub energy: Option<Figure<Energy>>,
    pub static_power: Option<Figure<Power>>,
    pub latency: Option<Figure<Time>>,
    pub area: Option<Figure<Area>>,
}

/// One part with its numbers; none is what the part does not have.
struct BillLine {
    count: NumberId,
    operations: NumberId,
    activity: Option<NumberId>,
    series: Option<NumberId>,
    energy: Option<NumberId>,
    static_power: Option<NumberId>,
    latency: Option<NumberId>,
    area: Option<NumberId>,
}

/// The figures of a component that is made of parts; what is wrong is reported.
pub(super) fn figures<'a>(
    entry: &mut Entry<'a, '_>,
    c: &'a file::ComponentSpec,
    table: &PartTable<'_>,
) -> Option<PartFigures> {
    let parts: Vec<Option<BillLine>> =
        entries(&c.parts).iter().map(|(name, part)| read(entry, name, part.located()?, table)).collect();
    let parts: Vec<BillLine> = parts.into_iter().collect::<Option<_>>()?;
    if parts.is_empty() {
        let place = c.parts.span().unwrap_or(entry.name.span);
        let owner = entry.owner();
        entry.report(Diagnostic::error(format!("{owner} has no parts")).at(place, "expected at least one part"));
        return None;
    }
    let takes_time = parts.iter().any(|part| part.series.is_some()) || !c.latency.is_missing() || !c.rate.is_missing();
    if c.kind.get() == Some(&file::Kind::Array) && !takes_time {
        let message = format!("{} takes no time: none of its parts has a `series`", entry.owner());
        let place = c.parts.span().unwrap_or(entry.name.span);
        entry.reader.diagnostics.warn(
            Diagnostic::warning(message)
                .at(place, "how many of a part an operation passes one after another")
                .help("`series: 1`, or a formula such as `series: = log2(rows)`; or state the `latency`"),
        );
    }
    let energy = |p: &BillLine| Some(vec![Some(p.operations), p.activity, Some(p.energy?)]);
    let still = |p: &BillLine| Some(vec![Some(p.count), Some(p.static_power?)]);
    let time = |p: &BillLine| Some(vec![Some(p.series?), Some(p.latency?)]);
    let area = |p: &BillLine| Some(vec![Some(p.count), Some(p.area?)]);
    let static_power = parts.iter().any(|p| p.static_power.is_some());
    Some(PartFigures {
        energy: sum(entry, "energy", &parts, energy),
        static_power: if static_power { sum(entry, "static-power", &parts, still) } else { None },
        latency: sum(entry, "latency", &parts, time),
        area: sum(entry, "area", &parts, area),
    })
}

/// The sum of products over the parts that have them.
fn sum<Q: Unit>(
    entry: &mut Entry<'_, '_>,
    field: &str,
    parts: &[BillLine],
    factors: impl Fn(&BillLine) -> Option<Vec<Option<NumberId>>>,
) -> Option<Figure<Q>> {
    let mut of: Vec<NumberId> = Vec::new();
    let mut text: Vec<String> = Vec::new();
    for part in parts {
        let Some(product) = factors(part) else { continue };
        let mut names = Vec::new();
        for id in product.into_iter().flatten() {
            let at = of.iter().position(|known| *known == id).unwrap_or_else(|| {
                of.push(id);
                of.len() - 1
            });
            names.push(format!("n{at}"));
        }
        text.push(names.join(" * "));
    }
    let zero = Quantity::new(0.0, Q::DIM);
    if text.is_empty() {
        let provenance = entry.provenance.clone();
        return entry.computed(field, Q::from_si(zero.si), Origin::Stated, Some(provenance));
    }
    let formula = Formula::parse(&text.join(" + ")).ok()?;
    let numbers = &entry.reader.numbers;
    let value = |name: &str| Some(numbers.get(of[name[1..].parse::<usize>().ok()?]).value);
    let value = formula.eval(&value).unwrap_or(zero);
    let order: Vec<NumberId> =
        formula.names().filter_map(|name| of.get(name[1..].parse::<usize>().ok()?).copied()).collect();
    let provenance = entry.provenance.clone();
    let origin = Origin::Formula { formula: Arc::new(formula), of: order };
    entry.computed(field, Q::from_si(value.si), origin, Some(provenance))
}

fn read<'a>(
    entry: &mut Entry<'a, '_>,
    name: &'a Located<String>,
    part: &'a Located<PartSpec>,
    table: &PartTable<'_>,
) -> Option<BillLine> {
    let p = &part.value;
    let path = |field: &str| format!("parts.{}.{field}", name.value);
    let count = number(entry, &path("count"), &p.count);
    let operations = number(entry, &path("operations"), &p.operations);
    let activity = number(entry, &path("activity"), &p.activity);
    let series = number(entry, &path("series"), &p.series);
    let own = [p.energy.span(), p.static_power.span(), p.latency.span(), p.area.span()];
    if let (Some(component), Some(own)) = (p.component.span(), own.into_iter().flatten().next()) {
        let message = format!("the part `{}` is a component and has figures of its own", name.value);
        entry.report(Diagnostic::error(message).at(own, "keep one").also(component, "the other"));
        return None;
    }
    let figures: [Option<NumberId>; 4] = match p.component.located() {
        Some(used) => of_component(entry, used, table)?,
        None => {
            if p.component == Slot::Bad {
                return None;
            }
            let before = entry.broken;
            let figures = [
                entry.figure(&path("energy"), &p.energy).map(|f| f.id),
                entry.figure(&path("static-power"), &p.static_power).map(|f| f.id),
                entry.figure(&path("latency"), &p.latency).map(|f| f.id),
                entry.figure(&path("area"), &p.area).map(|f| f.id),
            ];
            if entry.broken && !before {
                return None;
            }
            if figures.iter().all(Option::is_none) {
                let message = format!("the part `{}` does not say what it is", name.value);
                let help = "`use: COMPONENT`, or `energy`, `latency`, `area` of its own";
                entry.report(Diagnostic::error(message).at(name.span, "").help(help));
                return None;
            }
            figures
        }
    };
    let [energy, static_power, latency, area] = figures;
    let count = match count? {
        Some(id) => id,
        None => one(entry, &path("count")),
    };
    Some(BillLine {
        count,
        operations: operations?.unwrap_or(count),
        activity: activity?,
        series: series?,
        energy,
        static_power,
        latency,
        area,
    })
}

/// A plain number that is not negative.
#[expect(clippy::option_option, reason = "wrong, none, or some")]
fn number<'a>(entry: &mut Entry<'a, '_>, field: &str, slot: &'a Slot<Written<Fraction>>) -> Option<Option<NumberId>> {
    let text = match slot {
        Slot::Missing => return Some(None),
        Slot::Bad => return None,
        Slot::Present(text) => text,
    };
    let (value, id) = entry.typed(field, text)?;
    let possible = value.si() >= 0.0 && value.si().is_finite();
    if !possible && !entry.reader.numbers.get(id).is_placed() {
        let last = field.rsplit('.').next().unwrap_or(field);
        entry.report(Diagnostic::error(format!("`{last}` is negative")).at(text.span, "expected 0 or more"));
        return None;
    }
    Some(Some(id))
}

fn one(entry: &mut Entry<'_, '_>, field: &str) -> NumberId {
    let path = format!("{}.{field}", entry.name.value).into();
    let (value, place) = (Quantity::number(1.0), entry.name.span);
    entry.reader.numbers.push(NewNumber { path, value, place, origin: Origin::Stated, stated: None })
}

/// The figures of a component that is a part.
fn of_component(
    entry: &mut Entry<'_, '_>,
    used: &Located<String>,
    table: &PartTable<'_>,
) -> Option<[Option<NumberId>; 4]> {
    let Some(component) = table.known.get(&used.value) else {
        if used.value == entry.name.value || table.waiting.contains(used.value.as_str()) {
            let message = format!("the parts of {} lead back to itself", entry.owner());
            entry.report(Diagnostic::error(message).at(used.span, "is made of what it is a part of"));
        } else if !table.broken.contains(&used.value) {
            let help = suggest::did_you_mean(&used.value, table.known.keys().map(String::as_str));
            let label = "no component of this name in the library or in what it extends";
            let message = format!("unknown component `{}`", used.value);
            entry.report(Diagnostic::error(message).at(used.span, label).maybe_help(help));
        }
        return None;
    };
    fn id<Q>(figure: &Option<Figure<Q>>) -> Option<NumberId> {
        figure.as_ref().map(|f| f.id)
    }
    Some([id(&component.energy), id(&component.static_power), id(&component.latency), id(&component.area)])
}
