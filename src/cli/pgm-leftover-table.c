/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-leftover-table.h"

#include <glib/gi18n-lib.h>

#include "pgm-layout.h"
#include "pgm-leftover.h"
#include "pgm-text.h"

static char *
dup_time (gint64 time_us)
{
  g_autoptr(GDateTime) time = g_date_time_new_from_unix_local (time_us / G_USEC_PER_SEC);

  return time_us != 0 ? g_date_time_format (time, "%Y-%m-%d %H:%M") : g_strdup ("");
}

/* Returns: (transfer full): what --remove does about it */
static char *
dup_remedy (const PgmLeftover *leftover)
{
  g_autofree char *of = NULL;

  switch (leftover->remedy)
    {
    case PGM_REMEDY_REMOVE:
      return g_strdup (leftover->kind == PGM_LEFTOVER_FOLDER ? _("remove") : _("drop"));
    case PGM_REMEDY_RENAME:
      of = pgm_text_escape (leftover->of);
      return g_strdup_printf (_("rename to \"%s\""), of);
    case PGM_REMEDY_UNMARK:
      return g_strdup (_("restore its comment"));
    case PGM_REMEDY_NONE:
    case PGM_REMEDY_ON_WISH:
    default:
      return g_strdup ("-");
    }
}

static void
add_row (GPtrArray *rows, const PgmLeftover *leftover)
{
  char *row[] = { pgm_text_escape (leftover->name),
                  dup_time (leftover->started_us),
                  leftover->size_bytes >= 0 ? pgm_text_format_size ((guint64) leftover->size_bytes)
                                            : g_strdup ("?"),
                  dup_remedy (leftover),
                  g_strdup (leftover->message),
                  NULL };

  g_ptr_array_add (rows, g_memdup2 (row, sizeof row));
}

static void
print_hints (PgmConsole *console, GPtrArray *leftovers)
{
  for (guint i = 0; i < leftovers->len; i++)
    {
      const PgmLeftover *leftover = leftovers->pdata[i];
      g_autofree char *name = pgm_text_escape (leftover->name);
      g_autofree char *text =
          leftover->hint != NULL ? g_strdup_printf ("%s: %s", name, leftover->hint) : NULL;

      if (text != NULL)
        pgm_console_print (console, text);
    }
}

/* @leftovers: of PgmLeftover */
void
pgm_leftover_table_print (PgmConsole *console, GPtrArray *leftovers)
{
  g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  const char *const head[] = {
    _("NAME"), _("STARTED"), _("SIZE"), _("WITH --remove"), _("WHAT IT IS"), NULL };
  g_autofree char *text = NULL;

  g_ptr_array_add (rows, g_strdupv ((char **) head));
  for (guint i = 0; i < leftovers->len; i++)
    add_row (rows, leftovers->pdata[i]);
  text = pgm_layout_format_columns (rows, "llrll");
  pgm_console_print (console, g_strchomp (text));
  print_hints (console, leftovers);
}
