import type { Platform, ShardClaim } from '../../model/feed/index.ts';
import type { DistroOval } from '../../oval/forms/distro-oval.ts';
import type { DpkgBuild, DpkgRule, DpkgWay } from '../../oval/forms/dpkg-rule.ts';
import { inManifest, inStatus, sourceForms } from '../../oval/forms/dpkg-source-form.ts';
import { dpkginfoForms } from '../../oval/forms/dpkginfo-form.ts';
import type { FormContext, OvalForm } from '../../oval/forms/form.ts';
import { noteDpkgCauses, waysOf } from '../shared/oval/dpkg-ways.ts';
import { ubuntuPages } from './rule.ts';
import {
  type BuildKind,
  isOfChannel,
  isOrdinary,
  marks,
  type UbuntuBuild,
  ubuntuThreshold,
} from './rule-threshold.ts';

const hasEsm = String.raw`[^\s)]*${marks.esm}`;
const hasFips = String.raw`[^\s)]*(?i:${marks.fips})`;

/** Patterns of versions, for the kinds of builds that `ubuntuBuild` distinguishes. */
const builds: Record<UbuntuBuild, DpkgBuild> = {
  base: {
    name: 'base',
    version: String.raw`(?!${hasEsm})(?!${hasFips})[^\s)]+`,
    plain: true,
  },
  esm: { name: 'esm', version: String.raw`(?=${hasEsm})[^\s)]+` },
  fips: { name: 'fips', version: String.raw`(?!${hasEsm})(?=${hasFips})[^\s)]+` },
};

/** The runtime's threshold for each kind of builds; if all kinds are judged in the same way, one test is for any build. */
const ubuntuOvalRule: DpkgRule = {
  buildsLost:
    'Builds of ESM and FIPS cannot be told from others: the fix of the plain archive is tested for all.',
  ways(line, { claims }) {
    if (!line.claims.some(({ channel }) => isOrdinary(channel))) return waysFor(claims, 'special');
    if (!claims.some(({ channel }) => isOfChannel(channel))) return waysFor(claims, 'base');
    const ways: DpkgWay[] = [];
    for (const kind of ['base', 'esm', 'fips'] as const) {
      const found = waysFor(claims, kind, builds[kind]);
      if (typeof found === 'string') return found;
      ways.push(...found);
    }
    return ways;
  },
};

function waysFor(claims: readonly ShardClaim[], kind: BuildKind, build?: DpkgBuild) {
  const rows = claims.map((claim) => ({ kind: claim, claim }));
  return waysOf(ubuntuThreshold(rows, kind), ({ row }) => row.claim, build);
}

export const ubuntuOval: DistroOval = {
  id: 'ubuntu',
  forms,
  cpe: ({ os: { version } }: Platform) =>
    version === undefined ? undefined : `cpe:/o:canonical:ubuntu_linux:${version}`,
  pages: ubuntuPages,
  subjectOf,
};

/** All kernels: one kernel flaw concerns some 70 sources on Ubuntu, each with its own fix. */
const ubuntuKernels = 'linux-kernels';

/** Sources with names like kernels that are not kernels. */
const noKernel = /^linux-(?:atm|base|firmware|ftpd|igd|minidisc|sgx|show-player|user-chroot|wlan-ng)/;

function subjectOf(name: string): string {
  return /^linux(?:-|$)/.test(name) && !noKernel.test(name) ? ubuntuKernels : name;
}

/** Ubuntu's images are dpkg systems; the channel in a build's version decides which rows apply. */
function forms(context: FormContext): OvalForm[] {
  const { inexact } = context;
  const made = [
    ...sourceForms(context, ubuntuOvalRule, inStatus),
    ...sourceForms(context, ubuntuOvalRule, inManifest),
    ...dpkginfoForms(context, ubuntuOvalRule),
  ];
  const suffixes = made.map(({ suffix }) => suffix);
  noteDpkgCauses(inexact, suffixes);
  inexact.general(
    'pro_attached',
    'On a system attached to Ubuntu Pro the fix of another channel is available: the definition stands in the unfixed file.',
    suffixes,
  );
  inexact.general(
    'fips_or_fips_updates',
    'Versions of fips, fips-updates and fips-preview cannot be told apart: the lowest fix of them decides.',
    suffixes,
  );
  inexact.general(
    'chisel_manifest',
    'A package that the manifest of chisel alone lists is not seen, and its definitions are false; the index sets it apart.',
    suffixes,
  );
  return made;
}
