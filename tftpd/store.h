/*
 * A file that a client sends: written under another name in the directory
 * where it will be, and given its own when it is whole and on the disk.
 */
#ifndef TFTPD_STORE_H
#define TFTPD_STORE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define STORE_PREFIX ".tftpd-"	/* of names until then; nobody may ask them */

struct store;

/*
 * Begins.  root: the tree; path: below it, as below_path gives it.  No
 * symbolic link is followed.  A file that is there must be a regular one
 * that everybody may write to, and keeps its mode; a new one gets 0666
 * without the bits of mask.  ascii: netascii comes, and is turned back.
 * stamp, if not NULL, is put behind the name, and two digits that no file
 * has yet: path.20260131.00.  NULL with errno: EACCES also for what must not
 * be written to, EBUSY if somebody else is writing it just now, EEXIST if no
 * digits are left.
 */
struct store *store_open(int root, const char *path, mode_t mask, bool ascii,
    const char *stamp);

/* The next bytes.  False with errno. */
bool store_write(struct store *, const void *, size_t);

/*
 * All is there: fsync, rename, fsync of the directory.  Frees it.  False with
 * errno, and then nothing is left of it (but the file in its place, if that is
 * not sure to be on the disk); ECANCELED if *unwanted is true before the
 * rename.  For any thread, as it may wait for the disk.
 */
bool store_commit(struct store *, atomic_bool *unwanted);
/* It will not be: nothing is left. */
void store_abort(struct store *);

#endif
