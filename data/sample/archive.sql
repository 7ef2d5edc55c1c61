-- SPDX-License-Identifier: GPL-3.0-or-later
-- Copyright The PG Mirror authors

-- Old papers: inheritance, a typed table, large objects.

CREATE TABLE archive.document (
  id integer NOT NULL,
  title text NOT NULL DEFAULT 'untitled',
  written date CHECK (written > '1900-01-01'),
  scan oid
);
CREATE TABLE archive.invoice (total shop.price, PRIMARY KEY (id)) INHERITS (archive.document);
CREATE TABLE archive.letter (sender text, reader text, CHECK (sender <> reader)) INHERITS (archive.document);
CREATE TABLE archive.signed_letter (signature bytea) INHERITS (archive.letter);
ALTER TABLE archive.letter ALTER title SET DEFAULT 'Dear Sir or Madam';

INSERT INTO archive.document SELECT i, 'Paper ' || i, date '1990-01-01' + i FROM generate_series(1, 200) i;
INSERT INTO archive.invoice SELECT i, 'Invoice ' || i, date '1991-01-01' + i, NULL, i * 1.19 FROM generate_series(1, 800) i;
INSERT INTO archive.letter SELECT i, 'Letter ' || i, date '1992-01-01' + i, NULL, 'us', 'them' FROM generate_series(1, 300) i;
INSERT INTO archive.signed_letter
SELECT i, 'Signed ' || i, NULL, NULL, 'them', 'us', decode(md5(i::text), 'hex') FROM generate_series(1, 100) i;

CREATE TABLE archive.page_of_book OF archive.page (page_no WITH OPTIONS PRIMARY KEY, body NOT NULL);
INSERT INTO archive.page_of_book SELECT i, repeat('word ' || i || ' ', 120) FROM generate_series(1, 400) i;

-- Every byte value; then one that spans many pages and one that is empty.
UPDATE ONLY archive.document SET scan = lo_from_bytea(0, (
  SELECT string_agg(set_byte('\x00', 0, b), '' ORDER BY b) FROM generate_series(0, 255) b)) WHERE id <= 3;
UPDATE ONLY archive.document SET scan = lo_from_bytea(0, (
  SELECT string_agg(decode(md5(n::text), 'hex'), '' ORDER BY n) FROM generate_series(1, 65536) n)) WHERE id = 4;
UPDATE ONLY archive.document SET scan = lo_from_bytea(0, '') WHERE id = 5;
SELECT scan AS big_scan FROM ONLY archive.document WHERE id = 4 \gset
COMMENT ON LARGE OBJECT :big_scan IS 'one megabyte of scan';
