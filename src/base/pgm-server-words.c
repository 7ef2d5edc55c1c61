/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-server-words.h"

#include "pgm-text.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* SQLSTATE classes (PostgreSQL manual, appendix A) whose messages may quote a value: data,
 * constraints, triggers, functions of the user's, views, PL/pgSQL, other servers' messages. */
static const char *const telling_classes[] = {
  "21", "22", "23", "27", "38", "39", "44", "HV", "P0"
};

/* Their conditions, as the manual names them; others are told by their number alone. */
static const struct
{
  const char *sqlstate;
  const char *name;
} conditions[] = {
  { "21000", "cardinality_violation" },
  { "22000", "data_exception" },
  { "22001", "string_data_right_truncation" },
  { "22003", "numeric_value_out_of_range" },
  { "22004", "null_value_not_allowed" },
  { "22007", "invalid_datetime_format" },
  { "22008", "datetime_field_overflow" },
  { "22012", "division_by_zero" },
  { "22021", "character_not_in_repertoire" },
  { "22023", "invalid_parameter_value" },
  { "22026", "string_data_length_mismatch" },
  { "22P01", "floating_point_exception" },
  { "22P02", "invalid_text_representation" },
  { "22P03", "invalid_binary_representation" },
  { "22P04", "bad_copy_file_format" },
  { "22P05", "untranslatable_character" },
  { "2200L", "not_an_xml_document" },
  { "2200M", "invalid_xml_document" },
  { "2200N", "invalid_xml_content" },
  { "23000", "integrity_constraint_violation" },
  { "23001", "restrict_violation" },
  { "23502", "not_null_violation" },
  { "23503", "foreign_key_violation" },
  { "23505", "unique_violation" },
  { "23514", "check_violation" },
  { "23P01", "exclusion_violation" },
  { "27000", "triggered_data_change_violation" },
  { "38000", "external_routine_exception" },
  { "39000", "external_routine_invocation_exception" },
  { "44000", "with_check_option_violation" },
  { "HV000", "fdw_error" },
  { "P0001", "raise_exception" },
  { "P0002", "no_data_found" },
  { "P0003", "too_many_rows" },
  { "P0004", "assert_failure" },
};

/* A tool tells no SQLSTATE. What is known here to hold names only is shown as it is; of a
 * message whose end is a value, the part in parentheses. Other languages than English are not
 * known, and nothing but the text that is shown depends on this. */
#define NAME "\"[^\"]*\""
static const char *const harmless_texts[] = {
  "(duplicate key value violates unique constraint " NAME ")",
  "(conflicting key value violates exclusion constraint " NAME ")",
  "(could not create (?:unique index|exclusion constraint) " NAME ")",
  "(new row for relation " NAME " violates check constraint " NAME ")",
  "(check constraint " NAME " of relation " NAME " is violated by some row)",
  "(insert or update on table " NAME " violates foreign key constraint " NAME ")",
  "(null value in column " NAME "(?: of relation " NAME ")? violates not-null constraint)",
  "(column " NAME " of relation " NAME " contains null values)",
  "((?:relation|type|role|schema|extension|operator|collation|language|column|database) [^ ]+"
  " does not exist)",
  "((?:function|operator) [^\"]+ does not exist)",
  "(relation " NAME " already exists)",
  "(permission denied (?:for|to) [^'():]+)",
  "(must be (?:owner|superuser|member)[^'():]+)",
  "(value too long for type [a-z ]+\\(\\d+\\))",
  "(numeric field overflow|division by zero|deadlock detected|out of (?:shared )?memory)",
  "((?:smallint|integer|bigint) out of range)",
  "(could not (?:extend|write|read|open|create|fsync)[^:]+ \"[^\"]*\"[^:]*: [A-Z][a-z ]+)",
  "((?:canceling statement|terminating connection) due to [a-z -]+)",
  "(too many connections for (?:role|database) " NAME ")",
  "(sorry, too many clients already|remaining connection slots are reserved [a-z, -]+)",
  "(the database system is (?:starting up|shutting down|in recovery mode))",
  "(database " NAME " is not currently accepting connections)",
  "(invalid page in block \\d+ of relation [^ ]+)",
  "(missing chunk number \\d+ for toast value \\d+ in [^ ]+)",
  "(index row (?:size|requires) \\d+[^'():]+)",
  "(cannot execute [A-Z ]+ in a read-only transaction)",
  "(unrecognized configuration parameter " NAME ")",
  "(invalid input syntax for type [a-z ]+).*",
  "(invalid input value for enum [^:]+).*",
  "(invalid byte sequence for encoding " NAME ").*",
  "(date/time field value out of range).*",
  "(malformed [a-z]+ literal).*",
};

