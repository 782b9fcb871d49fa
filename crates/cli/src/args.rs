//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

mod synth;

pub(crate) use synth::{GoldInput, Noise, Perturb, Shape, Stream, Synth};

/// Scores entity-relation extractors on gold news and writes leaderboards.
///
/// Without a command it does what `erebench run` does: every built-in extractor over the test split
/// of datasets/newswire.
#[derive(Debug, Parser)]
#[command(name = "erebench", version, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

const EXIT_CODES: &str = "Exit codes: 0 done; 1 a gate failed (--fail-under); 2 wrong input or \
                          arguments; 4 input or output failed; 130 interrupted.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Run(Run),
    Score(Score),
    Protocols(Protocols),
    Errors(Errors),
    Merge(Merge),
    Compare(Compare),
    Leaderboard(Leaderboard),
    Validate(Validate),
    Stats(Stats),
    Agree(Agree),
    Consistency(Consistency),
    Attach(Attach),
    Convert(Convert),
    Synth(Synth),
    Noise(Noise),
    Perturb(Perturb),
    /// Print a completion script for a shell.
    #[command(
        after_help = "Example: erebench completions bash > ~/.local/share/bash-completion/completions/erebench"
    )]
    Completions {
        /// The shell.
        shell: Shell,
    },
}

impl Default for Command {
    fn default() -> Command {
        Command::Run(Run::parse_from(["run"]))
    }
}

const RUN_EXAMPLES: &str = "\
Examples:
  erebench run
  erebench run -e gazetteer -e patterns --split dev
  erebench run -e 'cmd:python3 my_extractor.py' --map my_labels.toml
  erebench run -e patterns --track text --track mentions --track entities
  erebench run -e file:predictions.jsonl --name mine
  erebench run -e noise:miss=0.2,relation-miss=0.3 --fail-under 0.5";

