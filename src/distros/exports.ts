import type { DistroExport } from '../export/rows/distro-export.ts';
import { alpineExport } from './alpine/export.ts';
import { amazonExport } from './amazon/export.ts';
import { bulletinExport } from './bulletin/export.ts';
import { debBulletins } from './bulletins.ts';
import { debianExport } from './debian/export.ts';
import { rebuildExport } from './rebuild/export.ts';
import { rebuilds } from './rebuilds.ts';
import { hardenedExport, redHatExport } from './redhat/export.ts';
import { rollingExport } from './rolling/export.ts';
import { rollingVendors } from './rolling.ts';
import { suseExports } from './suse/export.ts';
import { ubuntuExport } from './ubuntu/export.ts';

const byName: Readonly<Record<string, readonly DistroExport[]>> = {
  alpine: [alpineExport],
  amazon: [amazonExport],
  debian: [debianExport],
  redhat: [redHatExport, hardenedExport],
  suse: suseExports,
  ubuntu: [ubuntuExport],
  ...Object.fromEntries(debBulletins().map((each) => [each.id, [bulletinExport(each)]])),
  ...Object.fromEntries(rebuilds.map((each) => [each.id, [rebuildExport(each)]])),
  ...Object.fromEntries(rollingVendors.map((each) => [each.id, [rollingExport(each)]])),
};

/** Exports of every distribution, sorted by name: the order of CSAF's provider metadata. */
export const distroExports: DistroExport[] = Object.keys(byName)
  .sort()
  .flatMap((name) => byName[name]!);
