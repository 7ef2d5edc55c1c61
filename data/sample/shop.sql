-- SPDX-License-Identifier: GPL-3.0-or-later
-- Copyright The PG Mirror authors

-- A shop that does not exist: the sample database of PG Mirror. About 150 000 rows and every kind
-- of object that a plain owner may create. Load it into an empty UTF8 database, server 14 or newer:
--     psql -X -v ON_ERROR_STOP=1 -d shop -f shop.sql
-- The same rows each time: nothing depends on chance or on today's date, but for the oids of large
-- objects. extensions.sql is an optional second part.

\set ON_ERROR_STOP on
\set QUIET on
\encoding UTF8
SET client_min_messages = warning;
SET standard_conforming_strings = on;
SET TIME ZONE 'UTC';
SET search_path = '';

-- These print what they set; nobody wants to read it.
\o /dev/null
\ir types.sql
\ir functions.sql
\ir catalog.sql
\ir customers.sql
\ir orders.sql
\ir stock.sql
\ir archive.sql
\ir oddities.sql
\ir values.sql
\ir views.sql
\ir logic.sql
\ir indexes.sql
\ir comments.sql
\o

SET client_min_messages = error; -- an owner may not analyze the catalogs, and is told so 50 times
ANALYZE;
