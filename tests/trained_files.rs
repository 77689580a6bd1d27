//! Which files of trained weights are taken, and what is said of those that do not fit.
#![allow(missing_docs, clippy::expect_used, clippy::panic, reason = "a test that cannot go on should stop there")]

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use imcost::diagnostic::render::render_all;
use imcost::diagnostic::{Diagnostics, SourceMap};
use imcost::files::{FileError, Files, Memory, OpenFile};
use imcost::infer::accuracy::{self, Question};
use imcost::infer::weights::csv::WeightFiles;
use imcost::infer::weights::{self, DenseWeights, LONGEST_HEADER, LayerShape, MOST_WEIGHTS};
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
    // Their neurons fall with the sum: the signs are turned.
    let wanted = (vec![-1., -2., -3., -4., -5., -6.], Some(vec![-7., -8., -9.]));
    let read = |files: Memory, path: &str| {
        let found = read(Arc::new(files), path, &[shape()]);
        found.map(|layers| layers.into_iter().map(|l| (l.weights, l.biases)).next().expect("a layer"))
    };
    // The beginning of `net_old_W1.csv` is another one.
    assert_eq!(read(two_networks(), "folder/net_"), Ok(wanted.clone()));
    // Biases may stand in a column.
    assert_eq!(read(two_networks(), "single"), Ok(wanted.clone()));
    assert_ne!(read(two_networks(), "folder/net_old_"), Ok(wanted));
    // A whole folder is searched freely, and has two files of the first layer.
    let said = read(two_networks(), "folder").expect_err("two networks");
    assert!(said.contains("are both `B1.csv`") || said.contains("are both `W1.csv`"), "{said}");
    // The same file twice is one file.
    let named = ["single/W1.csv", "single/B1.csv", "single/W1.csv"].map(PathBuf::from);
    assert!(WeightFiles::find(&named, &two_networks()).is_ok());
    let two = ["single/W1.csv", "folder/net_W1.csv"].map(PathBuf::from);
    assert!(WeightFiles::find(&two, &two_networks()).is_err_and(|said| said.contains("are both `W1.csv`")));
    let said = read(two_networks(), "folder/other_").expect_err("nothing");
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

#[test]
fn biases_are_one_line_or_one_column() {
    let with = |text: &str| Arc::new(Memory::default().with("n/W1.csv", "1,2,3\n4,5,6\n").with("n/B1.csv", text));
    for fine in ["7,8,9\n", "7\n8\n9\n"] {
        assert!(read(with(fine), "n", &[shape()]).is_ok(), "{fine}");
    }
    let said = |text: &str| read(with(text), "n", &[shape()]).expect_err("another shape");
    assert!(said("7,8,9\n1,2,3\n").contains("2 x 3 values, but layer `only` takes 1 x 3"));
    assert!(said("7,8,9\n1,2,3\n4,5,6\n").contains("3 x 3 values"));
    assert!(said("7\n8\n").contains("1 x 2 values"));
}

#[test]
fn the_weights_of_another_network_are_named_by_their_first_file() {
    let files = Memory::default().with("n/net_W1.csv", "1,2\n3,4\n5,6\n7,8\n").with("n/net_B1.csv", "7,8\n");
    let said = read(Arc::new(files), "n", &[shape()]).expect_err("4 inputs, 2 outputs");
    assert!(said.contains("`n/net_W1.csv` has the weights of a 4-2 network, but this one is 2-3"), "{said}");
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

/// A safetensors file: the length of its header, the header with these tensors (name, type, shape, bytes), and the values.
fn safetensors(tensors: &[(&str, &str, &str, &str)], values: &[u8]) -> Arc<dyn Files> {
    let tensor = |(name, kind, shape, bytes): &(&str, &str, &str, &str)| {
        format!("\"{name}\":{{\"dtype\":\"{kind}\",\"shape\":{shape},\"data_offsets\":{bytes}}}")
    };
    let header = format!("{{{}}}", tensors.iter().map(tensor).collect::<Vec<_>>().join(","));
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.bytes());
    bytes.extend(values);
    Arc::new(Memory::default().with("w.safetensors", bytes))
}

