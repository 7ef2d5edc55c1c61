/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "config.h"

#include "pgm-options-form.h"

#include <glib/gi18n-lib.h>

#include "pgm-complaint.h"
#include "pgm-fields.h"
#include "pgm-file-row.h"
#include "pgm-script-row.h"
#include "pgm-words.h"

/* "What to copy" stands for two keys of the file. */
typedef enum
{
  CONTENT_ALL,
  CONTENT_SCHEMA,
  CONTENT_DATA,
} Content;

struct _PgmOptionsForm
{
  AdwBin parent_instance;

  /* owned */
  PgmFields *fields;
  PgmProfileItem *item; /* (nullable) */

  gulong changed_id;
  gboolean is_refreshing;

  /* template children */
  GtkSwitch *analyze;
  AdwComboRow *compression;
  GtkSpinButton *connect_timeout;
  AdwComboRow *content;
  GtkSwitch *drop_existing;
  AdwComboRow *engine;
  GtkSwitch *keep_previous;
  GtkSpinButton *lock_wait_timeout;
  GtkWidget *more;
  GtkSwitch *no_acl;
  GtkSwitch *no_owner;
  AdwComboRow *on_error;
  GtkSpinButton *parallel_jobs;
  PgmScriptRow *post_sql;
  PgmScriptRow *pre_sql;
  AdwComboRow *replace;
  GtkSpinButton *stall_timeout;
  GtkWidget *stall_timeout_row;
  AdwActionRow *tables_row;
  PgmFileRow *temp_dir;
  AdwComboRow *verify;
};

enum
{
  CHOOSE_TABLES,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PgmOptionsForm, pgm_options_form, ADW_TYPE_BIN)

static const PgmChoice engines[] = {
  { "archive", N_("Through an archive file") },
    { "stream", N_("Straight from server to server") },
      { "auto", N_("Whichever suits") }, { NULL },
    };

static const PgmChoice verifies[] = {
  { "counts", N_("By counting") },
    { "full", N_("By content") },
      { "none", N_("Not at all") }, { NULL },
    };

static const PgmChoice replaces[] = {
  { "staged", N_("Staged") },
    { "in-place", N_("In place: drop first") }, { NULL },
  };

static const PgmChoice on_errors[] = {
  { "stop", N_("Stop") },
    { "report", N_("Report it and go on") }, { NULL },
  };

static const PgmChoice compressions[] = {
  { "", N_("Automatic") }, { "none", N_("None") },  { "lz4", N_("Fast (lz4)") },
  { "gzip:1", N_("Light (gzip)") }, { "zstd", N_("Strong (zstd)") }, { NULL },
};

static Content
get_content (PgmProfileDraft *draft)
{
  if (pgm_profile_draft_get_boolean (draft, "options.schema_only"))
    return CONTENT_SCHEMA;
  return pgm_profile_draft_get_boolean (draft, "options.data_only") ? CONTENT_DATA : CONTENT_ALL;
}

static guint
count (PgmProfileDraft *draft, const char *key)
{
  g_auto(GStrv) texts = pgm_profile_draft_dup_texts (draft, key);

  return g_strv_length (texts);
}

static char *
dup_filter_words (PgmProfileDraft *draft)
{
  guint n_in = count (draft, "options.schemas") + count (draft, "options.tables");
  guint n_out = count (draft, "options.exclude_schemas") + count (draft, "options.exclude_tables");
  guint n_empty = count (draft, "options.exclude_table_data");
  g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func (g_free);

  if (n_in > 0)
    g_ptr_array_add (words,
                     g_strdup_printf (ngettext ("only %u chosen", "only %u chosen", n_in), n_in));
  if (n_out > 0)
    g_ptr_array_add (words,
                     g_strdup_printf (ngettext ("%u left out", "%u left out", n_out), n_out));
  if (n_empty > 0)
    g_ptr_array_add (
        words, g_strdup_printf (ngettext ("%u without rows", "%u without rows", n_empty), n_empty));
  g_ptr_array_add (words, NULL);
  if (words->len == 1)
    return g_strdup (_("All of them"));
  return g_strjoinv (", ", (char **) words->pdata);
}