/// Run extractors over a data set: scores, speed, a record of each run, and a leaderboard.
#[derive(Clone, Debug, Parser)]
#[command(after_help = RUN_EXAMPLES)]
pub(crate) struct Run {
    /// The data set: a folder with a dataset.toml.
    #[arg(short, long, default_value = "datasets/newswire", value_name = "DIR")]
    pub(crate) dataset: PathBuf,
    /// The split to score on.
    #[arg(long, default_value = "test")]
    pub(crate) split: String,
    /// The split that built-in extractors learn from, and that protocols know as the train set.
    #[arg(long, default_value = "train")]
    pub(crate) train: String,
    /// What to run: a built-in extractor (null, gazetteer, patterns), `cmd:COMMAND` (a program that
    /// speaks ere/1 over JSON lines), `file:PATH` (predictions), or `noise:SPEC` (gold with errors;
    /// never ranked). May be repeated. [default: all built-ins and noise]
    #[arg(short, long = "extractor", value_name = "WHAT")]
    pub(crate) extractors: Vec<String>,
    /// What extractors are given besides the text. May be repeated: extractors then run once on each
    /// track; prediction files say themselves what they were given, and noise needs nothing.
    #[arg(long = "track", value_name = "TRACK", value_enum, default_values_t = [Track::Text])]
    pub(crate) tracks: Vec<Track>,
    /// The name of what made a file of predictions. [default: the name of the file]
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// A label map for programs and prediction files.
    #[arg(long, value_name = "FILE")]
    pub(crate) map: Option<PathBuf>,
    /// What to do with predictions that have mentions and no entities: `names` makes an entity of the
    /// mentions of one name, and of relations between mentions those between entities. Part of every
    /// signature.
    #[arg(long, value_enum, default_value_t = Resolve::No)]
    pub(crate) resolve: Resolve,
    /// Run again over texts that are changed in these ways, and say how much each change costs:
    /// name-swap, case-upper, case-lower, case-title, ocr, typo, typography, scraped-noise,
    /// sentence-order, nfc, nfd. No records are made of these runs.
    #[arg(long, value_delimiter = ',', value_name = "KIND,…")]
    pub(crate) perturb: Vec<ere_synth::perturb::Perturbation>,
    /// Give these extractors no rank: they are of the family of models that annotated the gold set, or
    /// were tuned on this split.
    #[arg(long)]
    pub(crate) unranked: bool,
    /// Where records and leaderboard.csv go.
    #[arg(short, long, default_value = "results/local", value_name = "DIR")]
    pub(crate) output: PathBuf,
    /// What is scored: a built-in protocol (`erebench protocols` lists them), or a TOML file.
    #[arg(long, default_value = "default", value_name = "NAME|FILE")]
    pub(crate) protocol: String,
    #[command(flatten)]
    pub(crate) scoring: Scoring,
    /// Worker threads. [default: one for each core]
    #[arg(short = 'j', long, value_name = "N")]
    pub(crate) threads: Option<usize>,
    /// Repeat the split until this many documents have been timed (0: time only the scored pass).
    #[arg(long, default_value_t = 1000, value_name = "N")]
    pub(crate) speed_documents: u64,
    /// Begin no document for speed after so many seconds. [default: 10; 3 for external programs]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) speed_seconds: Option<f64>,
    /// How long an external program may take for one document, in seconds.
    #[arg(long, default_value_t = 30.0, value_name = "SECONDS")]
    pub(crate) document_timeout: f64,
    /// Count predicted documents that the data set does not have instead of refusing them.
    #[arg(long)]
    pub(crate) allow_unknown_documents: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Track {
    /// Nothing.
    Text,
    /// Gold mentions.
    Mentions,
    /// Gold entities.
    Entities,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Resolve {
    /// Nothing.
    No,
    /// Make entities of names.
    Names,
}

impl From<Resolve> for ere_eval::Resolve {
    fn from(resolve: Resolve) -> ere_eval::Resolve {
        match resolve {
            Resolve::No => ere_eval::Resolve::No,
            Resolve::Names => ere_eval::Resolve::Names,
        }
    }
}

/// How scores are made and shown.
#[derive(Clone, Debug, Parser)]
pub(crate) struct Scoring {
    /// Bootstrap replicates of the intervals; 0 for none.
    #[arg(long, default_value_t = 1000, value_name = "N")]
    pub(crate) replicates: u32,
    /// The seed of the intervals.
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// Exit with 1 when the primary F1 is lower than this, or undefined.
    #[arg(long, value_name = "F1", value_parser = share)]
    pub(crate) fail_under: Option<f64>,
    /// Print JSON instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if (0.0..=1.0).contains(&value) => Ok(value),
        _ => Err("expected a number from 0 to 1".to_owned()),
    }
}

const SCORE_EXAMPLES: &str = "\
Examples:
  erebench score gold.jsonl predictions.jsonl
  erebench score datasets/newswire predictions.jsonl --split test --by-type
  erebench score gold.jsonl predictions.jsonl --ontology ontology.toml --json
  erebench score gold.jsonl predictions.jsonl --protocol docred --train train.jsonl
  erebench score gold.jsonl predictions.jsonl --fail-under 0.6
  my_extractor < gold.jsonl | erebench score gold.jsonl - --replicates 0
  erebench score gold.jsonl predictions.jsonl --errors errors.jsonl
  erebench score gold-1.jsonl predictions-1.jsonl --data-name gold --partial 1.part

Documents may stand in any order on both sides. Files of JSONL are read as streams: a document waits
in memory for its other half, and beyond 32 MB of such lines its place in the file is remembered
instead. Lines of a pipe or of a compressed file (.zst) cannot be read again; beyond that size they
wait in a temporary file.
docs/scoring-input.md says what happens to each kind of wrong input.";

/// Score predictions against gold.
#[derive(Clone, Debug, Parser)]
#[command(after_help = SCORE_EXAMPLES)]
pub(crate) struct Score {
    /// Gold: a data set, a .jsonl or .ere file, a folder of .ere files, or `-` (JSONL from standard
    /// input).
    pub(crate) gold: PathBuf,
    /// Predictions: native JSONL, one document a line; `-` is standard input.
    pub(crate) predictions: PathBuf,
    /// The split, where gold is a data set.
    #[arg(long, default_value = "test")]
    pub(crate) split: String,
    /// The ontology, where gold is no data set. Without one, types are an open vocabulary.
    #[arg(long, value_name = "FILE")]
    pub(crate) ontology: Option<PathBuf>,
    /// A label map for the predictions.
    #[arg(long, value_name = "FILE")]
    pub(crate) map: Option<PathBuf>,
    /// What to do with predictions that have mentions and no entities: `names` makes an entity of the
    /// mentions of one name, and of relations between mentions those between entities. Part of every
    /// signature.
    #[arg(long, value_enum, default_value_t = Resolve::No)]
    pub(crate) resolve: Resolve,
    /// The train set, for protocols that ask what could be learnt by heart (Ign F1 of docred): a
    /// .jsonl or .ere file, a folder of .ere files, or a data set, whose train split it is.
    #[arg(long, value_name = "PATH")]
    pub(crate) train: Option<PathBuf>,
    /// Show each type, family and outcome too.
    #[arg(long)]
    pub(crate) by_type: bool,
    /// Count predicted documents that gold does not have instead of refusing them.
    #[arg(long)]
    pub(crate) allow_unknown_documents: bool,
    /// The name of the data in signatures, where gold is no data set. [default: the name of the file]
    #[arg(long, value_name = "NAME")]
    pub(crate) data_name: Option<String>,
    /// Write what each document adds to a file for `erebench merge` instead of printing scores. Memory
    /// does not grow with documents, but for about 100 bytes each to find ids that stand twice.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["by_type", "fail_under"])]
    pub(crate) partial: Option<PathBuf>,
    /// Write each false positive and false negative with its cause as a line of JSON to a file, as
    /// `erebench errors -o` does (docs/errors.md), in the order of documents.
    #[arg(long, value_name = "FILE")]
    pub(crate) errors: Option<PathBuf>,
    /// Worker threads. [default: one for each core]
    #[arg(short = 'j', long, value_name = "N")]
    pub(crate) threads: Option<usize>,
    /// What is scored: a built-in protocol (`erebench protocols` lists them), or a TOML file.
    #[arg(long, default_value = "default", value_name = "NAME|FILE")]
    pub(crate) protocol: String,
    #[command(flatten)]
    pub(crate) scoring: Scoring,
}

/// List the built-in protocols, or print one as a TOML file to start from.
#[derive(Clone, Debug, Parser)]
#[command(
    after_help = "Examples:\n  erebench protocols\n  erebench protocols spert > mine.toml\n  erebench protocols docred --json"
)]
pub(crate) struct Protocols {
    /// A built-in protocol, or a TOML file, which is checked. [default: list them all]
    #[arg(value_name = "NAME|FILE")]
    pub(crate) protocol: Option<String>,
    /// Print JSON instead of a table or TOML.
    #[arg(long)]
    pub(crate) json: bool,
}

