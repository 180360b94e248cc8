#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>
#include <time.h>
#ifndef __linux__
#include <net/if_dl.h>
#endif

#include "log.h"
#include "record.h"
#include "serve.h"
#include "show.h"
#include "stranger.h"

#define COMPLAIN_SECONDS 10
#define LIMIT_WORDS	"more packets than one machine may send"
#define FLOOD_WORDS	"of strangers, more than have an event each"

/* How the packet at hand came in. */
struct arrival {
	unsigned index;			/* of the interface, 0: unknown */
	uint32_t destination;
	const struct interface *interface;	/* NULL: unknown */
	struct answer_context context;
};

static void batch(struct server *, int fd, size_t n);
static bool is_told(struct server *, const struct job *);
static void look_ahead(struct server *, size_t n);
static void unanswered(struct server *, size_t i);
static uint64_t clock_us(void);
static void packet(struct server *, size_t i);
static void complain(struct server *, const struct event_record *);

void
bootpd_prepare(struct server *s)
{
	size_t i;

	for (i = 0; i < SERVE_BATCH; i++) {
		s->iov[i] = (struct iovec){ s->bytes[i], SERVE_PACKET_MAX };
		s->message[i].msg_hdr = (struct msghdr){
		    .msg_name = &s->from[i], .msg_iov = &s->iov[i],
		    .msg_iovlen = 1, .msg_control = s->control[i].bytes };
	}
}

/* All that waits on one socket, a batch at a time. */
void
bootpd_serve(struct server *s, int fd)
{
	size_t i;
	int n, turn;

	/* Not for ever: signals and the other sockets want their turn. */
	for (turn = 0; turn < 64; turn++) {
		for (i = 0; i < SERVE_BATCH; i++) {
			s->message[i].msg_hdr.msg_namelen = sizeof s->from[i];
			s->message[i].msg_hdr.msg_controllen =
			    sizeof s->control[i].bytes;
		}
		n = recvmmsg(fd, s->message, SERVE_BATCH, MSG_DONTWAIT, NULL);
		if (n <= 0)
			return;
		batch(s, fd, (size_t)n);
		if (n < SERVE_BATCH)
			return;
	}
}

static void
batch(struct server *s, int fd, size_t n)
{
	struct job *j;
	size_t i;

	s->packets += n;
	s->now = clock_us();
	s->seconds = (uint64_t)time(NULL);
	s->boot_port = fd == s->boot_fd;
	if (hostdb_begin(s->db) != HOSTDB_OK) {
		if (!s->mute)
			log_err_e("the host database");
		s->mute = true;
		for (i = 0; i < n; i++)
			unanswered(s, i);
		return;
	}
	s->mute = false;
	look_ahead(s, n);
	for (i = 0; i < n; i++)
		packet(s, i);
	hostdb_end(s->db);
	sender_flush(&s->sender, fd, s->now);
	for (i = 0; i < n; i++) {
		j = &s->job[i];
		if (j->failed) {
			j->event.stage = EVENT_SILENCE;
			j->event.reason = EVENT_SEND_FAILED;
		} else if (j->answer.to != ANSWER_NOWHERE) {
			s->answered++;
		}
		if (j->event.stage == EVENT_SILENCE)
			s->reasons[j->event.reason % SERVE_REASONS]++;
		if (is_told(s, j))
			event_put(s->events, &j->event);
		if (j->event.reason == EVENT_DAMAGED)
			complain(s, &j->event);
	}
}

/* Has it an event of its own? */
static bool
is_told(struct server *s, const struct job *j)
{
	if (j->limited)
		return j->dropped > 0;
	return j->event.stage != EVENT_SILENCE || *j->event.name != '\0' ||
	    recent_record(&s->recent, s->now);
}

/*
 * Memory is slow, and each packet needs a dozen places of it that no other
 * does: first they are asked for, for all packets, then waited for.
 */
static void
look_ahead(struct server *s, size_t n)
{
	struct identity *id = s->expected;
	size_t i;

	for (i = 0; i < n; i++)
		if (dhcp_peek(s->bytes[i], s->message[i].msg_len, id))
			recent_approach(&s->recent, id++);
	hostdb_ahead(s->db, s->expected, (size_t)(id - s->expected));
}

