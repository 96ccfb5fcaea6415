/**
 * Object types of the OVAL schemas for Linux without a probe, and what they need. Such an object is `not collected`, which
 * makes its test `unknown`. `not applicable` would remove the test from its criteria, so that only the others decide.
 */
export const uncollectedTypes: Readonly<Record<string, string>> = {
  'independent/ldap': 'a directory server',
  'independent/ldap57': 'a directory server',
  'independent/sql': 'a database server',
  'independent/sql57': 'a database server',
  'linux/apparmorstatus': 'the running kernel',
  'linux/fwupdsecattr': 'the firmware of a machine',
  'linux/iflisteners': 'the running kernel',
  'linux/inetlisteningservers': 'the running kernel',
  'linux/rpmverifypackage': 'rpm and the scripts of its packages',
  'linux/slackwarepkginfo': 'the package tools of Slackware',
  'unix/dnscache': 'a running name server',
  'unix/gconf': 'the GConf library',
  'unix/inetd': 'inetd',
  'unix/interface': 'the running kernel',
  'unix/process': 'the running kernel',
  'unix/process58': 'the running kernel',
  'unix/routingtable': 'the running kernel',
  'unix/sccs': 'the SCCS tools',
  'unix/xinetd': 'xinetd',
};

/** Families of OVAL schemas that describe platforms other than Linux. */
export const foreignFamilies: ReadonlySet<string> = new Set([
  'aix',
  'android',
  'apple_ios',
  'asa',
  'catos',
  'esx',
  'freebsd',
  'hpux',
  'ios',
  'iosxe',
  'junos',
  'macos',
  'netconf',
  'pixos',
  'sharepoint',
  'solaris',
  'windows',
]);