fn single(values: impl IntoIterator<Item = u8>) -> Vec<u8> {
    values.into_iter().flat_map(|n| f32::from(n).to_le_bytes()).collect()
}

#[test]
fn a_tensor_has_the_bytes_that_its_shape_takes() {
    let read = |weights: &str, biases: &str| {
        let tensors = [("W1", "F32", "[2,3]", weights), ("b1", "F32", "[3]", biases)];
        read(safetensors(&tensors, &single(1..=9)), "w.safetensors", &[shape()])
    };
    let wanted = [DenseWeights {
        weights: vec![1., 2., 3., 4., 5., 6.],
        biases: Some(vec![7., 8., 9.]),
        gain: None,
        files: None,
    }];
    assert_eq!(read("[0,24]", "[24,36]").as_deref(), Ok(&wanted[..]));
    for (weights, biases) in [
        ("[0,20]", "[24,36]"),
        ("[0,28]", "[24,36]"),
        ("[24,0]", "[24,36]"),
        ("[0,24]", "[24,32]"),
        ("[0,0]", "[24,36]"),
    ] {
        let said = read(weights, biases).expect_err("other bytes");
        assert!(said.contains("`w.safetensors` is no safetensors file, or is damaged"), "{weights} {biases}: {said}");
    }
}

/// Six weights of each type that is read: -1, 0, 1, 2, 3, 100; of types without a sign 1, 0, 1, 2, 3, 100.
#[test]
fn weights_are_read_of_every_common_type() {
    let signed = [-1_i8, 0, 1, 2, 3, 100];
    let layer = LayerShape { bias: false, ..shape() };
    let types: [(&str, Vec<u8>); 7] = [
        ("F64", signed.iter().flat_map(|&n| f64::from(n).to_le_bytes()).collect()),
        ("F32", signed.iter().flat_map(|&n| f32::from(n).to_le_bytes()).collect()),
        ("I8", signed.iter().flat_map(|&n| n.to_le_bytes()).collect()),
        ("I16", signed.iter().flat_map(|&n| i16::from(n).to_le_bytes()).collect()),
        ("I32", signed.iter().flat_map(|&n| i32::from(n).to_le_bytes()).collect()),
        ("I64", signed.iter().flat_map(|&n| i64::from(n).to_le_bytes()).collect()),
        ("U8", signed.iter().map(|&n| n.unsigned_abs()).collect()),
    ];
    for (kind, values) in types {
        let bytes = format!("[0,{}]", values.len());
        let found =
            read(safetensors(&[("W1", kind, "[2,3]", &bytes)], &values), "w.safetensors", std::slice::from_ref(&layer));
        let first = if kind == "U8" { 1.0 } else { -1.0 };
        let weights = vec![first, 0., 1., 2., 3., 100.];
        assert_eq!(found, Ok(vec![DenseWeights { weights, biases: None, gain: None, files: None }]), "{kind}");
    }
    let said = read(safetensors(&[("W1", "BF16", "[2,3]", "[0,12]")], &[0; 12]), "w.safetensors", &[layer]);
    assert!(said.expect_err("another type").contains("`W1` is of type BF16, which is not read"));
}

