/*
 * What pxectl says of itself, printed from the tables of commands, options
 * and attributes.
 */
#ifndef HELP_H
#define HELP_H

#include <popt.h>
#include <stdio.h>

#include "command.h"

/* The one table of options, for popt; its vals are enum option. */
extern const struct poptOption help_options[];

/* The long name of one. */
const char *help_option_name(int option);

/* All commands, a line each. */
void help_commands(const struct command *table, FILE *);

/*
 * The words for a command that does not exist: ": is set meant?", "" if
 * nobody knows.
 */
void help_meant(const struct command *table, const char *word, char *,
    size_t);

/* One command with the options that it takes. */
void help_command(const struct command *, FILE *);

#endif
