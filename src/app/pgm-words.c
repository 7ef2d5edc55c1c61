/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-words.h"

#include <adwaita.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "pgm-text.h"

/* Programs and files keep their names: "pg_restore failed", "dump.list: …". */
static gboolean
begins_with_name (const char *text)
{
  g_autofree char *word = g_strndup (text, strcspn (text, " "));
  gsize length = strlen (word);

  if (length > 0 && word[length - 1] == ':')
    word[length - 1] = '\0';
  return g_str_has_prefix (word, "psql") || strpbrk (word, "_./") != NULL;
}

/* Returns: (transfer full): the library's messages begin small and end without a full stop,
 * because programs put things around them; alone on a page they are sentences. */
char *
pgm_words_sentence (const char *message)
{
  g_autofree char *shown = pgm_text_escape (message);
  GString *out = g_string_new (NULL);

  if (shown[0] == '\0')
    return g_string_free (out, FALSE);
  if (begins_with_name (shown))
    g_string_append_unichar (out, g_utf8_get_char (shown));
  else
    g_string_append_unichar (out, g_unichar_totitle (g_utf8_get_char (shown)));
  g_string_append (out, g_utf8_next_char (shown));
  if (g_unichar_isalnum (g_utf8_get_char (g_utf8_prev_char (shown + strlen (shown)))) ||
      strchr (")\"'", shown[strlen (shown) - 1]) != NULL)
    g_string_append_c (out, '.');
  return g_string_free (out, FALSE);
}

/* Returns: (transfer full): with a capital letter */
char *
pgm_words_begin (const char *text)
{
  GString *out = g_string_new (NULL);

  if (text[0] == '\0')
    return g_string_free (out, FALSE);
  g_string_append_unichar (out, g_unichar_totitle (g_utf8_get_char (text)));
  g_string_append (out, g_utf8_next_char (text));
  return g_string_free (out, FALSE);
}

/* Returns: (transfer full): something to do, which may be or end with what is to be typed
 * elsewhere: "sudo apt install …", "GRANT …". No full stop to be copied with it. */
char *
pgm_words_hint (const char *hint)
{
  static const char *const commands[] = { "sudo ", "brew ", "winget " };
  g_autofree char *shown = pgm_text_escape (hint);
  gboolean is_command = begins_with_name (shown);

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    is_command = is_command || g_str_has_prefix (shown, commands[i]);
  return is_command ? g_steal_pointer (&shown) : pgm_words_begin (shown);
}

/* @time_us: real time
 *
 * Returns: (transfer full): the hour alone for today, otherwise with the date */
char *
pgm_words_moment (gint64 time_us)
{
  g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc (time_us / G_USEC_PER_SEC);
  g_autoptr(GDateTime) local = g_date_time_to_local (utc);
  g_autoptr(GDateTime) now = g_date_time_new_now_local ();

  if (g_date_time_get_year (local) == g_date_time_get_year (now) &&
      g_date_time_get_day_of_year (local) == g_date_time_get_day_of_year (now))
    return g_date_time_format (local, _("Today, %H:%M"));
  return g_date_time_format (local, _("%-d %b %Y, %H:%M"));
}

/* Whatever the direction of a name, the others stay where they are (Unicode TR 9, 2.4 and 2.6). */
#define LEFT_TO_RIGHT "\342\200\216"
#define ISOLATE "\342\201\250"
#define END_ISOLATE "\342\201\251"

static char *
isolate (const char *name)
{
  g_autofree char *shown = pgm_text_escape (name);

  return g_strconcat (ISOLATE, shown, END_ISOLATE, NULL);
}

/* The arrow does not turn with the text around it: the source is always on its left.
 *
 * Returns: (transfer full): "shop: a → b" */
char *
pgm_words_route (const char *database, const char *source, const char *target)
{
  g_autofree char *from = isolate (source);
  g_autofree char *to = isolate (target);
  g_autofree char *name = isolate (database);
  /* TRANSLATORS: a database, and the servers it is mirrored from and to */
  g_autofree char *route = g_strdup_printf (_("%s: %s → %s"), name, from, to);

  return g_strconcat (LEFT_TO_RIGHT, route, NULL);
}

/* Returns: (transfer full): "38.0 MB/s" */
char *
pgm_words_rate (double bytes_per_s)
{
  g_autofree char *size = pgm_text_format_size ((guint64) MAX (bytes_per_s, 0.0));

  /* TRANSLATORS: an amount of data in each second */
  return g_strdup_printf (_("%s/s"), size);
}

/* Returns: (transfer full): rounded so that it does not flicker */
char *
pgm_words_time_left (gint64 time_left_us)
{
  guint seconds = (guint) (time_left_us / G_USEC_PER_SEC);

  if (seconds < 5)
    return g_strdup (_("a few seconds left"));
  if (seconds < 60)
    return g_strdup_printf (_("about %u s left"), (seconds + 4) / 5 * 5);
  if (seconds < 3600)
    return g_strdup_printf (_("about %u min left"), (seconds + 59) / 60);
  return g_strdup_printf (_("about %u h %u min left"), seconds / 3600, seconds % 3600 / 60);
}

