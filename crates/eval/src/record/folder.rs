//! Putting a record in its place.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::{Error, FileDigest, PREDICTIONS, RECORD, Record, TALLIES, json, tallies};
use crate::score::Tallies;

/// A record on disk.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// Its folder.
    pub folder: PathBuf,
    /// The record as it was written, [`Record::files`] filled in.
    pub record: Record,
}

/// Writes the folder of a record under `runs` and puts it in place of the one that was there.
///
/// `predictions` writes native lines; they are compressed on the way. The folder is complete before
/// it appears under its name. When anything fails, nothing of it is left and what was there stays.
///
/// # Errors
/// The operating system refuses, or `predictions` fails.
pub fn write(
    runs: &Path,
    mut record: Record,
    tallies: &Tallies,
    predictions: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<Written, Error> {
    let parent = runs.join(component(&record.data.name)).join(component(&record.extractor.name));
    let folder = parent.join(&record.id);
    std::fs::create_dir_all(&parent).map_err(Error::io(&parent))?;
    let temporary = tempfile::Builder::new()
        .prefix(".erebench-")
        .suffix(".tmp")
        .tempdir_in(&parent)
        .map_err(Error::io(&parent))?;
    let mut add = |name: &str, fill: &mut dyn FnMut(&mut Hashing) -> io::Result<()>| {
        let digest = create(&temporary.path().join(name), fill).map_err(Error::io(&folder))?;
        record.files.insert(name.to_owned(), digest);
        Ok(())
    };
    add(TALLIES, &mut |out| tallies::write_tallies(out, tallies).map_err(io::Error::other))?;
    let mut predictions = Some(predictions);
    add(PREDICTIONS, &mut |out| {
        let mut compressed = zstd::Encoder::new(out, zstd::DEFAULT_COMPRESSION_LEVEL)?;
        predictions.take().expect("a file is filled once")(&mut compressed)?;
        compressed.finish()?;
        Ok(())
    })?;
    let bytes = json::print(&record);
    create(&temporary.path().join(RECORD), &mut |out| out.write_all(&bytes))
        .map_err(Error::io(&folder))?;
    make_readable(temporary.path()).map_err(Error::io(&folder))?;
    place(temporary.path(), &folder).map_err(Error::io(&folder))?;
    Ok(Written { folder, record })
}

/// Replaces what a record in `folder` says, at once or not at all; the files beside it stay.
///
/// # Errors
/// The operating system refuses.
pub fn update(folder: &Path, record: &Record) -> Result<(), Error> {
    let path = folder.join(RECORD);
    let replace = || -> io::Result<()> {
        let mut temporary = tempfile::Builder::new().prefix(".erebench-").tempfile_in(folder)?;
        temporary.write_all(&json::print(record))?;
        temporary.as_file().sync_all()?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            temporary.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
        }
        temporary.persist(&path).map_err(|error| error.error)?;
        Ok(())
    };
    replace().map_err(Error::io(&path))
}

/// A name as one component of a path: letters, digits, `.`, `_` and `-`, not hidden, not too long.
/// Different names may share one; ids do not.
fn component(name: &str) -> String {
    let keep = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let safe = name.chars().map(|c| if keep(c) { c } else { '-' });
    let safe: String = safe.take(80).collect();
    match safe.strip_prefix('.') {
        Some(rest) => format!("-{rest}"),
        None if safe.is_empty() => "unnamed".to_owned(),
        None => safe,
    }
}

fn create(
    path: &Path,
    fill: &mut dyn FnMut(&mut Hashing) -> io::Result<()>,
) -> io::Result<FileDigest> {
    let mut out = Hashing {
        writer: BufWriter::with_capacity(256 << 10, File::create_new(path)?),
        sha256: Sha256::new(),
        bytes: 0,
    };
    fill(&mut out)?;
    let Hashing { writer, sha256, bytes } = out;
    // What a rename makes visible must be on the disk before.
    writer.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    let sha256 = sha256.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(FileDigest { sha256, bytes })
}

/// A file, and the hash of what went into it.
struct Hashing {
    writer: BufWriter<File>,
    sha256: Sha256,
    bytes: u64,
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.writer.write(bytes)?;
        self.sha256.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// Gives a finished folder its name. What had the name before goes where the folder was; that is
/// the temporary folder, which its owner removes.
fn place(finished: &Path, folder: &Path) -> io::Result<()> {
    use io::ErrorKind::{AlreadyExists, DirectoryNotEmpty};
    match std::fs::rename(finished, folder) {
        Err(error) if matches!(error.kind(), AlreadyExists | DirectoryNotEmpty) => {
            exchange(finished, folder)
        }
        done => done,
    }
}

#[cfg(target_os = "linux")]
fn exchange(finished: &Path, folder: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    // Not every file system can exchange two names at once.
    renameat_with(CWD, finished, CWD, folder, RenameFlags::EXCHANGE)
        .or_else(|_| step_aside(finished, folder))
}

#[cfg(not(target_os = "linux"))]
fn exchange(finished: &Path, folder: &Path) -> io::Result<()> {
    step_aside(finished, folder)
}

/// Exchanges two names one after the other: between the two steps there is no record.
fn step_aside(finished: &Path, folder: &Path) -> io::Result<()> {
    let aside = finished.with_extension("old");
    std::fs::rename(folder, &aside)?;
    match std::fs::rename(finished, folder) {
        Ok(()) => std::fs::rename(&aside, finished),
        Err(error) => {
            std::fs::rename(&aside, folder)?;
            Err(error)
        }
    }
}

/// Temporary folders are private; a finished one should be as readable as any other new folder.
#[cfg(unix)]
fn make_readable(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_readable(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_one_component_of_a_path() {
        let cases = [
            ("gazetteer", "gazetteer"),
            ("cmd:python3 x/y.py", "cmd-python3-x-y.py"),
            ("..", "-."),
            ("", "unnamed"),
            ("naïve", "na-ve"),
        ];
        for (name, expected) in cases {
            assert_eq!(component(name), expected, "{name:?}");
        }
        assert_eq!(component(&"x".repeat(500)).len(), 80);
    }

    #[test]
    fn both_ways_of_exchanging_leave_the_old_folder_to_be_removed() {
        for exchange in [exchange, step_aside] {
            let folder = tempfile::tempdir().unwrap();
            let (new, old) = (folder.path().join(".new.tmp"), folder.path().join("id"));
            for (path, content) in [(&new, "new"), (&old, "old")] {
                std::fs::create_dir(path).unwrap();
                std::fs::write(path.join("file"), content).unwrap();
            }
            exchange(&new, &old).unwrap();
            assert_eq!(std::fs::read_to_string(old.join("file")).unwrap(), "new");
            assert_eq!(std::fs::read_to_string(new.join("file")).unwrap(), "old");
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
        }
    }
}
