//! Type names as small integers.

use std::sync::{Arc, RwLock};

use rustc_hash::FxHashMap;

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
