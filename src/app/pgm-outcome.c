/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-outcome.h"

#include <glib/gi18n-lib.h>

#include "pgm-words.h"

struct _PgmOutcome
{
  AdwBin parent_instance;

  /* template children */
  GtkLabel *body;
  GtkImage *icon;
  GtkLabel *title;
};

G_DEFINE_FINAL_TYPE (PgmOutcome, pgm_outcome, ADW_TYPE_BIN)

static const struct
{
  const char *icon;
  const char *class;
} looks[] = {
  [PGM_OUTCOME_GOOD] = { "emblem-ok-symbolic", "success" },
  [PGM_OUTCOME_WARNING] = { "dialog-warning-symbolic", "warning" },
  [PGM_OUTCOME_BAD] = { "dialog-error-symbolic", "error" },
  [PGM_OUTCOME_UNKNOWN] = { "dialog-question-symbolic", "dim-label" },
};

const char *
pgm_outcome_kind_get_icon (PgmOutcomeKind kind)
{
  g_return_val_if_fail ((gsize) kind < G_N_ELEMENTS (looks), NULL);

  return looks[kind].icon;
}

/* Returns: (transfer none): of style, for the icon */
const char *
pgm_outcome_kind_get_class (PgmOutcomeKind kind)
{
  g_return_val_if_fail ((gsize) kind < G_N_ELEMENTS (looks), NULL);

  return looks[kind].class;
}

/* @code: (nullable): of a report; NULL for a run that did not end */
PgmOutcomeKind
pgm_outcome_kind_of_code (const char *code)
{
  if (code == NULL)
    return PGM_OUTCOME_UNKNOWN;
  if (g_str_equal (code, "ok"))
    return PGM_OUTCOME_GOOD;
  if (g_str_equal (code, "differences") || g_str_equal (code, "cancelled"))
    return PGM_OUTCOME_WARNING;
  return PGM_OUTCOME_BAD;
}

static void
pgm_outcome_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), PGM_TYPE_OUTCOME);
  G_OBJECT_CLASS (pgm_outcome_parent_class)->dispose (object);
}

static void
pgm_outcome_class_init (PgmOutcomeClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pgm_outcome_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/pgmirror/PgMirror/pgm-outcome.ui");
  gtk_widget_class_bind_template_child (widget_class, PgmOutcome, body);
  gtk_widget_class_bind_template_child (widget_class, PgmOutcome, icon);
  gtk_widget_class_bind_template_child (widget_class, PgmOutcome, title);
}

static void
pgm_outcome_init (PgmOutcome *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
pgm_outcome_show (PgmOutcome *self, PgmOutcomeKind kind, const char *title, const char *body)
{
  g_return_if_fail (PGM_IS_OUTCOME (self));

  for (gsize i = 0; i < G_N_ELEMENTS (looks); i++)
    gtk_widget_remove_css_class (GTK_WIDGET (self->icon), looks[i].class);
  gtk_widget_add_css_class (GTK_WIDGET (self->icon), looks[kind].class);
  gtk_image_set_from_icon_name (self->icon, looks[kind].icon);
  gtk_label_set_label (self->title, title);
  gtk_label_set_label (self->body, body);
}

static const char *
find_title (const PgmReportData *data, PgmOutcomeKind kind)
{
  if (g_strcmp0 (data->code, "cancelled") == 0)
    return _("Stopped");
  if (kind == PGM_OUTCOME_GOOD)
    return data->verified ? _("Mirrored and verified") : _("Mirrored");
  if (kind == PGM_OUTCOME_WARNING)
    return _("Mirrored, with differences");
  return _("Not mirrored");
}

/* What happened, and whether the target changed. */
void
pgm_outcome_show_report (PgmOutcome *self, PgmReport *report)
{
  const PgmReportData *data = pgm_report_get_data (report);
  PgmOutcomeKind kind = pgm_outcome_kind_of_code (data->code);
  g_autofree char *sentence = pgm_words_sentence (data->message != NULL ? data->message : "");
  g_autofree char *body =
      g_strconcat (sentence, " ", pgm_target_state_get_sentence (data->target_state), NULL);

  g_return_if_fail (PGM_IS_OUTCOME (self));

  pgm_outcome_show (self, kind, find_title (data, kind), body);
}
