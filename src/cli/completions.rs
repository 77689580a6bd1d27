//! `imcost completions SHELL`

use clap::CommandFactory;

use super::args::{Cli, Completions};
use super::{Stop, print};

pub(super) fn run(args: &Completions) -> Result<(), Stop> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "imcost", &mut script);
    print(&String::from_utf8_lossy(&script))
}
