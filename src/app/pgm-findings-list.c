/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-findings-list.h"

#include <glib/gi18n-lib.h>

#include "pgm-finding-item.h"
#include "pgm-words.h"

/* More rows than that nobody reads; the log and the report have them all. */
#define MAX_ROWS 200

struct _PgmFindingsList
{
  AdwBin parent_instance;

  GPtrArray *rows; /* owned; the rows themselves are the group's */

  /* template children */
  AdwPreferencesGroup *group;
};

G_DEFINE_FINAL_TYPE (PgmFindingsList, pgm_findings_list, ADW_TYPE_BIN)

static const struct
{
  const char *icon;
  const char *class;
  const char *name;
} looks[] = {
  [PGM_SEVERITY_NOTE] = {
      "dialog-information-symbolic", "accent", N_("Note") },
      [PGM_SEVERITY_WARNING] = { "dialog-warning-symbolic", "warning", N_("Warning") },
                                 [PGM_SEVERITY_BLOCKER] = { "dialog-error-symbolic", "error",
                                                            N_("Problem") },
                                 };

static void
pgm_findings_list_dispose (GObject *object)
{
  g_clear_pointer (&PGM_FINDINGS_LIST (object)->rows, g_ptr_array_unref);
  adw_bin_set_child (ADW_BIN (object), NULL); /* it would not see the template take it */
  gtk_widget_dispose_template (GTK_WIDGET (object), PGM_TYPE_FINDINGS_LIST);
  G_OBJECT_CLASS (pgm_findings_list_parent_class)->dispose (object);
}

static void
pgm_findings_list_class_init (PgmFindingsListClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pgm_findings_list_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/pgmirror/PgMirror/pgm-findings-list.ui");
  gtk_widget_class_bind_template_child (widget_class, PgmFindingsList, group);
}

static void
pgm_findings_list_init (PgmFindingsList *self)
{
  self->rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

/* @title: in the user's language */
GtkWidget *
pgm_findings_list_new (const char *title)
{
  PgmFindingsList *self = g_object_new (PGM_TYPE_FINDINGS_LIST, NULL);

  adw_preferences_group_set_title (self->group, title);
  return GTK_WIDGET (self);
}

static void
add_row (PgmFindingsList *self, GtkWidget *row)
{
  adw_preferences_group_add (self->group, row);
  g_ptr_array_add (self->rows, row);
}

static GtkWidget *
new_row (const PgmFinding *finding)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *icon = gtk_image_new_from_icon_name (looks[finding->severity].icon);
  g_autofree char *title = pgm_words_sentence (finding->message);
  g_autofree char *hint = finding->hint != NULL ? pgm_words_hint (finding->hint) : NULL;

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_preferences_row_set_title_selectable (ADW_PREFERENCES_ROW (row), TRUE);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), hint != NULL ? hint : "");
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 0);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  gtk_widget_add_css_class (icon, looks[finding->severity].class);
  pgm_words_label_accessible (icon, _(looks[finding->severity].name));
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), icon);
  pgm_words_keep_names (row);
  return row;
}

static GtkWidget *
new_rest_row (guint n)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *title =
      g_strdup_printf (ngettext ("%u more is in the log", "%u more are in the log", n), n);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  return row;
}

/* @findings: (nullable): PgmFinding */
void
pgm_findings_list_set_findings (PgmFindingsList *self, GPtrArray *findings)
{
  g_autoptr(GListModel) items = findings != NULL ? pgm_finding_item_list (findings) : NULL;
  guint n = items != NULL ? g_list_model_get_n_items (items) : 0;

  g_return_if_fail (PGM_IS_FINDINGS_LIST (self));

  for (guint i = 0; i < self->rows->len; i++)
    adw_preferences_group_remove (self->group, self->rows->pdata[i]);
  g_ptr_array_set_size (self->rows, 0);
  for (guint i = 0; i < MIN (n, MAX_ROWS); i++)
    {
      g_autoptr(PgmFindingItem) item = g_list_model_get_item (items, i);

      add_row (self, new_row (pgm_finding_item_get (item)));
    }
  if (n > MAX_ROWS)
    add_row (self, new_rest_row (n - MAX_ROWS));
  gtk_widget_set_visible (GTK_WIDGET (self), n > 0);
}
