-- SPDX-License-Identifier: GPL-3.0-or-later
-- Copyright The PG Mirror authors

-- Every access method, and what an index can do beyond a column.

CREATE INDEX product_name ON shop.product (name text_pattern_ops);
CREATE INDEX product_name_bytewise ON shop.product (name COLLATE shop.bytewise DESC);
CREATE INDEX product_lower ON shop.product (lower(name), (net * 2)) WHERE net > 1;
CREATE INDEX product_covering ON shop.product (category_id) INCLUDE (net, vat) WITH (fillfactor = 70);
CREATE INDEX product_tags ON shop.product USING gin (tags) WITH (fastupdate = off);
CREATE INDEX product_attributes ON shop.product USING gin (attributes jsonb_path_ops);
CREATE INDEX product_search ON shop.product USING gin (search);
CREATE INDEX product_sku_hash ON shop.product USING hash (sku);
CREATE INDEX customer_home ON crm.customer USING btree (((home).city), ((home).postcode));
CREATE INDEX customer_seen_from ON crm.customer USING spgist (seen_from);
CREATE UNIQUE INDEX customer_email ON crm.customer (lower(email));
CREATE INDEX order_customer ON shop."order" (customer_id, placed_at DESC NULLS LAST);
CREATE INDEX order_open ON shop."order" (placed_at) WHERE status IN ('placed', 'paid');
CREATE INDEX order_line_product ON shop.order_line (product_id);
CREATE INDEX voucher_valid ON shop.voucher USING gist (valid);
CREATE INDEX warehouse_place ON stock.warehouse USING gist (place);
CREATE INDEX event_at ON audit.event USING brin (at) WITH (pages_per_range = 16);
CREATE INDEX session_started ON crm.session (started_at);
CREATE INDEX movement_product ON stock.movement (product_id);

-- A partitioned index whose parts were made first and attached.
CREATE INDEX movement_place ON ONLY stock.movement_2025 (warehouse, moved_on);
CREATE INDEX movement_place_north ON stock.movement_2025_north (warehouse, moved_on);
CREATE INDEX movement_place_south ON stock.movement_2025_south (warehouse, moved_on);
ALTER INDEX stock.movement_place ATTACH PARTITION stock.movement_place_north;
ALTER INDEX stock.movement_place ATTACH PARTITION stock.movement_place_south;

ALTER TABLE shop."order" CLUSTER ON order_customer;
ALTER TABLE shop.category REPLICA IDENTITY FULL;
CREATE UNIQUE INDEX warehouse_identity ON stock.warehouse (code);
ALTER TABLE stock.warehouse REPLICA IDENTITY USING INDEX warehouse_identity;
ALTER INDEX shop.product_lower ALTER COLUMN 2 SET STATISTICS 300;

CREATE STATISTICS shop.product_facts (ndistinct, dependencies, mcv) ON category_id, vat FROM shop.product;
CREATE STATISTICS shop.order_month ON (date_trunc('month', placed_at AT TIME ZONE 'UTC')) FROM shop."order";
CREATE STATISTICS stock.movement_facts (dependencies) ON warehouse, product_id FROM stock.movement_2024;
ALTER STATISTICS shop.product_facts SET STATISTICS 400;
