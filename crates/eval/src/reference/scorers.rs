//! One document under the reference scorers: adapts it to each scorer's input, counts, and gives the
//! counts as rows.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;

use ere_dataset::{Document, EntityIdx, Given, Label, Layer, Layers, Prediction, Relation};

use super::measure::{Credit, Measure};
use super::semeval2010::Scoring;
use super::{
    Links, SetTallies, Singletons, TypeTallies, casrel, conll_coref, corefud, docred, dwie,
    neleval, nervaluate, pairs, pure, semeval13, semeval2010, seqeval, spacy, spert, tacred, tags,
    tplinker,
};
use crate::alignment::Alignment;
use crate::place::Places;
use crate::policy::{Aliens, Direction, ViewPolicies};
use crate::relation;
use crate::rules::Rules;
use crate::slice::{Outcome, Slice};
use crate::tally::Tally;

/// What a measure counts in one document.
pub(crate) struct Rows {
    pub(crate) all: Tally,
    pub(crate) slices: Vec<(Slice, Tally)>,
}

/// One document, and what scorers made of it so far. All views of a protocol have the same policies.
pub(crate) struct Scorers<'a> {
    gold: &'a Document,
    /// Whether gold has the document at all.
    is_known: bool,
    pred: &'a Prediction,
    rules: &'a Rules,
    layers: &'a Layers,
    ends: OnceCell<Cow<'a, Document>>,
    nervaluate: OnceCell<nervaluate::Tallies>,
    sequences: OnceCell<(tags::Sequence, tags::Sequence)>,
    spacy: OnceCell<spacy::SpanTallies>,
    spert: OnceCell<SetTallies>,
    pure: OnceCell<pure::Tallies>,
    docred: OnceCell<docred::Counts>,
    dwie: OnceCell<dwie::Tallies>,
    answers: OnceCell<pairs::Answers>,
    conll_coref: OnceCell<conll_coref::Tallies>,
    corefud: OnceCell<corefud::Tallies>,
}

