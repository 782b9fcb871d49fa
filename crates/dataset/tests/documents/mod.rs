//! Random valid documents, odd ones included: every form of every field that gold may have.

use std::collections::BTreeMap;

use ere_dataset::text::Offsets;
use ere_dataset::{
    Actuality, Document, Entity, EntityIdx, Evidence, Form, Given, Label, Layers, Mention,
    MentionIdx, MentionRelation, MentionRelationIdx, Meta, Pair, Polarity, Relation, Scope,
    SentenceIdx, Span, Spans, Status, Text, Vocabulary, Zone, ZoneKind,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// A document whose labels are of this vocabulary.
pub(crate) fn document(vocabulary: &Vocabulary) -> impl Strategy<Value = Document> + use<> {
    let vocabulary = vocabulary.clone();
    let text = (vec(segment(), 0..8), any::<bool>());
    let layers = (layers(), odd_spans(), odd_zones(), maybe(odd_spans()), maybe(pairs(6)));
    let annotation = (
        vec(raw_mention(), 0..12),
        vec(raw_entity(), 0..6),
        vec((pairs(1), string(), maybe(confidence()), maybe(string())), 0..4),
        vec(raw_relation(), 0..5),
    );
    let shape = (any::<bool>(), select(vec![Entities::Odd, Entities::Plain, Entities::InOrder]));
    (string(), meta(), text, layers, annotation, shape).prop_map(
        move |(id, meta, text, layers, annotation, (is_sorted, entities))| {
            let mut builder = Builder::new(&vocabulary, text);
            builder.document.id = id.into();
            builder.document.meta = meta;
            builder.mentions(annotation.0, annotation.1, is_sorted);
            builder.relations(annotation.2, annotation.3);
            builder.layers(layers);
            match entities {
                Entities::Odd => builder.document,
                Entities::Plain => plain(builder.document),
                Entities::InOrder => in_order(plain(builder.document)),
            }
        },
    )
}

/// How entities agree with their mentions.
#[derive(Clone, Copy, Debug)]
enum Entities {
    /// Not at all.
    Odd,
    /// They have the type of their first mention and nothing else.
    Plain,
    /// They stand in the order of their first mentions, too.
    InOrder,
}

// ------------------------------------------------------------------------------------------------
// Small things
// ------------------------------------------------------------------------------------------------

fn maybe<T: std::fmt::Debug>(
    strategy: impl Strategy<Value = T>,
) -> impl Strategy<Value = Option<T>> {
    prop::option::weighted(0.2, strategy)
}

/// What means something in the format, what editors spoil, and what is not ASCII.
pub(crate) fn fragment() -> impl Strategy<Value = String> {
    let special = select(vec![
        "[",
        "]",
        "(",
        ")",
        "^",
        "[^a^",
        "]^a^(",
        "\\",
        "\\\\",
        "\\n",
        "\\u{20}",
        "@",
        "@headline",
        "@none",
        "s0 ",
        "s1 ",
        "s1",
        "s",
        "s2\t",
        "---",
        "-",
        "#",
        "%",
        "=",
        "~",
        ":",
        ";",
        ",",
        "\"",
        "&1",
        "id: ",
        " ",
        "  ",
        "\t",
        "\r",
        "\r\n",
        "\n",
        "\n\n",
        "\n\n\n",
        "\0",
        "\u{7f}",
        "\u{85}",
        "\u{A0}",
        "\u{AD}",
        "\u{200D}",
        "\u{2028}",
        "\u{2029}",
        "\u{202E}",
        "\u{3000}",
        "\u{FEFF}",
        "e\u{301}",
        "\u{301}",
        "é",
        "漢字",
        "👩‍🚀",
        "😀",
        "{",
        "}",
        "'",
    ]);
    let words = select(vec!["NATO", "Jens Stoltenberg", "a", "in Berlin", "said.", "x y z"]);
    prop_oneof![
        4 => special.prop_map(str::to_owned),
        4 => words.prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ]
}

fn string() -> impl Strategy<Value = String> {
    let odd = select(vec![
        "",
        "-",
        "--",
        "---",
        ":",
        "a:",
        ":a",
        "0",
        "7",
        "07",
        "7x",
        "3.5",
        "null",
        "true",
        "[1,2]",
        "{\"a\":1}",
        "\"quoted\"",
        "two words",
        "PER",
        "ORG",
        "nato",
        "nato",
        "s1",
        "m1",
        "é",
        "id",
        "link=x",
        "a,b",
        "a;b",
        "#a",
        "=",
        "~",
        "%",
        "&1",
        "@1",
        "http://x/y",
        " a",
        "a ",
        ")",
        "]",
        "nominal",
        "tab\there",
        "line\nbreak",
        "\u{FEFF}",
        "\u{2028}",
        "http://x y",
    ]);
    prop_oneof![
        6 => odd.prop_map(str::to_owned),
        1 => vec(fragment(), 0..4).prop_map(|fragments| fragments.concat()),
    ]
}

fn confidence() -> impl Strategy<Value = f64> {
    let any = any::<u64>().prop_map(f64::from_bits).prop_filter("finite", |x| x.is_finite());
    prop_oneof![select(vec![0.0, -0.0, 1.0, 0.1, 0.9, -2.5, 1e300, 5e-324, f64::MAX]), any]
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<u64>().prop_map(Into::into),
        confidence().prop_map(Into::into),
        string().prop_map(Into::into),
    ];
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Into::into),
            vec((string(), inner), 0..3).prop_map(|fields| fields.into_iter().collect()),
        ]
    })
}

