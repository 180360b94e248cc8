/*
 * add-loader: boot loaders from where systems keep them.  Which file a
 * machine is told to load, common/loader.c knows; what must lie beside it,
 * the tables here.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "command.h"
#include "install.h"
#include "json.h"
#include "loader.h"

#define NAMES	4	/* of one file on different systems */

struct part {
	const char *to;			/* below loaders/LOADER/ */
	bool optional;
	const char *from[NAMES];	/* in any of the directories */
};

/* What one loader needs for one architecture. */
struct set {
	const char *loader;
	const char *arch;
	const char *const *directories;
	const struct part *parts;
};

static const char *const syslinux_bios[] = { "usr/lib/PXELINUX",
    "usr/lib/syslinux/modules/bios", "usr/share/syslinux",
    "usr/lib/syslinux/bios", "usr/local/share/syslinux/bios/core",
    "usr/local/share/syslinux/bios/com32/elflink/ldlinux",
    "usr/local/share/syslinux/bios/com32/lib",
    "usr/local/share/syslinux/bios/com32/libutil",
    "usr/local/share/syslinux/bios/com32/chain",
    "usr/local/share/syslinux/bios/com32/menu", NULL };
static const char *const syslinux_efi64[] = { "usr/lib/SYSLINUX.EFI/efi64",
    "usr/lib/syslinux/modules/efi64", "usr/share/syslinux/efi64",
    "usr/lib/syslinux/efi64", "usr/local/share/syslinux/efi64/efi",
    "usr/local/share/syslinux/efi64/com32/elflink/ldlinux", NULL };
static const char *const syslinux_efi32[] = { "usr/lib/SYSLINUX.EFI/efi32",
    "usr/lib/syslinux/modules/efi32", "usr/share/syslinux/efi32",
    "usr/lib/syslinux/efi32", "usr/local/share/syslinux/efi32/efi",
    "usr/local/share/syslinux/efi32/com32/elflink/ldlinux", NULL };
static const char *const ipxe[] = { "usr/lib/ipxe", "usr/share/ipxe",
    "usr/local/share/ipxe", NULL };
static const char *const freebsd[] = { "boot", NULL };
static const char *const mdec[] = { "usr/mdec", NULL };

static const struct part pxelinux_bios_parts[] = {
	{ "pxelinux.0", false, { "pxelinux.0" } },
	{ "ldlinux.c32", false, { "ldlinux.c32" } },
	{ "libcom32.c32", true, { "libcom32.c32" } },
	{ "libutil.c32", true, { "libutil.c32" } },
	{ "chain.c32", true, { "chain.c32" } },
	{ "menu.c32", true, { "menu.c32" } },
	{ 0 }
};
static const struct part pxelinux_efi64_parts[] = {
	{ "efi64/syslinux.efi", false, { "syslinux.efi" } },
	{ "efi64/ldlinux.e64", false, { "ldlinux.e64" } },
	{ 0 }
};
static const struct part pxelinux_efi32_parts[] = {
	{ "efi32/syslinux.efi", false, { "syslinux.efi" } },
	{ "efi32/ldlinux.e32", false, { "ldlinux.e32" } },
	{ 0 }
};
static const struct part ipxe_bios_parts[] = {
	{ "undionly.kpxe", false, { "undionly.kpxe" } },
	{ 0 }
};
static const struct part ipxe_efi64_parts[] = {
	{ "snponly.efi", false, { "snponly.efi", "x86_64-efi/snponly.efi",
	    "ipxe-snponly-x86_64.efi", "ipxe.efi" } },
	{ 0 }
};
static const struct part ipxe_efi32_parts[] = {
	{ "ipxe-ia32.efi", false, { "ipxe-ia32.efi", "i386-efi/snponly.efi",
	    "ipxe-snponly-x86.efi", "ipxe-i386.efi" } },
	{ 0 }
};
static const struct part ipxe_arm64_parts[] = {
	{ "ipxe-arm64.efi", false, { "ipxe-arm64.efi",
	    "arm64-efi/snponly.efi", "snponly-arm64.efi" } },
	{ 0 }
};
static const struct part pxeboot_bios_parts[] = {
	{ "pxeboot", false, { "pxeboot" } },
	{ 0 }
};
static const struct part pxeboot_efi64_parts[] = {
	{ "loader.efi", false, { "loader.efi" } },
	{ 0 }
};
static const struct part openbsd_bios_parts[] = {
	{ "pxeboot", false, { "pxeboot" } },
	{ 0 }
};
static const struct part openbsd_efi64_parts[] = {
	{ "BOOTX64.EFI", false, { "BOOTX64.EFI" } },
	{ 0 }
};
static const struct part netbsd_bios_parts[] = {
	{ "pxeboot_ia32.bin", false, { "pxeboot_ia32.bin" } },
	{ 0 }
};

