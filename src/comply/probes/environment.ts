import { makeItem } from '../oval/items.ts';
import { select } from './listed.ts';
import { hidesHashes } from './password-hashes.ts';
import type { Probe } from './probe.ts';
import type { ImageSystem } from './system.ts';

/** An image has no processes; content asks for any process of a container but init. */
const noProcess = 2;

/** independent environmentvariable58: the environment that a container of the image starts with. */
export const environmentVariable58: Probe = {
  type: 'independent/environmentvariable58',
  collect(conditions, { system }) {
    const items = assignments(system).map((values) =>
      makeItem('independent/environmentvariable58', { pid: noProcess, ...values }),
    );
    // An image has no processes, so a condition on the pid selects nothing out.
    return select(items, { ...conditions, all: conditions.all.filter(({ name }) => name === 'name') });
  },
  reads: 'nothing',
  digests: 'none',
  shows: { place: ['name'] },
  secret: hidesHashes(['value']),
};

/** independent environmentvariable, the deprecated form without a process. */
export const environmentVariable: Probe = {
  ...environmentVariable58,
  type: 'independent/environmentvariable',
  collect: (conditions, { system }) =>
    select(
      assignments(system).map((values) => makeItem('independent/environmentvariable', values)),
      conditions,
    ),
};

function assignments({ env }: ImageSystem): { name: string; value: string }[] {
  return env.flatMap((assignment) => {
    const at = assignment.indexOf('=');
    return at < 1 ? [] : [{ name: assignment.slice(0, at), value: assignment.slice(at + 1) }];
  });
}
