//! Which files of trained weights are taken, and what is said of those that do not fit.
#![allow(missing_docs, clippy::expect_used, clippy::panic, reason = "a test that cannot go on should stop there")]

use std::io::{Cursor, Write};
use std::path::Path;
use std::sync::Arc;

use flate2::{Compression, write::GzEncoder};
use imcost::diagnostic::render::render_all;
use imcost::diagnostic::{Diagnostics, SourceMap};
use imcost::files::{FileError, Files, Memory, OpenFile};
use imcost::infer::dataset::{self, FEW_PIXELS, MOST_PIXELS_A_BYTE, Wanted};
use imcost::infer::simulation::simulate;
use imcost::infer::weights::csv::WeightFiles;
use imcost::infer::weights::{self, DenseWeights, LONGEST_HEADER, LayerShape};
use imcost::session::Session;

/// Two inputs and a bias row to three outputs.
fn shape() -> LayerShape {
    LayerShape { name: "only".into(), inputs: 2, outputs: 3, bias: true }
}

fn read(files: Arc<dyn Files>, path: &str, shapes: &[LayerShape]) -> Result<Vec<DenseWeights>, String> {
    let (mut sources, mut diagnostics) = (SourceMap::new(files), Diagnostics::default());
    let found = weights::read(&[path.into()], shapes, &mut sources, &mut diagnostics);
    found.map_err(|_| render_all(&diagnostics, &sources, false))
}

fn two_networks() -> Memory {
    Memory::default()
        .with("folder/net_W1.csv", "1,2,3\n4,5,6\n")
        .with("folder/net_B1.csv", "7,8,9\n")
        .with("folder/net_old_W1.csv", "0,0,0\n0,0,0\n")
        .with("folder/net_old_B1.csv", "0,0,0\n")
        .with("single/W1.csv", "1,2,3\n4,5,6\n")
        .with("single/B1.csv", "7\n8\n9\n")
}

#[test]
fn files_are_found_by_their_folder_or_the_beginning_of_their_names() {
    let wanted = [DenseWeights { weights: vec![1., 2., 3., 4., 5., 6.], biases: Some(vec![7., 8., 9.]), gain: None }];
    // The beginning of `net_old_W1.csv` is another one.
    assert_eq!(read(Arc::new(two_networks()), "folder/net_", &[shape()]).as_deref(), Ok(&wanted[..]));
    // Biases may stand in a column.
    assert_eq!(read(Arc::new(two_networks()), "single", &[shape()]).as_deref(), Ok(&wanted[..]));
    assert_ne!(read(Arc::new(two_networks()), "folder/net_old_", &[shape()]).as_deref(), Ok(&wanted[..]));
    // A whole folder is searched freely, and has two files of the first layer.
    let said = read(Arc::new(two_networks()), "folder", &[shape()]).expect_err("two networks");
    assert!(said.contains("are both `B1.csv`") || said.contains("are both `W1.csv`"), "{said}");
    let said = read(Arc::new(two_networks()), "folder/other_", &[shape()]).expect_err("nothing");
    assert!(said.contains("no weights at `folder/other_`"), "{said}");
}

#[test]
fn a_matrix_is_called_transposed_only_where_its_sizes_are_exchanged() {
    let with = |text: &str| Arc::new(Memory::default().with("n/W1.csv", text).with("n/B1.csv", "7,8,9\n"));
    let said = |text: &str| read(with(text), "n", &[shape(), shape()]).expect_err("another shape");
    assert!(said("1,2\n3,4\n5,6\n").contains("3 x 2 values, but layer `only` takes 2 x 3"));
    assert!(said("1,2\n3,4\n5,6\n").contains("the matrix is transposed"));
    assert!(!said("1,2,3\n3,4,5\n5,6,7\n").contains("transposed"));
    assert!(!said("1,2\n3,4\n").contains("transposed"));
    assert!(!said("1,2,3,4\n1,2,3,4\n").contains("transposed"));
}

/// A safetensors file that says that its header is so long, and is as long as it says.
#[derive(Debug)]
struct Long {
    header: u64,
    length: u64,
}

impl Files for Long {
    fn open(&self, _: &Path) -> Result<OpenFile, FileError> {
        Ok(OpenFile { reader: Box::new(Cursor::new(self.header.to_le_bytes().to_vec())), length: self.length })
    }

    fn names(&self, _: &Path) -> Result<Vec<String>, FileError> {
        Err(FileError::Missing)
    }

    fn is_link(&self, _: &Path) -> bool {
        false
    }
}

