/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "config.h"

#include "pgm-window-private.h"

#include <glib/gi18n-lib.h>

#include "pgm-history-page.h"
#include "pgm-history.h"
#include "pgm-outcome.h"
#include "pgm-settings.h"

/* Returns: (transfer none) (nullable): the page of the run of @item, on or over */
GtkWidget *
pgm_window_find_run_page (PgmWindow *self, PgmProfileItem *item)
{
  return g_hash_table_lookup (self->run_pages, item);
}

gboolean
pgm_window_is_running (PgmWindow *self, PgmProfileItem *item)
{
  GtkWidget *page = pgm_window_find_run_page (self, item);

  return page != NULL && pgm_runner_is_running (pgm_run_page_get_runner (PGM_RUN_PAGE (page)));
}

static void
remove_run_page (PgmWindow *self, PgmProfileItem *item)
{
  GtkWidget *page = pgm_window_find_run_page (self, item);

  if (page == NULL)
    return;
  g_hash_table_remove (self->run_pages, item);
  gtk_stack_remove (self->stack, page);
}

/* A profile that names no folder for its archive takes that of the preferences. */
static PgmProfile *
build_profile (PgmProfileItem *item, GError **error)
{
  g_autoptr(PgmProfile) profile =
                 pgm_profile_draft_build (pgm_profile_item_get_draft (item), error);
  g_autofree char *folder = g_settings_get_string (pgm_settings_get (), "temp-folder");

  if (profile == NULL || folder[0] == '\0' || pgm_profile_get_options (profile)->temp_dir != NULL)
    return g_steal_pointer (&profile);
  return pgm_profile_new_with_member (profile, "options.temp_dir",
                                      json_node_init_string (json_node_alloc (), folder), error);
}

static void
state_cb (PgmWindow *self)
{
  pgm_window_update_outcomes (self);
  pgm_window_update (self);
}

static void start (PgmWindow *self, PgmProfileItem *item, PgmMirrorFlags flags);

static PgmProfileItem *
find_item (PgmWindow *self, gpointer page)
{
  GHashTableIter iter;
  gpointer key = NULL;
  gpointer value = NULL;

  g_hash_table_iter_init (&iter, self->run_pages);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (value == page)
      return key;
  return NULL;
}

static void
again_cb (PgmWindow *self, PgmRunPage *page)
{
  PgmProfileItem *item = find_item (self, page);

  if (item != NULL)
    start (self, item,
           pgm_runner_is_check (pgm_run_page_get_runner (page)) ? PGM_MIRROR_CHECK_ONLY
                                                                : PGM_MIRROR_FLAGS_NONE);
}

static void
mirror_cb (PgmWindow *self, PgmRunPage *page)
{
  PgmProfileItem *item = find_item (self, page);

  if (item != NULL)
    start (self, item, PGM_MIRROR_FLAGS_NONE);
}

