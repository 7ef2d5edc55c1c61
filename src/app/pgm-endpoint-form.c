/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "config.h"

#include "pgm-endpoint-form.h"

#include <glib/gi18n-lib.h>

#include "pgm-connection-row.h"
#include "pgm-database-menu.h"
#include "pgm-fields.h"
#include "pgm-file-row.h"
#include "pgm-password-rows.h"
#include "pgm-text.h"
#include "pgm-uri-paste.h"
#include "pgm-words.h"

struct _PgmEndpointForm
{
  AdwBin parent_instance;

  /* owned */
  PgmFields *fields;
  PgmPasswordRows *passwords;
  PgmProfileItem *item; /* (nullable) */
  PgmEndpoint *tested;  /* (nullable): what the row below shows the state of */

  int side; /* PgmSide */
  gulong changed_id;
  gboolean is_sslmode_ours; /* chosen by the form: a new profile's user did not say */

  /* template children */
  PgmConnectionRow *connection;
  AdwEntryRow *database;
  PgmDatabaseMenu *databases;
  GtkMenuButton *databases_button;
  AdwPreferencesGroup *group;
  AdwEntryRow *host;
  AdwEntryRow *password;
  AdwComboRow *place;
  AdwEntryRow *port;
  AdwActionRow *protected_row;
  GtkSwitch *protected_switch;
  AdwEntryRow *reference;
  AdwActionRow *same_database;
  AdwExpanderRow *security;
  PgmFileRow *sslcert;
  PgmFileRow *sslkey;
  AdwComboRow *sslmode;
  PgmFileRow *sslrootcert;
  AdwEntryRow *user;
};

enum
{
  PROP_SIDE = 1,
  N_PROPS,
};

enum
{
  TOAST,
  N_SIGNALS,
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PgmEndpointForm, pgm_endpoint_form, ADW_TYPE_BIN)

static const PgmChoice sslmodes[] = {
  { "", N_("PostgreSQL’s default") },
    { "disable", N_("Never (disable)") },
      { "allow", N_("If the server insists (allow)") },
        { "prefer", N_("If the server can (prefer)") },
          { "require", N_("Always (require)") },
            { "verify-ca", N_("Always, check the authority (verify-ca)") },
              { "verify-full", N_("Always, check authority and host (verify-full)") }, { NULL },
            };

static gboolean
is_source (PgmEndpointForm *self)
{
  return self->side == PGM_SIDE_SOURCE;
}

static const char *
choose_key (PgmEndpointForm *self, const char *source, const char *target)
{
  return is_source (self) ? source : target;
}

/* Returns: (transfer full) (nullable): NULL as long as a field that matters has a fault */
static PgmEndpoint *
dup_endpoint (PgmEndpointForm *self)
{
  PgmProfileDraft *draft = self->item != NULL ? pgm_profile_item_get_draft (self->item) : NULL;

  return draft != NULL ? pgm_profile_draft_dup_endpoint (draft, self->side) : NULL;
}

static gboolean
is_same_server (const PgmEndpoint *a, const PgmEndpoint *b)
{
  return g_str_equal (a->host, b->host) && a->port == b->port && g_str_equal (a->user, b->user) &&
         g_str_equal (a->database, b->database) && g_strcmp0 (a->sslmode, b->sslmode) == 0;
}

static char *
dup_database_name (PgmEndpointForm *self)
{
  g_autofree char *name =
      pgm_profile_draft_dup_text (pgm_profile_item_get_draft (self->item), "source.database");

  return pgm_text_escape (name);
}

/* What a run would meet on the target, as far as the last test has seen. */
static void
show_same_database (PgmEndpointForm *self, const PgmConnectionReport *report)
{
  g_autofree char *name = dup_database_name (self);
  g_autofree char *size = NULL;
  g_autofree char *text = NULL;

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->same_database),
                                 name[0] != '\0' ? name : _("Database"));
  if (report == NULL || report->cause != PGM_CONNECT_OK || name[0] == '\0')
    text = g_strdup (_("The target always has the source’s name"));
  else if (!report->database_exists)
    text = g_strdup (_("Does not exist there yet"));
  else if (report->database_n_tables < 0 || report->database_bytes < 0)
    text = g_strdup (_("Exists there already"));
  else
    {
      size = pgm_text_format_size ((guint64) report->database_bytes);
      text = g_strdup_printf (ngettext ("Exists there already: %d table, %s",
                                        "Exists there already: %d tables, %s",
                                        report->database_n_tables),
                              report->database_n_tables, size);
    }
  adw_action_row_set_subtitle (self->same_database, text);
}

