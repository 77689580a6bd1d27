//! The shipped files, in the binary: `imcost new` writes them, and `builtin:PATH` names them where no checkout is at hand.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::path::Path;

use super::{FileError, Files, OpenFile};
use crate::diagnostic::suggest::nearest;

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        /// Path and text of every shipped file.
        pub const FILES: &[(&str, &str)] = &[$(($path, include_str!(concat!("../../", $path)))),*];
    };
}

files![
    "arch/digits-64-32-10-analog.yaml",
    "arch/digits-64-32-10-held-analog.yaml",
    "arch/digits-64-32-10-held-mixed.yaml",
    "arch/digits-resnet.yaml",
    "arch/imac-sim-16-8-4.yaml",
    "arch/imac-sim-400-120-84-10.yaml",
    "arch/imac-sim-400-120-84-10-4b.yaml",
    "arch/imac-sim-400-120-84-10-8b.yaml",
    "arch/gpt2-block.yaml",
    "arch/isaac-resnet18.yaml",
    "arch/isaac.yaml",
    "arch/jia-jssc-2020.yaml",
    "arch/lenet5-float.yaml",
    "arch/lenet5.yaml",
    "arch/mlp-400-120-84-10-analog.yaml",
    "arch/mlp-400-120-84-10-held-analog.yaml",
    "arch/mlp-400-120-84-10-held-mixed.yaml",
    "arch/mlp-400-120-84-10-mixed.yaml",
    "arch/mlp-400-120-84-10-published-analog.yaml",
    "arch/mlp-400-120-84-10-published-mixed.yaml",
    "arch/mlp-784-16-10-analog.yaml",
    "arch/mlp-784-16-10-float.yaml",
    "arch/mlp-784-16-10-held-analog.yaml",
    "arch/mlp-784-16-10-held-mixed.yaml",
    "arch/mlp-784-16-10-mixed.yaml",
    "arch/mlp-784-16-10-published-analog.yaml",
    "arch/mlp-784-16-10-published-mixed.yaml",
    "arch/mlp-784-16-10-shared-4b.yaml",
    "arch/puma.yaml",
    "arch/vit-tiny.yaml",
    "arch/wang-vlsi-2022.yaml",
    "cases/crossbar-nodal.yaml",
    "cases/crossbar/c03_16x10_r1-bits.csv",
    "cases/crossbar/c03_16x10_r1-rows.csv",
    "cases/crossbar/c09_64x32_imac-bits.csv",
    "cases/crossbar/c09_64x32_imac-rows.csv",
    "cases/crossbar/c13_1x1-bits.csv",
    "cases/crossbar/c13_1x1-rows.csv",
    "cases/hspice-networks.yaml",
    "cases/imac-sim.yaml",
    "cases/isaac.yaml",
    "cases/jia-jssc-2020.yaml",
    "cases/neuron-simulation.yaml",
    "cases/paper-architecture.yaml",
    "cases/paper-neuron.yaml",
    "cases/puma.yaml",
    "cases/wang-vlsi-2022.yaml",
    "studies/digits-spread.yaml",
    "studies/neuron-guide.yaml",
    "techlib/converters.yaml",
    "techlib/devices.yaml",
    "techlib/digital.yaml",
    "techlib/digits-resnet.yaml",
    "techlib/imac-sim.yaml",
    "techlib/isaac-32nm.yaml",
    "techlib/jia-65nm.yaml",
    "techlib/lenet5-14nm.yaml",
    "techlib/lenet5-float.yaml",
    "techlib/puma-32nm.yaml",
    "techlib/sot-mram-14nm.yaml",
    "techlib/sram-imc-28nm.yaml",
    "techlib/standard-cells.yaml",
    "techlib/vit-22nm.yaml",
    "techlib/wang-22nm.yaml",
];

/// Marks a path that names a shipped file.
pub const PREFIX: &str = "builtin:";

/// The shipped files, each named as `builtin:PATH`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Shipped;

/// Path and bytes of all shipped files.
fn all() -> impl Iterator<Item = (&'static str, &'static [u8])> {
    FILES.iter().map(|(path, text)| (*path, text.as_bytes())).chain(BINARIES.iter().copied())
}

impl Files for Shipped {
    fn open(&self, path: &Path) -> Result<OpenFile, FileError> {
        let name = path.to_str().and_then(|path| path.strip_prefix(PREFIX)).ok_or(FileError::Missing)?;
        let (_, bytes) = all().find(|(path, _)| *path == name).ok_or(FileError::Missing)?;
        Ok(OpenFile { reader: Box::new(Cursor::new(bytes)), length: bytes.len() as u64 })
    }

    fn is_link(&self, _: &Path) -> bool {
        false
    }

