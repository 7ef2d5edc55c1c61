/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "config.h"

#include "pgm-window-private.h"

#include <glib/gi18n-lib.h>

#include "pgm-history-page.h"
#include "pgm-profile-row.h"
#include "pgm-profile-store.h"
#include "pgm-settings.h"
#include "pgm-words.h"

#define AGE_INTERVAL_S 60

G_DEFINE_FINAL_TYPE (PgmWindow, pgm_window, ADW_TYPE_APPLICATION_WINDOW)

void
pgm_window_toast (PgmWindow *self, const char *text)
{
  g_autofree char *markup = g_markup_escape_text (text, -1);

  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (markup));
}

/* Returns: (transfer none) (nullable): the row of @item */
GtkListBoxRow *
pgm_window_find_row (PgmWindow *self, PgmProfileItem *item)
{
  GtkListBoxRow *row = NULL;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->profile_view, i)) != NULL; i++)
    if (pgm_profile_row_get_item (PGM_PROFILE_ROW (row)) == item)
      return row;
  return NULL;
}

static const char *
choose_page (PgmWindow *self)
{
  if (self->shows_history)
    return "history";
  if (!pgm_profile_list_is_loaded (self->profiles))
    return "loading";
  if (self->item == NULL)
    return "welcome";
  return pgm_profile_item_get_draft (self->item) != NULL ? "profile" : "broken";
}

static void
show_titles (PgmWindow *self, const char *page)
{
  g_autofree char *route = NULL;
  gboolean is_profile = self->item != NULL && !self->shows_history;

  if (is_profile)
    g_object_get (self->item, "route", &route, NULL);
  if (self->shows_history)
    adw_window_title_set_title (self->title, _("History"));
  else
    adw_window_title_set_title (self->title, is_profile ? pgm_profile_item_get_title (self->item)
                                                        : _("PG Mirror"));
  adw_window_title_set_subtitle (self->title, is_profile ? route : "");
}

static void
update_actions (PgmWindow *self, gboolean is_form, gboolean is_running)
{
  static const char *const form_actions[] = { "win.check",    "win.mirror",       "win.rename",
                                              "win.swap",     "win.copy-command", "win.export",
                                              "win.duplicate" };
  gboolean can_delete = self->item != NULL && !self->shows_history && !is_running;

  for (gsize i = 0; i < G_N_ELEMENTS (form_actions); i++)
    gtk_widget_action_set_enabled (GTK_WIDGET (self), form_actions[i], is_form);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.delete", can_delete);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.sample",
                                 self->is_sample_offered && !self->is_sample_starting);
}

/* Where a run is started from: the form itself would offer its first field to be typed over. */
static GtkWidget *
get_start (PgmWindow *self)
{
  return gtk_widget_get_visible (self->narrow_bar) ? self->narrow_bar : self->check_button;
}

/* The one place that decides what is to be seen. */
void
pgm_window_update (PgmWindow *self)
{
  GtkWidget *run_page = self->item != NULL && !self->shows_history
                            ? pgm_window_find_run_page (self, self->item)
                            : NULL;
  gboolean is_running = self->item != NULL && pgm_window_is_running (self, self->item);
  gboolean is_folded = adw_leaflet_get_folded (self->leaflet);
  GtkWidget *old = gtk_stack_get_visible_child (self->stack);
  const char *page = choose_page (self);
  gboolean is_form = run_page == NULL && g_str_equal (page, "profile");

  if (run_page != NULL)
    gtk_stack_set_visible_child (self->stack, run_page);
  else
    gtk_stack_set_visible_child_name (self->stack, page);
  show_titles (self, page);
  update_actions (self, is_form, is_running);
  gtk_widget_set_visible (self->check_button, is_form && !is_folded);
  gtk_widget_set_visible (self->mirror_button, is_form && !is_folded);
  gtk_widget_set_visible (self->narrow_bar, is_form && is_folded);
  gtk_widget_set_visible (self->menu_button, is_form);
  gtk_widget_set_visible (self->back_button,
                          is_folded || self->shows_history || (run_page != NULL && !is_running));
  if (gtk_stack_get_visible_child (self->stack) != old)
    pgm_words_follow_focus (is_form ? get_start (self) : gtk_stack_get_visible_child (self->stack));
  pgm_welcome_page_set_sample (self->welcome_page, self->is_sample_offered,
                               self->is_sample_starting);
}

