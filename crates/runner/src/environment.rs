//! The machine, as far as it explains speed.

use ere_eval::record::Environment;

/// What is known of this machine. No name of it.
pub(crate) fn environment() -> Environment {
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    Environment {
        cpu: std::fs::read_to_string("/proc/cpuinfo").ok().as_deref().and_then(processor),
        cores,
        os: std::env::consts::OS.to_owned(),
        kernel: std::fs::read_to_string("/proc/sys/kernel/osrelease")
            .ok()
            .map(|release| release.trim().to_owned()),
    }
}

fn processor(cpuinfo: &str) -> Option<String> {
    let line = cpuinfo.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_says_its_name() {
        let cpuinfo = "processor\t: 0\nmodel name\t: A processor @ 2 GHz\nmodel name\t: other\n";
        assert_eq!(processor(cpuinfo).as_deref(), Some("A processor @ 2 GHz"));
        assert_eq!(processor("processor\t: 0\n"), None);
    }
}
