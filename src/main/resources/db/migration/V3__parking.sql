-- Changes that their rules cannot do yet, or that were given up; and rules that are paused.

CREATE TABLE wal_monitor.parked_change (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source_id    integer     NOT NULL,
    rule         text        NOT NULL,
    -- how often it was told while it waits
    version      integer     NOT NULL DEFAULT 1,
    -- where the change stands in the log; any unsigned number of 64 bits can be written as a pg_lsn
    epoch        bigint      NOT NULL,
    commit_lsn   pg_lsn      NOT NULL,
    ordinal      integer     NOT NULL,
    committed_at timestamptz NOT NULL,
    table_name   text        NOT NULL,
    operation    varchar(16) NOT NULL,
    -- what it must not overtake: hashes of its keys, and of the table's shape at the time
    keys         bigint[]    NOT NULL,
    shape        bigint      NOT NULL,
    -- changes with the same mark are one row, a piece of the log each: a hash, and the piece's number
    mark         varchar(64),
    segment      bigint      NOT NULL,
    -- what the row stands for: its own commit and transaction, and with a mark others
    first_lsn    pg_lsn      NOT NULL,
    xids         bigint[]    NOT NULL,
    -- about how many bytes the change needs in memory
    weight       integer     NOT NULL,
    change       text        NOT NULL,
    state        varchar(8)  NOT NULL,
    attempts     integer     NOT NULL,
    due_at       timestamptz NOT NULL,
    error        text,
    parked_at    timestamptz NOT NULL DEFAULT now(),
    died_at      timestamptz,
    CONSTRAINT parked_change_source FOREIGN KEY (source_id) REFERENCES wal_monitor.sources (id) ON DELETE CASCADE,
    CONSTRAINT parked_change_state CHECK (state IN ('parked', 'dead')),
    CONSTRAINT parked_change_death CHECK ((state = 'dead') = (died_at IS NOT NULL)),
    CONSTRAINT unique_parked_change UNIQUE (source_id, rule, epoch, commit_lsn, ordinal)
);

CREATE INDEX parked_change_order ON wal_monitor.parked_change
    (source_id, rule, state, epoch, commit_lsn, ordinal);
CREATE UNIQUE INDEX parked_change_mark ON wal_monitor.parked_change (source_id, rule, epoch, segment, mark)
    WHERE mark IS NOT NULL AND state = 'parked';
CREATE INDEX parked_change_died ON wal_monitor.parked_change (died_at) WHERE state = 'dead';

CREATE TABLE wal_monitor.paused_rule (
    source_id integer     NOT NULL,
    rule      text        NOT NULL,
    reason    text        NOT NULL,
    paused_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (source_id, rule),
    CONSTRAINT paused_rule_source FOREIGN KEY (source_id) REFERENCES wal_monitor.sources (id) ON DELETE CASCADE
);
