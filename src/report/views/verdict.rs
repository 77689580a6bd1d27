//! What decides the ratios of a comparison: a line a ratio, the numbers that move them, and where they become what somebody claims.

use super::percent;
use crate::report::Document;
use crate::results::comparison::{CandidateResult, SideResult};
use crate::results::verdict::{DecidedRatio, LargestPart, MoverResult, ReachedResult, TargetResult, VerdictResult};
use crate::units::{Time, sig};

/// A ratio that another gating changes by less than this part is the same.
const SAME: f64 = 0.01;

/// Shows what decides the ratios of a candidate.
pub(super) fn show(baseline: &SideResult, candidate: &CandidateResult, document: &mut Document) {
    let verdict = &candidate.verdict;
    document.title(format!("What decides the ratios of {}", candidate.candidate.label));
    for decided in &verdict.decided {
        let ratio = format!("{:<8} {}x", decided.metric, sig(decided.ratio, 3));
        let why = match decided.metric.as_str() {
            "latency" => format!(" = {}", latency(baseline, &candidate.candidate)),
            _ => String::new(),
        };
        document.line(format!("{ratio}{why}: {}{}", parts(decided), gated(decided, verdict)));
    }
    for list in &verdict.movers {
        document.title(format!("Numbers that the {} ratio follows", list.metric));
        let rows = list.movers.iter().map(mover_row).collect();
        document.table(vec!["number", "value", "1 % more of it in both: the ratio", "basis"], rows, 0);
    }
    for target in &verdict.targets {
        show_target(target, (baseline, &candidate.candidate), document);
    }
}

/// `1 + 8.81 ns / 9.48 ns`: what the baseline takes beyond the candidate.
fn latency(baseline: &SideResult, candidate: &SideResult) -> String {
    let (all, own) = (baseline.totals.latency_s, candidate.totals.latency_s);
    let sign = if all < own { '-' } else { '+' };
    format!("1 {sign} {} / {}", Time::new((all - own).abs()).eng(3), Time::new(own).eng(3))
}

fn parts(decided: &DecidedRatio) -> String {
    let part = |part: &LargestPart, of: &str| format!("{} of the {of}'s", percent(part.share));
    match (&decided.baseline, &decided.candidate) {
        (Some(b), Some(c)) if b.component == c.component => {
            format!("`{}` is {} and {}", b.component, part(b, "baseline"), part(c, "candidate"))
        }
        (b, c) => {
            let both = [(b, "baseline"), (c, "candidate")].into_iter();
            let said = both.filter_map(|(of, side)| Some((of.as_ref()?, side)));
            said.map(|(of, side)| format!("`{}` is {}", of.component, part(of, side))).collect::<Vec<_>>().join(", ")
        }
    }
}

/// What another gating makes of it, where that is something else.
fn gated(decided: &DecidedRatio, verdict: &VerdictResult) -> String {
    let Some(other) = &verdict.otherwise_gated else { return String::new() };
    let ratio = match decided.metric.as_str() {
        "power" => other.ratios.power,
        "energy" => other.ratios.energy,
        _ => return String::new(),
    };
    if (ratio / decided.ratio - 1.0).abs() < SAME {
        return String::new();
    }
    format!("; {}x with `gating: {}` in both", sig(ratio, 3), other.gating.name())
}

fn mover_row(mover: &MoverResult) -> Vec<String> {
    vec![
        mover.name.clone(),
        mover.text(mover.value_si),
        format!("{:+.2} %", mover.elasticity),
        if mover.assumed { "assumed".into() } else { String::new() },
    ]
}

fn show_target(target: &TargetResult, (baseline, candidate): (&SideResult, &SideResult), document: &mut Document) {
    document.title(format!("Where the {} ratio is {}x, all else the same", target.metric, sig(target.target, 3)));
    let (all, own) = (baseline.totals.latency_s, candidate.totals.latency_s);
    // What both have in common shrinks in both: L = 1 + extra / own.
    if target.metric == "latency" && all > own && target.target > 1.0 {
        document.line(format!(
            "the candidate would have to take {} where the baseline takes its {} more",
            Time::new((all - own) / (target.target - 1.0)).eng(3),
            Time::new(all - own).eng(3)
        ));
    }
    let row = |reached: &ReachedResult| {
        let number = &reached.number;
        let at = reached.reached_at_si.map_or_else(|| "nowhere".into(), |si| number.text(si));
        vec![number.name.clone(), number.text(number.value_si), at]
    };
    let rows = target.reached.iter().map(row).collect();
    document.table(vec!["number", "value", "needed in both"], rows, 0);
    if target.reached.iter().all(|reached| reached.reached_at_si.is_none()) {
        document.line(
            "none of the numbers that it follows most brings it there alone, up to a thousand times more or less",
        );
    }
}