const ERRORS_EXAMPLES: &str = "\
Examples:
  erebench errors gold.jsonl predictions.jsonl
  erebench errors datasets/newswire predictions.jsonl --split dev -o errors.jsonl
  erebench errors datasets/newswire results/local/runs/newswire/patterns/8848f23973bfa3fc
  erebench errors gold.jsonl predictions.jsonl -o - | jq 'select(.cause == \"direction\")'

docs/errors.md says what each cause means and what a line of the file holds.";

/// Say why a score is not 1: the first cause of each false positive and false negative.
///
/// Shows, for mention.strict, relation.anchored and relation.anchored.strict, how much of the loss
/// (1 - F1) each cause takes, what F1 could at most be without the earlier causes, and which types
/// are taken for which.
#[derive(Clone, Debug, Parser)]
#[command(after_help = ERRORS_EXAMPLES)]
pub(crate) struct Errors {
    /// Gold: a data set, a .jsonl or .ere file, or a folder of .ere files.
    pub(crate) gold: PathBuf,
    /// Predictions: native JSONL, or the folder of a record that `erebench run` left.
    pub(crate) predictions: PathBuf,
    /// The split, where gold is a data set. [default: test, or the record's]
    #[arg(long)]
    pub(crate) split: Option<String>,
    /// The ontology, where gold is no data set. Without one, types are an open vocabulary.
    #[arg(long, value_name = "FILE")]
    pub(crate) ontology: Option<PathBuf>,
    /// A label map for the predictions.
    #[arg(long, value_name = "FILE")]
    pub(crate) map: Option<PathBuf>,
    /// Write each error as a line of JSON, with the text around it; `-` is standard output, without
    /// tables.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Count predicted documents that gold does not have instead of refusing them.
    #[arg(long)]
    pub(crate) allow_unknown_documents: bool,
    /// Print JSON instead of tables.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Merge parts of a result that `score --partial` wrote, and print the scores as one run would.
///
/// Refuses parts that measured different things (data, ontology, label map, protocol, policies,
/// version) and documents that are in several parts.
#[derive(Clone, Debug, Parser)]
#[command(
    after_help = "Examples:\n  erebench merge 1.part 2.part 3.part\n  erebench merge *.part --data-name gold --json"
)]
pub(crate) struct Merge {
    /// Files that `score --partial` wrote, in any order.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) parts: Vec<PathBuf>,
    /// The name of the data in signatures, in place of the names in the parts.
    #[arg(long, value_name = "NAME")]
    pub(crate) data_name: Option<String>,
    /// Show each type and family too.
    #[arg(long)]
    pub(crate) by_type: bool,
    /// Worker threads. [default: one for each core]
    #[arg(short = 'j', long, value_name = "N")]
    pub(crate) threads: Option<usize>,
    #[command(flatten)]
    pub(crate) scoring: Scoring,
}

