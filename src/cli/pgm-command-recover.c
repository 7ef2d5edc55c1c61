/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-commands.h"

#include <glib/gi18n-lib.h>

#include "pgm-answer.h"
#include "pgm-cli-password.h"
#include "pgm-error.h"
#include "pgm-leftover-table.h"
#include "pgm-prompt.h"
#include "pgm-recover.h"
#include "pgm-stop.h"

typedef struct
{
  char *config;  /* owned (nullable) */
  char *profile; /* owned (nullable) */
  gboolean remove;
  gboolean remove_incomplete;
  gboolean yes;
} RecoverArgs;

static void
recover_args_clear (RecoverArgs *args)
{
  g_free (args->config);
  g_free (args->profile);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RecoverArgs, recover_args_clear)

/* The command at work. */
typedef struct
{
  /* owned */
  PgmProfile *profile; /* (nullable): no server is looked at */
  PgmSecret *password; /* (nullable) */
  GPtrArray *list;     /* PgmLeftover: folders first */
  PgmStop *stop;

  PgmCli *cli; /* borrowed */
  PgmRecoverFlags flags;
  gboolean has_failed; /* not everything could be looked at */
} Recovery;

static void
recovery_clear (Recovery *self)
{
  g_clear_pointer (&self->profile, pgm_profile_unref);
  g_clear_pointer (&self->password, pgm_secret_unref);
  g_clear_pointer (&self->list, g_ptr_array_unref);
  g_clear_pointer (&self->stop, pgm_stop_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Recovery, recovery_clear)

static gboolean
parse_args (PgmCli *cli, RecoverArgs *args, char ***argv, int *status)
{
  /* clang-format off */
  const GOptionEntry entries[] = {
    PGM_OPTION_CONFIG (&args->config),
    PGM_OPTION_PROFILE (&args->profile),
    { "remove", 0, 0, G_OPTION_ARG_NONE, &args->remove,
      N_("Remove what is left, or give it its name back"), NULL },
    { "remove-incomplete", 0, 0, G_OPTION_ARG_NONE, &args->remove_incomplete,
      N_("The same, also databases that were replaced in place and are incomplete"), NULL },
    { "yes", 'y', 0, G_OPTION_ARG_NONE, &args->yes, N_("Remove without asking"), NULL },
    PGM_OPTION_JSON (&cli->json),
    { NULL },
  };
  /* clang-format on */

  if (!pgm_cli_parse (cli, entries, argv, status))
    return FALSE;
  args->remove = args->remove || args->remove_incomplete;
  if (args->config != NULL && args->profile != NULL)
    *status = pgm_cli_refuse (cli, _("--config and --profile exclude each other"));
  else if (args->yes && !args->remove)
    *status = pgm_cli_refuse (cli, _("--yes is for --remove and --remove-incomplete"));
  else if (args->remove && !args->yes && !pgm_answer_is_interactive ())
    *status = pgm_cli_refuse (cli, _("--remove needs --yes where there is no terminal to ask on"));
  return *status == PGM_EXIT_OK;
}

/* Without any config there is still this machine.
 *
 * Returns: FALSE with @error where the profile that was named, or is there, cannot be used */
static gboolean
load_profile (Recovery *self, const RecoverArgs *args, GError **error)
{
  if (args->config == NULL && args->profile == NULL &&
      !g_file_test (PGM_DEFAULT_CONFIG, G_FILE_TEST_EXISTS))
    return TRUE;
  self->profile = pgm_cli_load_profile (self->cli, args->config, args->profile, error);
  return self->profile != NULL;
}

/* @list: (transfer full) (nullable): NULL for @error (transfer full)
 *
 * Returns: FALSE on a cancel */
static gboolean
take_list (Recovery *self, GPtrArray *list, GError *error)
{
  g_autoptr(GError) failure = error;

  if (list != NULL)
    {
      g_ptr_array_extend_and_steal (self->list, list);
      return TRUE;
    }
  self->has_failed = TRUE;
  if (pgm_error_is_cancelled (failure))
    return FALSE;
  pgm_cli_fail (self->cli, failure);
  return TRUE;
}

static gboolean
find_folders (Recovery *self)
{
  g_autoptr(GAsyncResult) result = NULL;
  GError *error = NULL;
  GPtrArray *list = NULL;

  pgm_recover_find_folders_async (self->profile, pgm_stop_get_cancellable (self->stop),
                                  pgm_cli_store_result_cb, &result);
  pgm_cli_await (&result);
  list = pgm_recover_find_finish (result, &error);
  return take_list (self, list, error);
}

static gboolean
find_databases (Recovery *self)
{
  g_autoptr(GAsyncResult) result = NULL;
  GError *error = NULL;
  GPtrArray *list = NULL;

  if (self->profile == NULL)
    return TRUE;
  if (!pgm_cli_find_password (self->cli, pgm_profile_get_target (self->profile), self->stop,
                              &self->password, &error))
    return take_list (self, NULL, error);
  if (self->password != NULL)
    pgm_logger_add_secret (self->cli->logger, self->password);
  pgm_recover_find_databases_async (self->profile, self->password,
                                    pgm_stop_get_cancellable (self->stop), pgm_cli_store_result_cb,
                                    &result);
  pgm_cli_await (&result);
  list = pgm_recover_find_finish (result, &error);
  return take_list (self, list, error);
}

static guint
count_open (const Recovery *self)
{
  guint n = 0;

  for (guint i = 0; i < self->list->len; i++)
    n += pgm_leftover_is_open (self->list->pdata[i]) ? 1 : 0;
  return n;
}

static guint
count_wanted (const Recovery *self, PgmRecoverFlags flags)
{
  guint n = 0;

  for (guint i = 0; i < self->list->len; i++)
    n += pgm_recover_is_wanted (self->list->pdata[i], flags) ? 1 : 0;
  return n;
}

static gboolean
has_failures (const Recovery *self)
{
  for (guint i = 0; i < self->list->len; i++)
    if (((PgmLeftover *) self->list->pdata[i])->state == PGM_LEFTOVER_FAILED)
      return TRUE;
  return FALSE;
}

static void
print_json (Recovery *self)
{
  for (guint i = 0; i < self->list->len; i++)
    {
      g_autoptr(JsonNode) node = pgm_leftover_to_json (self->list->pdata[i]);

      pgm_console_print_json (self->cli->console, node);
    }
}

/* The last line of --json. */
static void
print_json_summary (Recovery *self, int status)
{
  g_autoptr(JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  g_autofree char *address = self->profile != NULL
                                 ? pgm_endpoint_dup_address (pgm_profile_get_target (self->profile))
                                 : NULL;

  json_node_take_object (node, object);
  json_object_set_string_member (object, "event", "summary");
  if (address != NULL)
    json_object_set_string_member (object, "target", address);
  else
    json_object_set_null_member (object, "target");
  json_object_set_int_member (object, "left", count_open (self));
  json_object_set_int_member (object, "exit_status", status);
  pgm_console_print_json (self->cli->console, node);
}

/* Returns: (transfer full): that nothing was left, and where that was looked for */
static char *
dup_nothing_left (Recovery *self)
{
  g_autofree char *address = NULL;

  if (self->profile == NULL)
    return g_strdup (_("nothing was left on this machine"));
  address = pgm_endpoint_dup_address (pgm_profile_get_target (self->profile));
  return g_strdup_printf (_("nothing was left on this machine or at %s"), address);
}

static void
show_found (Recovery *self)
{
  g_autofree char *nothing = NULL;

  if (self->cli->json)
    {
      print_json (self);
      return;
    }
  if (self->list->len > 0 && (!self->cli->quiet || count_open (self) > 0))
    pgm_leftover_table_print (self->cli->console, self->list);
  if (self->has_failed || self->cli->quiet || count_open (self) > 0)
    return;
  nothing = dup_nothing_left (self);
  pgm_console_print (self->cli->console, nothing);
}

static void
suggest (Recovery *self)
{
  if (self->cli->json || self->cli->quiet)
    return;
  if (count_wanted (self, PGM_RECOVER_FLAGS_NONE) > 0)
    pgm_console_complain (self->cli->console,
                          _("nothing was changed; --remove does what the table says"));
}

/* Who gave no config may believe that there is nothing else to look at. */
static void
tell_limits (Recovery *self)
{
  if (self->profile == NULL && !self->has_failed && !self->cli->json && !self->cli->quiet)
    pgm_console_complain (self->cli->console,
                          _("without --config or --profile no server was looked at"));
}

/* Returns: whether it is agreed to */
static gboolean
ask (Recovery *self, guint n)
{
  g_autofree char *question =
      g_strdup_printf (ngettext ("Type \"yes\" to clear this leftover: ",
                                 "Type \"yes\" to clear these %u leftovers: ", n),
                       n);
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(PgmSecret) typed = NULL;

  pgm_prompt_ask_async (question, PGM_PROMPT_VISIBLE, pgm_stop_get_cancellable (self->stop),
                        pgm_cli_store_result_cb, &result);
  pgm_cli_await (&result);
  typed = pgm_prompt_ask_finish (result, NULL);
  return typed != NULL && g_str_equal (pgm_secret_reveal (typed), "yes");
}

static void
show_outcome (Recovery *self)
{
  for (guint i = 0; !self->cli->json && i < self->list->len; i++)
    {
      const PgmLeftover *leftover = self->list->pdata[i];

      if (leftover->state == PGM_LEFTOVER_DONE && !self->cli->quiet)
        pgm_console_print (self->cli->console, leftover->message);
      else if (leftover->state == PGM_LEFTOVER_FAILED)
        {
          g_autofree char *text = g_strconcat (leftover->message, "; ", leftover->hint, NULL);

          pgm_console_print (self->cli->console, text);
        }
    }
  if (self->cli->json)
    print_json (self);
}

/* Returns: FALSE on a cancel */
static gboolean
clear (Recovery *self)
{
  g_autoptr(GAsyncResult) result = NULL;
  gboolean has_ended = FALSE;

  pgm_recover_clear_async (self->profile, self->password, self->list, self->flags,
                           self->cli->logger, pgm_stop_get_cancellable (self->stop),
                           pgm_cli_store_result_cb, &result);
  pgm_cli_await (&result);
  has_ended = pgm_recover_clear_finish (result, NULL);
  show_outcome (self);
  return has_ended;
}

/* Returns: FALSE on a cancel */
static gboolean
recover (Recovery *self, const RecoverArgs *args)
{
  guint n = 0;

  if (!find_folders (self) || !find_databases (self))
    return FALSE;
  show_found (self);
  tell_limits (self);
  n = count_wanted (self, self->flags);
  if (!args->remove)
    suggest (self);
  if (!args->remove || n == 0)
    return TRUE;
  if (!args->yes && !ask (self, n))
    {
      pgm_console_complain (self->cli->console, _("nothing was changed"));
      return !g_cancellable_is_cancelled (pgm_stop_get_cancellable (self->stop));
    }
  return clear (self);
}

static int
find_status (Recovery *self)
{
  if (self->has_failed || has_failures (self))
    return PGM_EXIT_FAILED;
  return count_open (self) > 0 ? PGM_EXIT_DIFFERENCES : PGM_EXIT_OK;
}

int
pgm_command_recover (PgmCli *cli, char ***argv)
{
  g_auto(RecoverArgs) args = { 0 };
  g_auto(Recovery) self = { 0 };
  g_autoptr(GError) error = NULL;
  int status = PGM_EXIT_OK;

  cli->has_results = TRUE;
  if (!parse_args (cli, &args, argv, &status))
    return status;
  self.cli = cli;
  self.list = g_ptr_array_new_with_free_func ((GDestroyNotify) pgm_leftover_free);
  self.stop = pgm_stop_new (cli->logger);
  self.flags = args.remove_incomplete ? PGM_RECOVER_INCOMPLETE : PGM_RECOVER_FLAGS_NONE;
  if (!load_profile (&self, &args, &error))
    {
      pgm_cli_fail (cli, error);
      self.has_failed = TRUE;
    }
  status = recover (&self, &args) ? find_status (&self) : pgm_stop_get_exit_status (self.stop);
  if (cli->json)
    print_json_summary (&self, status);
  return status;
}
