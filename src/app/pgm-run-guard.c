/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-run-guard.h"

#include <glib/gi18n-lib.h>

#include "pgm-password-dialog.h"
#include "pgm-replace-dialog.h"
#include "pgm-settings.h"
#include "pgm-text.h"
#include "pgm-words.h"

struct _PgmRunGuard
{
  GObject parent_instance;

  GtkWindow *window;  /* weak */
  GPtrArray *runners; /* owned: PgmRunner that have not ended */
  guint inhibit_cookie;
  gboolean closes; /* the window goes when the last run has ended */
};

G_DEFINE_FINAL_TYPE (PgmRunGuard, pgm_run_guard, G_TYPE_OBJECT)

static void
pgm_run_guard_dispose (GObject *object)
{
  PgmRunGuard *self = PGM_RUN_GUARD (object);

  g_clear_weak_pointer (&self->window);
  g_clear_pointer (&self->runners, g_ptr_array_unref);
  G_OBJECT_CLASS (pgm_run_guard_parent_class)->dispose (object);
}

static void
pgm_run_guard_class_init (PgmRunGuardClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = pgm_run_guard_dispose;
}

static void
pgm_run_guard_init (PgmRunGuard *self)
{
  self->runners = g_ptr_array_new_with_free_func (g_object_unref);
}

guint
pgm_run_guard_get_n_running (PgmRunGuard *self)
{
  guint n = 0;

  g_return_val_if_fail (PGM_IS_RUN_GUARD (self), 0);

  for (guint i = 0; i < self->runners->len; i++)
    n += pgm_runner_is_running (self->runners->pdata[i]);
  return n;
}

static GtkApplication *
get_application (PgmRunGuard *self)
{
  return self->window != NULL ? gtk_window_get_application (self->window) : NULL;
}

static void
update_inhibit (PgmRunGuard *self)
{
  GtkApplication *application = get_application (self);
  gboolean is_needed = pgm_run_guard_get_n_running (self) > 0;

  if (application == NULL || is_needed == (self->inhibit_cookie != 0))
    return;
  if (is_needed)
    self->inhibit_cookie = gtk_application_inhibit (
        application, self->window, GTK_APPLICATION_INHIBIT_LOGOUT | GTK_APPLICATION_INHIBIT_SUSPEND,
        _("A database is being mirrored"));
  else
    {
      gtk_application_uninhibit (application, self->inhibit_cookie);
      self->inhibit_cookie = 0;
    }
}

static const char *
find_notification_title (const PgmReportData *data)
{
  if (g_strcmp0 (data->code, "ok") == 0)
    return _("“%s” is mirrored");
  if (g_strcmp0 (data->code, "differences") == 0)
    return _("“%s” is mirrored, with differences");
  return _("“%s” was not mirrored");
}

/* Only for who looks elsewhere and has not stopped it. One a profile: the last run's. */
static void
notify_end (PgmRunGuard *self, PgmRunner *runner)
{
  const PgmReportData *data = pgm_report_get_data (pgm_runner_get_report (runner));
  g_autoptr(GString) title = g_string_new (find_notification_title (data));
  g_autofree char *body = pgm_words_sentence (data->message != NULL ? data->message : "");
  g_autofree char *name = pgm_text_escape (pgm_profile_get_title (pgm_runner_get_profile (runner)));
  const char *path = pgm_profile_get_path (pgm_runner_get_profile (runner));
  g_autoptr(GNotification) notification = NULL;

  if (get_application (self) == NULL || gtk_window_is_active (self->window) ||
      pgm_runner_is_check (runner) || g_strcmp0 (data->code, "cancelled") == 0 ||
      !g_settings_get_boolean (pgm_settings_get (), "notifications"))
    return;
  g_string_replace (title, "%s", name, 1);
  notification = g_notification_new (title->str);
  g_notification_set_body (notification, body);
  g_notification_set_default_action_and_target (notification, "app.show-run", "s",
                                                pgm_runner_get_id (runner));
  g_application_send_notification (G_APPLICATION (get_application (self)),
                                   path != NULL ? path : "run-ended", notification);
}

static void
state_cb (PgmRunner *runner, GParamSpec *pspec, gpointer user_data)
{
  PgmRunGuard *self = user_data;

  g_object_ref (self);
  if (pgm_runner_get_state (runner) == PGM_RUNNER_FINISHED)
    {
      notify_end (self, runner);
      g_ptr_array_remove (self->runners, runner);
    }
  update_inhibit (self);
  if (self->closes && pgm_run_guard_get_n_running (self) == 0 && self->window != NULL)
    gtk_window_destroy (self->window);
  g_object_unref (self);
}

/* A run that stops has its questions answered: their dialogs go. */
static void
question_cb (PgmRunner *runner, PgmQuestion *question, gpointer user_data)
{
  PgmRunGuard *self = user_data;
  GtkWindow *dialog =
      pgm_question_get_kind (question) == PGM_QUESTION_PASSWORD
          ? pgm_password_dialog_new (self->window, question, pgm_runner_get_passwords (runner))
          : pgm_replace_dialog_new (self->window, question);

  g_signal_connect_object (runner, "notify::state", G_CALLBACK (gtk_window_close), dialog,
                           G_CONNECT_SWAPPED);
  gtk_window_present (dialog);
}

/* Before @runner is started. */
void
pgm_run_guard_add (PgmRunGuard *self, PgmRunner *runner)
{
  g_return_if_fail (PGM_IS_RUN_GUARD (self));
  g_return_if_fail (PGM_IS_RUNNER (runner));

  g_ptr_array_add (self->runners, g_object_ref (runner));
  g_signal_connect_object (runner, "notify::state", G_CALLBACK (state_cb), self, 0);
  g_signal_connect_object (runner, "question", G_CALLBACK (question_cb), self, 0);
  update_inhibit (self);
}

static void
close_response_cb (AdwMessageDialog *dialog, const char *response, gpointer user_data)
{
  PgmRunGuard *self = user_data;

  if (!g_str_equal (response, "stop"))
    return;
  self->closes = TRUE;
  for (guint i = 0; i < self->runners->len; i++)
    pgm_runner_stop (self->runners->pdata[i]);
  if (pgm_run_guard_get_n_running (self) == 0 && self->window != NULL)
    gtk_window_destroy (self->window);
}

static void
ask_to_close (PgmRunGuard *self)
{
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (adw_message_dialog_new (
      self->window, _("Stop the Run and Close?"),
                       pgm_words_stopping (pgm_runner_get_profile (self->runners->pdata[0]))));

  adw_message_dialog_add_responses (dialog, "cancel",
                                    _("_Keep Running"), "stop", _("_Stop and Close"), NULL);
  adw_message_dialog_set_response_appearance (dialog, "stop", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (dialog, "cancel");
  adw_message_dialog_set_close_response (dialog, "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (close_response_cb), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* The second wish to close, while the runs are stopping, changes nothing. */
static gboolean
close_request_cb (GtkWindow *window, gpointer user_data)
{
  PgmRunGuard *self = user_data;

  if (pgm_run_guard_get_n_running (self) == 0)
    return GDK_EVENT_PROPAGATE;
  if (!self->closes)
    ask_to_close (self);
  return GDK_EVENT_STOP;
}

/* Returns: (transfer full) */
PgmRunGuard *
pgm_run_guard_new (GtkWindow *window)
{
  PgmRunGuard *self = g_object_new (PGM_TYPE_RUN_GUARD, NULL);

  g_set_weak_pointer (&self->window, window);
  g_signal_connect_object (window, "close-request", G_CALLBACK (close_request_cb), self, 0);
  return self;
}
