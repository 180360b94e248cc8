/*
 * A damaged page makes LMDB follow wild offsets, a truncated file ends in
 * SIGBUS: both come back to hostdb_guard, as does LMDB's own assert, and cost
 * one answer.  A handler can only find its way by a variable of its thread.
 */
#include <setjmp.h>
#include <signal.h>
#include <string.h>

#include "hostdb_format.h"

static _Thread_local sigjmp_buf *guard;

static void
on_fault(int sig)
{
	if (guard != NULL)
		siglongjmp(*guard, sig);
	signal(sig, SIG_DFL);	/* not ours: happens again, and ends us */
}

static void
on_assert(MDB_env *env, const char *words)
{
	(void)env;
	(void)words;
	if (guard != NULL)
		siglongjmp(*guard, SIGABRT);
}

bool
hostdb_guard(void (*fn)(void *), void *arg)
{
	sigjmp_buf *outer = guard;
	sigjmp_buf here;

	if (sigsetjmp(here, 0) != 0) {
		guard = outer;
		return false;
	}
	guard = &here;
	fn(arg);
	guard = outer;
	return true;
}

int
hostdb_guard_env(MDB_env *env)
{
	return mdb_env_set_assert(env, on_assert);
}

/* SA_NODEFER: siglongjmp leaves the handler without the mask's help. */
void
hostdb_guard_signals(void)
{
	static const int faults[] = { SIGSEGV, SIGBUS };
	struct sigaction sa;
	size_t i;

	memset(&sa, 0, sizeof sa);
	sa.sa_handler = on_fault;
	sa.sa_flags = SA_NODEFER;
	sigemptyset(&sa.sa_mask);
	for (i = 0; i < sizeof faults / sizeof faults[0]; i++)
		sigaction(faults[i], &sa, NULL);
}