static void
refresh (PgmOptionsForm *self)
{
  PgmProfileDraft *draft = pgm_profile_item_get_draft (self->item);
  g_autofree char *words = dup_filter_words (draft);
  const char *fault = pgm_profile_draft_get_fault (draft, "options.data_only");

  self->is_refreshing = TRUE;
  adw_combo_row_set_selected (self->content, get_content (draft));
  adw_action_row_set_subtitle (self->tables_row, words);
  pgm_complaint_set (GTK_WIDGET (self->content),
                     fault == NULL ? NULL
                                   : _("A replaced database has no tables to put the rows in. "
                                       "Copy the structure, too, or do not replace."));
  self->is_refreshing = FALSE;
}

/* FALSE is the default of both keys, and what is not said cannot contradict. */
static void
set_flag (PgmOptionsForm *self, const char *key, gboolean value)
{
  if (value)
    pgm_profile_item_set_boolean (self->item, key, TRUE);
  else
    pgm_profile_item_set_text (self->item, key, NULL);
}

static void
content_chosen_cb (GObject *object, GParamSpec *pspec, PgmOptionsForm *self)
{
  guint content = adw_combo_row_get_selected (self->content);

  if (self->is_refreshing || self->item == NULL)
    return;
  self->is_refreshing = TRUE; /* in between neither or both are set */
  set_flag (self, "options.schema_only", content == CONTENT_SCHEMA);
  self->is_refreshing = TRUE;
  set_flag (self, "options.data_only", content == CONTENT_DATA);
  refresh (self);
}

static void
item_changed_cb (PgmProfileItem *item, PgmOptionsForm *self)
{
  if (pgm_profile_item_get_draft (item) != NULL && !self->is_refreshing)
    refresh (self);
}

/* @item: (nullable) */
void
pgm_options_form_set_item (PgmOptionsForm *self, PgmProfileItem *item)
{
  if (self->item != NULL)
    g_clear_signal_handler (&self->changed_id, self->item);
  g_set_object (&self->item, item);
  pgm_fields_set_item (self->fields, item);
  pgm_script_row_set_item (self->pre_sql, item);
  pgm_script_row_set_item (self->post_sql, item);
  if (item == NULL || pgm_profile_item_get_draft (item) == NULL)
    return;
  self->changed_id =
      g_signal_connect_object (item, "changed", G_CALLBACK (item_changed_cb), self, 0);
  refresh (self);
}

/* Returns: (transfer none) (nullable): the first row with a fault */
GtkWidget *
pgm_options_form_show_faults (PgmOptionsForm *self)
{
  return pgm_fields_show_faults (self->fields);
}

static void
tables_activated_cb (PgmOptionsForm *self)
{
  g_signal_emit (self, signals[CHOOSE_TABLES], 0);
}

static void
add_fields (PgmOptionsForm *self)
{
  const struct
  {
    const char *key;
    GtkSwitch *toggle;
  } toggles[] = {
    { "options.drop_existing", self->drop_existing },
    { "options.keep_previous", self->keep_previous },
    { "options.no_owner", self->no_owner },
    { "options.no_acl", self->no_acl },
    { "options.analyze", self->analyze },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (toggles); i++)
    pgm_fields_add_switch (self->fields, toggles[i].toggle, toggles[i].key);
  pgm_fields_add_number (self->fields, self->parallel_jobs, "options.parallel_jobs");
  pgm_fields_add_number (self->fields, self->lock_wait_timeout, "options.lock_wait_timeout");
  pgm_fields_add_number (self->fields, self->connect_timeout, "options.connect_timeout");
  pgm_fields_add_number (self->fields, self->stall_timeout, "options.stall_timeout");
  gtk_widget_set_visible (self->stall_timeout_row,
                          pgm_profile_draft_can_choose ("options.stall_timeout"));
  pgm_fields_add_choice (self->fields, self->engine, "options.engine", engines);
  pgm_fields_add_choice (self->fields, self->verify, "options.verify", verifies);
  pgm_fields_add_choice (self->fields, self->replace, "options.replace", replaces);
  pgm_fields_add_choice (self->fields, self->on_error, "options.on_error", on_errors);
  pgm_fields_add_choice (self->fields, self->compression, "options.compression", compressions);
  pgm_fields_add_entry (self->fields, ADW_ENTRY_ROW (self->temp_dir), "options.temp_dir", NULL,
                        NULL);
  pgm_script_row_bind (self->pre_sql, "options.pre_sql");
  pgm_script_row_bind (self->post_sql, "options.post_sql");
}