static const struct set sets[] = {
	{ "pxelinux", "bios", syslinux_bios, pxelinux_bios_parts },
	{ "pxelinux", "efi-x64", syslinux_efi64, pxelinux_efi64_parts },
	{ "pxelinux", "efi-ia32", syslinux_efi32, pxelinux_efi32_parts },
	{ "ipxe", "bios", ipxe, ipxe_bios_parts },
	{ "ipxe", "efi-x64", ipxe, ipxe_efi64_parts },
	{ "ipxe", "efi-ia32", ipxe, ipxe_efi32_parts },
	{ "ipxe", "efi-arm64", ipxe, ipxe_arm64_parts },
	{ "pxeboot", "bios", freebsd, pxeboot_bios_parts },
	{ "pxeboot", "efi-x64", freebsd, pxeboot_efi64_parts },
	{ "openbsd", "bios", mdec, openbsd_bios_parts },
	{ "openbsd", "efi-x64", mdec, openbsd_efi64_parts },
	{ "netbsd", "bios", mdec, netbsd_bios_parts },
	{ 0 }
};

struct job {
	struct pxectl *px;
	const char *loader;
	const char *from;	/* "" or a directory */
	json_t *files;
	unsigned installed;
	char lacks[512];	/* architectures that are not on this system */
};

static int by_sets(struct job *);
static int by_grub(struct job *);

static const struct kind {
	const char *loader;
	int (*install)(struct job *);
	const char *packages;
} kinds[] = {
	{ "pxelinux", by_sets, "Debian: pxelinux syslinux-common "
	    "syslinux-efi; Fedora: syslinux-nonlinux syslinux-efi64; "
	    "FreeBSD: syslinux" },
	{ "grub", by_grub, "Debian: grub-common with grub-pc-bin, "
	    "grub-efi-amd64-bin, ...; Fedora: grub2-tools-extra "
	    "grub2-pc-modules grub2-efi-x64-modules" },
	{ "ipxe", by_sets, "Debian: ipxe; Fedora: ipxe-bootimgs-x86 "
	    "ipxe-bootimgs-aarch64; FreeBSD: ipxe" },
	{ "pxeboot", by_sets, "FreeBSD has them in /boot: --from DIR" },
	{ "openbsd", by_sets, "OpenBSD has them in /usr/mdec: --from DIR" },
	{ "netbsd", by_sets, "NetBSD has it in /usr/mdec: --from DIR" },
	{ 0 }
};

static int add(struct job *);
static int set_default(struct pxectl *, char **);
static int install_set(struct job *, const struct set *);
static int lacking(struct job *, const char *, const char *);
static bool find_part(const struct job *, const struct set *,
    const struct part *, char *, size_t);
static void report(struct job *, const char *, const char *);
static int grub_platform(struct job *, const struct loader_file *);
static int grub_run(const struct job *, const char *, const char *);

int
cmd_add_loader(struct pxectl *px, int n, char **arg)
{
	struct job j = { .px = px };
	char path[4096];
	struct stat st;
	int status = EX_OK;

	j.from = option(px, OPT_FROM) != NULL ? option(px, OPT_FROM) : "";
	if (!root_path(px, path, sizeof path, "tftpboot") ||
	    stat(path, &st) != 0)
		return fail(EX_CONFIG, "%s: %s: pxectl init", path,
		    strerror(errno));
	if (px->json)
		j.files = json_array();
	for (int i = 0; i < n && status == EX_OK; i++) {
		j.loader = arg[i];
		status = add(&j);
		if (status == EX_OK && i == 0 && !px->dry_run)
			status = set_default(px, arg);
	}
	if (status == EX_OK && px->json)
		return json_print(j.files, px->out);
	json_decref(j.files);
	return status;
}

