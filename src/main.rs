//! The `imcost` program.

fn main() -> std::process::ExitCode {
    imcost::cli::run()
}
