#include "refuse.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "greeting.h"

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
say(int fd, const char *text)
{
	/* A few hundred bytes go into any send buffer. */
	send(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* What came until the deadline; 0 at the end of it, or of the time. */
static size_t
hear(int fd, char *bytes, size_t size, int64_t deadline)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int64_t left;
	ssize_t n;

	while ((left = deadline - now_ms()) > 0) {
		if (poll(&p, 1, (int)left) <= 0)
			continue;
		n = recv(fd, bytes, size, MSG_DONTWAIT);
		if (n >= 0)
			return (size_t)n;
		if (errno != EAGAIN && errno != EINTR)
			return 0;
	}
	return 0;
}

void
refuse(int fd, const char *why)
{
	int64_t deadline = now_ms() + REFUSE_SECONDS * 1000;
	enum greeting_wish wish = GREETING_MORE;
	struct greeting g = { 0 };
	char bytes[512];
	size_t n;

	say(fd, GREETING_OURS);
	while (wish == GREETING_MORE) {
		n = hear(fd, bytes, sizeof bytes, deadline);
		if (n == 0)
			return;
		wish = greeting_take(&g, bytes, n);
	}
	if (wish == GREETING_LIST) {
		say(fd, GREETING_END);
	} else {
		snprintf(bytes, sizeof bytes, GREETING_ERROR "%.400s\n", why);
		say(fd, bytes);
	}
	/* Closed with bytes unread, our last line might never arrive. */
	shutdown(fd, SHUT_WR);
	while (hear(fd, bytes, sizeof bytes, deadline) > 0)
		continue;
}