static void
start (PgmWindow *self, PgmProfileItem *item, PgmMirrorFlags flags)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmProfile) profile = build_profile (item, &error);
  g_autoptr(PgmRunner) runner = NULL;
  GtkWidget *page = NULL;

  if (profile == NULL)
    {
      pgm_window_toast (self, error->message);
      return;
    }
  pgm_profile_page_save_now (self->profile_page);
  pgm_profile_item_save_now (item);
  remove_run_page (self, item);
  runner = pgm_runner_new (profile, flags);
  pgm_runner_set_passwords (runner, pgm_profile_item_get_passwords (item));
  pgm_run_guard_add (self->guard, runner);
  page = pgm_run_page_new (runner);
  gtk_stack_add_child (self->stack, page);
  g_hash_table_insert (self->run_pages, g_object_ref (item), page);
  g_signal_connect_object (page, "again", G_CALLBACK (again_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (page, "mirror", G_CALLBACK (mirror_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (runner, "notify::state", G_CALLBACK (state_cb), self, G_CONNECT_SWAPPED);
  pgm_runner_start (runner);
  pgm_window_update (self);
}

/* The result of the run, also one of another profile, or of a window that is long closed.
 * @id: of its entry in the history */
void
pgm_window_show_run (PgmWindow *self, const char *id)
{
  GHashTableIter iter;
  gpointer item = NULL;
  gpointer page = NULL;

  g_hash_table_iter_init (&iter, self->run_pages);
  while (g_hash_table_iter_next (&iter, &item, &page))
    if (g_strcmp0 (pgm_runner_get_id (pgm_run_page_get_runner (PGM_RUN_PAGE (page))), id) == 0)
      {
        pgm_window_select (self, item);
        return;
      }
  gtk_widget_activate_action (GTK_WIDGET (self), "win.history", NULL);
  pgm_history_page_open (PGM_HISTORY_PAGE (self->history_page), id);
}

static void
start_selected (PgmWindow *self, PgmMirrorFlags flags)
{
  g_autofree char *fault = pgm_profile_page_show_faults (self->profile_page);

  if (fault != NULL)
    pgm_window_toast (self, fault);
  else
    start (self, self->item, flags);
}

static void
check (GtkWidget *widget, const char *name, GVariant *parameter)
{
  start_selected (PGM_WINDOW (widget), PGM_MIRROR_CHECK_ONLY);
}

static void
mirror (GtkWidget *widget, const char *name, GVariant *parameter)
{
  start_selected (PGM_WINDOW (widget), PGM_MIRROR_FLAGS_NONE);
}

static void
show_outcome (PgmProfileItem *item, const PgmHistoryData *data)
{
  g_autofree char *text = pgm_outcome_dup_text (data, g_get_real_time ());

  pgm_profile_item_set_outcome (item, text, pgm_outcome_get_icon (data));
}

static void
history_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(PgmWindow) self = user_data;
  g_autoptr(GPtrArray) entries = pgm_history_list_finish (result, NULL);
  guint n = 0;

  if (entries == NULL || self->profiles == NULL)
    return;
  n = g_list_model_get_n_items (G_LIST_MODEL (self->profiles));
  for (guint i = 0; i < n; i++)
    {
      g_autoptr(PgmProfileItem) item = g_list_model_get_item (G_LIST_MODEL (self->profiles), i);
      PgmHistoryEntry *entry = pgm_history_find_latest (entries, pgm_profile_item_get_path (item));

      if (pgm_window_is_running (self, item))
        pgm_profile_item_set_outcome (item, _("Running…"), "emblem-synchronizing-symbolic");
      else if (entry != NULL)
        show_outcome (item, pgm_history_entry_get_data (entry));
      else
        pgm_profile_item_set_outcome (item, NULL, NULL);
    }
}

/* How the last run of each profile ended. */
void
pgm_window_update_outcomes (PgmWindow *self)
{
  pgm_history_list_async (self->cancellable, history_cb, g_object_ref (self));
}

static void
go_back (GtkWidget *widget, const char *name, GVariant *parameter)
{
  PgmWindow *self = PGM_WINDOW (widget);
  GtkWidget *run_page = self->item != NULL ? pgm_window_find_run_page (self, self->item) : NULL;

  if (self->shows_history && pgm_history_page_go_back (PGM_HISTORY_PAGE (self->history_page)))
    return;
  if (self->shows_history)
    self->shows_history = FALSE;
  else if (run_page != NULL && !pgm_window_is_running (self, self->item))
    remove_run_page (self, self->item);
  else
    adw_leaflet_set_visible_child (self->leaflet, self->sidebar);
  pgm_window_update (self);
}

static void
show_history (GtkWidget *widget, const char *name, GVariant *parameter)
{
  PgmWindow *self = PGM_WINDOW (widget);

  self->shows_history = TRUE;
  pgm_history_page_reload (PGM_HISTORY_PAGE (self->history_page));
  adw_leaflet_set_visible_child (self->leaflet, self->content);
  pgm_window_update (self);
}

void
pgm_window_install_run_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "win.back", NULL, go_back);
  gtk_widget_class_install_action (widget_class, "win.check", NULL, check);
  gtk_widget_class_install_action (widget_class, "win.history", NULL, show_history);
  gtk_widget_class_install_action (widget_class, "win.mirror", NULL, mirror);
}
