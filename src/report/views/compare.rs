//! `imcost compare`: designs side by side.

use indexmap::IndexSet;

use super::{assumed_text, exact, percent, verdict};
use crate::cost::compare::Ratios;
use crate::report::{Document, Records, View};
use crate::results::comparison::{CandidateResult, SideResult};
use crate::results::totals::TotalsResult;
use crate::results::{Answer, CommandResult, ComparisonResult};
use crate::units::{Area, Energy, Power, Time, Unit, sig};

/// More contributions than this are summed up as the rest.
const SHOWN: usize = 5;
/// So are those below this share.
const SHOWN_SHARE: f64 = 0.01;

/// Designs side by side.
#[derive(Debug)]
pub struct CompareView {
    result: ComparisonResult,
    /// Where each number comes from, if that is asked for.
    sources: Vec<String>,
    /// The command that evaluates the accuracy of a design, where that has not been done.
    accuracy_commands: Vec<String>,
}

struct TotalRow {
    name: &'static str,
    unit: &'static str,
    of: fn(&TotalsResult) -> f64,
    text: fn(f64) -> String,
    ratio: fn(&Ratios) -> f64,
    /// What the candidate is when the ratio is above 1, and when it is below.
    words: (&'static str, &'static str),
}

const LESS: (&str, &str) = ("lower", "higher");
const MORE: (&str, &str) = ("higher", "lower");

const TOTAL_ROWS: [TotalRow; 7] = [
    TotalRow {
        name: "power",
        unit: "W",
        of: |t| t.power_w,
        text: |v| Power::new(v).eng(4),
        ratio: |r| r.power,
        words: LESS,
    },
    TotalRow {
        name: "latency",
        unit: "s",
        of: |t| t.latency_s,
        text: |v| Time::new(v).eng(4),
        ratio: |r| r.latency,
        words: ("shorter", "longer"),
    },
    TotalRow {
        name: "energy",
        unit: "J",
        of: |t| t.energy_j,
        text: |v| Energy::new(v).eng(4),
        ratio: |r| r.energy,
        words: LESS,
    },
    TotalRow {
        name: "area",
        unit: "m^2",
        of: |t| t.area_m2,
        text: |v| Area::new(v).eng(4),
        ratio: |r| r.area,
        words: ("smaller", "larger"),
    },
    TotalRow {
        name: "energy x delay",
        unit: "J s",
        of: |t| t.energy_delay_j_s,
        text: |v| Energy::new(v).eng(4) + " s",
        ratio: |r| r.energy_delay,
        words: LESS,
    },
    TotalRow {
        name: "TOPS/W",
        unit: "TOPS/W",
        of: |t| t.tops_per_w,
        text: |v| sig(v, 4),
        ratio: |r| r.tops_per_w,
        words: MORE,
    },
    TotalRow {
        name: "TOPS/mm^2",
        unit: "TOPS/mm^2",
        of: |t| t.tops_per_mm2,
        text: |v| sig(v, 4),
        ratio: |r| r.tops_per_mm2,
        words: MORE,
    },
];

impl CompareView {
    /// Shows a comparison; `sources` are lines that say where each number comes from, `accuracy_commands` what evaluates an accuracy that is
    /// not there.
    #[must_use]
    pub fn new(result: ComparisonResult, sources: Vec<String>, accuracy_commands: Vec<String>) -> Self {
        Self { result, sources, accuracy_commands }
    }

    fn candidates(&self) -> impl Iterator<Item = &CandidateResult> {
        std::iter::once(&self.result.first).chain(&self.result.further)
    }

    fn sides(&self) -> impl Iterator<Item = &SideResult> {
        std::iter::once(&self.result.baseline).chain(self.candidates().map(|c| &c.candidate))
    }

    /// Different networks are said in the first line.
    fn title(&self) -> String {
        let names: IndexSet<&str> = self.sides().map(|s| s.name.as_str()).collect();
        let networks: IndexSet<&str> = self.sides().map(|s| s.network.as_str()).collect();
        let named = names.into_iter().collect::<Vec<_>>().join(" against ");
        if networks.len() == 1 {
            return format!("{named}, per inference");
        }
        let networks: Vec<&str> = networks.into_iter().collect();
        format!("Different networks ({}): {named}, per inference", networks.join(" and "))
    }

    /// `fully analog against mixed signal: 1.10x less power, …` — the answer in one line.
    fn verdict(&self, candidate: &CandidateResult) -> String {
        let r = &candidate.ratios;
        let part = |ratio: f64, less: &str, more: &str| match (sig(ratio, 3).as_str(), ratio > 1.0) {
            ("1.00", _) => format!("equal {}", less.split(' ').next_back().unwrap_or("")),
            (text, true) => format!("{text}x {less}"),
            _ => format!("{}x {more}", sig(1.0 / ratio, 3)),
        };
        format!(
            "{} against {}: {}, {}, {}, {}",
            candidate.candidate.label,
            self.result.baseline.label,
            part(r.power, "less power", "more power"),
            part(r.latency, "shorter latency", "longer latency"),
            part(r.energy, "less energy", "more energy"),
            part(r.area, "less area", "more area"),
        )
    }

