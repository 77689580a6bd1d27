//! `imcost compare`: two designs side by side.

use indexmap::IndexSet;
use serde_json::{Value, json};

use super::{assumed_text, percent, sources, totals_json};
use crate::cost::compare::{Comparison, Contribution};
use crate::cost::{Estimate, Totals, compare};
use crate::report::json::FORMAT_VERSION;
use crate::report::{Document, Records, View};
use crate::units::{Area, Energy, Time, Unit, sig};

/// More contributions than this are summed up as the rest.
const SHOWN: usize = 5;
/// So are those below this share.
const SHOWN_SHARE: f64 = 0.01;

/// Two designs side by side.
#[derive(Debug)]
pub struct CompareView<'a> {
    baseline: &'a Estimate<'a>,
    candidate: &'a Estimate<'a>,
    comparison: Comparison,
    settings: Vec<String>,
    with_sources: bool,
}

struct Metric {
    name: &'static str,
    baseline: String,
    candidate: String,
    si: (f64, f64),
    unit: &'static str,
    ratio: f64,
    /// What the candidate is when the ratio is above 1, and when it is below.
    words: (&'static str, &'static str),
}

impl<'a> CompareView<'a> {
    /// Compares two designs; `settings` are the `--set` that changed them.
    #[must_use]
    pub fn new(
        baseline: &'a Estimate<'a>,
        candidate: &'a Estimate<'a>,
        settings: Vec<String>,
        with_sources: bool,
    ) -> Self {
        Self { baseline, candidate, comparison: compare(baseline, candidate), settings, with_sources }
    }

    fn metrics(&self) -> Vec<Metric> {
        let (b, c, r) = (&self.comparison.baseline, &self.comparison.candidate, &self.comparison.ratios);
        let metric = |name, unit, of: &dyn Fn(&Totals) -> (String, f64), ratio, words| {
            let ((baseline, b_si), (candidate, c_si)) = (of(b), of(c));
            Metric { name, baseline, candidate, si: (b_si, c_si), unit, ratio, words }
        };
        let less = ("lower", "higher");
        let more = ("higher", "lower");
        vec![
            metric("power", "W", &|t| (t.power.eng(4), t.power.si()), r.power, less),
            metric("latency", "s", &|t| (t.latency.eng(4), t.latency.si()), r.latency, ("shorter", "longer")),
            metric("energy", "J", &|t| (t.energy.eng(4), t.energy.si()), r.energy, less),
            metric("area", "m^2", &|t| (t.area.eng(4), t.area.si()), r.area, ("smaller", "larger")),
            metric(
                "energy x delay",
                "J s",
                &|t| (Energy::from_si(t.energy_delay_js()).eng(4) + " s", t.energy_delay_js()),
                r.energy_delay,
                less,
            ),
            metric("TOPS/W", "TOPS/W", &|t| (sig(t.tops_per_w(), 4), t.tops_per_w()), r.tops_per_w, more),
            metric("TOPS/mm^2", "TOPS/mm^2", &|t| (sig(t.tops_per_mm2(), 4), t.tops_per_mm2()), r.tops_per_mm2, more),
        ]
    }

    /// `fully analog: 1.10x less power, …` — the answer in one line.
    fn verdict(&self) -> String {
        let r = &self.comparison.ratios;
        let part = |ratio: f64, less: &str, more: &str| match (sig(ratio, 3).as_str(), ratio > 1.0) {
            ("1.00", _) => format!("equal {}", less.split(' ').next_back().unwrap_or("")),
            (text, true) => format!("{text}x {less}"),
            _ => format!("{}x {more}", sig(1.0 / ratio, 3)),
        };
        format!(
            "{} against {}: {}, {}, {}, {}",
            self.candidate.design.label,
            self.baseline.design.label,
            part(r.power, "less power", "more power"),
            part(r.latency, "shorter latency", "longer latency"),
            part(r.energy, "less energy", "more energy"),
            part(r.area, "less area", "more area"),
        )
    }

    fn title(&self) -> String {
        let (b, c) = (&self.baseline.design.name, &self.candidate.design.name);
        if b == c { format!("{b}, per inference") } else { format!("{b} against {c}, per inference") }
    }
}

fn in_words(ratio: f64, (above, below): (&str, &str)) -> String {
    match sig(ratio, 4).as_str() {
        "1.000" => "equal".to_owned(),
        _ if ratio > 1.0 => format!("{}x {above}", sig(ratio, 4)),
        _ => format!("{}x {below}", sig(1.0 / ratio, 4)),
    }
}

