//! Sources as BibTeX.

use std::collections::HashSet;
use std::fmt::Write as _;

use crate::cost::cite::Citation;

/// BibTeX of the sources of some designs, each once; the note of each says how much of every design rests on it.
#[must_use]
pub fn bibtex(designs: &[(String, Vec<Citation>)]) -> String {
    let mut text = String::new();
    let mut written: HashSet<&str> = HashSet::new();
    let mut keys: HashSet<String> = HashSet::new();
    for (_, citations) in designs {
        for citation in citations {
            if written.insert(&citation.text) {
                entry(&mut text, citation, &shares(designs, citation), &mut keys);
            }
        }
    }
    text
}

/// `fully analog: 38.9 % of energy, 0.0 % of latency, 1.8 % of area`.
fn shares(designs: &[(String, Vec<Citation>)], citation: &Citation) -> String {
    let of_design = |(label, citations): &(String, Vec<Citation>)| {
        let c = citations.iter().find(|c| c.text == citation.text)?;
        let percent = |part: f64| format!("{:.1} %", 100.0 * part);
        if let Some(power) = c.power {
            return Some(format!("{label}: {} of power, {} of area", percent(power), percent(c.area)));
        }
        Some(format!(
            "{label}: {} of energy, {} of latency, {} of area",
            percent(c.energy),
            percent(c.latency),
            percent(c.area)
        ))
    };
    designs.iter().filter_map(of_design).collect::<Vec<_>>().join("; ")
}

fn entry(text: &mut String, citation: &Citation, shares: &str, keys: &mut HashSet<String>) {
    let mut fields: Vec<(&str, String)> = Vec::new();
    let mut kind = "misc";
    let mut note = String::new();
    match &citation.reference {
        None => fields.push(("title", escaped(&citation.text))),
        Some(r) => {
            fields.push(("title", escaped(&r.title)));
            if !r.authors.is_empty() {
                fields.push(("author", escaped(&r.authors.join(" and "))));
            }
            if let Some(journal) = &r.journal {
                kind = "article";
                fields.push(("journal", escaped(journal)));
            } else if let Some(venue) = &r.venue {
                kind = "inproceedings";
                fields.push(("booktitle", escaped(venue)));
            }
            fields.extend(r.year.map(|year| ("year", year.to_string())));
            fields.extend(r.doi.clone().map(|doi| ("doi", doi)));
            fields.extend(r.url.clone().map(|url| ("url", url)));
            if let Some(own) = &r.note {
                note = format!("{}. ", own.trim().trim_end_matches('.'));
            }
        }
    }
    fields.push(("note", escaped(&format!("{note}{shares}"))));
    let wanted = citation.reference.as_ref().map_or_else(|| slug(&citation.text), |r| slug(&r.key));
    let mut key = wanted.clone();
    let mut number = 2;
    while !keys.insert(key.clone()) {
        key = format!("{wanted}-{number}");
        number += 1;
    }
    let _ = writeln!(text, "@{kind}{{{key},");
    for (name, value) in fields {
        let _ = writeln!(text, "  {name} = {{{value}}},");
    }
    text.push_str("}\n\n");
}

/// The first words of a text as a key.
fn slug(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let slug: Vec<String> = words.take(6).map(str::to_ascii_lowercase).collect();
    if slug.is_empty() { "source".into() } else { slug.join("-") }
}

/// What TeX would take for something else.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '{' | '}' | '%' | '&' | '#' | '_' | '$' => out.extend(['\\', c]),
            '\\' => out.push('/'),
            '\n' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
