/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-password-dialog.h"

#include <glib/gi18n-lib.h>

#include "pgm-text.h"
#include "pgm-words.h"

struct _PgmPasswordDialog
{
  AdwMessageDialog parent_instance;

  /* owned */
  PgmQuestion *question;
  PgmPasswordMemory *memory; /* (nullable): keeps the answer */

  /* template children */
  AdwPasswordEntryRow *password;
};

G_DEFINE_FINAL_TYPE (PgmPasswordDialog, pgm_password_dialog, ADW_TYPE_MESSAGE_DIALOG)

static void
pgm_password_dialog_response (AdwMessageDialog *dialog, const char *response)
{
  PgmPasswordDialog *self = PGM_PASSWORD_DIALOG (dialog);
  const char *typed = gtk_editable_get_text (GTK_EDITABLE (self->password));
  g_autoptr(PgmSecret) secret = g_str_equal (response, "ok") ? pgm_secret_new (typed) : NULL;

  pgm_question_answer_secret (self->question, secret);
  if (secret != NULL && self->memory != NULL)
    pgm_password_memory_keep (self->memory, pgm_question_get_endpoint (self->question), secret);
  gtk_editable_set_text (GTK_EDITABLE (self->password), "");
}

static void
pgm_password_dialog_dispose (GObject *object)
{
  PgmPasswordDialog *self = PGM_PASSWORD_DIALOG (object);

  gtk_window_set_focus (GTK_WINDOW (object), NULL); /* libadwaita 1.2 touches a freed row else */
  gtk_widget_dispose_template (GTK_WIDGET (object), PGM_TYPE_PASSWORD_DIALOG);
  g_clear_object (&self->question);
  g_clear_object (&self->memory);
  G_OBJECT_CLASS (pgm_password_dialog_parent_class)->dispose (object);
}

static void
pgm_password_dialog_class_init (PgmPasswordDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pgm_password_dialog_dispose;
  ADW_MESSAGE_DIALOG_CLASS (klass)->response = pgm_password_dialog_response;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/pgmirror/PgMirror/pgm-password-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, PgmPasswordDialog, password);
}

static void
pgm_password_dialog_init (PgmPasswordDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  pgm_words_keep_names (GTK_WIDGET (self));
}

static void
show_server (PgmPasswordDialog *self, PgmEndpoint *endpoint)
{
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (self);
  g_autofree char *address = pgm_endpoint_dup_address (endpoint);
  g_autofree char *raw =
      g_strdup_printf (_("The role “%s” at %s needs a password."), endpoint->user, address);
  g_autofree char *body = pgm_text_escape (raw);

  adw_message_dialog_set_heading (
      dialog, endpoint->side == PGM_SIDE_SOURCE ? _("Source Password") : _("Target Password"));
  adw_message_dialog_set_body (dialog, body);
}

/* @parent: (nullable)
 * @question: a PGM_QUESTION_PASSWORD
 * @memory: (nullable) */
GtkWindow *
pgm_password_dialog_new (GtkWindow *parent, PgmQuestion *question, PgmPasswordMemory *memory)
{
  PgmPasswordDialog *self =
      g_object_new (PGM_TYPE_PASSWORD_DIALOG, "transient-for", parent, "modal", TRUE, NULL);

  self->question = g_object_ref (question);
  g_set_object (&self->memory, memory);
  show_server (self, pgm_question_get_endpoint (question));
  gtk_window_set_focus (GTK_WINDOW (self), GTK_WIDGET (self->password));
  return GTK_WINDOW (self);
}
