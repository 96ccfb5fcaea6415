import type { DistroExport } from '../export/rows/distro-export.ts';
import { alpineExport } from './alpine/export.ts';
import { amazonExport } from './amazon/export.ts';
import { debianExport } from './debian/export.ts';
import { echoExport } from './echo/export.ts';
import { rebuildExport } from './rebuild/export.ts';
import { rebuilds } from './rebuilds.ts';
import { redHatExport } from './redhat/export.ts';
import { suseExports } from './suse/export.ts';
import { ubuntuExport } from './ubuntu/export.ts';

const byName: Readonly<Record<string, readonly DistroExport[]>> = {
  alpine: [alpineExport],
  amazon: [amazonExport],
  debian: [debianExport],
  echo: [echoExport],
  redhat: [redHatExport],
  suse: suseExports,
  ubuntu: [ubuntuExport],
  ...Object.fromEntries(rebuilds.map((each) => [each.id, [rebuildExport(each)]])),
};

/** Exports of every distribution, sorted by name: the order of CSAF's provider metadata. */
export const distroExports: DistroExport[] = Object.keys(byName)
  .sort()
  .flatMap((name) => byName[name]!);
