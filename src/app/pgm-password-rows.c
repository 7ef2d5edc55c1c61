/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "config.h"

#include "pgm-password-rows.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "pgm-complaint.h"
#include "pgm-keyring.h"
#include "pgm-words.h"

#define STORE_DELAY_MS 700
#define LOOK_UP_DELAY_MS 400 /* not for each letter of a host's name */

typedef enum
{
  PLACE_KEYRING,
  PLACE_PROFILE,
  PLACE_PROMPT,
  PLACE_PGPASS,
  PLACE_VARIABLE,
  PLACE_FILE,
} Place;

static const struct
{
  const char *prefix; /* of password_from; NULL: the key "password" is used */
  const char *label;
} places[] = {
  [PLACE_KEYRING] = {
      "keyring", N_("In the keyring") },
      [PLACE_PROFILE] = {
          NULL, N_("In the profile’s file") },
          [PLACE_PROMPT] = {
              "prompt", N_("Ask each time") },
              [PLACE_PGPASS] = {
                  "pgpass", N_("In PostgreSQL’s password file") },
                  [PLACE_VARIABLE] = { "env:", N_("In an environment variable") },
                                       [PLACE_FILE] = { "file:", N_("In a file of its own") },
                                       };

struct _PgmPasswordRows
{
  GObject parent_instance;

  /* owned */
  PgmProfileItem *item;      /* (nullable) */
  PgmEndpoint *asked;        /* (nullable): whose password the keyring was asked for */
  GCancellable *cancellable; /* (nullable): of the look-up */

  /* borrowed */
  AdwComboRow *place;
  AdwEntryRow *password;
  AdwEntryRow *reference;

  PgmSide side;
  gulong changed_id;
  gulong rejected_id;
  guint store_id;
  guint look_up_id;
  gboolean is_refreshing;
  gboolean is_moving;
  gboolean is_asked;    /* the user wants to run: what is empty is a fault now */
  gboolean is_typed;    /* by the user; not yet in the keyring */
  gboolean is_kept;     /* what is shown is what the profile's memory has */
  gboolean is_rejected; /* what is shown was refused by the server */
};

G_DEFINE_FINAL_TYPE (PgmPasswordRows, pgm_password_rows, G_TYPE_OBJECT)

static char *
dup_key (PgmPasswordRows *self, const char *name)
{
  return g_strdup_printf ("%s.%s", self->side == PGM_SIDE_SOURCE ? "source" : "target", name);
}

static char *
dup_value (PgmPasswordRows *self, const char *name)
{
  g_autofree char *key = dup_key (self, name);

  return pgm_profile_draft_dup_text (pgm_profile_item_get_draft (self->item), key);
}

/* @value: (nullable) */
static void
set_value (PgmPasswordRows *self, const char *name, const char *value)
{
  g_autofree char *key = dup_key (self, name);

  pgm_profile_item_set_text (self->item, key, value);
}

static Place
get_place (PgmPasswordRows *self)
{
  g_autofree char *from = dup_value (self, "password_from");

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    if (places[i].prefix != NULL && g_str_has_prefix (from, places[i].prefix))
      return i;
  return PLACE_PROFILE;
}

static void
set_password_text (PgmPasswordRows *self, const char *text)
{
  gboolean was_refreshing = self->is_refreshing;

  self->is_refreshing = TRUE;
  if (g_strcmp0 (gtk_editable_get_text (GTK_EDITABLE (self->password)), text) != 0)
    gtk_editable_set_text (GTK_EDITABLE (self->password), text);
  self->is_refreshing = was_refreshing;
}

static gboolean
is_same_login (const PgmEndpoint *a, const PgmEndpoint *b)
{
  return a != NULL && b != NULL && g_str_equal (a->host, b->host) && a->port == b->port &&
         g_str_equal (a->user, b->user);
}

/* @error: (nullable): what the keyring said */
static void
complain (PgmPasswordRows *self, const GError *error)
{
  g_autofree char *sentence = error != NULL ? pgm_words_sentence (error->message) : NULL;

  pgm_complaint_set (GTK_WIDGET (self->password), sentence);
}

