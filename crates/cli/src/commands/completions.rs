use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::args::Args;
use crate::exit::Done;
use crate::print;

pub(crate) fn run(shell: Shell) -> anyhow::Result<Done> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "erebench", &mut script);
    print::out(&String::from_utf8_lossy(&script))?;
    Ok(Done::Ok)
}
