//! `--set PATH=VALUE`: changes a tree before it is read, so that a what-if is checked exactly as a file is.
//!
//! The text of the setting is a source of its own, and errors point into it.

use super::tree::{Value, YamlEntry, YamlNode, parse};
use crate::catalog::SECTIONS;
use crate::diagnostic::{Checked, Diagnostic, Diagnostics, SourceId, SourceMap, Span};

/// One `--set PATH=VALUE`.
#[derive(Debug, Clone)]
pub struct Setting {
    path: Vec<(String, Span)>,
    value: YamlNode,
    /// The whole text.
    pub text: String,
    /// True once a file had a place for it.
    pub used: bool,
    /// What stood in a library in its place, where that was a scalar.
    pub replaced: Option<String>,
}

impl Setting {
    /// Parses `PATH=VALUE`; the path is made of names joined by dots.
    ///
    /// # Errors
    /// The text is no setting.
    pub fn parse(text: &str, sources: &mut SourceMap, diagnostics: &mut Diagnostics) -> Checked<Self> {
        let source = sources.add(SourceMap::SETTING, text);
        let at = |start: usize, end: usize| {
            let to_u32 = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            Span { source, start: to_u32(start), end: to_u32(end) }
        };
        let Some((path_text, value_text)) = text.split_once('=') else {
            let diagnostic =
                Diagnostic::error("`--set` needs a path, `=` and a value").at(at(0, text.len()), "no `=` here");
            let help = "for example --set tile.rows=64 or --set adc-8b.power=\"2 mW\"";
            return Err(diagnostics.push(diagnostic.help(help)));
        };
        let mut path = Vec::new();
        let mut start = 0;
        for name in path_text.split('.') {
            let end = start + name.len();
            if name.trim().is_empty() {
                let diagnostic = Diagnostic::error("`--set` has an empty name in its path").at(at(start, end), "");
                let help = "a path is made of names joined by dots, such as tile.rows";
                return Err(diagnostics.push(diagnostic.help(help)));
            }
            path.push((name.trim().to_owned(), at(start, end)));
            start = end + 1;
        }
        // Blanks in place of the path keep every position of the value where it is in the setting.
        let padded = format!("{}{value_text}", " ".repeat(text.len() - value_text.len()));
        let value = parse(&padded, source, diagnostics)?.whole()?;
        if value.value == Value::Null {
            let diagnostic = Diagnostic::error("`--set` has no value").at(at(0, text.len()), "nothing after the `=`");
            return Err(diagnostics.push(diagnostic));
        }
        Ok(Self { path, value, text: text.to_owned(), used: false, replaced: None })
    }

    /// Its text in the source map.
    #[must_use]
    pub fn source(&self) -> SourceId {
        self.value.span.source
    }

    /// The first name of the path and its place.
    #[must_use]
    pub fn head(&self) -> (&str, Span) {
        self.path.first().map_or(("", self.value.span), |(name, span)| (name.as_str(), *span))
    }

    /// The name by which an entry of a library is looked for, and its place: the second one after the name of a section.
    #[must_use]
    pub fn entry(&self) -> (&str, Span) {
        let after_section = self.path.get(1).filter(|_| SECTIONS.contains(&self.head().0));
        after_section.map_or_else(|| self.head(), |(name, span)| (name.as_str(), *span))
    }

    /// Changes an architecture's tree.
    ///
    /// # Errors
    /// The tree has no place for it.
    pub fn apply_to_architecture(&mut self, tree: &mut YamlNode, diagnostics: &mut Diagnostics) -> Checked<()> {
        self.used = true;
        set_at(tree, &self.path, self.value.clone(), diagnostics)
    }

    /// Changes the first of some libraries' trees that has the entry that the path names.
    ///
    /// # Errors
    /// The entry has no place for it.
    pub fn apply_to_library<'t>(
        &mut self,
        trees: impl Iterator<Item = &'t mut YamlNode>,
        diagnostics: &mut Diagnostics,
    ) -> Checked<()> {
        let explicit = self.path.len() > 1 && SECTIONS.contains(&self.head().0);
        let path = if explicit { &self.path[1..] } else { &self.path[..] };
        let Some((entry, _)) = path.first() else { return Ok(()) };
        for tree in trees {
            for section in SECTIONS {
                if explicit && *section != self.head().0 {
                    continue;
                }
                let Some(node) = tree.get_mut(section) else { continue };
                if node.get(entry).is_none() {
                    continue;
                }
                self.used = true;
                self.replaced = path.iter().try_fold(&*node, |node, (name, _)| node.get(name)).and_then(scalar);
                return set_at(node, path, self.value.clone(), diagnostics);
            }
        }
        Ok(())
    }
}

