/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-archive-list.h"

#include <string.h>

#include "pgm-error.h"

#define N_ENTRIES 84

/* Printed by pg_restore 15.20. The database was made to mislead: schemas are called "DATA",
 * "ACL", "ATTACH", "SET" and "CLASS", and one table has a newline in its name. */
static const char listing[] =
    ";\n"
    "; Archive created at 2026-11-23 17:18:45 UTC\n"
    ";     dbname: shop\n"
    ";     TOC Entries: 90\n"
    ";     Compression: -1\n"
    ";     Dump Version: 1.14-0\n"
    ";     Format: CUSTOM\n"
    ";     Integer: 4 bytes\n"
    ";     Offset: 8 bytes\n"
    ";     Dumped from database version: 15.20 (Debian 15.20-0+deb12u1)\n"
    ";     Dumped by pg_dump version: 15.20 (Debian 15.20-0+deb12u1)\n"
    ";\n"
    ";\n"
    "; Selected TOC Entries:\n"
    ";\n"
    "9; 2615 16412 SCHEMA - ACL postgres\n"
    "10; 2615 16417 SCHEMA - ATTACH postgres\n"
    "8; 2615 16410 SCHEMA - CLASS postgres\n"
    "6; 2615 16385 SCHEMA - DATA postgres\n"
    "7; 2615 16408 SCHEMA - SET postgres\n"
    "11; 2615 16436 SCHEMA - VIEW postgres\n"
    "12; 2615 16448 SCHEMA - s2 postgres\n"
    "2921; 3456 16474 COLLATION public co postgres\n"
    "3275; 3576 16484 TRANSFORM - TRANSFORM FOR integer LANGUAGE sql \n"
    "895; 1247 16468 DOMAIN public dom postgres\n"
    "901; 1247 16485 TYPE public sh postgres\n"
    "892; 1247 16464 TYPE public ty postgres\n"
    "3129; 2605 16471 CAST - CAST (text AS public.ty) \n"
    "237; 1255 16445 FUNCTION public f() postgres\n"
    "238; 1255 16470 PROCEDURE public pr() postgres\n"
    "906; 1255 16469 AGGREGATE public ag(integer) postgres\n"
    "1714; 2601 16473 ACCESS METHOD - am2 \n"
    "1706; 2617 16411 OPERATOR CLASS === postgres\n"
    "2039; 2753 16475 OPERATOR FAMILY public oc postgres\n"
    "1892; 2616 16476 OPERATOR CLASS public oc postgres\n"
    "2040; 2753 16478 OPERATOR FAMILY public of_ postgres\n"
    "3050; 2607 16483 CONVERSION public cv postgres\n"
    "2076; 3600 16458 TEXT SEARCH DICTIONARY public tsd postgres\n"
    "2106; 3602 16457 TEXT SEARCH CONFIGURATION public tsc postgres\n"
    "2107; 2328 16451 FOREIGN DATA WRAPPER - fw postgres\n"
    "2108; 1417 16452 SERVER - sv postgres\n"
    "3472; 0 0 USER MAPPING - USER MAPPING postgres SERVER sv postgres\n"
    "226; 1259 16413 TABLE ACL d postgres\n"
    "227; 1259 16418 TABLE ATTACH y postgres\n"
    "231; 1259 16437 MATERIALIZED VIEW DATA mv2 postgres\n"
    "222; 1259 16387 TABLE DATA t postgres\n"
    "221; 1259 16386 SEQUENCE DATA t_s_seq postgres\n"
    "3473; 0 0 SEQUENCE OWNED BY DATA t_s_seq postgres\n"
    "225; 1259 16409 SEQUENCE SET q postgres\n"
    "224; 1259 16407 SEQUENCE public SET postgres\n"
    "223; 1259 16393 TABLE public big postgres\n"
    "3474; 0 0 COMMENT public TABLE big postgres\n"
    "3475; 0 0 ACL public TABLE big postgres\n"
    "232; 1259 16454 FOREIGN TABLE public ft postgres\n"
    "236; 1259 16488 TABLE public ident postgres\n"
    "235; 1259 16487 SEQUENCE public ident_i_seq postgres\n"
    "230; 1259 16432 MATERIALIZED VIEW public mv postgres\n"
    "233; 1259 16460 TABLE public odd name; 99; 1 2 TABLE x postgres\n"
    "228; 1259 16422 TABLE public part postgres\n"
    "229; 1259 16427 TABLE public part1 postgres\n"
    "234; 1259 16479 VIEW public v postgres\n"
    "3276; 0 0 TABLE ATTACH public part1 postgres\n"
    "3277; 2604 16390 DEFAULT DATA t s postgres\n"
    "3462; 2613 4242 BLOB - 4242 postgres\n"
    "3476; 0 0 COMMENT - LARGE OBJECT 4242 postgres\n"
    "3454; 0 16413 TABLE DATA ACL d postgres\n"
    "3455; 0 16418 TABLE DATA ATTACH y postgres\n"
    "3450; 0 16387 TABLE DATA DATA t postgres\n"
    "3451; 0 16393 TABLE DATA public big postgres\n"
    "3461; 0 16488 TABLE DATA public ident postgres\n"
    "3459; 0 16460 TABLE DATA public odd name; 99; 1 2 TABLE x postgres\n"
    "3456; 0 16427 TABLE DATA public part1 postgres\n"
    "3477; 0 0 SEQUENCE SET DATA t_s_seq postgres\n"
    "3478; 0 0 SEQUENCE SET SET q postgres\n"
    "3479; 0 0 SEQUENCE SET public SET postgres\n"
    "3480; 0 0 SEQUENCE SET public ident_i_seq postgres\n"
    "3463; 0 0 BLOBS - BLOBS \n"
    "3282; 2606 16392 CONSTRAINT DATA t t_pkey postgres\n"
    "3285; 2606 16400 CONSTRAINT public big big_pkey postgres\n"
    "3288; 2606 16426 CONSTRAINT public part part_pkey postgres\n"
    "3290; 2606 16431 CONSTRAINT public part1 part1_pkey postgres\n"
    "3286; 1259 16421 INDEX ATTACH ix postgres\n"
    "3283; 1259 16406 INDEX public big_n_idx postgres\n"
    "3291; 0 0 INDEX ATTACH public part1_pkey postgres\n"
    "3293; 3381 16449 STATISTICS DATA st2 postgres\n"
    "3292; 3381 16447 STATISTICS public st postgres\n"
    "3440; 2618 16472 RULE public big ru postgres\n"
    "3295; 2620 16446 TRIGGER public big tr postgres\n"
    "3294; 2606 16401 FK CONSTRAINT public big big_k_fkey postgres\n"
    "3442; 0 16393 ROW SECURITY public big postgres\n"
    "3443; 3256 16450 POLICY public big po postgres\n"
    "3444; 6104 16441 PUBLICATION - p postgres\n"
    "3445; 6104 16443 PUBLICATION - ps postgres\n"
    "3446; 6106 16442 PUBLICATION TABLE public p big postgres\n"
    "3447; 6237 16444 PUBLICATION TABLES IN SCHEMA DATA ps DATA postgres\n"
    "3448; 6100 16486 SUBSCRIPTION - sub postgres\n"
    "2109; 826 16459 DEFAULT ACL s2 DEFAULT PRIVILEGES FOR TABLES postgres\n"
    "3458; 0 16437 MATERIALIZED VIEW DATA DATA mv2 postgres\n"
    "3457; 0 16432 MATERIALIZED VIEW DATA public mv postgres\n";

