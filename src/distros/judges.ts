import { alpineJudge } from './alpine/rule.ts';
import { amazonJudge } from './amazon/rule.ts';
import { bulletinJudge } from './bulletin/rule.ts';
import { bulletins } from './bulletins.ts';
import type { Judge } from './contract.ts';
import { debianJudge } from './debian/rule.ts';
import { dhiJudge } from './dhi/rule.ts';
import { gentooJudge } from './gentoo/rule.ts';
import { rebuildJudge } from './rebuild/rule.ts';
import { rebuilds } from './rebuilds.ts';
import { hardenedJudge, redHatJudge } from './redhat/rule.ts';
import { rollingJudges } from './rolling/rule.ts';
import { rollingVendors } from './rolling.ts';
import { suseJudges } from './suse/rule.ts';
import { ubuntuJudge } from './ubuntu/rule.ts';

/** The judge of every distribution; a platform is judged by the one with its ID in os-release. */
export const judges: Judge[] = [
  alpineJudge,
  amazonJudge,
  debianJudge,
  dhiJudge,
  gentooJudge,
  redHatJudge,
  hardenedJudge,
  ...bulletins.map(bulletinJudge),
  ...rebuilds.map(rebuildJudge),
  ...rollingVendors.flatMap(rollingJudges),
  ...suseJudges,
  ubuntuJudge,
];

/** The streams of updates that a user can name: `main`, which every distribution has, and those of single ones. */
export const streams: readonly string[] = [
  'main',
  ...new Set(judges.flatMap((judge) => judge.streams ?? [])),
];