const COMPARE_EXAMPLES: &str = "\
Examples:
  erebench compare results/local/runs/newswire/gazetteer/* results/local/runs/newswire/patterns/*
  erebench compare old.part new.part --view mention.strict --json
  erebench compare baseline/ a/ b/ c/

Each result is compared with the first one, document by document: the difference of F1 (other minus
first), its 95 % BCa interval, and the p-value of an approximate randomization test (two-sided;
corrected by Holm over all comparisons of a view where there are several).";

/// Compare results on the same documents: is one better than another, and how surely?
///
/// Refuses rows whose signatures differ before `||`, that is, which did not measure the same thing.
#[derive(Clone, Debug, Parser)]
#[command(after_help = COMPARE_EXAMPLES)]
pub(crate) struct Compare {
    /// Records (folders, or the record.json in them), or files that `score --partial` wrote. The
    /// first is the baseline.
    #[arg(required = true, num_args = 2.., value_name = "RESULT")]
    pub(crate) results: Vec<PathBuf>,
    /// A view to compare; may be repeated. [default: the primary view of the protocol]
    #[arg(long = "view", value_name = "VIEW")]
    pub(crate) views: Vec<String>,
    /// The protocol of the results, where it is not a built-in one: records name it only.
    #[arg(long, value_name = "FILE")]
    pub(crate) protocol: Option<String>,
    /// Compare what did not measure the same thing, over the documents that both have, and mark it.
    #[arg(long)]
    pub(crate) force: bool,
    /// Bootstrap replicates of the interval, and random exchanges of the test.
    #[arg(long, default_value_t = 10_000, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) replicates: u32,
    /// The seed of both.
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// Print JSON instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Make a CSV leaderboard of the records under a folder.
#[derive(Clone, Debug, Parser)]
#[command(
    after_help = "Examples:\n  erebench leaderboard results/local\n  erebench leaderboard results -o -"
)]
pub(crate) struct Leaderboard {
    /// The folder; records are found at any depth.
    pub(crate) folder: PathBuf,
    /// Where to write it; `-` is standard output. [default: leaderboard.csv in the folder]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// Check gold: data sets, JSONL, authoring files.
#[derive(Clone, Debug, Parser)]
#[command(
    after_help = "Examples:\n  erebench validate datasets/newswire\n  erebench validate --ontology ontology.toml article.ere gold.jsonl"
)]
pub(crate) struct Validate {
    /// Data sets, .jsonl or .ere files, folders of .ere files.
    #[arg(required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// The ontology to check types and signatures with, for what is no data set.
    #[arg(long, value_name = "FILE")]
    pub(crate) ontology: Option<PathBuf>,
    /// Print JSON instead of text.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Count what a data set holds.
#[derive(Clone, Debug, Parser)]
#[command(
    after_help = "Examples:\n  erebench stats datasets/newswire\n  erebench stats datasets/newswire --split test --json\n  erebench stats gold.jsonl"
)]
pub(crate) struct Stats {
    /// A data set, a .jsonl or .ere file, or a folder of .ere files.
    pub(crate) path: PathBuf,
    /// One split of a data set. [default: all]
    #[arg(long)]
    pub(crate) split: Option<String>,
    /// Print JSON instead of text.
    #[arg(long)]
    pub(crate) json: bool,
}

const AGREE_EXAMPLES: &str = "\
Examples:
  erebench agree first/ second/ --ontology datasets/newswire/ontology.toml
  erebench agree first.jsonl second.jsonl --given adjudicated.jsonl --by-type
  erebench agree first/ second/ --common --list";

/// Measure how well two annotations of the same texts agree.
///
/// F1 is the mean of both directions. Each figure has a 95 % interval over documents.
#[derive(Clone, Debug, Parser)]
#[command(after_help = AGREE_EXAMPLES)]
pub(crate) struct Agree {
    /// One annotation: a data set, a .jsonl or .ere file, or a folder of .ere files.
    pub(crate) a: PathBuf,
    /// The other annotation.
    pub(crate) b: PathBuf,
    /// A third annotation: relations are also compared over its entities.
    #[arg(long, value_name = "GOLD")]
    pub(crate) given: Option<PathBuf>,
    /// The split, where an annotation is a data set.
    #[arg(long, default_value = "test")]
    pub(crate) split: String,
    /// The ontology, where the annotations are no data sets. Without one, types are an open vocabulary.
    #[arg(long, value_name = "FILE")]
    pub(crate) ontology: Option<PathBuf>,
    /// Compare the documents that all have, instead of refusing others.
    #[arg(long)]
    pub(crate) common: bool,
    /// Show each type of ten items or more.
    #[arg(long)]
    pub(crate) by_type: bool,
    /// List every disagreement.
    #[arg(long)]
    pub(crate) list: bool,
    /// Bootstrap replicates of the intervals; 0 for none.
    #[arg(long, default_value_t = 1000, value_name = "N")]
    pub(crate) replicates: u32,
    /// The seed of the intervals.
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// Print JSON instead of tables, disagreements too.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Ask where gold annotates like things differently.
///
/// A string that is a mention in one place and none, or of another type, in another; words that mostly go
/// with a relation between two entities that have none; a relation between types that is found once. Each
/// is a question for whoever keeps the data, not an error.
#[derive(Clone, Debug, Parser)]
#[command(
    after_help = "Examples:\n  erebench consistency datasets/newswire\n  erebench consistency datasets/newswire --split test --json
  erebench consistency datasets/newswire --answers datasets/newswire/annotations/consistency.csv"
)]
pub(crate) struct Consistency {
    /// A data set, a .jsonl or .ere file, or a folder of .ere files.
    pub(crate) path: PathBuf,
    /// A CSV file of questions that were answered (document, kind, subject, context, answer): print the
    /// others, and exit with 1 if there are any, or answers that no question asks for any more.
    #[arg(long, value_name = "FILE")]
    pub(crate) answers: Option<PathBuf>,
    /// One split of a data set. [default: all]
    #[arg(long)]
    pub(crate) split: Option<String>,
    /// Print JSON instead of text.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Join a stand-off annotation with a local copy of its text.
#[derive(Clone, Debug, Parser)]
#[command(
    after_help = "Example: erebench attach datasets/newswire/standoff/seed.jsonl --text article.txt -o article.jsonl"
)]
pub(crate) struct Attach {
    /// The stand-off annotation: native JSONL with text_sha256 instead of text.
    pub(crate) standoff: PathBuf,
    /// The text; one for each document of the annotation, in its order.
    #[arg(long = "text", required = true, value_name = "FILE")]
    pub(crate) texts: Vec<PathBuf>,
    /// Where to write it; `-` is standard output.
    #[arg(short, long, default_value = "-", value_name = "FILE")]
    pub(crate) output: PathBuf,
}

/// Convert gold between native JSONL, the authoring form and stand-off annotation.
#[derive(Clone, Debug, Parser)]
#[command(
    after_help = "Examples:\n  erebench convert datasets/newswire --split test -o test.jsonl\n  erebench convert article.ere -o article.jsonl\n  erebench convert gold.jsonl -o articles/\n  erebench convert article.ere --standoff -o article.standoff.jsonl"
)]
pub(crate) struct Convert {
    /// A data set, a .jsonl or .ere file, or a folder of .ere files.
    pub(crate) input: PathBuf,
    /// The split, where the input is a data set.
    #[arg(long)]
    pub(crate) split: Option<String>,
    /// A .jsonl file, an .ere file (one document), or a folder (one .ere file a document); `-` is JSONL on
    /// standard output.
    #[arg(short, long, default_value = "-")]
    pub(crate) output: PathBuf,
    /// Write the hash of the text instead of the text (JSONL only).
    #[arg(long)]
    pub(crate) standoff: bool,
}
