/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "config.h"

#include "pgm-complaint.h"

#define DATA_KEY "pgm-complaint"

/* Returns: (transfer none): a row of its own below @row, which the list box of @row owns */
static GtkLabel *
insert_label (GtkWidget *row)
{
  GtkWidget *box = gtk_widget_get_ancestor (row, GTK_TYPE_LIST_BOX);
  GtkWidget *label = gtk_label_new (NULL);
  GtkWidget *below = adw_preferences_row_new (); /* a preferences group takes no other */

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "error");
  gtk_widget_add_css_class (label, "caption");
  gtk_widget_add_css_class (below, "complaint");
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (below), FALSE);
  gtk_list_box_row_set_selectable (GTK_LIST_BOX_ROW (below), FALSE);
  gtk_widget_set_focusable (below, FALSE);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (below), label);
  gtk_list_box_insert (GTK_LIST_BOX (box), below,
                       gtk_list_box_row_get_index (GTK_LIST_BOX_ROW (row)) + 1);
  g_object_set_data (G_OBJECT (row), DATA_KEY, label);
  return GTK_LABEL (label);
}

/* The widget that has the focus, and so what a screen reader speaks of. */
static GtkAccessible *
get_accessible (GtkWidget *row)
{
  GtkEditable *delegate = NULL;

  if (GTK_IS_EDITABLE (row))
    delegate = gtk_editable_get_delegate (GTK_EDITABLE (row));
  return GTK_ACCESSIBLE (delegate != NULL ? (GtkWidget *) delegate : row);
}

/* @row: in a list box
 * @text: (nullable): NULL when all is well */
void
pgm_complaint_set (GtkWidget *row, const char *text)
{
  GtkLabel *label = g_object_get_data (G_OBJECT (row), DATA_KEY);

  if (g_strcmp0 (pgm_complaint_get (row), text) == 0)
    return;
  if (label == NULL)
    label = insert_label (row);
  gtk_label_set_text (label, text != NULL ? text : "");
  gtk_widget_set_visible (gtk_widget_get_ancestor (GTK_WIDGET (label), GTK_TYPE_LIST_BOX_ROW),
                          text != NULL);
  if (text == NULL)
    {
      gtk_widget_remove_css_class (row, "error");
      gtk_accessible_reset_state (get_accessible (row), GTK_ACCESSIBLE_STATE_INVALID);
      gtk_accessible_reset_property (get_accessible (row), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION);
      return;
    }
  gtk_widget_add_css_class (row, "error");
  gtk_accessible_update_state (get_accessible (row), GTK_ACCESSIBLE_STATE_INVALID,
                               GTK_ACCESSIBLE_INVALID_TRUE, -1);
  gtk_accessible_update_property (get_accessible (row), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text,
                                  -1);
}

/* Returns: (transfer none) (nullable) */
const char *
pgm_complaint_get (GtkWidget *row)
{
  GtkLabel *label = g_object_get_data (G_OBJECT (row), DATA_KEY);
  const char *text = label != NULL ? gtk_label_get_text (label) : "";

  return text[0] != '\0' ? text : NULL;
}
