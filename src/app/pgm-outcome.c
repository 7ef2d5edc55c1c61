/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "config.h"

#include "pgm-outcome.h"

#include <glib/gi18n-lib.h>

#include "pgm-text.h"
#include "pgm-verdict.h"
#include "pgm-words.h"

/* @time_us: real time, as @now_us
 *
 * Returns: (transfer full): "5 minutes ago", a date for what is older than a week */
char *
pgm_outcome_dup_age (gint64 time_us, gint64 now_us)
{
  int minutes = (int) ((now_us - time_us) / G_TIME_SPAN_MINUTE);
  g_autoptr(GDateTime) utc = NULL;
  g_autoptr(GDateTime) local = NULL;

  if (minutes < 1)
    return g_strdup (_("just now"));
  if (minutes < 60)
    return g_strdup_printf (ngettext ("%d minute ago", "%d minutes ago", minutes), minutes);
  if (minutes < 24 * 60)
    return g_strdup_printf (ngettext ("%d hour ago", "%d hours ago", minutes / 60), minutes / 60);
  if (minutes < 7 * 24 * 60)
    return g_strdup_printf (ngettext ("%d day ago", "%d days ago", minutes / (24 * 60)),
                            minutes / (24 * 60));
  utc = g_date_time_new_from_unix_utc (time_us / G_USEC_PER_SEC);
  local = g_date_time_to_local (utc);
  return g_date_time_format (local, "%x");
}

/* Returns: (transfer full): how the run ended, in few words */
char *
pgm_outcome_dup_text (const PgmHistoryData *data, gint64 now_us)
{
  g_autofree char *ago = pgm_outcome_dup_age (data->started_us, now_us);
  g_autofree char *age = pgm_words_begin (ago);
  g_autofree char *duration = pgm_text_format_duration (data->duration_us);

  if (data->state == PGM_HISTORY_RUNNING)
    return g_strdup (_("Running in another program"));
  if (data->state == PGM_HISTORY_INTERRUPTED)
    return g_strdup_printf (_("%s, interrupted"), age);
  if (g_strcmp0 (data->code, "ok") == 0)
    return g_strdup_printf (_("%s, took %s"), age, duration);
  if (g_strcmp0 (data->code, "differences") == 0)
    return g_strdup_printf (_("%s, with differences"), age);
  if (g_strcmp0 (data->code, "cancelled") == 0)
    return g_strdup_printf (_("%s, stopped"), age);
  return g_strdup_printf (_("%s, not done"), age);
}

/* Returns: (transfer none) */
const char *
pgm_outcome_get_icon (const PgmHistoryData *data)
{
  if (data->state == PGM_HISTORY_RUNNING)
    return "emblem-synchronizing-symbolic";
  if (data->state == PGM_HISTORY_INTERRUPTED)
    return "dialog-warning-symbolic";
  return pgm_verdict_kind_get_icon (pgm_verdict_kind_of_code (data->code));
}
