/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-replace-dialog.h"

#include <glib/gi18n-lib.h>

#include "pgm-text.h"
#include "pgm-words.h"

struct _PgmReplaceDialog
{
  AdwMessageDialog parent_instance;

  /* owned */
  PgmQuestion *question;
  char *shown; /* the database's name as it can be read and typed */

  guint n_facts;

  /* template children */
  GtkGrid *facts;
  AdwEntryRow *name;
};

G_DEFINE_FINAL_TYPE (PgmReplaceDialog, pgm_replace_dialog, ADW_TYPE_MESSAGE_DIALOG)

static gboolean
is_named (PgmReplaceDialog *self)
{
  const char *typed = gtk_editable_get_text (GTK_EDITABLE (self->name));

  return g_str_equal (typed, pgm_question_get_facts (self->question)->database) ||
         g_str_equal (typed, self->shown);
}

static void
name_changed_cb (GtkEditable *name, gpointer user_data)
{
  PgmReplaceDialog *self = user_data;

  adw_message_dialog_set_response_enabled (ADW_MESSAGE_DIALOG (self), "replace", is_named (self));
}

static void
pgm_replace_dialog_response (AdwMessageDialog *dialog, const char *response)
{
  PgmReplaceDialog *self = PGM_REPLACE_DIALOG (dialog);

  pgm_question_answer (self->question, g_str_equal (response, "replace") && is_named (self));
}

static void
pgm_replace_dialog_dispose (GObject *object)
{
  PgmReplaceDialog *self = PGM_REPLACE_DIALOG (object);

  gtk_widget_dispose_template (GTK_WIDGET (object), PGM_TYPE_REPLACE_DIALOG);
  g_clear_object (&self->question);
  g_clear_pointer (&self->shown, g_free);
  G_OBJECT_CLASS (pgm_replace_dialog_parent_class)->dispose (object);
}

static void
pgm_replace_dialog_class_init (PgmReplaceDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pgm_replace_dialog_dispose;
  ADW_MESSAGE_DIALOG_CLASS (klass)->response = pgm_replace_dialog_response;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/pgmirror/PgMirror/pgm-replace-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, PgmReplaceDialog, facts);
  gtk_widget_class_bind_template_child (widget_class, PgmReplaceDialog, name);
  gtk_widget_class_bind_template_callback (widget_class, name_changed_cb);
}

static void
pgm_replace_dialog_init (PgmReplaceDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  pgm_words_keep_names (GTK_WIDGET (self));
}

static void
add_fact (PgmReplaceDialog *self, const char *title, const char *value)
{
  GtkWidget *key = gtk_label_new (title);
  GtkWidget *text = gtk_label_new (value);

  gtk_widget_add_css_class (key, "dim-label");
  gtk_label_set_xalign (GTK_LABEL (key), 1.0f);
  gtk_label_set_xalign (GTK_LABEL (text), 0.0f);
  gtk_grid_attach (self->facts, key, 0, (int) self->n_facts, 1, 1);
  gtk_grid_attach (self->facts, text, 1, (int) self->n_facts, 1, 1);
  self->n_facts++;
}

/* @stamp: ISO 8601 */
static char *
dup_moment (const char *stamp)
{
  g_autoptr(GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr(GDateTime) time = g_date_time_new_from_iso8601 (stamp, utc);
  g_autoptr(GDateTime) local = time != NULL ? g_date_time_to_local (time) : NULL;

  return local != NULL ? g_date_time_format (local, "%c") : pgm_text_escape (stamp);
}

static void
show_facts (PgmReplaceDialog *self, const PgmReplaceFacts *facts)
{
  g_autofree char *address = pgm_text_escape (facts->address);
  g_autofree char *size = pgm_text_format_size (facts->size_bytes);
  g_autofree char *tables = pgm_text_format_count (facts->n_tables);
  g_autofree char *sessions = pgm_text_format_count (facts->n_sessions);
  g_autofree char *active = facts->last_activity != NULL ? dup_moment (facts->last_activity) : NULL;
  g_autofree char *body = g_strdup_printf (
      _("Everything in the database “%s” at %s will be gone."), self->shown, address);
  g_autofree char *heading = g_strdup_printf (_("Replace “%s”?"), self->shown);

  adw_message_dialog_set_heading (ADW_MESSAGE_DIALOG (self), heading);
  adw_message_dialog_set_body (ADW_MESSAGE_DIALOG (self), body);
  add_fact (self, _("Size"), size);
  add_fact (self, _("Tables"), tables);
  add_fact (self, _("Sessions"), sessions);
  if (active != NULL)
    add_fact (self, _("Last active"), active);
}

/* @parent: (nullable)
 * @question: a PGM_QUESTION_REPLACE */
GtkWindow *
pgm_replace_dialog_new (GtkWindow *parent, PgmQuestion *question)
{
  PgmReplaceDialog *self =
      g_object_new (PGM_TYPE_REPLACE_DIALOG, "transient-for", parent, "modal", TRUE, NULL);
  const PgmReplaceFacts *facts = pgm_question_get_facts (question);

  self->question = g_object_ref (question);
  self->shown = pgm_text_escape (facts->database);
  show_facts (self, facts);
  gtk_window_set_focus (GTK_WINDOW (self), GTK_WIDGET (self->name));
  return GTK_WINDOW (self);
}
