/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-gui-stage.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>

#include "pgm-log-row.h"

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define IS_SANITIZED
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define IS_SANITIZED
#endif

#define GAP_TICK_MS 2

static gint64 gap_last_us;
static gint64 gap_last_wait_us;
static gint64 gap_worst_us;
static guint gap_id;

static void
remove_folder (const char *path)
{
  g_autoptr(GDir) dir = g_dir_open (path, 0, NULL);
  const char *name = NULL;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_DIR))
        remove_folder (child);
      else
        g_unlink (child);
    }
  g_rmdir (path);
}

static int
run_tests (void (*add_tests) (void))
{
  g_autofree char *state = g_dir_make_tmp ("pgm-gui-XXXXXX", NULL);
  int status = 0;

  g_setenv ("XDG_STATE_HOME", state, TRUE); /* GTest's own isolation would hide themes and icons */
  add_tests ();
  status = g_test_run ();
  remove_folder (state);
  return status;
}

/* Returns: the status for the program: 77 is meson's word for skipped */
int
pgm_gui_stage_run_tests (int argc, char **argv, void (*add_tests) (void))
{
  g_test_init (&argc, &argv, NULL);
  if (!gtk_init_check ())
    {
      g_printerr ("no display\n");
      return 77;
    }
  adw_init ();
  if (g_getenv ("PGM_SHOT_DPI") != NULL)
    g_object_set (gtk_settings_get_default (), "gtk-xft-dpi",
                  atoi (g_getenv ("PGM_SHOT_DPI")) * 1024, NULL);
  if (g_getenv ("PGM_SHOT_RTL") != NULL)
    gtk_widget_set_default_direction (GTK_TEXT_DIR_RTL);
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
  return run_tests (add_tests);
}

/* @widget: (transfer floating)
 *
 * Returns: (transfer none): shown; ends with gtk_window_destroy() */
GtkWindow *
pgm_gui_stage_new (GtkWidget *widget, int width, int height)
{
  GtkWidget *window = adw_window_new ();
  GtkWidget *toasts = adw_toast_overlay_new ();

  adw_toast_overlay_set_child (ADW_TOAST_OVERLAY (toasts), widget);
  adw_window_set_content (ADW_WINDOW (window), toasts);
  if (g_getenv ("PGM_SHOT_WIDTH") != NULL)
    width = atoi (g_getenv ("PGM_SHOT_WIDTH"));
  gtk_window_set_default_size (GTK_WINDOW (window), width, height);
  gtk_window_present (GTK_WINDOW (window));
  pgm_gui_settle (100);
  return GTK_WINDOW (window);
}

static char *
dup_label (GtkWidget *widget)
{
  if (ADW_IS_PREFERENCES_ROW (widget))
    return g_strdup (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (widget)));
  if (GTK_IS_BUTTON (widget))
    return g_strdup (gtk_button_get_label (GTK_BUTTON (widget)));
  if (PGM_IS_LOG_ROW (widget))
    return g_strdup (pgm_log_row_get_text (PGM_LOG_ROW (widget)));
  if (GTK_IS_LABEL (widget))
    return g_strdup (gtk_label_get_label (GTK_LABEL (widget)));
  return NULL;
}

/* @label: (nullable): title of a row, label of a button, text of a label
 *
 * Returns: (transfer none) (nullable): the first that can be seen */
GtkWidget *
pgm_gui_find (GtkWidget *root, GType type, const char *label)
{
  g_autofree char *own = dup_label (root);

  if (!gtk_widget_get_visible (root))
    return NULL;
  if (g_type_is_a (G_OBJECT_TYPE (root), type) && (label == NULL || g_strcmp0 (own, label) == 0))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = pgm_gui_find (child, type, label);

      if (found != NULL)
        return found;
    }
  return NULL;
}

/* Returns: (transfer none) (nullable): a window of the program that is shown */
GtkWindow *
pgm_gui_find_window (GType type)
{
  g_autoptr(GList) windows = gtk_window_list_toplevels ();

  for (GList *item = windows; item != NULL; item = item->next)
    if (g_type_is_a (G_OBJECT_TYPE (item->data), type) && gtk_widget_get_mapped (item->data))
      return item->data;
  return NULL;
}

