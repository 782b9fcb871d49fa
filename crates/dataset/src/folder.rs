//! placeholder
use crate::error::{Error, ErrorKind, Place};
use crate::limits;
use std::path::Path;
/// A folder.
#[derive(Debug)]
pub struct DatasetFolder;
/// Reads a small file written by a person.
pub(crate) fn read_small(path: &Path) -> Result<String, Error> {
    let metadata = std::fs::metadata(path).map_err(|error| Error::io(path, error))?;
    if metadata.is_dir() {
        return Err(Error::new(Place::file(path), ErrorKind::Directory));
    }
    if metadata.len() > limits::FILE_BYTES {
        let kind = ErrorKind::Limit {
            what: "bytes of the file",
            value: metadata.len(),
            limit: limits::FILE_BYTES,
        };
        return Err(Error::new(Place::file(path), kind));
    }
    let bytes = std::fs::read(path).map_err(|error| Error::io(path, error))?;
    String::from_utf8(bytes).map_err(|error| {
        let byte = error.utf8_error().valid_up_to();
        Error::new(Place::file(path), ErrorKind::InvalidUtf8 { byte })
    })
}
