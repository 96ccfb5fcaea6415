import type { RpmVendor } from '../../shared/rule/origin.ts';

export const rocky: RpmVendor = { id: 'rocky', name: 'Rocky', system: 'Rocky Linux' };
