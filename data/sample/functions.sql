-- SPDX-License-Identifier: GPL-3.0-or-later
-- Copyright The PG Mirror authors

-- Functions that tables, indexes and the data need; business logic is in logic.sql.

-- A number from 0 to below "below" that looks random and is the same each time.
CREATE FUNCTION shop.pick (n bigint, salt integer, below integer) RETURNS integer
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN ((((n * 7919 + salt * 104729) * 2654435761) >> 17) % below)::integer;

CREATE FUNCTION shop.pick (n bigint, salt integer, words text[]) RETURNS text
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN words[1 + shop.pick(n, salt, cardinality(words))];

CREATE FUNCTION shop.vat_rate (vat shop.vat) RETURNS numeric
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN CASE vat WHEN 'none' THEN 0.00 WHEN 'reduced' THEN 0.07 ELSE 0.19 END;

CREATE FUNCTION shop.gross (net numeric, vat shop.vat DEFAULT 'standard') RETURNS numeric
  LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 5
AS $$
BEGIN
  RETURN round(net * (1 + shop.vat_rate(vat)), 2);
END
$$;

CREATE FUNCTION crm.one_line (a crm.address) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS 'SELECT concat_ws('', '', (a).street || '' '' || (a)."house no.", (a).postcode || '' '' || (a).city)';

CREATE CAST (crm.address AS text) WITH FUNCTION crm.one_line (crm.address) AS ASSIGNMENT;

CREATE FUNCTION shop.percent_of (share numeric, whole numeric) RETURNS numeric
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN CASE WHEN whole <> 0 THEN round(100 * share / whole, 2) END;

CREATE OPERATOR shop.%> (LEFTARG = numeric, RIGHTARG = numeric, FUNCTION = shop.percent_of);

CREATE FUNCTION shop.same_sku (a text, b text) RETURNS boolean
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN upper(a) = upper(b);

CREATE OPERATOR shop.=~= (LEFTARG = text, RIGHTARG = text, FUNCTION = shop.same_sku,
  COMMUTATOR = OPERATOR(shop.=~=), RESTRICT = eqsel, JOIN = eqjoinsel);

CREATE AGGREGATE shop.product (numeric) (SFUNC = numeric_mul, STYPE = numeric, INITCOND = '1',
  PARALLEL = SAFE, COMBINEFUNC = numeric_mul);

CREATE FUNCTION shop.longer (a text, b text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN a IS NULL OR (length(b), b COLLATE "C") > (length(a), a COLLATE "C") THEN b ELSE a END;

CREATE AGGREGATE shop.longest (text) (SFUNC = shop.longer, STYPE = text);

CREATE FUNCTION shop.greatest_of (VARIADIC anyarray) RETURNS anyelement
  LANGUAGE sql IMMUTABLE
AS 'SELECT max(x) FROM unnest($1) x';
