/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "config.h"

#include "pgm-fields.h"

#include <glib/gi18n-lib.h>

#include "pgm-complaint.h"
#include "pgm-conninfo.h"
#include "pgm-words.h"

typedef enum
{
  FIELD_ENTRY,
  FIELD_NUMBER,
  FIELD_SWITCH,
  FIELD_CHOICE,
} FieldKind;

/* One widget and its key. */
typedef struct
{
  PgmFields *fields; /* borrowed */
  FieldKind kind;
  GtkWidget *widget;   /* borrowed: the entry row, spin button, switch or combo row */
  const char *key;     /* static */
  const char *missing; /* (nullable) static: said when it is empty and must not be */
  const char *invalid; /* (nullable) static: said instead of the library's words */
  char **words;        /* owned, of a choice: in the order of its model */
  gboolean is_touched; /* an empty field is no fault before it was typed in */
} Field;

struct _PgmFields
{
  GObject parent_instance;

  GPtrArray *fields;    /* owned Field */
  PgmProfileItem *item; /* owned, nullable */
  gulong changed_id;
  Field *editing; /* borrowed (nullable): where the change comes from */
  gboolean is_refreshing;
};

enum
{
  PASTED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PgmFields, pgm_fields, G_TYPE_OBJECT)

static void
field_free (gpointer data)
{
  Field *field = data;

  g_strfreev (field->words);
  g_free (field);
}

/* Returns: (transfer none): the row that a switch or a spin button is in */
static GtkWidget *
get_row (const Field *field)
{
  return GTK_IS_LIST_BOX_ROW (field->widget)
             ? field->widget
             : gtk_widget_get_ancestor (field->widget, GTK_TYPE_LIST_BOX_ROW);
}

static gboolean
is_port (const Field *field)
{
  return g_str_has_suffix (field->key, ".port");
}

static char *
dup_shown (Field *field, PgmProfileDraft *draft)
{
  if (is_port (field) && !pgm_profile_draft_has (draft, field->key))
    return g_strdup_printf ("%" G_GINT64_FORMAT, pgm_profile_draft_get_integer (draft, field->key));
  return pgm_profile_draft_dup_text (draft, field->key);
}

static void
refresh_entry (Field *field, PgmProfileDraft *draft)
{
  g_autofree char *text = dup_shown (field, draft);

  if (g_strcmp0 (text, gtk_editable_get_text (GTK_EDITABLE (field->widget))) != 0)
    gtk_editable_set_text (GTK_EDITABLE (field->widget), text);
}

/* A value that is written by hand, "gzip:6", is a choice like the others from then on. */
static void
add_word (Field *field, const char *word)
{
  GListModel *labels = adw_combo_row_get_model (ADW_COMBO_ROW (field->widget));
  guint n = g_strv_length (field->words);

  gtk_string_list_append (GTK_STRING_LIST (labels), word);
  field->words = g_renew (char *, field->words, n + 2);
  field->words[n] = g_strdup (word);
  field->words[n + 1] = NULL;
  gtk_widget_set_visible (field->widget, TRUE);
  adw_combo_row_set_selected (ADW_COMBO_ROW (field->widget), n);
}

static void
refresh_choice (Field *field, PgmProfileDraft *draft)
{
  g_autofree char *word = pgm_profile_draft_dup_text (draft, field->key);

  for (guint i = 0; field->words[i] != NULL; i++)
    if (g_str_equal (field->words[i], word))
      {
        adw_combo_row_set_selected (ADW_COMBO_ROW (field->widget), i);
        return;
      }
  add_word (field, word);
}

static void
refresh_value (Field *field, PgmProfileDraft *draft)
{
  switch (field->kind)
    {
    case FIELD_ENTRY:
      refresh_entry (field, draft);
      break;
    case FIELD_NUMBER:
      gtk_spin_button_set_value (GTK_SPIN_BUTTON (field->widget),
                                 pgm_profile_draft_get_integer (draft, field->key));
      break;
    case FIELD_SWITCH:
      gtk_switch_set_active (GTK_SWITCH (field->widget),
                             pgm_profile_draft_get_boolean (draft, field->key));
      break;
    case FIELD_CHOICE:
      refresh_choice (field, draft);
      break;
    default:
      g_assert_not_reached ();
    }
}