/// As of tables: another network is called by its sizes, and a matrix transposed where its sizes are exchanged.
#[test]
fn tensors_of_another_network_are_named_by_its_sizes_and_a_transposed_one_is_called_so() {
    let said = |kind: &str, values: u8, shapes: &[LayerShape]| {
        let (weights, biases) = (format!("[0,{}]", 4 * values), format!("[{},{}]", 4 * values, 4 * values + 12));
        let tensors = [("W1", "F32", kind, weights.as_str()), ("b1", "F32", "[3]", &biases)];
        read(safetensors(&tensors, &single(1..=values + 3)), "w.safetensors", shapes).expect_err("another shape")
    };
    let other = said("[4,2]", 8, &[shape()]);
    assert!(other.contains("`w.safetensors` has the weights of a 4-2 network, but this one is 2-3"), "{other}");
    // So many weights are read, and not one more.
    let with = |inputs: usize| said("[2,3]", 6, &[LayerShape { inputs, outputs: 1, ..shape() }]);
    assert!(with(MOST_WEIGHTS).contains("has the weights of a 2-3 network"));
    assert!(with(MOST_WEIGHTS + 1).contains("the network has more than 67108864 weights"));
    // Of two layers the file has one: which network it is of is not known.
    let two_layers = [shape(), shape()];
    for (kind, values, exchanged) in [("[3,2]", 6, true), ("[3,3]", 9, false), ("[2,2]", 4, false)] {
        let said = said(kind, values, &two_layers);
        assert!(said.contains("but layer `only` takes 2 x 3"), "{said}");
        assert_eq!(said.contains("the matrix is transposed"), exchanged, "{kind}: {said}");
    }
}

/// One positive gain for each layer.
#[test]
fn gains_are_positive_and_one_for_each_layer() {
    let layer = LayerShape { bias: false, ..shape() };
    let read = |shape: &str, gains: &[u8]| {
        let end = format!("[24,{}]", 24 + 4 * gains.len());
        let tensors = [("W1", "F32", "[2,3]", "[0,24]"), ("k", "F32", shape, &end)];
        let values = single((1..=6).chain(gains.iter().copied()));
        read(safetensors(&tensors, &values), "w.safetensors", std::slice::from_ref(&layer)).map(|all| all[0].gain)
    };
    assert_eq!((read("[1]", &[5]), read("[1,1]", &[5])), (Ok(Some(5.0)), Ok(Some(5.0))));
    assert!(read("[1]", &[0]).expect_err("no gain").contains("`k` has one that is not positive"));
    assert!(read("[2]", &[1, 2]).expect_err("two gains").contains("`k` has 2 values, but there are 1 layers"));
}

/// Weights and pictures that an architecture names are read for it, unless others are named.
#[test]
fn an_architecture_names_its_own_weights_and_pictures() {
    let design = "name: a test
technology: builtin:techlib/sot-mram-14nm.yaml
network: { input: { features: 2, image: { threshold: 0 } }, layers: [{ name: only, dense: 3 }] }
weights: { bits: 1, encoding: differential, bias: none }
tile: { crossbar: sot-mram-crossbar, rows: 8, columns: 8 }
stages: { input: [row-driver], column: [differential-amplifier, sot-mram-neuron] }
accuracy: { weights: own/W1.csv, data: own/pictures.csv }
";
    let files = Memory::default()
        .with("design.yaml", design)
        .with("own/W1.csv", "1,-1,1\n-1,1,1\n")
        .with("own/pictures.csv", "label,a,b\n2,0,1\n1,1,1\n")
        .with("other/W1.csv", "1,1,1\n1,1,1\n")
        .with("other/pictures.csv", "label,a,b\n0,1,1\n")
        .over_standard();
    let mut session = Session::default().reading(files);
    let design = session.design(Path::new("design.yaml"));
    let design = design.unwrap_or_else(|_| panic!("{}", session.rendered()));
    let mut read = |weights: &[&str], data: Option<&str>| {
        let weights = weights.iter().map(PathBuf::from).collect();
        let question = Question { weights, data: data.map(PathBuf::from), ..Question::default() };
        let Session { sources, diagnostics, .. } = &mut session;
        let found = accuracy::read(&design, &question, sources, diagnostics).expect("both");
        (found.weights[0].weights.clone(), found.dataset.labels)
    };
    // As every weight of such a file, with its sign turned.
    let (own, other) = (vec![-1.0, 1.0, -1.0, 1.0, -1.0, -1.0], vec![-1.0; 6]);
    assert_eq!(read(&[], None), (own.clone(), vec![2, 1]));
    assert_eq!(read(&["other/W1.csv"], None), (other, vec![2, 1]));
    assert_eq!(read(&[], Some("other/pictures.csv")), (own, vec![0]));
}
