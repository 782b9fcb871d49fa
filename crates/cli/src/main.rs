//! The `erebench` command: arguments, messages, progress, exit codes. What it does is in the crates
//! below it.

mod args;
mod commands;
mod exit;
mod interrupt;
mod print;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Args, Command};

fn main() -> ExitCode {
    let args = Args::parse();
    interrupt::install();
    let done = match args.command.unwrap_or_default() {
        Command::Run(run) => commands::run::run(&run),
        Command::Score(score) => commands::score::run(&score),
        Command::Errors(errors) => commands::errors::run(&errors),
        Command::Merge(merge) => commands::merge::run(&merge),
        Command::Compare(compare) => commands::compare::run(&compare),
        Command::Leaderboard(leaderboard) => commands::leaderboard::run(&leaderboard),
        Command::Validate(validate) => commands::validate::run(&validate),
        Command::Stats(stats) => commands::stats::run(&stats),
        Command::Agree(agree) => commands::agree::run(&agree),
        Command::Consistency(consistency) => commands::consistency::run(&consistency),
        Command::Attach(attach) => commands::attach::run(&attach),
        Command::Convert(convert) => commands::convert::run(&convert),
        Command::Synth(synth) => commands::synth::run(&synth),
        Command::Noise(noise) => commands::noise::run(&noise),
        Command::Perturb(perturb) => commands::perturb::run(&perturb),
        Command::Completions { shell } => commands::completions::run(shell),
    };
    exit::code(done)
}
