/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Which of the installed tools a run uses. A pg_dump reads servers of its own major version and
 * older ones; a pg_restore reads archives of its own version and older ones. The oldest that
 * serves is taken, because its archive asks least of the target. */

#include "pgm-tools.h"

#include <glib/gi18n-lib.h>

#include "pgm-error.h"

/* From this version on pg_restore sends "SET transaction_timeout", which an older server
 * refuses; with --exit-on-error that ends the restore. */
#define FIRST_WITH_TRANSACTION_TIMEOUT 17

typedef struct
{
  GPtrArray *found; /* borrowed: PgmTool */
  guint source_major;
  guint target_major;
} Choice;

static gboolean
target_takes (const Choice *choice, const PgmTool *tool)
{
  return choice->target_major == 0 || choice->target_major >= FIRST_WITH_TRANSACTION_TIMEOUT ||
         tool->major < FIRST_WITH_TRANSACTION_TIMEOUT;
}

/* Whether @tool is of @kind and works. */
static gboolean
is_usable (const PgmTool *tool, PgmToolKind kind)
{
  return tool->kind == kind && tool->failure == NULL;
}

static gboolean
are_neighbours (const PgmTool *a, const PgmTool *b)
{
  g_autofree char *folder_of_a = g_path_get_dirname (a->path);
  g_autofree char *folder_of_b = g_path_get_dirname (b->path);

  return g_str_equal (folder_of_a, folder_of_b);
}

/* Whether @a is better than @b where neither is in the folder of the chosen pg_dump; the
 * array is sorted newest first. */
static gboolean
is_better_alone (const PgmTool *a, const PgmTool *b)
{
  if (a->is_preferred != b->is_preferred)
    return a->is_preferred;
  return a->kind == PGM_TOOL_PG_RESTORE && a->major < b->major;
}

/* @dump: (nullable)
 *
 * Returns: (transfer none) (nullable): the best tool of @kind to go with @dump */
static PgmTool *
choose_beside (const Choice *choice, PgmToolKind kind, const PgmTool *dump)
{
  PgmTool *best = NULL;

  for (guint i = 0; i < choice->found->len; i++)
    {
      PgmTool *tool = choice->found->pdata[i];

      if (!is_usable (tool, kind))
        continue;
      if (kind == PGM_TOOL_PG_RESTORE &&
          (!target_takes (choice, tool) || (dump != NULL && tool->major < dump->major)))
        continue;
      if (dump != NULL && are_neighbours (tool, dump))
        return tool;
      if (best == NULL || is_better_alone (tool, best))
        best = tool;
    }
  return best;
}

/* Larger is better; the order of the lines is the order of what counts. */
static int
rate_dump (const Choice *choice, const PgmTool *dump)
{
  PgmTool *restore = choose_beside (choice, PGM_TOOL_PG_RESTORE, dump);
  PgmTool *psql = choose_beside (choice, PGM_TOOL_PSQL, dump);
  int rate = 0;

  rate = 2 * rate + (restore != NULL);
  rate = 2 * rate + dump->is_preferred;
  rate = 2 * rate + (restore != NULL && are_neighbours (restore, dump));
  rate = 2 * rate + (psql != NULL && are_neighbours (psql, dump));
  return rate;
}

static gboolean
is_better_dump (const Choice *choice, const PgmTool *a, const PgmTool *b)
{
  int rate_a = rate_dump (choice, a);
  int rate_b = rate_dump (choice, b);

  if (rate_a != rate_b)
    return rate_a > rate_b;
  if (a->major != b->major)
    return choice->source_major == 0 ? a->major > b->major : a->major < b->major;
  return a->minor > b->minor;
}

static PgmTool *
choose_dump (const Choice *choice)
{
  PgmTool *best = NULL;

  for (guint i = 0; i < choice->found->len; i++)
    {
      PgmTool *tool = choice->found->pdata[i];

      if (!is_usable (tool, PGM_TOOL_PG_DUMP) || tool->major < choice->source_major ||
          !target_takes (choice, tool))
        continue;
      if (best == NULL || is_better_dump (choice, tool, best))
        best = tool;
    }
  return best;
}

/* Returns: (transfer full): "15.20, 18.1", or that there is none */
static char *
describe_found (const Choice *choice, PgmToolKind kind)
{
  g_autoptr(GString) text = g_string_new (NULL);

  for (guint i = 0; i < choice->found->len; i++)
    {
      PgmTool *tool = choice->found->pdata[i];

      if (is_usable (tool, kind))
        g_string_append_printf (text, "%s%u.%u", text->len > 0 ? ", " : "", tool->major,
                                tool->minor);
    }
  return g_strdup (text->len > 0 ? text->str : _("none"));
}

