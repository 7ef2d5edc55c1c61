/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-tool-folders.h"

/* Where packages put the client programs of one or of several versions side by side. */
static const struct
{
  const char *parent;
  const char *pattern; /* of folders in @parent */
  const char *below;   /* (nullable): folder in each of them */
} places[] = {
#ifdef G_OS_WIN32
  { "C:\\Program Files\\PostgreSQL", "*", "bin" },
#else
  { "/usr/lib/postgresql", "*", "bin" },   /* Debian, Ubuntu */
  { "/usr", "pgsql-*", "bin" },            /* RPMs of postgresql.org */
  { "/opt/homebrew/opt", "libpq", "bin" }, /* Homebrew on ARM */
  { "/opt/homebrew/opt", "postgresql@*", "bin" },
  { "/usr/local/opt", "libpq", "bin" }, /* Homebrew on Intel */
  { "/usr/local/opt", "postgresql@*", "bin" },
  { "/Applications/Postgres.app/Contents/Versions", "*", "bin" },
  { "/app", "bin", NULL }, /* Flatpak */
#endif
};

/* @search_path: (nullable): separated as PATH is
 *
 * Returns: (transfer full): its absolute folders. A relative one would mean another folder for
 * every folder that we are started from. */
char **
pgm_tool_folders_split (const char *search_path)
{
  g_autoptr(GStrvBuilder) folders = g_strv_builder_new ();
  g_auto(GStrv) parts =
              g_strsplit (search_path != NULL ? search_path : "", G_SEARCHPATH_SEPARATOR_S, -1);

  for (char **part = parts; *part != NULL; part++)
    if (g_path_is_absolute (*part))
      g_strv_builder_add (folders, *part);
  return g_strv_builder_end (folders);
}

/* Adds to @folders what matches @pattern in @parent. @below: (nullable) */
void
pgm_tool_folders_expand (GStrvBuilder *folders,
                         const char *parent,
                         const char *pattern,
                         const char *below)
{
  g_autoptr(GDir) dir = g_dir_open (parent, 0, NULL);
  const char *name = NULL;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_pattern_match_simple (pattern, name))
      {
        g_autofree char *folder = g_build_filename (parent, name, below, NULL);

        g_strv_builder_add (folders, folder);
      }
}

/* What the preferences of the window say; any thread may read it. */
static GMutex preferred_lock;
static char *preferred; /* (nullable) */

/* @folder: (nullable): looked at after those of PG_MIRROR_BINDIR, before all others */
void
pgm_tool_folders_set_preferred (const char *folder)
{
  g_mutex_lock (&preferred_lock);
  g_free (preferred);
  preferred = g_strdup (folder);
  g_mutex_unlock (&preferred_lock);
}

/* Returns: (transfer full): what the user set in PG_MIRROR_BINDIR or in the window */
char **
pgm_tool_folders_dup_preferred (void)
{
  g_autoptr(GStrvBuilder) folders = g_strv_builder_new ();
  g_auto(GStrv) variable = pgm_tool_folders_split (g_getenv ("PG_MIRROR_BINDIR"));

  g_strv_builder_addv (folders, (const char **) variable);
  g_mutex_lock (&preferred_lock);
  if (preferred != NULL && g_path_is_absolute (preferred))
    g_strv_builder_add (folders, preferred);
  g_mutex_unlock (&preferred_lock);
  return g_strv_builder_end (folders);
}

/* Returns: (transfer full): the folders of PATH, then those where packages put the tools */
char **
pgm_tool_folders_dup_standard (void)
{
  g_autoptr(GStrvBuilder) folders = g_strv_builder_new ();
  g_auto(GStrv) path = pgm_tool_folders_split (g_getenv ("PATH"));

  g_strv_builder_addv (folders, (const char **) path);
  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    pgm_tool_folders_expand (folders, places[i].parent, places[i].pattern, places[i].below);
  return g_strv_builder_end (folders);
}