/* A password crosses a network only encrypted, unless the user says otherwise. */
static void
propose_sslmode (PgmEndpointForm *self)
{
  const char *key = choose_key (self, "source.sslmode", "target.sslmode");
  const char *host = gtk_editable_get_text (GTK_EDITABLE (self->host));
  PgmProfileDraft *draft = pgm_profile_item_get_draft (self->item);
  g_autoptr(PgmEndpoint) endpoint = NULL;

  if (!self->is_sslmode_ours && pgm_profile_draft_has (draft, key))
    return;
  endpoint = pgm_endpoint_new (self->side);
  endpoint->host = g_strdup (host);
  self->is_sslmode_ours = TRUE;
  pgm_profile_item_set_text (
      self->item, key, host[0] == '\0' || pgm_endpoint_is_local (endpoint) ? NULL : "require");
}

static void
host_edited_cb (GObject *object, GParamSpec *pspec, PgmEndpointForm *self)
{
  if (self->item != NULL && !pgm_fields_is_refreshing (self->fields) &&
      pgm_profile_item_is_new (self->item))
    propose_sslmode (self);
}

static void
sslmode_chosen_cb (GObject *object, GParamSpec *pspec, PgmEndpointForm *self)
{
  if (!pgm_fields_is_refreshing (self->fields))
    self->is_sslmode_ours = FALSE;
}

static void
show_security (PgmEndpointForm *self)
{
  GObject *selected = adw_combo_row_get_selected_item (self->sslmode);

  adw_expander_row_set_subtitle (
      self->security,
      selected != NULL ? gtk_string_object_get_string (GTK_STRING_OBJECT (selected)) : "");
}

static void
refresh (PgmEndpointForm *self)
{
  g_autoptr(PgmEndpoint) endpoint = dup_endpoint (self);

  show_security (self);
  if (endpoint != NULL && self->tested != NULL && is_same_server (endpoint, self->tested))
    return;
  g_clear_pointer (&self->tested, pgm_endpoint_unref);
  pgm_connection_row_reset (self->connection);
  pgm_database_menu_set_message (self->databases, _("Fill in host, user and password first"));
  show_same_database (self, NULL);
}

static void
item_changed_cb (PgmProfileItem *item, PgmEndpointForm *self)
{
  if (pgm_profile_item_get_draft (item) != NULL)
    refresh (self);
}

/* @item: (nullable) */
void
pgm_endpoint_form_set_item (PgmEndpointForm *self, PgmProfileItem *item)
{
  if (self->item != NULL)
    g_clear_signal_handler (&self->changed_id, self->item);
  g_set_object (&self->item, item);
  self->is_sslmode_ours = FALSE;
  pgm_fields_set_item (self->fields, item);
  pgm_password_rows_set_item (self->passwords, item);
  g_clear_pointer (&self->tested, pgm_endpoint_unref);
  if (item == NULL || pgm_profile_item_get_draft (item) == NULL)
    return;
  self->changed_id = g_signal_connect_object (item, "changed", G_CALLBACK (item_changed_cb), self,
                                              G_CONNECT_AFTER);
  refresh (self);
}

/* Returns: (transfer full) (nullable): a password that only the form knows */
PgmSecret *
pgm_endpoint_form_dup_secret (PgmEndpointForm *self)
{
  return pgm_password_rows_dup_secret (self->passwords);
}

/* Also says what is still empty.
 *
 * Returns: (transfer none) (nullable): the first row with a fault */
GtkWidget *
pgm_endpoint_form_show_faults (PgmEndpointForm *self)
{
  GtkWidget *field = pgm_fields_show_faults (self->fields);
  GtkWidget *password = pgm_password_rows_show_faults (self->passwords);

  return field != NULL ? field : password;
}

void
pgm_endpoint_form_save_now (PgmEndpointForm *self)
{
  pgm_password_rows_save_now (self->passwords);
}

void
pgm_endpoint_form_test (PgmEndpointForm *self)
{
  g_autoptr(PgmEndpoint) endpoint = dup_endpoint (self);
  g_autoptr(PgmSecret) secret = NULL;
  GtkWidget *faulty = NULL;

  if (endpoint == NULL)
    {
      faulty = pgm_endpoint_form_show_faults (self);
      if (faulty != NULL)
        gtk_widget_grab_focus (faulty);
      return;
    }
  pgm_password_rows_save_now (self->passwords);
  secret = pgm_password_rows_dup_secret (self->passwords);
  g_clear_pointer (&self->tested, pgm_endpoint_unref);
  self->tested = pgm_endpoint_ref (endpoint);
  pgm_database_menu_set_message (self->databases, _("Connecting…"));
  pgm_connection_row_test (
      self->connection, endpoint, secret,
      pgm_profile_draft_get_options (pgm_profile_item_get_draft (self->item))->connect_timeout_s);
}

