#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "event.h"
#include "../../pxectl/hint.h"
#include "../../pxectl/machine.h"

/* Whatever the daemons write, `why` has words for it. */
static void
every_reason_has_words(void **state)
{
	(void)state;
	for (unsigned r = EVENT_OK; r <= EVENT_OTHER_INTERFACE; r++) {
		assert_non_null(event_reason_name(r));
		assert_non_null(event_reason_text(r));
		assert_true(strlen(event_reason_name(r)) > 1);
		assert_true(strlen(event_reason_text(r)) > 1);
	}
}

/* Every step on the way has a usual cause why it was the last one. */
static void
every_step_has_its_hint(void **state)
{
	(void)state;
	for (unsigned s = EVENT_ASKED; s < EVENT_UP; s++) {
		assert_int_not_equal(machine_step(s), 0);
		assert_non_null(hint_stage((enum event_stage)s));
	}
	assert_null(hint_stage(EVENT_UP));
	assert_null(hint_stage(EVENT_SILENCE));
	assert_null(hint_stage((enum event_stage)255));
	assert_int_equal(machine_step(EVENT_SILENCE), 0);
	assert_int_equal(machine_step(EVENT_PROGRESS), 0);
	assert_int_equal(machine_step(0), 0);
}

static void
reasons_say_what_to_do(void **state)
{
	(void)state;
	assert_non_null(strstr(hint_reason(EVENT_UNREGISTERED), "add-host"));
	assert_null(hint_reason(EVENT_OK));
	assert_null(hint_reason((enum event_reason)255));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason_has_words),
		cmocka_unit_test(every_step_has_its_hint),
		cmocka_unit_test(reasons_say_what_to_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