/* With what can be shown of the profile: another program may break its file, and mend it. */
static void
fill_page (PgmWindow *self)
{
  const char *fault = self->item != NULL ? pgm_profile_item_get_fault (self->item) : NULL;
  g_autofree char *markup = fault != NULL ? g_markup_escape_text (fault, -1) : NULL;
  gboolean is_form = self->item != NULL && pgm_profile_item_get_draft (self->item) != NULL;

  adw_status_page_set_description (self->broken_page, markup);
  pgm_profile_page_set_item (self->profile_page, is_form ? self->item : NULL);
}

/* @item: (nullable) */
static gboolean
set_item (PgmWindow *self, PgmProfileItem *item)
{
  PgmProfileItem *old = self->item;

  if (old == item)
    return FALSE;
  if (old != NULL)
    {
      g_signal_handlers_disconnect_by_func (old, fill_page, self);
      g_signal_handlers_disconnect_by_func (old, pgm_window_update, self);
    }
  g_set_object (&self->item, item);
  if (item != NULL)
    {
      g_signal_connect_object (item, "notify::fault", G_CALLBACK (fill_page), self,
                               G_CONNECT_SWAPPED);
      g_signal_connect_object (item, "notify", G_CALLBACK (pgm_window_update), self,
                               G_CONNECT_SWAPPED);
    }
  return TRUE;
}

static void
show_item (PgmWindow *self, PgmProfileItem *item)
{
  g_autofree char *name = NULL;

  self->shows_history = FALSE;
  if (set_item (self, item))
    {
      fill_page (self);
      name = item != NULL ? g_path_get_basename (pgm_profile_item_get_path (item)) : NULL;
      if (name != NULL)
        g_settings_set_string (pgm_settings_get (), "last-profile", name);
    }
  pgm_window_update (self);
}

/* @item: (nullable) */
void
pgm_window_select (PgmWindow *self, PgmProfileItem *item)
{
  GtkListBoxRow *row = item != NULL ? pgm_window_find_row (self, item) : NULL;

  gtk_list_box_select_row (self->profile_view, row);
  show_item (self, item);
  if (item != NULL)
    adw_leaflet_set_visible_child (self->leaflet, self->content);
}

static void
row_selected_cb (PgmWindow *self, GtkListBoxRow *row)
{
  if (row != NULL)
    show_item (self, pgm_profile_row_get_item (PGM_PROFILE_ROW (row)));
}

static void
row_activated_cb (PgmWindow *self, GtkListBoxRow *row)
{
  show_item (self, pgm_profile_row_get_item (PGM_PROFILE_ROW (row)));
  adw_leaflet_set_visible_child (self->leaflet, self->content);
}

static gboolean
pgm_window_close_request (GtkWindow *window)
{
  PgmWindow *self = PGM_WINDOW (window);
  gboolean is_refused = GTK_WINDOW_CLASS (pgm_window_parent_class)->close_request (window);

  if (is_refused)
    return TRUE;
  pgm_profile_page_save_now (self->profile_page);
  pgm_profile_list_save_now (self->profiles);
  pgm_window_end_sample (self);
  return FALSE;
}

static gboolean
age_cb (gpointer user_data)
{
  pgm_window_update_outcomes (user_data);
  return G_SOURCE_CONTINUE;
}

