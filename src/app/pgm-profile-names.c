/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Titles and file names that no other profile has. */

#include "config.h"

#include "pgm-profile-names.h"

#include <string.h>

#define MAX_STEM_BYTES 60

/* Returns: (transfer full): the file's name without ".json", as UTF-8 */
char *
pgm_profile_names_dup_stem (const char *path)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *shown = g_filename_display_name (name);

  if (g_str_has_suffix (shown, ".json") && strlen (shown) > strlen (".json"))
    shown[strlen (shown) - strlen (".json")] = '\0';
  return g_steal_pointer (&shown);
}

/* Returns: (transfer full): @title, or "@title 2" and so on */
char *
pgm_profile_names_dup_title (const char *title, PgmIsTaken is_taken, gpointer user_data)
{
  g_autofree char *free_title = g_strdup (title);

  for (guint i = 2; is_taken (free_title, user_data); i++)
    {
      g_free (free_title);
      free_title = g_strdup_printf ("%s %u", title, i);
    }
  return g_steal_pointer (&free_title);
}

/* Returns: (transfer full): "Shop: prod → laptop" as "shop-prod-laptop", good for any file
 * system and a shell */
static char *
dup_slug (const char *title)
{
  g_autofree char *ascii = g_str_to_ascii (title, "C");
  g_autoptr(GString) slug = g_string_new (NULL);

  for (const char *p = ascii; *p != '\0' && slug->len < MAX_STEM_BYTES; p++)
    if (g_ascii_isalnum (*p))
      g_string_append_c (slug, g_ascii_tolower (*p));
    else if (slug->len > 0 && slug->str[slug->len - 1] != '-')
      g_string_append_c (slug, '-');
  while (slug->len > 0 && slug->str[slug->len - 1] == '-')
    g_string_truncate (slug, slug->len - 1);
  return g_strdup (slug->len > 0 ? slug->str : "profile");
}

/* Returns: (transfer full): a path in @folder */
char *
pgm_profile_names_dup_path (const char *folder,
                            const char *title,
                            PgmIsTaken is_taken,
                            gpointer user_data)
{
  g_autofree char *slug = dup_slug (title);
  g_autofree char *name = g_strconcat (slug, ".json", NULL);
  g_autofree char *path = g_build_filename (folder, name, NULL);

  for (guint i = 2; is_taken (path, user_data); i++)
    {
      g_autofree char *numbered = g_strdup_printf ("%s-%u.json", slug, i);

      g_free (path);
      path = g_build_filename (folder, numbered, NULL);
    }
  return g_steal_pointer (&path);
}
