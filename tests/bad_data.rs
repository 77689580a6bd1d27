//! Which files of pictures are taken; wrong files of pictures and weights, and what is said of them.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use flate2::{Compression, write::GzEncoder};
use imcost::diagnostic::render::render_all;
use imcost::diagnostic::{Diagnostics, SourceMap};
use imcost::files::Memory;
use imcost::infer::dataset::{self, Dataset, FEW_PIXELS, MOST_PIXELS_A_BYTE, Part, Wanted};

mod npz;

/// A fresh folder.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("bad-data-{name}"));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("writable");
    folder
}

/// What the program says, with the folder's path left out.
fn said(folder: &Path, args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_imcost"))
        .args(["accuracy", "builtin:arch/digits-64-32-10-analog.yaml", "--ideal-neuron", "--ideal-crossbar"])
        .args(args)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .output()
        .expect("the program starts");
    let code = output.status.code().expect("a code");
    let first = String::from_utf8_lossy(&output.stdout).lines().find(|l| l.starts_with("accuracy")).map(str::to_owned);
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    let errors = err.trim_end().to_owned();
    format!("exit code {code}\n{}{errors}", first.map(|l| l + "\n").unwrap_or_default())
}

/// An IDX file: the number of its type and dimensions, its sizes, bytes that follow.
fn idx(magic: u32, sizes: &[u32], values: &[u8]) -> Vec<u8> {
    let head = std::iter::once(&magic).chain(sizes).flat_map(|n| n.to_be_bytes());
    head.chain(values.iter().copied()).collect()
}

fn pictures(count: u32) -> Vec<u8> {
    let values: Vec<u8> = (0..count * 64).map(|n| (n * 7 % 17) as u8).collect();
    idx(0x0803, &[count, 8, 8], &values)
}

fn labels(classes: &[u8]) -> Vec<u8> {
    idx(0x0801, &[u32::try_from(classes.len()).expect("few")], classes)
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(bytes).expect("in memory");
    packer.finish().expect("in memory")
}

/// What is said of these two files as the test part of a data set.
fn of_files(name: &str, images: &[u8], classes: &[u8]) -> String {
    let folder = folder(name);
    std::fs::write(folder.join("t10k-images-idx3-ubyte"), images).expect("writable");
    std::fs::write(folder.join("t10k-labels-idx1-ubyte"), classes).expect("writable");
    said(&folder, &["--weights", "builtin:digits-64-32-10", "--data", "."])
}

#[test]
fn idx_files_are_read_plain_and_packed() {
    let plain = of_files("plain", &pictures(3), &labels(&[1, 2, 3]));
    assert!(plain.starts_with("exit code 0\naccuracy "), "{plain}");
    assert_eq!(of_files("packed", &packed(&pictures(3)), &packed(&labels(&[1, 2, 3]))), plain);
}

#[test]
fn wrong_idx_files_are_named_with_the_sizes_found_and_expected() {
    let fine = labels(&[1, 2, 3]);
    let cases = [
        ("fewer-labels", of_files("fewer-labels", &pictures(3), &labels(&[1, 2]))),
        ("truncated", of_files("truncated", &pictures(3)[..100], &fine)),
        ("no-header", of_files("no-header", &[0, 0, 8], &fine)),
        ("swapped", of_files("swapped", &fine, &pictures(3))),
        ("half-a-gzip", of_files("half-a-gzip", &packed(&pictures(40))[..60], &labels(&[1; 40]))),
        ("other-size", of_files("other-size", &idx(0x0803, &[3, 2, 2], &[0; 12]), &fine)),
        ("no-pictures", of_files("no-pictures", &pictures(0), &labels(&[]))),
        ("class-beyond-the-outputs", of_files("class", &pictures(3), &labels(&[1, 12, 3]))),
    ];
    insta::assert_snapshot!(cases.map(|(name, said)| format!("# {name}\n{said}\n")).join("\n"));
}

