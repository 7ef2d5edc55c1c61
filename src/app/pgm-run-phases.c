/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-run-phases.h"

#include <glib/gi18n-lib.h>

#include "pgm-words.h"

#define FIRST PGM_PHASE_CHECK
#define N_PHASES (PGM_PHASE_DONE - PGM_PHASE_CHECK)

/* One step, once with its words and once without. */
typedef struct
{
  GtkImage *icons[2]; /* borrowed */
  GtkLabel *label;    /* borrowed */
} Step;

struct _PgmRunPhases
{
  AdwBin parent_instance;

  Step steps[N_PHASES];
  PgmPhase reached; /* before cleaning up */

  /* template children */
  GtkBox *narrow;
  GtkBox *wide;
};

G_DEFINE_FINAL_TYPE (PgmRunPhases, pgm_run_phases, ADW_TYPE_BIN)

static void
pgm_run_phases_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), PGM_TYPE_RUN_PHASES);
  G_OBJECT_CLASS (pgm_run_phases_parent_class)->dispose (object);
}

static void
pgm_run_phases_class_init (PgmRunPhasesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pgm_run_phases_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/pgmirror/PgMirror/pgm-run-phases.ui");
  gtk_widget_class_bind_template_child (widget_class, PgmRunPhases, narrow);
  gtk_widget_class_bind_template_child (widget_class, PgmRunPhases, wide);
}

static void
add_step (PgmRunPhases *self, guint i)
{
  Step *step = &self->steps[i];
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  const char *title = pgm_phase_get_title ((PgmPhase) (FIRST + i));

  for (gsize j = 0; j < G_N_ELEMENTS (step->icons); j++)
    step->icons[j] = GTK_IMAGE (gtk_image_new ());
  step->label = GTK_LABEL (gtk_label_new (title));
  gtk_widget_add_css_class (GTK_WIDGET (step->label), "caption");
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (step->icons[0]));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (step->label));
  gtk_box_append (self->wide, box);
  gtk_widget_set_tooltip_text (GTK_WIDGET (step->icons[1]), title);
  gtk_box_append (self->narrow, GTK_WIDGET (step->icons[1]));
}

static void
pgm_run_phases_init (PgmRunPhases *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  for (guint i = 0; i < N_PHASES; i++)
    add_step (self, i);
  pgm_run_phases_set_phase (self, PGM_PHASE_IDLE);
}

GtkWidget *
pgm_run_phases_new (void)
{
  return g_object_new (PGM_TYPE_RUN_PHASES, NULL);
}

static void
set_class (GtkWidget *widget, const char *class, gboolean is_set)
{
  if (is_set)
    gtk_widget_add_css_class (widget, class);
  else
    gtk_widget_remove_css_class (widget, class);
}

typedef enum
{
  STEP_TO_COME,
  STEP_AT_WORK,
  STEP_DONE,
  STEP_ENDED, /* the run did not get further */
} StepState;

static const struct
{
  const char *icon;
  const char *class;
  const char *words;
} looks[] = {
  [STEP_TO_COME] = {
      "radio-symbolic", "dim-label", N_("%s: to come") },
      [STEP_AT_WORK] = { "media-playback-start-symbolic", "accent", N_("%s: at work") },
                         [STEP_DONE] = { "object-select-symbolic", "success", N_("%s: done") },
                                         [STEP_ENDED] = { "dialog-error-symbolic", "error",
                                                          N_("%s: ended here") },
                                         };

/* A run that fails goes straight on to cleaning up. */
static StepState
find_state (PgmRunPhases *self, PgmPhase own, PgmPhase phase)
{
  if (own == phase)
    return STEP_AT_WORK;
  if (own > phase || (own > self->reached && own < PGM_PHASE_CLEAN_UP))
    return STEP_TO_COME;
  if (own == self->reached && own < PGM_PHASE_REPLACE)
    return STEP_ENDED;
  return STEP_DONE;
}

static void
show_step (Step *step, PgmPhase own, StepState state)
{
  g_autoptr(GString) name = g_string_new (_(looks[state].words));

  g_string_replace (name, "%s", pgm_phase_get_title (own), 1);
  for (gsize j = 0; j < G_N_ELEMENTS (step->icons); j++)
    {
      GtkWidget *icon = GTK_WIDGET (step->icons[j]);

      gtk_image_set_from_icon_name (step->icons[j], looks[state].icon);
      pgm_words_label_accessible (icon, name->str);
      for (gsize i = 0; i < G_N_ELEMENTS (looks); i++)
        set_class (icon, looks[i].class, i == state);
    }
  set_class (GTK_WIDGET (step->label), "dim-label", state == STEP_TO_COME);
}

void
pgm_run_phases_set_phase (PgmRunPhases *self, PgmPhase phase)
{
  g_return_if_fail (PGM_IS_RUN_PHASES (self));

  if (phase < PGM_PHASE_CLEAN_UP)
    self->reached = phase;
  for (guint i = 0; i < N_PHASES; i++)
    {
      PgmPhase own = (PgmPhase) (FIRST + i);

      show_step (&self->steps[i], own, find_state (self, own, phase));
    }
}