/* One look-up: the next one may begin before it ends. */
typedef struct
{
  PgmPasswordRows *rows;     /* owned */
  GCancellable *cancellable; /* owned */
} LookUp;

static void
look_up_free (LookUp *look_up)
{
  g_object_unref (look_up->rows);
  g_object_unref (look_up->cancellable);
  g_free (look_up);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LookUp, look_up_free)

static void
found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(LookUp) done = user_data;
  PgmPasswordRows *self = done->rows;
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmSecret) secret = pgm_keyring_lookup_finish (result, &error);

  if (done->cancellable != self->cancellable || self->is_typed || self->password == NULL ||
      self->item == NULL)
    return;
  set_password_text (self, secret != NULL ? pgm_secret_reveal (secret) : "");
  if (!pgm_profile_item_is_new (self->item)) /* there it is still to be typed */
    complain (self, error);
}

static void
look_up (PgmPasswordRows *self)
{
  g_autoptr(PgmEndpoint) endpoint = pgm_profile_draft_dup_endpoint (
      pgm_profile_item_get_draft (self->item), self->side);
  LookUp *next = NULL;

  if (endpoint == NULL || self->is_typed || is_same_login (endpoint, self->asked))
    return;
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  g_clear_pointer (&self->asked, pgm_endpoint_unref);
  self->asked = g_steal_pointer (&endpoint);
  next = g_new (LookUp, 1);
  *next = (LookUp){ g_object_ref (self), g_object_ref (self->cancellable) };
  pgm_keyring_lookup_async (self->asked, self->cancellable, found_cb, next);
}

static gboolean
look_up_timeout_cb (gpointer user_data)
{
  PgmPasswordRows *self = user_data;

  self->look_up_id = 0;
  if (get_place (self) == PLACE_KEYRING)
    look_up (self);
  return G_SOURCE_REMOVE;
}

static void
schedule_look_up (PgmPasswordRows *self)
{
  g_clear_handle_id (&self->look_up_id, g_source_remove);
  self->look_up_id = g_timeout_add (LOOK_UP_DELAY_MS, look_up_timeout_cb, self);
}

static void
stored_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(PgmPasswordRows) self = user_data;
  g_autoptr(GError) error = NULL;
  GApplication *application = g_application_get_default ();

  pgm_keyring_store_finish (result, &error);
  if (self->password != NULL)
    complain (self, error);
  if (application != NULL)
    g_application_release (application);
}

/* The program does not end before the keyring has answered. */
static void
store (PgmPasswordRows *self)
{
  g_autoptr(PgmEndpoint) endpoint = pgm_profile_draft_dup_endpoint (
      pgm_profile_item_get_draft (self->item), self->side);
  g_autoptr(PgmSecret) secret = NULL;
  GApplication *application = g_application_get_default ();

  if (endpoint == NULL)
    return; /* the host or the user is still missing: tried again when that changes */
  secret = pgm_secret_new (gtk_editable_get_text (GTK_EDITABLE (self->password)));
  self->is_typed = FALSE;
  g_clear_pointer (&self->asked, pgm_endpoint_unref);
  self->asked = pgm_endpoint_ref (endpoint);
  if (application != NULL)
    g_application_hold (application);
  pgm_keyring_store_async (endpoint, secret, NULL, stored_cb, g_object_ref (self));
}

static gboolean
store_timeout_cb (gpointer user_data)
{
  PgmPasswordRows *self = user_data;

  self->store_id = 0;
  pgm_password_rows_save_now (self);
  return G_SOURCE_REMOVE;
}

static void
schedule_store (PgmPasswordRows *self)
{
  g_clear_handle_id (&self->store_id, g_source_remove);
  self->store_id = g_timeout_add (STORE_DELAY_MS, store_timeout_cb, self);
}

