-- SPDX-License-Identifier: GPL-3.0-or-later
-- Copyright The PG Mirror authors

-- Names that are only names.

CREATE TABLE "Größe & Maß"."Müllers ""beste"" Liste" (
  "Nr." integer PRIMARY KEY,
  "Preis in €" numeric(10, 2) DEFAULT 0.99,
  " leading space" text,
  "select" boolean,
  "日本語" text,
  "a""b" text,
  "100 %s \back" text,
  "drop table x; --" text,
  "ABC" text,
  "abc" text,
  CONSTRAINT "it's positive; really" CHECK ("Nr." > 0)
);
INSERT INTO "Größe & Maß"."Müllers ""beste"" Liste"
SELECT i, i * 1.5, ' x', i % 2 = 0, '品' || i, '"', '%d\', ''';', 'upper', 'lower' FROM generate_series(1, 250) i;
CREATE INDEX "index on ""select""" ON "Größe & Maß"."Müllers ""beste"" Liste" ("select", "日本語");

-- 63 bytes, the longest that PostgreSQL keeps.
CREATE TABLE "Größe & Maß"."a name as long as names can be, sixty-three bytes: not one more" (
  "column_with_a_name_that_is_exactly_sixty_three_bytes_in_length_" integer);
INSERT INTO "Größe & Maß"."a name as long as names can be, sixty-three bytes: not one more" VALUES (1), (NULL);

CREATE TABLE "Größe & Maß"."ERROR: no error" (x text DEFAULT 'FATAL:  not fatal either');
INSERT INTO "Größe & Maß"."ERROR: no error" DEFAULT VALUES;
CREATE TABLE "Größe & Maß"."two
lines" (x integer);
INSERT INTO "Größe & Maß"."two
lines" VALUES (1), (2);
CREATE TYPE "Größe & Maß"."Farbe?" AS ENUM ('rot', 'it''s', 'with space', '', '😀');
CREATE TABLE "Größe & Maß"."Farben" ("Farbe" "Größe & Maß"."Farbe?" DEFAULT '', n serial);
INSERT INTO "Größe & Maß"."Farben" SELECT unnest(enum_range(NULL::"Größe & Maß"."Farbe?"));
CREATE FUNCTION "Größe & Maß"."f(x)" ("p 1" integer, OUT "o ""2""" integer) LANGUAGE sql IMMUTABLE AS 'SELECT 2 * $1';

CREATE TABLE empty.nothing_yet (id integer PRIMARY KEY, body text NOT NULL);
CREATE TABLE empty.no_columns ();
INSERT INTO empty.no_columns DEFAULT VALUES;
INSERT INTO empty.no_columns DEFAULT VALUES;
INSERT INTO empty.no_columns DEFAULT VALUES;
CREATE TABLE empty.dropped_columns (a integer, b text, c date, d integer);
INSERT INTO empty.dropped_columns SELECT i, 'b', '2026-01-01', -i FROM generate_series(1, 10) i;
ALTER TABLE empty.dropped_columns DROP b, DROP c, ADD e text DEFAULT 'added later';
CREATE TABLE public.settings (key text PRIMARY KEY, value jsonb);
INSERT INTO public.settings VALUES ('currency', '"EUR"'), ('limits', '{"cart": 99, "deep": [[], {}, null, 1e400]}');
