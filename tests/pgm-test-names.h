/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <glib.h>

/* Names that are legal, and that something may take for anything but a name. */
static const char *const pgm_test_names[] = {
  "host=evil",
  "a=b",
  "postgresql://evil/x",
  "dbname=postgres",
  "dbname=template1 host=127.0.0.1",
  "x' OR '1'='1",
  "O'Brien",
  "\"; DROP DATABASE postgres; --",
  "-h",
  "--help",
  "-dpostgres",
  "-",
  ":'v1'",
  "\\! touch x",
  "\\",
  "a\\'b\"c;d",
  "%s%n%I%L",
  "$(touch x) `touch y`",
  "$user",
  "line\nbreak",
  "\ttab\rreturn\033[31m",
  "\342\200\256esrever",
  " leading and trailing ",
  " ",
  "sixty-three bytes and not one more, as long as any name ever is",
  "日本語 Größe \360\237\230\200",
  "template",
  "Template1",
  "POSTGRES",
  "all",
  "a,b",
  "a/b",
  "../../etc",
  "*?[x]{y}",
  "null",
  "shop__pgm_00000000x",
  "\302\240",
};

static inline char *
pgm_test_quote_name (const char *name)
{
  g_auto(GStrv) parts = g_strsplit (name, "\"", -1);
  g_autofree char *doubled = g_strjoinv ("\"\"", parts);

  return g_strconcat ("\"", doubled, "\"", NULL);
}
