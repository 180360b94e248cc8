/*
 * receive_buffer: $RECEIVE_BUFFER bytes for each socket of a server that asks
 * for none itself; loaded into it by LD_PRELOAD (make bench).
 */
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>

#include <stdlib.h>
#include <unistd.h>

int
socket(int domain, int type, int protocol)
{
	int fd = (int)syscall(SYS_socket, domain, type, protocol);
	const char *text = getenv("RECEIVE_BUFFER");
	int size = text != NULL ? atoi(text) : 0;

	if (fd >= 0 && size > 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size,
		    sizeof size);
	return fd;
}
