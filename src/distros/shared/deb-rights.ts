const setuid = 0o4000;
const setgid = 0o2000;
const both = setuid | setgid;

/**
 * Files that packages of Debian and Ubuntu ship with setuid or setgid, by package and last part of the path, because dpkg
 * records no modes. Taken from the archives' packages (Debian 11 to 13, Ubuntu 20.04 to 24.04). A file that is missing here
 * is shown as "not recorded".
 */
const knownModes: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'apache2-suexec-custom': { 'suexec-custom': setuid },
  'apache2-suexec-pristine': { 'suexec-pristine': setuid },
  at: { at: both },
  bsdextrautils: { 'write.ul': setgid, write: setgid },
  bsdutils: { wall: setgid },
  'chromium-sandbox': { 'chrome-sandbox': setuid },
  'cifs-utils': { 'mount.cifs': setuid },
  cron: { crontab: setgid },
  dbus: { 'dbus-daemon-launch-helper': setuid },
  dma: { dma: setgid, 'dma-mbox-create': setuid },
  eject: { 'dmcrypt-get-device': setuid },
  'exim4-daemon-heavy': { exim4: setuid },
  'exim4-daemon-light': { exim4: setuid },
  fuse: { fusermount: setuid },
  fuse3: { fusermount3: setuid },
  'libpam-extrausers': { pam_extrausers_chkpwd: setgid },
  'libpam-modules-bin': { unix_chkpwd: setgid },
  'liblockfile-bin': { dotlockfile: setgid },
  libutempter0: { utempter: setgid },
  login: { newgrp: setuid },
  mlocate: { mlocate: setgid },
  mount: { mount: setuid, umount: setuid },
  'nfs-common': { 'mount.nfs': setuid },
  'ntfs-3g': { 'ntfs-3g': setuid },
  nullmailer: { mailq: setuid, 'nullmailer-queue': setuid },
  'openssh-client': { 'ssh-agent': setgid, 'ssh-keysign': setuid },
  passwd: {
    chage: setgid,
    chfn: setuid,
    chsh: setuid,
    expiry: setgid,
    gpasswd: setuid,
    newgrp: setuid,
    passwd: setuid,
  },
  pkexec: { pkexec: setuid },
  plocate: { plocate: setgid },
  'policykit-1': { pkexec: setuid, 'polkit-agent-helper-1': setuid },
  polkitd: { 'polkit-agent-helper-1': setuid },
  postfix: { postdrop: setgid, postqueue: setgid },
  ppp: { pppd: setuid },
  procmail: { lockfile: setgid, procmail: both },
  screen: { screen: setgid },
  snapd: { 'snap-confine': both },
  'spice-client-glib-usb-acl-helper': { 'spice-client-glib-usb-acl-helper': setuid },
  sudo: { sudo: setuid },
  'sudo-ldap': { sudo: setuid },
  uidmap: { newgidmap: setuid, newuidmap: setuid },
  'util-linux': { su: setuid, newgrp: setuid },
  'xserver-xorg-legacy': { 'Xorg.wrap': both },
};

/** Capabilities that maintainer scripts of the same packages set with setcap(8). */
const knownCapabilities: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  fping: { fping: 'cap_net_raw=ep', fping6: 'cap_net_raw=ep' },
  'gnome-keyring': { 'gnome-keyring-daemon': 'cap_ipc_lock=ep' },
  'iputils-arping': { arping: 'cap_net_raw=ep' },
  'iputils-clockdiff': { clockdiff: 'cap_net_raw=ep' },
  'iputils-ping': { ping: 'cap_net_raw=ep' },
  mtr: { 'mtr-packet': 'cap_net_raw=ep' },
  'mtr-tiny': { 'mtr-packet': 'cap_net_raw=ep' },
};

/** True if a package is known to ship a file with at least these setuid and setgid bits. */
export function isKnownMode(packageName: string, path: string, mode: number): boolean {
  const known = own(knownModes, packageName)?.[lastPart(path)] ?? 0;
  return (mode & both & ~known) === 0;
}

export function isKnownCapability(packageName: string, path: string, capabilities: string): boolean {
  return own(knownCapabilities, packageName)?.[lastPart(path)] === capabilities;
}

function own<Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