/* Returns: (transfer full): which versions of @kind would do */
static char *
describe_needed (const Choice *choice, const PgmTool *dump, PgmToolKind kind)
{
  const char *name = pgm_tool_kind_get_name (kind);
  guint least = kind == PGM_TOOL_PG_RESTORE && dump != NULL ? dump->major : choice->source_major;
  gboolean is_capped =
      choice->target_major > 0 && choice->target_major < FIRST_WITH_TRANSACTION_TIMEOUT;

  if (kind == PGM_TOOL_PSQL || (least == 0 && !is_capped))
    return g_strdup (name);
  if (!is_capped)
    return g_strdup_printf (_("%s %u or newer"), name, least);
  if (least == 0)
    return g_strdup_printf (_("%s older than %u"), name, FIRST_WITH_TRANSACTION_TIMEOUT);
  if (least == FIRST_WITH_TRANSACTION_TIMEOUT - 1)
    return g_strdup_printf ("%s %u", name, least);
  return g_strdup_printf (_("%s from %u to %u"), name, least, FIRST_WITH_TRANSACTION_TIMEOUT - 1);
}

/* Returns: (transfer none) (nullable): why one that is there does not work */
static const char *
find_failure (const Choice *choice, PgmToolKind kind)
{
  for (guint i = 0; i < choice->found->len; i++)
    {
      const PgmTool *tool = choice->found->pdata[i];

      if (tool->kind == kind && tool->failure != NULL)
        return tool->failure;
    }
  return NULL;
}

static void
set_missing_error (GError **error, const Choice *choice, const PgmTool *dump, PgmToolKind kind)
{
  guint major = kind == PGM_TOOL_PSQL ? 0 : choice->source_major;
  g_autofree char *needed = describe_needed (choice, dump, kind);
  g_autofree char *found = describe_found (choice, kind);
  g_autofree char *refused = pgm_tools_dup_refused (kind);
  const char *failure = find_failure (choice, kind);
  g_autofree char *hint = NULL;

  if (major == 0 && kind != PGM_TOOL_PSQL)
    major = choice->target_major;
  hint = pgm_tools_dup_install_hint (major);
  if (refused != NULL)
    g_set_error (error, PGM_ERROR, PGM_ERROR_TOOLS,
                 _("no %s was found (installed: %s); \"%s\" is not used, because anybody may put "
                   "another program in its place"),
                    needed, found, refused);
  else if (failure != NULL)
    g_set_error (error, PGM_ERROR, PGM_ERROR_TOOLS,
                 _("no %s that works was found (installed: %s): %s"), needed, found, failure);
  else
    g_set_error (error, PGM_ERROR, PGM_ERROR_TOOLS,
                 _("no %s was found (installed: %s); to install it: %s"), needed, found, hint);
}

/* @found: PgmTool
 * @source_major, @target_major: 0 when not known
 *
 * Returns: (transfer full): a full set, or NULL with PGM_ERROR_TOOLS */
PgmToolSet *
pgm_tools_choose (GPtrArray *found, guint source_major, guint target_major, GError **error)
{
  Choice choice = { found, source_major, target_major };
  g_autoptr(PgmToolSet) set = g_new0 (PgmToolSet, 1);
  PgmTool *dump = NULL;

  if (source_major >= FIRST_WITH_TRANSACTION_TIMEOUT && target_major > 0 &&
      target_major < FIRST_WITH_TRANSACTION_TIMEOUT)
    {
      g_set_error (error, PGM_ERROR, PGM_ERROR_TOOLS,
                   _("no pg_restore can bring PostgreSQL %u back to %u: from version %u on it "
                     "sends the setting \"transaction_timeout\", which an older server refuses"),
                      source_major, target_major, FIRST_WITH_TRANSACTION_TIMEOUT);
      return NULL;
    }
  dump = choose_dump (&choice);
  for (int kind = 0; kind < PGM_N_TOOLS; kind++)
    {
      PgmTool *tool = kind == PGM_TOOL_PG_DUMP ? dump : choose_beside (&choice, kind, dump);

      if (tool == NULL)
        {
          set_missing_error (error, &choice, dump, kind);
          return NULL;
        }
      set->tools[kind] = pgm_tool_ref (tool);
    }
  return g_steal_pointer (&set);
}

/* Any psql serves one that only gives statements which all servers know.
 *
 * @found: PgmTool
 *
 * Returns: (transfer none): or NULL with PGM_ERROR_TOOLS */
const PgmTool *
pgm_tools_choose_psql (GPtrArray *found, GError **error)
{
  const Choice choice = { found, 0, 0 };
  const PgmTool *psql = choose_beside (&choice, PGM_TOOL_PSQL, NULL);

  if (psql == NULL)
    set_missing_error (error, &choice, NULL, PGM_TOOL_PSQL);
  return psql;
}

void
pgm_tool_set_free (PgmToolSet *self)
{
  for (int kind = 0; kind < PGM_N_TOOLS; kind++)
    g_clear_pointer (&self->tools[kind], pgm_tool_unref);
  g_free (self);
}

/* Returns: (transfer none) (nullable) */
const char *
pgm_tool_set_get_path (const PgmToolSet *self, PgmToolKind kind)
{
  return self->tools[kind] != NULL ? self->tools[kind]->path : NULL;
}