static void
reported_cb (PgmEndpointForm *self, PgmConnectionReport *report)
{
  g_autofree char *summary = pgm_connection_report_dup_summary (report);

  if (report->databases->len > 0)
    pgm_database_menu_set_databases (self->databases, report->databases);
  else
    pgm_database_menu_set_message (self->databases, summary);
  show_same_database (self, report);
  if (report->cause == PGM_CONNECT_WRONG_PASSWORD)
    pgm_password_memory_reject (pgm_profile_item_get_passwords (self->item), self->side);
}

static void
databases_shown_cb (PgmEndpointForm *self)
{
  if (pgm_database_menu_get_n_databases (self->databases) == 0 &&
      !pgm_connection_row_is_testing (self->connection))
    pgm_endpoint_form_test (self);
}

static void
database_chosen_cb (PgmEndpointForm *self, const char *name)
{
  PgmEndpoint *tested = g_steal_pointer (&self->tested);

  /* The list stays good for the server: only the database is another one. */
  pgm_profile_item_set_text (self->item, "source.database", name);
  g_clear_pointer (&tested, pgm_endpoint_unref);
  pgm_endpoint_form_test (self);
}

static void
pasted_cb (PgmEndpointForm *self, const char *text)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmSecret) password = NULL;

  self->is_sslmode_ours = FALSE;
  if (!pgm_uri_paste_fill (self->item, self->side, text, &password, &error))
    {
      g_signal_emit (self, signals[TOAST], 0, _("This connection string cannot be read"));
      return;
    }
  if (password != NULL)
    pgm_password_rows_type (self->passwords, pgm_secret_reveal (password));
  if (pgm_profile_item_is_new (self->item))
    propose_sslmode (self);
  g_signal_emit (self, signals[TOAST], 0, _("Filled in from the connection string"));
}

static void
add_fields (PgmEndpointForm *self)
{
  const char *name_form = _("At most 63 bytes");

  pgm_fields_add_entry (self->fields, self->host, choose_key (self, "source.host", "target.host"),
                        _("Enter the server’s name or address"),
                           _("One name or address without spaces and commas, or the path of a "
                          "socket folder"));
  pgm_fields_add_entry (self->fields, self->port, choose_key (self, "source.port", "target.port"),
                        NULL, _("A number from 1 to 65535"));
  if (is_source (self))
    pgm_fields_add_entry (self->fields, self->database, "source.database",
                          _("Enter or choose the database to copy"), name_form);
  else
    pgm_fields_add_switch (self->fields, self->protected_switch, "target.protected");
  pgm_fields_add_entry (self->fields, self->user, choose_key (self, "source.user", "target.user"),
                        _("Enter the name of a database user"), name_form);
  pgm_fields_add_choice (self->fields, self->sslmode,
                         choose_key (self, "source.sslmode", "target.sslmode"), sslmodes);
  pgm_fields_add_entry (self->fields, ADW_ENTRY_ROW (self->sslrootcert),
                        choose_key (self, "source.sslrootcert", "target.sslrootcert"), NULL, NULL);
  pgm_fields_add_entry (self->fields, ADW_ENTRY_ROW (self->sslcert),
                        choose_key (self, "source.sslcert", "target.sslcert"), NULL, NULL);
  pgm_fields_add_entry (self->fields, ADW_ENTRY_ROW (self->sslkey),
                        choose_key (self, "source.sslkey", "target.sslkey"), NULL, NULL);
}

