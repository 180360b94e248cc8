#include "bootpd_test.h"

/* What fits into an answer, and what is said of the rest. */

#define LIST(...) do { static const uint8_t list_[] = { __VA_ARGS__ };	\
	add(DHCP_LIST, list_, sizeof list_); } while (0)
#define TEXT(code, s) add((code), (s), strlen(s))

/* All of it, or a word that it is missing; how much fits grows with size. */
static size_t
longest_rsync_path(const char *more, const char *size, size_t id)
{
	static char own[2000], path[1401];
	size_t n, most = 0;

	for (n = 1; n < sizeof path; n++) {
		memset(path, 'p', n);
		path[n - 1] = '.';
		path[n] = '\0';
		make_host("", more, "domain=example.net dns=192.0.2.53");
		snprintf(own, sizeof own, "group path rsync-path=%s", path);
		layer(own);
		start_dhcp(DHCP_DISCOVER);
		LIST(119, 6, 15, 12, DHCP_RSYNC_PATH);
		if (size != NULL)
			add(DHCP_MAX_SIZE, size, 2);
		if (id > 0)
			add(DHCP_CLIENT_ID, path, id);
		add(DHCP_RELAY, "\1\3ge1\2\2r1", 9);
		ask();
		open_reply();
		assert_true(reply_has(DHCP_RELAY) && reply_has(DHCP_ROUTER));
		assert_int_equal(answer.reason, EVENT_OK);
		if (!reply_has(DHCP_RSYNC_PATH)) {
			assert_non_null(strstr(answer.why, "left out: 194"));
			continue;
		}
		assert_string_equal(reply_text(DHCP_RSYNC_PATH), path);
		assert_null(strstr(answer.why, "194"));
		assert_int_equal(most, n - 1);
		most = n;
	}
	return most;
}

static void
an_rsync_path_of_any_length_is_whole_or_reported(void **state)
{
	static const char names[] = "option-119=text:"
	    "0123456789012345678901234567890123456789"
	    "0123456789012345678901234567890123456789";

	(void)state;
	/*
	 * 308, less 11 (relay), 3 (overload), 1 (END), 3 + 4 * 6 (always),
	 * 4 (two heads); file and sname each less 3.
	 */
	assert_int_equal(longest_rsync_path("", NULL, 0), 266 - 4 + 125 + 61);
	/* with a boot file in its field there is sname alone */
	assert_int_equal(longest_rsync_path("filename=x", NULL, 0),
	    266 - 4 + 61);
	assert_true(longest_rsync_path("", "\5\xdc", 0) > 1200);
	/* where a long identifier left too little, short ones in pieces too */
	assert_int_equal(longest_rsync_path("", NULL, 200),
	    266 - 202 - 2 + 125 + 61);
	/* it goes before what was asked for first */
	assert_int_equal(longest_rsync_path(names, NULL, 0),
	    266 - 4 + 125 + 61);
}

static void
says_which_options_are_missing(void **state)
{
	static char group[8000], xs[401];
	size_t n;
	int i;

	(void)state;
	memset(xs, 'x', sizeof xs - 1);
	make_host("", NULL, "");
	snprintf(group, sizeof group, "group big option-200=text:%s "
	    "option-201=text:%s option-202=text:%s", xs, xs, xs);
	layer(group);
	start_dhcp(DHCP_DISCOVER);
	ask();
	open_reply();
	assert_true(reply_has(200));
	assert_string_equal(answer.why,
	    "answered, but 2 options left out: 201,202");
	/* more than there is room to name */
	make_host("", NULL, "");
	n = (size_t)snprintf(group, sizeof group, "group big");
	for (i = 160; i < 250; i++)
		n += (size_t)snprintf(group + n, sizeof group - n,
		    " option-%d=text:%.40s", i, xs);
	layer(group);
	ask();
	open_reply();
	assert_in_range(strlen(answer.why), ANSWER_NOTE_MAX - 8,
	    ANSWER_NOTE_MAX - 1);
	start_dhcp(DHCP_INFORM);
	make_host("", NULL, "");
	snprintf(group, sizeof group, "group big option-200=text:%s "
	    "option-201=text:%s", xs, xs);
	layer(group);
	set_address(CIADDR, HOST);
	ask();
	assert_string_equal(answer.why,
	    "INFORM; answered, but 1 option left out: 201");
}

/* Of any length: told whole, by field or option, or reported. */
static void
a_boot_file_is_whole_or_reported(void **state)
{
	static char own[1100], name[601];
	size_t n, most = 0;

	(void)state;
	for (n = 1; n < sizeof name; n++) {
		memset(name, 'f', n);
		name[n] = '\0';
		snprintf(own, sizeof own, "filename=%s", name);
		make_host(own, NULL, "");
		start_dhcp(DHCP_DISCOVER);
		TEXT(DHCP_VENDOR_CLASS, "PXEClient:Arch:00007:UNDI:003016");
		ask();
		open_reply();
		if (answer.file[0] == '\0') {
			assert_int_equal(answer.reason, EVENT_NO_BOOT_FILE);
			assert_non_null(strstr(answer.why, "too long"));
			assert_false(reply_has(DHCP_BOOT_FILE));
			assert_int_equal(answer.bytes[108], 0);
			continue;
		}
		assert_int_equal(answer.reason, EVENT_OK);
		assert_null(strstr(answer.why, "boot file"));
		assert_int_equal(most, n - 1);
		most = n;
		if (n < DHCP_FILE_SIZE)
			assert_string_equal((char *)answer.bytes + 108, name);
		else
			assert_string_equal(reply_text(DHCP_BOOT_FILE), name);
	}
	assert_true(most > 400 && most < ANSWER_FILE_MAX);
	/* BOOTP has the field alone */
	memset(name, 'f', 200);
	name[200] = '\0';
	snprintf(own, sizeof own, "filename=%s", name);
	make_host(own, NULL, "");
	start_packet();
	ask();
	assert_int_equal(answer.reason, EVENT_NO_BOOT_FILE);
	assert_int_equal(answer.bytes[108], 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    an_rsync_path_of_any_length_is_whole_or_reported),
		cmocka_unit_test(says_which_options_are_missing),
		cmocka_unit_test(a_boot_file_is_whole_or_reported),
	};

	return cmocka_run_group_tests_name("bootpd room", tests, NULL, NULL);
}
