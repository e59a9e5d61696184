"""The tables of a project file (schema version 5)."""

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

preview = Table(
    "preview",
    metadata,
    Column("frame_id", Integer, ForeignKey("frame.id"), primary_key=True),
    Column("jpeg", LargeBinary, nullable=False),
)


_APPEND_ONLY = tuple(
    f"CREATE TRIGGER {table.name}_no_{verb.lower()} BEFORE {verb} ON {table.name} "
    f"BEGIN SELECT RAISE(ABORT, 'the {table.name} history is append-only'); END"
    for table in (correction, activation)
    for verb in ("UPDATE", "DELETE")
)

NO_UPDATE = _APPEND_ONLY[0]
"""The trigger that keeps the rows of `correction` as they are."""

RIG_TRIGGERS = (
    "CREATE TRIGGER rig_no_delete BEFORE DELETE ON rig BEGIN SELECT RAISE(ABORT, 'versions of a rig stay'); END",
    "CREATE TRIGGER rig_no_update BEFORE UPDATE OF id, name, version, takes, rig_json, added, user ON rig "
    "BEGIN SELECT RAISE(ABORT, 'a version of a rig never changes'); END",
)
"""A version of a rig can be taken out of use, and nothing else be done to it."""

_HUMAN = "({row}.corrected + {row}.confirmed > 0)"
_ONE_MORE = " ".join(
    f"UPDATE coverage SET touched = touched + {{change}} WHERE facet = '{facet}' AND parent = {parent} "
    f"AND token = (SELECT {token} FROM frame WHERE id = NEW.frame_id);"
    for facet, parent, token in (
        ("subject", "''", "subject"),
        ("take", "''", "take"),
        ("camera", "''", "camera"),
        ("shot", "(SELECT subject FROM frame WHERE id = NEW.frame_id)", "take"),
    )
)
COVERAGE_TRIGGERS = (
    f"CREATE TRIGGER coverage_new AFTER INSERT ON annotation WHEN {_HUMAN.format(row='NEW')} "
    f"BEGIN {_ONE_MORE.format(change='1')} END",
    f"CREATE TRIGGER coverage_change AFTER UPDATE ON annotation "
    f"WHEN {_HUMAN.format(row='NEW')} <> {_HUMAN.format(row='OLD')} "
    f"BEGIN {_ONE_MORE.format(change='CASE WHEN ' + _HUMAN.format(row='NEW') + ' THEN 1 ELSE -1 END')} END",
)
"""SQLite itself keeps the coverage true, whoever writes an annotation."""

TRIGGERS = (*_APPEND_ONLY, *RIG_TRIGGERS, *COVERAGE_TRIGGERS)
"""SQLite itself refuses to change or delete rows that are history, and counts what is covered."""

COUNT_COVERAGE = (
    "DELETE FROM coverage",
    *(
        f"INSERT INTO coverage SELECT '{facet}', {parent}, {token}, count(*), "
        f"coalesce(sum({_HUMAN.format(row='annotation')}), 0) "
        f"FROM frame LEFT JOIN annotation ON annotation.frame_id = frame.id GROUP BY {group}"
        for facet, parent, token, group in (
            ("subject", "''", "subject", "subject"),
            ("take", "''", "take", "take"),
            ("camera", "''", "camera", "camera"),
            ("shot", "subject", "take", "subject, take"),
        )
    ),
)
"""Counts the coverage anew, after frames were added."""
