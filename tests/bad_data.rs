//! Wrong files of pictures and weights, and what is said of them.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::{Compression, write::GzEncoder};

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

fn idx(magic: [u8; 4], sizes: &[u32], values: &[u8]) -> Vec<u8> {
    let mut bytes = magic.to_vec();
    bytes.extend(sizes.iter().flat_map(|s| s.to_be_bytes()));
    bytes.extend(values);
    bytes
}

fn pictures(count: u32) -> Vec<u8> {
    let values: Vec<u8> = (0..count * 64).map(|n| (n * 7 % 17) as u8).collect();
    idx([0, 0, 8, 3], &[count, 8, 8], &values)
}

fn labels(classes: &[u8]) -> Vec<u8> {
    idx([0, 0, 8, 1], &[u32::try_from(classes.len()).expect("few")], classes)
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
        ("other-size", of_files("other-size", &idx([0, 0, 8, 3], &[3, 2, 2], &[0; 12]), &fine)),
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