/* Returns: (transfer none) (nullable): what to say under the field */
static const char *
get_complaint (Field *field, PgmProfileDraft *draft)
{
  const char *fault = pgm_profile_draft_get_fault (draft, field->key);
  gboolean is_empty =
      field->kind == FIELD_ENTRY && gtk_editable_get_text (GTK_EDITABLE (field->widget))[0] == '\0';

  if (fault == NULL)
    return NULL;
  if (is_empty && field->missing != NULL)
    return field->is_touched ? field->missing : NULL;
  return field->invalid != NULL ? field->invalid : fault;
}

static void
refresh (PgmFields *self)
{
  PgmProfileDraft *draft = self->item != NULL ? pgm_profile_item_get_draft (self->item) : NULL;

  if (draft == NULL)
    return;
  self->is_refreshing = TRUE;
  for (guint i = 0; i < self->fields->len; i++)
    {
      Field *field = g_ptr_array_index (self->fields, i);
      const char *complaint = NULL;
      g_autofree char *sentence = NULL;

      if (field != self->editing)
        refresh_value (field, draft);
      complaint = get_complaint (field, draft);
      sentence = complaint != NULL ? pgm_words_sentence (complaint) : NULL;
      pgm_complaint_set (get_row (field), sentence);
    }
  self->is_refreshing = FALSE;
}

static void
changed_cb (PgmProfileItem *item, PgmFields *self)
{
  refresh (self);
}

/* A number where the key takes one, so that the file has one, too. */
static void
set_number_or_text (PgmProfileItem *item, const char *key, const char *text)
{
  guint64 number = 0;

  if (g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT32, &number, NULL))
    pgm_profile_item_set_integer (item, key, (gint64) number);
  else
    pgm_profile_item_set_text (item, key, text[0] != '\0' ? text : NULL);
}

