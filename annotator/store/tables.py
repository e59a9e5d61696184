"""The tables of a project file (schema version 8)."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

project = Table(
    "project",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1"), primary_key=True),
    Column("scheme_id", Text, nullable=False),
    Column("scheme_toml", Text, nullable=False),
    Column(
        "capture_root", Text, nullable=False
    ),  # relative to the project file where it can be, else absolute
    Column("created", Text, nullable=False),
)

setting = Table(
    "setting",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),  # JSON
)

frame = Table(
    "frame",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("path", Text, nullable=False, unique=True),
    Column("subject", Text, nullable=False),
    Column("take", Text, nullable=False),
    Column("camera", Text, nullable=False),
    Column("index", Text, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column(
        "sort_key", Text, nullable=False
    ),  # subject, take, camera, index with numbers padded: capture order
)
Index("frame_in_order", frame.c.sort_key, frame.c.id)
Index("frame_of_shot", frame.c.subject, frame.c.take, frame.c.camera, frame.c.sort_key)
Index("frame_of_moment", frame.c.subject, frame.c.take, frame.c.index)

annotation = Table(
    "annotation",
    metadata,
    Column("frame_id", Integer, ForeignKey("frame.id"), primary_key=True),
    Column("review", Integer, nullable=False),
    Column("corrected", Integer, nullable=False),
    Column("confirmed", Integer, nullable=False),
    Column("missing", Integer, nullable=False),
    Column("flagged", Integer, nullable=False),
    Column("changed", Text, nullable=False),
    Column("points", LargeBinary, nullable=False),  # Annotation.to_blob
)
# Lists read the counts from this index alone and never touch the pages that hold the points.
Index(
    "annotation_counts",
    annotation.c.frame_id,
    annotation.c.review,
    annotation.c.corrected,
    annotation.c.confirmed,
    annotation.c.missing,
    annotation.c.flagged,
)

correction = Table(
    "correction",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("frame_id", Integer, ForeignKey("frame.id"), nullable=False),
    Column("at", Text, nullable=False),  # ISO 8601, UTC
    Column("user", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("model_id", Text),
    Column("model_sha256", Text),
    Column("indices", LargeBinary, nullable=False),  # uint16 [K]
    Column("before", LargeBinary, nullable=False),  # float32 [K, 2], then uint8 [K] of state | flags << 4
    Column("after", LargeBinary, nullable=False),
    Column("review_before", Integer, nullable=False),
    Column("review_after", Integer, nullable=False),
    Column("origin", Integer, nullable=False, server_default="0"),  # `changes.Origin`
    sqlite_autoincrement=True,
)
Index("correction_of_frame", correction.c.frame_id, correction.c.id)

proposal = Table(
    "proposal",
    metadata,
    Column("frame_id", Integer, ForeignKey("frame.id"), primary_key=True),
    Column("model_id", Text, primary_key=True),
    Column("mean_confidence", Float, nullable=False),
    Column("least_confidence", Float, nullable=False),
    Column("message", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("arrays", LargeBinary, nullable=False),  # see rows.proposal_to_blob
    Column(
        "rules", Integer, nullable=False, server_default="0"
    ),  # `uncertainty.RULES` that its findings follow
)
Index(
    "proposal_summary",
    proposal.c.model_id,
    proposal.c.frame_id,
    proposal.c.mean_confidence,
    proposal.c.least_confidence,
)
Index("proposal_rules", proposal.c.rules)

consensus = Table(
    "consensus",  # what all cameras of a moment say of a frame; its `arrays` never enter the proposal's own
    metadata,
    Column("frame_id", Integer, ForeignKey("frame.id"), primary_key=True),
    Column("model_id", Text, primary_key=True),
    Column("rig_id", Integer, nullable=False),
    Column("at", Text, nullable=False),
    Column("taken", Integer, nullable=False),  # whether it stands in for the model's points
    Column(
        "stale", Integer, nullable=False, server_default="0"
    ),  # something that it follows from is another by now: it counts for nothing
    Column("arrays", LargeBinary, nullable=False),  # see consensus_rows.to_blob
)
Index(
    "consensus_state",
    consensus.c.model_id,
    consensus.c.stale,
    consensus.c.taken,
    consensus.c.frame_id,
    consensus.c.rig_id,
)

finding = Table(
    "finding",  # what the queues show: one row a frame, model and question, changed together with what it follows from
    metadata,
    Column("frame_id", Integer, ForeignKey("frame.id"), primary_key=True),
    Column("model_id", Text, primary_key=True),
    Column("doubt", Integer, primary_key=True),  # `domain.uncertainty.Question`
    Column("score", Float, nullable=False),
    Column("passed", Float, nullable=False, server_default="-1"),  # the score that a person found to be right
    Column(
        "points", LargeBinary, nullable=False
    ),  # uint16 [K], float32 [K], uint8 [K]: landmark, value, cause
    sqlite_with_rowid=False,
)
Index(
    "finding_in_order",
    finding.c.model_id,
    finding.c.doubt,
    finding.c.score.desc(),
    finding.c.frame_id,
    finding.c.passed,
)

coverage = Table(
    "coverage",  # how many frames there are of each token, and in how many a person set something
    metadata,
    Column("facet", Text, primary_key=True),  # subject, take, camera; shot = a subject's take
    Column("parent", Text, primary_key=True),  # of a shot its subject, else empty
    Column("token", Text, primary_key=True),
    Column("frames", Integer, nullable=False),
    Column("touched", Integer, nullable=False),
    sqlite_with_rowid=False,
)

model = Table(
    "model",
    metadata,
    Column("id", Text, primary_key=True),
    Column("folder", Text, nullable=False),  # "asset:models/x", relative to the project file, or absolute
    Column("sha256", Text, nullable=False),
    Column("card_toml", Text, nullable=False),
    Column("added", Text, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("removed", Text),  # when, where it was deleted: the history still names it
)

activation = Table(
    "activation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("model_id", Text, ForeignKey("model.id"), nullable=False),
    Column("at", Text, nullable=False),
    Column("user", Text, nullable=False),
    sqlite_autoincrement=True,
)

rig = Table(
    "rig",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),  # of this name, from 1; never used twice
    Column(
        "takes", Text, nullable=False
    ),  # JSON list of patterns, as in rig_json: which rig holds is asked often
    Column("rig_json", Text, nullable=False),  # domain.rig_values
    Column("added", Text, nullable=False),
    Column("user", Text, nullable=False),
    Column("removed", Text),  # when, where it is no longer in use
    UniqueConstraint("name", "version"),
    sqlite_autoincrement=True,
)

take = Table(
    "take",  # what people say of a take; one that has no row is as `domain.take.TakeSettings` is by itself
    metadata,
    Column("subject", Text, primary_key=True),
    Column("take", Text, primary_key=True),
    Column("rate", Text, nullable=False),  # frames a second as a fraction, such as 24000/1001
    Column("first", Integer),
    Column("last", Integer),
    Column("handles", Integer, nullable=False),
    Column("changed", Text, nullable=False),
    Column("user", Text, nullable=False),
    sqlite_with_rowid=False,
)

track_run = Table(
    "track_run",  # the ledger of the track layer: who and what made each of its points, when and from what
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Text, nullable=False),
    Column("user", Text, nullable=False),
    Column("maker", Text, nullable=False),  # such as `smoother 1`
    Column("model_id", Text),  # whose proposals were taken in
    Column("subject", Text, nullable=False),
    Column("take", Text, nullable=False),
    Column("camera", Text, nullable=False),
    Column("detail", Text, nullable=False),  # JSON: landmarks, range, keys, mode
    sqlite_autoincrement=True,
)

track = Table(
    "track",
    metadata,
    Column("frame_id", Integer, ForeignKey("frame.id"), primary_key=True),
    Column("arrays", LargeBinary, nullable=False),  # see store.tracks
)

motion = Table(
    "motion",  # what the pixels of a frame say of how landmarks came there from the frame before; made again where it is gone
    metadata,
    Column("frame_id", Integer, ForeignKey("frame.id"), primary_key=True),
    Column("before_id", Integer, ForeignKey("frame.id"), nullable=False),
    Column("files", Text, nullable=False),  # length and time of both files
    Column("arrays", LargeBinary, nullable=False),  # see store.motions
)

review_note = Table(
    "review_note",  # what people tell each other of a frame or a landmark
    metadata,
    Column("id", Integer, primary_key=True),
    Column("frame_id", Integer, ForeignKey("frame.id"), nullable=False),
    Column("landmark", Text, nullable=False),  # a name of the scheme, empty for the frame
    Column("at", Text, nullable=False),
    Column("user", Text, nullable=False),
    Column("kind", Integer, nullable=False),  # `domain.note.NoteKind`
    Column("text", Text, nullable=False),
    Column("assignee", Text, nullable=False),
    Column("settled", Text),  # when, NULL while it is open
    sqlite_autoincrement=True,
)
Index("note_of_frame", review_note.c.frame_id, review_note.c.settled, review_note.c.assignee)

assignment = Table(
    "assignment",  # who is to do what; a share that is no longer assigned keeps a row of nobody
    metadata,
    Column("span", Text, primary_key=True),  # `domain.assignment.Span`
    Column("subject", Text, primary_key=True),
    Column("take", Text, primary_key=True),
    Column("frame_id", Integer, primary_key=True),  # 0 but of a single frame
    Column("person", Text, primary_key=True),
    Column("at", Text, nullable=False),
    Column("user", Text, nullable=False),
    sqlite_with_rowid=False,
)

decision = Table(
    "decision",  # of the conflicts that merging copies left
    metadata,
    Column("landmark", Integer, primary_key=True),  # -1: the review state
    Column("mine", Integer, primary_key=True),  # the ledger's
    Column("theirs", Integer, primary_key=True),
    Column("took", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("user", Text, nullable=False),
    sqlite_with_rowid=False,
)

preview = Table(
    "preview",
    metadata,
    Column("frame_id", Integer, ForeignKey("frame.id"), primary_key=True),
    Column("jpeg", LargeBinary, nullable=False),
)
