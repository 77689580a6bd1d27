//! Packs the transistor tables: their CSV files are read and the slopes between their points found here, so that no run has to.

#![allow(
    missing_docs,
    dead_code,
    reason = "the modules are shared with the library, which documents and uses the rest"
)]

use std::path::Path;
use std::{env, fs, io};

#[path = "src/model/transistor/spline.rs"]
mod spline;
#[path = "src/model/transistor/tables.rs"]
mod tables;
#[path = "src/model/transistor/through.rs"]
mod through;

/// Stands for the library's type of the same name.
#[derive(Clone, Copy)]
enum Polarity {
    N,
    P,
}

fn main() -> io::Result<()> {
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?;
    for node in ["7nm", "14nm", "20nm"] {
        let path = format!("techlib/data/fet-iv-{node}-hp.csv");
        println!("cargo::rerun-if-changed={path}");
        let text = fs::read_to_string(&path)?;
        for (letter, polarity) in [("n", Polarity::N), ("p", Polarity::P)] {
            let name = format!("fet-iv-{node}-{letter}.bin");
            fs::write(Path::new(&out).join(name), tables::surface(&text, polarity).packed())?;
        }
    }
    for module in ["spline", "tables", "through"] {
        println!("cargo::rerun-if-changed=src/model/transistor/{module}.rs");
    }
    Ok(())
}
