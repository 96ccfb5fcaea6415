import type { RpmVendor } from '../../shared/rule/origin.ts';

export const redHat: RpmVendor = { id: 'rhel', name: 'Red Hat', system: 'RHEL' };
