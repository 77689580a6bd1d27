//! Pictures of a dataflow: DOT (Graphviz) and Mermaid.

use std::fmt::Write;

use super::{Design, Grid, Role};

/// More boxes than this are no picture.
const MAX_BOXES: usize = 2000;

/// Boxes and arrows, with the boxes of a layer together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Picture {
    name: String,
    /// Title and boxes of each group; the first is outside the layers.
    groups: Vec<(String, Vec<PictureBox>)>,
    /// From, to, text.
    arrows: Vec<(String, String, String)>,
    /// The levels of a machine as boxes in each other, each with its title, the level around it and its own boxes.
    levels: Vec<LevelBox>,
    /// The level that each layer's box is in.
    level_of_layer: Vec<Option<usize>>,
}

/// A level as a box.
#[derive(Debug, Clone, Default, PartialEq)]
struct LevelBox {
    title: String,
    within: Option<usize>,
    boxes: Vec<PictureBox>,
}

/// Identifier and lines of text.
type PictureBox = (String, Vec<String>);

/// A box that a node is drawn as, and the tile if it is one of a crossbar's.
struct Drawn {
    id: String,
    tile: Option<PictureTile>,
}

/// What one tile holds of its layer's matrix.
struct PictureTile {
    grid: Grid,
    rows: u64,
    outputs: u64,
    /// True on the tiles at the bottom, where the bias row is.
    bottom: bool,
}

impl PictureTile {
    /// A tile takes the lines of its rows; the bias row has none where the neurons of another layer drive the others.
    fn taken(&self, lanes: u64) -> u64 {
        let undriven = if self.bottom { self.grid.rows.saturating_sub(lanes) } else { 0 };
        self.rows.saturating_sub(undriven)
    }

    /// A tile gives the lines of its outputs.
    fn given(&self, lanes: u64) -> u64 {
        lanes / self.grid.row_partitions * self.outputs / self.grid.outputs
    }
}

impl Picture {
    /// Draws a dataflow; `expand` draws every crossbar tile.
    ///
    /// # Errors
    /// A sentence that says so if there are too many tiles to draw.
    pub fn of(flow: &Design, expand: bool) -> Result<Self, String> {
        let tiles: u64 = flow.layers.iter().map(super::Layer::arrays).sum();
        if expand && tiles > MAX_BOXES as u64 {
            return Err(format!("{tiles} tiles are too many to draw (at most {MAX_BOXES}); leave out --expand"));
        }
        let mut picture = Self { name: format!("{} ({})", flow.name, flow.label), ..Self::default() };
        picture.groups.push((String::new(), Vec::new()));
        picture.groups.extend(flow.layers.iter().map(|l| (l.name.clone(), Vec::new())));
        picture.levels = level_boxes(flow);
        picture.level_of_layer = flow.layers.iter().map(|l| flow.graph[l.circuits.crossbar].level).collect();
        let mut boxes: Vec<Vec<Drawn>> = Vec::with_capacity(flow.graph.node_count());
        for (index, node) in flow.nodes() {
            if matches!(node.role, Role::Standing(..)) {
                boxes.push(Vec::new());
                continue;
            }
            let on_level = node.level.filter(|_| node.on_level && !picture.levels.is_empty());
            let group = match on_level {
                Some(level) => &mut picture.levels[level].boxes,
                None => &mut picture.groups[node.layer.map_or(0, |l| l + 1)].1,
            };
            let id = format!("n{}", index.index());
            let ids = match &node.role {
                Role::Crossbar(_, usage) if expand => {
                    let grid = usage.grid;
                    let mut ids = Vec::new();
                    for (row, rows) in grid.rows_by_partition().enumerate() {
                        for (column, outputs) in grid.outputs_by_partition().enumerate() {
                            let tile = format!("{id}_{row}_{column}");
                            let used = format!("{rows} x {} used", outputs * grid.columns_per_output);
                            let title = format!("{} [{row}, {column}]", node.name());
                            group.push((tile.clone(), vec![title, used]));
                            let bottom = row as u64 + 1 == grid.row_partitions;
                            ids.push(Drawn { id: tile, tile: Some(PictureTile { grid, rows, outputs, bottom }) });
                        }
                    }
                    ids
                }
                _ => {
                    group.push((id.clone(), label(node)));
                    vec![Drawn { id, tile: None }]
                }
            };
            boxes.push(ids);
        }
        for edge in flow.graph.edge_indices() {
            let Some((from, to)) = flow.graph.edge_endpoints(edge) else { continue };
            for a in &boxes[from.index()] {
                for b in &boxes[to.index()] {
                    let mut signal = flow.graph[edge];
                    if let Some(tile) = &b.tile {
                        signal.lanes = tile.taken(signal.lanes);
                    } else if let Some(tile) = &a.tile {
                        signal.lanes = tile.given(signal.lanes);
                    }
                    picture.arrows.push((a.id.clone(), b.id.clone(), signal.to_string()));
                }
            }
        }
        Ok(picture)
    }
}

