//! Speed figures of a pass.

use std::time::Duration;

use ere_dataset::Document;
use ere_eval::record::{Latency, Speed};

use crate::pass::Pass;

/// From this many timings on, the largest ones hold the 95th percentile with 99 % confidence:
/// ln 0.01 / ln 0.95.
const TIMINGS_FOR_P95: usize = 90;
/// The same for the 99th percentile: ln 0.01 / ln 0.99.
const TIMINGS_FOR_P99: usize = 459;

/// What a pass says of speed. Only answers count: a failure is no fast document.
pub(crate) fn figures(pass: &Pass, documents: &[&Document], threads: usize, warm: bool) -> Speed {
    let answered = || pass.answers.iter().filter(|answer| answer.result.is_ok());
    let bytes: usize = answered().map(|answer| documents[answer.document].text.len()).sum();
    let times: Vec<Duration> = answered().map(|answer| answer.time).collect();
    // A clock may stand still over a pass that does nothing.
    let seconds = pass.wall.max(Duration::from_nanos(1)).as_secs_f64();
    Speed {
        documents_per_second: times.len() as f64 / seconds,
        megabytes_per_second: bytes as f64 / 1e6 / seconds,
        latency_ms: latency(times),
        threads: threads as u64,
        passes: pass.answers.len().div_ceil(documents.len().max(1)) as u64,
        warm,
    }
}

fn latency(mut times: Vec<Duration>) -> Latency {
    times.sort_unstable();
    let percentile = |percent: usize, timings_min: usize| {
        // Nearest rank.
        let rank = (times.len() * percent).div_ceil(100);
        let time = times.get(rank.checked_sub(1)?).filter(|_| times.len() >= timings_min)?;
        Some(time.as_nanos() as f64 / 1e6)
    };
    Latency {
        p50: percentile(50, 1),
        p95: percentile(95, TIMINGS_FOR_P95),
        p99: percentile(99, TIMINGS_FOR_P99),
        timings: times.len() as u64,
    }
}

#[cfg(test)]
mod tests {
    use ere_dataset::{Prediction, Text};
    use ere_extract::{Failure, FailureKind};

    use super::*;
    use crate::pass::Answer;

    fn milliseconds(count: u64) -> Vec<Duration> {
        (1..=count).rev().map(Duration::from_millis).collect()
    }

    #[test]
    fn a_percentile_needs_enough_timings() {
        let cases = [
            (0, None, None, None),
            (1, Some(1.0), None, None),
            (4, Some(2.0), None, None),
            (89, Some(45.0), None, None),
            (90, Some(45.0), Some(86.0), None),
            (458, Some(229.0), Some(436.0), None),
            (459, Some(230.0), Some(437.0), Some(455.0)),
        ];
        for (timings, p50, p95, p99) in cases {
            let found = latency(milliseconds(timings));
            assert_eq!(found, Latency { p50, p95, p99, timings });
        }
    }

    #[test]
    fn only_answers_count() {
        let text = |text: &str| Document { text: Text::new(text), ..Document::default() };
        let documents = [text("0123456789"), text("0")];
        let documents: Vec<&Document> = documents.iter().collect();
        let answer = |document, is_answered| Answer {
            document,
            time: Duration::from_micros(1500),
            result: match is_answered {
                true => Ok(Prediction::default()),
                false => Err(Failure::new(FailureKind::Internal, "")),
            },
        };
        let answers = vec![answer(0, true), answer(1, false), answer(0, true)];
        let pass = Pass { answers, wall: Duration::from_millis(500) };
        let expected = Speed {
            documents_per_second: 4.0,
            megabytes_per_second: 40e-6,
            latency_ms: Latency { p50: Some(1.5), p95: None, p99: None, timings: 2 },
            threads: 3,
            passes: 2,
            warm: true,
        };
        assert_eq!(figures(&pass, &documents, 3, true), expected);
    }
}