static void
add_contents (PgmOptionsForm *self)
{
  g_autoptr(GtkStringList) contents = gtk_string_list_new (NULL);

  gtk_string_list_append (contents, _("Structure and rows"));
  gtk_string_list_append (contents, _("Structure only"));
  gtk_string_list_append (contents, _("Rows only"));
  adw_combo_row_set_model (self->content, G_LIST_MODEL (contents));
  g_signal_connect (self->content, "notify::selected", G_CALLBACK (content_chosen_cb), self);
}

static void
pgm_options_form_dispose (GObject *object)
{
  PgmOptionsForm *self = PGM_OPTIONS_FORM (object);

  if (self->item != NULL)
    g_clear_signal_handler (&self->changed_id, self->item);
  g_clear_object (&self->fields);
  g_clear_object (&self->item);
  adw_bin_set_child (ADW_BIN (object), NULL); /* it would not see the template take it */
  gtk_widget_dispose_template (GTK_WIDGET (object), PGM_TYPE_OPTIONS_FORM);
  G_OBJECT_CLASS (pgm_options_form_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, PgmOptionsForm, analyze);
  gtk_widget_class_bind_template_child (widget_class, PgmOptionsForm, compression);
  gtk_widget_class_bind_template_child (widget_class, PgmOptionsForm, connect_timeout);
  gtk_widget_class_bind_template_child (widget_class, PgmOptionsForm, content);
  gtk_widget_class_bind_template_child (widget_class, PgmOptionsForm, drop_existing);
  gtk_widget_class_bind_template_child (widget_class, PgmOptionsForm, engine);
  gtk_widget_class_bind_template_child (widget_class, PgmOptionsForm, keep_previous);
  gtk_widget_class_bind_template_child (widget_class, PgmOptionsForm, lock_wait_timeout);
  gtk_widget_class_bind_template_child (widget_class, PgmOptionsForm, more);
  gtk_widget_class_bind_template_child (widget_class, PgmOptionsForm, no_acl);
  gtk_widget_class_bind_template_child (widget_class, PgmOptionsForm, no_owner);
  gtk_widget_class_bind_template_child (widget_class, PgmOptionsForm, on_error);
  gtk_widget_class_bind_template_child (widget_class, PgmOptionsForm, parallel_jobs);
  gtk_widget_class_bind_template_child (widget_class, PgmOptionsForm, post_sql);
  gtk_widget_class_bind_template_child (widget_class, PgmOptionsForm, pre_sql);
  gtk_widget_class_bind_template_child (widget_class, PgmOptionsForm, replace);
  gtk_widget_class_bind_template_child (widget_class, PgmOptionsForm, stall_timeout);
  gtk_widget_class_bind_template_child (widget_class, PgmOptionsForm, stall_timeout_row);
  gtk_widget_class_bind_template_child (widget_class, PgmOptionsForm, tables_row);
  gtk_widget_class_bind_template_child (widget_class, PgmOptionsForm, temp_dir);
  gtk_widget_class_bind_template_child (widget_class, PgmOptionsForm, verify);
}

static void
pgm_options_form_class_init (PgmOptionsFormClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pgm_options_form_dispose;
  signals[CHOOSE_TABLES] = g_signal_new ("choose-tables", PGM_TYPE_OPTIONS_FORM, G_SIGNAL_RUN_LAST,
                                         0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  g_type_ensure (PGM_TYPE_FILE_ROW);
  g_type_ensure (PGM_TYPE_SCRIPT_ROW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/pgmirror/PgMirror/pgm-options-form.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, tables_activated_cb);
}

static void
pgm_options_form_init (PgmOptionsForm *self)
{
  self->fields = pgm_fields_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  pgm_words_leave_room (GTK_WIDGET (self));
  add_contents (self);
  add_fields (self);
  pgm_words_drop_mnemonics (self->more);
}
