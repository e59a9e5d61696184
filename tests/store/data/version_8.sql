BEGIN TRANSACTION;
CREATE TABLE activation (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	model_id TEXT NOT NULL, 
	at TEXT NOT NULL, 
	user TEXT NOT NULL, 
	FOREIGN KEY(model_id) REFERENCES model (id)
);
INSERT INTO "activation" VALUES(1,'first','2026-11-21T13:31:02.568+00:00','ann');
CREATE TABLE annotation (
	frame_id INTEGER NOT NULL, 
	review INTEGER NOT NULL, 
	corrected INTEGER NOT NULL, 
	confirmed INTEGER NOT NULL, 
	missing INTEGER NOT NULL, 
	flagged INTEGER NOT NULL, 
	changed TEXT NOT NULL, 
	points BLOB NOT NULL, 
	PRIMARY KEY (frame_id), 
	FOREIGN KEY(frame_id) REFERENCES frame (id)
);
INSERT INTO "annotation" VALUES(1,2,2,0,3,0,'2026-11-21T13:31:02.586+00:00',X'0000C07F0000C07F000028410000A2410000C07F0000C07F0000C07F0000C07F00004040000080400002000002');
CREATE TABLE assignment (span TEXT NOT NULL, subject TEXT NOT NULL, take TEXT NOT NULL, frame_id INTEGER NOT NULL, person TEXT NOT NULL, at TEXT NOT NULL, user TEXT NOT NULL, PRIMARY KEY (span, subject, take, frame_id, person)) WITHOUT ROWID;
INSERT INTO "assignment" VALUES('frame','','',2,'ben','2026-11-30T00:05:00.000+00:00','lead');
INSERT INTO "assignment" VALUES('frame','','',2,'cem','2026-11-30T00:05:00.000+00:00','lead');
INSERT INTO "assignment" VALUES('subject','ada','',0,'ann','2026-11-30T00:05:00.000+00:00','lead');
CREATE TABLE consensus (frame_id INTEGER NOT NULL, model_id TEXT NOT NULL, rig_id INTEGER NOT NULL, at TEXT NOT NULL, taken INTEGER NOT NULL, stale INTEGER DEFAULT '0' NOT NULL, arrays BLOB NOT NULL, PRIMARY KEY (frame_id, model_id), FOREIGN KEY(frame_id) REFERENCES frame (id));
INSERT INTO "consensus" VALUES(2,'first',1,'2026-11-29T20:41:20.767+00:00',1,0,X'010005000000D242000048420000FA42000048420000114300004842000025430000484200003943000048420000803F00000000000000000000803F0000803F00000000000000000000803F0000803F00000000000000000000803F0000803F00000000000000000000803F0000803F00000000000000000000803F0000403F0000403F0000403F0000403F0000403F0000803F0000E0400000803F0000803F0000803F00000040000040410000004000000040000000400103000000');
CREATE TABLE correction (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	frame_id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	user TEXT NOT NULL, 
	label TEXT NOT NULL, 
	seconds FLOAT NOT NULL, 
	model_id TEXT, 
	model_sha256 TEXT, 
	indices BLOB NOT NULL, 
	"before" BLOB NOT NULL, 
	"after" BLOB NOT NULL, 
	review_before INTEGER NOT NULL, 
	review_after INTEGER NOT NULL, origin INTEGER DEFAULT '0' NOT NULL, 
	FOREIGN KEY(frame_id) REFERENCES frame (id)
);
INSERT INTO "correction" VALUES(1,1,'2026-11-21T13:31:02.583+00:00','ann','Move 2 landmarks',1.5,'first','',X'01000400',X'0000C07F0000C07F0000C07F0000C07F0000',X'000028410000A24100004040000080400202',0,0,0);
INSERT INTO "correction" VALUES(2,1,'2026-11-21T13:31:02.586+00:00','ann','Frame approved',1.5,'first','',X'',X'',X'',0,2,0);
CREATE TABLE coverage (facet TEXT NOT NULL, parent TEXT NOT NULL, token TEXT NOT NULL, frames INTEGER NOT NULL, touched INTEGER NOT NULL, PRIMARY KEY (facet, parent, token)) WITHOUT ROWID;
INSERT INTO "coverage" VALUES('camera','','left',2,1);
INSERT INTO "coverage" VALUES('shot','ada','t1',2,1);
INSERT INTO "coverage" VALUES('subject','','ada',2,1);
INSERT INTO "coverage" VALUES('take','','t1',2,1);
CREATE TABLE decision (landmark INTEGER NOT NULL, mine INTEGER NOT NULL, theirs INTEGER NOT NULL, took TEXT NOT NULL, at TEXT NOT NULL, user TEXT NOT NULL, PRIMARY KEY (landmark, mine, theirs)) WITHOUT ROWID;
INSERT INTO "decision" VALUES(-1,1,2,'mine','2026-11-30T00:05:00.000+00:00','ann');
CREATE TABLE finding (frame_id INTEGER NOT NULL, model_id TEXT NOT NULL, doubt INTEGER NOT NULL, score FLOAT NOT NULL, passed FLOAT DEFAULT '-1' NOT NULL, points BLOB NOT NULL, PRIMARY KEY (frame_id, model_id, doubt), FOREIGN KEY(frame_id) REFERENCES frame (id)) WITHOUT ROWID;
INSERT INTO "finding" VALUES(2,'first',0,1.25,-1.0,X'000001000200030004000000403F0000403F0000403F0000403F0000403F0000000000');
INSERT INTO "finding" VALUES(2,'first',1,7.17048426717357134663e-01,-1.0,X'03009B74654001');
INSERT INTO "finding" VALUES(2,'first',3,7.0,-1.0,X'01000000404105');
CREATE TABLE frame (
	id INTEGER NOT NULL, 
	path TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	take TEXT NOT NULL, 
	camera TEXT NOT NULL, 
	"index" TEXT NOT NULL, 
	width INTEGER NOT NULL, 
	height INTEGER NOT NULL, 
	sort_key TEXT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (path)
);
INSERT INTO "frame" VALUES(1,'ada/left/10.jpg','ada','t1','left','10',640,480,'adat000000000001left000000000010ada/left/000000000010.jpg');
INSERT INTO "frame" VALUES(2,'ada/left/9.jpg','ada','t1','left','9',640,480,'adat000000000001left000000000009ada/left/000000000009.jpg');
CREATE TABLE model (
	id TEXT NOT NULL, 
	folder TEXT NOT NULL, 
	sha256 TEXT NOT NULL, 
	card_toml TEXT NOT NULL, 
	added TEXT NOT NULL, note TEXT DEFAULT '' NOT NULL, removed TEXT, 
	PRIMARY KEY (id)
);
INSERT INTO "model" VALUES('first','models/first','','schema = 1
id = "first"
scheme = "five@1"
title = ""
licence = "Apache-2.0"
sha256 = ""
created = ""

[architecture]
kind = "adc"

[preprocessing]

[data]

[metrics]
','2026-11-21T13:31:02.566+00:00','made before lunch',NULL);
CREATE TABLE motion (frame_id INTEGER NOT NULL, before_id INTEGER NOT NULL, files TEXT NOT NULL, arrays BLOB NOT NULL, PRIMARY KEY (frame_id), FOREIGN KEY(frame_id) REFERENCES frame (id), FOREIGN KEY(before_id) REFERENCES frame (id));
INSERT INTO "motion" VALUES(2,1,'1 2 3 4',X'010005000000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F');
CREATE TABLE preview (
	frame_id INTEGER NOT NULL, 
	jpeg BLOB NOT NULL, 
	PRIMARY KEY (frame_id), 
	FOREIGN KEY(frame_id) REFERENCES frame (id)
);
CREATE TABLE project (
	id INTEGER NOT NULL CHECK (id = 1), 
	scheme_id TEXT NOT NULL, 
	scheme_toml TEXT NOT NULL, 
	capture_root TEXT NOT NULL, 
	created TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "project" VALUES(1,'five@1','schema = 1
name = "five"
version = 1
title = "five"
landmarks = [
  { name = "eye_l", region = "eye_l", mirror = "eye_r" },
  { name = "lid_l", region = "eye_l", mirror = "lid_r" },
  { name = "eye_r", region = "eye_r", mirror = "eye_l" },
  { name = "lid_r", region = "eye_r", mirror = "lid_l" },
  { name = "chin", mirror = "chin" },
]
curves = [
]
[[regions]]
name = "eye_l"
title = "Left eye"
colour = "#6cb4d8"
mirror = "eye_r"
[[regions]]
name = "eye_r"
title = "Right eye"
colour = "#d8b46c"
mirror = "eye_l"
','captures','2026-11-21T13:31:02.543+00:00');
CREATE TABLE proposal (
	frame_id INTEGER NOT NULL, 
	model_id TEXT NOT NULL, 
	mean_confidence FLOAT NOT NULL, 
	least_confidence FLOAT NOT NULL, 
	message TEXT NOT NULL, 
	at TEXT NOT NULL, 
	arrays BLOB NOT NULL, rules INTEGER DEFAULT '0' NOT NULL, 
	PRIMARY KEY (frame_id, model_id), 
	FOREIGN KEY(frame_id) REFERENCES frame (id)
);
INSERT INTO "proposal" VALUES(2,'first',0.75,0.75,'','2026-11-29T20:41:20.785+00:00',X'010005000200378BCF42DF12C042E46CEE42444BCE421EDCA7421AB2DD42B81E0B4395690043A0C69D4241267842819AA242C47ACA421CFEF1415CDFBA429E7D7A4260109C422F58A742A105B542A5B2E04281460343B549C04271FE0C439C16A0423217DD424D35FE4207A4CD42DA639B424CB290425589AC423236D5420000403F0000403F0000403F0000403F0000403F446C8B421073BB424E72BE426373E8422AE1D4428652DD4231C5A0422239C042DD09F7428DCD104382E97842EF6A114353600C43F1E0F6420ADED742252AB54299BD0F43C9CE1E438E0C1A43FF730B435D71DD4274007F4296BBC7427463EF428965754213B5DF42B5CAE14237C3F142F3F38042404CA0425BD0AD42D8CF8142582E1843D03EAA42F9BCDB42537CB842128113435F9C0B43',1);
CREATE TABLE review_note (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, frame_id INTEGER NOT NULL, landmark TEXT NOT NULL, at TEXT NOT NULL, user TEXT NOT NULL, kind INTEGER NOT NULL, text TEXT NOT NULL, assignee TEXT NOT NULL, settled TEXT, FOREIGN KEY(frame_id) REFERENCES frame (id));
INSERT INTO "review_note" VALUES(1,2,'','2026-11-29T21:55:00.000+00:00','ann',2,'mouth is off','ben',NULL);
CREATE TABLE rig (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, version INTEGER NOT NULL, takes TEXT NOT NULL, rig_json TEXT NOT NULL, added TEXT NOT NULL, user TEXT NOT NULL, removed TEXT, UNIQUE (name, version));
INSERT INTO "rig" VALUES(1,'dome',1,'["ada/*"]','{"kind": "annotator-rig", "schema": 1, "name": "dome", "takes": ["ada/*"], "unit_mm": 1.0, "source": "calib.toml", "notes": [], "cameras": [{"name": "left", "width": 640, "height": 480, "matrix": [[900.0, 0.0, 320.0], [0.0, 900.0, 240.0], [0.0, 0.0, 1.0]], "distortion": [0.0, 0.0, 0.0, 0.0, 0.0], "camera_from_world": [[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]]}, {"name": "right", "width": 640, "height": 480, "matrix": [[900.0, 0.0, 320.0], [0.0, 900.0, 240.0], [0.0, 0.0, 1.0]], "distortion": [0.0, 0.0, 0.0, 0.0, 0.0], "camera_from_world": [[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]]}]}','2026-11-29T18:00:48.896+00:00','ann',NULL);
CREATE TABLE setting (
	"key" TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "setting" VALUES('lineage','[8, "df85b7fc675b"]');
CREATE TABLE take (subject TEXT NOT NULL, take TEXT NOT NULL, rate TEXT NOT NULL, first INTEGER, last INTEGER, handles INTEGER NOT NULL, changed TEXT NOT NULL, user TEXT NOT NULL, PRIMARY KEY (subject, take)) WITHOUT ROWID;
INSERT INTO "take" VALUES('ada','t1','24000/1001',1,NULL,4,'2026-11-29T21:03:36.075+00:00','ann');
CREATE TABLE track (frame_id INTEGER NOT NULL, arrays BLOB NOT NULL, PRIMARY KEY (frame_id), FOREIGN KEY(frame_id) REFERENCES frame (id));
INSERT INTO "track" VALUES(2,X'010005000000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F000020410000A4410000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F0000803F00000000000000000000803F00000000000000000000000000000000010000000000000001');
CREATE TABLE track_run (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, user TEXT NOT NULL, maker TEXT NOT NULL, model_id TEXT, subject TEXT NOT NULL, take TEXT NOT NULL, camera TEXT NOT NULL, detail TEXT NOT NULL);
INSERT INTO "track_run" VALUES(1,'2026-11-29T21:03:36.030+00:00','ann','smoother 1','first','ada','t1','left','{"mode": "fill"}');
CREATE INDEX frame_in_order ON frame (sort_key, id);
CREATE INDEX annotation_counts ON annotation (frame_id, review, corrected, confirmed, missing, flagged);
CREATE INDEX correction_of_frame ON correction (frame_id, id);
CREATE INDEX proposal_summary ON proposal (model_id, frame_id, mean_confidence, least_confidence);
CREATE TRIGGER correction_no_delete BEFORE DELETE ON correction BEGIN SELECT RAISE(ABORT, 'the correction history is append-only'); END;
CREATE TRIGGER activation_no_update BEFORE UPDATE ON activation BEGIN SELECT RAISE(ABORT, 'the activation history is append-only'); END;
CREATE TRIGGER activation_no_delete BEFORE DELETE ON activation BEGIN SELECT RAISE(ABORT, 'the activation history is append-only'); END;
CREATE INDEX frame_of_shot ON frame (subject, take, camera, sort_key);
CREATE INDEX proposal_rules ON proposal (rules);
CREATE INDEX finding_in_order ON finding (model_id, doubt, score DESC, frame_id, passed);
CREATE TRIGGER coverage_new AFTER INSERT ON annotation WHEN (NEW.corrected + NEW.confirmed > 0) BEGIN UPDATE coverage SET touched = touched + 1 WHERE facet = 'subject' AND parent = '' AND token = (SELECT subject FROM frame WHERE id = NEW.frame_id); UPDATE coverage SET touched = touched + 1 WHERE facet = 'take' AND parent = '' AND token = (SELECT take FROM frame WHERE id = NEW.frame_id); UPDATE coverage SET touched = touched + 1 WHERE facet = 'camera' AND parent = '' AND token = (SELECT camera FROM frame WHERE id = NEW.frame_id); UPDATE coverage SET touched = touched + 1 WHERE facet = 'shot' AND parent = (SELECT subject FROM frame WHERE id = NEW.frame_id) AND token = (SELECT take FROM frame WHERE id = NEW.frame_id); END;
CREATE TRIGGER coverage_change AFTER UPDATE ON annotation WHEN (NEW.corrected + NEW.confirmed > 0) <> (OLD.corrected + OLD.confirmed > 0) BEGIN UPDATE coverage SET touched = touched + CASE WHEN (NEW.corrected + NEW.confirmed > 0) THEN 1 ELSE -1 END WHERE facet = 'subject' AND parent = '' AND token = (SELECT subject FROM frame WHERE id = NEW.frame_id); UPDATE coverage SET touched = touched + CASE WHEN (NEW.corrected + NEW.confirmed > 0) THEN 1 ELSE -1 END WHERE facet = 'take' AND parent = '' AND token = (SELECT take FROM frame WHERE id = NEW.frame_id); UPDATE coverage SET touched = touched + CASE WHEN (NEW.corrected + NEW.confirmed > 0) THEN 1 ELSE -1 END WHERE facet = 'camera' AND parent = '' AND token = (SELECT camera FROM frame WHERE id = NEW.frame_id); UPDATE coverage SET touched = touched + CASE WHEN (NEW.corrected + NEW.confirmed > 0) THEN 1 ELSE -1 END WHERE facet = 'shot' AND parent = (SELECT subject FROM frame WHERE id = NEW.frame_id) AND token = (SELECT take FROM frame WHERE id = NEW.frame_id); END;
CREATE TRIGGER correction_no_update BEFORE UPDATE ON correction BEGIN SELECT RAISE(ABORT, 'the correction history is append-only'); END;
CREATE TRIGGER rig_no_delete BEFORE DELETE ON rig BEGIN SELECT RAISE(ABORT, 'versions of a rig stay'); END;
CREATE TRIGGER rig_no_update BEFORE UPDATE OF id, name, version, takes, rig_json, added, user ON rig BEGIN SELECT RAISE(ABORT, 'a version of a rig never changes'); END;
CREATE INDEX consensus_state ON consensus (model_id, stale, taken, frame_id, rig_id);
CREATE INDEX frame_of_moment ON frame (subject, take, "index");
CREATE TRIGGER track_run_no_update BEFORE UPDATE ON track_run BEGIN SELECT RAISE(ABORT, 'the track_run history is append-only'); END;
CREATE TRIGGER track_run_no_delete BEFORE DELETE ON track_run BEGIN SELECT RAISE(ABORT, 'the track_run history is append-only'); END;
CREATE INDEX note_of_frame ON review_note (frame_id, settled, assignee);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('activation',1);
INSERT INTO "sqlite_sequence" VALUES('correction',2);
INSERT INTO "sqlite_sequence" VALUES('rig',1);
INSERT INTO "sqlite_sequence" VALUES('track_run',1);
INSERT INTO "sqlite_sequence" VALUES('review_note',1);
COMMIT;
PRAGMA application_id = 1095650895;
PRAGMA user_version = 8;
