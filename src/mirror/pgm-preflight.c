/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-preflight.h"

#include "pgm-text.h"

#include <glib/gi18n-lib.h>

void
pgm_preflight_init (PgmPreflight *self, PgmJob *job)
{
  self->job = job;
  self->findings = g_ptr_array_new_with_free_func ((GDestroyNotify) pgm_finding_unref);
  self->code = PGM_ERROR_FAILED;
}

void
pgm_preflight_clear (PgmPreflight *self)
{
  g_clear_pointer (&self->findings, g_ptr_array_unref);
}

/* Returns: (transfer full): @text fit for people: on one line, and without secrets */
static char *
dup_clean (PgmLogger *logger, const char *text)
{
  g_autofree char *redacted = pgm_logger_redact (logger, text);

  return pgm_text_escape (redacted);
}

/* @hint: (nullable): the cure
 *
 * Returns: (transfer none) */
PgmFinding *
pgm_preflight_add (PgmPreflight *self,
                   PgmSeverity severity,
                   const char *code,
                   const char *hint,
                   const char *format,
                   ...)
{
  PgmLogger *logger = self->job->logger;
  g_autofree char *text = NULL;
  g_autofree char *message = NULL;
  g_autofree char *cure = hint != NULL ? dup_clean (logger, hint) : NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  message = dup_clean (logger, text);
  g_ptr_array_add (self->findings, pgm_finding_new (severity, code, cure, "%s", message));
  return self->findings->pdata[self->findings->len - 1];
}

/* The same with all the @names of what it is about: a message has room for the first of them. */
void
pgm_preflight_name_objects (PgmPreflight *self, PgmFinding *finding, const GPtrArray *names)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *name = dup_clean (self->job->logger, names->pdata[i]);

      g_strv_builder_add (builder, name);
    }
  pgm_finding_take_objects (finding, g_strv_builder_end (builder));
}

static gboolean
ends_everything (const GError *error)
{
  return pgm_error_is_cancelled (error) || g_error_matches (error, PGM_ERROR, PGM_ERROR_CONNECT) ||
         g_error_matches (error, PGM_ERROR, PGM_ERROR_STALLED) ||
         g_error_matches (error, PGM_ERROR, PGM_ERROR_REFUSED);
}

/* Makes a failure a blocker beside others; the first one's code becomes that of the run.
 *
 * @failure: (transfer full)
 *
 * Returns: FALSE with @failure in @error where there is no going on */
gboolean
pgm_preflight_add_error (PgmPreflight *self, GError *failure, GError **error)
{
  if (ends_everything (failure))
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  pgm_error_recode (&failure, PGM_ERROR_PREFLIGHT);
  if (self->code == PGM_ERROR_FAILED)
    self->code = (PgmError) failure->code;
  pgm_preflight_add (self, PGM_SEVERITY_BLOCKER, pgm_error_get_code (failure), NULL, "%s",
                     failure->message);
  g_error_free (failure);
  return TRUE;
}

/* A question that a server does not answer leaves a gap and stops nothing.
 *
 * @rows: (transfer full) (nullable)
 * @failure: (transfer full) (nullable): why there are no @rows */
gboolean
pgm_preflight_take_rows (PgmPreflight *self, PgmRows *rows, GError *failure, GError **error)
{
  if (rows != NULL)
    {
      pgm_preflight_add_rows (self, rows);
      pgm_rows_free (rows);
      return TRUE;
    }
  if (ends_everything (failure))
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  pgm_preflight_add (self, PGM_SEVERITY_WARNING, "not-checked", NULL,
                     _("something could not be checked beforehand: %s"), failure->message);
  g_error_free (failure);
  return TRUE;
}

static int
compare_severity (gconstpointer a, gconstpointer b)
{
  const PgmFinding *first = *(PgmFinding *const *) a;
  const PgmFinding *second = *(PgmFinding *const *) b;

  return (int) second->severity - (int) first->severity;
}

static guint
count_blockers (GPtrArray *findings)
{
  guint n = 0;

  for (guint i = 0; i < findings->len; i++)
    n += ((PgmFinding *) findings->pdata[i])->severity == PGM_SEVERITY_BLOCKER;
  return n;
}

static void
set_summary (PgmPreflight *self, guint n_blockers, GError **error)
{
  const PgmFinding *first = self->findings->pdata[0];
  g_autofree char *text = first->hint != NULL
                              ? g_strconcat (first->message, "; ", first->hint, NULL)
                              : g_strdup (first->message);
  int code = self->code != PGM_ERROR_FAILED ? (int) self->code : PGM_ERROR_PREFLIGHT;

  if (n_blockers == 1)
    g_set_error_literal (error, PGM_ERROR, code, text);
  else
    g_set_error (error, PGM_ERROR, code,
                 ngettext ("%u thing stands in the way: %s",
                           "%u things stand in the way, the first: %s", n_blockers),
                 n_blockers, text);
}

/* Tells all that was found, worst first. What stands in the way alone is what the run fails with,
 * and that is in the log once.
 *
 * @error: (nullable): the run fails with something else anyhow
 *
 * Returns: FALSE with @error where something stands in the way */
gboolean
pgm_preflight_conclude (PgmPreflight *self, GError **error)
{
  guint n_blockers = count_blockers (self->findings);

  g_ptr_array_sort (self->findings, compare_severity);
  for (guint i = 0; i < self->findings->len; i++)
    {
      PgmFinding *finding = self->findings->pdata[i];
      gboolean is_the_failure =
          finding->severity == PGM_SEVERITY_BLOCKER && n_blockers == 1 && error != NULL;

      if (is_the_failure)
        pgm_job_record_finding (self->job, NULL, pgm_finding_ref (finding));
      else
        pgm_job_add_finding (self->job, NULL, pgm_finding_ref (finding));
    }
  g_ptr_array_sort (self->job->result->findings, compare_severity);
  if (n_blockers == 0)
    return TRUE;
  set_summary (self, n_blockers, error);
  return FALSE;
}
