/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-error.h"

#include <errno.h>
#include <glib/gi18n-lib.h>

G_DEFINE_QUARK (pgm_error, pgm_error)

G_DEFINE_ENUM_TYPE (PgmError,
                    pgm_error,
                    G_DEFINE_ENUM_VALUE (PGM_ERROR_FAILED, "failed"),
                    G_DEFINE_ENUM_VALUE (PGM_ERROR_CONFIG, "config"),
                    G_DEFINE_ENUM_VALUE (PGM_ERROR_TOOLS, "tools"),
                    G_DEFINE_ENUM_VALUE (PGM_ERROR_SOURCE_UNREACHABLE, "source-unreachable"),
                    G_DEFINE_ENUM_VALUE (PGM_ERROR_TARGET_UNREACHABLE, "target-unreachable"),
                    G_DEFINE_ENUM_VALUE (PGM_ERROR_PREFLIGHT, "preflight"),
                    G_DEFINE_ENUM_VALUE (PGM_ERROR_SAME_SERVER, "same-server"),
                    G_DEFINE_ENUM_VALUE (PGM_ERROR_BUSY, "busy"),
                    G_DEFINE_ENUM_VALUE (PGM_ERROR_REFUSED, "refused"),
                    G_DEFINE_ENUM_VALUE (PGM_ERROR_DUMP_FAILED, "dump-failed"),
                    G_DEFINE_ENUM_VALUE (PGM_ERROR_RESTORE_FAILED, "restore-failed"),
                    G_DEFINE_ENUM_VALUE (PGM_ERROR_SCRIPT_FAILED, "script-failed"),
                    G_DEFINE_ENUM_VALUE (PGM_ERROR_VERIFY_FAILED, "verify-failed"),
                    G_DEFINE_ENUM_VALUE (PGM_ERROR_REPLACE_FAILED, "replace-failed"),
                    G_DEFINE_ENUM_VALUE (PGM_ERROR_STALLED, "stalled"),
                    G_DEFINE_ENUM_VALUE (PGM_ERROR_CONNECT, "connect"),
                    G_DEFINE_ENUM_VALUE (PGM_ERROR_AUTH, "auth"),
                    G_DEFINE_ENUM_VALUE (PGM_ERROR_DENIED, "denied"),
                    G_DEFINE_ENUM_VALUE (PGM_ERROR_MISSING, "missing"),
                    G_DEFINE_ENUM_VALUE (PGM_ERROR_IN_USE, "in-use"),
                    G_DEFINE_ENUM_VALUE (PGM_ERROR_SQL, "sql"),
                    G_DEFINE_ENUM_VALUE (PGM_ERROR_TOOL, "tool"))

gboolean
pgm_error_is_cancelled (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* Returns: the stable word for @error in reports: a nick of #PgmError, "cancelled", or
 * "failed" for an error of any other domain. */
const char *
pgm_error_get_code (const GError *error)
{
  g_autoptr(GEnumClass) klass = g_type_class_ref (PGM_TYPE_ERROR);
  GEnumValue *value = NULL;

  if (pgm_error_is_cancelled (error))
    return "cancelled";
  if (error->domain == PGM_ERROR)
    value = g_enum_get_value (klass, error->code);
  return value != NULL ? value->value_nick : "failed";
}

/* Gives @error the meaning that it has for the step that failed, keeping its text. A cancel
 * stays a cancel, and an error that already ends a run keeps its more precise code. */
void
pgm_error_recode (GError **error, PgmError code)
{
  g_autoptr(GError) old = NULL;

  if (error == NULL || *error == NULL || pgm_error_is_cancelled (*error))
    return;
  if ((*error)->domain == PGM_ERROR && (*error)->code > PGM_ERROR_FAILED &&
      (*error)->code < PGM_ERROR_CONNECT)
    return;
  old = g_steal_pointer (error);
  g_set_error_literal (error, PGM_ERROR, code, old->message);
}

/* GLib's messages name the file or the host once more; this is the reason alone, where it is known
 * from the code.
 *
 * Returns: (transfer none) */
const char *
pgm_error_get_reason (const GError *error)
{
  if (g_error_matches (error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND))
    return _("the name service has no address for it");
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return g_strerror (ENOENT);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    return g_strerror (EACCES);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY))
    return g_strerror (EISDIR);
  return error->message;
}

/* @sqlstate: (nullable): five characters, or NULL when the connection broke.
 *
 * The classes are those of the PostgreSQL manual, appendix A. 57014 is not called a cancel:
 * statement_timeout raises it too, so only who set a GCancellable may call it one. */
PgmError
pgm_error_from_sqlstate (const char *sqlstate)
{
  if (sqlstate == NULL || g_str_has_prefix (sqlstate, "08") || g_str_has_prefix (sqlstate, "57P"))
    return PGM_ERROR_CONNECT;
  if (g_str_has_prefix (sqlstate, "28"))
    return PGM_ERROR_AUTH;
  if (g_str_equal (sqlstate, "42501"))
    return PGM_ERROR_DENIED;
  if (g_str_equal (sqlstate, "3D000") || g_str_equal (sqlstate, "42P01"))
    return PGM_ERROR_MISSING;
  if (g_str_equal (sqlstate, "55006") || g_str_equal (sqlstate, "55P03"))
    return PGM_ERROR_IN_USE;
  return PGM_ERROR_SQL;
}
