import { almaLinuxJudge } from './almalinux/rule/index.ts';
import { alpineJudge } from './alpine/rule.ts';
import type { Judge } from './contract.ts';
import { debianJudge } from './debian/rule/index.ts';
import { redHatJudge } from './redhat/rule/index.ts';
import { rockyJudge } from './rocky/rule/index.ts';
import { suseJudges } from './suse/rule/index.ts';
import { ubuntuJudge } from './ubuntu/rule/index.ts';

/** The judge of every distribution; a platform is judged by the one with its ID in os-release. */
export const judges: Judge[] = [
  almaLinuxJudge,
  alpineJudge,
  debianJudge,
  redHatJudge,
  rockyJudge,
  ...suseJudges,
  ubuntuJudge,
];
