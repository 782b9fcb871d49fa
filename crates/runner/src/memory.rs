//! The largest resident memory of this process during a run.

use std::fs;

/// Begins a measurement. Linux keeps the peak and can be told to forget it; elsewhere there is none.
pub(crate) struct Peak {
    is_reset: bool,
}

impl Peak {
    pub(crate) fn start() -> Peak {
        // "5" resets the peak to the present size (proc_pid_clear_refs(5)).
        Peak { is_reset: fs::write("/proc/self/clear_refs", "5").is_ok() }
    }

    /// The peak in bytes since the start, of all threads together.
    pub(crate) fn bytes(&self) -> Option<u64> {
        let status = fs::read_to_string("/proc/self/status").ok().filter(|_| self.is_reset)?;
        high_water_mark(&status)
    }
}

fn high_water_mark(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_is_read_in_bytes() {
        assert_eq!(high_water_mark("Name:\tx\nVmHWM:\t    2048 kB\n"), Some(2 << 20));
        assert_eq!(high_water_mark("VmHWM:\t2048\n"), None);
        assert_eq!(high_water_mark("Name:\tx\n"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn memory_that_was_used_is_seen() {
        let peak = Peak::start();
        let before = peak.bytes();
        // Written to, or the system would not make it resident.
        let used = std::hint::black_box(vec![1u8; 64 << 20]);
        drop(used);
        // Where the system does not let the mark be reset, there is no figure.
        if let (Some(before), Some(after)) = (before, peak.bytes()) {
            assert!(after >= before + (32 << 20), "{before} {after}");
        }
    }
}
