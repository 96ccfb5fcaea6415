import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const known = new Map<string, ReadonlyMap<string, string>>();

/** What dpkg wants of an installed build, and its state: `deinstall ok installed`. Undefined: dpkg does not have it. */
export function dpkgState(root: string, name: string, version: string): string | undefined {
  let states = known.get(root);
  if (!states) {
    states = readStates(join(root, 'var/lib/dpkg/status'));
    known.clear();
    known.set(root, states);
  }
  return states.get(`${name} ${version}`);
}

function readStates(path: string): Map<string, string> {
  if (!existsSync(path)) return new Map();
  const stanzas = readFileSync(path, 'utf8').split(/\n\n+/);
  return new Map(
    stanzas.map((stanza) => {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(stanza)?.[1] ?? '';
      return [`${field('Package')} ${field('Version').replace(/^0:/, '')}`, field('Status')];
    }),
  );
}
