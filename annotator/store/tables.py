"""The tables of a project file (schema version 1)."""

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
)
Index(
    "proposal_summary",
    proposal.c.model_id,
    proposal.c.frame_id,
    proposal.c.mean_confidence,
    proposal.c.least_confidence,
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

preview = Table(
    "preview",
    metadata,
    Column("frame_id", Integer, ForeignKey("frame.id"), primary_key=True),
    Column("jpeg", LargeBinary, nullable=False),
)


TRIGGERS = tuple(
    f"CREATE TRIGGER {table.name}_no_{verb.lower()} BEFORE {verb} ON {table.name} "
    f"BEGIN SELECT RAISE(ABORT, 'the {table.name} history is append-only'); END"
    for table in (correction, activation)
    for verb in ("UPDATE", "DELETE")
)
"""SQLite itself refuses to change or delete rows that are history."""
