-- SPDX-License-Identifier: GPL-3.0-or-later
-- Copyright The PG Mirror authors

-- One column a type; one row for each thing that can go wrong with a value.

CREATE TABLE audit.value (
  what text PRIMARY KEY,
  small smallint, whole integer, big bigint, exact numeric, single real, double double precision,
  words text, padded char(8), cut varchar(20), letter "char", ident name,
  bytes bytea, flags bit(5), more_flags bit varying,
  day date, clock time, clock_tz timetz, moment timestamp, moment_tz timestamptz, span interval,
  is_true boolean, id uuid, doc json, docb jsonb, path jsonpath,
  net cidr, host inet, mac macaddr, mac8 macaddr8,
  pt point, ln line, seg lseg, bx box, pth path, poly polygon, cir circle,
  numbers int4range, stamps tstzrange, spans nummultirange,
  matrix integer[], texts text[], query tsquery, vector tsvector, lsn pg_lsn
);

INSERT INTO audit.value VALUES ('ordinary',
  1, 2, 3, 4.50, 1.5, 2.25, 'text', 'char', 'varchar', 'c', 'name', '\xdeadbeef', '10101', '1',
  '2026-02-28', '12:34:56.789', '12:34:56+02', '2026-02-28 12:34:56', '2026-02-28 12:34:56+02', '1 mon 2 days 03:04:05',
  true, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"a": 1, "a": 2}', '{"b": [1, 2.50]}', '$.a[*] ? (@ > 1)',
  '10.1.0.0/16', '::1/128', '08:00:2b:01:02:03', '08:00:2b:01:02:03:04:05',
  '(1,2)', '{1,-1,0}', '[(0,0),(1,1)]', '(1,1),(0,0)', '[(0,0),(1,1),(2,0)]', '((0,0),(1,1),(2,0))', '<(0,0),5>',
  '[1,5)', '[2026-01-01 00:00+00,2026-02-01 00:00+00)', '{[1,2],(5,7.5)}',
  '{{1,2},{3,NULL}}', '{"", "NULL", NULL, "a,b", "\\\""}', 'cat & !dog', 'cat:1A dog:2', '16/B374D848');
INSERT INTO audit.value (what) VALUES ('all null');
INSERT INTO audit.value (what, words, padded, cut, bytes, more_flags, texts, matrix, docb, numbers, spans, vector)
VALUES ('all empty', '', '', '', '', '', '{}', '{}', '{}', 'empty', '{}', '');
INSERT INTO audit.value (what, small, whole, big, exact, single, double, day, moment, moment_tz, clock)
VALUES ('lowest', -32768, -2147483648, -9223372036854775808, '-Infinity', '-Infinity', '-Infinity',
          '-infinity', '-infinity', '-infinity', '00:00'),
       ('highest', 32767, 2147483647, 9223372036854775807, 'Infinity', 'Infinity', 'Infinity',
          'infinity', 'infinity', 'infinity', '24:00'),
       ('no number', NULL, NULL, NULL, 'NaN', 'NaN', 'NaN', '4713-01-01 BC', '0001-01-01 00:00 BC', '294276-12-31 23:59:59.999999+00', NULL),
       ('tiny', 0, 0, 0, 1e-300, 1e-37, 5e-324, '5874897-12-31', NULL, NULL, '23:59:59.999999'),
       ('minus zero', 0, 0, 0, '-0.00', '-0', '-0', NULL, NULL, NULL, NULL),
       ('long', 1, 1, 1, repeat('9', 400)::numeric, 0.1, 0.1, NULL, NULL, NULL, NULL);
INSERT INTO audit.value (what, words)
VALUES ('backslash', E'a\\b\\\\c \\N \\.'), ('controls', E'\x01\b\f\n\r\t\x1b[31m\x7f'),
       ('quotes', '''"`$$'), ('unicode', 'àéîõü ß 日本語 العربية עברית 👩‍👩‍👧 ' || U&'\FEFF\200E\202E'), ('end of copy', E'x\n\\.\ny'),
       ('crlf', E'a\r\nb\r\n'), ('large', (SELECT string_agg(md5(n::text), '' ORDER BY n) FROM generate_series(1, 40000) n));
INSERT INTO audit.value (what, bytes, is_true)
SELECT 'every byte', string_agg(set_byte('\x00', 0, b), '' ORDER BY b), false FROM generate_series(0, 255) b;
