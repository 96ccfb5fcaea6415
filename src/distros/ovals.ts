import type { DistroOval } from '../oval/forms/distro-oval.ts';
import { alpineOval } from './alpine/oval.ts';
import { amazonOval } from './amazon/oval.ts';
import { bulletinOval } from './bulletin/oval.ts';
import { debBulletins } from './bulletins.ts';
import { debianOval } from './debian/oval.ts';
import { rebuildOval } from './rebuild/oval.ts';
import { rebuilds } from './rebuilds.ts';
import { hardenedOval, redHatOval } from './redhat/oval.ts';
import { rollingOvals } from './rolling/oval.ts';
import { rollingVendors } from './rolling.ts';
import { suseOvals } from './suse/oval.ts';
import { ubuntuOval } from './ubuntu/oval.ts';

/** The OVAL of every distribution that has any. */
export const ovals: DistroOval[] = [
  alpineOval,
  amazonOval,
  debianOval,
  redHatOval,
  hardenedOval,
  ...debBulletins().map(bulletinOval),
  ...rebuilds.map(rebuildOval),
  ...rollingVendors.flatMap(rollingOvals),
  ...suseOvals,
  ubuntuOval,
];
