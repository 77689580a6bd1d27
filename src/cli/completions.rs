//! `imcost completions SHELL`

use clap::CommandFactory;

use super::args::{Cli, CompletionsArgs};
use super::{Stop, print};

pub(super) fn run(args: &CompletionsArgs) -> Result<(), Stop> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "imcost", &mut script);
    print(&String::from_utf8_lossy(&script))
}
