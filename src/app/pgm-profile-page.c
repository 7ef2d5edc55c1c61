/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "config.h"

#include "pgm-profile-page.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "pgm-endpoint-form.h"
#include "pgm-fields.h"
#include "pgm-options-form.h"
#include "pgm-pair-layout.h"
#include "pgm-table-chooser.h"

struct _PgmProfilePage
{
  AdwBin parent_instance;

  /* owned */
  PgmFields *fields;
  PgmProfileItem *item; /* (nullable) */

  /* template children */
  AdwEntryRow *name;
  PgmOptionsForm *options;
  GtkScrolledWindow *scroller;
  PgmEndpointForm *source;
  PgmEndpointForm *target;
};

enum
{
  TOAST,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PgmProfilePage, pgm_profile_page, ADW_TYPE_BIN)

/* @item: (nullable): one that can be read */
void
pgm_profile_page_set_item (PgmProfilePage *self, PgmProfileItem *item)
{
  if (!g_set_object (&self->item, item))
    return;
  pgm_fields_set_item (self->fields, item);
  pgm_endpoint_form_set_item (self->source, item);
  pgm_endpoint_form_set_item (self->target, item);
  pgm_options_form_set_item (self->options, item);
  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (self->scroller), 0);
}

void
pgm_profile_page_edit_name (PgmProfilePage *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->name));
  gtk_editable_select_region (GTK_EDITABLE (self->name), 0, -1);
}

/* A row may be behind an expander that is closed. */
static void
go_to (GtkWidget *row)
{
  GtkWidget *expander =
      gtk_widget_get_ancestor (gtk_widget_get_parent (row), ADW_TYPE_EXPANDER_ROW);

  if (expander != NULL)
    adw_expander_row_set_expanded (ADW_EXPANDER_ROW (expander), TRUE);
  gtk_widget_grab_focus (row);
}

/* Says what is wrong, also with fields that were left empty, and goes to the first.
 *
 * Returns: (transfer full) (nullable): what to tell the user; NULL when nothing is wrong */
char *
pgm_profile_page_show_faults (PgmProfilePage *self)
{
  GtkWidget *rows[] = {
    pgm_fields_show_faults (self->fields),
    pgm_endpoint_form_show_faults (self->source),
    pgm_endpoint_form_show_faults (self->target),
    pgm_options_form_show_faults (self->options),
  };
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmProfile) profile =
                 pgm_profile_draft_build (pgm_profile_item_get_draft (self->item), &error);

  if (profile != NULL)
    return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i] != NULL)
      {
        go_to (rows[i]);
        return g_strdup (_("Fill in the marked fields first"));
      }
  return g_strndup (error->message, strcspn (error->message, "\n"));
}

void
pgm_profile_page_save_now (PgmProfilePage *self)
{
  pgm_endpoint_form_save_now (self->source);
  pgm_endpoint_form_save_now (self->target);
}

static void
toast_cb (PgmProfilePage *self, const char *text)
{
  g_signal_emit (self, signals[TOAST], 0, text);
}

static void
choose_tables_cb (PgmProfilePage *self)
{
  g_autoptr(PgmSecret) secret = pgm_endpoint_form_dup_secret (self->source);

  pgm_table_chooser_show (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), self->item, secret);
}

static void
pgm_profile_page_dispose (GObject *object)
{
  PgmProfilePage *self = PGM_PROFILE_PAGE (object);

  g_clear_object (&self->fields);
  g_clear_object (&self->item);
  adw_bin_set_child (ADW_BIN (object), NULL); /* it would not see the template take it */
  gtk_widget_dispose_template (GTK_WIDGET (object), PGM_TYPE_PROFILE_PAGE);
  G_OBJECT_CLASS (pgm_profile_page_parent_class)->dispose (object);
}

static void
pgm_profile_page_class_init (PgmProfilePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pgm_profile_page_dispose;
  signals[TOAST] = g_signal_new ("toast", PGM_TYPE_PROFILE_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  g_type_ensure (PGM_TYPE_ENDPOINT_FORM);
  g_type_ensure (PGM_TYPE_OPTIONS_FORM);
  g_type_ensure (PGM_TYPE_PAIR_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/pgmirror/PgMirror/pgm-profile-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PgmProfilePage, name);
  gtk_widget_class_bind_template_child (widget_class, PgmProfilePage, options);
  gtk_widget_class_bind_template_child (widget_class, PgmProfilePage, scroller);
  gtk_widget_class_bind_template_child (widget_class, PgmProfilePage, source);
  gtk_widget_class_bind_template_child (widget_class, PgmProfilePage, target);
  gtk_widget_class_bind_template_callback (widget_class, choose_tables_cb);
  gtk_widget_class_bind_template_callback (widget_class, toast_cb);
}

static void
pgm_profile_page_init (PgmProfilePage *self)
{
  self->fields = pgm_fields_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  pgm_fields_add_entry (self->fields, self->name, "name", NULL, NULL);
}