/// `1.947 nJ less: sot-mram-crossbar -1.531 nJ (79 %), …`: what the candidate takes more or less than the baseline.
fn contributions_text<Q: Unit>(list: &[Contribution], (less, more): (&str, &str)) -> String {
    let whole: f64 = list.iter().map(|c| c.difference).sum();
    if list.is_empty() {
        return "no difference".to_owned();
    }
    let amount = |si: f64| Q::from_si(si).into().eng(3);
    let signed = |si: f64| if si >= 0.0 { format!("+{}", amount(si)) } else { amount(si) };
    let mut parts: Vec<String> = Vec::new();
    let mut rest = 0.0;
    for (index, c) in list.iter().enumerate() {
        if index < SHOWN && c.share.abs() >= SHOWN_SHARE {
            parts.push(format!("{} {} ({})", c.component, signed(-c.difference), percent(c.share)));
        } else {
            rest -= c.difference;
        }
    }
    if rest != 0.0 {
        parts.push(format!("the rest {}", signed(rest)));
    }
    format!("{} {}: {}", amount(whole.abs()), if whole >= 0.0 { less } else { more }, parts.join(", "))
}

impl View for CompareView<'_> {
    fn document(&self) -> Document {
        let mut document = Document::default();
        document.title(self.title());
        document.line(self.verdict());
        let header = vec![
            String::new(),
            format!("baseline\n{}", self.baseline.design.label),
            format!("candidate\n{}", self.candidate.design.label),
            "\ncandidate is".to_owned(),
        ];
        let rows = self
            .metrics()
            .into_iter()
            .map(|m| vec![m.name.to_owned(), m.baseline, m.candidate, in_words(m.ratio, m.words)]);
        document.table(header, rows.collect(), 1);
        document.title("Where the difference comes from: the candidate takes");
        let c = &self.comparison;
        document.line(format!("energy   {}", contributions_text::<Energy>(&c.energy, ("less", "more"))));
        document.line(format!("latency  {}", contributions_text::<Time>(&c.latency, ("less", "more"))));
        document.line(format!("area     {}", contributions_text::<Area>(&c.area, ("less", "more"))));
        document.title("What rests on assumed numbers");
        let sides = [self.baseline, self.candidate];
        let rests = sides.iter().map(|e| format!("{}: {}", e.design.label, assumed_text(&e.assumed)));
        let taken = sides.iter().flat_map(|e| e.design.assumptions.iter().map(|a| format!("{}: {a}", e.design.label)));
        // A design against itself says each line once.
        for line in rests.chain(taken).collect::<IndexSet<String>>() {
            document.line(line);
        }
        for setting in &self.settings {
            document.line(format!("changed with --set {setting}"));
        }
        if self.with_sources {
            sources::add(&mut document, &[self.baseline, self.candidate]);
        } else {
            document.line("`--sources` lists where each number comes from");
        }
        document
    }

    fn json(&self) -> Value {
        let c = &self.comparison;
        let side = |e: &Estimate<'_>| {
            json!({
                "name": e.design.name,
                "label": e.design.label,
                "totals": totals_json(&e.totals, &e.assumed),
                "assumptions": e.design.assumptions,
            })
        };
        let list = |list: &[Contribution], key: &str| -> Vec<Value> {
            list.iter().map(|c| json!({ "component": c.component, key: c.difference, "share": c.share })).collect()
        };
        json!({
            "format_version": FORMAT_VERSION,
            "settings": self.settings,
            "baseline": side(self.baseline),
            "candidate": side(self.candidate),
            "ratios": {
                "power": c.ratios.power,
                "latency": c.ratios.latency,
                "energy": c.ratios.energy,
                "area": c.ratios.area,
                "energy_delay": c.ratios.energy_delay,
                "tops_per_w": c.ratios.tops_per_w,
                "tops_per_mm2": c.ratios.tops_per_mm2,
            },
            "differences": {
                "energy": list(&c.energy, "energy_j"),
                "latency": list(&c.latency, "latency_s"),
                "area": list(&c.area, "area_m2"),
            },
        })
    }

    fn records(&self) -> Records {
        let rows = self.metrics().into_iter().map(|m| {
            let (baseline, candidate) = m.si;
            vec![m.name.into(), m.unit.into(), baseline.to_string(), candidate.to_string(), m.ratio.to_string()]
        });
        Records::of(vec!["quantity", "unit", "baseline", "candidate", "ratio"], rows.collect())
    }
}
