use ere_runner::score::{MergeOptions, merge};

use super::run::resampling;
use super::score::show;
use crate::args::Merge;
use crate::exit::Done;

pub(crate) fn run(args: &Merge) -> anyhow::Result<Done> {
    let options = MergeOptions {
        resampling: resampling(&args.scoring),
        name: args.data_name.clone(),
        threads: args.threads.unwrap_or(0),
    };
    show(&merge(&args.parts, &options)?, &args.scoring, args.by_type)
}