#[test]
fn a_header_is_as_long_as_its_file_and_no_longer_than_the_limit() {
    let said = |header: u64, length: u64| {
        read(Arc::new(Long { header, length }), "w.safetensors", &[shape()]).expect_err("no weights")
    };
    assert!(said(LONGEST_HEADER + 1, u64::MAX).contains("at most"), "beyond the limit");
    assert!(said(10 * LONGEST_HEADER, u64::MAX).contains("at most"), "far beyond the limit");
    assert!(!said(LONGEST_HEADER, u64::MAX).contains("at most"), "at the limit");
    assert!(said(100, 107).contains("a header of 100 bytes does not fit into it"));
    assert!(!said(99, 107).contains("does not fit"), "of 107 bytes 8 are the length");
    assert!(said(0, 7).contains("header too small"));
    assert!(!said(0, 8).contains("header too small"));
}

/// Three pictures of four inputs, as three lines of four values or as four lines of three: the same operating points, and a word about the second.
#[test]
fn inputs_of_a_simulation_are_read_by_lines_and_where_only_that_fits_by_columns() {
    let design = "name: a test
technology: builtin:techlib/sot-mram-14nm.yaml
network: { input: { features: 4 }, layers: [{ name: only, dense: 2 }] }
weights: { bits: 1, encoding: differential, bias: none }
tile: { crossbar: sot-mram-crossbar, rows: 8, columns: 8 }
stages: { input: [row-driver], column: [differential-amplifier, sot-mram-neuron] }
statistics: { active-rows: 50%, low-resistance: 50% }
";
    let files = Memory::default()
        .with("design.yaml", design)
        .with("w/W1.csv", "1,-1\n-1,1\n1,1\n1,-1\n")
        .with("lines.csv", "0.8,0,0.8,0\n0,0.8,0,0.4\n0.1,0.2,0.3,0.4\n")
        .with("columns.csv", "0.8,0,0.1\n0,0.8,0.2\n0.8,0,0.3\n0,0.4,0.4\n")
        .with("neither.csv", "0.8,0,0.1,0,0\n")
        .over_standard();
    let mut session = Session::default().reading(Arc::clone(&files));
    let design = session.design(Path::new("design.yaml")).expect("a design");
    let weights = WeightFiles::find(&["w".into()], &*files).expect("weights");
    let mut outputs = |name: &str| {
        let Session { sources, diagnostics, .. } = &mut session;
        let (before, mark) = (diagnostics.warnings().count(), diagnostics.mark());
        let found = simulate(&design, &weights, Path::new(name), sources, diagnostics);
        let warned = diagnostics.warnings().count() - before;
        assert_eq!(found.is_err(), diagnostics.since(mark).is_err());
        found.ok().map(|found| (format!("{:?}", found.points), found.points.len(), warned))
    };
    let (lines, count, warned) = outputs("lines.csv").expect("operating points");
    assert_eq!((count, warned), (3, 0));
    let (columns, count, warned) = outputs("columns.csv").expect("operating points");
    assert_eq!((count, warned), (3, 1));
    assert_eq!(lines, columns);
    assert!(outputs("neither.csv").is_none());
}

/// The bytes of a safetensors file: the length of its header, the header, and 36 bytes of values.
fn safetensors(weights: &str, biases: &str) -> Arc<dyn Files> {
    let header = format!("{{\"W1\":{{\"dtype\":\"F32\",{weights}}},\"b1\":{{\"dtype\":\"F32\",{biases}}}}}");
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.bytes());
    bytes.extend((1_u8..=9).flat_map(|n| f32::from(n).to_le_bytes()));
    Arc::new(Memory::default().with("w.safetensors", bytes))
}

#[test]
fn a_tensor_has_the_bytes_that_its_shape_takes() {
    let read = |weights: &str, biases: &str| read(safetensors(weights, biases), "w.safetensors", &[shape()]);
    let right = read("\"shape\":[2,3],\"data_offsets\":[0,24]", "\"shape\":[3],\"data_offsets\":[24,36]");
    let wanted = [DenseWeights { weights: vec![1., 2., 3., 4., 5., 6.], biases: Some(vec![7., 8., 9.]), gain: None }];
    assert_eq!(right.as_deref(), Ok(&wanted[..]));
    for (weights, biases) in [
        ("[0,20]", "[24,36]"),
        ("[0,28]", "[24,36]"),
        ("[24,0]", "[24,36]"),
        ("[0,24]", "[24,32]"),
        ("[0,0]", "[24,36]"),
    ] {
        let weights = format!("\"shape\":[2,3],\"data_offsets\":{weights}");
        let biases = format!("\"shape\":[3],\"data_offsets\":{biases}");
        let said = read(&weights, &biases).expect_err("other bytes");
        assert!(said.contains("`w.safetensors` is no safetensors file, or is damaged"), "{weights} {biases}: {said}");
    }
}

