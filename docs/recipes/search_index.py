#!/usr/bin/env python3
"""Keeps a full-text index of listings, and a table for analytics, by the webhooks of WAL Monitor.

The index is SQLite's FTS5, so that this runs anywhere; what differs for OpenSearch or ClickHouse is
marked. A change is taken once: its id is stored in the transaction that applies it.

    WEBHOOK_SECRET=whsec_... python3 search_index.py 8099 /tmp/index.db
"""

import base64
import hashlib
import hmac
import json
import os
import sqlite3
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

SECRETS = os.environ["WEBHOOK_SECRET"].split()
TABLES = """
CREATE TABLE IF NOT EXISTS done (id TEXT PRIMARY KEY);
CREATE VIRTUAL TABLE IF NOT EXISTS listing USING fts5 (title, text);
CREATE TABLE IF NOT EXISTS change (at TEXT, operation TEXT, tbl TEXT, row TEXT);
"""


def verified(headers, body):
    """Whether one of our secrets signed it, and not long ago."""
    if abs(time.time() - int(headers.get("webhook-timestamp", 0))) > 300:
        return False
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    for secret in SECRETS:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        if any(hmac.compare_digest(expected, one) for one in headers["webhook-signature"].split()):
            return True
    return False


def apply(database, change):
    """One change of the table public.listings."""
    if change["operation"] == "TRUNCATE":
        database.execute("DELETE FROM listing")  # OpenSearch: _delete_by_query
        return
    row = change["new"] or change["old"]
    # OpenSearch: PUT /listing/_doc/{id}?version_type=external&version={version}, and DELETE with the same.
    database.execute("DELETE FROM listing WHERE rowid = ?", (row["id"],))
    if change["new"]:
        database.execute(
            "INSERT INTO listing (rowid, title, text) VALUES (?, ?, ?)",
            (row["id"], row["title"], row.get("text")),
        )
    # ClickHouse: POST /?query=INSERT INTO change FORMAT JSONEachRow
    database.execute(
        "INSERT INTO change VALUES (?, ?, ?, ?)",
        (change["timestamp"], change["operation"], change["table"], json.dumps(row)),
    )


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if not verified(self.headers, body):
            self.answer(401)
            return
        with self.server.database as database:  # a transaction
            known = database.execute(
                "INSERT OR IGNORE INTO done VALUES (?)", (self.headers["webhook-id"],)
            )
            if known.rowcount == 1:
                apply(database, json.loads(body))
        self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *unwanted):
        pass


def main(port, file):
    server = HTTPServer(("127.0.0.1", int(port)), Receiver)
    server.database = sqlite3.connect(file)
    server.database.executescript(TABLES)
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