/* What is asked for each time is asked for once while the window is open. */
static void
keep (PgmPasswordRows *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->password));
  g_autoptr(PgmEndpoint) endpoint = pgm_profile_draft_dup_endpoint (
      pgm_profile_item_get_draft (self->item), self->side);
  g_autoptr(PgmSecret) secret = text[0] != '\0' ? pgm_secret_new (text) : NULL;

  if (endpoint == NULL || self->is_rejected)
    return;
  pgm_password_memory_keep (pgm_profile_item_get_passwords (self->item), endpoint, secret);
  self->is_kept = secret != NULL;
}

/* Returns: (transfer full) (nullable) */
static PgmSecret *
dup_kept (PgmPasswordRows *self)
{
  g_autoptr(PgmEndpoint) endpoint = pgm_profile_draft_dup_endpoint (
      pgm_profile_item_get_draft (self->item), self->side);

  if (endpoint == NULL)
    return NULL;
  return pgm_password_memory_dup (pgm_profile_item_get_passwords (self->item), endpoint);
}

static void
show_kept (PgmPasswordRows *self)
{
  g_autoptr(PgmSecret) secret = dup_kept (self);

  if (secret != NULL)
    set_password_text (self, pgm_secret_reveal (secret));
  else if (self->is_kept) /* it was another login's */
    set_password_text (self, "");
  self->is_kept = secret != NULL;
  self->is_rejected = self->is_rejected && secret == NULL;
}

static void
rejected_cb (PgmPasswordMemory *memory, int side, PgmPasswordRows *self)
{
  if (side != (int) self->side)
    return;
  self->is_kept = FALSE;
  self->is_rejected = TRUE;
}

/* Puts into the keyring what waits to be put there, and into the memory what is to be there. */
void
pgm_password_rows_save_now (PgmPasswordRows *self)
{
  g_clear_handle_id (&self->store_id, g_source_remove);
  if (self->item == NULL || pgm_profile_item_get_draft (self->item) == NULL)
    return;
  if (self->is_typed && get_place (self) == PLACE_KEYRING)
    store (self);
  else if (!self->is_kept && get_place (self) == PLACE_PROMPT &&
           gtk_editable_get_text (GTK_EDITABLE (self->password))[0] != '\0')
    keep (self);
}

static void
set_title (AdwEntryRow *row, const char *title)
{
  g_autofree char *plain = pgm_words_without_mnemonic (title);

  adw_preferences_row_set_title (
      ADW_PREFERENCES_ROW (row),
      adw_preferences_row_get_use_underline (ADW_PREFERENCES_ROW (row)) ? title : plain);
}

static void
show_rows (PgmPasswordRows *self, Place place)
{
  gboolean has_reference = place == PLACE_VARIABLE || place == PLACE_FILE;

  gtk_widget_set_visible (GTK_WIDGET (self->reference), has_reference);
  gtk_widget_set_visible (GTK_WIDGET (self->password), !has_reference && place != PLACE_PGPASS);
  set_title (self->reference, place == PLACE_FILE ? _("Password _File") : _("Variable N_ame"));
  set_title (self->password, place == PLACE_PROMPT ? _("_Password, Not Saved") : _("_Password"));
}

static const char *
get_reference_complaint (PgmPasswordRows *self, Place place, const char *text, gboolean is_bad)
{
  if (!is_bad || (place != PLACE_VARIABLE && place != PLACE_FILE))
    return NULL;
  if (text[0] == '\0' && !self->is_asked)
    return NULL;
  return place == PLACE_FILE ? _("Enter the path of the file")
                             : _("Letters, digits and underscores only");
}

static void
show_reference (PgmPasswordRows *self, Place place)
{
  g_autofree char *from = dup_value (self, "password_from");
  g_autofree char *key = dup_key (self, "password_from");
  PgmProfileDraft *draft = pgm_profile_item_get_draft (self->item);
  gboolean is_bad = pgm_profile_draft_get_fault (draft, key) != NULL;
  const char *text = "";

  if (place == PLACE_VARIABLE || place == PLACE_FILE)
    text = from + strlen (places[place].prefix);
  if (g_strcmp0 (gtk_editable_get_text (GTK_EDITABLE (self->reference)), text) != 0)
    gtk_editable_set_text (GTK_EDITABLE (self->reference), text);
  pgm_complaint_set (GTK_WIDGET (self->reference),
                     get_reference_complaint (self, place, text, is_bad));
}