static void
test_entries (void)
{
  static const struct
  {
    guint dump_id;
    guint32 class_oid;
    guint32 oid;
    const char *kind;
    const char *rest;
  } cases[] = {
    { 9, 2615, 16412, "SCHEMA", "- ACL postgres" },
    { 3275, 3576, 16484, "TRANSFORM", "- TRANSFORM FOR integer LANGUAGE sql " },
    { 1706, 2617, 16411, "OPERATOR", "CLASS === postgres" },
    { 1892, 2616, 16476, "OPERATOR CLASS", "public oc postgres" },
    { 2040, 2753, 16478, "OPERATOR FAMILY", "public of_ postgres" },
    { 2106, 3602, 16457, "TEXT SEARCH CONFIGURATION", "public tsc postgres" },
    { 2107, 2328, 16451, "FOREIGN DATA WRAPPER", "- fw postgres" },
    { 3472, 0, 0, "USER MAPPING", "- USER MAPPING postgres SERVER sv postgres" },
    { 226, 1259, 16413, "TABLE", "ACL d postgres" },
    { 227, 1259, 16418, "TABLE", "ATTACH y postgres" },
    { 231, 1259, 16437, "MATERIALIZED VIEW", "DATA mv2 postgres" },
    { 222, 1259, 16387, "TABLE", "DATA t postgres" },
    { 225, 1259, 16409, "SEQUENCE", "SET q postgres" },
    { 3473, 0, 0, "SEQUENCE OWNED BY", "DATA t_s_seq postgres" },
    { 3474, 0, 0, "COMMENT", "public TABLE big postgres" },
    { 233, 1259, 16460, "TABLE", "public odd name; 99; 1 2 TABLE x postgres" },
    { 3276, 0, 0, "TABLE ATTACH", "public part1 postgres" },
    { 3277, 2604, 16390, "DEFAULT", "DATA t s postgres" },
    { 3462, 2613, 4242, "BLOB", "- 4242 postgres" },
    { 3450, 0, 16387, "TABLE DATA", "DATA t postgres" },
    { 3478, 0, 0, "SEQUENCE SET", "SET q postgres" },
    { 3463, 0, 0, "BLOBS", "- BLOBS " },
    { 3286, 1259, 16421, "INDEX", "ATTACH ix postgres" },
    { 3291, 0, 0, "INDEX ATTACH", "public part1_pkey postgres" },
    { 3293, 3381, 16449, "STATISTICS", "DATA st2 postgres" },
    { 3294, 2606, 16401, "FK CONSTRAINT", "public big big_k_fkey postgres" },
    { 3442, 0, 16393, "ROW SECURITY", "public big postgres" },
    { 3446, 6106, 16442, "PUBLICATION TABLE", "public p big postgres" },
    { 3447, 6237, 16444, "PUBLICATION TABLES IN SCHEMA", "DATA ps DATA postgres" },
    { 2109, 826, 16459, "DEFAULT ACL", "s2 DEFAULT PRIVILEGES FOR TABLES postgres" },
    { 3458, 0, 16437, "MATERIALIZED VIEW DATA", "DATA mv2 postgres" },
  };
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmArchiveList) list = pgm_archive_list_parse (listing, &error);

  g_assert_no_error (error);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PgmArchiveEntry *entry = pgm_archive_list_find (list, cases[i].dump_id);

      g_assert_nonnull (entry);
      g_assert_cmpuint (entry->class_oid, ==, cases[i].class_oid);
      g_assert_cmpuint (entry->oid, ==, cases[i].oid);
      g_assert_cmpstr (entry->kind, ==, cases[i].kind);
      g_assert_cmpstr (entry->rest, ==, cases[i].rest);
      g_assert_false (entry->is_excluded);
    }
  g_assert_null (pgm_archive_list_find (list, 99));
  g_assert_null (pgm_archive_list_find (list, 0));
}