static void
pgm_window_dispose (GObject *object)
{
  PgmWindow *self = PGM_WINDOW (object);

  g_clear_handle_id (&self->age_id, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->chooser);
  if (self->profile_page != NULL)
    pgm_profile_page_set_item (self->profile_page, NULL);
  g_clear_object (&self->item);
  g_clear_object (&self->sample_item);
  g_clear_object (&self->sample);
  g_clear_object (&self->guard);
  if (self->profiles != NULL)
    g_signal_handlers_disconnect_by_data (self->profiles, self);
  gtk_widget_dispose_template (GTK_WIDGET (object), PGM_TYPE_WINDOW);
  g_clear_object (&self->profiles);
  g_clear_pointer (&self->run_pages, g_hash_table_unref);
  G_OBJECT_CLASS (pgm_window_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, PgmWindow, back_button);
  gtk_widget_class_bind_template_child (widget_class, PgmWindow, broken_page);
  gtk_widget_class_bind_template_child (widget_class, PgmWindow, check_button);
  gtk_widget_class_bind_template_child (widget_class, PgmWindow, content);
  gtk_widget_class_bind_template_child (widget_class, PgmWindow, content_header);
  gtk_widget_class_bind_template_child (widget_class, PgmWindow, history_page);
  gtk_widget_class_bind_template_child (widget_class, PgmWindow, leaflet);
  gtk_widget_class_bind_template_child (widget_class, PgmWindow, menu_button);
  gtk_widget_class_bind_template_child (widget_class, PgmWindow, mirror_button);
  gtk_widget_class_bind_template_child (widget_class, PgmWindow, narrow_bar);
  gtk_widget_class_bind_template_child (widget_class, PgmWindow, profile_page);
  gtk_widget_class_bind_template_child (widget_class, PgmWindow, profile_view);
  gtk_widget_class_bind_template_child (widget_class, PgmWindow, sidebar);
  gtk_widget_class_bind_template_child (widget_class, PgmWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, PgmWindow, title);
  gtk_widget_class_bind_template_child (widget_class, PgmWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, PgmWindow, welcome_page);
}

static void
pgm_window_class_init (PgmWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pgm_window_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = pgm_window_close_request;
  pgm_window_install_profile_actions (widget_class);
  pgm_window_install_run_actions (widget_class);
  g_type_ensure (PGM_TYPE_HISTORY_PAGE);
  g_type_ensure (PGM_TYPE_PROFILE_PAGE);
  g_type_ensure (PGM_TYPE_WELCOME_PAGE);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/pgmirror/PgMirror/pgm-window.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, pgm_window_toast);
  gtk_widget_class_bind_template_callback (widget_class, pgm_window_update);
  gtk_widget_class_bind_template_callback (widget_class, row_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, row_selected_cb);
}

static void
bind_settings (PgmWindow *self)
{
  GSettings *settings = pgm_settings_get ();

  g_settings_bind (settings, "window-width", self, "default-width", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "window-height", self, "default-height", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "window-maximized", self, "maximized", G_SETTINGS_BIND_DEFAULT);
}

static void
pgm_window_init (PgmWindow *self)
{
  g_autofree char *folder = pgm_profile_store_dup_folder ();

  self->cancellable = g_cancellable_new ();
  self->run_pages = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  self->profiles = pgm_profile_list_new (folder);
  gtk_widget_init_template (GTK_WIDGET (self));
  self->guard = pgm_run_guard_new (GTK_WINDOW (self));
  self->age_id = g_timeout_add_seconds (AGE_INTERVAL_S, age_cb, self);
  bind_settings (self);
  pgm_window_follow_profiles (self);
  pgm_window_probe (self);
  pgm_window_update_outcomes (self);
  pgm_window_update (self);
}

PgmWindow *
pgm_window_new (PgmApplication *application)
{
  return g_object_new (PGM_TYPE_WINDOW, "application", application, NULL);
}

/* @file: a profile of somewhere else */
void
pgm_window_import (PgmWindow *self, GFile *file)
{
  pgm_profile_list_import (self->profiles, file);
}
