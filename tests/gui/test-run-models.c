/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-log-model.h"
#include "pgm-rate-series.h"
#include "pgm-table-rows.h"

static const char *
get_message (PgmLogModel *model, guint i)
{
  g_autoptr(PgmLogLine) line = g_list_model_get_item (G_LIST_MODEL (model), i);

  return pgm_log_line_get_message (line); /* the model holds it */
}

static void
changed_cb (GListModel *model, guint position, guint removed, guint added, gpointer user_data)
{
  guint *n = user_data;

  *n = *n - removed + added;
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, *n);
}

static void
test_log_batch (void)
{
  g_autoptr(PgmLogger) logger = pgm_logger_new ();
  g_autoptr(PgmLogModel) model = pgm_log_model_new ();
  guint n = 0;

  g_signal_connect (model, "items-changed", G_CALLBACK (changed_cb), &n);
  pgm_log_model_listen (model, logger);
  pgm_debug (logger, "first");
  pgm_error (logger, "second");
  g_assert_cmpuint (n, ==, 0);
  while (n == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (n, ==, 2);
  g_assert_cmpstr (get_message (model, 0), ==, "first");
  g_assert_cmpstr (get_message (model, 1), ==, "second");
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (model), 2));
  g_clear_object (&logger);
  g_signal_handlers_disconnect_by_data (model, &n);
  g_assert_finalize_object (g_steal_pointer (&model));
}

static void
log_numbers (PgmLogger *logger, guint from, guint to)
{
  for (guint i = from; i < to; i++)
    pgm_info (logger, "%u", i);
}

static void
test_log_ring (void)
{
  g_autoptr(PgmLogger) logger = pgm_logger_new ();
  g_autoptr(PgmLogModel) model = pgm_log_model_new ();
  guint n = 0;

  g_signal_connect (model, "items-changed", G_CALLBACK (changed_cb), &n);
  pgm_log_model_listen (model, logger);
  log_numbers (logger, 0, 9000);
  pgm_log_model_flush (model);
  log_numbers (logger, 9000, 12000);
  pgm_log_model_flush (model);
  g_assert_cmpuint (n, ==, PGM_LOG_MODEL_SIZE);
  g_assert_cmpstr (get_message (model, 0), ==, "2000");
  g_assert_cmpstr (get_message (model, PGM_LOG_MODEL_SIZE - 1), ==, "11999");
  log_numbers (logger, 12000, 37000); /* more than the model holds, at once */
  pgm_log_model_flush (model);
  g_assert_cmpstr (get_message (model, 0), ==, "27000");
  g_assert_cmpstr (get_message (model, PGM_LOG_MODEL_SIZE - 1), ==, "36999");
  g_assert_cmpuint (pgm_log_model_get_n_dropped (model), ==, 27000);
  g_signal_handlers_disconnect_by_data (model, &n);
}

static gpointer
log_thread (gpointer logger)
{
  log_numbers (logger, 0, 50000);
  return NULL;
}

static void
test_log_threads (void)
{
  g_autoptr(PgmLogger) logger = pgm_logger_new ();
  g_autoptr(PgmLogModel) model = pgm_log_model_new ();
  GThread *threads[3];

  pgm_log_model_listen (model, logger);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("log", log_thread, logger);
  for (guint i = 0; i < 50; i++)
    {
      g_main_context_iteration (NULL, FALSE);
      pgm_log_model_flush (model);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  pgm_log_model_flush (model);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, PGM_LOG_MODEL_SIZE);
  g_assert_cmpuint (pgm_log_model_get_n_dropped (model), ==, 150000 - PGM_LOG_MODEL_SIZE);
}

static void
test_log_text (void)
{
  static const char text[] = "2026-01-31 14:05:09 - pg-mirror - WARNING - a - b\n"
                             "not one of ours\n"
                             "\n"
                             "2026-13-31 14:05:09 - pg-mirror - INFO - no such month\n";
  g_autoptr(PgmLogModel) model = pgm_log_model_new ();
  g_autoptr(PgmLogLine) line = NULL;
  g_autofree char *again = NULL;

  pgm_log_model_append_text (model, text);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, 3);
  line = g_list_model_get_item (G_LIST_MODEL (model), 0);
  again = pgm_log_line_dup_text (line);
  g_assert_cmpint (pgm_log_line_get_level (line), ==, PGM_LOG_WARNING);
  g_assert_cmpstr (again, ==, "2026-01-31 14:05:09 - pg-mirror - WARNING - a - b");
  g_assert_cmpstr (get_message (model, 1), ==, "not one of ours");
}

