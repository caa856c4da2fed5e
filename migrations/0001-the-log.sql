-- The log, its witnesses, its queues, and the rows that are derived from it.
-- Times in columns named …_at, not_before and lease_until are milliseconds since the Unix epoch.

-- Runbooks as they were frozen into incidents, by the SHA-256 of their canonical JSON.
CREATE TABLE runbooks (
  sha256 TEXT PRIMARY KEY CHECK (length(sha256) = 64),
  text   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER runbooks_never_change BEFORE UPDATE ON runbooks
BEGIN SELECT RAISE(ABORT, 'a frozen runbook is never changed'); END;

CREATE TRIGGER runbooks_never_go BEFORE DELETE ON runbooks
BEGIN SELECT RAISE(ABORT, 'a frozen runbook is never deleted'); END;


-- The log. `text` is the canonical JSON that was hashed; what else a row says is read from it.
CREATE TABLE entries (
  incident    TEXT    NOT NULL,
  seq         INTEGER NOT NULL,
  text        TEXT    NOT NULL,
  hash        TEXT    NOT NULL CHECK (length(hash) = 64),
  kind        TEXT    NOT NULL GENERATED ALWAYS AS (text ->> '$.kind') VIRTUAL,
  recorded_at TEXT    NOT NULL GENERATED ALWAYS AS (text ->> '$.recorded_at') VIRTUAL,
  PRIMARY KEY (incident, seq),
  CHECK (text ->> '$.incident' = incident AND text ->> '$.seq' = seq)
) STRICT, WITHOUT ROWID;

-- Refuses gaps and, since the next number is never taken, every form of REPLACE.
CREATE TRIGGER entries_in_order BEFORE INSERT ON entries
WHEN NEW.seq IS NOT (SELECT COALESCE(MAX(seq), 0) + 1 FROM entries WHERE incident = NEW.incident)
BEGIN SELECT RAISE(ABORT, 'an entry must follow the last one of its incident'); END;

CREATE TRIGGER entries_never_change BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'an entry is never changed'); END;

CREATE TRIGGER entries_never_go BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'an entry is never deleted'); END;


-- Free texts that entries commit to. A purge empties the row where it stands: rows of this table never move from page
-- to page, so that secure_delete leaves no copy behind. A deleted row would make SQLite merge pages, which does.
CREATE TABLE entry_texts (
  id       INTEGER PRIMARY KEY,
  incident TEXT    NOT NULL,
  seq      INTEGER NOT NULL,
  field    TEXT    NOT NULL,
  salt     TEXT,
  text     TEXT,
  UNIQUE (incident, seq, field),
  FOREIGN KEY (incident, seq) REFERENCES entries (incident, seq),
  CHECK ((salt IS NULL) = (text IS NULL))
) STRICT;

CREATE TRIGGER entry_texts_with_their_entry BEFORE INSERT ON entry_texts
WHEN NEW.text IS NULL
  OR NEW.seq IS NOT (SELECT MAX(seq) FROM entries WHERE incident = NEW.incident)
  OR EXISTS (SELECT 1 FROM entry_texts WHERE incident = NEW.incident AND seq = NEW.seq AND field = NEW.field)
BEGIN SELECT RAISE(ABORT, 'a text is written once, together with its entry'); END;

CREATE TRIGGER entry_texts_only_purged BEFORE UPDATE ON entry_texts
WHEN NEW.text IS NOT NULL
  OR NEW.id IS NOT OLD.id OR NEW.incident IS NOT OLD.incident
  OR NEW.seq IS NOT OLD.seq OR NEW.field IS NOT OLD.field
  OR NOT EXISTS (
    SELECT 1 FROM entries
    WHERE incident = OLD.incident AND seq > OLD.seq AND kind = 'text.purged'
      AND text ->> '$.data.seq' = OLD.seq AND text ->> '$.data.field' = OLD.field)
BEGIN SELECT RAISE(ABORT, 'a text is only emptied, and only after an entry says so'); END;

CREATE TRIGGER entry_texts_never_go BEFORE DELETE ON entry_texts
BEGIN SELECT RAISE(ABORT, 'a text is emptied, never deleted'); END;


-- Signed statements of how long each log was; a chain over all incidents.
CREATE TABLE checkpoints (
  n         INTEGER PRIMARY KEY,
  incident  TEXT    NOT NULL,
  count     INTEGER NOT NULL,
  head      TEXT    NOT NULL,
  text      TEXT    NOT NULL,
  signature TEXT    NOT NULL,
  FOREIGN KEY (incident, count) REFERENCES entries (incident, seq),
  CHECK (
    text ->> '$.n' = n AND text ->> '$.incident' = incident
    AND text ->> '$.count' = count AND text ->> '$.head' = head)
) STRICT;

CREATE INDEX checkpoints_of_incident ON checkpoints (incident, n);

CREATE TRIGGER checkpoints_in_order BEFORE INSERT ON checkpoints
WHEN NEW.n IS NOT (SELECT COALESCE(MAX(n), 0) + 1 FROM checkpoints)
BEGIN SELECT RAISE(ABORT, 'a checkpoint must follow the last one'); END;

CREATE TRIGGER checkpoints_never_change BEFORE UPDATE ON checkpoints
BEGIN SELECT RAISE(ABORT, 'a checkpoint is never changed'); END;