fn meta() -> impl Strategy<Value = Meta> {
    vec((string(), json()), 0..4).prop_map(BTreeMap::from_iter)
}

type RawSpan = (Index, Index);
type RawPair = (Index, Index);

fn odd_spans() -> impl Strategy<Value = Vec<RawSpan>> {
    vec(any::<RawSpan>(), 0..4)
}

fn pairs(most: usize) -> impl Strategy<Value = Vec<RawPair>> {
    vec(any::<RawPair>(), most.min(1)..=most)
}

fn kind() -> impl Strategy<Value = ZoneKind> {
    select(ZoneKind::ALL.to_vec())
}

// ------------------------------------------------------------------------------------------------
// Parts of a document, before they meet
// ------------------------------------------------------------------------------------------------

#[derive(Clone, Debug)]
struct Segment {
    text: String,
    joint: String,
    is_sentence: bool,
    /// A zone that begins with this segment, or `None` to end one; nothing to stay in it.
    zone: Option<Option<ZoneKind>>,
}

fn segment() -> impl Strategy<Value = Segment> {
    let joint = prop_oneof![
        4 => Just(" ".to_owned()),
        4 => Just("\n\n".to_owned()),
        1 => Just(String::new()),
        2 => fragment(),
    ];
    let fragments = prop_oneof![1 => vec(fragment(), 1), 4 => vec(fragment(), 1..6)];
    let text = fragments.prop_map(|fragments| fragments.concat());
    let zone = prop_oneof![2 => Just(None), 1 => maybe(kind()).prop_map(Some), 1 => kind().prop_map(|k| Some(Some(k)))];
    (text, joint, prop::bool::weighted(0.7), zone)
        .prop_map(|(text, joint, is_sentence, zone)| Segment { text, joint, is_sentence, zone })
}

type RawLayers = (
    (Option<Layers>, Given),
    Vec<RawSpan>,
    Vec<(RawSpan, ZoneKind)>,
    Option<Vec<RawSpan>>,
    Option<Vec<RawPair>>,
);

fn layers() -> impl Strategy<Value = (Option<Layers>, Given)> {
    let scope = prop_oneof![
        Just(Scope::All),
        Just(Scope::None),
        vec(string(), 0..3).prop_map(Scope::Only),
    ];
    let layers = (any::<[bool; 3]>(), scope).prop_map(|(flags, relations)| {
        let [mentions, coreference, mention_relations] = flags;
        Layers { mentions, coreference, mention_relations, relations }
    });
    let given = prop_oneof![
        3 => Just(Given::Text),
        1 => Just(Given::Mentions),
        1 => Just(Given::Entities),
    ];
    (maybe(layers), given)
}