static void
pgm_endpoint_form_constructed (GObject *object)
{
  PgmEndpointForm *self = PGM_ENDPOINT_FORM (object);

  G_OBJECT_CLASS (pgm_endpoint_form_parent_class)->constructed (object);
  adw_preferences_group_set_title (self->group, is_source (self) ? _("Source") : _("Target"));
  gtk_widget_set_visible (GTK_WIDGET (self->database), is_source (self));
  gtk_widget_set_visible (GTK_WIDGET (self->same_database), !is_source (self));
  gtk_widget_set_visible (GTK_WIDGET (self->protected_row), !is_source (self));
  self->passwords =
      pgm_password_rows_new (self->side, self->place, self->password, self->reference);
  add_fields (self);
  if (!is_source (self)) /* a letter leads to the source's, and there is one for each */
    pgm_words_drop_mnemonics (GTK_WIDGET (self->group));
  pgm_words_drop_mnemonics (GTK_WIDGET (self->security));
  pgm_connection_row_set_mnemonic (self->connection, is_source (self));
  g_signal_connect_object (self->fields, "pasted", G_CALLBACK (pasted_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect (self->host, "notify::text", G_CALLBACK (host_edited_cb), self);
  g_signal_connect (self->sslmode, "notify::selected", G_CALLBACK (sslmode_chosen_cb), self);
}

static void
pgm_endpoint_form_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_SIDE)
    g_value_set_int (value, PGM_ENDPOINT_FORM (object)->side);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
pgm_endpoint_form_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_SIDE)
    PGM_ENDPOINT_FORM (object)->side = g_value_get_int (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
pgm_endpoint_form_dispose (GObject *object)
{
  PgmEndpointForm *self = PGM_ENDPOINT_FORM (object);

  if (self->item != NULL)
    g_clear_signal_handler (&self->changed_id, self->item);
  g_clear_object (&self->fields);
  g_clear_object (&self->passwords);
  g_clear_object (&self->item);
  g_clear_pointer (&self->tested, pgm_endpoint_unref);
  adw_bin_set_child (ADW_BIN (object), NULL); /* it would not see the template take it */
  gtk_widget_dispose_template (GTK_WIDGET (object), PGM_TYPE_ENDPOINT_FORM);
  G_OBJECT_CLASS (pgm_endpoint_form_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, PgmEndpointForm, connection);
  gtk_widget_class_bind_template_child (widget_class, PgmEndpointForm, database);
  gtk_widget_class_bind_template_child (widget_class, PgmEndpointForm, databases);
  gtk_widget_class_bind_template_child (widget_class, PgmEndpointForm, databases_button);
  gtk_widget_class_bind_template_child (widget_class, PgmEndpointForm, group);
  gtk_widget_class_bind_template_child (widget_class, PgmEndpointForm, host);
  gtk_widget_class_bind_template_child (widget_class, PgmEndpointForm, password);
  gtk_widget_class_bind_template_child (widget_class, PgmEndpointForm, place);
  gtk_widget_class_bind_template_child (widget_class, PgmEndpointForm, port);
  gtk_widget_class_bind_template_child (widget_class, PgmEndpointForm, protected_row);
  gtk_widget_class_bind_template_child (widget_class, PgmEndpointForm, protected_switch);
  gtk_widget_class_bind_template_child (widget_class, PgmEndpointForm, reference);
  gtk_widget_class_bind_template_child (widget_class, PgmEndpointForm, same_database);
  gtk_widget_class_bind_template_child (widget_class, PgmEndpointForm, security);
  gtk_widget_class_bind_template_child (widget_class, PgmEndpointForm, sslcert);
  gtk_widget_class_bind_template_child (widget_class, PgmEndpointForm, sslkey);
  gtk_widget_class_bind_template_child (widget_class, PgmEndpointForm, sslmode);
  gtk_widget_class_bind_template_child (widget_class, PgmEndpointForm, sslrootcert);
  gtk_widget_class_bind_template_child (widget_class, PgmEndpointForm, user);
}

static void
pgm_endpoint_form_class_init (PgmEndpointFormClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->constructed = pgm_endpoint_form_constructed;
  object_class->get_property = pgm_endpoint_form_get_property;
  object_class->set_property = pgm_endpoint_form_set_property;
  object_class->dispose = pgm_endpoint_form_dispose;
  properties[PROP_SIDE] =
      g_param_spec_int ("side", NULL, NULL, PGM_SIDE_SOURCE, PGM_SIDE_TARGET, PGM_SIDE_SOURCE,
                        G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[TOAST] = g_signal_new ("toast", PGM_TYPE_ENDPOINT_FORM, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  g_type_ensure (PGM_TYPE_CONNECTION_ROW);
  g_type_ensure (PGM_TYPE_DATABASE_MENU);
  g_type_ensure (PGM_TYPE_FILE_ROW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/pgmirror/PgMirror/pgm-endpoint-form.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, database_chosen_cb);
  gtk_widget_class_bind_template_callback (widget_class, databases_shown_cb);
  gtk_widget_class_bind_template_callback (widget_class, pgm_endpoint_form_test);
  gtk_widget_class_bind_template_callback (widget_class, reported_cb);
}

static void
pgm_endpoint_form_init (PgmEndpointForm *self)
{
  self->fields = pgm_fields_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  pgm_words_keep_names (GTK_WIDGET (self->same_database));
}
