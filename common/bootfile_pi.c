/*
 * The firmware of a Raspberry Pi: config.txt and cmdline.txt.  See
 * bootfile.h.  It has no words for a boot from the disk: with boot=local
 * there are no files, and it goes on to the next in its BOOT_ORDER.
 */
#include <string.h>

#include "bootfile_plan.h"

#define LINE	98	/* the firmware passes over what is beyond */

static void line(struct put *, const char *, const char *, const char *);
static void path(struct put *, struct put *, const char *);

void
plan_pi_config(const struct plan *p, struct put *o)
{
	char text[PLAN_PATH], item[PLAN_PATH];
	struct put q = put_into(text, sizeof text - 1);
	const char *at = p->initrd;
	unsigned long speed;
	unsigned port;
	bool first = true;

	if (p->local != NULL) {
		o->full = true;
		return;
	}
	line(o, "# ", host_name(p->host), "");
	path(o, &q, p->kernel);
	*q.at = '\0';
	line(o, "kernel=", text, "");
	if (p->initrd[0] != '\0') {
		q = put_into(text, sizeof text - 1);
		for (; attribute_item(&at, item, sizeof item); first = false) {
			if (!first)
				put_u8(&q, ',');
			path(o, &q, item);
		}
		*q.at = '\0';
		line(o, "initramfs ", text, " followkernel");
	}
	if (plan_serial_of(p, &port, &speed))
		line(o, "enable_uart=", "1", "");
	if (q.full)
		o->full = true;
}

/* One line; what the firmware adds stands in front of it. */
void
plan_pi_cmdline(const struct plan *p, struct put *o)
{
	struct put q = *o;

	if (p->local != NULL) {
		o->full = true;
		return;
	}
	put_text(o, p->cmdline);
	plan_put_bootif(o, p->host);
	/* Without a command line, not even a blank before BOOTIF. */
	if (p->cmdline[0] == '\0' && o->at > q.at)
		memmove(q.at, q.at + 1, (size_t)(--o->at - q.at));
	put_u8(o, '\n');
}

static void
line(struct put *o, const char *key, const char *value, const char *end)
{
	if (strlen(key) + strlen(value) + strlen(end) > LINE)
		o->full = true;
	put_text(o, key);
	put_text(o, value);
	put_text(o, end);
	put_u8(o, '\n');
}

/* Below the directory of its serial number, where all of the tree is. */
static void
path(struct put *o, struct put *q, const char *name)
{
	if (plan_is_url(name))
		o->full = true;
	put_text(q, name + strspn(name, "/"));
}