static PgmTable *
nth (GPtrArray *tables, guint i)
{
  return tables->pdata[i];
}

static GPtrArray *
new_tables (guint n)
{
  GPtrArray *tables = g_ptr_array_new_with_free_func ((GDestroyNotify) pgm_table_unref);

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("t%u", i);

      g_ptr_array_add (tables, pgm_table_new (16384 + i, "public", name, 8192));
    }
  return tables;
}

static void
take (PgmTableRows *rows, PgmEvent *event)
{
  g_autoptr(PgmEvent) owned = event;

  pgm_table_rows_take_event (rows, owned);
}

static void
test_table_rows (void)
{
  g_autoptr(PgmTableRows) rows = pgm_table_rows_new ();
  g_autoptr(GPtrArray) tables = new_tables (10000);
  PgmProgress backup = { .phase = PGM_PHASE_BACKUP };
  PgmProgress prepare = { .phase = PGM_PHASE_PREPARE };
  PgmProgress verify = { .phase = PGM_PHASE_VERIFY };
  g_autoptr(PgmTableItem) item = NULL;
  PgmTableItem *other = NULL;

  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (rows)), ==, 0);
  take (rows, pgm_event_new_tables (&backup, tables));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (rows)), ==, 10000);
  item = g_list_model_get_item (G_LIST_MODEL (rows), 7);
  g_assert_cmpint (pgm_table_item_get_state (item), ==, PGM_TABLE_WAITING);
  take (rows, pgm_event_new (PGM_EVENT_TABLE_BEGUN, &backup, nth (tables, 7), NULL));
  g_assert_cmpint (pgm_table_item_get_state (item), ==, PGM_TABLE_DUMPING);
  g_assert_cmpuint (pgm_table_rows_get_n_active (rows), ==, 1);
  take (rows, pgm_event_new (PGM_EVENT_PHASE, &prepare, NULL, NULL));
  g_assert_cmpint (pgm_table_item_get_state (item), ==, PGM_TABLE_DUMPED);
  g_assert_cmpuint (pgm_table_rows_get_n_active (rows), ==, 0);
  take (rows, pgm_event_new_counted (&verify, nth (tables, 7), 412));
  g_assert_cmpint (pgm_table_item_get_rows (item), ==, 412);

  take (rows, pgm_event_new_counted (&verify, nth (tables, 8), 5)); /* nobody looks at it yet */
  other = g_list_model_get_item (G_LIST_MODEL (rows), 8);
  g_assert_cmpint (pgm_table_item_get_rows (other), ==, 5);
  g_assert_finalize_object (other);
}

static void
test_rates (void)
{
  g_autoptr(PgmRateSeries) series = pgm_rate_series_new ();

  g_assert_cmpfloat (pgm_rate_series_get_peak (series), ==, 0.0);
  for (guint i = 0; i < 100000; i++)
    pgm_rate_series_add (series, (gint64) i * G_USEC_PER_SEC / 10, i < 50000 ? 10.0 : 30.0);
  g_assert_cmpuint (pgm_rate_series_get_n (series), <=, 240);
  g_assert_cmpuint (pgm_rate_series_get_n (series), >=, 120);
  g_assert_cmpfloat (pgm_rate_series_get (series, 0), ==, 10.0);
  g_assert_cmpfloat (pgm_rate_series_get_peak (series), ==, 30.0);
  g_assert_cmpfloat_with_epsilon (pgm_rate_series_get_mean (series), 20.0, 0.3);
  g_assert_cmpint (pgm_rate_series_get_span (series), >=, 10000 * (gint64) G_USEC_PER_SEC);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/run-models/log/batch", test_log_batch);
  g_test_add_func ("/run-models/log/ring", test_log_ring);
  g_test_add_func ("/run-models/log/threads", test_log_threads);
  g_test_add_func ("/run-models/log/text", test_log_text);
  g_test_add_func ("/run-models/table-rows", test_table_rows);
  g_test_add_func ("/run-models/rates", test_rates);
  return g_test_run ();
}
