/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-install-hint.h"

#include <glib/gi18n-lib.h>

/* One row for each family of systems. Only some package names have a version in them. */
static const struct
{
  const char *os_id; /* ID or a word of ID_LIKE in os-release(5) */
  const char *newest;
  const char *versioned; /* (nullable): %u is the major version */
} commands[] = {
  { "debian", "sudo apt install postgresql-client", "sudo apt install postgresql-client-%u" },
  { "ubuntu", "sudo apt install postgresql-client", "sudo apt install postgresql-client-%u" },
  { "fedora", "sudo dnf install postgresql", NULL },
  { "rhel", "sudo dnf install postgresql", NULL },
  { "centos", "sudo dnf install postgresql", NULL },
  { "arch", "sudo pacman -S postgresql-libs", NULL },
  { "suse", "sudo zypper install postgresql", "sudo zypper install postgresql%u" },
  { "opensuse", "sudo zypper install postgresql", "sudo zypper install postgresql%u" },
  { "alpine", "sudo apk add postgresql-client", "sudo apk add postgresql%u-client" },
  { "macos", "brew install libpq", "brew install postgresql@%u" },
  { "windows", "winget install PostgreSQL.PostgreSQL", "winget install PostgreSQL.PostgreSQL.%u" },
};

/* Returns: the row for @os_id, or -1 */
static int
find_row (const char *os_id)
{
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_strcmp0 (os_id, commands[i].os_id) == 0)
      return (int) i;
  return -1;
}

/* @os_id, @os_id_like: (nullable): as in os-release(5); "macos" or "windows" elsewhere
 * @major: 0 when any version will do
 *
 * Returns: (transfer full): a command that installs the client tools, or where to get them. */
char *
pgm_install_hint_dup (const char *os_id, const char *os_id_like, guint major)
{
  g_auto(GStrv) family = g_strsplit (os_id_like != NULL ? os_id_like : "", " ", -1);
  int row = find_row (os_id);
  g_autofree char *number = g_strdup_printf ("%u", major);
  GString *text = NULL;

  for (char **like = family; row < 0 && *like != NULL; like++)
    row = find_row (*like);
  if (row < 0)
    return g_strdup (_("see https://www.postgresql.org/download/"));
  if (major == 0 || commands[row].versioned == NULL)
    return g_strdup (commands[row].newest);
  text = g_string_new (commands[row].versioned);
  g_string_replace (text, "%u", number, 1);
  return g_string_free (text, FALSE);
}
