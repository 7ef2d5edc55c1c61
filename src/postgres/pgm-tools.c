/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-tools.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "pgm-install-hint.h"
#include "pgm-tool-folders.h"
#include "pgm-tool-probe.h"

G_DEFINE_BOXED_TYPE (PgmTool, pgm_tool, pgm_tool_ref, pgm_tool_unref)

PgmTool *
pgm_tool_ref (PgmTool *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
tool_clear (gpointer data)
{
  PgmTool *self = data;

  g_free (self->path);
  g_free (self->version);
  g_free (self->failure);
}

void
pgm_tool_unref (PgmTool *self)
{
  g_atomic_rc_box_release_full (self, tool_clear);
}

const char *
pgm_tool_kind_get_name (PgmToolKind kind)
{
  static const char *const names[] = { "pg_dump", "pg_restore", "psql" };

  g_return_val_if_fail ((gsize) kind < G_N_ELEMENTS (names), "");
  return names[kind];
}

static char *
dup_tool_path (const char *folder, PgmToolKind kind)
{
#ifdef G_OS_WIN32
  g_autofree char *file = g_strconcat (pgm_tool_kind_get_name (kind), ".exe", NULL);

  return g_build_filename (folder, file, NULL);
#else
  return g_build_filename (folder, pgm_tool_kind_get_name (kind), NULL);
#endif
}

/* Whether anybody on this machine could have put another program at @path. */
static gboolean
is_open_to_all (const char *path)
{
#ifdef G_OS_UNIX
  g_autofree char *folder = g_path_get_dirname (path);
  struct stat file_info = { 0 };
  struct stat folder_info = { 0 };

  return stat (path, &file_info) != 0 || stat (folder, &folder_info) != 0 ||
         ((file_info.st_mode | folder_info.st_mode) & S_IWOTH) != 0;
#else
  return FALSE;
#endif
}

/* Returns: (transfer full) (nullable): @path without symbolic links */
static char *
dup_real_path (const char *path)
{
#ifdef G_OS_UNIX
  char *real = realpath (path, NULL); /* malloc(), which GLib's memory functions also are */

  return real;
#else
  return g_strdup (path);
#endif
}

/* Returns: (transfer full) (nullable): the program to start for @path, or NULL when there is
 * none that may be started */
static char *
dup_program (const char *path)
{
  g_autofree char *real = NULL;
  g_autofree char *real_name = NULL;
  g_autofree char *name = g_path_get_basename (path);

  if (!g_file_test (path, G_FILE_TEST_IS_EXECUTABLE) || g_file_test (path, G_FILE_TEST_IS_DIR))
    return NULL;
  real = dup_real_path (path);
  if (real == NULL || is_open_to_all (path) || is_open_to_all (real))
    return NULL;
  real_name = g_path_get_basename (real);
  if (g_str_equal (real_name, "pg_wrapper")) /* Debian's: picks a version by its own rules */
    return NULL;
  /* a program that looks at the name that it was called by must keep that name */
  return g_str_equal (real_name, name) ? g_steal_pointer (&real) : g_strdup (path);
}

typedef struct
{
  GPtrArray *tools; /* borrowed */
  GHashTable *seen; /* owned: kind and path of what was looked at */
  GCancellable *cancellable;
} Search;

static void
search_folder (Search *search, const char *folder, gboolean is_preferred)
{
  for (int kind = 0; kind < PGM_N_TOOLS; kind++)
    {
      g_autofree char *path = dup_tool_path (folder, kind);
      g_autofree char *program = dup_program (path);
      PgmTool *tool = NULL;

      if (program == NULL ||
          !g_hash_table_add (search->seen, g_strdup_printf ("%d %s", kind, program)))
        continue;
      tool = pgm_tool_probe_sync (kind, program, search->cancellable);
      if (tool == NULL)
        return;
      tool->is_preferred = is_preferred;
      g_ptr_array_add (search->tools, tool);
    }
}

static int
compare_newest_first (gconstpointer a, gconstpointer b)
{
  const PgmTool *left = *(PgmTool *const *) a;
  const PgmTool *right = *(PgmTool *const *) b;

  if (left->major != right->major)
    return left->major > right->major ? -1 : 1;
  if (left->minor != right->minor)
    return left->minor > right->minor ? -1 : 1;
  return 0;
}

/* @preferred: folders that the user named; searched first
 *
 * Returns: (transfer full): PgmTool, newest first, behind them those that do not work; empty when
 * there are none. NULL only on a cancel. */
GPtrArray *
pgm_tools_find_in_sync (const char *const *preferred,
                        const char *const *folders,
                        GCancellable *cancellable,
                        GError **error)
{
  g_autoptr(GPtrArray) tools = g_ptr_array_new_with_free_func ((GDestroyNotify) pgm_tool_unref);
  g_autoptr(GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Search search = { tools, seen, cancellable };

  for (; *preferred != NULL; preferred++)
    search_folder (&search, *preferred, TRUE);
  for (; *folders != NULL; folders++)
    search_folder (&search, *folders, FALSE);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  g_ptr_array_sort (tools, compare_newest_first);
  return g_steal_pointer (&tools);
}

/* All that are installed here, as pgm_tools_find_in_sync() */
GPtrArray *
pgm_tools_find_sync (GCancellable *cancellable, GError **error)
{
  g_auto(GStrv) preferred = pgm_tool_folders_dup_preferred ();
  g_auto(GStrv) folders = pgm_tool_folders_dup_standard ();

  return pgm_tools_find_in_sync ((const char *const *) preferred, (const char *const *) folders,
                                 cancellable, error);
}

/* Returns: (transfer full) (nullable): a program @kind that is there and is not started, because
 * anybody may put another one in its place */
char *
pgm_tools_dup_refused (PgmToolKind kind)
{
  g_auto(GStrv) preferred = pgm_tool_folders_dup_preferred ();
  g_auto(GStrv) standard = pgm_tool_folders_dup_standard ();
  char **lists[] = { preferred, standard };

  for (gsize i = 0; i < G_N_ELEMENTS (lists); i++)
    for (char **folder = lists[i]; *folder != NULL; folder++)
      {
        g_autofree char *path = dup_tool_path (*folder, kind);
        g_autofree char *real = NULL;

        if (!g_file_test (path, G_FILE_TEST_IS_EXECUTABLE))
          continue;
        real = dup_real_path (path);
        if (is_open_to_all (path) || (real != NULL && is_open_to_all (real)))
          return g_steal_pointer (&path);
      }
  return NULL;
}

/* Returns: (transfer full): how to install the tools on this system; @major 0: any version */
char *
pgm_tools_dup_install_hint (guint major)
{
#ifdef G_OS_WIN32
  return pgm_install_hint_dup ("windows", NULL, major);
#elif defined(__APPLE__)
  return pgm_install_hint_dup ("macos", NULL, major);
#else
  g_autofree char *id = g_get_os_info (G_OS_INFO_KEY_ID);
  g_autofree char *id_like = g_get_os_info ("ID_LIKE");

  return pgm_install_hint_dup (id, id_like, major);
#endif
}
