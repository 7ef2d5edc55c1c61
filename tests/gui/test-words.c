/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* What the pages say, and how it stands on the screen. */

#include <string.h>

#include "pgm-gui-stage.h"
#include "pgm-outcome.h"
#include "pgm-words.h"

static void
test_sentences (void)
{
  static const char *const cases[][2] = {
    { "the run was cancelled", "The run was cancelled." },
    { "no role \"x\"", "No role \"x\"." },
    { "Already.", "Already." },
    { "pg_restore failed: no", "pg_restore failed: no." },
    { "db.example.org:5432 is gone", "db.example.org:5432 is gone." },
    { "ça va?", "Ça va?" },
    { "", "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *sentence = pgm_words_sentence (cases[i][0]);

      g_assert_cmpstr (sentence, ==, cases[i][1]);
    }
}

/* What is to be typed elsewhere can be copied as it stands. */
static void
test_hints (void)
{
  static const char *const cases[][2] = {
    { "set sslmode to \"require\"", "Set sslmode to \"require\"" },
    { "sudo apt install postgresql-client-15", "sudo apt install postgresql-client-15" },
    { "GRANT SELECT ON TABLE s.t TO ana", "GRANT SELECT ON TABLE s.t TO ana" },
    { "run on the target: ALTER DATABASE x IS_TEMPLATE false",
      "Run on the target: ALTER DATABASE x IS_TEMPLATE false" },
    { "", "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *hint = pgm_words_hint (cases[i][0]);

      g_assert_cmpstr (hint, ==, cases[i][1]);
    }
}

static int
get_x (GtkLabel *label, const char *part)
{
  const char *text = gtk_label_get_text (label);
  const char *at = strstr (text, part);
  PangoRectangle place = { 0 };

  g_assert_nonnull (at);
  pango_layout_index_to_pos (gtk_label_get_layout (label), (int) (at - text), &place);
  return place.width < 0 ? place.x + place.width : place.x;
}

/* The arrow points from the source to the target, in whatever script they and the program are. */
static void
test_route (void)
{
  static const char *const cases[][3] = {
    { "shop", "a.example.org", "b.example.org" }, { "قاعدة", "127.0.0.1", "127.0.0.2" },
    { "123", "127.0.0.1", "127.0.0.2" },          { "מסד", "שרת", "יעד" },
    { "データベース", "10.0.0.1", "مضيف" },
  };

  for (gsize i = 0; i < 2 * G_N_ELEMENTS (cases); i++)
    {
      const char *const *names = cases[i / 2];
      g_autofree char *route = pgm_words_route (names[0], names[1], names[2]);
      GtkWidget *label = gtk_label_new (route);
      GtkWindow *window = NULL;

      gtk_widget_set_direction (label, i % 2 == 0 ? GTK_TEXT_DIR_LTR : GTK_TEXT_DIR_RTL);
      window = pgm_gui_stage_new (label, 600, 60);
      g_assert_cmpint (get_x (GTK_LABEL (label), names[0]), <, get_x (GTK_LABEL (label), names[1]));
      g_assert_cmpint (get_x (GTK_LABEL (label), names[1]), <, get_x (GTK_LABEL (label), "→"));
      g_assert_cmpint (get_x (GTK_LABEL (label), "→"), <, get_x (GTK_LABEL (label), names[2]));
      gtk_window_destroy (window);
    }
}

static void
test_outcomes (void)
{
  static const struct
  {
    PgmHistoryState state;
    const char *code;
    const char *words;
    const char *icon;
  } cases[] = {
    { PGM_HISTORY_FINISHED, "ok", "5 minutes ago, took 3.0 s", "emblem-ok-symbolic" },
    { PGM_HISTORY_FINISHED, "differences", "5 minutes ago, with differences",
      "dialog-warning-symbolic" },
    { PGM_HISTORY_FINISHED, "cancelled", "5 minutes ago, stopped", "dialog-warning-symbolic" },
    { PGM_HISTORY_FINISHED, "restore-failed", "5 minutes ago, not done", "dialog-error-symbolic" },
    { PGM_HISTORY_INTERRUPTED, NULL, "5 minutes ago, interrupted", "dialog-warning-symbolic" },
    { PGM_HISTORY_RUNNING, NULL, "Running in another program", "emblem-synchronizing-symbolic" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PgmHistoryData data = { .state = cases[i].state,
                              .code = (char *) cases[i].code,
                              .duration_us = 3 * G_USEC_PER_SEC };
      g_autofree char *words = pgm_outcome_dup_text (&data, 5 * G_TIME_SPAN_MINUTE);

      g_assert_cmpstr (words, ==, cases[i].words);
      g_assert_cmpstr (pgm_outcome_get_icon (&data), ==, cases[i].icon);
    }
}

static gboolean
has_hyphen (GtkLabel *label)
{
  PangoLayout *layout = gtk_label_get_layout (label);
  int n = pango_layout_get_line_count (layout);

  g_assert_cmpint (n, >, 1);
  for (int i = 0; i < n; i++)
    {
      PangoLayoutLine *line = pango_layout_get_line_readonly (layout, i);
      int n_glyphs = 0;

      for (GSList *run = line->runs; run != NULL; run = run->next)
        n_glyphs += ((PangoLayoutRun *) run->data)->glyphs->num_glyphs;
      if (n_glyphs > line->length)
        return TRUE;
    }
  return FALSE;
}

/* Where a name takes two lines, nothing is added to it. */
static void
test_names (void)
{
  GtkWidget *label = gtk_label_new ("customerrelationsandinventoryofthewholecompany");
  GtkWindow *window = NULL;

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  window = pgm_gui_stage_new (label, 160, 100);
  g_assert_true (has_hyphen (GTK_LABEL (label)));
  pgm_words_keep_names (GTK_WIDGET (window));
  g_assert_false (has_hyphen (GTK_LABEL (label)));
  gtk_window_destroy (window);
}

/* An error may name anything. */
static void
test_toast (void)
{
  GtkWidget *overlay = adw_toast_overlay_new ();
  GtkWidget *child = gtk_label_new ("");
  GtkWidget *label = NULL;
  GtkWindow *window = NULL;

  adw_toast_overlay_set_child (ADW_TOAST_OVERLAY (overlay), child);
  window = pgm_gui_stage_new (overlay, 400, 200);
  pgm_words_toast (child, "could not write a & b <c>");
  pgm_gui_settle (300);
  label = pgm_gui_find (overlay, GTK_TYPE_LABEL, "could not write a &amp; b &lt;c&gt;");
  g_assert_nonnull (label);
  g_assert_cmpstr (gtk_label_get_text (GTK_LABEL (label)), ==, "could not write a & b <c>");
  gtk_window_destroy (window);
}

static void
add_tests (void)
{
  g_test_add_func ("/words/sentences", test_sentences);
  g_test_add_func ("/words/hints", test_hints);
  g_test_add_func ("/words/route", test_route);
  g_test_add_func ("/words/outcomes", test_outcomes);
  g_test_add_func ("/words/names", test_names);
  g_test_add_func ("/words/toast", test_toast);
}

int
main (int argc, char **argv)
{
  return pgm_gui_stage_run_tests (argc, argv, add_tests);
}
