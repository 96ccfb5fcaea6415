import type { RpmVendor } from '../../shared/rule/origin.ts';

export const almaLinux: RpmVendor = { id: 'almalinux', name: 'AlmaLinux' };
