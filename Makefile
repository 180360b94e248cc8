# bootserver: for GNU make and bmake.
#	make deps check; make demo; make install [DESTDIR= PREFIX=]
#	make install-systemd | install-rc: besides, what starts the daemons

VERSION	= 0.1
PREFIX	?= /usr/local
LIBEXEC	= $(PREFIX)/libexec
SBIN	= $(PREFIX)/sbin
SHARE	= $(PREFIX)/share/bootserver
MANDIR	?= $(PREFIX)/share/man
UNITDIR	?= $(PREFIX)/lib/systemd/system
RCDIR	?= $(PREFIX)/etc/rc.d
INSTALL	?= install

CC	?= cc
CFLAGS	?= -O2 -g
WARN	= -std=c11 -Wall -Wextra -Werror
# make SANITIZE=1: AddressSanitizer and UndefinedBehaviorSanitizer
SAN_1	= -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	  -fno-omit-frame-pointer
SAN	= $(SAN_$(SANITIZE))
# A system of 32 bits opens no file above 2 GB otherwise.
CPPF	= -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DVERSION='"$(VERSION)"' \
	  -DPREFIX='"$(PREFIX)"' -Icommon $(CPPFLAGS)
# Each shared library is a quarter of a millisecond at each start of bootpd:
# the small ones come from their archives, where there are any.  ARCHIVES=
# takes all of them shared, POPT= and the like says how to link one.
ARCHIVES ?= bsd popt lmdb net
LIBRARY	= library() { \
	  f=$$($(CC) -print-file-name=lib$$1.a 2>/dev/null); \
	  case " $(ARCHIVES) :$$f" in \
	  *" $$1 "*:/*) echo -l:lib$$1.a ;; *) echo -l$$1 ;; esac; }; library
# libbsd: what the BSDs have in their C library.
BSD	!= case $$(uname) in Linux) $(LIBRARY) bsd ;; esac
POPT	!= $(LIBRARY) popt
LMDB	!= $(LIBRARY) lmdb
NET	!= $(LIBRARY) net
LIBS	= $(BSD) $(POPT) $(LMDB) -pthread
EVENT	= -levent_core
# bootpd, which inetd starts for a packet, is linked statically where that
# can be done: a fifth of the time to its first answer.  STATIC= for none.
STATIC	!= [ -n '$(SANITIZE)' ] || { f=.static.$$$$; \
	  echo 'int puts(const char *); int main(void) { return puts("x"); }' | \
	  $(CC) $(CFLAGS) $(LDFLAGS) -static-pie -o $$f -x c - -x none \
	  $(LIBS) $(NET) 2>/dev/null && echo -static-pie; rm -f $$f; }
# What runs while it is built; when that is for another machine, say so:
#	make CC=aarch64-linux-gnu-gcc CC_FOR_BUILD=cc SECCOMP_ARCH=aarch64
CC_FOR_BUILD ?= $(CC)
SECCOMP	!= case $$(uname) in Linux) echo -lseccomp ;; esac

COMMON	= common/arch.o common/attribute.o common/attribute_value.o \
	  common/bootfile.o common/bootfile_bsd.o common/bootfile_name.o \
	  common/bootfile_pi.o common/crc32c.o common/entry.o common/event.o \
	  common/guess.o common/host.o common/hostdb.o \
	  common/hostdb_ahead.o common/hostdb_contest.o \
	  common/hostdb_edit.o common/hostdb_format.o common/hostdb_guard.o \
	  common/hostdb_log.o common/hostdb_rules.o \
	  common/hostdb_spoken.o common/hostdb_verify.o \
	  common/identity.o common/loader.o common/log.o common/pages.o \
	  common/recall.o common/sandbox.o common/service.o \
	  common/template.o
TFTPD	= tftpd/below.o tftpd/cache.o tftpd/content.o tftpd/http.o \
	  tftpd/http_answer.o tftpd/http_date.o tftpd/http_head.o \
	  tftpd/http_parse.o tftpd/inbox.o tftpd/keeper.o tftpd/limit.o \
	  tftpd/netascii.o tftpd/opened.o tftpd/packet.o tftpd/peer.o \
	  tftpd/ready.o tftpd/report.o tftpd/send.o tftpd/serve_port.o \
	  tftpd/serve_request.o tftpd/serve_send.o tftpd/serve_take.o \
	  tftpd/server.o tftpd/settings.o tftpd/share.o tftpd/sockets.o \
	  tftpd/stage.o tftpd/store.o tftpd/table.o tftpd/transfer.o \
	  tftpd/upload.o tftpd/workers.o
BOOTPD	= bootpd/packet.o bootpd/options.o bootpd/firmware.o \
	  bootpd/answer.o bootpd/reply.o bootpd/reply_file.o \
	  bootpd/reply_option.o bootpd/interface.o bootpd/ipv6.o \
	  bootpd/lent.o bootpd/proxy.o bootpd/recent.o bootpd/record.o \
	  bootpd/send.o bootpd/serve.o bootpd/show.o bootpd/stranger.o
SHIM	= rsync-shim/conf.o rsync-shim/greeting.o rsync-shim/outcome.o \
	  rsync-shim/print.o rsync-shim/refuse.o rsync-shim/secret.o \
	  rsync-shim/serve.o
PXECTL	= pxectl/change.o pxectl/check_files.o pxectl/check_network.o \
	  pxectl/check_services.o \
	  pxectl/cmd_adopt.o pxectl/cmd_check.o pxectl/cmd_entry.o \
	  pxectl/cmd_events.o \
	  pxectl/cmd_exchange.o pxectl/cmd_host.o pxectl/cmd_image.o \
	  pxectl/cmd_init.o pxectl/cmd_loader.o pxectl/cmd_log.o \
	  pxectl/cmd_show.o pxectl/cmd_status.o pxectl/cmd_why.o \
	  pxectl/command.o pxectl/help.o pxectl/hint.o pxectl/install.o \
	  pxectl/interface.o pxectl/json.o pxectl/machine.o pxectl/name.o \
	  pxectl/output.o pxectl/range.o pxectl/seen.o pxectl/target.o \
	  pxectl/text.o
IMAGE	= pxectl/image/busybox.o pxectl/image/drivers.o \
	  pxectl/image/elf.o pxectl/image/image.o pxectl/image/index.o \
	  pxectl/image/library.o pxectl/image/manifest.o \
	  pxectl/image/modules.o pxectl/image/pack.o \
	  pxectl/image/program.o pxectl/image/recipe.o \
	  pxectl/image/report.o pxectl/image/root.o pxectl/image/tree.o \
	  pxectl/image/unpack.o

PROGRAMS = tftpd/tftpd bootpd/bootpd rsync-shim/rsync-shim pxectl/pxectl
UNIT	= tests/unit/attribute.t tests/unit/guess.t \
	  tests/unit/identity.t tests/unit/entry.t \
	  tests/unit/hostdb.t tests/unit/host.t tests/unit/cursor.t \
	  tests/unit/crc32c.t tests/unit/event.t tests/unit/bootfile.t \
	  tests/unit/tftpd_cache.t tests/unit/tftpd_content.t \
	  tests/unit/tftpd_http_parse.t tests/unit/tftpd_keeper.t \
	  tests/unit/tftpd_limit.t tests/unit/tftpd_netascii.t \
	  tests/unit/tftpd_packet.t tests/unit/tftpd_ready.t \
	  tests/unit/tftpd_send.t tests/unit/tftpd_share.t \
	  tests/unit/tftpd_store.t tests/unit/tftpd_table.t \
	  tests/unit/tftpd_transfer.t tests/unit/tftpd_upload.t \
	  tests/unit/tftpd_workers.t tests/unit/log.t \
	  tests/unit/pages.t tests/unit/recall.t \
	  tests/unit/sandbox.t tests/unit/service.t tests/unit/template.t \
	  tests/unit/rsync_conf.t tests/unit/rsync_outcome.t \
	  tests/unit/bootpd_options.t \
	  tests/unit/bootpd_packet.t tests/unit/bootpd_firmware.t \
	  tests/unit/bootpd_answer.t tests/unit/bootpd_captures.t \
	  tests/unit/bootpd_proxy.t tests/unit/bootpd_recent.t \
	  tests/unit/bootpd_record.t \
	  tests/unit/bootpd_room.t tests/unit/bootpd_manual.t \
	  tests/unit/bootpd_lent.t tests/unit/bootpd_stranger.t \
	  tests/unit/pxectl_check.t tests/unit/pxectl_events.t \
	  tests/unit/pxectl_help.t tests/unit/pxectl_hint.t \
	  tests/unit/pxectl_json.t tests/unit/pxectl_machine.t \
	  tests/unit/pxectl_range.t tests/unit/pxectl_seen.t \
	  tests/unit/image_build.t tests/unit/image_elf.t \
	  tests/unit/image_manifest.t tests/unit/image_modules.t \
	  tests/unit/image_root.t tests/unit/image_tree.t

MAN	= man/tftpd.8 man/bootpd.8 man/pxectl.8 man/rsync-shim.8 \
	  man/hosts.5 man/bootserver.7
TESTLIBS = tftpd/libtftpd.a bootpd/libbootpd.a pxectl/libpxectl.a \
	  rsync-shim/libshim.a common/libcommon.a
OBJS	= $(COMMON) $(TFTPD) $(BOOTPD) $(SHIM) $(PXECTL) $(IMAGE) \
	  tftpd/tftpd.o bootpd/bootpd.o rsync-shim/rsync-shim.o pxectl/main.o

all: $(PROGRAMS)

.SUFFIXES: .c .o .t
.c.o:
	$(CC) $(CPPF) $(CFLAGS) $(SAN) $(WARN) -MMD -c -o $@ $<
.o.t:
	$(CC) $(LDFLAGS) $(SAN) -o $@ $< $(TESTLIBS) $(LIBS) \
	    $(NET) $(EVENT) -larchive -lelf -ljansson -lcmocka

tftpd/tftpd: tftpd/tftpd.o tftpd/libtftpd.a common/libcommon.a
	$(CC) $(LDFLAGS) $(SAN) -o $@ tftpd/tftpd.o tftpd/libtftpd.a \
	    common/libcommon.a $(LIBS) $(EVENT)
# The linker says that a static program cannot ask for users and addresses
# everywhere; bootpd looks into /etc/passwd.  So it is heard when it fails.
bootpd/bootpd: bootpd/bootpd.o bootpd/libbootpd.a common/libcommon.a
	$(CC) $(LDFLAGS) $(STATIC) $(SAN) -o $@ bootpd/bootpd.o \
	    bootpd/libbootpd.a common/libcommon.a $(LIBS) $(NET) \
	    2>$@.said || { cat $@.said >&2; rm $@.said; exit 1; }
	rm $@.said
rsync-shim/rsync-shim: rsync-shim/rsync-shim.o rsync-shim/libshim.a \
    common/libcommon.a
	$(CC) $(LDFLAGS) $(SAN) -o $@ rsync-shim/rsync-shim.o \
	    rsync-shim/libshim.a common/libcommon.a $(LIBS)
pxectl/pxectl: pxectl/main.o pxectl/libpxectl.a common/libcommon.a
	$(CC) $(LDFLAGS) $(SAN) -o $@ pxectl/main.o pxectl/libpxectl.a \
	    common/libcommon.a $(LIBS) -larchive -lelf -ljansson

common/sandbox_rules: common/sandbox_rules.c common/sandbox.h
	$(CC_FOR_BUILD) $(CPPF) $(WARN) -o $@ common/sandbox_rules.c \
	    $(SECCOMP)
common/sandbox_filter.h: common/sandbox_rules .flags
	common/sandbox_rules $(SECCOMP_ARCH) >$@.new && mv $@.new $@
common/sandbox.o: common/sandbox_filter.h

common/libcommon.a: $(COMMON)
	rm -f $@; $(AR) rcs $@ $(COMMON)
tftpd/libtftpd.a: $(TFTPD)
	rm -f $@; $(AR) rcs $@ $(TFTPD)
bootpd/libbootpd.a: $(BOOTPD)
	rm -f $@; $(AR) rcs $@ $(BOOTPD)
rsync-shim/libshim.a: $(SHIM)
	rm -f $@; $(AR) rcs $@ $(SHIM)
pxectl/libpxectl.a: $(PXECTL) $(IMAGE)
	rm -f $@; $(AR) rcs $@ $(PXECTL) $(IMAGE)

unit: $(UNIT)
$(UNIT): $(TESTLIBS)
tests/boot/ra: tests/boot/ra.c
	$(CC) $(CPPF) $(CFLAGS) $(WARN) -o $@ tests/boot/ra.c

tests/lib/hold.so: tests/lib/hold.c
	$(CC) $(CPPF) $(CFLAGS) $(WARN) -shared -fPIC -o $@ tests/lib/hold.c

deps:
	sh tests/deps all

# What was built with other flags is built again.
FLAGS	= $(CC) $(CPPF) $(CFLAGS) $(SAN) $(STATIC) $(SECCOMP_ARCH)
FLAGS_CHANGED != f=.flags.$$$$; echo '$(FLAGS)' >$$f; \
	  if cmp -s $$f .flags; then rm $$f; else mv $$f .flags; fi; echo
$(OBJS) $(UNIT:.t=.o): .flags

demo:
	sh tests/deps build demo
	$(MAKE) all tests/boot/ra
	sh tests/boot/demo

check:
	sh tests/deps build demo check
	$(MAKE) all unit tests/boot/ra tests/lib/hold.so
	sh tests/run

# Each for FUZZ_SECONDS; what makes one fail stays in build/fuzz.
FUZZ	= entry dhcp tftp_request tftp_transfer tftp_upload bootfile \
	  http_range http_request
FUZZ_SECONDS ?= 60
fuzz:
	sh tests/deps build fuzz
	$(MAKE) common/sandbox_filter.h
	sh tests/fuzz/run $(FUZZ_SECONDS) $(FUZZ)

tests/bench/dhcp-load: tests/bench/dhcp.c
	$(CC) $(CPPF) $(CFLAGS) $(WARN) -o $@ tests/bench/dhcp.c
tests/bench/dhcp-start: tests/bench/dhcp_start.c
	$(CC) $(CPPF) $(CFLAGS) $(WARN) -o $@ tests/bench/dhcp_start.c
tests/bench/receive-buffer.so: tests/bench/receive_buffer.c
	$(CC) $(CPPF) $(CFLAGS) $(WARN) -shared -fPIC -o $@ \
	    tests/bench/receive_buffer.c
tests/bench/http-load: tests/bench/http.c
	$(CC) $(CPPF) $(CFLAGS) $(WARN) -o $@ tests/bench/http.c
tests/bench/tftp-load: tests/bench/tftp.c
	$(CC) $(CPPF) $(CFLAGS) $(WARN) -o $@ tests/bench/tftp.c
tests/bench/bare: tests/bench/bare.c
	$(CC) $(CPPF) $(CFLAGS) $(WARN) -o $@ tests/bench/bare.c
tests/bench/relay: tests/bench/relay.c
	$(CC) $(CPPF) $(CFLAGS) $(WARN) -o $@ tests/bench/relay.c

BENCH	= tests/bench/dhcp-load tests/bench/dhcp-start \
	  tests/bench/http-load tests/bench/receive-buffer.so \
	  tests/bench/tftp-load tests/bench/bare \
	  tests/bench/relay
bench:
	sh tests/deps build bench
	$(MAKE) all $(BENCH)
	sh tests/bench/dhcp
	sh tests/bench/tftp
	sh tests/bench/http

lint:
	mandoc -Tlint -Wwarning $(MAN)
	cppcheck --quiet --error-exitcode=1 --enable=warning,portability \
	    --inline-suppr -Icommon common tftpd bootpd pxectl rsync-shim

IMAGE_DATA = manifest.full manifest.small manifest.start modules overlay
DIRS	= $(LIBEXEC) $(SBIN) $(SHARE)/image $(MANDIR)/man5 $(MANDIR)/man7 \
	  $(MANDIR)/man8
install: all
	for d in $(DIRS); do mkdir -p $(DESTDIR)$$d; done
	$(INSTALL) -m 755 tftpd/tftpd bootpd/bootpd rsync-shim/rsync-shim \
	    $(DESTDIR)$(LIBEXEC)
	$(INSTALL) -m 755 pxectl/pxectl $(DESTDIR)$(SBIN)
	cd pxectl/image && cp -R $(IMAGE_DATA) $(DESTDIR)$(SHARE)/image/
	for m in $(MAN); do $(INSTALL) -m 644 $$m \
	    $(DESTDIR)$(MANDIR)/man$${m##*.}; done

# The programs are where PREFIX says; the root is /usr/local/pxe all the same,
# as it is without --root.
UNITS	= bootpd/bootpd.socket bootpd/bootpd.service \
	  tftpd/tftpd.socket tftpd/tftpd.service \
	  tftpd/tftpd-http.socket tftpd/tftpd-http.service \
	  rsync-shim/rsync-shim.socket rsync-shim/rsync-shim@.service
RC	= bootpd/bootpd.rc tftpd/tftpd.rc tftpd/tftpd-http.rc
install-systemd:
	mkdir -p $(DESTDIR)$(UNITDIR)
	for u in $(UNITS); do sed 's|/usr/local/libexec|$(LIBEXEC)|g' $$u \
	    >$(DESTDIR)$(UNITDIR)/$${u##*/} || exit; done