/* A file written by hand may say nothing about the password, or too much. */
static void
show_password_fault (PgmPasswordRows *self)
{
  g_autofree char *key = dup_key (self, "password");
  gboolean is_bad =
      pgm_profile_draft_get_fault (pgm_profile_item_get_draft (self->item), key) != NULL;

  pgm_complaint_set (GTK_WIDGET (self->place),
                     is_bad && self->is_asked ? _("Choose where the password is kept, and type it")
                                              : NULL);
}

static void
refresh (PgmPasswordRows *self)
{
  Place place = get_place (self);

  self->is_refreshing = TRUE;
  adw_combo_row_set_selected (self->place, place);
  show_rows (self, place);
  show_reference (self, place);
  show_password_fault (self);
  if (place == PLACE_PROFILE)
    {
      g_autofree char *text = dup_value (self, "password");

      set_password_text (self, text);
      pgm_secret_wipe (text, strlen (text));
    }
  self->is_refreshing = FALSE;
  if (place == PLACE_PROMPT)
    show_kept (self);
  else if (place == PLACE_KEYRING && self->is_typed)
    schedule_store (self);
  else if (place == PLACE_KEYRING)
    schedule_look_up (self);
}

static void
item_changed_cb (PgmProfileItem *item, PgmPasswordRows *self)
{
  if (pgm_profile_item_get_draft (item) != NULL && !self->is_moving)
    refresh (self);
}

/* The password moves along where the new place can take it. */
static void
place_selected_cb (GObject *object, GParamSpec *pspec, PgmPasswordRows *self)
{
  guint place = adw_combo_row_get_selected (self->place);
  g_autofree char *text = NULL;

  if (self->is_refreshing || self->item == NULL || place >= G_N_ELEMENTS (places) ||
      place == get_place (self))
    return;
  text = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->password)));
  self->is_typed = place == PLACE_KEYRING && text[0] != '\0';
  g_clear_pointer (&self->asked, pgm_endpoint_unref);
  self->is_moving = TRUE; /* in between the profile has two passwords, or none */
  set_value (self, "password", place == PLACE_PROFILE ? text : NULL);
  set_value (self, "password_from", places[place].prefix);
  self->is_moving = FALSE;
  if (place == PLACE_PROMPT)
    keep (self);
  pgm_complaint_set (GTK_WIDGET (self->password), NULL);
  refresh (self);
  pgm_secret_wipe (text, strlen (text));
}

static void
password_edited_cb (GObject *object, GParamSpec *pspec, PgmPasswordRows *self)
{
  Place place = PLACE_PROMPT;

  if (self->is_refreshing || self->item == NULL)
    return;
  place = get_place (self);
  self->is_typed = place == PLACE_KEYRING;
  self->is_rejected = FALSE;
  pgm_complaint_set (GTK_WIDGET (self->password), NULL);
  if (place == PLACE_PROFILE)
    set_value (self, "password", gtk_editable_get_text (GTK_EDITABLE (self->password)));
  else if (place == PLACE_KEYRING)
    schedule_store (self);
  else if (place == PLACE_PROMPT)
    keep (self);
}

static void
reference_edited_cb (GObject *object, GParamSpec *pspec, PgmPasswordRows *self)
{
  Place place = PLACE_PROMPT;
  g_autofree char *from = NULL;

  if (self->is_refreshing || self->item == NULL)
    return;
  place = get_place (self);
  if (place != PLACE_VARIABLE && place != PLACE_FILE)
    return;
  from = g_strconcat (places[place].prefix, gtk_editable_get_text (GTK_EDITABLE (self->reference)),
                      NULL);
  set_value (self, "password_from", from);
}

static void
unfollow_item (PgmPasswordRows *self)
{
  if (self->item == NULL)
    return;
  g_clear_signal_handler (&self->changed_id, self->item);
  g_clear_signal_handler (&self->rejected_id, pgm_profile_item_get_passwords (self->item));
}