static void
settled_cb (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
}

/* Turns the main loop for a while, and then until there is nothing to do for the moment: a slow
 * machine may have no more than begun by then. */
void
pgm_gui_settle (guint ms)
{
  gboolean is_over = FALSE;
  gint64 until_us = 0;

  g_timeout_add_once (g_getenv ("PGM_TEST_SLOW") != NULL ? 4 * ms : ms, settled_cb, &is_over);
  while (!is_over)
    g_main_context_iteration (NULL, TRUE);
  until_us = g_get_monotonic_time () + 10 * ms * 1000;
  while (g_get_monotonic_time () < until_us && g_main_context_iteration (NULL, FALSE))
    ;
}

/* Saves a picture into the folder that PGM_SHOTS names; without it, nothing. */
void
pgm_gui_shot (GtkWidget *window, const char *name)
{
  const char *folder = g_getenv ("PGM_SHOTS");
  g_autofree char *file = g_strconcat (name, ".png", NULL);
  g_autofree char *path = folder != NULL ? g_build_filename (folder, file, NULL) : NULL;
  g_autoptr(GdkPaintable) paintable = gtk_widget_paintable_new (window);
  g_autoptr(GskRenderNode) node = NULL;
  g_autoptr(GdkTexture) texture = NULL;
  GtkSnapshot *snapshot = NULL;

  if (path == NULL)
    return;
  pgm_gui_settle (300);
  snapshot = gtk_snapshot_new ();
  gdk_paintable_snapshot (paintable, GDK_SNAPSHOT (snapshot), gtk_widget_get_width (window),
                          gtk_widget_get_height (window));
  node = gtk_snapshot_free_to_node (snapshot);
  texture = gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (window)), node, NULL);
  gdk_texture_save_to_png (texture, path);
}

/* The second number of Linux's schedstat: nanoseconds for which the thread could have run. */
static gint64
get_wait_us (void)
{
  g_autofree char *text = NULL;
  guint64 run = 0;
  guint64 wait = 0;

  if (!g_file_get_contents ("/proc/thread-self/schedstat", &text, NULL, NULL) ||
      sscanf (text, "%" G_GINT64_MODIFIER "u %" G_GINT64_MODIFIER "u", &run, &wait) != 2)
    return 0;
  return (gint64) (wait / 1000);
}

static gboolean
gap_cb (gpointer user_data)
{
  gint64 now_us = g_get_monotonic_time ();
  gint64 wait_us = get_wait_us ();
  gint64 gap_us = now_us - gap_last_us - (wait_us - gap_last_wait_us) - GAP_TICK_MS * 1000;

  gap_worst_us = MAX (gap_worst_us, gap_us);
  gap_last_us = now_us;
  gap_last_wait_us = wait_us;
  return G_SOURCE_CONTINUE;
}

/* Returns: what is too long for the main loop: longest were 18 ms, of a machine that is no slow
 * one. A sanitizer makes everything several times slower, and valgrind, for which build-aux/test
 * sets PGM_TEST_SLOW, so much that no limit says anything.
 */
double
pgm_gui_gap_get_limit (void)
{
  if (g_getenv ("PGM_TEST_SLOW") != NULL)
    return G_MAXDOUBLE;
#ifdef IS_SANITIZED
  return 800;
#else
  return 200;
#endif
}

/* Returns: how many times a limit of pgm_gui_wait_until() is meant */
int
pgm_gui_get_patience (void)
{
  return g_getenv ("PGM_TEST_SLOW") != NULL ? 20 : 4;
}

void
pgm_gui_gap_begin (void)
{
  gap_worst_us = 0;
  gap_last_us = g_get_monotonic_time ();
  gap_last_wait_us = get_wait_us ();
  gap_id = g_timeout_add_full (G_PRIORITY_HIGH, GAP_TICK_MS, gap_cb, NULL, NULL);
}

double
pgm_gui_gap_end (void)
{
  g_clear_handle_id (&gap_id, g_source_remove);
  return gap_worst_us / 1000.0;
}