install-rc:
	mkdir -p $(DESTDIR)$(RCDIR)
	for r in $(RC); do to=$${r##*/}; to=$(DESTDIR)$(RCDIR)/$${to%.rc}; \
	    sed 's|/usr/local/libexec|$(LIBEXEC)|g' $$r >$$to && \
	    chmod 755 $$to || exit; done

uninstall:
	cd $(DESTDIR)$(LIBEXEC) && rm -f tftpd bootpd rsync-shim
	rm -f $(DESTDIR)$(SBIN)/pxectl
	rm -rf $(DESTDIR)$(SHARE)
	for u in $(UNITS); do rm -f $(DESTDIR)$(UNITDIR)/$${u##*/}; done
	for r in $(RC); do to=$${r##*/}; \
	    rm -f $(DESTDIR)$(RCDIR)/$${to%.rc}; done
	for m in $(MAN); do \
	    rm -f $(DESTDIR)$(MANDIR)/man$${m##*.}/$${m##*/}; done

clean:
	rm -f $(OBJS) $(OBJS:.o=.d) $(UNIT) $(UNIT:.t=.o) $(UNIT:.t=.d) \
	    $(TESTLIBS) $(PROGRAMS) tests/boot/ra tests/lib/hold.so \
	    $(BENCH) common/sandbox_rules common/sandbox_filter.h .flags

.PHONY: all unit deps demo bench check fuzz lint install install-systemd \
	install-rc uninstall clean

-include $(OBJS:.o=.d) $(UNIT:.t=.d)