static const char *
find_condition (const char *sqlstate)
{
  for (gsize i = 0; i < G_N_ELEMENTS (conditions); i++)
    if (g_str_equal (conditions[i].sqlstate, sqlstate))
      return conditions[i].name;
  return NULL;
}

/* A function of the user's may raise any SQLSTATE, and its own begin with any character. */
static gboolean
may_tell_rows (const char *sqlstate, const PgmErrorPlace *place)
{
  if (g_strcmp0 (place->function, "exec_stmt_raise") == 0)
    return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (telling_classes); i++)
    if (g_str_has_prefix (sqlstate, telling_classes[i]))
      return TRUE;
  return !g_ascii_isdigit (sqlstate[0]) && !g_str_has_prefix (sqlstate, "XX") &&
         !g_str_has_prefix (sqlstate, "F0");
}

static void
append_place (GString *text, const char *kind, const char *schema, const char *name)
{
  g_autofree char *shown_schema = schema != NULL ? pgm_text_escape (schema) : NULL;
  g_autofree char *shown = name != NULL ? pgm_text_escape (name) : NULL;

  if (shown == NULL)
    return;
  g_string_append_printf (text, ", %s \"%s%s%s\"", kind, shown_schema != NULL ? shown_schema : "",
                          shown_schema != NULL ? "." : "", shown);
}

/* Returns: (transfer full): one line: the server's words where they hold no data, else what
 * happened and where */
char *
pgm_server_words_dup (const char *sqlstate, const char *primary, const PgmErrorPlace *place)
{
  const char *condition = find_condition (sqlstate);
  g_autoptr(GString) text = NULL;

  if (!may_tell_rows (sqlstate, place))
    return pgm_text_escape (primary);
  text = g_string_new (NULL);
  if (condition != NULL)
    g_string_append_printf (text, "%s (SQLSTATE %s)", condition, sqlstate);
  else
    g_string_append_printf (text, "SQLSTATE %s", sqlstate);
  append_place (text, _("constraint"), NULL, place->constraint);
  append_place (text, _("table"), place->schema, place->table);
  append_place (text, _("column"), NULL, place->column);
  g_string_append_printf (text, "; %s",
                          _("the server's own words may show rows, and are in its log"));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* Returns: (transfer full) (nullable) */
static char *
dup_harmless (const char *words)
{
  for (gsize i = 0; i < G_N_ELEMENTS (harmless_texts); i++)
    {
      g_autofree char *pattern = g_strconcat ("^", harmless_texts[i], "$", NULL);
      g_autoptr(GRegex) regex = g_regex_new (pattern, 0, 0, NULL);
      g_autoptr(GMatchInfo) match = NULL;

      if (g_regex_match (regex, words, 0, &match))
        return g_match_info_fetch (match, 1);
    }
  return NULL;
}

/* @text: what a tool said while it handled rows: `COPY failed for table "t": ERROR:  …`. The words
 * behind the two blanks are the server's, in whatever language.
 *
 * Returns: (transfer full) */
char *
pgm_server_words_dup_of_tool (const char *text)
{
  const char *blanks = strstr (text, ":  ");
  const char *words = blanks != NULL ? blanks + strlen (":  ") : NULL;
  g_autofree char *before = NULL;
  g_autofree char *shown = NULL;

  if (words == NULL)
    return g_strdup (text);
  before = g_strndup (text, (gsize) (words - text));
  shown = dup_harmless (words);
  return g_strconcat (
      before,
      shown != NULL ? shown : _("the server's own words may show rows, and are in its log"), NULL);
}
