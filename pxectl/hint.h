/*
 * What usually is wrong where a machine's boot stopped.  Tables, pure.
 */
#ifndef HINT_H
#define HINT_H

#include "event.h"

/*
 * One sentence for the last stage a machine reached, or NULL: that stage
 * is no step of a boot, or the last one.
 */
const char *hint_stage(enum event_stage);

/* What to type or look at for a reason of silence, or NULL. */
const char *hint_reason(enum event_reason);

#endif
