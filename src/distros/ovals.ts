import type { DistroOval } from '../oval/forms/distro-oval.ts';
import { almaLinuxOval } from './almalinux/oval/index.ts';
import { alpineOval } from './alpine/oval.ts';
import { debianOval } from './debian/oval/index.ts';
import { redHatOval } from './redhat/oval/index.ts';
import { rockyOval } from './rocky/oval/index.ts';
import { suseOvals } from './suse/oval/index.ts';
import { ubuntuOval } from './ubuntu/oval/index.ts';

/** The OVAL of every distribution that has any. */
export const ovals: DistroOval[] = [
  almaLinuxOval,
  alpineOval,
  debianOval,
  redHatOval,
  rockyOval,
  ...suseOvals,
  ubuntuOval,
];
