//! `imcost import MODEL.onnx`

use std::fs;
use std::path::{Component, Path, PathBuf};

use super::args::ImportArgs;
use super::new::{cannot_write, write_whole};
use super::{Stop, print, settle};
use crate::diagnostic::Diagnostic;
use crate::onnx::{Error, Import, OnnxModel, Options};
use crate::session::Session;

pub(super) fn run(args: &ImportArgs) -> Result<(), Stop> {
    let mut session = Session::default();
    let import = match read(args, &session) {
        Ok(import) => import,
        Err(error) => {
            let diagnostic = error.help().into_iter().fold(Diagnostic::error(error.to_string()), Diagnostic::help);
            let reported = session.diagnostics.push(diagnostic);
            settle(&mut session)?;
            return Err(reported.into());
        }
    };
    let head = args.on.as_deref().map(|machine| head(args, machine)).unwrap_or_default();
    let text = head + &import.yaml();
    let Some(path) = &args.output else { return print(&text) };
    // What a person has written is overwritten only if they say so.
    if fs::symlink_metadata(path).is_ok() && !args.force {
        return Err(Stop::Wrong(format!("`{}` is there already; --force writes over it", path.display())));
    }
    write_whole(path, &text).map_err(|error| cannot_write(path, &error))
}

/// The keys of a whole architecture around the network.
fn head(args: &ImportArgs, machine: &Path) -> String {
    let name = args.model.file_stem().map_or_else(|| "network".into(), |stem| stem.to_string_lossy());
    let machine = from_folder(machine, args.output.as_deref().and_then(Path::parent));
    let quoted = |text: &str| format!("{text:?}");
    format!("name: {}\nlabel: {}\nextends: {}\n", quoted(&name), quoted(&name), quoted(&machine.to_string_lossy()))
}

/// A path from this folder that is written into a file of another folder, from there.
fn from_folder(path: &Path, folder: Option<&Path>) -> PathBuf {
    let steps = folder.map_or(0, |folder| folder.components().filter(|c| *c != Component::CurDir).count());
    let shipped = path.to_string_lossy().starts_with("builtin:");
    let plain =
        folder.is_none_or(|folder| folder.components().all(|c| matches!(c, Component::Normal(_) | Component::CurDir)));
    if shipped || path.is_absolute() || steps == 0 {
        return path.to_owned();
    }
    if plain {
        return (0..steps).map(|_| Path::new("..")).chain([path]).collect();
    }
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

fn read(args: &ImportArgs, session: &Session) -> Result<Import, Error> {
    let options = Options { sizes: args.dim.clone(), flat: args.flat };
    OnnxModel::open(&args.model, session.sources.files())?.import(&options)
}
