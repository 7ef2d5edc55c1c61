/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-archive-command.h"

#include "pgm-error.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static void G_GNUC_PRINTF (2, 3) add (GPtrArray *argv, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_ptr_array_add (argv, g_strdup_vprintf (format, args));
  va_end (args);
}

static void
add_patterns (GPtrArray *argv, const char *option, char **patterns)
{
  for (gsize i = 0; patterns[i] != NULL; i++)
    add (argv, "--%s=%s", option, patterns[i]);
}

/* Returns: FALSE where the chosen pg_dump is too old for what the options ask for */
gboolean
pgm_archive_command_check_compression (const PgmOptions *options,
                                       const PgmToolSet *tools,
                                       GError **error)
{
  const PgmTool *tool = tools->tools[PGM_TOOL_PG_DUMP];
  const char *wanted = options->compression;

  if (tool->major >= 16 ||
      (!g_str_has_prefix (wanted, "lz4") && !g_str_has_prefix (wanted, "zstd")))
    return TRUE;
  g_set_error (
      error, PGM_ERROR, PGM_ERROR_TOOLS,
      _("compression \"%s\" needs pg_dump 16 or later, and this run uses %u.%u; set it to "
                 "\"auto\" or \"gzip\""),
         wanted, tool->major, tool->minor);
  return FALSE;
}

/* The value of -Z: "lz4" and "zstd" exist since 16, which also takes "gzip:1"; before, it is a
 * number. lz4 and gzip:1 cost the source little. Damage to a compressed block shows when it is
 * read, with gzip by its checksum; an archive without compression would hide it. */
static char *
dup_compression (const PgmOptions *options, const PgmToolSet *tools)
{
  const char *wanted = options->compression;
  guint major = tools->tools[PGM_TOOL_PG_DUMP]->major;

  if (g_str_equal (wanted, "auto"))
    return g_strdup (major >= 16 ? "lz4" : "1");
  if (g_str_equal (wanted, "none"))
    return g_strdup ("0");
  if (major < 16 && g_str_has_prefix (wanted, "gzip:"))
    return g_strdup (wanted + strlen ("gzip:"));
  if (major < 16 && g_str_equal (wanted, "gzip"))
    return g_strdup ("6");
  return g_strdup (wanted);
}

static void
add_filters (GPtrArray *argv, const PgmOptions *options)
{
  if (options->schemas[0] != NULL || options->tables[0] != NULL)
    add (argv, "--strict-names"); /* a pattern that finds nothing would be a silent loss */
  add_patterns (argv, "schema", options->schemas);
  add_patterns (argv, "exclude-schema", options->exclude_schemas);
  add_patterns (argv, "table", options->tables);
  add_patterns (argv, "exclude-table", options->exclude_tables);
  add_patterns (argv, "exclude-table-data", options->exclude_table_data);
  if (options->schema_only)
    add (argv, "--schema-only");
  if (options->data_only)
    add (argv, "--data-only");
}

/* Returns: (transfer full) (element-type utf8): what is run to dump the source's database as
 * @snapshot shows it into @archive; without the NULL at the end */
GPtrArray *
pgm_archive_command_backup (const PgmOptions *options,
                            const PgmToolSet *tools,
                            PgmServer *source,
                            const char *archive,
                            const char *snapshot)
{
  GPtrArray *argv = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *conninfo =
      pgm_server_dup_conninfo (source, pgm_server_get_endpoint (source)->database);
  g_autofree char *compression = dup_compression (options, tools);

  add (argv, "%s", pgm_tool_set_get_path (tools, PGM_TOOL_PG_DUMP));
  add (argv, "--format=custom");
  add (argv, "--file=%s", archive);
  add (argv, "--verbose");
  add (argv, "--no-password");
  add (argv, "--no-sync"); /* a temporary file need not survive a power cut */
  add (argv, "--compress=%s", compression);
  add (argv, "--snapshot=%s", snapshot);
  add (argv, "--lock-wait-timeout=%us", options->lock_wait_timeout_s);
  if (options->no_acl)
    add (argv, "--no-privileges");
  add_filters (argv, options);
  add (argv, "--dbname=%s", conninfo);
  return argv;
}

static void
add_restore_options (GPtrArray *argv, const PgmOptions *options, gboolean is_single)
{
  if (is_single)
    add (argv, "--single-transaction");
  else
    add (argv, "--jobs=%u", options->parallel_jobs);
  if (options->on_error == PGM_ON_ERROR_STOP || is_single)
    add (argv, "--exit-on-error");
  if (options->no_owner)
    add (argv, "--no-owner");
  if (options->no_acl)
    add (argv, "--no-privileges");
}

static void
add_sections (GPtrArray *argv, PgmArchivePass pass)
{
  if (pass == PGM_ARCHIVE_PASS_DATA)
    {
      add (argv, "--section=pre-data");
      add (argv, "--section=data");
    }
  else if (pass != PGM_ARCHIVE_PASS_ALL)
    add (argv, "--section=post-data");
}

/* Returns: (transfer full) (element-type utf8): what is run to restore what @list_file names of
 * @archive; without the NULL at the end */
GPtrArray *
pgm_archive_command_restore (const PgmOptions *options,
                             const PgmToolSet *tools,
                             const PgmRestore *restore,
                             PgmArchivePass pass,
                             const char *archive,
                             const char *list_file)
{
  GPtrArray *argv = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *conninfo = pgm_server_dup_conninfo (restore->target, restore->database);

  add (argv, "%s", pgm_tool_set_get_path (tools, PGM_TOOL_PG_RESTORE));
  add (argv, "--verbose");
  add (argv, "--no-password");
  add (argv, "--no-tablespaces");
  add (argv, "--use-list=%s", list_file);
  add_sections (argv, pass);
  add_restore_options (argv, options, restore->single_transaction);
  add (argv, "--dbname=%s", conninfo);
  add (argv, "%s", archive);
  return argv;
}

/* Returns: (transfer full): @argv for people, as a shell would take it; there is no password in
 * it */
char *
pgm_archive_command_to_text (const GPtrArray *argv)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < argv->len; i++)
    {
      const char *argument = argv->pdata[i];
      gboolean is_plain = strspn (argument, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                            "0123456789-_=/.,:@+") == strlen (argument);
      g_autofree char *quoted = is_plain ? g_strdup (argument) : g_shell_quote (argument);

      g_string_append_printf (text, "%s%s", i > 0 ? " " : "", quoted);
    }
  return g_string_free (text, FALSE);
}