#[test]
fn csv_and_npz_hold_the_same_pictures_as_idx() {
    let folder = folder("same");
    let bytes = pictures(5);
    let values = &bytes[16..];
    let expected = of_files("same-idx", &bytes, &labels(&[0, 1, 2, 3, 4]));
    let lines: Vec<String> = values
        .chunks(64)
        .enumerate()
        .map(|(label, p)| p.iter().map(ToString::to_string).chain([label.to_string()]).collect::<Vec<_>>().join(","))
        .collect();
    let header: Vec<String> = (0..64).map(|n| format!("p{n}")).chain(["label".into()]).collect();
    std::fs::write(folder.join("set.csv"), format!("{}\n{}\n", header.join(","), lines.join("\n"))).expect("writable");
    let labels: Vec<u8> = (0..5_i64).flat_map(i64::to_le_bytes).collect();
    let reals: Vec<u8> = values.iter().flat_map(|&v| f64::from(v).to_le_bytes()).collect();
    // The first index changes first: pixel 0 of all pictures, then that of the next row.
    let fortran = (0..8).flat_map(|column| (0..8).map(move |row| row * 8 + column));
    let fortran: Vec<u8> = fortran.flat_map(|pixel| (0..5).map(move |picture| values[picture * 64 + pixel])).collect();
    let set = |x: npz::Array<'_>| npz::archive(&[("x_test", x), ("y_test", npz::c_order("<i8", &[5], &labels))]);
    let write = |name: &str, bytes: Vec<u8>| std::fs::write(folder.join(name), bytes).expect("writable");
    write("set.npz", set(npz::c_order("<f8", &[5, 8, 8], &reals)));
    write("flat.npz", set(npz::c_order("|u1", &[5, 64], values)));
    write("fortran.npz", set(npz::Array { fortran: true, ..npz::c_order("|u1", &[5, 8, 8], &fortran) }));
    for data in ["set.csv", "set.npz", "flat.npz", "fortran.npz"] {
        assert_eq!(said(&folder, &["--weights", "builtin:digits-64-32-10", "--data", data]), expected, "{data}");
    }
}

#[test]
fn wrong_tables_and_archives_are_explained() {
    let folder = folder("tables");
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).expect("writable");
    let names: String = (0..64).map(|n| format!(",p{n}")).collect();
    write("label.csv", &format!("label{names}\n1.5{}\n", ",0".repeat(64)));
    write("width.csv", "label,a\n1,0\n");
    write("one.csv", "1\n2\n");
    write("notes.npz", "not an archive");
    write("picture.png", "no pictures");
    let names = npz::archive(&[("pixels", npz::c_order("|u1", &[2, 64], &[0; 128]))]);
    std::fs::write(folder.join("names.npz"), names).expect("writable");
    let cases =
        ["label.csv", "width.csv", "one.csv", "notes.npz", "names.npz", "picture.png", "nowhere", ".", "builtin:mnist"]
            .map(|data| {
                format!("# {data}\n{}\n", said(&folder, &["--weights", "builtin:digits-64-32-10", "--data", data]))
            });
    insta::assert_snapshot!(cases.join("\n"));
}

/// A shape and the bytes of the values.
type Tensor = (Vec<usize>, Vec<u8>);

#[test]
fn wrong_weights_are_named_with_the_shapes_found_and_expected() {
    let folder = folder("weights");
    let fine = include_bytes!("../data/digits/digits-64-32-10.safetensors");
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.join(name), bytes).expect("writable");
    write("truncated.safetensors", &fine[..500]);
    write("empty.safetensors", &[]);
    let tensor = |shape: &[usize], value: f32| {
        let bytes: Vec<u8> = std::iter::repeat_n(value.to_le_bytes(), shape.iter().product()).flatten().collect();
        (shape.to_vec(), bytes)
    };
    let save = |name: &str, tensors: &[(&str, Tensor)]| {
        let views = tensors.iter().map(|(name, (shape, bytes))| {
            (*name, safetensors::tensor::TensorView::new(safetensors::Dtype::F32, shape.clone(), bytes).expect("fits"))
        });
        write(name, &safetensors::serialize(views, None).expect("fits"));
    };
    let (w1, b1, w2, b2) = (tensor(&[64, 32], 1.0), tensor(&[32], 1.0), tensor(&[32, 10], 1.0), tensor(&[10], 1.0));
    save(
        "transposed.safetensors",
        &[("W1", tensor(&[32, 64], 1.0)), ("b1", b1.clone()), ("W2", w2.clone()), ("b2", b2.clone())],
    );
    save("no-bias.safetensors", &[("W1", w1.clone()), ("W2", w2.clone()), ("b2", b2.clone())]);
    save(
        "three-layers.safetensors",
        &[("W1", w1.clone()), ("b1", b1.clone()), ("W2", w2.clone()), ("b2", b2.clone()), ("W3", w2.clone())],
    );
    save(
        "not-a-number.safetensors",
        &[("W1", tensor(&[64, 32], f32::NAN)), ("b1", b1.clone()), ("W2", w2.clone()), ("b2", b2.clone())],
    );
    save(
        "float.safetensors",
        &[("W1", tensor(&[64, 32], 0.5)), ("b1", b1.clone()), ("W2", w2.clone()), ("b2", b2.clone())],
    );
    save("gains.safetensors", &[("W1", w1), ("b1", b1), ("W2", w2), ("b2", b2), ("k", tensor(&[3], 1.0))]);
    let names =
        ["truncated", "empty", "transposed", "no-bias", "three-layers", "not-a-number", "float", "gains", "nowhere"];
    let cases = names.map(|name| {
        let path = format!("{name}.safetensors");
        format!("# {name}\n{}\n", said(&folder, &["--data", "builtin:digits", "--weights", &path]))
    });
    insta::assert_snapshot!(cases.join("\n"));
}