impl<'a> Scorers<'a> {
    pub(crate) fn new(
        gold: &'a Document,
        is_known: bool,
        pred: &'a Prediction,
        rules: &'a Rules,
        layers: &'a Layers,
    ) -> Scorers<'a> {
        Scorers {
            gold,
            is_known,
            pred,
            rules,
            layers,
            ends: OnceCell::new(),
            nervaluate: OnceCell::new(),
            sequences: OnceCell::new(),
            spacy: OnceCell::new(),
            spert: OnceCell::new(),
            pure: OnceCell::new(),
            docred: OnceCell::new(),
            dwie: OnceCell::new(),
            answers: OnceCell::new(),
            conll_coref: OnceCell::new(),
            corefud: OnceCell::new(),
        }
    }

    /// The rows of a measure; `None` where it cannot be counted (Ign F1 without a train set). An item
    /// of the prediction that could not be understood is one wrong item of its layer.
    pub(crate) fn rows(&self, measure: Measure, policies: &ViewPolicies) -> Option<Rows> {
        let mut rows = self.count(measure, policies)?;
        if let Some(layer) = malformed_layer(measure) {
            let items =
                self.pred.malformed.iter().filter(|item| item.layer == layer).count() as u64;
            let is_gone = policies.singletons == Some(Singletons::Dropped);
            let wrong = Tally::counts(0, if is_gone { 0 } else { items }, 0);
            rows.all += wrong;
            if measure.family() == super::Family::Semeval13 && !wrong.is_zero() {
                rows.slices.push((Slice::Outcome(Outcome::Spurious), wrong));
            }
        }
        Some(rows)
    }

    fn count(&self, measure: Measure, policies: &ViewPolicies) -> Option<Rows> {
        use Measure as M;
        let Scorers { gold, pred: Prediction { document: pred, .. }, .. } = *self;
        Some(match measure {
            M::Semeval13Strict => self.semeval13(semeval13::Scheme::Strict),
            M::Semeval13Exact => self.semeval13(semeval13::Scheme::Exact),
            M::Semeval13Partial => self.semeval13(semeval13::Scheme::Partial),
            M::Semeval13Type => self.semeval13(semeval13::Scheme::EntityType),
            M::NervaluateStrict => self.nervaluate(semeval13::Scheme::Strict, policies),
            M::NervaluateExact => self.nervaluate(semeval13::Scheme::Exact, policies),
            M::NervaluatePartial => self.nervaluate(semeval13::Scheme::Partial, policies),
            M::NervaluateType => self.nervaluate(semeval13::Scheme::EntityType, policies),
            M::Conll03Chunks | M::SeqevalDefault => self.chunks(seqeval::Decoding::Default),
            M::SeqevalStrict => self.chunks(seqeval::Decoding::Strict(seqeval::Scheme::Iob2)),
            M::Conll03Tokens | M::SeqevalTokens => self.tokens(),
            M::SpacyLabelled => {
                let tallies = self.spacy();
                let mut rows = self.typed(tallies.labelled(), &tallies.by_type);
                rows.left_out(0, tallies.skipped);
                rows
            }
            M::SpacyUnlabelled => {
                let mut rows = untyped(self.spacy().unlabelled);
                rows.left_out(0, self.spacy().skipped);
                rows
            }
            M::SpertNer => self.by_type(&self.spert(policies).mentions),
            M::SpertRelation => self.by_type(&self.spert(policies).relations_boundaries),
            M::SpertRelationStrict => self.by_type(&self.spert(policies).relations_strict),
            M::PureNer => untyped(self.pure().mentions),
            M::PureRelation => untyped(self.pure().relations),
            M::PureRelationPlus => untyped(self.pure().relations_plus),
            M::DocredRelation => untyped(self.docred().relations()),
            M::DocredIgn => {
                self.rules.train()?;
                untyped(self.docred().relations_ignoring_annotated())
            }
            M::DocredEvidence => untyped(self.docred().evidence()),
            M::DwieNerMention => untyped(self.dwie().tags_mention),
            M::DwieNerSoft => untyped(self.dwie().tags_soft),
            M::DwieNerHard => untyped(self.dwie().tags_hard),
            M::DwieRelationMention => untyped(self.dwie().relations_mention),
            M::DwieRelationSoft => untyped(self.dwie().relations_soft),
            M::DwieRelationHard => untyped(self.dwie().relations_hard),
            M::DwieMuc => untyped(self.dwie().muc),
            M::DwieB3 => untyped(self.dwie().b_cubed),
            M::DwieCeafe => untyped(self.dwie().ceaf_e),
            M::CasrelExact => untyped(casrel::tally(gold, self.ends(), casrel::Match::Exact)),
            M::CasrelPartial => untyped(casrel::tally(gold, self.ends(), casrel::Match::Partial)),
            M::TplinkerMentionText
            | M::TplinkerMentionHeadText
            | M::TplinkerMentionSpan
            | M::TplinkerMentionHeadIndex => {
                untyped(tplinker::tally(gold, &self.own(), pattern(measure)).mentions)
            }
            M::TplinkerRelationText
            | M::TplinkerRelationHeadText
            | M::TplinkerRelationSpan
            | M::TplinkerRelationHeadIndex => {
                untyped(tplinker::tally(gold, self.ends(), pattern(measure)).relations)
            }
            M::Tacred => self.tacred(),
            M::Semeval2010Directed => self.semeval2010(Scoring::Directed),
            M::Semeval2010Undirected => self.semeval2010(Scoring::Undirected),
            M::Semeval2010Official => self.semeval2010(Scoring::Official),
            M::ConllCorefMentions => untyped(self.conll_coref().mentions),
            M::ConllCorefMuc => untyped(self.conll_coref().muc),
            M::ConllCorefB3 => untyped(self.conll_coref().b_cubed),
            M::ConllCorefCeafm => untyped(self.conll_coref().ceafm),
            M::ConllCorefCeafe => untyped(self.conll_coref().ceafe),
            M::ConllCorefBlanc => links(self.conll_coref().links),
            M::CorefudMuc => untyped(self.corefud(policies).coval.muc),
            M::CorefudB3 => untyped(self.corefud(policies).coval.b_cubed),
            M::CorefudCeafm => untyped(self.corefud(policies).ceafm),
            M::CorefudCeafe => untyped(self.corefud(policies).coval.ceafe),
            M::CorefudLea => untyped(self.corefud(policies).coval.lea),
            M::CorefudBlanc => links(self.corefud(policies).links),
            // A mean has no counts of its own.
            M::DwieCoreference | M::ConllCorefAverage | M::CorefudAverage => {
                untyped(Tally::default())
            }
            M::StrongMentionMatch
            | M::StrongTypedMentionMatch
            | M::StrongLinkedMentionMatch
            | M::StrongLinkMatch
            | M::StrongNilMatch
            | M::StrongAllMatch
            | M::StrongTypedLinkMatch
            | M::StrongTypedNilMatch
            | M::StrongTypedAllMatch
            | M::EntityMatch => untyped(neleval::tally(gold, pred, of_neleval(measure))),
        })
    }

    fn semeval13(&self, scheme: semeval13::Scheme) -> Rows {
        let tallies = semeval13::tally(self.gold, &self.pred.document, scheme);
        let mut rows = self.typed(tallies.counts.tally(), &tallies.by_type);
        rows.outcomes(&tallies.counts);
        rows
    }

    fn nervaluate(&self, scheme: nervaluate::Scheme, policies: &ViewPolicies) -> Rows {
        let Scorers { gold, pred, rules, .. } = *self;
        let pred = &pred.document;
        let is_listed =
            |label: &Label| policies.aliens != Some(Aliens::Drop) || rules.knows_entity(*label);
        let seen = |document: &'a Document| document.mentions.iter().map(|mention| mention.label);
        let tallies = self.nervaluate.get_or_init(|| {
            let mut tags: Vec<Label> = seen(gold).chain(seen(pred)).filter(is_listed).collect();
            tags.sort_unstable();
            tags.dedup();
            nervaluate::tally(gold, pred, &tags)
        });
        let counts = &tallies.overall[&scheme];
        let by_type = tallies.by_type.iter().map(|(label, row)| (*label, row[&scheme].tally()));
        let mut rows = self.typed(counts.tally(), &by_type.collect());
        rows.outcomes(counts);
        let unlisted = |document| seen(document).filter(|label| !is_listed(label)).count() as u64;
        rows.left_out(unlisted(gold), unlisted(pred));
        rows
    }

    fn sequences(&self) -> &(tags::Sequence, tags::Sequence) {
        self.sequences.get_or_init(|| {
            let tokens = tags::tokens(self.gold);
            let tags = |document| tags::iob2(document, &tokens, self.rules.vocabulary());
            (tags(self.gold), tags(&self.pred.document))
        })
    }

    fn chunks(&self, decoding: seqeval::Decoding) -> Rows {
        let (gold, pred) = self.sequences();
        let tallies = seqeval::tally(&gold.tags, &pred.tags, decoding)
            .expect("the tags are IOB2, over the same tokens");
        let by_type = tallies.by_type.iter();
        let by_type = by_type.map(|(label, row)| (Slice::Type(label.to_string()), *row));
        let mut rows =
            Rows { all: tallies.by_type.values().copied().sum(), slices: by_type.collect() };
        rows.left_out(gold.left_out, pred.left_out);
        rows
    }

    fn tokens(&self) -> Rows {
        let (gold, pred) = self.sequences();
        let pairs = gold.tags.iter().zip(&pred.tags);
        let equal = pairs.filter(|(gold, pred)| gold == pred).count() as u64;
        let unequal = gold.tags.len() as u64 - equal;
        let mut rows = untyped(Tally::counts(equal, unequal, unequal));
        rows.left_out(gold.left_out, pred.left_out);
        rows
    }

    fn spacy(&self) -> &spacy::SpanTallies {
        self.spacy.get_or_init(|| spacy::score_spans(self.gold, &self.pred.document))
    }

    fn spert(&self, policies: &ViewPolicies) -> &SetTallies {
        self.spert.get_or_init(|| {
            let symmetric = match policies.direction {
                Some(Direction::Given) => Vec::new(),
                _ => self.rules.symmetric().to_vec(),
            };
            let overlaps = policies.overlaps.unwrap_or_default();
            let options = spert::Options { symmetric, overlaps };
            let mut tallies = spert::tally(self.gold, self.ends(), &options);
            if self.pred.document.given == Given::Mentions {
                tallies.mentions = spert::tally(self.gold, &self.own(), &options).mentions;
            }
            tallies
        })
    }

    fn pure(&self) -> &pure::Tallies {
        self.pure.get_or_init(|| {
            let mut tallies = pure::tally(self.gold, self.ends());
            if self.pred.document.given == Given::Mentions {
                tallies.mentions = pure::tally(self.gold, &self.own()).mentions;
            }
            tallies
        })
    }

    fn docred(&self) -> &docred::Counts {
        self.docred.get_or_init(|| {
            let none = docred::TrainFacts::default();
            let train = self.rules.train().map_or(&none, |train| &train.facts);
            let gold = self.asserted(self.gold);
            let pred = self.between_gold_entities();
            docred::count(self.is_known.then_some(&*gold), &pred, train)
        })
    }

    fn dwie(&self) -> &dwie::Tallies {
        self.dwie.get_or_init(|| {
            let concepts =
                |document: &Document| dwie::with_concepts(self.asserted(document).into_owned());
            let gold = concepts(self.gold);
            let tally = |pred: &Document| dwie::tally(&gold, &concepts(pred));
            let of_own = tally(&self.own());
            match self.pred.document.given {
                Given::Text => of_own,
                Given::Mentions => {
                    let relations_mention = tally(self.ends()).relations_mention;
                    dwie::Tallies { relations_mention, ..of_own }
                }
                Given::Entities => {
                    let relations = self.pred.document.relations.clone();
                    let mention_relations = Vec::new();
                    let given = Document { relations, mention_relations, ..self.gold.clone() };
                    let relations_mention = of_own.relations_mention;
                    dwie::Tallies { relations_mention, ..tally(&given) }
                }
            }
        })
    }

    fn answers(&self, order: pairs::Order) -> pairs::Answers {
        pairs::answers(self.gold, self.ends(), order, self.rules.vocabulary())
    }

    fn tacred(&self) -> Rows {
        let answers = self.answers(pairs::Order::HeadThenTail);
        let label = |answer: Option<pairs::Answer>| answer.map(|answer| answer.0);
        let pairs = answers.answers.iter().map(|(gold, pred)| (label(*gold), label(*pred)));
        let by_label = tacred::tally(pairs).by_label;
        let mut rows = self.typed(by_label.values().copied().sum(), &by_label);
        rows.left_out(0, answers.left_out);
        rows
    }

    fn semeval2010(&self, scoring: Scoring) -> Rows {
        let answers = self.answers.get_or_init(|| self.answers(pairs::Order::AsInText));
        let classes = semeval2010::classes(&answers.answers, scoring);
        let name = |(label, direction): &(Label, Option<semeval2010::Direction>)| {
            let direction = direction.map_or("", |direction| direction.name());
            Slice::Type(format!("{}{direction}", self.rules.vocabulary().name(*label)))
        };
        let mut rows = Rows {
            all: classes.values().copied().sum(),
            slices: classes.iter().map(|(class, row)| (name(class), *row)).collect(),
        };
        rows.left_out(0, answers.left_out);
        rows
    }

    fn conll_coref(&self) -> &conll_coref::Tallies {
        self.conll_coref.get_or_init(|| conll_coref::tally(self.gold, &self.pred.document))
    }

    fn corefud(&self, policies: &ViewPolicies) -> &corefud::Tallies {
        let singletons = policies.singletons.unwrap_or(Singletons::Dropped);
        self.corefud.get_or_init(|| corefud::tally(self.gold, &self.pred.document, singletons))
    }

    /// The prediction with the mentions that its mention relations point to.
    fn ends(&self) -> &Document {
        self.ends.get_or_init(|| {
            let pred = &self.pred.document;
            if pred.given != Given::Mentions {
                return self.own();
            }
            let mention_relations = pred.mention_relations.clone();
            let relations = Vec::new();
            Cow::Owned(Document { mention_relations, relations, ..self.gold.clone() })
        })
    }

    /// The prediction without relations that point to what it was given.
    fn own(&self) -> Cow<'a, Document> {
        let pred = &self.pred.document;
        match pred.given {
            Given::Text => Cow::Borrowed(pred),
            Given::Mentions => {
                Cow::Owned(Document { mention_relations: Vec::new(), ..pred.clone() })
            }
            Given::Entities => Cow::Owned(Document { relations: Vec::new(), ..pred.clone() }),
        }
    }

    /// The prediction's relations between gold's entities: as they are where these were given, else
    /// with each predicted entity replaced by the gold entity that it stands for in anchored scoring.
    /// What stands for none is an entity that gold does not have.
    fn between_gold_entities(&self) -> Cow<'a, Document> {
        let pred = self.asserted(&self.pred.document);
        if pred.given == Given::Entities || pred.relations.is_empty() {
            return pred;
        }
        let places = Places::of(self.gold, &pred);
        let alignment = Alignment::of(self.gold, &pred, &places, self.rules.vocabulary());
        let unknown = self.gold.entities.len() as u32;
        let end =
            |entity: EntityIdx| alignment.resolve(entity).unwrap_or(EntityIdx(unknown + entity.0));
        let mut document = pred.into_owned();
        for relation in &mut document.relations {
            (relation.head, relation.tail) = (end(relation.head), end(relation.tail));
        }
        Cow::Owned(document)
    }

    /// A document without relations that it denies, or whose type is not annotated in gold.
    fn asserted<'d>(&self, document: &'d Document) -> Cow<'d, Document> {
        let is_asserted = |relation: &Relation| {
            !relation::is_denied(relation)
                && relation::in_scope(self.layers, relation.label, self.rules)
        };
        if document.relations.iter().all(is_asserted) {
            return Cow::Borrowed(document);
        }
        let mut document = document.clone();
        document.relations.retain(is_asserted);
        Cow::Owned(document)
    }

    fn by_type(&self, tallies: &TypeTallies) -> Rows {
        self.typed(tallies.micro(), &tallies.rows().collect())
    }

    fn typed(&self, all: Tally, by_type: &BTreeMap<Label, Tally>) -> Rows {
        let name = |label: &Label| Slice::Type(self.rules.vocabulary().name(*label).to_string());
        let slices = by_type.iter().map(|(label, tally)| (name(label), *tally));
        Rows { all, slices: slices.collect() }
    }
}