impl YamlNode {
    fn get_mut(&mut self, key: &str) -> Option<&mut Self> {
        match &mut self.value {
            Value::Mapping(entries) => entries.iter_mut().find(|e| e.key == key).map(|e| &mut e.value),
            _ => None,
        }
    }
}

fn set_at(node: &mut YamlNode, path: &[(String, Span)], value: YamlNode, diagnostics: &mut Diagnostics) -> Checked<()> {
    let Some(((name, span), rest)) = path.split_first() else {
        *node = value;
        return Ok(());
    };
    match &mut node.value {
        Value::Mapping(entries) => {
            let hyphens = |text: &str| text.replace('_', "-");
            let exact = entries.iter().position(|e| e.key == *name);
            let known = exact.or_else(|| entries.iter().position(|e| hyphens(&e.key) == hyphens(name)));
            let index = known.unwrap_or_else(|| {
                let empty = YamlNode { span: *span, value: Value::Mapping(Vec::new()) };
                entries.push(YamlEntry { key: name.clone(), key_span: *span, value: empty });
                entries.len() - 1
            });
            set_at(&mut entries[index].value, rest, value, diagnostics)
        }
        Value::Sequence(items) => {
            let names: Vec<String> = items.iter().map(item_name).collect();
            match names.iter().position(|n| n == name) {
                Some(index) => {
                    if !rest.is_empty() {
                        as_stage(&mut items[index]);
                    }
                    set_at(&mut items[index], rest, value, diagnostics)
                }
                None => {
                    let known: Vec<&str> = names.iter().map(String::as_str).filter(|n| !n.is_empty()).collect();
                    let help = crate::diagnostic::suggest::did_you_mean(name, known);
                    let diagnostic = Diagnostic::error(format!("no item called `{name}` in this list"));
                    let diagnostic = diagnostic.at(*span, "an item is found by its name").also(node.span, "this list");
                    Err(diagnostics.push(diagnostic.maybe_help(help)))
                }
            }
        }
        _ => {
            let message = format!("`{name}` cannot be set: what it should be part of is {}", node.describe());
            let diagnostic = Diagnostic::error(message).at(*span, "not a part of it");
            Err(diagnostics.push(diagnostic.also(node.span, "this has no parts")))
        }
    }
}

/// A stage written as a bare name becomes `{ use: NAME }` when something of it is set.
fn as_stage(item: &mut YamlNode) {
    if let Value::Text(text) = &item.value {
        let used = YamlNode { span: item.span, value: Value::Text(text.clone()) };
        item.value = Value::Mapping(vec![YamlEntry { key: "use".to_owned(), key_span: item.span, value: used }]);
    }
}

/// The name by which an item of a list is found: its text, its `name` or the component it uses.
fn item_name(item: &YamlNode) -> String {
    scalar(item)
        .or_else(|| item.get("name").and_then(scalar))
        .or_else(|| item.get("use").and_then(scalar))
        .unwrap_or_default()
}

fn scalar(node: &YamlNode) -> Option<String> {
    match &node.value {
        Value::Text(text) | Value::Number(text) => Some(text.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Partial;

    fn changed(yaml: &str, setting: &str) -> YamlNode {
        let (mut sources, mut diagnostics) = (SourceMap::default(), Diagnostics::default());
        let source = sources.add("a.yaml", yaml);
        let mut tree = parse(yaml, source, &mut diagnostics).and_then(Partial::whole).unwrap();
        let mut setting = Setting::parse(setting, &mut sources, &mut diagnostics).unwrap();
        setting.apply_to_architecture(&mut tree, &mut diagnostics).unwrap();
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        tree
    }

    fn number(text: &str) -> Value {
        Value::Number(text.into())
    }

    #[test]
    fn a_nested_value_is_replaced() {
        let tree = changed("tile: { rows: 128 }", "tile.rows=64");
        assert_eq!(tree.get("tile").unwrap().get("rows").unwrap().value, number("64"));
    }

    #[test]
    fn a_value_that_is_not_there_is_added() {
        let tree = changed("name: a", "statistics.active-rows=30%");
        assert_eq!(tree.get("statistics").unwrap().get("active-rows").unwrap().value, Value::Text("30%".into()));
    }

    #[test]
    fn a_stage_written_as_a_name_takes_options() {
        let tree = changed("column: [adc-8b]", "column.adc-8b.share=8");
        let Value::Sequence(items) = &tree.get("column").unwrap().value else { panic!("no list") };
        assert_eq!(items[0].get("share").unwrap().value, number("8"));
        assert_eq!(items[0].get("use").unwrap().value, Value::Text("adc-8b".into()));
    }

    #[test]
    fn the_place_of_a_set_value_is_in_the_setting() {
        let mut sources = SourceMap::default();
        let setting = Setting::parse("a.b=64 uW", &mut sources, &mut Diagnostics::default()).unwrap();
        assert_eq!(sources.text(setting.value.span), "64 uW");
    }
}
