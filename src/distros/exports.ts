import type { DistroExport } from '../export/rows/distro-export.ts';
import { alpineExport } from './alpine/export/index.ts';
import { debianExport } from './debian/export/index.ts';
import { redHatExport } from './redhat/export/index.ts';
import { ubuntuExport } from './ubuntu/export/index.ts';

/** How every distribution is put for other scanners. */
export const distroExports: DistroExport[] = [alpineExport, debianExport, redHatExport, ubuntuExport];
