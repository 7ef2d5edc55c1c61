/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-verdict.h"

#include <glib/gi18n-lib.h>

#include "pgm-words.h"

struct _PgmVerdict
{
  AdwBin parent_instance;

  /* template children */
  GtkLabel *body;
  GtkImage *icon;
  GtkLabel *title;
};

G_DEFINE_FINAL_TYPE (PgmVerdict, pgm_verdict, ADW_TYPE_BIN)

static const struct
{
  const char *icon;
  const char *class;
} looks[] = {
  [PGM_VERDICT_GOOD] = { "emblem-ok-symbolic", "success" },
  [PGM_VERDICT_WARNING] = { "dialog-warning-symbolic", "warning" },
  [PGM_VERDICT_BAD] = { "dialog-error-symbolic", "error" },
  [PGM_VERDICT_UNKNOWN] = { "dialog-question-symbolic", "dim-label" },
};

const char *
pgm_verdict_kind_get_icon (PgmVerdictKind kind)
{
  g_return_val_if_fail ((gsize) kind < G_N_ELEMENTS (looks), NULL);

  return looks[kind].icon;
}

/* Returns: (transfer none): of style, for the icon */
const char *
pgm_verdict_kind_get_class (PgmVerdictKind kind)
{
  g_return_val_if_fail ((gsize) kind < G_N_ELEMENTS (looks), NULL);

  return looks[kind].class;
}

/* @code: (nullable): of a report; NULL for a run that did not end */
PgmVerdictKind
pgm_verdict_kind_of_code (const char *code)
{
  if (code == NULL)
    return PGM_VERDICT_UNKNOWN;
  if (g_str_equal (code, "ok"))
    return PGM_VERDICT_GOOD;
  if (g_str_equal (code, "differences") || g_str_equal (code, "cancelled"))
    return PGM_VERDICT_WARNING;
  return PGM_VERDICT_BAD;
}

static void
pgm_verdict_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), PGM_TYPE_VERDICT);
  G_OBJECT_CLASS (pgm_verdict_parent_class)->dispose (object);
}

static void
pgm_verdict_class_init (PgmVerdictClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pgm_verdict_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/pgmirror/PgMirror/pgm-verdict.ui");
  gtk_widget_class_bind_template_child (widget_class, PgmVerdict, body);
  gtk_widget_class_bind_template_child (widget_class, PgmVerdict, icon);
  gtk_widget_class_bind_template_child (widget_class, PgmVerdict, title);
}

static void
pgm_verdict_init (PgmVerdict *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  pgm_words_keep_names (GTK_WIDGET (self));
}

void
pgm_verdict_show (PgmVerdict *self, PgmVerdictKind kind, const char *title, const char *body)
{
  g_return_if_fail (PGM_IS_VERDICT (self));

  for (gsize i = 0; i < G_N_ELEMENTS (looks); i++)
    gtk_widget_remove_css_class (GTK_WIDGET (self->icon), looks[i].class);
  gtk_widget_add_css_class (GTK_WIDGET (self->icon), looks[kind].class);
  gtk_image_set_from_icon_name (self->icon, looks[kind].icon);
  gtk_label_set_label (self->title, title);
  gtk_label_set_label (self->body, body);
}

static const char *
find_title (const PgmReportData *data, PgmVerdictKind kind)
{
  if (g_strcmp0 (data->code, "cancelled") == 0)
    return _("Stopped");
  if (kind == PGM_VERDICT_GOOD)
    return data->verified ? _("Mirrored and Verified") : _("Mirrored");
  if (kind == PGM_VERDICT_WARNING)
    return _("Mirrored, With Differences");
  return _("Not Mirrored");
}

/* What happened, and whether the target changed. */
void
pgm_verdict_show_report (PgmVerdict *self, PgmReport *report)
{
  const PgmReportData *data = pgm_report_get_data (report);
  PgmVerdictKind kind = pgm_verdict_kind_of_code (data->code);
  g_autofree char *sentence = pgm_words_sentence (data->message != NULL ? data->message : "");
  g_autofree char *body =
      g_strconcat (sentence, " ", pgm_target_state_get_sentence (data->target_state), NULL);

  g_return_if_fail (PGM_IS_VERDICT (self));

  pgm_verdict_show (self, kind, find_title (data, kind), body);
}
