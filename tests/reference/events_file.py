"""Reads the file of events as anybody may: {"path"} -> {"events", "runs", "kept", "integrity"}, events in order."""

import json
import sqlite3
import sys

path = json.load(sys.stdin)["path"]
file = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
columns = ["seq", "id", "event", "distinct_id", "timestamp_us", "environment", "session_id"]
events = []
for row in file.execute(
    f"SELECT json, run.id, {', '.join('event.' + name for name in columns)} "
    "FROM event JOIN run ON run.number = event.run ORDER BY place"
):
    events.append({"json": json.loads(row[0]), "run": row[1], **dict(zip(columns, row[2:]))})
runs = [{"id": id, "ended": ended is not None} for id, ended in file.execute("SELECT id, ended_us FROM run ORDER BY number")]
kept = file.execute("SELECT kept FROM total").fetchone()[0]
integrity = file.execute("PRAGMA integrity_check").fetchone()[0]
print(json.dumps({"events": events, "runs": runs, "kept": kept, "integrity": integrity}))