static int
add(struct job *j)
{
	const struct kind *k;
	int status;

	for (k = kinds; k->loader != NULL; k++)
		if (strcmp(k->loader, j->loader) == 0)
			break;
	if (k->loader == NULL)
		return fail(EX_USAGE, "%s: not one of pxelinux, grub, ipxe, "
		    "pxeboot, openbsd, netbsd", j->loader);
	j->installed = 0;
	j->lacks[0] = '\0';
	status = k->install(j);
	if (status == EX_OK && j->installed == 0)
		return fail(EX_NOINPUT, "%s: not on this system%s%s: install "
		    "it (%s)", j->loader, j->from[0] != '\0' ? ", below " :
		    "", j->from, k->packages);
	if (status == EX_OK && j->lacks[0] != '\0' && !j->px->json)
		fprintf(j->px->out, "%s: not on this system: %s: install "
		    "what is wanted (%s), then add-loader again\n",
		    j->loader, j->lacks, k->packages);
	return status;
}

/* The first loader of a new site is the one that is used. */
static int
set_default(struct pxectl *px, char **arg)
{
	int status = session_open(px, DB_WRITE, false);

	if (status != EX_OK)
		return status;
	return session_close(px, site_default(px, A_LOADER, arg[0]));
}

static int
by_sets(struct job *j)
{
	int status = EX_OK;

	for (const struct set *s = sets; s->loader != NULL &&
	    status == EX_OK; s++)
		if (strcmp(s->loader, j->loader) == 0)
			status = install_set(j, s);
	return status;
}

/* All that an architecture needs, or nothing of it. */
static int
install_set(struct job *j, const struct set *s)
{
	char from[4096], to[4096], *slash;
	const struct part *p;
	int status = EX_OK;

	for (p = s->parts; p->to != NULL; p++)
		if (!p->optional && !find_part(j, s, p, from, sizeof from))
			return lacking(j, s->arch, p->from[0]);
	for (p = s->parts; p->to != NULL && status == EX_OK; p++) {
		if (!find_part(j, s, p, from, sizeof from))
			continue;
		if (!root_path(j->px, to, sizeof to,
		    "tftpboot/loaders/%s/%s", j->loader, p->to))
			return fail(EX_CANTCREAT, "%s: %s", p->to,
			    strerror(ENAMETOOLONG));
		if (!j->px->dry_run) {
			slash = strrchr(to, '/');
			*slash = '\0';
			status = install_directory(to);
			*slash = '/';
			if (status == EX_OK)
				status = install_copy(from, to, 0644);
		}
	}
	if (status == EX_OK)
		report(j, s->arch, loader_path(j->loader, s->arch));
	return status;
}

/* A room of UEFI machines wants to know. */
static int
lacking(struct job *j, const char *arch, const char *file)
{
	const size_t n = strlen(j->lacks);

	snprintf(j->lacks + n, sizeof j->lacks - n, "%s%s (%s)",
	    n > 0 ? ", " : "", arch, file);
	return EX_OK;
}

static bool
find_part(const struct job *j, const struct set *s, const struct part *p,
    char *path, size_t size)
{
	struct stat st;
	int n;

	for (const char *const *d = s->directories; *d != NULL; d++)
		for (int i = 0; i < NAMES && p->from[i] != NULL; i++) {
			n = snprintf(path, size, "%s/%s/%s", j->from, *d,
			    p->from[i]);
			if (n > 0 && (size_t)n < size &&
			    stat(path, &st) == 0 && S_ISREG(st.st_mode))
				return true;
		}
	return false;
}

static void
report(struct job *j, const char *arch, const char *path)
{
	j->installed++;
	if (j->px->json)
		json_array_append_new(j->files, json_pack("{s:s, s:s, s:s}",
		    "loader", j->loader, "arch", arch, "file", path));
	else
		fprintf(j->px->out, "%s %s: tftpboot/%s\n", j->loader, arch,
		    path);
}