fn odd_zones() -> impl Strategy<Value = Vec<(RawSpan, ZoneKind)>> {
    vec((any::<RawSpan>(), kind()), 0..3)
}

#[derive(Clone, Debug)]
struct RawMention {
    spans: Vec<RawSpan>,
    label: String,
    form: Option<Form>,
    head: Option<RawSpan>,
    entity: Option<Index>,
    link: Option<String>,
    optional: bool,
    confidence: Option<f64>,
    id: Option<String>,
}

fn raw_mention() -> impl Strategy<Value = RawMention> {
    let spans = prop_oneof![4 => vec(any::<RawSpan>(), 1), 1 => vec(any::<RawSpan>(), 2..5)];
    let form = select(vec![Some(Form::Name), Some(Form::Nominal), Some(Form::Pronoun), None]);
    let entity = prop::option::weighted(0.8, any::<Index>());
    let flags = (maybe(string()), any::<bool>(), maybe(confidence()), maybe(string()));
    (spans, string(), form, maybe(any::<RawSpan>()), entity, flags).prop_map(
        |(spans, label, form, head, entity, (link, optional, confidence, id))| RawMention {
            spans,
            label,
            form,
            head,
            entity,
            link,
            optional,
            confidence,
            id,
        },
    )
}

type RawEntity = (Vec<String>, Vec<String>, Option<f64>, Option<String>);

fn raw_entity() -> impl Strategy<Value = RawEntity> {
    let labels = prop_oneof![vec(string(), 1), vec(string(), 0..4)];
    let links = prop_oneof![3 => Just(Vec::new()), 1 => vec(string(), 0..3)];
    (labels, links, maybe(confidence()), prop::option::weighted(0.6, string()))
}

#[derive(Clone, Debug)]
struct RawEvidence {
    sentences: Vec<Index>,
    support: Vec<Index>,
    asserted_by: Vec<Index>,
    attributes: [Option<Index>; 3],
    polarity: Polarity,
    actuality: Actuality,
    status: Status,
}

fn raw_evidence() -> impl Strategy<Value = RawEvidence> {
    let few = || vec(any::<Index>(), 0..3);
    (
        (few(), few(), few()),
        [maybe(any::<Index>()), maybe(any::<Index>()), maybe(any::<Index>())],
        select(vec![Polarity::Positive, Polarity::Negative]),
        select(vec![Actuality::Actual, Actuality::Planned, Actuality::Possible]),
        select(vec![Status::Current, Status::Former]),
    )
        .prop_map(
            |((sentences, support, asserted_by), attributes, polarity, actuality, status)| {
                RawEvidence {
                    sentences,
                    support,
                    asserted_by,
                    attributes,
                    polarity,
                    actuality,
                    status,
                }
            },
        )
}

type RawMentionRelation = (Vec<RawPair>, String, Option<f64>, Option<String>);
type RawRelation = (RawPair, String, Vec<RawEvidence>, bool, Option<f64>, Option<String>);

fn raw_relation() -> impl Strategy<Value = RawRelation> {
    let evidence = vec(raw_evidence(), 0..3);
    (any::<RawPair>(), string(), evidence, any::<bool>(), maybe(confidence()), maybe(string()))
}

// ------------------------------------------------------------------------------------------------
// Putting them together
// ------------------------------------------------------------------------------------------------

struct Builder<'a> {
    vocabulary: &'a Vocabulary,
    offsets: Offsets,
    /// Code points where a sentence or segment begins or ends: spans like to begin there.
    edges: Vec<u32>,
    document: Document,
}

