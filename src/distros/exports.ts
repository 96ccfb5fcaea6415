import type { DistroExport } from '../export/rows/distro-export.ts';
import { almaLinuxExport } from './almalinux/export/index.ts';
import { alpineExport } from './alpine/export.ts';
import { debianExport } from './debian/export/index.ts';
import { redHatExport } from './redhat/export/index.ts';
import { rockyExport } from './rocky/export/index.ts';
import { suseExports } from './suse/export/index.ts';
import { ubuntuExport } from './ubuntu/export/index.ts';

/** How every distribution is put for other scanners. */
export const distroExports: DistroExport[] = [
  almaLinuxExport,
  alpineExport,
  debianExport,
  redHatExport,
  rockyExport,
  ...suseExports,
  ubuntuExport,
];
