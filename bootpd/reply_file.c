/*
 * The boot file of a reply: see writing.h.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "loader.h"
#include "writing.h"

static const char *loader_arch(const struct reply *);
static const char *netbsd_file(const struct writing *);
static void name_file(struct writing *, const char *);
static void echo_file(struct writing *);

/* One that says what it is, and we do not know that, is no PC with a BIOS. */
static const char *
loader_arch(const struct reply *r)
{
	size_t n;

	if (r->arch != NULL)
		return r->arch->name;
	return dhcp_option(&r->p->options, DHCP_ARCH, &n) != NULL ? "" :
	    "bios";
}

void
writing_file(struct writing *w)
{
	const struct reply_values *v = &w->r->values;
	const struct firmware *fw = w->r->firmware;
	const char *arch = loader_arch(w->r);
	const char *file = NULL, *script = v->text[A_IPXE_SCRIPT];
	unsigned layer = HOST_LAYERS;

	w->a->file[0] = '\0';
	w->long_name = false;
	if (w->r->local) {
		if (fw != NULL && fw->does & FIRMWARE_HTTP)
			name_file(w, "boot=local");
		return;
	}
	if (v->arch_file != NULL && *v->arch_file != '\0') {
		file = v->arch_file;
		layer = v->arch_layer;
	}
	if (v->text[A_FILENAME] != NULL && v->layer[A_FILENAME] < layer) {
		file = v->text[A_FILENAME];
		layer = v->layer[A_FILENAME];
	}
	if (v->text[A_LOADER] != NULL && v->layer[A_LOADER] < layer) {
		file = loader_path(v->text[A_LOADER], arch);
		w->a->chain = script != NULL &&
		    strcmp(v->text[A_LOADER], "ipxe") == 0;
	}
	if (script != NULL && ((fw != NULL && fw->does & FIRMWARE_IPXE) ||
	    (w->a->chain && w->r->ctx->loops))) {
		file = script;
		if (w->a->chain && w->r->ctx->loops)
			w->a->why = "loads iPXE again and again: the script";
		w->a->chain = false;
	}
	/* Set by number, it is one for all who read the field instead. */
	if (file == NULL && writing_has(v, DHCP_BOOT_FILE) &&
	    strncmp(v->option[DHCP_BOOT_FILE], "text:", 5) == 0)
		file = v->option[DHCP_BOOT_FILE] + 5;
	if (fw != NULL && fw->does & FIRMWARE_SCHEME &&
	    writing_makes_files(w->r, "netbsd"))
		file = netbsd_file(w);
	if (file != NULL)
		name_file(w, file);
	else if (w->a->type == DHCP_BOOTP && fw == NULL)
		echo_file(w);
}

bool
writing_makes_files(const struct reply *r, const char *loader)
{
	const char *text = r->values.text[A_LOADER];

	return text != NULL && strcmp(text, loader) == 0;
}

/*
 * NetBSD's loader says in the file field what it wants next: boot.cfg, a
 * kernel by its own name for it, or what boot.cfg named, as tftp:NAME.  An
 * answer with a ':' takes the place of that, any other leaves it alone.
 */
static const char *
netbsd_file(const struct writing *w)
{
	static const char conf[] = "boot.cfg";
	const char *asked = (const char *)w->r->p->file;
	size_t n = strnlen(asked, DHCP_FILE_SIZE);

	if (memchr(asked, ':', n) != NULL)
		return NULL;
	if (n == sizeof conf - 1 && memcmp(asked, conf, n) == 0)
		return "tftp:boot.cfg";
	return w->r->values.text[A_KERNEL] != NULL ? "tftp:%a/kernel" : NULL;
}

/* Its name as the client wants it: HTTP boot takes URLs only. */
static void
name_file(struct writing *w, const char *file)
{
	const struct firmware *fw = w->r->firmware;
	char url[24], text[INET_ADDRSTRLEN];
	struct in_addr server = { htonl(w->r->next_server) };
	struct put o;

	if ((file = writing_fill(w, file, w->text, sizeof w->text)) == NULL) {
		w->long_name = true;
		return;
	}
	url[0] = '\0';
	if (fw != NULL && fw->does & FIRMWARE_HTTP &&
	    strstr(file, "://") == NULL &&
	    inet_ntop(AF_INET, &server, text, sizeof text) != NULL)
		snprintf(url, sizeof url, "http://%s/", text);
	o = put_into(w->a->file, sizeof w->a->file);
	put_text(&o, url);
	put_text(&o, *url != '\0' && *file == '/' ? file + 1 : file);
	/* The head of a name is another file: better none at all. */
	if (!put_u8(&o, '\0')) {
		w->a->file[0] = '\0';
		w->long_name = true;
	}
}

/* RFC 951 section 7.3: BOOTP may name its file.  Not ours to fill in. */
static void
echo_file(struct writing *w)
{
	const char *asked = (const char *)w->r->p->file;
	size_t n = strnlen(asked, DHCP_FILE_SIZE);

	if (n == DHCP_FILE_SIZE)
		return;
	memcpy(w->a->file, asked, n);
	w->a->file[n] = '\0';
}