impl<'a> Builder<'a> {
    /// A text of segments. With `keeps_joints`, the joint behind the last segment stays, and zones
    /// take in the joints behind their segments.
    fn new(
        vocabulary: &'a Vocabulary,
        (segments, keeps_joints): (Vec<Segment>, bool),
    ) -> Builder<'a> {
        let mut text = String::new();
        let mut document = Document::default();
        let mut edges = vec![0];
        let mut zone: Option<(ZoneKind, usize, usize)> = None;
        let count = segments.len();
        for (position, segment) in segments.into_iter().enumerate() {
            let start = text.len();
            text += &segment.text;
            let mut end = text.len();
            if segment.is_sentence {
                document.sentences.extend(Span::new(start as u32, end as u32));
            }
            edges.extend([start, end].map(|byte| text[..byte].chars().count() as u32));
            if keeps_joints || position + 1 < count {
                text += &segment.joint;
            }
            if keeps_joints {
                end = text.len();
            }
            match (segment.zone, &mut zone) {
                (None, Some((_, _, zone_end))) => *zone_end = end,
                (None, None) => {}
                (Some(kind), zone) => {
                    document.zones.extend(zone.take().and_then(finished));
                    *zone = kind.map(|kind| (kind, start, end));
                }
            }
        }
        document.zones.extend(zone.and_then(finished));
        let offsets = Offsets::of(&text);
        document.text = Text::new(text);
        Builder { vocabulary, offsets, edges, document }
    }

    fn label(&self, name: &str) -> Label {
        self.vocabulary.intern(name)
    }

    /// Half of the ends at an edge, half anywhere.
    fn span(&self, (start, end): RawSpan) -> Option<Span> {
        let length = self.offsets.len() as usize;
        let place = |index: Index| {
            let place = index.index(2 * (length + 1));
            match place.checked_sub(length + 1) {
                Some(edge) => self.edges[edge % self.edges.len()],
                None => place as u32,
            }
        };
        let (start, end) = (place(start), place(end));
        self.offsets.span(start.min(end), start.max(end))
    }

    fn spans(&self, raw: &[RawSpan]) -> Option<Spans> {
        let spans: Vec<Span> = raw.iter().filter_map(|raw| self.span(*raw)).collect();
        Spans::new(spans.iter().copied()).or_else(|| Some((*spans.first()?).into()))
    }

    fn mentions(&mut self, mentions: Vec<RawMention>, entities: Vec<RawEntity>, is_sorted: bool) {
        for (labels, links, confidence, id) in entities {
            self.document.entities.push(Entity {
                labels: labels.iter().map(|label| self.label(label)).collect(),
                links: links.into_iter().map(Into::into).collect(),
                confidence,
                id: id.map(Into::into),
            });
        }
        let entities = self.document.entities.len();
        for raw in mentions {
            let Some(spans) = self.spans(&raw.spans) else { continue };
            let entity = raw.entity.filter(|_| entities > 0);
            let mention = Mention {
                spans,
                label: self.label(&raw.label),
                form: raw.form,
                head: raw.head.and_then(|head| self.span(head)),
                entity: entity.map(|entity| EntityIdx(entity.index(entities) as u32)),
                link: raw.link.map(Into::into),
                optional: raw.optional,
                confidence: raw.confidence,
                id: raw.id.map(Into::into),
            };
            self.document.mentions.push(mention);
        }
        if is_sorted {
            self.document.mentions.sort_by_key(|mention| mention.spans.first().start());
        }
    }

    fn relations(
        &mut self,
        between_mentions: Vec<RawMentionRelation>,
        relations: Vec<RawRelation>,
    ) {
        let mentions = self.document.mentions.len();
        let entities = self.document.entities.len();
        if mentions > 0 {
            for (ends, label, confidence, id) in between_mentions {
                let [head, tail] = ends_of(ends[0], mentions);
                let label = self.label(&label);
                let id = id.map(Into::into);
                let (head, tail) = (MentionIdx(head), MentionIdx(tail));
                let relation = MentionRelation { head, tail, label, confidence, id };
                self.document.mention_relations.push(relation);
            }
        }
        if entities > 0 {
            for (ends, label, evidence, optional, confidence, id) in relations {
                let [head, tail] = ends_of(ends, entities);
                let relation = Relation {
                    head: EntityIdx(head),
                    tail: EntityIdx(tail),
                    label: self.label(&label),
                    evidence: evidence.iter().map(|raw| self.evidence(raw)).collect(),
                    optional,
                    confidence,
                    id: id.map(Into::into),
                };
                self.document.relations.push(relation);
            }
        }
    }

    fn evidence(&self, raw: &RawEvidence) -> Evidence {
        let among = |indices: &[Index], count: usize| -> Vec<u32> {
            let indices = indices.iter().filter(|_| count > 0);
            indices.map(|index| index.index(count) as u32).collect()
        };
        let entities = self.document.entities.len();
        let [time, amount, item] =
            raw.attributes.map(|index| index.map(|index| EntityIdx(index.index(entities) as u32)));
        let support = among(&raw.support, self.document.mention_relations.len());
        let sentences = among(&raw.sentences, self.document.sentences.len());
        let asserted_by = among(&raw.asserted_by, entities);
        Evidence {
            sentences: sentences.into_iter().map(SentenceIdx).collect(),
            support: support.into_iter().map(MentionRelationIdx).collect(),
            asserted_by: asserted_by.into_iter().map(EntityIdx).collect(),
            polarity: raw.polarity,
            actuality: raw.actuality,
            status: raw.status,
            time,
            amount,
            item,
        }
    }

    /// Odd sentences and zones are added to the orderly ones, tokens and pairs lie anywhere.
    fn layers(&mut self, ((layers, given), sentences, zones, tokens, pairs): RawLayers) {
        self.document.layers = layers;
        self.document.given = given;
        if sentences.len() > 2 {
            let odd: Vec<Span> = sentences.iter().filter_map(|raw| self.span(*raw)).collect();
            self.document.sentences.extend(odd);
        }
        if zones.len() > 1 {
            for (raw, kind) in zones {
                self.document.zones.extend(self.span(raw).map(|span| Zone { span, kind }));
            }
        }
        self.document.tokens =
            tokens.map(|tokens| tokens.iter().filter_map(|raw| self.span(*raw)).collect());
        let mentions = self.document.mentions.len();
        self.document.pairs = pairs.map(|pairs| {
            let pairs = pairs.into_iter().filter(|_| mentions > 0);
            let pair =
                |[head, tail]: [u32; 2]| Pair { head: MentionIdx(head), tail: MentionIdx(tail) };
            pairs.map(|raw| pair(ends_of(raw, mentions))).collect()
        });
    }
}