CREATE TRIGGER checkpoints_never_go BEFORE DELETE ON checkpoints
BEGIN SELECT RAISE(ABORT, 'a checkpoint is never deleted'); END;


-- Derived from the log, in the same transaction: one row for each incident.
CREATE TABLE incidents (
  number       INTEGER PRIMARY KEY CHECK (number >= 1),
  id           TEXT    NOT NULL UNIQUE CHECK (id = 'KL-' || number),
  team         TEXT,
  enterprise   TEXT,
  status       TEXT    NOT NULL CHECK (status IN ('open', 'closed')),
  severity     INTEGER NOT NULL,
  declared_at  INTEGER NOT NULL,
  declared_by  TEXT    NOT NULL,
  closed_at    INTEGER,
  runbook      TEXT    NOT NULL REFERENCES runbooks (sha256),
  room_place   TEXT    CHECK (room_place IN ('channel', 'thread', 'direct')),
  room_channel TEXT,
  room_thread  TEXT,
  room_name    TEXT,
  seq          INTEGER NOT NULL,
  head         TEXT    NOT NULL,
  FOREIGN KEY (id, seq) REFERENCES entries (incident, seq)
) STRICT;

CREATE INDEX incidents_open ON incidents (number) WHERE status = 'open';
CREATE INDEX incidents_by_room ON incidents (room_channel) WHERE room_channel IS NOT NULL;

-- Derived from the log: what each key of an incident was last reported as, and which key it turned out to be.
CREATE TABLE incident_keys (
  incident      TEXT NOT NULL REFERENCES incidents (id),
  subject       TEXT NOT NULL,
  reported_id   TEXT,
  hint_start    TEXT,
  hint_end      TEXT,
  identified_id TEXT,
  PRIMARY KEY (incident, subject),
  CHECK ((hint_start IS NULL) = (hint_end IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX incident_keys_identified ON incident_keys (identified_id) WHERE identified_id IS NOT NULL;
CREATE INDEX incident_keys_reported ON incident_keys (reported_id) WHERE reported_id IS NOT NULL;
CREATE INDEX incident_keys_hinted ON incident_keys (hint_start, hint_end) WHERE hint_start IS NOT NULL;


-- Effects on the world, durable before they are tried.
CREATE TABLE action_runs (
  id           INTEGER PRIMARY KEY,
  incident     TEXT    NOT NULL REFERENCES incidents (id),
  step         TEXT    NOT NULL,
  subject      TEXT    NOT NULL,
  generation   INTEGER NOT NULL,
  action       TEXT    NOT NULL,
  input        TEXT    NOT NULL CHECK (json_valid(input)),
  actor        TEXT    NOT NULL,
  -- 0 kills a key, 1 is another step of the runbook, 2 is a chore.
  urgency      INTEGER NOT NULL CHECK (urgency IN (0, 1, 2)),
  state        TEXT    NOT NULL
    CHECK (state IN ('pending', 'claimed', 'unknown', 'done', 'failed', 'needs_human')),
  attempt      INTEGER NOT NULL DEFAULT 0,
  epoch        INTEGER NOT NULL DEFAULT 0,
  doubtful     INTEGER NOT NULL DEFAULT 0 CHECK (doubtful IN (0, 1)),
  not_before   INTEGER NOT NULL,
  lease_until  INTEGER,
  -- What the clock said when not_before and lease_until were set: a clock that reads earlier was put back since.
  scheduled_at INTEGER NOT NULL,
  created_at   INTEGER NOT NULL,
  -- When it wants attention; null once it is settled.
  wake_at      INTEGER GENERATED ALWAYS AS (
    CASE state WHEN 'pending' THEN not_before WHEN 'unknown' THEN not_before WHEN 'claimed' THEN lease_until END
  ) VIRTUAL,
  UNIQUE (incident, step, subject, generation),
  CHECK ((state = 'claimed') = (lease_until IS NOT NULL))
) STRICT;

CREATE INDEX action_runs_waiting ON action_runs (wake_at, scheduled_at) WHERE wake_at IS NOT NULL;

-- Each fires once, at or after due_at.
CREATE TABLE deadlines (
  incident   TEXT    NOT NULL REFERENCES incidents (id),
  phase      TEXT    NOT NULL,
  due_at     INTEGER NOT NULL,
  settled    TEXT    CHECK (settled IN ('missed', 'met', 'cancelled')),
  settled_at INTEGER,
  PRIMARY KEY (incident, phase),
  CHECK ((settled IS NULL) = (settled_at IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX deadlines_open ON deadlines (due_at) WHERE settled IS NULL;

-- Slack deliveries that were handled, so that a repeated one has no second effect.
CREATE TABLE deliveries (
  id          TEXT    PRIMARY KEY,
  incident    TEXT    NOT NULL REFERENCES incidents (id),
  recorded_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Hashes of what was last drawn.
CREATE TABLE rendered (
  surface TEXT PRIMARY KEY,
  hash    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Members of Slack user groups as last read; `members` is a JSON array of user ids.
CREATE TABLE user_groups (
  id      TEXT    PRIMARY KEY,
  members TEXT    NOT NULL CHECK (json_valid(members)),
  read_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
