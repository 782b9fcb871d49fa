//! What the reference scorers measure, one entry a measure: the views of their protocols.

use ere_dataset::Layer;

use crate::property::{Exemption, Property};
use crate::view::View;

/// A scorer, or a family of scorers with the same rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// [`super::semeval13`].
    Semeval13,
    /// [`super::nervaluate`].
    Nervaluate,
    /// conlleval.pl: [`super::seqeval`] with default decoding.
    Conll03,
    /// [`super::seqeval`].
    Seqeval,
    /// [`super::spacy`].
    Spacy,
    /// [`super::spert`].
    Spert,
    /// [`super::pure`].
    Pure,
    /// [`super::docred`].
    Docred,
    /// [`super::dwie`].
    Dwie,
    /// [`super::casrel`].
    Casrel,
    /// [`super::tplinker`].
    Tplinker,
    /// [`super::tacred`].
    Tacred,
    /// [`super::semeval2010`].
    Semeval2010,
    /// [`super::conll_coref`].
    ConllCoref,
    /// [`super::corefud`].
    Corefud,
    /// [`super::neleval`].
    Neleval,
}

/// How the numbers of a measure are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Credit {
    /// Items are right or wrong as a whole, so that there are true positives, false positives and
    /// false negatives.
    Sets,
    /// Items earn fractions, or copies earn again.
    Shares,
    /// Links of two kinds, averaged over the kinds that gold has.
    LinksOfGold,
    /// Links of two kinds, averaged over the kinds that gold or prediction has.
    LinksOfBoth,
    /// The mean F1 of these views.
    Mean(&'static [View]),
}

/// The entry of a measure.
pub(crate) struct About {
    pub(crate) name: &'static str,
    pub(crate) family: Family,
    /// The layer of gold that it needs.
    pub(crate) layer: Layer,
    /// What of two items' places is compared.
    pub(crate) span: &'static str,
    /// Which types are compared.
    pub(crate) types: &'static str,
    pub(crate) credit: Credit,
    pub(crate) definition: &'static str,
    pub(crate) exemptions: &'static [Exemption],
}

macro_rules! measures {
    ($($item:ident $family:ident $name:literal $layer:ident $span:literal $types:literal $credit:expr,
       $definition:literal [$($property:ident $reason:expr),*];)+) => {
        /// A measure of a reference scorer: a view of its protocol.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Measure {
            $(#[doc = $definition] $item,)+
        }

        impl Measure {
            /// All measures, in the order in which they are shown.
            pub const ALL: &[Measure] = &[$(Measure::$item,)+];
        }

        const TABLE: &[About] = &[$(About {
            name: $name,
            family: Family::$family,
            layer: Layer::$layer,
            span: $span,
            types: $types,
            credit: $credit,
            definition: $definition,
            exemptions: &[$((Property::$property, $reason)),*],
        },)+];
    };
}

use Credit::{LinksOfBoth, LinksOfGold, Mean, Sets, Shares};

const GREEDY: &str = "predictions take gold mentions greedily, in the order of the list";
const ONE_SIDE: &str =
    "predictions take gold mentions, by shares of gold's length, and never the other way";
const OWN_RUN: &str = "the row of a type is a run of its own, on mentions of that type alone";
const STEALS: &str = "a copy is paired with another gold mention that it overlaps";
const ONE_TAG: &str =
    "a token has one tag: of two types at one place, the first by name is written";
const SKIPPED: &str =
    "predictions that do not fit the tokens are skipped, gold's mentions never are";
const LISTS: &str =
    "copies are counted on the side of the prediction, and once on the side of gold";
const EACH_COPY: &str = "each copy of a right prediction is right again";
const IGN: &str = "right predictions that the train set knows leave precision, and only precision";
const FIRST_COPY: &str = "of copies of a relation the first one's evidence counts";
const EVIDENCE: &str = "predicted evidence counts once a relation, gold's once a statement";
const CONCEPTS: &str = "gold has the types of entities, predictions those of mentions";
const EXPANDED: &str =
    "gold is all pairs of mentions of related entities, the prediction its mention relations";