static void
test_order (void)
{
  g_autoptr(PgmArchiveList) list = pgm_archive_list_parse (listing, NULL);
  g_autoptr(GPtrArray) data = pgm_archive_list_select (list, "TABLE DATA");
  g_autoptr(GPtrArray) none = pgm_archive_list_select (list, "TABLE DAT");
  guint n = pgm_archive_list_get_n_entries (list);

  g_assert_cmpuint (n, ==, N_ENTRIES);
  g_assert_cmpuint (pgm_archive_list_get_entry (list, 0)->dump_id, ==, 9);
  g_assert_cmpuint (pgm_archive_list_get_entry (list, n - 1)->dump_id, ==, 3457);
  g_assert_cmpuint (data->len, ==, 7);
  g_assert_true (data->pdata[0] == pgm_archive_list_find (list, 3454));
  g_assert_cmpuint (none->len, ==, 0);
}

static void
test_to_text (void)
{
  g_autoptr(PgmArchiveList) list =
                 pgm_archive_list_parse ("; head\n\n7; 1259 16390 TABLE DATA public big app\n"
                                         "5; 0 0 ENCODING - ENCODING \n",
                                         NULL);
  g_autofree char *text = NULL;

  pgm_archive_list_find (list, 7)->is_excluded = TRUE;
  text = pgm_archive_list_to_text (list, PGM_ARCHIVE_PASS_ALL);
  g_assert_cmpstr (text, ==,
                   ";7; 1259 16390 TABLE DATA public big app\n"
                   "5; 0 0 ENCODING - ENCODING \n");
}

