/*
 * The recipe of an image: all manifests read into one list of words, then
 * cooked section by section.
 */
#ifndef IMAGE_RECIPE_H
#define IMAGE_RECIPE_H

#include "build.h"
#include "manifest.h"

struct recipe_word {
	struct manifest_text section;
	struct manifest_word word;
	char where[64];			/* "manifest.full:12" */
};

/* Reads one manifest; name is for messages. */
int recipe_read(struct build *, const char *name, const char *text,
    size_t len);

/* Puts everything into the tree that the words ask for. */
int recipe_cook(struct build *);

/* Sets the modes that the words ask for, once everything is in. */
int recipe_modes(struct build *);

void recipe_free(struct build *);

#endif