const SOFT_COPIES: &str = "a copy without an entity is one more entity of one mention";
const CLUSTER_COPIES: &str = "copies of a mention count in their clusters";
const LATER: &str = "of two entities that claim a place, the later one in the list has it";
const NO_LINKS: &str = "entities of one mention have no link, so that all that there is can be 0";
const NO_LINKS_CONLL: &str = "MUC is a part of it, and 0 where no entity has two mentions";
const ONE_MENTION: &str = "one mention alone makes no pair, so that there is nothing to average";
const GOLD_LINKS: &str = "which kinds of links are averaged is decided by gold";
const DROPPED: &str =
    "entities of one mention are dropped, so that all that there is can be nothing";
const PRECISION_ONE: &str = "precision of nothing is 1, recall of nothing is 0";
const ONE_LABEL: &str = "a pair has one label: of several, the first by name";

const fn of(measure: Measure) -> View {
    View::Reference(measure)
}

measures! {
    Semeval13Strict Semeval13 "semeval13.strict" Mentions "exact" "asked" Sets,
        "mentions, best one-to-one assignment; correct: equal place and type" [];
    Semeval13Exact Semeval13 "semeval13.exact" Mentions "exact" "ignored" Sets,
        "mentions, best one-to-one assignment; correct: equal place" [];
    Semeval13Partial Semeval13 "semeval13.partial" Mentions "overlap" "ignored" Shares,
        "mentions, best one-to-one assignment; correct: equal place; an overlap is worth a half" [];
    Semeval13Type Semeval13 "semeval13.type" Mentions "overlap" "asked" Sets,
        "mentions, best one-to-one assignment; correct: an overlap and equal type" [];

    NervaluateStrict Nervaluate "nervaluate-1.2.strict" Mentions "exact" "asked" Sets,
        "mentions, greedy in list order; correct: equal place and type" [Order GREEDY, Exchange ONE_SIDE, Parts OWN_RUN, Copies STEALS];
    NervaluateExact Nervaluate "nervaluate-1.2.exact" Mentions "exact" "ignored" Sets,
        "mentions, greedy in list order; correct: equal place" [Order GREEDY, Exchange ONE_SIDE, Parts OWN_RUN, Copies STEALS];
    NervaluatePartial Nervaluate "nervaluate-1.2.partial" Mentions "overlap" "ignored" Shares,
        "mentions, greedy in list order; correct: equal place; an overlap is worth a half" [Order GREEDY, Exchange ONE_SIDE, Parts OWN_RUN, Copies STEALS];
    NervaluateType Nervaluate "nervaluate-1.2.type" Mentions "overlap" "asked" Sets,
        "mentions, greedy in list order; correct: an overlap and equal type" [Order GREEDY, Exchange ONE_SIDE, Parts OWN_RUN, Copies STEALS];

    Conll03Chunks Conll03 "conll03.chunks" Mentions "tokens" "asked" Sets,
        "chunks of tags, decoded as conlleval.pl does: equal tokens and type" [Names ONE_TAG];
    Conll03Tokens Conll03 "conll03.tokens" Mentions "tokens" "asked" Sets,
        "tokens with equal tags: P, R and F1 are conlleval.pl's accuracy" [Names ONE_TAG];

    SeqevalDefault Seqeval "seqeval.default" Mentions "tokens" "asked" Sets,
        "chunks of tags, default decoding: equal tokens and type" [Names ONE_TAG];
    SeqevalStrict Seqeval "seqeval.strict" Mentions "tokens" "asked" Sets,
        "chunks of tags, strict decoding of IOB2: equal tokens and type" [Names ONE_TAG];
    SeqevalTokens Seqeval "seqeval.tokens" Mentions "tokens" "asked" Sets,
        "tokens with equal tags: P, R and F1 are seqeval's accuracy" [Names ONE_TAG];

    SpacyLabelled Spacy "spacy.labelled" Mentions "tokens" "asked" Sets,
        "mentions as a set: equal tokens and type; predictions between tokens are skipped" [Perfect SKIPPED, Exchange SKIPPED];
    SpacyUnlabelled Spacy "spacy.unlabelled" Mentions "tokens" "ignored" Sets,
        "mentions as a set: equal tokens; predictions between tokens are skipped" [Perfect SKIPPED, Exchange SKIPPED];

    SpertNer Spert "spert.ner" Mentions "exact" "asked" Sets,
        "mentions as a set: equal place and type" [];
    SpertRelation Spert "spert.relation" MentionRelations "exact" "ignored" Sets,
        "relations as a set: equal places and label (without NEC)" [];
    SpertRelationStrict Spert "spert.relation.strict" MentionRelations "exact" "asked" Sets,
        "relations as a set: equal places, types of both ends, and label (with NEC)" [];

    PureNer Pure "pure.ner" Mentions "exact" "asked" Shares,
        "predicted mentions that equal some gold mention in place and type, copies again" [Exchange LISTS, Copies EACH_COPY];
    PureRelation Pure "pure.relation" MentionRelations "exact" "ignored" Shares,
        "predicted relations that equal some gold relation in places and label (Rel), copies again" [Exchange LISTS, Copies EACH_COPY];
    PureRelationPlus Pure "pure.relation.plus" MentionRelations "exact" "mention" Shares,
        "as pure.relation, and each end's place has some mention that is right with its type (Rel+)" [Exchange LISTS, Copies EACH_COPY];

    DocredRelation Docred "docred.relation" Relations "entity" "ignored" Sets,
        "relations between given entities as a set: equal head, tail and label" [];
    DocredIgn Docred "docred.ign" Relations "entity" "ignored" Sets,
        "as docred.relation; right predictions that the train set knows leave precision" [Perfect IGN, Exchange IGN];
    DocredEvidence Docred "docred.evidence" Relations "entity" "ignored" Sets,
        "evidence sentences of right relations, over all predicted and all gold evidence" [Perfect EVIDENCE, Order FIRST_COPY, Exchange EVIDENCE];

    DwieNerMention Dwie "dwie.ner.mention" Mentions "exact" "asked" Sets,
        "predicted mentions with their types against gold mentions with the types of their entities" [Perfect CONCEPTS, Exchange CONCEPTS, Copies EACH_COPY];
    DwieNerSoft Dwie "dwie.ner.soft" Entities "exact" "asked" Shares,
        "for each typed entity, the share of its mentions that the other side gives that type" [Copies SOFT_COPIES];
    DwieNerHard Dwie "dwie.ner.hard" Entities "cluster" "asked" Sets,
        "typed entities with exactly the same mentions" [Exchange LISTS, Copies EACH_COPY];
    DwieRelationMention Dwie "dwie.relation.mention" Relations "exact" "ignored" Sets,
        "predicted mention relations against all pairs of mentions of related gold entities" [Perfect EXPANDED, Exchange EXPANDED];
    DwieRelationSoft Dwie "dwie.relation.soft" Relations "exact" "ignored" Shares,
        "for each relation, the share of its pairs of mentions that the other side relates so" [];
    DwieRelationHard Dwie "dwie.relation.hard" Relations "cluster" "ignored" Sets,
        "relations between entities with exactly the same mentions" [Exchange LISTS, Copies EACH_COPY];
    DwieMuc Dwie "dwie.muc" Entities "exact" "ignored" Shares, "MUC as DWIE counts it" [Perfect NO_LINKS, Order LATER, Copies CLUSTER_COPIES];
    DwieB3 Dwie "dwie.b3" Entities "exact" "ignored" Shares, "B-cubed as DWIE counts it" [Perfect LATER, Order LATER, Copies CLUSTER_COPIES];
    DwieCeafe Dwie "dwie.ceafe" Entities "exact" "ignored" Shares, "CEAF-e as DWIE counts it" [Exchange CLUSTER_COPIES, Copies CLUSTER_COPIES];
    DwieCoreference Dwie "dwie.coreference" Entities "exact" "ignored"
        Mean(&[of(Measure::DwieMuc), of(Measure::DwieB3), of(Measure::DwieCeafe)]),
        "mean F1 of dwie.muc, dwie.b3 and dwie.ceafe" [Perfect NO_LINKS_CONLL, Order LATER, Exchange CLUSTER_COPIES, Copies CLUSTER_COPIES];

    CasrelExact Casrel "casrel.exact" MentionRelations "text" "ignored" Sets,
        "triples of strings as a set: text of the head, label, text of the tail" [];
    CasrelPartial Casrel "casrel.partial" MentionRelations "first-word" "ignored" Sets,
        "triples of strings as a set: first word of the head, label, first word of the tail" [];

    TplinkerMentionText Tplinker "tplinker.mention.whole_text" Mentions "text" "asked" Sets,
        "mentions as a set: equal text and type" [];
    TplinkerMentionHeadText Tplinker "tplinker.mention.only_head_text" Mentions "first-word" "asked" Sets,
        "mentions as a set: equal first word and type" [];
    TplinkerMentionSpan Tplinker "tplinker.mention.whole_span" Mentions "exact" "asked" Sets,
        "mentions as a set: equal place and type" [];
    TplinkerMentionHeadIndex Tplinker "tplinker.mention.only_head_index" Mentions "start" "asked" Sets,
        "mentions as a set: equal start and type" [];
    TplinkerRelationText Tplinker "tplinker.relation.whole_text" MentionRelations "text" "ignored" Sets,
        "relations as a set: equal texts and label" [];
    TplinkerRelationHeadText Tplinker "tplinker.relation.only_head_text" MentionRelations "first-word" "ignored" Sets,
        "relations as a set: equal first words and label" [];
    TplinkerRelationSpan Tplinker "tplinker.relation.whole_span" MentionRelations "exact" "ignored" Sets,
        "relations as a set: equal places and label" [];
    TplinkerRelationHeadIndex Tplinker "tplinker.relation.only_head_index" MentionRelations "start" "ignored" Sets,
        "relations as a set: equal starts and label" [];

    Tacred Tacred "tacred.relation" MentionRelations "exact" "ignored" Sets,
        "one label for each given pair, no relation left out" [Exchange PRECISION_ONE, Names ONE_LABEL];

    Semeval2010Directed Semeval2010 "semeval2010-8.directed" MentionRelations "exact" "ignored" Sets,
        "one label for each given pair; a label and its direction is a class" [Names ONE_LABEL];
    Semeval2010Undirected Semeval2010 "semeval2010-8.undirected" MentionRelations "exact" "ignored" Sets,
        "one label for each given pair; directions are ignored" [Names ONE_LABEL];
    Semeval2010Official Semeval2010 "semeval2010-8.official" MentionRelations "exact" "ignored" Sets,
        "one label for each given pair; a label is a class, right with the right direction" [Names ONE_LABEL];

    ConllCorefMentions ConllCoref "conll-coref.mentions" Entities "exact" "ignored" Sets,
        "places that are in some entity (identification of mentions)" [];
    ConllCorefMuc ConllCoref "conll-coref.muc" Entities "exact" "ignored" Sets,
        "MUC (Vilain et al. 1995)" [Perfect NO_LINKS];
    ConllCorefB3 ConllCoref "conll-coref.b3" Entities "exact" "ignored" Shares,
        "B-cubed (Bagga and Baldwin 1998)" [];
    ConllCorefCeafm ConllCoref "conll-coref.ceafm" Entities "exact" "ignored" Sets,
        "CEAF over mentions (Luo 2005)" [];
    ConllCorefCeafe ConllCoref "conll-coref.ceafe" Entities "exact" "ignored" Shares,
        "CEAF over entities (Luo 2005)" [];
    ConllCorefBlanc ConllCoref "conll-coref.blanc" Entities "exact" "ignored" LinksOfGold,
        "BLANC (Luo et al. 2014): mean over coreferent and separate pairs, of those that gold has" [Perfect ONE_MENTION, Exchange GOLD_LINKS];
    ConllCorefAverage ConllCoref "conll-coref.conll" Entities "exact" "ignored"
        Mean(&[of(Measure::ConllCorefMuc), of(Measure::ConllCorefB3), of(Measure::ConllCorefCeafe)]),
        "mean F1 of conll-coref.muc, .b3 and .ceafe (Pradhan et al. 2011)" [Perfect NO_LINKS_CONLL];

    CorefudMuc Corefud "corefud.muc" Entities "exact" "ignored" Sets,
        "MUC (Vilain et al. 1995)" [Perfect DROPPED];
    CorefudB3 Corefud "corefud.b3" Entities "exact" "ignored" Shares,
        "B-cubed (Bagga and Baldwin 1998)" [Perfect DROPPED];
    CorefudCeafm Corefud "corefud.ceafm" Entities "exact" "ignored" Sets,
        "CEAF over mentions (Luo 2005)" [Perfect DROPPED];
    CorefudCeafe Corefud "corefud.ceafe" Entities "exact" "ignored" Shares,
        "CEAF over entities (Luo 2005)" [Perfect DROPPED];
    CorefudLea Corefud "corefud.lea" Entities "exact" "ignored" Shares,
        "LEA (Moosavi and Strube 2016)" [Perfect DROPPED];
    CorefudBlanc Corefud "corefud.blanc" Entities "exact" "ignored" LinksOfBoth,
        "BLANC (Luo et al. 2014): mean over coreferent and separate pairs, of those that a side has" [Perfect DROPPED];
    CorefudAverage Corefud "corefud.conll" Entities "exact" "ignored"
        Mean(&[of(Measure::CorefudMuc), of(Measure::CorefudB3), of(Measure::CorefudCeafe)]),
        "mean F1 of corefud.muc, .b3 and .ceafe" [Perfect DROPPED];

    StrongMentionMatch Neleval "neleval.strong_mention_match" Mentions "exact" "ignored" Sets,
        "places" [];
    StrongTypedMentionMatch Neleval "neleval.strong_typed_mention_match" Mentions "exact" "asked" Sets,
        "places and types" [];
    StrongLinkedMentionMatch Neleval "neleval.strong_linked_mention_match" Mentions "exact" "ignored" Sets,
        "places of linked mentions" [];
    StrongLinkMatch Neleval "neleval.strong_link_match" Mentions "exact" "ignored" Sets,
        "places and links of linked mentions" [];
    StrongNilMatch Neleval "neleval.strong_nil_match" Mentions "exact" "ignored" Sets,
        "places of NIL mentions" [];
    StrongAllMatch Neleval "neleval.strong_all_match" Mentions "exact" "ignored" Sets,
        "places and links, all NILs being one" [];
    StrongTypedLinkMatch Neleval "neleval.strong_typed_link_match" Mentions "exact" "asked" Sets,
        "places, types and links of linked mentions" [];
    StrongTypedNilMatch Neleval "neleval.strong_typed_nil_match" Mentions "exact" "asked" Sets,
        "places and types of NIL mentions" [];
    StrongTypedAllMatch Neleval "neleval.strong_typed_all_match" Mentions "exact" "asked" Sets,
        "places, types and links, all NILs being one" [];
    EntityMatch Neleval "neleval.entity_match" Mentions "document" "ignored" Sets,
        "links that the document has at all" [];
}

impl Measure {
    /// The name of its view.
    pub fn name(self) -> &'static str {
        self.about().name
    }

    /// What it counts, in one sentence.
    pub fn definition(self) -> &'static str {
        self.about().definition
    }

    /// The scorer that it is of.
    pub fn family(self) -> Family {
        self.about().family
    }

    /// The layer of gold that it needs.
    pub fn layer(self) -> Layer {
        self.about().layer
    }

    pub(crate) fn about(self) -> &'static About {
        &TABLE[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_measures() {
        assert_eq!(Measure::ALL.len(), TABLE.len());
        assert!(Measure::ALL.iter().enumerate().all(|(at, measure)| *measure as usize == at));
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<&str> = TABLE.iter().map(|about| about.name).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