/// The levels of a machine with what stands on them, but for what layers make use of, which is drawn with them.
fn level_boxes(flow: &Design) -> Vec<LevelBox> {
    let Some(machine) = &flow.machine else { return Vec::new() };
    let used = |level: usize, name: &str| {
        flow.graph.node_weights().any(|n| n.on_level && n.level == Some(level) && n.name() == name)
    };
    let one = |(index, level): (usize, &super::machine::Level)| {
        let powered =
            if level.powered == level.instances { String::new() } else { format!(", {} powered", level.powered) };
        let each = level.within.map_or(String::new(), |_| format!(" x {}", level.count));
        let boxes = machine
            .units
            .iter()
            .enumerate()
            .filter(|(_, unit)| unit.level == index && !used(index, &unit.component.name))
            .map(|(place, unit)| {
                let many = if unit.each < 1.0 {
                    format!("1 x {} for {}", unit.component.name, (1.0 / unit.each).round())
                } else {
                    format!("{} x {}", unit.each, unit.component.name)
                };
                (format!("u{place}"), vec![many, unit.component.kind.name().to_owned()])
            });
        LevelBox {
            title: format!("{}{each} ({} in all{powered})", level.name, level.instances),
            within: level.within,
            boxes: boxes.collect(),
        }
    };
    machine.levels.iter().enumerate().map(one).collect()
}

fn label(node: &super::Node) -> Vec<String> {
    match &node.role {
        Role::Source | Role::Sink => vec![node.name().to_owned()],
        Role::Stage(component) => vec![
            format!("{} x {}", node.units, node.name()),
            format!("{}, {} operations", component.kind.name(), node.operations),
        ],
        Role::Crossbar(_, usage) => vec![
            format!("{} x {}", node.units, node.name()),
            format!(
                "{} x {} tiles of {} x {}",
                usage.grid.row_partitions, usage.grid.column_partitions, usage.grid.tile_rows, usage.grid.tile_columns
            ),
        ],
        Role::LineSwitch(_) | Role::Writing(..) | Role::Standing(..) => {
            vec![format!("{} x {}", node.units, node.name())]
        }
    }
}

/// How a language writes boxes and boxes around them.
trait Writer {
    fn open(&mut self, id: &str, title: &str, depth: usize);
    fn one(&mut self, boxed: &PictureBox, depth: usize);
    fn close(&mut self, depth: usize);
}

impl Picture {
    /// Writes all boxes, those of layers inside the level that they lie on.
    fn write_boxes(&self, writer: &mut impl Writer) {
        for (number, (title, boxes)) in self.groups.iter().enumerate() {
            let in_level = number.checked_sub(1).and_then(|layer| self.level_of_layer.get(layer).copied().flatten());
            if self.levels.is_empty() || in_level.is_none() {
                Self::write_group(writer, number, title, boxes, 1);
            }
        }
        for (index, level) in self.levels.iter().enumerate() {
            if level.within.is_none() {
                self.write_level(writer, index, 1);
            }
        }
    }

