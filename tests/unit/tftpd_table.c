#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "../../tftpd/table.h"

#define N	5000

static struct flight *
flight(uint32_t address, unsigned port)
{
	struct flight *f = flight_new("name");

	assert_non_null(f);
	f->peer.to.in.sin_family = AF_INET;
	f->peer.to.in.sin_addr.s_addr = htonl(address);
	f->peer.to.in.sin_port = htons((uint16_t)port);
	return f;
}

static void
by_address_and_port(void **state)
{
	struct table *t = table_new(42);
	struct flight *all[N];

	(void)state;
	for (unsigned i = 0; i < N; i++) {
		all[i] = flight(0x0a000001u + i % 100, 1024 + i / 100);
		assert_null(table_find(t, &all[i]->peer.to));
		table_add(t, all[i]);
	}
	assert_int_equal(table_count(t), N);
	for (unsigned i = 0; i < N; i++)
		assert_ptr_equal(table_find(t, &all[i]->peer.to), all[i]);
	for (unsigned i = 0; i < N; i++) {
		table_remove(t, all[i]);
		assert_null(table_find(t, &all[i]->peer.to));
		flight_free(all[i]);
	}
	assert_null(table_each(t, NULL));
	table_free(t);
}

/* At its time, not before, and not much later; also far ahead. */
/* Nobody can choose addresses and ports that all share a place. */
static void
none_falls_together(void **state)
{
	static unsigned at[16384];
	union tftpsend_address a = { .in6.sin6_family = AF_INET6 };
	uint64_t part[2] = { 0x20010db8, 0 };
	unsigned i, most = 0;

	(void)state;
	for (i = 0; i < 65536; i++) {
		part[1] = i;
		memcpy(&a.in6.sin6_addr, part, sizeof part);
		a.in6.sin6_port = (in_port_t)(0xffff - i);
		at[table_hash(&a, 42) % 16384]++;
	}
	for (i = 0; i < 16384; i++)
		if (at[i] > most)
			most = at[i];
	assert_in_range(most, 4, 30);
	/* And what is found out about one server says nothing of another. */
	assert_true(table_hash(&a, 42) % 16384 != table_hash(&a, 43) % 16384);
}

static void
the_wheel(void **state)
{
	struct table *t = table_new(42);
	struct flight *f;
	uint64_t now, start = 123456789;
	unsigned left = 200, i;

	(void)state;
	assert_null(table_due(t, start));
	for (i = 0; i < left; i++) {
		f = flight(1, i + 1);
		f->t.deadline = start + (uint64_t)i * i * 700;
		table_add(t, f);
	}
	for (now = start; left > 0; now += 3000) {
		assert_true(now < start + 60000000);
		while ((f = table_due(t, now)) != NULL) {
			if (f->t.deadline > now) {
				table_schedule(t, f);
				continue;
			}
			assert_true(now - f->t.deadline < 6000);
			table_remove(t, f);
			flight_free(f);
			left--;
		}
	}
	table_free(t);
}

/* Each packet moves its deadline on; sometimes it comes nearer. */
static void
deadlines_that_move(void **state)
{
	struct table *t = table_new(42);
	struct flight *f = flight(1, 1);
	uint64_t now = 1000000;

	(void)state;
	assert_null(table_due(t, now));
	f->t.deadline = now + 1000000;
	table_add(t, f);
	for (; now < 5000000; now += 10000) {
		f->t.deadline = now + 1000000;
		table_schedule(t, f);
		while (table_due(t, now) != NULL) {
			assert_true(f->t.deadline > now);
			table_schedule(t, f);
		}
	}
	f->t.deadline = now + 30000;
	table_schedule(t, f);
	assert_null(table_due(t, now + 10000));
	assert_ptr_equal(table_due(t, now + 50000), f);
	table_remove(t, f);
	flight_free(f);
	table_free(t);
}

/* Whoever sleeps so long wakes at the time, and not much before. */
static void
how_long_to_wait(void **state)
{
	struct table *t = table_new(42);
	struct flight *f = flight(1, 1);
	uint64_t now = 5000000, wait;

	(void)state;
	assert_null(table_due(t, now));
	assert_int_equal(table_wait(t, now), 1000000);
	for (uint64_t in = 0; in < 900000; in = in * 2 + 700) {
		f->t.deadline = now + in;
		table_add(t, f);
		wait = table_wait(t, now);
		assert_in_range(wait, in, in + 4000);
		assert_null(table_due(t, now + wait - 1));
		assert_ptr_equal(table_due(t, now += wait), f);
		assert_true(f->t.deadline <= now);
		table_remove(t, f);
	}
	f->t.deadline = now + 20000000;
	table_add(t, f);
	assert_in_range(table_wait(t, now), 900000, 1000000);
	assert_int_equal(table_wait(t, now + 20100000), 0);
	table_remove(t, f);
	flight_free(f);
	table_free(t);
}

static void
those_who_just_ended(void **state)
{
	struct table *t = table_new(42);
	struct flight *f = flight(1, 1), *g = flight(1, 2);

	(void)state;
	table_ended(t, &f->peer.to, 1000);
	assert_true(table_ended_lately(t, &f->peer.to, 2000));
	assert_false(table_ended_lately(t, &g->peer.to, 2000));
	assert_false(table_ended_lately(t, &f->peer.to, 60000000));
	flight_free(f);
	flight_free(g);
	table_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_address_and_port),
		cmocka_unit_test(none_falls_together),
		cmocka_unit_test(the_wheel),
		cmocka_unit_test(deadlines_that_move),
		cmocka_unit_test(how_long_to_wait),
		cmocka_unit_test(those_who_just_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
