//! `imcost import MODEL.onnx`

use std::fs;

use super::args::ImportArgs;
use super::new::{cannot_write, write_whole};
use super::{Stop, print, settle};
use crate::diagnostic::Diagnostic;
use crate::onnx::{Error, Import, Model, Options};
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
    let text = import.yaml();
    let Some(path) = &args.output else { return print(&text) };
    // What a person has written is overwritten only if they say so.
    if fs::symlink_metadata(path).is_ok() && !args.force {
        return Err(Stop::Wrong(format!("`{}` is there already; --force writes over it", path.display())));
    }
    write_whole(path, &text).map_err(|error| cannot_write(path, &error))
}

fn read(args: &ImportArgs, session: &Session) -> Result<Import, Error> {
    let options = Options { sizes: args.dim.clone(), flat: args.flat };
    Model::open(&args.model, session.sources.files())?.import(&options)
}
