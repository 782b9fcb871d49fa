//! Reading the predictions of a record.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek as _};
use std::path::Path;

use ere_dataset::text::hex;
use sha2::{Digest as _, Sha256};

use super::{Error, ErrorKind, PREDICTIONS, Record};

const BUFFER_BYTES: usize = 256 << 10;

/// Opens the predictions that stand beside a `record.json`, in `folder`: native lines, decompressed
/// on the way.
///
/// # Errors
/// The file cannot be read, or is not the one that the record names.
pub fn open_predictions(folder: &Path, record: &Record) -> Result<impl BufRead + use<>, Error> {
    let path = folder.join(PREDICTIONS);
    let wrong = |kind| Error::new(&path, kind);
    let digest = record.files.get(PREDICTIONS).ok_or_else(|| wrong(ErrorKind::NotListed))?;
    let mut file = File::open(&path).map_err(Error::io(&path))?;
    let found = sha256(&mut file).map_err(Error::io(&path))?;
    if found != digest.sha256 {
        let expected = digest.sha256.clone();
        return Err(wrong(ErrorKind::Damaged { found, expected }));
    }
    file.rewind().map_err(Error::io(&path))?;
    let lines = zstd::Decoder::new(file).map_err(Error::io(&path))?;
    Ok(BufReader::with_capacity(BUFFER_BYTES, lines))
}

fn sha256(file: &mut File) -> io::Result<String> {
    let mut reader = BufReader::with_capacity(BUFFER_BYTES, file);
    let mut hasher = Sha256::new();
    loop {
        let bytes = reader.fill_buf()?;
        if bytes.is_empty() {
            return Ok(hex(&hasher.finalize()));
        }
        hasher.update(bytes);
        let length = bytes.len();
        reader.consume(length);
    }
}