    fn write_group(writer: &mut impl Writer, number: usize, title: &str, boxes: &[PictureBox], depth: usize) {
        let inner = if title.is_empty() { depth } else { depth + 1 };
        if !title.is_empty() {
            writer.open(&number.to_string(), title, depth);
        }
        boxes.iter().for_each(|boxed| writer.one(boxed, inner));
        if !title.is_empty() {
            writer.close(depth);
        }
    }

    fn write_level(&self, writer: &mut impl Writer, index: usize, depth: usize) {
        let level = &self.levels[index];
        writer.open(&format!("level_{index}"), &level.title, depth);
        level.boxes.iter().for_each(|boxed| writer.one(boxed, depth + 1));
        for (layer, (title, boxes)) in self.groups.iter().skip(1).enumerate() {
            if self.level_of_layer.get(layer).copied().flatten() == Some(index) {
                Self::write_group(writer, layer + 1, title, boxes, depth + 1);
            }
        }
        for (inner, _) in self.levels.iter().enumerate().filter(|(_, l)| l.within == Some(index)) {
            self.write_level(writer, inner, depth + 1);
        }
        writer.close(depth);
    }
}

/// DOT while it is written.
struct Dot(String);

impl Dot {
    fn quoted(text: &str) -> String {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

impl Writer for Dot {
    fn open(&mut self, id: &str, title: &str, depth: usize) {
        let indent = "  ".repeat(depth);
        let _ = writeln!(self.0, "{indent}subgraph cluster_{id} {{\n{indent}  label={};", Self::quoted(title));
    }
    fn one(&mut self, (id, lines): &PictureBox, depth: usize) {
        // The break between lines is DOT's own escape and must not be quoted away.
        let lines: Vec<String> = lines.iter().map(|l| l.replace('\\', "\\\\").replace('"', "\\\"")).collect();
        let _ = writeln!(self.0, "{}{id} [label=\"{}\"];", "  ".repeat(depth), lines.join("\\n"));
    }
    fn close(&mut self, depth: usize) {
        let _ = writeln!(self.0, "{}}}", "  ".repeat(depth));
    }
}

/// The picture in DOT, the language of Graphviz.
#[must_use]
pub fn dot(picture: &Picture) -> String {
    let mut out = Dot(format!("digraph {} {{\n  rankdir=LR;\n  node [shape=box];\n", Dot::quoted(&picture.name)));
    picture.write_boxes(&mut out);
    for (from, to, text) in &picture.arrows {
        let _ = writeln!(out.0, "  {from} -> {to} [label={}];", Dot::quoted(text));
    }
    out.0.push_str("}\n");
    out.0
}

/// Mermaid while it is written.
struct Mermaid(String);

impl Mermaid {
    fn quoted(text: &str) -> String {
        format!("\"{}\"", text.replace('"', "#quot;"))
    }
}

impl Writer for Mermaid {
    fn open(&mut self, id: &str, title: &str, depth: usize) {
        let _ = writeln!(self.0, "{}subgraph g{id}[{}]", "  ".repeat(depth), Self::quoted(title));
    }
    fn one(&mut self, (id, lines): &PictureBox, depth: usize) {
        let _ = writeln!(self.0, "{}{id}[{}]", "  ".repeat(depth), Self::quoted(&lines.join("<br>")));
    }
    fn close(&mut self, depth: usize) {
        let _ = writeln!(self.0, "{}end", "  ".repeat(depth));
    }
}

/// The picture in Mermaid, as Markdown pages draw it.
#[must_use]
pub fn mermaid(picture: &Picture) -> String {
    let mut out = Mermaid("flowchart LR\n".to_owned());
    picture.write_boxes(&mut out);
    for (from, to, text) in &picture.arrows {
        let _ = writeln!(out.0, "  {from} -->|{}| {to}", Mermaid::quoted(text));
    }
    out.0
}
