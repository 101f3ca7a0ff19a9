-- What rules answered about changes that are archived. It comes after the change was done, and may be lacking after a crash.

-- Its partitions, one a day of UTC by the time of commit, go with those of change_archive.
CREATE TABLE wal_monitor.change_result (
    source          text        NOT NULL,
    epoch           bigint      NOT NULL,
    commit_position numeric(20) NOT NULL,
    ordinal         integer     NOT NULL,
    commit_time     timestamptz NOT NULL,
    -- the rule that did the work, and what it says of it: an action's name, and {"name": "value"}
    rule            text        NOT NULL,
    action          text        NOT NULL,
    fields          json        NOT NULL,
    -- whether an operator wanted it once more
    replayed        boolean     NOT NULL,
    done_at         timestamptz NOT NULL,
    -- from the commit to the end of the work, in microseconds
    since_commit    bigint      NOT NULL
) PARTITION BY RANGE (commit_time);

CREATE INDEX change_result_by_change
    ON wal_monitor.change_result (source, epoch, commit_position, ordinal);
