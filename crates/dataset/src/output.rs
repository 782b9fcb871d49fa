//! Writing files so that a reader never sees half of one.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::Error;

const BUFFER_BYTES: usize = 1 << 20;

/// A file that appears under its name only when it is complete.
///
/// It is written under a temporary name (`*.tmp`) in the same folder and renamed by
/// [`Output::finish`]. Dropped before that, it leaves nothing, and what stood under the name stays.
/// A device or a named pipe is written to directly: it holds nothing that could be half of a file.
///
/// ```
/// use std::io::Write as _;
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("scores.csv");
/// let mut output = ere_dataset::output::Output::create(&path)?;
/// output.write_all(b"f1\n")?;
/// assert!(!path.exists());
/// output.finish()?;
/// assert!(path.exists());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Output {
    writer: BufWriter<Target>,
    path: PathBuf,
}

#[derive(Debug)]
enum Target {
    Temporary(NamedTempFile),
    Device(File),
}

impl Output {
    /// Opens a temporary file beside `path`, whose folder is made where it is missing.
    ///
    /// # Errors
    /// The folder cannot be made or written to, or `path` is a folder.
    pub fn create(path: &Path) -> Result<Output, Error> {
        if path.is_dir() {
            return Err(Error::io(path, std::io::ErrorKind::IsADirectory.into()));
        }
        if is_device(path) {
            let device = File::options().write(true).open(path);
            let device = Target::Device(device.map_err(|error| Error::io(path, error))?);
            let writer = BufWriter::with_capacity(BUFFER_BYTES, device);
            return Ok(Output { writer, path: path.to_owned() });
        }
        let folder = match path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        std::fs::create_dir_all(folder).map_err(|error| Error::io(folder, error))?;
        let temporary = tempfile::Builder::new()
            .prefix(".erebench-")
            .suffix(".tmp")
            .tempfile_in(folder)
            .map_err(|error| Error::io(path, error))?;
        let writer = BufWriter::with_capacity(BUFFER_BYTES, Target::Temporary(temporary));
        Ok(Output { writer, path: path.to_owned() })
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    /// The last bytes cannot be written, or the file cannot be renamed.
    pub fn finish(self) -> Result<(), Error> {
        let Output { writer, path } = self;
        let wrong = |error| Error::io(&path, error);
        match writer.into_inner().map_err(|error| wrong(error.into_error()))? {
            Target::Device(_) => Ok(()),
            Target::Temporary(temporary) => {
                make_readable(temporary.as_file()).map_err(wrong)?;
                temporary.persist(&path).map_err(|error| wrong(error.error))?;
                Ok(())
            }
        }
    }

    /// Writes all of a file at once.
    ///
    /// # Errors
    /// As [`Output::create`] and [`Output::finish`].
    pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
        let mut output = Output::create(path)?;
        output.write_all(bytes).map_err(|error| Error::io(path, error))?;
        output.finish()
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.writer.flush()
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Target::Temporary(file) => file.write(bytes),
            Target::Device(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Something that is there and neither a file nor a folder.
fn is_device(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

/// Temporary files are private; a finished one should be as readable as any other new file.
#[cfg(unix)]
fn make_readable(file: &File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_: &File) -> std::io::Result<()> {
    Ok(())
}
