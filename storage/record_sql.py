"""The recorder's statements: one round trip a table, whatever the number of rows.

Rows travel as one JSON text: psycopg's arrays cost a hundred microseconds of Python for each
turn, this a few. Sealed bytes are base64 in it. All statements are harmless to repeat; rows of
one statement that may update must have different keys.
"""

KEYS = """
INSERT INTO keys (subject, wrapped)
SELECT subject, decode(wrapped, 'base64')
FROM json_to_recordset(%s::json) AS r (subject text, wrapped text)
ON CONFLICT DO NOTHING
"""

KEYS_NOW = """
SELECT e.conversation_id, k.wrapped
FROM (SELECT DISTINCT conversation_id FROM erasures
      WHERE conversation_id IN (SELECT json_array_elements_text(%s::json))) AS e
LEFT JOIN keys AS k ON k.subject = 'conversation:' || e.conversation_id
"""

LOCKED = """
SELECT id, rev FROM conversations
WHERE id IN (SELECT json_array_elements_text(%s::json)) ORDER BY id FOR UPDATE
"""

STATES = """
SELECT id, sealed_state FROM conversations
WHERE id IN (SELECT json_array_elements_text(%s::json))
"""

CONVERSATIONS = """
INSERT INTO conversations (id, channel, rev, language, holder, sealed_state, updated_at)
SELECT id, channel, rev, language, holder, decode(sealed, 'base64'), at
FROM json_to_recordset(%s::json) AS r (
  id text, channel text, rev bigint, language text, holder text, sealed text, at timestamptz)
ON CONFLICT (id) DO UPDATE SET
  rev = EXCLUDED.rev, language = EXCLUDED.language, holder = EXCLUDED.holder,
  sealed_state = EXCLUDED.sealed_state, updated_at = EXCLUDED.updated_at
WHERE conversations.rev < EXCLUDED.rev
"""

CASES = """
INSERT INTO cases (id, conversation_id, number, status, submitted_at, opinion, sealed_summary,
                   updated_at)
SELECT id, conversation, number, status, submitted_at, opinion, decode(sealed, 'base64'), at
FROM json_to_recordset(%s::json) AS r (
  id text, conversation text, number text, status text, submitted_at timestamptz, opinion text,
  sealed text, at timestamptz)
ON CONFLICT (id) DO UPDATE SET
  status = EXCLUDED.status, submitted_at = EXCLUDED.submitted_at, opinion = EXCLUDED.opinion,
  sealed_summary = EXCLUDED.sealed_summary, updated_at = EXCLUDED.updated_at
"""

ANSWERS = """
INSERT INTO answers (case_id, field, at, how, sealed)
SELECT "case", field, at, how, decode(sealed, 'base64')
FROM json_to_recordset(%s::json) AS r (
  "case" text, field text, at timestamptz, how text, sealed text)
ON CONFLICT (case_id, field, at) DO UPDATE SET how = EXCLUDED.how, sealed = EXCLUDED.sealed
"""

CONSENTS = """
INSERT INTO consents (case_id, item, at, granted, notice_version, language, sealed)
SELECT "case", item, at, granted, notice_version, language, decode(sealed, 'base64')
FROM json_to_recordset(%s::json) AS r (
  "case" text, item text, at timestamptz, granted boolean, notice_version text, language text,
  sealed text)
ON CONFLICT DO NOTHING
"""

DOCUMENTS = """
INSERT INTO documents (case_id, slot, document, mime, size, pages, verdict, at, measures,
                       removed_at)
SELECT "case", slot, document, mime, size, pages, verdict, at, measures, removed_at
FROM json_to_recordset(%s::json) AS r (
  "case" text, slot text, document text, mime text, size bigint, pages int, verdict text,
  at timestamptz, measures jsonb, removed_at timestamptz)
ON CONFLICT (case_id, slot, document) DO UPDATE SET
  mime = EXCLUDED.mime, size = EXCLUDED.size, pages = EXCLUDED.pages,
  verdict = EXCLUDED.verdict, at = EXCLUDED.at, measures = EXCLUDED.measures,
  removed_at = EXCLUDED.removed_at
"""

WAIVERS = """
INSERT INTO waivers (case_id, slot, sealed_reason, at, removed_at)
SELECT "case", slot, decode(sealed, 'base64'), at, removed_at
FROM json_to_recordset(%s::json) AS r (
  "case" text, slot text, sealed text, at timestamptz, removed_at timestamptz)
ON CONFLICT (case_id, slot) DO UPDATE SET
  sealed_reason = EXCLUDED.sealed_reason, at = EXCLUDED.at, removed_at = EXCLUDED.removed_at
"""

MESSAGES = """
INSERT INTO messages (conversation_id, direction, id, kind, at, provider_id, delivery, code, sealed)
SELECT conversation, direction, id, kind, at, provider_id, delivery, code,
       decode(sealed, 'base64')
FROM json_to_recordset(%s::json) AS r (
  conversation text, direction text, id text, kind text, at timestamptz, provider_id text,
  delivery smallint, code text, sealed text)
ON CONFLICT DO NOTHING
"""

# A receipt can come late or twice: a lower rank never replaces a higher one.
STATUSES = """
UPDATE messages SET
  delivery = r.delivery, code = r.code,
  provider_id = coalesce(nullif(r.provider_id, ''), messages.provider_id)
FROM json_to_recordset(%s::json) AS r (
  conversation text, id text, provider_id text, delivery smallint, code text)
WHERE messages.conversation_id = r.conversation AND messages.direction = 'out'
  AND messages.id = r.id AND messages.delivery < r.delivery
"""

DEAD_LETTERS = """
INSERT INTO dead_letters (conversation_id, id, kind, code, at, sealed)
SELECT conversation, id, kind, code, at, decode(sealed, 'base64')
FROM json_to_recordset(%s::json) AS r (
  conversation text, id text, kind text, code text, at timestamptz, sealed text)
ON CONFLICT DO NOTHING
"""