/* The host database cannot be read: who asked meanwhile. */
static void
unanswered(struct server *s, size_t i)
{
	struct event_record e;
	struct identity id;
	const char *why;

	event_make(&e, EVENT_BOOTPD, EVENT_SILENCE, EVENT_DAMAGED);
	if (dhcp_read(&s->packet, s->bytes[i], s->message[i].msg_len, &why) ==
	    EVENT_OK && record_sender(&s->packet, &id))
		event_set_identity(&e, &id);
	event_set_detail(&e, "the host database cannot be read: pxectl check");
	event_put(s->events, &e);
	s->reasons[EVENT_DAMAGED]++;
}

static uint64_t
clock_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * RECENT_SECOND +
	    (uint64_t)t.tv_nsec / 1000;
}

/* A person must see to it; but once is enough for a while. */
static void
complain(struct server *s, const struct event_record *e)
{
	if (s->complained != 0 &&
	    s->seconds - s->complained < COMPLAIN_SECONDS)
		return;
	s->complained = s->seconds;
	log_err("%.*s: %.*s", EVENT_NAME_MAX, *e->name != '\0' ? e->name :
	    "a machine", EVENT_DETAIL_MAX, e->detail);
}

/* The interface that packet i came in by, and what it was sent to. */
static void
read_control(struct server *s, size_t i, struct arrival *a)
{
	struct msghdr *h = &s->message[i].msg_hdr;
	struct cmsghdr *c;

	a->index = 0;
	a->destination = 0;
	for (c = CMSG_FIRSTHDR(h); c != NULL; c = CMSG_NXTHDR(h, c)) {
		if (c->cmsg_level != IPPROTO_IP)
			continue;
#ifdef __linux__
		struct in_pktinfo info;

		if (c->cmsg_type != IP_PKTINFO)
			continue;
		memcpy(&info, CMSG_DATA(c), sizeof info);
		a->index = (unsigned)info.ipi_ifindex;
		a->destination = ntohl(info.ipi_addr.s_addr);
#else
		struct sockaddr_dl dl;

		if (c->cmsg_type == IP_RECVDSTADDR) {
			memcpy(&a->destination, CMSG_DATA(c),
			    sizeof a->destination);
			a->destination = ntohl(a->destination);
		} else if (c->cmsg_type == IP_RECVIF) {
			memcpy(&dl, CMSG_DATA(c),
			    offsetof(struct sockaddr_dl, sdl_data));
			a->index = dl.sdl_index;
		}
#endif
	}
}

/* One that came since the last look is new to us, one that went is NULL. */
static const struct interface *
interface_of(struct server *s, unsigned index)
{
	const struct interface *i = interface_by_index(&s->interfaces, index);

	if (i != NULL)
		return i;
	interfaces_changed(&s->interfaces);
	return interface_by_index(&s->interfaces, index);
}

/* Who does not say by which interface it came: there may be only one. */
static const struct interface *
only_interface(const struct server *s)
{
	const struct interface *i, *found = NULL;
	size_t k;

	for (k = 0; k < s->interfaces.n; k++) {
		i = &s->interfaces.at[k];
		if (i->n == 0 || i->address[0] >> 24 == IN_LOOPBACKNET)
			continue;
		if (found != NULL)
			return NULL;
		found = i;
	}
	return found;
}

static void
arrive(struct server *s, size_t i, struct arrival *a)
{
	const struct interface *to;
	struct in_addr source;

	memset(a, 0, sizeof *a);
	read_control(s, i, a);
	a->interface = a->index != 0 ? interface_of(s, a->index) :
	    only_interface(s);
	source = s->from[i].in.sin_addr;
	if (s->from[i].any.sa_family == AF_INET6)
		memcpy(&source, s->from[i].in6.sin6_addr.s6_addr + 12,
		    sizeof source);
	a->context.source = ntohl(source.s_addr);
	/* At the same place in sin6. */
	a->context.source_port = ntohs(s->from[i].in.sin_port);
	a->context.mtu = a->interface != NULL ? a->interface->mtu : 0;
	a->context.name = s->name;
	a->context.proxy = s->proxy;
	a->context.boot_port = s->boot_port;
	if (!dhcp_is_unicast(a->destination))
		return;
	/* A subnet's broadcast address is no interface's. */
	to = interface_by_address(&s->interfaces, a->destination);
	if (to == NULL)
		return;
	a->context.unicast = true;
	a->context.server = a->destination;
	if (a->interface == NULL)
		a->interface = to;
}