    fn table(&self, document: &mut Document) {
        let several = !self.result.further.is_empty();
        let mut header = vec![String::new(), format!("baseline\n{}", self.result.baseline.label)];
        for candidate in self.candidates() {
            header.push(format!("candidate\n{}", candidate.candidate.label));
            header.push(if several { String::new() } else { "\ncandidate is".to_owned() });
        }
        let mut rows: Vec<Vec<String>> = TOTAL_ROWS
            .iter()
            .map(|m| {
                let mut row = vec![m.name.to_owned(), (m.text)((m.of)(&self.result.baseline.totals))];
                for candidate in self.candidates() {
                    row.push((m.text)((m.of)(&candidate.candidate.totals)));
                    row.push(in_words((m.ratio)(&candidate.ratios), m.words));
                }
                row
            })
            .collect();
        if self.sides().any(|side| side.accuracy.is_some()) {
            let text = |side: &SideResult| side.accuracy.map_or_else(|| "-".into(), exact);
            let mut row = vec!["accuracy".to_owned(), text(&self.result.baseline)];
            for candidate in self.candidates() {
                row.push(text(&candidate.candidate));
                row.push(points(self.result.baseline.accuracy, candidate.candidate.accuracy));
            }
            rows.push(row);
        }
        document.table(header, rows, 1);
    }

    fn differences(&self, candidate: &CandidateResult, document: &mut Document) {
        let d = &candidate.differences;
        let energy = d.energy.iter().map(|c| (c.component.as_str(), c.energy_j, c.share));
        let latency = d.latency.iter().map(|c| (c.component.as_str(), c.latency_s, c.share));
        let area = d.area.iter().map(|c| (c.component.as_str(), c.area_m2, c.share));
        document.line(format!("energy   {}", contributions_text::<Energy>(energy)));
        document.line(format!("latency  {}", contributions_text::<Time>(latency)));
        document.line(format!("area     {}", contributions_text::<Area>(area)));
    }
}

/// `+1.20 points`: by how much an accuracy differs.
fn points(baseline: Option<f64>, candidate: Option<f64>) -> String {
    match (baseline, candidate) {
        (Some(b), Some(c)) if b == c => "equal".into(),
        (Some(b), Some(c)) => format!("{:+.2} points", 100.0 * (c - b)),
        _ => String::new(),
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
fn contributions_text<'c, Q: Unit>(list: impl Iterator<Item = (&'c str, f64, f64)> + Clone) -> String {
    let whole: f64 = list.clone().map(|(_, difference, _)| difference).sum();
    if list.clone().next().is_none() {
        return "no difference".to_owned();
    }
    let amount = |si: f64| Q::from_si(si).into().eng(3);
    let signed = |si: f64| if si >= 0.0 { format!("+{}", amount(si)) } else { amount(si) };
    let mut parts: Vec<String> = Vec::new();
    let mut rest = 0.0;
    for (index, (component, difference, share)) in list.enumerate() {
        if index < SHOWN && share.abs() >= SHOWN_SHARE {
            parts.push(format!("{component} {} ({})", signed(-difference), percent(share)));
        } else {
            rest -= difference;
        }
    }
    if rest != 0.0 {
        parts.push(format!("the rest {}", signed(rest)));
    }
    format!("{} {}: {}", amount(whole.abs()), if whole >= 0.0 { "less" } else { "more" }, parts.join(", "))
}

impl View for CompareView {
    fn document(&self) -> Document {
        let mut document = Document::default();
        document.title(self.title());
        for candidate in self.candidates() {
            document.line(self.verdict(candidate));
        }
        self.table(&mut document);
        for candidate in self.candidates() {
            verdict::show(&self.result.baseline, candidate, &mut document);
        }
        for candidate in self.candidates() {
            document.title(match self.result.further.is_empty() {
                true => "Where the difference comes from: the candidate takes".to_owned(),
                false => format!("Where the difference comes from: {} takes", candidate.candidate.label),
            });
            self.differences(candidate, &mut document);
        }
        document.title("What rests on assumed numbers");
        let rests = self.sides().map(|s| format!("{}: {}", s.label, assumed_text(&s.totals.assumed_fraction)));
        let taken = self.sides().flat_map(|s| s.assumptions.iter().map(|a| format!("{}: {a}", s.label)));
        // A design against itself says each line once.
        for line in rests.chain(taken).collect::<IndexSet<String>>() {
            document.line(line);
        }
        let settings = [
            ("--set", &self.result.settings),
            ("--set-baseline", &self.result.baseline_settings),
            ("--set-candidate", &self.result.candidate_settings),
        ];
        for (option, settings) in settings {
            for setting in settings {
                document.line(format!("changed with {option} {setting}"));
            }
        }
        for command in &self.accuracy_commands {
            document.line(format!("accuracy not evaluated: {command}"));
        }
        if self.sources.is_empty() {
            document.line("`--sources` lists where each number comes from");
        } else {
            document.title("Sources");
            self.sources.iter().for_each(|line| document.line(line.clone()));
        }
        document
    }

    fn answer(&self) -> Answer {
        Answer::of(CommandResult::Comparison(Box::new(self.result.clone())))
    }

    fn records(&self) -> Records {
        let baseline = &self.result.baseline;
        let rows = self.candidates().flat_map(|candidate| {
            TOTAL_ROWS.iter().map(move |m| {
                let values =
                    [(m.of)(&baseline.totals), (m.of)(&candidate.candidate.totals), (m.ratio)(&candidate.ratios)];
                let mut row = vec![m.name.to_owned(), m.unit.to_owned()];
                row.extend(values.map(|value| value.to_string()));
                if !self.result.further.is_empty() {
                    row.insert(0, candidate.candidate.label.clone());
                }
                row
            })
        });
        let mut header = vec!["quantity", "unit", "baseline", "candidate", "ratio"];
        if !self.result.further.is_empty() {
            header.insert(0, "label");
        }
        Records::of(header, rows.collect())
    }
}
