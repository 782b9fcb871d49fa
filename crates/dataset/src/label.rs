//! Type names as small integers.

use std::cell::RefCell;
use std::sync::{Arc, RwLock};

use rustc_hash::FxHashMap;

use crate::error::ErrorKind;
use crate::limits;

/// A type name, interned: compares and hashes as an integer. Meaningful with its [`Vocabulary`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label(u32);

impl Label {
    /// A dense index, for tables with one slot a label.
    #[inline]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// All type names met so far, entity types and relation types alike. Shared by gold and
/// predictions, so that equal names are equal labels. Cheap to clone; clones are the same
/// vocabulary.
///
/// Numbers depend on the order of meeting: never sort or print by them, use [`Vocabulary::name`].
///
/// ```
/// let vocabulary = ere_dataset::Vocabulary::default();
/// let person = vocabulary.intern("PER");
/// assert_eq!(vocabulary.intern("PER"), person);
/// assert_eq!(&*vocabulary.name(person), "PER");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    names: Arc<RwLock<Names>>,
}

#[derive(Debug, Default)]
struct Names {
    by_label: Vec<Arc<str>>,
    by_name: FxHashMap<Arc<str>, Label>,
    /// Whether a name was refused because there were too many.
    is_exhausted: bool,
}

const POISON: &str = "no code panics while it holds this lock";

impl Vocabulary {
    /// The label of `name`, new or known.
    pub fn intern(&self, name: &str) -> Label {
        if let Some(label) = self.get(name) {
            return label;
        }
        let mut names = self.names.write().expect(POISON);
        if let Some(&label) = names.by_name.get(name) {
            return label;
        }
        let label = Label(u32::try_from(names.by_label.len()).expect("fewer than 2^32 labels"));
        let name: Arc<str> = name.into();
        names.by_label.push(name.clone());
        names.by_name.insert(name, label);
        label
    }

    /// The label of a name that comes from outside and may be anything.
    ///
    /// # Errors
    /// The name is over [`limits::LABEL_BYTES`], or it is new and there are [`limits::LABELS`] already.
    pub fn intern_limited(&self, name: &str) -> Result<Label, ErrorKind> {
        if let Some(label) = self.get(name) {
            return Ok(label);
        }
        let over = |what, value: usize, limit: usize| {
            Err(ErrorKind::Limit { what, value: value as u64, limit: limit as u64 })
        };
        if name.len() > limits::LABEL_BYTES {
            return over("bytes of the type", name.len(), limits::LABEL_BYTES);
        }
        // Two threads may pass here at once: a few labels over the limit do no harm.
        if self.len() >= limits::LABELS {
            self.names.write().expect(POISON).is_exhausted = true;
            return over("different types", limits::LABELS + 1, limits::LABELS);
        }
        Ok(self.intern(name))
    }

    /// Whether [`Vocabulary::intern_limited`] refused a name because there were too many. Which names
    /// these are depends on the order of meeting, so what was read since is not to be relied on.
    pub fn is_exhausted(&self) -> bool {
        self.names.read().expect(POISON).is_exhausted
    }

    /// The label of `name`, if it was met before.
    pub fn get(&self, name: &str) -> Option<Label> {
        self.names.read().expect(POISON).by_name.get(name).copied()
    }

    /// The name of a label of this vocabulary.
    ///
    /// # Panics
    /// With a label of another vocabulary that this one does not reach.
    pub fn name(&self, label: Label) -> Arc<str> {
        self.names.read().expect(POISON).by_label[label.index()].clone()
    }

    /// The labels so far, in the order of their numbers.
    pub fn labels(&self) -> impl Iterator<Item = Label> + use<> {
        (0..self.len() as u32).map(Label)
    }

    /// Whether both are the same vocabulary, so that labels mean the same in both.
    pub fn is_same(&self, other: &Vocabulary) -> bool {
        Arc::ptr_eq(&self.names, &other.names)
    }

    /// How many labels there are: a table of this length has a slot for each.
    pub fn len(&self) -> usize {
        self.names.read().expect(POISON).by_label.len()
    }

    /// Whether nothing was interned yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A vocabulary as one thread uses it: what it met before it finds without a lock.
///
/// ```
/// use ere_dataset::{Vocabulary, label::Interner};
/// let vocabulary = Vocabulary::default();
/// let interner = Interner::new(&vocabulary);
/// assert_eq!(interner.intern("PER").unwrap(), vocabulary.intern("PER"));
/// assert!(interner.intern(&"x".repeat(2000)).is_err());
/// ```
#[derive(Debug)]
pub struct Interner<'v> {
    vocabulary: &'v Vocabulary,
    known: RefCell<FxHashMap<Box<str>, Label>>,
}

impl<'v> Interner<'v> {
    /// Knows nothing yet.
    pub fn new(vocabulary: &'v Vocabulary) -> Interner<'v> {
        Interner { vocabulary, known: RefCell::default() }
    }

    /// What it interns in.
    pub fn vocabulary(&self) -> &'v Vocabulary {
        self.vocabulary
    }

    /// The label of a name that comes from outside.
    ///
    /// # Errors
    /// As [`Vocabulary::intern_limited`].
    pub fn intern(&self, name: &str) -> Result<Label, ErrorKind> {
        if let Some(label) = self.known.borrow().get(name) {
            return Ok(*label);
        }
        let label = self.vocabulary.intern_limited(name)?;
        self.known.borrow_mut().insert(name.into(), label);
        Ok(label)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_from_outside_are_limited_in_number_and_those_known_stay_known() {
        let vocabulary = Vocabulary::default();
        let first = vocabulary.intern_limited("0").unwrap();
        for number in 1..limits::LABELS {
            vocabulary.intern_limited(&number.to_string()).unwrap();
        }
        assert!(!vocabulary.is_exhausted());
        assert_eq!(vocabulary.intern_limited("0").unwrap(), first);
        let message = vocabulary.intern_limited("one more").unwrap_err().to_string();
        assert!(message.contains("different types") && message.contains("65536"), "{message}");
        assert!(vocabulary.is_exhausted());
        assert_eq!(vocabulary.len(), limits::LABELS);
    }
}