    fn names(&self, folder: &Path) -> Result<Vec<String>, FileError> {
        let folder = folder.to_str().and_then(|path| path.strip_prefix(PREFIX)).ok_or(FileError::Missing)?;
        let inside = all().filter_map(|(path, _)| Path::new(path).strip_prefix(folder).ok()?.components().next());
        let names: BTreeSet<&str> = inside.filter_map(|name| name.as_os_str().to_str()).collect();
        if names.is_empty() { Err(FileError::Missing) } else { Ok(names.into_iter().map(str::to_owned).collect()) }
    }
}

/// The text of a shipped file that is named as `builtin:PATH`.
#[must_use]
pub fn text(path: &Path) -> Option<&'static str> {
    let name = path.to_str()?.strip_prefix(PREFIX)?;
    FILES.iter().find(|(path, _)| *path == name).map(|(_, text)| *text)
}

/// What to say of a name that no shipped file has: the nearest one, else where to see them all.
#[must_use]
pub fn instead_of(path: &Path) -> String {
    let path = path.to_string_lossy();
    let wanted = path.trim_start_matches(PREFIX).trim_end_matches(".yaml");
    // The folder and `.yaml` are what people leave out.
    let short = |name: &'static str| name.rsplit('/').next().unwrap_or(name).trim_end_matches(".yaml");
    let names = || FILES.iter().map(|(name, _)| *name).filter(|name| name.ends_with(".yaml"));
    let last = wanted.rsplit('/').next().unwrap_or(wanted);
    let best = nearest(last, names().map(short)).and_then(|best| names().find(|name| short(name) == best));
    match best {
        Some(best) => format!("did you mean `{PREFIX}{best}`?"),
        None => {
            let architectures: Vec<_> = names().filter(|name| name.starts_with("arch/")).map(short).collect();
            format!("`{PREFIX}arch/NAME.yaml`, where NAME is one of {}", architectures.join(", "))
        }
    }
}

macro_rules! binaries {
    ($($path:literal),* $(,)?) => {
        [$(($path, include_bytes!(concat!("../../", $path)))),*]
    };
}

/// Shipped pictures and weights, by path.
const BINARIES: &[(&str, &[u8])] = &binaries![
    "arch/weights/digits-resnet.safetensors",
    "arch/weights/lenet-400-120-84-10.safetensors",
    "arch/weights/lenet5-float.safetensors",
    "arch/weights/lenet5.safetensors",
    "arch/weights/mlp-784-16-10-bipolar.safetensors",
    "arch/weights/mlp-784-16-10.safetensors",
    "data/digits/digits-64-32-10.safetensors",
    "data/digits/t10k-images-idx3-ubyte.gz",
    "data/digits/t10k-labels-idx1-ubyte.gz",
    "data/digits/train-images-idx3-ubyte.gz",
    "data/digits/train-labels-idx1-ubyte.gz",
];

/// True for the files that a new design starts from.
#[must_use]
pub fn is_starter(name: &str) -> bool {
    let begins = |start| name.starts_with(start);
    let of_machines = ["isaac", "jia", "wang", "sram-imc", "puma", "imac-sim", "lenet5", "vit", "digits-resnet"];
    let library = begins("techlib/") && !of_machines.iter().any(|machine| name[8..].starts_with(machine));
    begins("arch/mlp-784-16-10") || begins("arch/digits-64") || begins("studies/") || library
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops where it fails")]
mod tests {
    use std::fs::read_dir;

    use super::*;

    #[test]
    fn a_shipped_file_is_found_by_a_name_without_folder_or_end() {
        for wrong in
            ["builtin:mlp-784-16-10-mixed", "builtin:mlp-784-16-10-mixed.yaml", "builtin:arch/mlp-784-16-10-mixd.yaml"]
        {
            assert_eq!(
                instead_of(Path::new(wrong)),
                "did you mean `builtin:arch/mlp-784-16-10-mixed.yaml`?",
                "{wrong}"
            );
        }
        assert!(instead_of(Path::new("builtin:perceptron")).contains("digits-64-32-10-analog"));
    }

    #[test]
    fn every_shipped_file_is_read_and_listed() {
        for (name, expected) in all() {
            let path = format!("{PREFIX}{name}");
            assert_eq!(&*Shipped.bytes(Path::new(&path), 1 << 30).unwrap(), expected);
            let (folder, file) = path.rsplit_once('/').unwrap();
            assert!(Shipped.names(Path::new(folder)).unwrap().iter().any(|name| name == file), "{path}");
            // Without the mark it is a file on disk.
            assert!(matches!(Shipped.open(Path::new(name)), Err(FileError::Missing)));
        }
        assert!(matches!(Shipped.names(Path::new("builtin:nowhere")), Err(FileError::Missing)));
    }

    #[test]
    fn every_file_of_the_shipped_folders_is_in_the_binary() {
        for folder in ["arch", "cases", "studies", "techlib"] {
            for entry in read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                let path = format!("{folder}/{name}");
                assert!(!name.ends_with(".yaml") || FILES.iter().any(|(file, _)| *file == path), "{path} is missing");
            }
        }
    }
}
