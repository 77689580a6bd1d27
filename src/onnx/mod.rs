//! Networks from ONNX files: which layers they have and of which sizes, and their weights when somebody asks.
//!
//! A file is decoded without copying any weights (`proto`); operations that exporters write as several become one (`patterns`); what does not
//! depend on the input is computed (`constant`); then the operations are followed in order (`build`), each tensor as a view of what a layer gives
//! (`view`). Blocks that repeat are found at the end (`repeats`).

mod build;
mod constant;
mod error;
mod graph;
mod layer;
mod names;
mod patterns;
mod print;
mod proto;
mod repeats;
mod scalars;
mod tensor;
mod view;
mod weights;

use std::io::Read;
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;

pub use error::Error;
pub use layer::{Feeder, ImportedKind, ImportedLayer, ImportedPadding, ImportedPooling, ImportedShape, ImportedWindow};
pub use repeats::ImportedEntry;
pub use tensor::Folder;
pub use view::PickedToken;
pub use weights::FoldedWeights;

use crate::files::Files;

/// Versions of the operators that are read.
pub const OPSETS: RangeInclusive<i64> = 11..=21;
/// A message of this format has at most so many bytes.
pub const LARGEST: u64 = 1 << 31;

/// An ONNX file that has been decoded. Its weights stay where they are until somebody asks for them.
#[derive(Debug, Clone)]
pub struct OnnxModel {
    file: String,
    graph: proto::GraphProto,
    opset: i64,
    folder: Option<Folder>,
}

/// What a person says of a network beside its file.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Sizes that the file leaves open, by name.
    pub sizes: Vec<(String, usize)>,
    /// Blocks that repeat are written out.
    pub flat: bool,
}

/// A network.
#[derive(Debug, Clone)]
pub struct Import {
    /// The name of its file.
    pub file: String,
    /// The version of the operators that it is written in.
    pub opset: i64,
    /// Sizes of what goes in.
    pub input: ImportedShape,
    /// All layers in order of computation, those of repeated blocks one by one.
    pub layers: Vec<ImportedLayer>,
    /// The list as it is written: layers, and blocks with how often they stand there.
    pub entries: Vec<ImportedEntry>,
    /// What was folded or left out, a line each.
    pub notes: Vec<String>,
}

impl OnnxModel {
    /// Reads a file from disk or wherever files come from.
    ///
    /// # Errors
    /// It is not there, no ONNX model, damaged, or written in another version of the operators.
    pub fn open(path: &Path, files: &Arc<dyn Files>) -> Result<Self, Error> {
        let file = path.display().to_string();
        let wrong = |why: String| Error::File { file: file.clone(), why };
        let open = files.open(path).map_err(|error| wrong(error.to_string()))?;
        if open.length > LARGEST {
            return Err(wrong(format!("has {} bytes; an ONNX model has at most {LARGEST}", open.length)));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(open.length).unwrap_or(0));
        let read = open.reader.take(LARGEST).read_to_end(&mut bytes);
        read.map_err(|error| wrong(format!("cannot be read: {error}")))?;
        let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
        Self::read(&file, bytes.into(), Some(Folder { path: folder, files: Arc::clone(files) }))
    }

    /// Decodes the bytes of a file of this name; weights that lie beside it are looked for in the folder.
    ///
    /// # Errors
    /// They are no ONNX model, damaged, or written in another version of the operators.
    pub fn read(file: &str, bytes: Bytes, folder: Option<Folder>) -> Result<Self, Error> {
        let length = bytes.len();
        let model = proto::decode(file, bytes)?;
        let own = |domain: &str| domain.is_empty() || domain == "ai.onnx";
        let opset = model.opset_import.iter().find(|set| own(&set.domain)).map(|set| set.version);
        let wrong = |why: &str| Error::NotOnnx { file: file.to_owned(), bytes: length, why: why.to_owned() };
        let opset = opset.ok_or_else(|| wrong("it states no version of its operators"))?;
        if !OPSETS.contains(&opset) {
            return Err(Error::Opset { file: file.to_owned(), found: opset });
        }
        let graph = model.graph.ok_or_else(|| wrong("it has no graph"))?;
        Ok(Self { file: file.to_owned(), graph, opset, folder })
    }

    /// Follows the graph to its layers.
    ///
    /// # Errors
    /// A size is not known, operators are not known, or an operation has no layer.
    pub fn import(&self, options: &Options) -> Result<Import, Error> {
        let built = build::build(&self.file, &self.graph, options)?;
        let input = built.layers.first().map_or(ImportedShape::Features(0), |layer| layer.output);
        // The input is no layer: the others move up.
        let mut layers: Vec<ImportedLayer> = built.layers.into_iter().filter(repeats::is_layer).collect();
        for feeder in layers.iter_mut().flat_map(|layer| &mut layer.from) {
            if let Feeder::Layer(from) = feeder {
                *from -= 1;
            }
        }
        let entries = repeats::entries(&layers, options.flat);
        let file = Path::new(&self.file)
            .file_name()
            .map_or_else(|| self.file.clone(), |name| name.to_string_lossy().into_owned());
        Ok(Import { file, opset: self.opset, input, layers, entries, notes: built.notes.lines() })
    }

    /// The name of the file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.file
    }

    fn graph(&self) -> &proto::GraphProto {
        &self.graph
    }

    fn folder(&self) -> Option<&Folder> {
        self.folder.as_ref()
    }
}

impl Import {
    /// The `network:` section of an architecture.
    #[must_use]
    pub fn yaml(&self) -> String {
        print::text(self)
    }

    /// A layer by its name.
    #[must_use]
    pub fn layer(&self, name: &str) -> Option<&ImportedLayer> {
        self.layers.iter().find(|layer| layer.name == name)
    }

    /// Multiply-accumulates of one inference.
    #[must_use]
    pub fn macs(&self) -> u64 {
        self.layers.iter().fold(0, |sum, layer| sum.saturating_add(layer.macs))
    }
}