/* @item: (nullable) */
void
pgm_password_rows_set_item (PgmPasswordRows *self, PgmProfileItem *item)
{
  pgm_password_rows_save_now (self);
  unfollow_item (self);
  g_set_object (&self->item, item);
  self->is_typed = FALSE;
  self->is_kept = FALSE;
  self->is_rejected = FALSE;
  self->is_asked = FALSE;
  g_clear_handle_id (&self->look_up_id, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->asked, pgm_endpoint_unref);
  set_password_text (self, "");
  pgm_complaint_set (GTK_WIDGET (self->password), NULL);
  if (item == NULL || pgm_profile_item_get_draft (item) == NULL)
    return;
  self->changed_id = g_signal_connect (item, "changed", G_CALLBACK (item_changed_cb), self);
  self->rejected_id = g_signal_connect (pgm_profile_item_get_passwords (item), "rejected",
                                        G_CALLBACK (rejected_cb), self);
  refresh (self);
}

/* Returns: (transfer none) (nullable): the first row with a fault */
GtkWidget *
pgm_password_rows_show_faults (PgmPasswordRows *self)
{
  GtkWidget *rows[] = { GTK_WIDGET (self->reference), GTK_WIDGET (self->place) };

  self->is_asked = TRUE;
  refresh (self);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (gtk_widget_get_visible (rows[i]) && pgm_complaint_get (rows[i]) != NULL)
      return rows[i];
  return NULL;
}

/* As if the user had typed it. */
void
pgm_password_rows_type (PgmPasswordRows *self, const char *password)
{
  gtk_editable_set_text (GTK_EDITABLE (self->password), password);
}

/* Returns: (transfer full) (nullable): what to connect with; NULL where the profile itself says */
PgmSecret *
pgm_password_rows_dup_secret (PgmPasswordRows *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->password));
  Place place = get_place (self);
  PgmSecret *kept = place == PLACE_PROMPT ? dup_kept (self) : NULL;

  if (kept != NULL) /* typed when a run asked for it */
    return kept;
  if (place == PLACE_PROMPT || (place == PLACE_KEYRING && text[0] != '\0'))
    return pgm_secret_new (text);
  return NULL;
}

static void
pgm_password_rows_dispose (GObject *object)
{
  PgmPasswordRows *self = PGM_PASSWORD_ROWS (object);

  g_clear_handle_id (&self->store_id, g_source_remove);
  g_clear_handle_id (&self->look_up_id, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  unfollow_item (self);
  g_clear_object (&self->item);
  g_clear_pointer (&self->asked, pgm_endpoint_unref);
  g_clear_weak_pointer (&self->place);
  g_clear_weak_pointer (&self->password);
  g_clear_weak_pointer (&self->reference);
  G_OBJECT_CLASS (pgm_password_rows_parent_class)->dispose (object);
}

static void
pgm_password_rows_class_init (PgmPasswordRowsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = pgm_password_rows_dispose;
}

static void
pgm_password_rows_init (PgmPasswordRows *self)
{
}

PgmPasswordRows *
pgm_password_rows_new (PgmSide side,
                       AdwComboRow *place,
                       AdwEntryRow *password,
                       AdwEntryRow *reference)
{
  PgmPasswordRows *self = g_object_new (PGM_TYPE_PASSWORD_ROWS, NULL);
  g_autoptr(GtkStringList) labels = gtk_string_list_new (NULL);

  self->side = side;
  g_set_weak_pointer (&self->place, place);
  g_set_weak_pointer (&self->password, password);
  g_set_weak_pointer (&self->reference, reference);
  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    gtk_string_list_append (labels, _(places[i].label));
  adw_combo_row_set_model (place, G_LIST_MODEL (labels));
  g_signal_connect_object (place, "notify::selected", G_CALLBACK (place_selected_cb), self, 0);
  g_signal_connect_object (password, "notify::text", G_CALLBACK (password_edited_cb), self, 0);
  g_signal_connect_object (reference, "notify::text", G_CALLBACK (reference_edited_cb), self, 0);
  return self;
}