/* What was written reads back as the same list; excluded entries are comments there. */
static void
test_round_trip (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmArchiveList) list = pgm_archive_list_parse (listing, NULL);
  g_autoptr(PgmArchiveList) again = NULL;
  g_autofree char *text = NULL;

  pgm_archive_list_find (list, 233)->is_excluded = TRUE;
  text = pgm_archive_list_to_text (list, PGM_ARCHIVE_PASS_ALL);
  again = pgm_archive_list_parse (text, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (pgm_archive_list_get_n_entries (again), ==, N_ENTRIES - 1);
  g_assert_null (pgm_archive_list_find (again, 233));
}

static void
test_odd_texts (void)
{
  static const struct
  {
    const char *text;
    const char *kind;
    const char *rest;
  } cases[] = {
    { "1; 0 0 NEW THING public x", "NEW", "THING public x" },
    { "1; 0 0 TABLE", "TABLE", "" },
    { "1; 0 0 TABLE DATA", "TABLE DATA", "" },
    { "1; 0 0 TABLE DATABASE x", "TABLE", "DATABASE x" },
    { "1; 4294967295 4294967295 TYPE p t o\r", "TYPE", "p t o" },
    { "2147483647; 0 0 TYPE p \xe7\x1b[1m o", "TYPE", "p \\xe7\\x1b[1m o" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(PgmArchiveList) list = pgm_archive_list_parse (cases[i].text, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (pgm_archive_list_get_n_entries (list), ==, 1);
      g_assert_cmpstr (pgm_archive_list_get_entry (list, 0)->kind, ==, cases[i].kind);
      g_assert_cmpstr (pgm_archive_list_get_entry (list, 0)->rest, ==, cases[i].rest);
    }
}

static void
test_refused (void)
{
  static const char *const texts[] = {
    "pg_restore: error: input file does not appear to be a valid archive",
    "1 0 0 TABLE public x o",
    "0; 0 0 TABLE public x o",
    "-1; 0 0 TABLE public x o",
    "2147483648; 0 0 TABLE public x o",
    "99999999999999999999999; 0 0 TABLE public x o",
    "1; 4294967296 0 TABLE public x o",
    "1; 0 TABLE public x o",
    "1; 0 0",
    "1; 0 0 ",
    "1; 0 0  TABLE",
    "1; 0 0 TABLE a b c\nname; 99; 1 2 TABLE x",
    "1; 0 0 TABLE a b c\n1; 0 0 TABLE forged b c",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (pgm_archive_list_parse (texts[i], &error));
      g_assert_error (error, PGM_ERROR, PGM_ERROR_TOOL);
      g_assert_null (strchr (error->message, '\n'));
    }
}

static void
test_empty (void)
{
  g_autoptr(PgmArchiveList) list = pgm_archive_list_parse ("", NULL);
  g_autofree char *text = pgm_archive_list_to_text (list, PGM_ARCHIVE_PASS_ALL);

  g_assert_cmpuint (pgm_archive_list_get_n_entries (list), ==, 0);
  g_assert_cmpstr (text, ==, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/archive-list/entries", test_entries);
  g_test_add_func ("/archive-list/order", test_order);
  g_test_add_func ("/archive-list/to-text", test_to_text);
  g_test_add_func ("/archive-list/round-trip", test_round_trip);
  g_test_add_func ("/archive-list/odd-texts", test_odd_texts);
  g_test_add_func ("/archive-list/refused", test_refused);
  g_test_add_func ("/archive-list/empty", test_empty);
  return g_test_run ();
}
