/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-event.h"

static const PgmProgress progress = {
  .phase = PGM_PHASE_RESTORE,
  .tables_done = 12,
  .tables_total = 27,
  .bytes_done = 412,
  .bytes_total = 824,
  .rate_bytes_per_s = 38.5,
  .time_left_us = 13 * G_USEC_PER_SEC,
};

static JsonNode *
dup_json (PgmEventKind kind, const PgmProgress *at, PgmTable *table, PgmFinding *finding)
{
  g_autoptr(PgmEvent) event = pgm_event_new (kind, at, table, finding);

  return pgm_event_to_json (event);
}

static void
test_progress (void)
{
  PgmProgress unknown = progress;
  g_autoptr(JsonNode) node = dup_json (PGM_EVENT_PROGRESS, &progress, NULL, NULL);
  JsonObject *object = json_node_get_object (node);
  g_autoptr(JsonNode) other = NULL;

  g_assert_cmpstr (json_object_get_string_member (object, "event"), ==, "progress");
  g_assert_cmpstr (json_object_get_string_member (object, "phase"), ==, "restore");
  g_assert_cmpint (json_object_get_int_member (object, "tables_done"), ==, 12);
  g_assert_cmpint (json_object_get_int_member (object, "bytes_total"), ==, 824);
  g_assert_cmpfloat (json_object_get_double_member (object, "seconds_left"), ==, 13.0);

  unknown.time_left_us = -1;
  other = dup_json (PGM_EVENT_PROGRESS, &unknown, NULL, NULL);
  g_assert_false (json_object_has_member (json_node_get_object (other), "seconds_left"));
}

static void
test_phase (void)
{
  g_autoptr(JsonNode) node = dup_json (PGM_EVENT_PHASE, &progress, NULL, NULL);
  JsonObject *object = json_node_get_object (node);

  g_assert_cmpstr (json_object_get_string_member (object, "event"), ==, "phase");
  g_assert_false (json_object_has_member (object, "tables_done"));
  g_assert_true (g_str_has_suffix (json_object_get_string_member (object, "time"), "Z"));
}

static void
test_table (void)
{
  g_autoptr(PgmTable) table = pgm_table_new (16384, "public", "order \"lines\"", 8192);
  g_autoptr(JsonNode) node = dup_json (PGM_EVENT_TABLE, &progress, table, NULL);
  JsonObject *object = json_node_get_object (node);

  g_assert_cmpstr (json_object_get_string_member (object, "event"), ==, "table");
  g_assert_cmpstr (json_object_get_string_member (object, "schema"), ==, "public");
  g_assert_cmpstr (json_object_get_string_member (object, "table"), ==, "order \"lines\"");
}

static void
test_tables (void)
{
  g_autoptr(PgmTable) table = pgm_table_new (16384, "public", "t", 8192);
  g_autoptr(GPtrArray) tables = g_ptr_array_new ();
  g_autoptr(PgmEvent) listed = NULL;
  g_autoptr(PgmEvent) counted = pgm_event_new_counted (&progress, table, 412);
  g_autoptr(JsonNode) node = NULL;
  g_autoptr(JsonNode) other = pgm_event_to_json (counted);

  g_ptr_array_add (tables, table);
  listed = pgm_event_new_tables (&progress, tables);
  g_ptr_array_set_size (tables, 0);
  g_assert_cmpuint (listed->tables->len, ==, 1);
  node = pgm_event_to_json (listed);
  g_assert_cmpstr (json_object_get_string_member (json_node_get_object (node), "event"), ==,
                   "tables");
  g_assert_cmpint (json_object_get_int_member (json_node_get_object (node), "tables"), ==, 1);
  g_assert_cmpint (json_object_get_int_member (json_node_get_object (other), "rows"), ==, 412);
}

static void
test_finding (void)
{
  g_autoptr(PgmFinding) finding = pgm_finding_new (PGM_SEVERITY_WARNING, "insecure-connection",
                                                    NULL, "not encrypted");
  g_autoptr(JsonNode) node = dup_json (PGM_EVENT_FINDING, &progress, NULL, finding);
  JsonObject *object = json_object_get_object_member (json_node_get_object (node), "finding");

  g_assert_cmpstr (json_object_get_string_member (object, "severity"), ==, "warning");
  g_assert_cmpstr (json_object_get_string_member (object, "code"), ==, "insecure-connection");
  g_assert_false (json_object_has_member (object, "hint"));
}

static void
test_fraction (void)
{
  static const struct
  {
    PgmProgress progress;
    double expected;
  } cases[] = {
    { { .bytes_done = 1, .bytes_total = 4 }, 0.25 },
    { { .bytes_done = 9, .bytes_total = 4 }, 1.0 },
    { { .tables_done = 1, .tables_total = 2 }, 0.5 },
    { { .tables_done = 1, .tables_total = 0 }, -1.0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpfloat (pgm_progress_get_fraction (&cases[i].progress), ==, cases[i].expected);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/event/progress", test_progress);
  g_test_add_func ("/event/phase", test_phase);
  g_test_add_func ("/event/table", test_table);
  g_test_add_func ("/event/tables", test_tables);
  g_test_add_func ("/event/finding", test_finding);
  g_test_add_func ("/event/fraction", test_fraction);
  return g_test_run ();
}
