/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "config.h"

#include "pgm-outcome.h"

#include <glib/gi18n-lib.h>

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
