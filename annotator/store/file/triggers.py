"""What SQLite itself watches over in a project file: history that only grows, and counts that stay true."""

from sqlalchemy import Table

from annotator.store.tables import activation, correction, track_run


def _append_only(*tables: Table) -> tuple[str, ...]:
    return tuple(
        f"CREATE TRIGGER {table.name}_no_{verb.lower()} BEFORE {verb} ON {table.name} "
        f"BEGIN SELECT RAISE(ABORT, 'the {table.name} history is append-only'); END"
        for table in tables
        for verb in ("UPDATE", "DELETE")
    )


_APPEND_ONLY = _append_only(correction, activation)

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

RUN_TRIGGERS = _append_only(track_run)
"""What was tracked, by whom, stays."""

TRIGGERS = (*_APPEND_ONLY, *RIG_TRIGGERS, *RUN_TRIGGERS, *COVERAGE_TRIGGERS)
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