/* GRUB has a program that makes its images; one call a platform. */
static int
by_grub(struct job *j)
{
	const struct loader_file *f;
	int status = EX_OK;

	for (f = loader_table(); f->loader != NULL && status == EX_OK; f++)
		if (strcmp(f->loader, j->loader) == 0)
			status = grub_platform(j, f);
	return status;
}

/* path: loaders/grub/PLATFORM/core.efi */
static int
grub_platform(struct job *j, const struct loader_file *f)
{
	static const char *const bases[] = { "usr/lib/grub", "usr/lib/grub2",
	    "usr/share/grub", "usr/local/lib/grub" };
	const char *platform = f->path + strlen("loaders/grub/");
	char directory[4096], beside[4096], from[4200], to[4096];
	const int n = (int)strcspn(platform, "/");
	struct stat st;
	size_t i;
	int status;

	for (i = 0; i < sizeof bases / sizeof bases[0]; i++) {
		snprintf(directory, sizeof directory, "%s/%s/%.*s/moddep.lst",
		    j->from, bases[i], n, platform);
		if (stat(directory, &st) == 0)
			break;
	}
	if (i == sizeof bases / sizeof bases[0]) {
		*strchr(strcpy(to, platform), '/') = '\0';
		return lacking(j, f->arch, to);
	}
	*strrchr(directory, '/') = '\0';
	if (j->px->dry_run) {
		report(j, f->arch, f->path);
		return EX_OK;
	}
	if (!root_path(j->px, beside, sizeof beside, "tftpboot/loaders/"
	    ".grub.XXXXXX") || !root_path(j->px, to, sizeof to,
	    "tftpboot/loaders/grub") || mkdtemp(beside) == NULL)
		return fail(EX_CANTCREAT, "%s: %s", beside, strerror(errno));
	status = grub_run(j, directory, beside);
	if (status == EX_OK) {
		/* tftpd(8) answers with the host's own instead. */
		snprintf(from, sizeof from, "%s/loaders/grub/%.*s/grub.cfg",
		    beside, n, platform);
		unlink(from);
		snprintf(from, sizeof from, "%s/loaders/grub", beside);
		status = install_tree(from, to);
	}
	install_remove(beside);
	if (status == EX_OK)
		report(j, f->arch, f->path);
	return status;
}

/* Its prefix is where the files will be, as a machine names them. */
static int
grub_run(const struct job *j, const char *directory, const char *beside)
{
	static const char *const programs[] = { "grub-mknetdir",
	    "grub2-mknetdir" };
	char net[4200], modules[4200];
	/* By HTTP it would need its http module to load its http module. */
	char *arg[] = { NULL, net, "--subdir=/loaders/grub", modules,
	    "--locales=", "--fonts=", "--themes=", strcmp(strrchr(
	    directory, '-'), "-efi") == 0 ? "--modules=http normal linux" :
	    NULL, NULL };
	posix_spawn_file_actions_t actions;
	int error = ENOENT, state = 0;
	extern char **environ;
	pid_t pid;

	snprintf(net, sizeof net, "--net-directory=%s", beside);
	snprintf(modules, sizeof modules, "--directory=%s", directory);
	if (posix_spawn_file_actions_init(&actions) != 0)
		return fail(EX_OSERR, "%s", strerror(ENOMEM));
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO,
	    "/dev/null", O_WRONLY, 0);
	for (size_t i = 0; i < 2 && error == ENOENT; i++) {
		arg[0] = (char *)programs[i];
		error = posix_spawnp(&pid, programs[i], &actions, NULL, arg,
		    environ);
	}
	posix_spawn_file_actions_destroy(&actions);
	if (error != 0)
		return fail(EX_UNAVAILABLE, "%s: %s: %s", j->loader,
		    programs[0], strerror(error));
	while (waitpid(pid, &state, 0) < 0)
		if (errno != EINTR)
			return fail(EX_OSERR, "%s: %s", arg[0],
			    strerror(errno));
	if (!WIFEXITED(state) || WEXITSTATUS(state) != 0)
		return fail(EX_UNAVAILABLE, "%s: %s: failed, see above",
		    j->loader, arg[0]);
	return EX_OK;
}
