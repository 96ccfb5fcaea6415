/** Architectures of RHEL and its rebuilds; a package that runs on all of them is `noarch`. */
const mainArchitectures = ['aarch64', 'ppc64le', 's390x', 'x86_64'];

/** The architectures that a statement is limited to, sorted; undefined: it names `noarch` or all main ones, so it is of any. */
export function limitingArchitectures(named: Iterable<string>): string[] | undefined {
  const all = new Set(named);
  if (all.has('noarch') || mainArchitectures.every((name) => all.has(name))) return undefined;
  return [...all].sort();
}