fn finished((kind, start, end): (ZoneKind, usize, usize)) -> Option<Zone> {
    Some(Zone { span: Span::new(start as u32, end as u32)?, kind })
}

fn ends_of((head, tail): RawPair, count: usize) -> [u32; 2] {
    [head.index(count) as u32, tail.index(count) as u32]
}

/// The same document; entities with mentions have the type of the first one, and no links.
fn plain(mut document: Document) -> Document {
    for (entity, mentions) in document.mentions_by_entity().iter().enumerate() {
        if let Some(first) = mentions.first() {
            document.entities[entity] = Entity {
                labels: [document.mentions[first.index()].label].into_iter().collect(),
                links: Vec::new(),
                ..document.entities[entity].clone()
            };
        }
    }
    document
}

/// The same document; entities without mentions stand first, then the others in the order of their
/// first mentions.
fn in_order(mut document: Document) -> Document {
    let members = document.mentions_by_entity();
    let mut order: Vec<usize> = (0..members.len()).collect();
    order.sort_by_key(|&entity| members[entity].first());
    let new_place = |old: EntityIdx| {
        let place = order.iter().position(|entity| *entity == old.index());
        EntityIdx(place.expect("every entity is in the order") as u32)
    };
    document.entities = order.iter().map(|&old| document.entities[old].clone()).collect();
    for mention in &mut document.mentions {
        mention.entity = mention.entity.map(new_place);
    }
    for relation in &mut document.relations {
        (relation.head, relation.tail) = (new_place(relation.head), new_place(relation.tail));
        for evidence in &mut relation.evidence {
            for entity in &mut evidence.asserted_by {
                *entity = new_place(*entity);
            }
            for entity in [&mut evidence.time, &mut evidence.amount, &mut evidence.item] {
                *entity = entity.map(new_place);
            }
        }
    }
    document
}
