//! Files that were made to break the tool: they cost no more than a second and 200 MB, and are named.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]
#![cfg(unix)]

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::{Compression, write::GzEncoder};
use zip::write::{SimpleFileOptions, ZipWriter};

#[allow(dead_code, reason = "shared with tests of bad input, which look at more")]
mod harness;
mod npz;

use harness::{fresh, says};

const DIGITS: &str = "builtin:arch/digits-64-32-10-analog.yaml";
/// The network and its weights for data that are wrong: nothing else is.
const ACCURACY: [&str; 5] =
    ["accuracy", DIGITS, "--ideal-neuron", "--ideal-crossbar", "--weights=builtin:digits-64-32-10"];

fn data_says(folder: &Path, data: &str, words: &[&str]) {
    says(folder, &[&ACCURACY[..], &["--data", data]].concat(), 1, words);
}

/// A file of the folder `tests/data/hostile`.
fn stored(name: &str) -> String {
    format!("{}/tests/data/hostile/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn archives_that_lie_about_their_size_or_nest_brackets_are_refused_from_their_headers() {
    let folder = fresh("hostile-npz-headers");
    let cases: [(&str, &[&str]); 5] = [
        ("npz-header-hang.npz", &["has an array `x` that cannot be read", "expected `{`, found '['"]),
        ("npz-shape-lies-8GB.npz", &["134217728 pictures, but 20 labels"]),
        ("npz-shape-lies-64GB.npz", &["1073741824 pictures, but 20 labels"]),
        ("npz-nan-pixels.npz", &["array `x`", "the value at [0, 0, 0] is NaN"]),
        ("npz-inf-pixels.npz", &["array `x`", "the value at [0, 0, 0] is inf"]),
    ];
    for (name, words) in cases {
        data_says(&folder, &stored(name), words);
    }
    // Both arrays lie, and neither has a value.
    let count = [1_usize << 27];
    let arrays = |pixels| [("x", npz::c_order("|u1", pixels, &[])), ("y", npz::c_order("|u1", &count, &[]))];
    std::fs::write(folder.join("both.npz"), npz::archive(&arrays(&[1 << 27, 8, 8]))).unwrap();
    data_says(&folder, "both.npz", &["both.npz", "at most 1000000 pictures"]);
    std::fs::write(
        folder.join("beyond.npz"),
        npz::archive(&[
            ("x", npz::c_order("|u1", &[usize::MAX, 8, 8], &[])),
            ("y", npz::c_order("|u1", &[usize::MAX], &[])),
        ]),
    )
    .unwrap();
    data_says(&folder, "beyond.npz", &["beyond.npz", "at most 1000000 pictures"]);
    let pixels = 1e300_f64.to_le_bytes().repeat(64);
    let large =
        npz::archive(&[("x", npz::c_order("<f8", &[1, 8, 8], &pixels)), ("y", npz::c_order("|u1", &[1], &[1]))]);
    std::fs::write(folder.join("large.npz"), large).unwrap();
    data_says(&folder, "large.npz", &["the value at [0, 0, 0] is 1000", "expected a finite number"]);
}

/// Writes so many zeros.
fn zeros(out: &mut impl Write, mut bytes: usize) {
    let block = [0; 1 << 16];
    while bytes > 0 {
        let part = bytes.min(block.len());
        out.write_all(&block[..part]).unwrap();
        bytes -= part;
    }
}

#[test]
fn archives_of_a_megabyte_that_expand_to_a_gigabyte_are_not_expanded() {
    let folder = fresh("hostile-npz-bomb");
    // More pictures are refused for their number.
    for (kind, size, name) in [("|u1", 1, "bytes.npz"), ("<f4", 4, "singles.npz"), ("<f8", 8, "reals.npz")] {
        let pictures = 1_000_000;
        let mut archive = ZipWriter::new(File::create(folder.join(name)).unwrap());
        let shape = [pictures, 8, 8];
        archive.start_file("x.npy", SimpleFileOptions::default()).unwrap();
        archive.write_all(&npz::header(&npz::c_order(kind, &shape, &[]))).unwrap();
        zeros(&mut archive, pictures * 64 * size);
        archive.start_file("y.npy", SimpleFileOptions::default()).unwrap();
        archive.write_all(&npz::header(&npz::c_order("|u1", &[pictures], &[]))).unwrap();
        zeros(&mut archive, pictures);
        archive.finish().unwrap();
        data_says(&folder, name, &[name, "at most 64 pixels in a byte"]);
    }
}

fn idx_header(magic: [u8; 4], sizes: &[u32]) -> Vec<u8> {
    let mut bytes = magic.to_vec();
    bytes.extend(sizes.iter().flat_map(|s| s.to_be_bytes()));
    bytes
}

/// A folder of packed IDX files that say so many pictures of 8 x 8 and so many labels.
fn packed_idx(name: &str, pictures: u32, labels: u32) -> PathBuf {
    let folder = fresh(&format!("hostile-{name}"));
    let pack = |name: &str, header: &[u8], bytes: usize| {
        let mut packer = GzEncoder::new(File::create(folder.join(name)).unwrap(), Compression::best());
        packer.write_all(header).unwrap();
        zeros(&mut packer, bytes);
        packer.finish().unwrap();
    };
    pack("t10k-images-idx3-ubyte.gz", &idx_header([0, 0, 8, 3], &[pictures, 8, 8]), pictures as usize * 64);
    pack("t10k-labels-idx1-ubyte.gz", &idx_header([0, 0, 8, 1], &[labels]), labels as usize);
    folder
}

#[test]
fn packed_idx_files_that_expand_to_a_gigabyte_are_refused_from_their_headers() {
    data_says(&packed_idx("idx-many", 16_000_000, 3), ".", &["16000000 pictures, but 3 labels"]);
    data_says(&packed_idx("idx-bomb", 1_000_000, 1_000_000), ".", &["at most 64 pixels in a byte"]);
}

#[test]
fn a_sparse_idx_file_of_three_gigabytes_is_refused_from_its_header() {
    let folder = fresh("hostile-idx-sparse");
    let write = |name: &str, header: &[u8], length: u64| {
        let mut file = File::create(folder.join(name)).unwrap();
        file.write_all(header).unwrap();
        file.seek(SeekFrom::Start(length - 1)).unwrap();
        file.write_all(&[0]).unwrap();
    };
    let pictures = 48_000_000;
    write("t10k-images-idx3-ubyte", &idx_header([0, 0, 8, 3], &[pictures, 8, 8]), 16 + u64::from(pictures) * 64);
    write("t10k-labels-idx1-ubyte", &idx_header([0, 0, 8, 1], &[pictures]), 8 + u64::from(pictures));
    data_says(&folder, ".", &["t10k-images-idx3-ubyte", "at most 1000000 pictures"]);
    // The header says few pictures, the file goes on.
    write("t10k-images-idx3-ubyte", &idx_header([0, 0, 8, 3], &[3, 8, 8]), 3_000_000_000);
    data_says(&folder, ".", &["says 3 x 8 x 8 pictures, which take 192 bytes, but 2999999984 follow"]);
    // The first pictures of a large file are read without the others.
    write("t10k-images-idx3-ubyte", &idx_header([0, 0, 8, 3], &[pictures, 8, 8]), 16 + u64::from(pictures) * 64);
    let first = says(&folder, &[&ACCURACY[..], &["--data", ".", "--images", "10"]].concat(), 0, &[]);
    assert!(first.printed.contains("of 10"), "{}", first.printed);
}

#[test]
fn a_table_of_100_megabytes_is_counted_before_it_is_kept() {
    let folder = fresh("hostile-csv");
    let line = format!("{}0\n", "0,".repeat(64));
    let mut file = std::io::BufWriter::new(File::create(folder.join("large.csv")).unwrap());
    for _ in 0..95_000_000 / line.len() {
        file.write_all(line.as_bytes()).unwrap();
    }
    file.into_inner().unwrap();
    data_says(&folder, "large.csv", &["large.csv", "at most 10000000 are read"]);
    std::fs::write(folder.join("far.csv"), format!("1{}\n", ",1e300".repeat(64))).unwrap();
    data_says(&folder, "far.csv", &["1e300 is no pixel", "far.csv:1:3"]);
}

#[test]
fn pipes_and_devices_are_not_read() {
    let folder = fresh("hostile-pipes");
    std::fs::create_dir(folder.join("f")).unwrap();
    let pipes =
        ["p.safetensors", "p.npz", "p.csv", "p.yaml", "images", "f/t10k-images-idx3-ubyte", "f/t10k-labels-idx1-ubyte"];
    assert!(Command::new("mkfifo").args(pipes).current_dir(&folder).status().unwrap().success());
    for name in ["z.safetensors", "z.npz", "z.csv", "W1.csv"] {
        std::os::unix::fs::symlink("/dev/zero", folder.join(name)).unwrap();
    }
    for data in ["p.npz", "f", "z.npz"] {
        data_says(&folder, data, &["not a file"]);
    }
    for data in ["p.csv", "z.csv"] {
        data_says(&folder, data, &["is not a file"]);
    }
    for weights in ["p.safetensors", "z.safetensors", "W1.csv"] {
        says(&folder, &["accuracy", DIGITS, "--weights", weights], 1, &[weights, "not a file"]);
    }
    says(&folder, &["report", "p.yaml"], 1, &["p.yaml", "is not a file"]);
}

#[test]
fn sparse_weights_of_a_gigabyte_are_refused_from_their_header() {
    let folder = fresh("hostile-weights");
    let header = r#"{"W1":{"dtype":"F64","shape":[11184810,12],"data_offsets":[0,1073741760]}}"#;
    let mut file = File::create(folder.join("large.safetensors")).unwrap();
    file.write_all(&(header.len() as u64).to_le_bytes()).unwrap();
    file.write_all(header.as_bytes()).unwrap();
    file.set_len(8 + header.len() as u64 + 1_073_741_760).unwrap();
    says(
        &folder,
        &["accuracy", DIGITS, "--weights", "large.safetensors"],
        1,
        &["has the weights of a 11184810-12 network"],
    );
    let mut file = File::create(folder.join("header.safetensors")).unwrap();
    file.write_all(&900_000_000_u64.to_le_bytes()).unwrap();
    file.set_len(1_000_000_000).unwrap();
    says(&folder, &["accuracy", DIGITS, "--weights", "header.safetensors"], 1, &["a header of 900000000 bytes"]);
}

#[test]
fn pictures_that_give_the_network_nothing_to_tell_apart_are_a_finding() {
    let folder = fresh("hostile-constant");
    let run = says(
        &folder,
        &[&ACCURACY[..], &["--data", &stored("npz-pixels-0-to-1.npz")]].concat(),
        0,
        &["all 20 pictures"],
    );
    let found = run.findings().split_whitespace().collect::<Vec<_>>().join(" ");
    for word in ["give the network the same inputs", "pixels run from 0 to 1", "a threshold of 7"] {
        assert!(found.contains(word), "{found}");
    }
    let labels: Vec<u8> = (0..10).collect();
    let constant =
        npz::archive(&[("x", npz::c_order("|u1", &[10, 8, 8], &[9; 640])), ("y", npz::c_order("|u1", &[10], &labels))]);
    std::fs::write(folder.join("constant.npz"), constant).unwrap();
    says(&folder, &[&ACCURACY[..], &["--data", "constant.npz"]].concat(), 0, &["all 10 pictures"]);
    // One picture is always the same as itself.
    let one = [&ACCURACY[..], &["--data", "constant.npz", "--images", "1"]].concat();
    assert!(!says(&folder, &one, 0, &[]).findings().contains("pictures of"));
}
