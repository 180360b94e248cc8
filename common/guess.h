/*
 * What somebody meant by a word that does not exist.  Pure.
 */
#ifndef GUESS_H
#define GUESS_H

#define GUESS_FAR	3	/* no slip any more */

/*
 * How many slips of the hand the words are apart: a letter too many, too few,
 * another one, or two changed about.  GUESS_FAR: more than one, or two from
 * six letters on.  Case, and `_' for `-', count for nothing.
 */
unsigned guess_slips(const char *word, const char *right);

/*
 * How the attribute is written that was meant by name: the nearest,
 * what dhcpd, dnsmasq, Kea, bootptab and others call it, or a suffix that is
 * not of its form ("nic.NAME").  NULL: nobody knows.
 */
const char *guess_attribute(const char *name);

#endif
