import type { Conditions } from '../oval/conditions.ts';
import type { Collection } from '../oval/items.ts';
import { booleanFiles } from '../selinux/booleans.ts';
import { type Probe, type ProbeContext, select } from './probe.ts';

/** linux selinuxboolean: what the policy of an image says; the current status is known of a running kernel only. */
export const selinuxBoolean: Probe = {
  type: 'linux/selinuxboolean',
  collect: booleans,
  reads: booleanFiles,
  digests: 'none',
  shows: { place: ['name'] },
  secret: 'none',
};

function booleans(conditions: Conditions, { selinuxBooleans }: ProbeContext): Collection {
  return selinuxBooleans.flag === 'complete' ? select(selinuxBooleans.items, conditions) : selinuxBooleans;
}
