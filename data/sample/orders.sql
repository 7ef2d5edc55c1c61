-- SPDX-License-Identifier: GPL-3.0-or-later
-- Copyright The PG Mirror authors

-- What was bought.

CREATE TABLE shop."order" (
  id integer PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES crm.customer,
  status shop.order_status NOT NULL DEFAULT 'cart',
  history shop.order_status[],
  invoice_no bigint UNIQUE DEFAULT nextval('shop.invoice_no'),
  placed_at timestamp with time zone,
  ship_to crm.address,
  discount numeric(4, 3) CHECK (discount BETWEEN 0 AND 1),
  CONSTRAINT cart_has_no_date CHECK ((status = 'cart') = (placed_at IS NULL))
);
CREATE SEQUENCE shop.order_id_seq OWNED BY shop."order".id;
ALTER TABLE shop."order" ALTER id SET DEFAULT nextval('shop.order_id_seq');

INSERT INTO shop."order" (customer_id, status, history, invoice_no, placed_at, ship_to, discount)
SELECT 1 + shop.pick(i, 40, 8000), s.status, CASE WHEN i % 2 = 0 THEN ARRAY['cart', s.status]::shop.order_status[] END,
       9000200001 + 7 * i,
       CASE WHEN s.status <> 'cart' THEN timestamptz '2022-01-01 06:00+00' + i * interval '97 minutes' END,
       CASE WHEN i % 5 = 0 THEN ROW('Parcel shop', i % 90, '20095', 'Nordhagen', 'DE')::crm.address END,
       CASE WHEN i % 8 = 0 THEN shop.pick(i, 41, 400) / 1000.0 END
FROM generate_series(1, 20000) i,
  LATERAL (SELECT (enum_range(NULL::shop.order_status))[1 + shop.pick(i, 42, 7)] AS status) s;

CREATE TABLE shop.order_line (
  order_id integer NOT NULL REFERENCES shop."order" ON DELETE CASCADE,
  line_no smallint NOT NULL,
  product_id integer NOT NULL
    CONSTRAINT line_product REFERENCES shop.product DEFERRABLE INITIALLY IMMEDIATE,
  pieces integer NOT NULL DEFAULT 1,
  net shop.price NOT NULL,
  amount numeric GENERATED ALWAYS AS (pieces * net) STORED,
  remark text,
  PRIMARY KEY (order_id, line_no)
);
INSERT INTO shop.order_line (order_id, line_no, product_id, pieces, net, remark)
SELECT o, l, 1001 + 3 * shop.pick(o * 5 + l, 43, 3000), 1 + shop.pick(o * 5 + l, 44, 4),
       (99 + shop.pick(o * 5 + l, 45, 49900)) / 100.0,
       CASE WHEN o % 40 = l THEN 'gift, please wrap – ' || chr(127873) END
FROM generate_series(1, 20000) o, generate_series(1, 1 + o % 5) l;
ALTER TABLE shop.order_line ADD CONSTRAINT few_pieces CHECK (pieces < 4) NOT VALID;

CREATE TABLE shop.voucher (
  code integer PRIMARY KEY DEFAULT nextval('shop.voucher_no'),
  worth shop.price,
  valid tstzrange NOT NULL DEFAULT '[2026-01-01 00:00+00,)',
  used_by integer REFERENCES shop."order" ON DELETE SET NULL ON UPDATE SET DEFAULT
);
CREATE TABLE shop.wish (LIKE shop.order_line INCLUDING ALL EXCLUDING CONSTRAINTS);
