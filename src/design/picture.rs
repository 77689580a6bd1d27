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
        let tiles: u64 = flow.layers.iter().map(|l| l.grid.tiles()).sum();
        if expand && tiles > MAX_BOXES as u64 {
            return Err(format!("{tiles} tiles are too many to draw (at most {MAX_BOXES}); leave out --expand"));
        }
        let mut picture = Self { name: format!("{} ({})", flow.name, flow.label), ..Self::default() };
        picture.groups.push((String::new(), Vec::new()));
        picture.groups.extend(flow.layers.iter().map(|l| (l.name.clone(), Vec::new())));
        let mut boxes: Vec<Vec<Drawn>> = Vec::with_capacity(flow.graph.node_count());
        for (index, node) in flow.nodes() {
            let group = &mut picture.groups[node.layer.map_or(0, |l| l + 1)].1;
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
        Role::LineSwitch(_) | Role::Standing(..) => vec![format!("{} x {}", node.units, node.name())],
    }
}

/// The picture in DOT, the language of Graphviz.
#[must_use]
pub fn dot(picture: &Picture) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let mut out = format!("digraph {} {{\n  rankdir=LR;\n  node [shape=box];\n", quoted(&picture.name));
    for (number, (title, boxes)) in picture.groups.iter().enumerate() {
        let indent = if title.is_empty() { "  " } else { "    " };
        if !title.is_empty() {
            let _ = writeln!(out, "  subgraph cluster_{number} {{\n    label={};", quoted(title));
        }
        for (id, lines) in boxes {
            // The break between lines is DOT's own escape and must not be quoted away.
            let lines: Vec<String> = lines.iter().map(|l| l.replace('\\', "\\\\").replace('"', "\\\"")).collect();
            let _ = writeln!(out, "{indent}{id} [label=\"{}\"];", lines.join("\\n"));
        }
        if !title.is_empty() {
            out.push_str("  }\n");
        }
    }
    for (from, to, text) in &picture.arrows {
        let _ = writeln!(out, "  {from} -> {to} [label={}];", quoted(text));
    }
    out.push_str("}\n");
    out
}

/// The picture in Mermaid, as Markdown pages draw it.
#[must_use]
pub fn mermaid(picture: &Picture) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "#quot;"));
    let mut out = "flowchart LR\n".to_owned();
    for (number, (title, boxes)) in picture.groups.iter().enumerate() {
        let indent = if title.is_empty() { "  " } else { "    " };
        if !title.is_empty() {
            let _ = writeln!(out, "  subgraph g{number}[{}]", quoted(title));
        }
        for (id, lines) in boxes {
            let _ = writeln!(out, "{indent}{id}[{}]", quoted(&lines.join("<br>")));
        }
        if !title.is_empty() {
            out.push_str("  end\n");
        }
    }
    for (from, to, text) in &picture.arrows {
        let _ = writeln!(out, "  {from} -->|{}| {to}", quoted(text));
    }
    out
}