/// A few blank pictures take hardly a byte of their packed file each: that is refused only of files that would unpack to more than fits.
#[test]
fn blank_pictures_may_be_packed_as_tightly_as_they_can() {
    let open = |pictures: u32, side: u32| {
        let images = idx(0x0803, &[pictures, side, side], &vec![0; (pictures * side * side) as usize]);
        let labels = idx(0x0801, &[pictures], &vec![1; pictures as usize]);
        let files = Memory::default()
            .with("d/t10k-images-idx3-ubyte.gz", packed(&images))
            .with("d/t10k-labels-idx1-ubyte.gz", packed(&labels));
        opened(files, "d").map(|data| (data.images.count, data.images.pixels.len()))
    };
    assert!(u64::from(100_u32 * 28 * 28) < FEW_PIXELS && FEW_PIXELS < 30 * 1000 * 1000);
    assert_eq!(open(100, 28), Ok((100, 78_400)));
    let said = open(30, 1000).expect_err("30 million pixels in some ten thousand bytes");
    assert!(said.contains(&format!("pictures have at most {MOST_PIXELS_A_BYTE} pixels in a byte")), "{said}");
}

/// Half of a packed file: what is said of it counts the bytes that could be unpacked, the 16 of the header among them.
#[test]
fn a_packed_file_that_ends_too_soon_is_told_with_what_it_gave() {
    // Hardly to be packed: the high bytes of a linear congruence.
    let next = |state: &u32| Some(state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
    let pixels: Vec<u8> = std::iter::successors(Some(1), next).map(|state| (state >> 24) as u8).take(78_400).collect();
    let (packed, labels) = (packed(&idx(0x0803, &[100, 28, 28], &pixels)), idx(0x0801, &[100], &[0; 100]));
    let unpacked = |packed: &[u8]| {
        let files =
            Memory::default().with("d/t10k-images-idx3-ubyte.gz", packed).with("d/t10k-labels-idx1-ubyte", &labels);
        let said = opened(files, "d").expect_err("it ends too soon, or has another checksum");
        let bytes = said.split(" after ").nth(1).and_then(|rest| rest.split(" bytes").next());
        bytes.and_then(|bytes| bytes.parse::<u32>().ok()).unwrap_or_else(|| panic!("{said}"))
    };
    let half = unpacked(&packed[..packed.len() / 2]);
    assert!((20_000..=39_300).contains(&half), "{half} of half of 78416");
    // All of it, but the checksum that follows is another one.
    let mut wrong = packed.clone();
    let checksum = wrong.len() - 8;
    wrong[checksum] ^= 1;
    assert_eq!(unpacked(&wrong), 78_416);
}

/// Four pixels in a line are a square, five are a row.
#[test]
fn pixels_in_a_line_are_a_square_where_they_can_be() {
    let open = |line: &str| {
        let data = opened(Memory::default().with("d.csv", line), "d.csv").expect("a picture");
        (data.images.height, data.images.width, data.labels, data.images.pixels)
    };
    assert_eq!(open("7,1,2,3,4\n"), (2, 2, vec![7], vec![1., 2., 3., 4.]));
    assert_eq!(open("7,1,2,3,4,5\n"), (1, 5, vec![7], vec![1., 2., 3., 4., 5.]));
    assert_eq!(open("7,1\n"), (1, 1, vec![7], vec![1.]));
    let (height, width, ..) = open("7,1,2,3,4,5,6,7,8,9\n");
    assert_eq!((height, width), (3, 3));
    // The label stands where its name says.
    assert_eq!(open("a,b,label,c,d\n1,2,7,3,4\n"), (2, 2, vec![7], vec![1., 2., 3., 4.]));
}

/// Of a folder with both parts each is the one that is asked for: one picture of class 3 to test, two of class 5 to train.
#[test]
fn the_part_that_is_asked_for_is_read() {
    let files = Memory::default()
        .with("d/t10k-images-idx3-ubyte", idx(0x0803, &[1, 1, 2], &[0, 1]))
        .with("d/t10k-labels-idx1-ubyte", idx(0x0801, &[1], &[3]))
        .with("d/train-images-idx3-ubyte", idx(0x0803, &[2, 1, 2], &[0, 1, 2, 3]))
        .with("d/train-labels-idx1-ubyte", idx(0x0801, &[2], &[5, 5]));
    let (mut sources, mut diagnostics) = (SourceMap::new(Arc::new(files)), Diagnostics::default());
    for (part, classes) in [(Part::Test, vec![3]), (Part::Train, vec![5, 5])] {
        let wanted = Wanted { part, ..Wanted::all() };
        let data = dataset::open(Path::new("d"), &wanted, &mut sources, &mut diagnostics).expect("pictures");
        assert_eq!((data.images.count, data.labels), (classes.len(), classes));
    }
}

/// A data set, or what is said of it.
fn opened(files: Memory, path: &str) -> Result<Dataset, String> {
    let (mut sources, mut diagnostics) = (SourceMap::new(Arc::new(files)), Diagnostics::default());
    let found = dataset::open(Path::new(path), &Wanted::all(), &mut sources, &mut diagnostics);
    found.map_err(|_| render_all(&diagnostics, &sources, false))
}

#[test]
fn there_are_as_many_labels_as_pictures() {
    for (pictures, labels) in [(3, 2), (2, 3), (1, 0)] {
        let (pixels, classes) = (vec![1; 4 * pictures as usize], vec![1; labels as usize]);
        let files = Memory::default()
            .with("d/t10k-images-idx3-ubyte", idx(0x0803, &[pictures, 2, 2], &pixels))
            .with("d/t10k-labels-idx1-ubyte", idx(0x0801, &[labels], &classes));
        let message = format!("`d/t10k-images-idx3-ubyte`: {pictures} pictures, but {labels} labels");
        assert!(opened(files, "d").expect_err("other labels").contains(&message), "{message}");
        let archive = npz::archive(&[
            ("x_test", npz::c_order("|u1", &[pictures as usize, 2, 2], &pixels)),
            ("y_test", npz::c_order("|u1", &[labels as usize], &classes)),
        ]);
        let message = format!("`d.npz`: {pictures} pictures, but {labels} labels");
        let said = opened(Memory::default().with("d.npz", archive), "d.npz").expect_err("other labels");
        assert!(said.contains(&message), "{said}");
    }
    let none = Memory::default()
        .with("d/t10k-images-idx3-ubyte", idx(0x0803, &[0, 2, 2], &[]))
        .with("d/t10k-labels-idx1-ubyte", idx(0x0801, &[0], &[]));
    assert!(opened(none, "d").expect_err("none").contains("`d/t10k-images-idx3-ubyte` holds no pictures"));
}

/// The largest number of single precision, and one beyond it.
#[test]
fn a_pixel_is_as_large_as_a_number_of_single_precision_can_be() {
    let open = |pixel: &str| opened(Memory::default().with("d.csv", format!("7,{pixel}\n")), "d.csv");
    for (pixel, value) in [("3.4028234663852886e38", f32::MAX), ("-3.4028234663852886e38", f32::MIN)] {
        assert_eq!(open(pixel).expect("a picture").images.pixels, [value]);
    }
    assert!(open("3.41e38").expect_err("infinite").contains("3.41e38 is no pixel"));
}

#[test]
fn a_data_set_that_is_nowhere_is_said_to_be_so_whatever_its_name_promises() {
    for name in ["nowhere", "nowhere.npz", "nowhere-idx3-ubyte"] {
        let said = opened(Memory::default(), name).expect_err("nothing");
        assert!(said.contains(&format!("`{name}` does not exist")), "{said}");
        assert!(said.contains("expected a folder with IDX files"), "{said}");
    }
}

/// Three pictures of 2 x 2, each value ten times the number of its picture and that of its pixel; their first index changes first.
#[test]
fn of_an_archive_whose_first_index_changes_first_the_first_pictures_are_read() {
    let values = [0, 10, 20, 2, 12, 22, 1, 11, 21, 3, 13, 23];
    let archive = npz::archive(&[
        ("x_test", npz::Array { fortran: true, ..npz::c_order("|u1", &[3, 2, 2], &values) }),
        ("y_test", npz::c_order("|u1", &[3], &[7, 8, 9])),
    ]);
    let files = Memory::default().with("d.npz", archive);
    let (mut sources, mut diagnostics) = (SourceMap::new(Arc::new(files)), Diagnostics::default());
    let wanted = Wanted { images: Some(2), ..Wanted::all() };
    let data = dataset::open(Path::new("d.npz"), &wanted, &mut sources, &mut diagnostics).expect("pictures");
    assert_eq!((data.labels, data.images.pixels), (vec![7, 8], vec![0., 1., 2., 3., 10., 11., 12., 13.]));
}