static void
apply (Field *field)
{
  PgmProfileItem *item = field->fields->item;
  const char *text = NULL;
  guint selected = 0;

  switch (field->kind)
    {
    case FIELD_ENTRY:
      text = gtk_editable_get_text (GTK_EDITABLE (field->widget));
      if (is_port (field))
        set_number_or_text (item, field->key, text);
      else
        pgm_profile_item_set_text (item, field->key, text[0] != '\0' ? text : NULL);
      break;
    case FIELD_NUMBER:
      pgm_profile_item_set_integer (
          item, field->key, gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (field->widget)));
      break;
    case FIELD_SWITCH:
      pgm_profile_item_set_boolean (item, field->key,
                                    gtk_switch_get_active (GTK_SWITCH (field->widget)));
      break;
    case FIELD_CHOICE:
      selected = adw_combo_row_get_selected (ADW_COMBO_ROW (field->widget));
      if (selected != GTK_INVALID_LIST_POSITION)
        pgm_profile_item_set_text (
            item, field->key, field->words[selected][0] != '\0' ? field->words[selected] : NULL);
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
edited (Field *field)
{
  PgmFields *self = field->fields;

  if (self->is_refreshing || self->item == NULL)
    return;
  field->is_touched = TRUE;
  self->editing = field;
  apply (field);
  refresh (self); /* also where nothing changed: the field is touched now */
  self->editing = NULL;
}

static void
widget_edited_cb (GObject *widget, GParamSpec *pspec, gpointer user_data)
{
  edited (user_data);
}

static void
insert_text_cb (GtkEditable *delegate, char *text, int length, int *position, Field *field)
{
  g_autofree char *inserted = length < 0 ? g_strdup (text) : g_strndup (text, length);

  /* What is typed comes one character at a time. */
  if (field->fields->is_refreshing || field->fields->item == NULL ||
      g_utf8_strlen (inserted, -1) < 2 || !pgm_conninfo_looks_like_one (inserted))
    return;
  g_signal_stop_emission_by_name (delegate, "insert-text");
  g_signal_emit (field->fields, signals[PASTED], 0, inserted);
}

static Field *
add (PgmFields *self, FieldKind kind, gpointer widget, const char *key, const char *property)
{
  Field *field = g_new0 (Field, 1);
  g_autofree char *detailed = g_strconcat ("notify::", property, NULL);

  *field = (Field){ .fields = self, .kind = kind, .widget = widget, .key = key };
  g_ptr_array_add (self->fields, field);
  g_signal_connect_data (widget, detailed, G_CALLBACK (widget_edited_cb), field, NULL, 0);
  return field;
}

/* @missing: (nullable): static; said when the field is empty and must not be
 * @invalid: (nullable): static; said of any other fault, instead of the library's words */
void
pgm_fields_add_entry (
    PgmFields *self, AdwEntryRow *row, const char *key, const char *missing, const char *invalid)
{
  Field *field = add (self, FIELD_ENTRY, row, key, "text");

  field->missing = missing;
  field->invalid = invalid;
  g_signal_connect (gtk_editable_get_delegate (GTK_EDITABLE (row)), "insert-text",
                    G_CALLBACK (insert_text_cb), field);
}

void
pgm_fields_add_number (PgmFields *self, GtkSpinButton *spin, const char *key)
{
  Field *field = add (self, FIELD_NUMBER, spin, key, "value");
  AdwPreferencesRow *row = ADW_PREFERENCES_ROW (get_row (field));
  g_autofree char *name = pgm_words_without_mnemonic (adw_preferences_row_get_title (row));

  pgm_words_label_accessible (GTK_WIDGET (spin), name);
  pgm_words_label_accessible (GTK_WIDGET (gtk_editable_get_delegate (GTK_EDITABLE (spin))), name);
}

void
pgm_fields_add_switch (PgmFields *self, GtkSwitch *toggle, const char *key)
{
  add (self, FIELD_SWITCH, toggle, key, "active");
}

/* @choices: ends with a NULL word; words that this version cannot honour are left out, and the
 * row is hidden when only one is left */
void
pgm_fields_add_choice (PgmFields *self, AdwComboRow *row, const char *key, const PgmChoice *choices)
{
  Field *field = NULL;
  g_auto(GStrv) known = pgm_profile_draft_dup_words (key);
  g_autoptr(GStrvBuilder) words = g_strv_builder_new ();
  g_autoptr(GtkStringList) labels = gtk_string_list_new (NULL);

  for (; choices->word != NULL; choices++)
    if (known[0] == NULL || g_strv_contains ((const char *const *) known, choices->word))
      {
        g_strv_builder_add (words, choices->word);
        gtk_string_list_append (labels, _(choices->label));
      }
  adw_combo_row_set_model (row, G_LIST_MODEL (labels));
  gtk_widget_set_visible (GTK_WIDGET (row), g_list_model_get_n_items (G_LIST_MODEL (labels)) > 1);
  field = add (self, FIELD_CHOICE, row, key, "selected");
  field->words = g_strv_builder_end (words);
}

/* @item: (nullable) */
void
pgm_fields_set_item (PgmFields *self, PgmProfileItem *item)
{
  if (self->item != NULL)
    g_clear_signal_handler (&self->changed_id, self->item);
  g_set_object (&self->item, item);
  for (guint i = 0; i < self->fields->len; i++)
    ((Field *) g_ptr_array_index (self->fields, i))->is_touched = FALSE;
  if (item != NULL)
    self->changed_id = g_signal_connect (item, "changed", G_CALLBACK (changed_cb), self);
  refresh (self);
}

/* Returns: (transfer none) (nullable) */
PgmProfileItem *
pgm_fields_get_item (PgmFields *self)
{
  return self->item;
}

/* Whether a widget changes because the profile did. */
gboolean
pgm_fields_is_refreshing (PgmFields *self)
{
  return self->is_refreshing;
}

/* Also says which fields are still empty.
 *
 * Returns: (transfer none) (nullable): the first row with a fault */
GtkWidget *
pgm_fields_show_faults (PgmFields *self)
{
  for (guint i = 0; i < self->fields->len; i++)
    ((Field *) g_ptr_array_index (self->fields, i))->is_touched = TRUE;
  refresh (self);
  for (guint i = 0; i < self->fields->len; i++)
    {
      GtkWidget *row = get_row (g_ptr_array_index (self->fields, i));

      if (pgm_complaint_get (row) != NULL)
        return row;
    }
  return NULL;
}

static void
pgm_fields_dispose (GObject *object)
{
  PgmFields *self = PGM_FIELDS (object);

  if (self->item != NULL)
    g_clear_signal_handler (&self->changed_id, self->item);
  g_clear_object (&self->item);
  G_OBJECT_CLASS (pgm_fields_parent_class)->dispose (object);
}

static void
pgm_fields_finalize (GObject *object)
{
  g_ptr_array_unref (PGM_FIELDS (object)->fields);
  G_OBJECT_CLASS (pgm_fields_parent_class)->finalize (object);
}

static void
pgm_fields_class_init (PgmFieldsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = pgm_fields_dispose;
  object_class->finalize = pgm_fields_finalize;
  signals[PASTED] = g_signal_new ("pasted", PGM_TYPE_FIELDS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
pgm_fields_init (PgmFields *self)
{
  self->fields = g_ptr_array_new_with_free_func (field_free);
}

PgmFields *
pgm_fields_new (void)
{
  return g_object_new (PGM_TYPE_FIELDS, NULL);
}
