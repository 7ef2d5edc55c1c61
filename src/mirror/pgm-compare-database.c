/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* What two databases are besides their content. A run that replaces a database leaves the new one
 * what the old one had, so that a difference here may be meant: it is told, and is none of those
 * that are counted. */

#include "pgm-compare.h"

#include "pgm-text.h"

#include <glib/gi18n-lib.h>

/* Returns: (transfer full): as ALTER DATABASE and ALTER ROLE have it */
static char *
dup_setting_name (const PgmDatabaseSetting *setting)
{
  if (setting->role == NULL)
    return g_strconcat ("SET ", setting->name, NULL);
  return g_strconcat ("ROLE ", setting->role, " SET ", setting->name, NULL);
}

/* Returns: (transfer full): the same with its value */
static char *
dup_setting (const PgmDatabaseSetting *setting)
{
  g_autofree char *name = dup_setting_name (setting);
  g_autofree char *values = g_strjoinv (", ", setting->values);

  return g_strconcat (name, " = ", values, NULL);
}

static gboolean
has_setting (const GPtrArray *settings, const char *text)
{
  for (guint i = 0; i < settings->len; i++)
    {
      g_autofree char *other = dup_setting (settings->pdata[i]);

      if (g_str_equal (other, text))
        return TRUE;
    }
  return FALSE;
}

static void
add_name (GString *names, const char *name)
{
  g_autofree char *escaped = pgm_text_escape (name);

  g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", escaped);
}

/* A value may be a secret, so that only the name is told, and that once. */
static void
add_settings (GString *names, const GPtrArray *settings, const GPtrArray *others, GHashTable *told)
{
  for (guint i = 0; i < settings->len; i++)
    {
      const PgmDatabaseSetting *setting = settings->pdata[i];
      g_autofree char *text = dup_setting (setting);
      g_autofree char *name = dup_setting_name (setting);

      if (has_setting (others, text) || g_hash_table_contains (told, name))
        continue;
      add_name (names, name);
      g_hash_table_add (told, g_steal_pointer (&name));
    }
}

static gboolean
has_same_locale (const PgmDatabaseTraits *source, const PgmDatabaseTraits *target)
{
  return source->provider == target->provider && g_str_equal (source->collate, target->collate) &&
         g_str_equal (source->ctype, target->ctype) &&
         g_strcmp0 (source->locale, target->locale) == 0 &&
         g_strcmp0 (source->icu_rules, target->icu_rules) == 0;
}

static gboolean
has_grant (const PgmDatabaseTraits *self, const PgmDatabaseGrant *grant)
{
  if (!self->has_acl)
    return grant->grantee == NULL && !grant->is_grantable &&
           (g_str_equal (grant->privilege, "CONNECT") ||
            g_str_equal (grant->privilege, "TEMPORARY"));
  for (guint i = 0; i < self->grants->len; i++)
    {
      const PgmDatabaseGrant *other = self->grants->pdata[i];

      if (g_strcmp0 (other->grantee, grant->grantee) == 0 &&
          g_str_equal (other->privilege, grant->privilege) &&
          other->is_grantable == grant->is_grantable)
        return TRUE;
    }
  return FALSE;
}

/* What an owner has goes with the ownership. */
static gboolean
has_grants_of (const PgmDatabaseTraits *self, const PgmDatabaseTraits *other)
{
  static const PgmDatabaseGrant defaults[] = { { NULL, "CONNECT", FALSE },
                                               { NULL, "TEMPORARY", FALSE } };

  for (gsize i = 0; !other->has_acl && i < G_N_ELEMENTS (defaults); i++)
    if (!has_grant (self, &defaults[i]))
      return FALSE;
  for (guint i = 0; i < other->grants->len; i++)
    {
      const PgmDatabaseGrant *grant = other->grants->pdata[i];

      if (g_strcmp0 (grant->grantee, other->owner) != 0 && !has_grant (self, grant))
        return FALSE;
    }
  return TRUE;
}

/* Returns: (transfer full): what differs, in the words of SQL */
static char *
dup_differences (const PgmDatabaseTraits *source,
                 const PgmDatabaseTraits *target,
                 const PgmOptions *options)
{
  GString *names = g_string_new (NULL);
  g_autoptr(GHashTable) told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  if (!g_str_equal (source->encoding, target->encoding))
    add_name (names, "ENCODING");
  if (!has_same_locale (source, target))
    add_name (names, "LOCALE");
  if (!options->no_owner && !g_str_equal (source->owner, target->owner))
    add_name (names, "OWNER");
  if (!options->no_acl && !(has_grants_of (source, target) && has_grants_of (target, source)))
    add_name (names, "GRANT");
  if (source->connection_limit != target->connection_limit)
    add_name (names, "CONNECTION LIMIT");
  if (g_strcmp0 (source->comment, target->comment) != 0)
    add_name (names, "COMMENT");
  add_settings (names, source->settings, target->settings, told);
  add_settings (names, target->settings, source->settings, told);
  return g_string_free (names, FALSE);
}

/* Both sessions are on the databases that are compared. */
gboolean
pgm_comparison_compare_databases_sync (PgmComparison *self, GError **error)
{
  PgmJob *job = self->job;
  g_autoptr(PgmDatabaseTraits) source = NULL;
  g_autoptr(PgmDatabaseTraits) target = NULL;
  g_autofree char *names = NULL;

  if (!pgm_database_traits_read_own_sync (job->source_conn, &source, job->cancellable, error) ||
      !pgm_database_traits_read_own_sync (self->conn, &target, job->cancellable, error))
    return FALSE;
  names = dup_differences (source, target, job->options);
  if (*names != '\0')
    pgm_job_add_finding (
        job, NULL,
        pgm_finding_new (
            PGM_SEVERITY_WARNING, "database-differs", NULL,
            _("properties of the database itself differ on the target, which is not counted: %s"),
               names));
  return TRUE;
}
