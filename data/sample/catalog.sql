-- SPDX-License-Identifier: GPL-3.0-or-later
-- Copyright The PG Mirror authors

-- What is sold.

CREATE TABLE shop.category (
  id serial PRIMARY KEY,
  parent_id integer CONSTRAINT category_parent REFERENCES shop.category DEFERRABLE INITIALLY DEFERRED,
  name text NOT NULL,
  UNIQUE (parent_id, name)
);

INSERT INTO shop.category (parent_id, name)
SELECT CASE WHEN i > 6 THEN 1 + i % 6 END,
       (ARRAY['Kitchen', 'Garden', 'Books', 'Toys', 'Music', 'Office'])[1 + i % 6]
         || CASE WHEN i > 6 THEN ' – ' || (ARRAY['classic', 'new', 'sale', 'gifts', 'spare parts'])[i / 6] ELSE '' END
FROM generate_series(1, 35) i;

CREATE TABLE shop.product (
  id integer GENERATED ALWAYS AS IDENTITY (START WITH 1001 INCREMENT BY 3) PRIMARY KEY,
  sku shop.sku UNIQUE,
  name text NOT NULL CHECK (name <> ''),
  description text,
  category_id integer NOT NULL REFERENCES shop.category ON UPDATE CASCADE ON DELETE RESTRICT,
  net shop.price NOT NULL,
  vat shop.vat NOT NULL DEFAULT 'standard',
  gross numeric(12, 2) GENERATED ALWAYS AS (shop.gross(net, vat)) STORED,
  tags text[] NOT NULL DEFAULT '{}',
  attributes jsonb,
  picture bytea,
  search tsvector GENERATED ALWAYS AS (
    setweight(to_tsvector('shop.catalog'::regconfig, name), 'A')
    || to_tsvector('shop.catalog'::regconfig, coalesce(description, ''))) STORED,
  weight_kg real,
  made_on date,
  changed_at timestamp with time zone NOT NULL DEFAULT '2026-01-01 00:00+00',
  CONSTRAINT reduced_is_cheap CHECK (vat <> 'reduced' OR net < 500)
);
ALTER TABLE shop.product ALTER picture SET STORAGE EXTERNAL;
ALTER TABLE shop.product ALTER category_id SET STATISTICS 250, ALTER tags SET (n_distinct = 40);
ALTER TABLE shop.product SET (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05);

INSERT INTO shop.product (sku, name, description, category_id, net, vat, tags, attributes, picture,
                          weight_kg, made_on)
SELECT (ARRAY['KIT', 'GAR', 'BOO', 'TOY', 'MUS', 'OFF'])[1 + i % 6] || '-' || lpad(i::text, 5, '0'),
       shop.pick(i, 1, '{Blue,Oak,Tiny,Golden,Quiet,Solar,Copper,Velvet,Round,Northern}'::text[]) || ' '
         || shop.pick(i, 2, '{lamp,kettle,notebook,spade,flute,puzzle,chair,clock,basket,atlas,kite}'::text[])
         || ' No. ' || i,
       CASE WHEN i % 9 > 0 THEN 'Made by hand, tested twice and shipped with care. '
         || repeat('It lasts for years and can be repaired. ', i % 5) END,
       1 + shop.pick(i, 3, 35),
       (99 + shop.pick(i, 4, 49900)) / 100.0,
       (enum_range(NULL::shop.vat))[1 + shop.pick(i, 5, 3)],
       ARRAY(SELECT shop.pick(i, 60 + t, '{new,sale,eco,gift,local,"two words","with \"quotes\"",NULL}'::text[])
             FROM generate_series(1, shop.pick(i, 6, 4)) t),
       CASE WHEN i % 4 > 0 THEN jsonb_build_object('colour', shop.pick(i, 7, '{red,grün,青,null}'::text[]),
         'size', jsonb_build_array(shop.pick(i, 8, 90), shop.pick(i, 9, 90)), 'in stock', i % 3 = 0,
         'rating', CASE WHEN i % 5 > 0 THEN round(shop.pick(i, 10, 50) / 10.0, 1) END) END,
       CASE WHEN i % 50 = 0 THEN decode(repeat(md5(i::text), 40 + shop.pick(i, 11, 200)), 'hex') END,
       shop.pick(i, 12, 20000) / 1000.0,
       date '2015-01-01' + shop.pick(i, 13, 4000)
FROM generate_series(1, 3000) i;

CREATE TABLE shop.season (
  name text PRIMARY KEY,
  days daterange NOT NULL,
  CONSTRAINT one_season_at_a_time EXCLUDE USING gist (days WITH &&)
);
INSERT INTO shop.season
SELECT 'Season ' || i, daterange(date '2020-01-01' + 90 * i, date '2020-01-01' + 90 * i + 60)
FROM generate_series(0, 24) i;
INSERT INTO shop.season VALUES ('For ever', daterange('2030-01-01', NULL)), ('Never', 'empty');

CREATE TABLE shop.bundle (
  product_id integer REFERENCES shop.product ON DELETE CASCADE,
  part_id integer REFERENCES shop.product MATCH FULL,
  pieces smallint NOT NULL DEFAULT 1 CHECK (pieces BETWEEN 1 AND 99),
  PRIMARY KEY (product_id, part_id),
  CHECK (product_id <> part_id) NO INHERIT
);
INSERT INTO shop.bundle
SELECT 1001 + 3 * i, 1001 + 3 * ((i * 37 + 11) % 3000), 1 + i % 4
FROM generate_series(0, 999) i WHERE i <> (i * 37 + 11) % 3000;
