import type { ReferencePages } from '../../model/feed/index.ts';
import type { InstalledPackage } from '../../model/inventory/index.ts';
import type { Judge, MatchContext, Matcher } from '../contract.ts';
import { kernelNames } from '../shared/kernel.ts';
import { oneStreamMatcher } from '../shared/rule/errata-matcher.ts';
import { suseContext } from './image.ts';
import { isRolling, rolling, type SuseSystem, suseSystems, systemFacts } from './rule-systems.ts';

export const susePages: ReferencePages = {
  flaws: 'https://www.suse.com/security/cve/',
  advisories: {},
};

/** The words of what SUSE builds of its kernels. */
const binaries = kernelNames(
  'kernel',
  [
    '64kb azure base bigsmp build coco debug debuginfo debugsource default desktop devel docs ec2 extra html kgraft',
    'kvmsmall livepatch longterm lpae macros man obs optional pae pdf ppc64 preempt qa rt rt_debug rt_trace source syms trace',
    'vanilla vdso xen zfcpdump',
  ].join(' '),
);

/** `kernel-livepatch-5_14_21-150400_24_11-default`. */
const livePatch = /^kernel-livepatch-\d+(?:_\d+)+-\d+(?:_\d+)*-(?:azure|default|rt)$/;

function isSuseKernel({ name }: InstalledPackage): boolean {
  return binaries(name) || livePatch.test(name);
}

/** One for each system, because SUSE's documents are about several. */
export const suseJudges: readonly Judge[] = suseSystems.map((system) => ({
  id: system,
  databases: ['rpm'],
  rates: true,
  ...(isRolling(system) ? { release: () => rolling } : {}),
  purl: systemFacts[system].purl,
  pages: susePages,
  kernel: isSuseKernel,
  publishesCvss: true,
  ...(system === 'sles' ? { streams: ['ltss'] } : {}),
  matcher: (context) => matcher(system, context),
}));

/** A service pack is a platform of its own, so its rows are of one stream and of the channels that are bought besides. */
function matcher(system: SuseSystem, context: MatchContext): Matcher {
  const channels = new Set<string>(suseContext(context.inventory).channels);
  if (context.stream === 'ltss') channels.add('ltss');
  if (context.stream === 'main') channels.delete('ltss');
  return oneStreamMatcher(systemFacts[system].vendor, context, { channels });
}
