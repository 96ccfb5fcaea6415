import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const known = new Map<string, ReadonlyMap<string, readonly string[]>>();

/** States that dpkg has of builds with this name and version: `deinstall ok installed`. */
export function dpkgStates(root: string, name: string, version: string): readonly string[] {
  return statesOf(root).get(`${name} ${version}`) ?? [];
}

/** True if dpkg has builds of several architectures under one name. */
export function hasSeveralBuilds(root: string, name: string): boolean {
  const own = [...statesOf(root)].filter(([key]) => key.startsWith(`${name} `));
  return own.flatMap(([, states]) => states).length > 1;
}

function statesOf(root: string): ReadonlyMap<string, readonly string[]> {
  let states = known.get(root);
  if (!states) {
    states = readStates(join(root, 'var/lib/dpkg/status'));
    known.clear();
    known.set(root, states);
  }
  return states;
}

function readStates(path: string): Map<string, string[]> {
  const states = new Map<string, string[]>();
  if (!existsSync(path)) return states;
  for (const stanza of readFileSync(path, 'utf8').split(/\n\n+/)) {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(stanza)?.[1] ?? '';
    const key = `${field('Package')} ${field('Version').replace(/^0:/, '')}`;
    states.set(key, [...(states.get(key) ?? []), field('Status')]);
  }
  return states;
}