impl Rows {
    /// A row for each outcome; they add up to all items.
    fn outcomes(&mut self, counts: &semeval13::Counts) {
        let row = |outcome, credit: f64, of_pred: u64, of_gold: u64| {
            let tally = Tally {
                precision_numerator: credit,
                precision_denominator: of_pred as f64,
                recall_numerator: credit,
                recall_denominator: of_gold as f64,
            };
            (Slice::Outcome(outcome), tally)
        };
        let semeval13::Counts { correct, incorrect, partial, missed, spurious } = *counts;
        let rows = [
            row(Outcome::Correct, correct as f64, correct, correct),
            row(Outcome::Incorrect, 0.0, incorrect, incorrect),
            row(Outcome::Partial, 0.5 * partial as f64, partial, partial),
            row(Outcome::Missed, 0.0, 0, missed),
            row(Outcome::Spurious, 0.0, spurious, 0),
        ];
        self.slices.extend(rows.into_iter().filter(|(_, tally)| !tally.is_zero()));
    }

    /// Items that the scorer does not see. They are in no other row.
    fn left_out(&mut self, gold: u64, pred: u64) {
        let tally = Tally::counts(0, pred, gold);
        if !tally.is_zero() {
            self.slices.push((Slice::Outcome(Outcome::LeftOut), tally));
        }
    }
}

