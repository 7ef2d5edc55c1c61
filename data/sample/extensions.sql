-- SPDX-License-Identifier: GPL-3.0-or-later
-- Copyright The PG Mirror authors

-- Optional, after shop.sql: needs the contrib modules on this server and on every target.

\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET search_path = '';

CREATE SCHEMA ext;
CREATE EXTENSION pg_trgm SCHEMA ext;
CREATE EXTENSION citext SCHEMA ext;
CREATE EXTENSION btree_gist SCHEMA ext;

CREATE TABLE shop.brand (
  name ext.citext PRIMARY KEY,
  contract daterange NOT NULL,
  desk integer NOT NULL,
  EXCLUDE USING gist (desk WITH =, contract WITH &&)
);
INSERT INTO shop.brand
SELECT 'Brand ' || i, daterange(date '2026-01-01' + i, date '2026-01-01' + i + 1), i % 7 FROM generate_series(1, 500) i;
CREATE INDEX product_name_trigrams ON shop.product USING gin (name ext.gin_trgm_ops);
COMMENT ON TABLE shop.brand IS 'needs citext and btree_gist';