/* Do -i and --listen want this interface? */
static bool
serves(const struct server *s, const struct interface *i)
{
	size_t k, n;
	char **name;

	if (s->interface == NULL && s->nonly == 0)
		return true;
	for (name = s->interface; name != NULL && *name != NULL; name++)
		if (strcmp(*name, i->name) == 0)
			return true;
	for (k = 0; k < s->nonly; k++)
		for (n = 0; n < i->n; n++)
			if (i->address[n] == s->only[k])
				return true;
	return false;
}

/* Whose packet is it?  *by: the identity that said so, or kind NONE. */
static enum hostdb_status
find(struct server *s, const struct arrival *a, struct hostdb_ref *ref,
    struct identity *by)
{
	struct identity id[ANSWER_IDENTITIES];
	enum hostdb_status status;
	size_t i, n = answer_identities(&s->packet, id);

	by->kind = IDENTITY_NONE;
	for (i = 0; i < n; i++) {
		status = hostdb_by_identity(s->db, &id[i], ref);
		if (status == HOSTDB_NOT_FOUND)
			continue;
		*by = id[i];
		return status;
	}
	if (n > 0)
		return HOSTDB_NOT_FOUND;
	/* RFC 951: a client may know its address and want the rest. */
	return hostdb_by_address(s->db, dhcp_is_unicast(s->packet.ciaddr) ?
	    s->packet.ciaddr : a->context.source, ref);
}

/*
 * Of several networks on one wire, is ours the one of the host that is
 * loaded?  Who says which address it has, or wants back, says that.
 */
static bool
fits(const struct server *s, uint32_t ours)
{
	const struct dhcp_packet *p = &s->packet;
	const struct host *h = &s->host;
	uint32_t mask = entry_subnet_mask(h->subnet_len);
	uint32_t says = p->requested != 0 && p->type != DHCP_INFORM ?
	    p->requested : p->ciaddr;

	if (h->subnet_len == 0 || (ours & mask) != h->network)
		return false;
	if (p->type == DHCP_INFORM && says != 0)
		return (says & mask) == h->network;
	return h->address != 0 && (says == 0 || says == h->address);
}

/*
 * The host as it is on one of the interface's networks.  *at: our address
 * there.  If none fits, one where it has an address, else one we know.
 */
static enum hostdb_status
load_on_interface(struct server *s, const struct hostdb_ref *ref,
    const struct interface *i, uint32_t *at)
{
	enum hostdb_status status = HOSTDB_NOT_FOUND;
	size_t k, own = i->n, known = i->n;

	for (k = 0; k < i->n; k++) {
		status = host_load(&s->host, s->db, ref, i->address[k]);
		*at = i->address[k];
		if (status != HOSTDB_OK || fits(s, *at))
			return status;
		if (s->host.address != 0 && own == i->n)
			own = k;
		if (s->host.subnet_len != 0 && known == i->n)
			known = k;
	}
	if (own < i->n)
		known = own;
	if (known < i->n && i->n > 1) {
		*at = i->address[known];
		status = host_load(&s->host, s->db, ref, *at);
	}
	return status;
}

/*
 * What waited in the socket before bootpd was started from inetd does not
 * say by which interface it came: of several the one that fits, if only one
 * does.
 */
static enum hostdb_status
load_somewhere(struct server *s, const struct hostdb_ref *ref,
    struct arrival *a, uint32_t *at)
{
	const struct interface *i, *found = NULL;
	enum hostdb_status status;
	size_t k;