fn untyped(all: Tally) -> Rows {
    Rows { all, slices: Vec::new() }
}

fn links(links: Links) -> Rows {
    let kinds = [("coreferent", links.coreferent), ("separate", links.separate)];
    let kinds = kinds.into_iter().filter(|(_, tally)| !tally.is_zero());
    Rows {
        all: links.coreferent + links.separate,
        slices: kinds.map(|(kind, tally)| (Slice::Type(kind.to_owned()), tally)).collect(),
    }
}

/// The layer whose malformed items a measure counts as wrong. An item that could not be understood has
/// no link and no evidence.
fn malformed_layer(measure: Measure) -> Option<Layer> {
    use Measure as M;
    let about = measure.about();
    match measure {
        M::ConllCorefMuc | M::CorefudMuc | M::DwieMuc | M::DocredEvidence => None,
        M::StrongLinkedMentionMatch
        | M::StrongLinkMatch
        | M::StrongTypedLinkMatch
        | M::EntityMatch
        | M::Conll03Tokens
        | M::SeqevalTokens => None,
        M::DwieRelationMention => Some(Layer::MentionRelations),
        _ => match about.credit {
            Credit::LinksOfGold | Credit::LinksOfBoth | Credit::Mean(_) => None,
            // A malformed mention is an entity of its own.
            Credit::Sets | Credit::Shares if about.layer == Layer::Entities => {
                Some(Layer::Mentions)
            }
            Credit::Sets | Credit::Shares => Some(about.layer),
        },
    }
}

fn pattern(measure: Measure) -> tplinker::Pattern {
    use Measure as M;
    match measure {
        M::TplinkerMentionText | M::TplinkerRelationText => tplinker::Pattern::WholeText,
        M::TplinkerMentionHeadText | M::TplinkerRelationHeadText => tplinker::Pattern::OnlyHeadText,
        M::TplinkerMentionSpan | M::TplinkerRelationSpan => tplinker::Pattern::WholeSpan,
        _ => tplinker::Pattern::OnlyHeadIndex,
    }
}

fn of_neleval(measure: Measure) -> neleval::Measure {
    let name = measure.name().trim_start_matches("neleval.");
    let found = neleval::Measure::ALL.into_iter().find(|measure| measure.name() == name);
    found.expect("views of neleval have neleval's names")
}
