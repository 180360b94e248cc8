/*
 * File contents shared by all transfers of one file.  Read by pread into
 * chunks of one fixed piece of memory (a mapping would end the process with
 * SIGBUS when somebody cuts the file), handed out in place.
 */
#ifndef TFTPD_CACHE_H
#define TFTPD_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/uio.h>

#define CACHE_CHUNK	16384u

struct cache;
struct cache_file;	/* an open file, or a text made for one transfer */

/* bytes: of all chunks together.  NULL with errno. */
struct cache *cache_new(size_t bytes);
void cache_free(struct cache *);

/*
 * The file that fd is, with what stat says of it; shared with whoever has
 * the same file open already.  Takes fd over, also on failure.  NULL with
 * errno.
 */
struct cache_file *cache_open(struct cache *, int fd, const struct stat *);
/* A copy of these bytes. */
struct cache_file *cache_text(struct cache *, const void *, size_t);
/* One more user of it, who gives it back, too. */
void cache_share(struct cache_file *);
/* Gives it back.  Not before what cache_read gave out has been sent. */
void cache_close(struct cache_file *);

uint64_t cache_size(const struct cache_file *);
/* For sendfile(2), while it is open; -1 for a text. */
int cache_fd(const struct cache_file *);
/* When it was written to last, by what stat said when it was opened. */
time_t cache_modified(const struct cache_file *);

/*
 * len bytes from offset on (inside the file), in up to max pieces; how many
 * pieces.  They stay in place until cache_turn.  -1 with errno: EAGAIN if
 * every chunk is in use until then, ESTALE if the file is shorter than it
 * was, or what pread says.
 */
int cache_read(struct cache_file *, uint64_t offset, size_t len,
    struct iovec *, int max);

/* Everything handed out has been used: chunks may change again. */
void cache_turn(struct cache *);

/* Has the file been written to or cut since it was opened? */
bool cache_changed(struct cache_file *);

/*
 * Lets go of all files that nobody uses now, for their descriptors; false if
 * there was none.
 */
bool cache_spare(struct cache *);
/* Every second or so: lets go of files that nobody has used for a while. */
void cache_tick(struct cache *, uint64_t now_us);

#endif