	for (k = 0; k < s->interfaces.n; k++) {
		i = &s->interfaces.at[k];
		if (!serves(s, i) || i->n == 0)
			continue;
		status = load_on_interface(s, ref, i, at);
		if (status != HOSTDB_OK)
			return status;
		if (s->host.address == 0)
			continue;
		if (found != NULL)
			return HOSTDB_NOT_FOUND;
		found = i;
	}
	if (found == NULL)
		return HOSTDB_NOT_FOUND;
	a->interface = found;
	return load_on_interface(s, ref, found, at);
}

/* Loads the host and settles our own address.  False: *answer says why. */
static bool
load(struct server *s, const struct hostdb_ref *ref, struct arrival *a,
    struct answer *answer)
{
	uint32_t on = answer_network(&s->packet, &a->context), at = 0;
	enum hostdb_status status;

	if (on != 0) {
		status = host_load(&s->host, s->db, ref, on);
		if (a->interface != NULL && a->interface->n > 0)
			at = a->interface->address[0];
	} else if (a->interface != NULL) {
		if (a->interface->n == 0) {
			answer_silence(answer, EVENT_NO_SUBNET,
			    "our interface there has no address");
			return false;
		}
		status = load_on_interface(s, ref, a->interface, &at);
	} else if (a->index != 0) {
		answer_silence(answer, EVENT_NO_SUBNET,
		    "the interface it came in by is gone");
		return false;
	} else {
		status = load_somewhere(s, ref, a, &at);
		if (status == HOSTDB_NOT_FOUND) {
			answer_silence(answer, EVENT_NO_SUBNET, "by which "
			    "interface it came is not known");
			return false;
		}
	}
	if (status != HOSTDB_OK) {
		answer_silence(answer, EVENT_DAMAGED,
		    "the entry cannot be read: pxectl check");
		return false;
	}
	if (a->context.server == 0)
		a->context.server = at;
	if (a->context.server == 0) {
		answer_silence(answer, EVENT_NO_SUBNET,
		    "our interface there has no address");
		return false;
	}
	return true;
}

/*
 * A machine that nobody registered: s->host becomes what discover= makes of
 * it.  False, and *answer says why: it gets no answer.
 */
static bool
load_stranger(struct server *s, struct arrival *a, struct answer *answer)
{
	uint32_t on = answer_network(&s->packet, &a->context), address = 0;
	const struct interface *i = a->interface;
	enum event_reason reason = EVENT_UNREGISTERED;
	size_t k, n = i == NULL ? 0 : on != 0 && i->n > 0 ? 1 : i->n;
	struct identity id;

	if (s->lent != NULL && record_sender(&s->packet, &id))
		for (k = 0; k < n && address == 0; k++) {
			address = stranger_address(s->lent, s->db,
			    &s->interfaces, on != 0 ? on : i->address[k],
			    &s->packet, &id, a->context.ours, s->seconds,
			    &reason);
			if (address != 0 && a->context.server == 0)
				a->context.server = i->address[k];
		}
	if (address == 0)
		answer_silence(answer, reason, "");
	else if (host_stranger(&s->host, s->db, address) != HOSTDB_OK)
		answer_silence(answer, EVENT_DAMAGED,
		    "discover-group= cannot be read: pxectl check");
	else {
		s->host.mac = id;
		return true;
	}
	return false;
}

/* Before anything is looked up.  All that name nobody count as one. */
static bool
limit(struct server *s, struct job *j, struct recent_machine **m)
{
	struct identity id;

	record_sender(&s->packet, &id);
	*m = recent_find(&s->recent, &id);
	if (recent_pass(&s->recent, *m, s->now))
		return true;
	j->limited = true;
	j->dropped = recent_tell(&s->recent, *m, s->now);
	answer_silence(&j->answer, EVENT_LIMIT, LIMIT_WORDS);
	return false;
}

/* From the bytes to the answer; *name is the host's once it is known. */
static bool
decide(struct server *s, size_t i, struct arrival *a, struct hostdb_ref *ref,
    struct identity *by)
{
	struct answer *answer = &s->job[i].answer;
	struct dhcp_packet *p = &s->packet;
	struct recent_machine *m;
	enum event_reason reason;
	const char *why;
	bool lent;		/* to a stranger */

