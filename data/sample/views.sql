-- SPDX-License-Identifier: GPL-3.0-or-later
-- Copyright The PG Mirror authors

CREATE VIEW crm.customer_summary AS
SELECT c.id, c.name, c.home::text AS home, count(o.id) AS orders, max(o.placed_at) AS last_order
FROM crm.customer c LEFT JOIN shop."order" o ON o.customer_id = c.id
GROUP BY c.id;

CREATE VIEW crm.public_note WITH (security_barrier) AS
SELECT id, customer_id, body FROM crm.note WHERE is_public;

CREATE VIEW shop.cheap_product AS
SELECT id, sku, name, net, vat FROM shop.product WHERE net < 10 WITH LOCAL CHECK OPTION;

CREATE RECURSIVE VIEW shop.category_path (id, path) AS
SELECT id, name FROM shop.category WHERE parent_id IS NULL
UNION ALL
SELECT c.id, p.path || ' / ' || c.name FROM shop.category c JOIN category_path p ON p.id = c.parent_id;

CREATE VIEW stock.level AS
SELECT product_id, warehouse, sum(pieces) AS pieces FROM stock.movement GROUP BY 1, 2;

CREATE VIEW stock.inbox AS SELECT warehouse, product_id, pieces FROM stock.movement WHERE pieces > 0;
CREATE RULE take_in AS ON INSERT TO stock.inbox DO INSTEAD
  INSERT INTO stock.movement (moved_on, warehouse, product_id, pieces)
  VALUES (current_date, NEW.warehouse, NEW.product_id, NEW.pieces);

CREATE MATERIALIZED VIEW shop.sales_by_month AS
SELECT date_trunc('month', o.placed_at)::date AS month, p.category_id,
       sum(l.amount) AS net, shop.longest(p.name) AS longest_name
FROM shop."order" o JOIN shop.order_line l ON l.order_id = o.id JOIN shop.product p ON p.id = l.product_id
WHERE o.status NOT IN ('cart', 'returned')
GROUP BY 1, 2;
CREATE UNIQUE INDEX sales_by_month_key ON shop.sales_by_month (month, category_id);
CREATE INDEX sales_by_month_net ON shop.sales_by_month (net DESC NULLS LAST);

-- Stands on another materialized view: has to be filled after it.
CREATE MATERIALIZED VIEW audit.sales_by_year AS
SELECT extract(year FROM month) AS year, sum(net) AS net FROM shop.sales_by_month GROUP BY 1
WITH DATA;
CREATE MATERIALIZED VIEW archive.not_filled AS SELECT count(*) FROM audit.sales_by_year WITH NO DATA;
CREATE VIEW audit.best_year AS SELECT year FROM audit.sales_by_year ORDER BY net DESC LIMIT 1;

GRANT SELECT ON crm.public_note, shop.cheap_product TO PUBLIC;
