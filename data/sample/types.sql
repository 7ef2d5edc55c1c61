-- SPDX-License-Identifier: GPL-3.0-or-later
-- Copyright The PG Mirror authors

-- Schemas, types, collations and text search: what the tables stand on.

CREATE SCHEMA shop;
CREATE SCHEMA crm;
CREATE SCHEMA stock;
CREATE SCHEMA audit;
CREATE SCHEMA archive;
CREATE SCHEMA "Größe & Maß";
CREATE SCHEMA empty;

CREATE TYPE shop.vat AS ENUM ('none', 'reduced', 'standard');
CREATE TYPE shop.order_status AS ENUM ('cart', 'placed', 'paid', 'shipped', 'returned', 'it''s lost');
ALTER TYPE shop.order_status ADD VALUE 'packed' BEFORE 'shipped';
CREATE TYPE audit.kind AS ENUM ('login', 'logout', 'view', 'purchase', 'error');

CREATE DOMAIN shop.price AS numeric(12, 2) CHECK (VALUE >= 0);
CREATE DOMAIN shop.sku AS text COLLATE "C" NOT NULL
  CONSTRAINT sku_form CHECK (VALUE ~ '^[A-Z]{3}-[0-9]{5}$');
CREATE DOMAIN crm.email AS text CONSTRAINT has_at CHECK (VALUE LIKE '%_@_%') DEFAULT 'nobody@example.org';
CREATE DOMAIN crm.phones AS text[] CHECK (cardinality(VALUE) <= 3);

CREATE TYPE crm.address AS (street text, "house no." text, postcode text, city text, country char(2));
CREATE TYPE crm.contact AS (kind text, value text, at crm.address);
CREATE TYPE archive.page AS (page_no integer, body text);

CREATE TYPE stock.weight_range AS RANGE (subtype = numeric);
CREATE TYPE stock.hours AS RANGE (subtype = time);

CREATE COLLATION shop.bytewise (LC_COLLATE = 'C', LC_CTYPE = 'C');
SELECT EXISTS (SELECT FROM pg_catalog.pg_collation WHERE collprovider = 'i') AS has_icu \gset
\if :has_icu
  CREATE COLLATION shop.ignore_case (PROVIDER = icu, LOCALE = 'und-u-ks-level2', DETERMINISTIC = false);
  CREATE COLLATION shop.phonebook (PROVIDER = icu, LOCALE = 'de-u-co-phonebk');
\endif

CREATE TEXT SEARCH DICTIONARY shop.plain (TEMPLATE = pg_catalog.simple);
CREATE TEXT SEARCH CONFIGURATION shop.catalog (COPY = pg_catalog.english);
ALTER TEXT SEARCH CONFIGURATION shop.catalog
  ALTER MAPPING FOR numword, hword_numpart WITH shop.plain;

CREATE CONVERSION shop.utf8_for_old_tills FOR 'UTF8' TO 'LATIN1' FROM pg_catalog.utf8_to_iso8859_1;

CREATE SEQUENCE shop.invoice_no AS bigint START 9000000001 INCREMENT 7 CACHE 10;
CREATE SEQUENCE shop.voucher_no AS integer START -5 INCREMENT -5 MINVALUE -100000 MAXVALUE -5;
CREATE SEQUENCE shop.desk_no AS smallint START 3 MINVALUE 1 MAXVALUE 9 CYCLE;
CREATE SEQUENCE shop.untouched START 42;
SELECT setval('shop.invoice_no', 9000123457), setval('shop.voucher_no', -99995);
SELECT setval('shop.desk_no', 9), setval('shop.untouched', 77, false);
