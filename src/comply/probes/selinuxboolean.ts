import { select } from './listed.ts';
import type { Probe } from './probe.ts';

/** linux selinuxboolean: what the policy of an image says; the current status is known of a running kernel only. */
export const selinuxBoolean: Probe = (conditions, { selinuxBooleans }) =>
  selinuxBooleans.flag === 'complete' ? select(selinuxBooleans.items, conditions) : selinuxBooleans;
