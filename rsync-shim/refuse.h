/*
 * Turns a client away, in the words of the rsync protocol.
 */
#ifndef REFUSE_H
#define REFUSE_H

#define REFUSE_SECONDS	10

/*
 * Talks to the client for at most REFUSE_SECONDS: it gets "@ERROR: why" for
 * any module, and an empty list for the list.  fd blocks; it stays open.
 */
void refuse(int fd, const char *why);

#endif