	reason = dhcp_read(p, s->bytes[i], s->message[i].msg_len, &why);
	if (a->interface != NULL && !serves(s, a->interface)) {
		reason = EVENT_OTHER_INTERFACE;
		why = "it came in by an interface that -i or --listen leaves "
		    "out";
	}
	if (reason == EVENT_OK &&
	    (s->message[i].msg_hdr.msg_flags & MSG_TRUNC) != 0) {
		reason = EVENT_TRUNCATED;
		why = "longer than any request is";
	}
	if (reason == EVENT_OK && p->giaddr != 0 &&
	    interface_by_address(&s->interfaces, p->giaddr) != NULL) {
		reason = EVENT_MALFORMED;
		why = "giaddr is ours: we would answer ourselves";
	}
	if (!limit(s, &s->job[i], &m))
		return false;
	if (reason != EVENT_OK) {
		answer_silence(answer, reason, why);
		return false;
	}
	if (p->type == DHCP_DISCOVER)
		recent_asked(m, s->now);
	a->context.loops = m->loops;
	a->context.ours = p->server_id != 0 &&
	    interface_by_address(&s->interfaces, p->server_id) != NULL;
	if (!answer_wanted(answer, p, &a->context))
		return false;
	switch (find(s, a, ref, by)) {
	case HOSTDB_OK:
		lent = false;
		break;
	case HOSTDB_NOT_FOUND:
		lent = true;
		break;
	default:
		answer_silence(answer, EVENT_DAMAGED,
		    "the index cannot be read: pxectl check");
		return false;
	}
	if (lent ? !load_stranger(s, a, answer) : !load(s, ref, a, answer))
		return false;
	answer_make(answer, p, &a->context, &s->host, &s->codes);
	if (lent && !stranger_remember(s->lent, &s->host, answer,
	    s->seconds)) {
		answer_silence(answer, EVENT_ALL_LENT, "");
		return false;
	}
	/* It is to be seen by pxectl unknown. */
	if (lent && answer->reason == EVENT_OK)
		answer->reason = EVENT_UNREGISTERED;
	if (answer->type == DHCP_ACK && answer->stage == EVENT_ADDRESS)
		recent_loaded(m, answer->chain, s->now);
	return true;
}

static void
packet(struct server *s, size_t i)
{
	struct job *j = &s->job[i];
	struct arrival a;
	struct hostdb_ref ref = { .name = "" };
	struct identity by = { .kind = IDENTITY_NONE };
	const char *name;
	bool known;

	j->failed = j->limited = false;
	arrive(s, i, &a);
	known = decide(s, i, &a, &ref, &by);
	if (j->answer.to != ANSWER_NOWHERE)
		sender_add(&s->sender, &j->answer, a.interface,
		    a.context.server, s->port, &j->failed);
	name = known ? host_name(&s->host) : ref.name;
	record_packet(&j->event, &s->packet, &j->answer,
	    known ? &s->host.mac : NULL, name,
	    j->limited ? j->dropped : s->packet.xid);
	if (s->show)
		show_packet(&s->packet, &a.context, &j->answer,
		    known ? &s->host : NULL, &s->codes,
		    &(struct show_facts){ a.interface != NULL ?
		    a.interface->name : "",
		    by.kind != IDENTITY_NONE ? &by : NULL, name });
}

void
bootpd_tick(struct server *s)
{
	struct identity id;
	struct event_record e;
	uint64_t now = clock_us();
	uint32_t n;
	size_t at = 0;

	if (now - s->ticked < RECENT_SECOND)
		return;
	s->ticked = now;
	while ((n = recent_next(&s->recent, &at, now, &id)) > 0) {
		event_make(&e, EVENT_BOOTPD, EVENT_SILENCE, EVENT_LIMIT);
		if (id.kind != IDENTITY_NONE)
			event_set_identity(&e, &id);
		e.number = n;
		event_set_detail(&e, LIMIT_WORDS);
		event_put(s->events, &e);
	}
	if ((n = recent_unrecorded(&s->recent)) > 0) {
		event_make(&e, EVENT_BOOTPD, EVENT_SILENCE, EVENT_LIMIT);
		e.number = n;
		event_set_detail(&e, FLOOD_WORDS);
		event_put(s->events, &e);
	}
}
