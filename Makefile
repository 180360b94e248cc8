# bootserver: for GNU make and bmake.
#	make deps check; make demo; make install [DESTDIR= PREFIX=]

VERSION	= 0.1
PREFIX	?= /usr/local
LIBEXEC	= $(PREFIX)/libexec
SBIN	= $(PREFIX)/sbin
SHARE	= $(PREFIX)/share/bootserver
MANDIR	?= $(PREFIX)/share/man
INSTALL	?= install

CC	?= cc
CFLAGS	?= -O2 -g
WARN	= -std=c11 -Wall -Wextra -Werror
# make SANITIZE=1: AddressSanitizer and UndefinedBehaviorSanitizer
SAN_1	= -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	  -fno-omit-frame-pointer
SAN	= $(SAN_$(SANITIZE))
CPPF	= -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -DPREFIX='"$(PREFIX)"' \
	  -Icommon $(CPPFLAGS)
LIBS	= -lbsd -lpopt -llmdb
SECCOMP	= -lseccomp

COMMON	= common/arch.o common/attribute.o common/bootfile.o \
	  common/crc32c.o common/entry.o common/event.o common/host.o \
	  common/hostdb.o common/hostdb_edit.o common/identity.o \
	  common/loader.o common/log.o common/sandbox.o common/service.o
TFTPD	= tftpd/packet.o tftpd/transfer.o tftpd/send.o tftpd/content.o
BOOTPD	= bootpd/packet.o bootpd/options.o bootpd/firmware.o \
	  bootpd/answer.o bootpd/send.o
SHIM	= rsync-shim/conf.o
PXECTL	= pxectl/command.o
IMAGE	= 

PROGRAMS = tftpd/tftpd bootpd/bootpd rsync-shim/rsync-shim pxectl/pxectl
UNIT	= tests/unit/cursor.t

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
	$(CC) $(LDFLAGS) $(SAN) -o $@ $< $(TESTLIBS) $(LIBS) $(SECCOMP) \
	    -lnet -levent -larchive -lelf -ljansson -lcmocka

tftpd/tftpd: tftpd/tftpd.o tftpd/libtftpd.a common/libcommon.a
	$(CC) $(LDFLAGS) $(SAN) -o $@ tftpd/tftpd.o tftpd/libtftpd.a \
	    common/libcommon.a $(LIBS) $(SECCOMP) -levent
bootpd/bootpd: bootpd/bootpd.o bootpd/libbootpd.a common/libcommon.a
	$(CC) $(LDFLAGS) $(SAN) -o $@ bootpd/bootpd.o bootpd/libbootpd.a \
	    common/libcommon.a $(LIBS) $(SECCOMP) -lnet -levent
rsync-shim/rsync-shim: rsync-shim/rsync-shim.o rsync-shim/libshim.a \
    common/libcommon.a
	$(CC) $(LDFLAGS) $(SAN) -o $@ rsync-shim/rsync-shim.o \
	    rsync-shim/libshim.a common/libcommon.a $(LIBS) $(SECCOMP)
pxectl/pxectl: pxectl/main.o pxectl/libpxectl.a common/libcommon.a
	$(CC) $(LDFLAGS) $(SAN) -o $@ pxectl/main.o pxectl/libpxectl.a \
	    common/libcommon.a $(LIBS) -larchive -lelf -ljansson

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

-include $(OBJS:.o=.d) $(UNIT:.t=.d)
