"""What a database holds while its backup is judged, and what happens to it afterwards."""

from __future__ import annotations

# Someone besides the owner, who has rights.
ROLES = "CREATE ROLE reader; CREATE ROLE keeper;"

CONTENT = r"""
CREATE TABLE post (id serial PRIMARY KEY, author text NOT NULL, body text, blob bytea);
INSERT INTO post (author, body, blob) VALUES
  ('ana', E'first\nsecond\tline', '\x00ff27'), ('bo', $$it's "quoted" \ ünï$$, NULL),
  ('cy', NULL, '');
CREATE TABLE tag (post int REFERENCES post, name text, UNIQUE (post, name));
INSERT INTO tag VALUES (1, 'x'), (1, 'y'), (2, 'x');
CREATE VIEW busy AS SELECT author, count(*) AS posts FROM post GROUP BY author;
CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT 2 * n';
CREATE SCHEMA "Other Place";
CREATE TABLE "Other Place"."An ""odd"" name" (v numeric);
INSERT INTO "Other Place"."An ""odd"" name" VALUES (3.14);
GRANT SELECT ON post TO reader;
SELECT lo_from_bytea(4711, '\x1234');
"""

# Rows and tables that are new, gone and other than in the backup.
DAMAGE = """
INSERT INTO post (author) VALUES ('after the backup');
DELETE FROM tag;
ALTER TABLE post DROP COLUMN body CASCADE;
DROP FUNCTION twice(int);
DROP TABLE "Other Place"."An ""odd"" name";
CREATE TABLE intruder (n int);
"""

# Rows that no packing makes small, so that a dump of them is cut where data stands.
FILLING = """
CREATE TABLE filling AS SELECT n, md5(n::text) AS v FROM generate_series(1, 9999) n;
"""

# 10 kB a row, of which a half is random; what comes again lies further apart than packers look.
BULK = """
CREATE TABLE bulk (n int, v text);
ALTER TABLE bulk ALTER v SET STORAGE EXTERNAL;
WITH block AS (
  SELECT m, string_agg(md5((m * 1000 + n)::text), '' ORDER BY n) AS b
  FROM generate_series(0, 299) m, generate_series(1, 156) n GROUP BY m
)
INSERT INTO bulk SELECT n, b || repeat('y', 5008)
FROM generate_series(1, {rows}) n JOIN block ON m = n % 300 ORDER BY n;
"""
BULK_ROW = 10_000  # bytes
BULK_SUM = "SELECT count(*), sum(length(v)), sum(hashtextextended(v, n)) FROM bulk"
