//! NumPy archives as `numpy.savez_compressed` writes them.

use std::io::{Cursor, Write};

use zip::write::{SimpleFileOptions, ZipWriter};

/// An array: the type of its values in NumPy's letters, its shape, its bytes.
#[derive(Clone, Copy)]
pub struct Array<'a> {
    pub kind: &'a str,
    pub shape: &'a [usize],
    pub fortran: bool,
    pub bytes: &'a [u8],
}

pub fn c_order<'a>(kind: &'a str, shape: &'a [usize], bytes: &'a [u8]) -> Array<'a> {
    Array { kind, shape, fortran: false, bytes }
}

/// The header of an array.
pub fn header(array: &Array<'_>) -> Vec<u8> {
    let sizes: String = array.shape.iter().map(|size| format!("{size}, ")).collect();
    let order = if array.fortran { "True" } else { "False" };
    let text = format!("{{'descr': '{}', 'fortran_order': {order}, 'shape': ({sizes}), }}\n", array.kind);
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(text.len()).expect("short").to_le_bytes());
    bytes.extend(text.as_bytes());
    bytes
}

/// An archive of these arrays.
pub fn archive(arrays: &[(&str, Array<'_>)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, array) in arrays {
        archive.start_file(format!("{name}.npy"), SimpleFileOptions::default()).expect("in memory");
        archive.write_all(&header(array)).expect("in memory");
        archive.write_all(array.bytes).expect("in memory");
    }
    archive.finish().expect("in memory").into_inner()
}