/// Only pairs of two-state devices in one cell are simulated.
#[test]
fn cells_of_other_devices_are_not_simulated() {
    let said = |cell: &str, bits: u32| {
        let library = format!(
            "name: a test
extends: builtin:techlib/sot-mram-14nm.yaml
node: 14 nm
components:
  cells: {{ kind: crossbar, device: sot-mram-50x30, cell: {{ {cell}, width: 100 nm, height: 100 nm }}, read-voltage: 0.8 V, max-rows: 64, max-columns: 64, latency: 1 ns, source: made up, basis: modelled }}
"
        );
        let design = format!(
            "name: a test
technology: library.yaml
network: {{ input: {{ features: 2 }}, layers: [{{ name: only, dense: 3 }}] }}
weights: {{ bits: {bits}, encoding: differential, bias: none }}
tile: {{ crossbar: cells, rows: 8, columns: 8 }}
stages: {{ input: [row-driver], column: [differential-amplifier, sot-mram-neuron] }}
statistics: {{ active-rows: 50%, low-resistance: 50% }}
"
        );
        let files = Memory::default()
            .with("design.yaml", design)
            .with("library.yaml", library)
            .with("w/W1.csv", "1,-1,1\n-1,1,1\n")
            .with("inputs.csv", "0.8,0\n")
            .over_standard();
        let mut session = Session::default().reading(Arc::clone(&files));
        let design = session.design(Path::new("design.yaml"));
        let design = design.unwrap_or_else(|_| panic!("{}", session.rendered()));
        let weights = WeightFiles::find(&["w".into()], &*files).expect("weights");
        let Session { sources, diagnostics, .. } = &mut session;
        let found = simulate(&design, &weights, Path::new("inputs.csv"), sources, diagnostics).is_ok();
        (found, session.rendered())
    };
    let (found, complaint) = said("devices: 2", 1);
    assert!(found, "{complaint}");
    for (cell, bits) in [("devices: 1", 1), ("devices: 2, bits: 2", 2)] {
        let (found, complaint) = said(cell, bits);
        assert!(
            !found && complaint.contains("the cells of `cells` are not pairs of two-state devices"),
            "{cell}: {complaint}"
        );
    }
}

/// A few blank pictures take hardly a byte of their packed file each: that is refused only of files that would unpack to more than fits.
#[test]
fn blank_pictures_may_be_packed_as_tightly_as_they_can() {
    let packed = |bytes: &[u8]| {
        let mut packer = GzEncoder::new(Vec::new(), Compression::best());
        packer.write_all(bytes).and_then(|()| packer.finish()).expect("in memory")
    };
    let open = |pictures: u32, side: u32| {
        let head = |magic: u32, sizes: &[u32]| {
            std::iter::once(&magic).chain(sizes).flat_map(|n| n.to_be_bytes()).collect::<Vec<u8>>()
        };
        let mut images = head(0x0803, &[pictures, side, side]);
        images.resize(images.len() + (pictures * side * side) as usize, 0);
        let mut labels = head(0x0801, &[pictures]);
        labels.resize(labels.len() + pictures as usize, 1);
        let files = Memory::default()
            .with("d/t10k-images-idx3-ubyte.gz", packed(&images))
            .with("d/t10k-labels-idx1-ubyte.gz", packed(&labels));
        let (mut sources, mut diagnostics) = (SourceMap::new(Arc::new(files)), Diagnostics::default());
        let found = dataset::open(Path::new("d"), &Wanted::all(), &mut sources, &mut diagnostics);
        found
            .map(|data| (data.images.count, data.images.pixels.len()))
            .map_err(|_| render_all(&diagnostics, &sources, false))
    };
    assert!(u64::from(100_u32 * 28 * 28) < FEW_PIXELS && FEW_PIXELS < 30 * 1000 * 1000);
    assert_eq!(open(100, 28), Ok((100, 78_400)));
    let said = open(30, 1000).expect_err("30 million pixels in some ten thousand bytes");
    assert!(said.contains(&format!("pictures have at most {MOST_PIXELS_A_BYTE} pixels in a byte")), "{said}");
}