/* Returns: (transfer none): what becomes of a run of @profile that is stopped */
const char *
pgm_words_stopping (PgmProfile *profile)
{
  const PgmOptions *options = pgm_profile_get_options (profile);

  if (options->drop_existing && options->replace == PGM_REPLACE_IN_PLACE)
    return _("This profile drops the old database first. If that is done already, the old one is "
             "gone and the new one is not complete.");
  return _("Nothing of it is kept, and the target stays as it was.");
}

/* Returns: (transfer full): what a screen reader says of "Parallel _Jobs" */
char *
pgm_words_without_mnemonic (const char *label)
{
  GString *out = g_string_new (label);

  g_string_replace (out, "_", "", 1);
  return g_string_free (out, FALSE);
}

static void
drop_mnemonic (AdwPreferencesRow *row)
{
  g_autofree char *title = pgm_words_without_mnemonic (adw_preferences_row_get_title (row));

  adw_preferences_row_set_use_underline (row, FALSE);
  adw_preferences_row_set_title (row, title);
}

/* There are more rows than letters: those in @widget are reached with the Tab key. */
void
pgm_words_drop_mnemonics (GtkWidget *widget)
{
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      if (ADW_IS_PREFERENCES_ROW (child))
        drop_mnemonic (ADW_PREFERENCES_ROW (child));
      pgm_words_drop_mnemonics (child);
    }
}

/* In pixels: half of the narrowest window. */
#define VALUE_MAX_WIDTH 180
#define VALUE_PADDING 6

/* Returns: (transfer none) (nullable): what shows the chosen value of a choice */
static GtkWidget *
find_value (GtkWidget *widget)
{
  GtkWidget *value = GTK_IS_LIST_VIEW (widget) ? widget : NULL;

  if (GTK_IS_POPOVER (widget))
    return NULL;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && value == NULL;
       child = gtk_widget_get_next_sibling (child))
    value = find_value (child);
  return value;
}

static void
fit_value (AdwComboRow *row)
{
  GtkWidget *value = find_value (GTK_WIDGET (row));
  gpointer item = adw_combo_row_get_selected_item (row);
  const char *text = GTK_IS_STRING_OBJECT (item) ? gtk_string_object_get_string (item) : "";
  g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (row), text);
  int width = 0;

  pango_layout_get_pixel_size (layout, &width, NULL);
  if (value != NULL)
    gtk_widget_set_size_request (value, MIN (width + VALUE_PADDING, VALUE_MAX_WIDTH), -1);
}

/* A title can take a second line and a chosen value cannot: in a narrow window GTK 4.8 gives the
 * room to the titles, and of the value only "…" is left. For the choices in @widget. */
void
pgm_words_leave_room (GtkWidget *widget)
{
  if (ADW_IS_COMBO_ROW (widget))
    {
      g_signal_connect (widget, "notify::selected-item", G_CALLBACK (fit_value), NULL);
      fit_value (ADW_COMBO_ROW (widget));
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    pgm_words_leave_room (child);
}

static void
forbid_hyphens (GtkLabel *label)
{
  PangoAttrList *set = gtk_label_get_attributes (label);
  g_autoptr(PangoAttrList) attributes =
                 set != NULL ? pango_attr_list_copy (set) : pango_attr_list_new ();

  pango_attr_list_change (attributes, pango_attr_insert_hyphens_new (FALSE));
  gtk_label_set_attributes (label, attributes);
}

/* A name that takes two lines gets no hyphen between them: it would be read as a part of it. For
 * the labels that are in @widget by now. */
void
pgm_words_keep_names (GtkWidget *widget)
{
  if (GTK_IS_LABEL (widget))
    forbid_hyphens (GTK_LABEL (widget));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    pgm_words_keep_names (child);
}

void
pgm_words_label_accessible (GtkWidget *widget, const char *label)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
}

/* What had the focus is hidden or insensitive now: who goes by keyboard goes on in @shown. Nothing
 * is done where the focus is elsewhere. */
void
pgm_words_follow_focus (GtkWidget *shown)
{
  GtkRoot *root = gtk_widget_get_root (shown);
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  if (root == NULL || !gtk_widget_get_mapped (shown))
    return;
  if (focus == NULL || !gtk_widget_get_mapped (focus) || !gtk_widget_is_sensitive (focus))
    gtk_widget_child_focus (shown, GTK_DIR_TAB_FORWARD);
}

/* Shown by the next toast overlay around @widget; without one it is not shown. */
void
pgm_words_toast (GtkWidget *widget, const char *text)
{
  GtkWidget *overlay = gtk_widget_get_ancestor (widget, ADW_TYPE_TOAST_OVERLAY);
  g_autofree char *markup = NULL;
  AdwToast *toast = NULL;

  if (overlay == NULL)
    return;
  markup = g_markup_escape_text (text, -1);
  toast = adw_toast_new (markup);
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (overlay), toast);
}
