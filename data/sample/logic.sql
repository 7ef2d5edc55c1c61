-- SPDX-License-Identifier: GPL-3.0-or-later
-- Copyright The PG Mirror authors

-- Triggers, rules and procedures; after the rows, so that they do not fire for them.

CREATE FUNCTION shop.touch () RETURNS trigger
  LANGUAGE plpgsql
AS $$
BEGIN
  NEW.changed_at := clock_timestamp();
  RETURN NEW;
END
$$;
CREATE TRIGGER touch BEFORE UPDATE OF net, name ON shop.product
  FOR EACH ROW WHEN (OLD.net <> NEW.net OR OLD.name <> NEW.name) EXECUTE FUNCTION shop.touch();

CREATE TABLE audit.log (at timestamptz NOT NULL DEFAULT now(), who name DEFAULT current_user, what text);
CREATE RULE keep_the_log AS ON DELETE TO audit.log DO INSTEAD NOTHING;

CREATE FUNCTION audit.count_changes () RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  INSERT INTO audit.log (what)
  SELECT TG_OP || ' of ' || count(*) || ' rows in ' || TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME FROM changed;
  RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION audit.count_changes () FROM PUBLIC;
CREATE TRIGGER count_inserts AFTER INSERT ON shop.order_line
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION audit.count_changes();
CREATE TRIGGER count_deletes AFTER DELETE ON shop.order_line
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION audit.count_changes();
ALTER TABLE shop.order_line DISABLE TRIGGER count_deletes;

CREATE FUNCTION stock.refuse_negative () RETURNS trigger
  LANGUAGE plpgsql
AS $$
BEGIN
  IF (SELECT sum(pieces) FROM stock.movement WHERE product_id = NEW.product_id) < -1000000 THEN
    RAISE EXCEPTION 'product % is far below zero', NEW.product_id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER refuse_negative AFTER INSERT ON stock.movement
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stock.refuse_negative();

CREATE FUNCTION crm.add_note () RETURNS trigger
  LANGUAGE plpgsql
AS $$
BEGIN
  INSERT INTO crm.note (customer_id, body, is_public) VALUES (NEW.customer_id, NEW.body, true)
  RETURNING id INTO NEW.id;
  RETURN NEW;
END
$$;
CREATE TRIGGER add_note INSTEAD OF INSERT ON crm.public_note FOR EACH ROW EXECUTE FUNCTION crm.add_note();

CREATE PROCEDURE shop.place_order (order_no integer, INOUT total numeric DEFAULT NULL)
  LANGUAGE plpgsql
AS $$
BEGIN
  UPDATE shop."order" SET status = 'placed', placed_at = now() WHERE id = order_no AND status = 'cart';
  SELECT sum(amount) INTO total FROM shop.order_line WHERE order_id = order_no;
END
$$;

CREATE PROCEDURE stock.take_stock (INOUT n bigint DEFAULT 0)
  LANGUAGE sql
  BEGIN ATOMIC
    SELECT count(*) FROM stock.movement;
  END;

CREATE FUNCTION shop.best_sellers (at_least integer DEFAULT 10)
  RETURNS TABLE (product_id integer, pieces bigint)
  LANGUAGE sql STABLE ROWS 50
  BEGIN ATOMIC
    SELECT l.product_id, sum(l.pieces) FROM shop.order_line l GROUP BY 1 HAVING sum(l.pieces) >= at_least;
  END;

CREATE FUNCTION crm.customers_named (pattern text) RETURNS SETOF crm.customer
  LANGUAGE plpgsql STABLE
AS $$ BEGIN RETURN QUERY SELECT * FROM crm.customer WHERE name ILIKE pattern; END $$;
