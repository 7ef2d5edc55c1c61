-- SPDX-License-Identifier: GPL-3.0-or-later
-- Copyright The PG Mirror authors

-- A comment on every kind of object, some of them hard to write down.

COMMENT ON SCHEMA shop IS 'What is sold, and to whom';
COMMENT ON SCHEMA "Größe & Maß" IS 'names that are only names: "quotes", ''apostrophes'', \back\slashes';
COMMENT ON TYPE shop.vat IS 'rate of value added tax';
COMMENT ON DOMAIN shop.price IS 'EUR, never negative';
COMMENT ON CONSTRAINT sku_form ON DOMAIN shop.sku IS 'three letters and five digits';
COMMENT ON TYPE crm.address IS 'where a parcel can go';
COMMENT ON COLUMN crm.address."house no." IS 'text: there is 12a';
COMMENT ON TYPE stock.weight_range IS 'kilogrammes';
COMMENT ON COLLATION shop.bytewise IS 'as strcmp';
COMMENT ON TEXT SEARCH CONFIGURATION shop.catalog IS 'english, but model numbers as they are';
COMMENT ON TEXT SEARCH DICTIONARY shop.plain IS 'lower case and no more';
COMMENT ON CONVERSION shop.utf8_for_old_tills IS 'the tills know only LATIN1';
COMMENT ON CAST (crm.address AS text) IS 'on one line';
COMMENT ON SEQUENCE shop.invoice_no IS 'in steps of seven, nobody remembers why';
COMMENT ON FUNCTION shop.gross (numeric, shop.vat) IS 'net plus tax, rounded';
COMMENT ON PROCEDURE shop.place_order (integer, numeric) IS 'turns a cart into an order';
COMMENT ON AGGREGATE shop.longest (text) IS 'of several longest the last in byte order';
COMMENT ON OPERATOR shop.%> (numeric, numeric) IS 'left as per cent of right';
COMMENT ON TABLE shop.product IS E'what we sell\n\nSeveral lines, a tab\there, and an emoji 🛒';
COMMENT ON COLUMN shop.product.net IS 'without tax';
COMMENT ON COLUMN "Größe & Maß"."Müllers ""beste"" Liste"."Preis in €" IS '€ per 100 g';
COMMENT ON CONSTRAINT reduced_is_cheap ON shop.product IS 'law of 2019';
COMMENT ON CONSTRAINT one_season_at_a_time ON shop.season IS 'they used to overlap';
COMMENT ON TRIGGER touch ON shop.product IS 'sets changed_at';
COMMENT ON RULE keep_the_log ON audit.log IS 'nobody deletes the log';
COMMENT ON POLICY own_notes ON crm.note IS 'everybody sees their own';
COMMENT ON INDEX shop.product_search IS 'for the search box';
COMMENT ON STATISTICS shop.product_facts IS 'vat follows from the category';
COMMENT ON VIEW crm.customer_summary IS 'one row a customer';
COMMENT ON COLUMN crm.customer_summary.home IS 'on one line';
COMMENT ON MATERIALIZED VIEW shop.sales_by_month IS 'refreshed every night';
COMMENT ON TABLE empty.nothing_yet IS '';
COMMENT ON TABLE empty.no_columns IS 'three rows, and nothing in them';
