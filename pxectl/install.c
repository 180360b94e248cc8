#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "command.h"
#include "install.h"

static int copy_bytes(FILE *, const char *, FILE *);
static int path_errno(const char *);
static int each(const char *, int (*)(const char *, const char *, void *),
    void *);
static int copy_one(const char *, const char *, void *);
static int remove_one(const char *, const char *, void *);

int
install_open(struct install_file *f, const char *path, mode_t mode)
{
	int fd = output_open(&f->output, path, mode), status;

	if (fd < 0)
		return path_errno(path);
	f->path = path;
	f->out = fdopen(fd, "w");
	if (f->out != NULL)
		return EX_OK;
	status = path_errno(path);
	output_close(&f->output, fd, false);
	close(fd);
	return status;
}

int
install_close(struct install_file *f, int status)
{
	if (status == EX_OK && fflush(f->out) != 0)
		status = path_errno(f->path);
	if (output_close(&f->output, fileno(f->out), status == EX_OK) != 0)
		status = path_errno(f->path);
	if (fclose(f->out) != 0 && status == EX_OK)
		status = path_errno(f->path);
	return status;
}

int
install_copy(const char *from, const char *to, mode_t mode)
{
	struct install_file f;
	FILE *in = fopen(from, "re");
	int status;

	if (in == NULL)
		return fail(errno == EACCES ? EX_NOPERM : EX_NOINPUT,
		    "%s: %s", from, strerror(errno));
	status = install_open(&f, to, mode);
	f.output.mode = mode;
	if (status == EX_OK)
		status = install_close(&f, copy_bytes(in, from, f.out));
	fclose(in);
	return status;
}

int
install_tree(const char *from, const char *to)
{
	int status = install_directory(to);

	return status != EX_OK ? status : each(from, copy_one, (void *)to);
}

int
install_directory(const char *path)
{
	char part[4096];
	struct stat st;
	size_t n = strlen(path);

	if (n >= sizeof part)
		return fail(EX_CANTCREAT, "%s: %s", path,
		    strerror(ENAMETOOLONG));
	for (size_t i = 1; i <= n; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, 0755) == 0)
			chmod(part, 0755);
		else if (errno != EEXIST)
			return path_errno(part);
	}
	if (stat(path, &st) != 0)
		return path_errno(path);
	return S_ISDIR(st.st_mode) ? EX_OK :
	    fail(EX_CANTCREAT, "%s: %s", path, strerror(ENOTDIR));
}

void
install_remove(const char *path)
{
	each(path, remove_one, NULL);
	rmdir(path);
}

static int
copy_bytes(FILE *in, const char *from, FILE *out)
{
	char bytes[65536];
	size_t n;

	while ((n = fread(bytes, 1, sizeof bytes, in)) > 0)
		if (fwrite(bytes, 1, n, out) != n)
			return fail(EX_IOERR, "copy of %s: %s", from,
			    strerror(errno));
	if (ferror(in))
		return fail(EX_IOERR, "%s: %s", from, strerror(errno));
	return EX_OK;
}

static int
path_errno(const char *path)
{
	const int e = errno;

	return fail(e == EACCES || e == EPERM || e == EROFS ? EX_NOPERM :
	    e == ENOSPC || e == EIO ? EX_IOERR : EX_CANTCREAT,
	    "%s: %s", path, strerror(e));
}

/* Calls f(path, name, arg) for all in a directory, until it fails. */
static int
each(const char *directory, int (*f)(const char *, const char *, void *),
    void *arg)
{
	char path[4096];
	struct dirent *d;
	DIR *dir = opendir(directory);
	int n, status = EX_OK;

	if (dir == NULL)
		return path_errno(directory);
	while (status == EX_OK && (d = readdir(dir)) != NULL) {
		if (strcmp(d->d_name, ".") == 0 ||
		    strcmp(d->d_name, "..") == 0)
			continue;
		n = snprintf(path, sizeof path, "%s/%s", directory,
		    d->d_name);
		if (n > 0 && (size_t)n < sizeof path)
			status = f(path, d->d_name, arg);
	}
	closedir(dir);
	return status;
}

static int
copy_one(const char *path, const char *name, void *arg)
{
	char to[4096];
	struct stat st;
	int n;

	n = snprintf(to, sizeof to, "%s/%s", (const char *)arg, name);
	if (n < 0 || (size_t)n >= sizeof to)
		return fail(EX_CANTCREAT, "%s: %s", path,
		    strerror(ENAMETOOLONG));
	if (stat(path, &st) != 0)
		return path_errno(path);
	return S_ISDIR(st.st_mode) ? install_tree(path, to) :
	    install_copy(path, to, 0644);
}

static int
remove_one(const char *path, const char *name, void *arg)
{
	struct stat st;

	(void)name;
	(void)arg;
	if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
		install_remove(path);
	else
		unlink(path);
	return EX_OK;
}
