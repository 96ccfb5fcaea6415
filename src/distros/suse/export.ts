import type { CsafLayout } from '../../export/rows/csaf-layout.ts';
import {
  type ClairNames,
  clairDistribution,
  type DistroExport,
  type GrypeSystem,
  type OsvNames,
  type ReleaseExport,
} from '../../export/rows/distro-export.ts';
import type { ExportLine } from '../../export/rows/rows.ts';
import type { TrivyContext, TrivyLayout } from '../../export/rows/trivy-layout.ts';
import type { Feed } from '../../feed/read/feed.ts';
import type { FeedPlatform } from '../../model/feed/index.ts';
import { csafRelease } from '../shared/export/csaf-release.ts';
import { binaryRows, mainChannel } from '../shared/export/rpm-rows.ts';
import { debBucket } from '../shared/export/trivy-deb.ts';
import { susePages } from './rule.ts';
import { isRolling, type SuseSystem, suseCpe, suseSystems, systemFacts } from './rule-systems.ts';

/** Names of a release in the databases of other scanners; absent: not supported there. */
interface SuseNames {
  osv: OsvNames;
  grype?: GrypeSystem;
  clair?: ClairNames;
  notus?: string;
}

/** notus compares builds of the same architecture only. */
const notusArchitectures = ['aarch64', 'noarch', 'ppc64le', 's390x', 'x86_64'];

function suseNames({ os }: Pick<FeedPlatform, 'os'>): SuseNames {
  const version = os.version!;
  const [major = '', minor = ''] = version.split('.');
  switch (os.id as SuseSystem) {
    case 'sles': {
      const spoken = spokenVersion(version, ' SP');
      return {
        osv: { ecosystem: `SUSE:Linux Enterprise Server ${spoken}` },
        grype: { name: 'sles', releaseId: 'sles', major, minor },
        // Made of PRETTY_NAME, with a hyphen before the service pack. Clair has one system for all service packs.
        notus: `SUSE Linux Enterprise Server ${spokenVersion(version, '-SP')}`,
      };
    }
    case 'sle-micro':
      return { osv: { ecosystem: `SUSE:Linux Enterprise Micro ${version}` } };
    case 'sl-micro':
      return { osv: { ecosystem: `SUSE:Linux Micro ${version}` } };
    case 'opensuse-leap':
      return {
        osv: { ecosystem: `openSUSE:Leap ${version}` },
        grype: { name: 'opensuseleap', releaseId: 'opensuse-leap', major, minor },
        clair: {
          updater: `suse-updater-opensuse.leap.${version}`,
          places: [clairDistribution('opensuse-leap', 'openSUSE Leap', [version, '', version])],
        },
      };
    case 'opensuse-tumbleweed':
      return { osv: { ecosystem: 'openSUSE:Tumbleweed' } };
  }
}

/** `15 SP5` of 15.5; from 16 on there are no service packs. */
function spokenVersion(version: string, word: ' SP' | '-SP'): string {
  const [major = '', minor] = version.split('.');
  return Number(major) < 16 && minor !== undefined ? `${major}${word}${minor}` : version;
}

const source = {
  ID: 'suse-cvrf',
  Name: 'SUSE CSAF-VEX, compiled by scapfeed',
  URL: 'https://ftp.suse.com/pub/projects/security/csaf-vex/',
};

/** A bucket of each release, by binary package: what is below a fix. */
const suseTrivy: TrivyLayout = {
  buckets: (platforms, context) =>
    platforms.map((platform) =>
      debBucket(
        {
          name: bucketOf(platform),
          platform: platform.id,
          source,
          lines: () => fixedLines(platform, context),
          causes,
        },
        context,
      ),
    ),
};

function bucketOf({ os }: FeedPlatform): string {
  switch (os.id as SuseSystem) {
    case 'sles':
      return `SUSE Linux Enterprise ${os.version}`;
    case 'sle-micro':
    case 'sl-micro':
      return `SUSE Linux Enterprise Micro ${os.version}`;
    case 'opensuse-leap':
      return `openSUSE Leap ${os.version}`;
    case 'opensuse-tumbleweed':
      return 'openSUSE Tumbleweed';
  }
}

/** On these systems Trivy compares with a fixed version, whatever else a row has. */
function* fixedLines(platform: FeedPlatform, { feed, inexact }: TrivyContext): Generator<ExportLine> {
  for (const { package: name, rows } of suseLines(feed, platform)) {
    const flaws = rows.filter(({ status }) => status === 'affected' || status === 'under_investigation');
    for (const { ids, fixed } of flaws)
      if (fixed === undefined) inexact.leftOut(platform.id, 'without_fix', withoutFix, name, ids);
    const fixes = flaws.filter(({ fixed }) => fixed !== undefined);
    if (fixes.length > 0) yield { package: name, rows: fixes };
  }
}

const withoutFix =
  'On SUSE and openSUSE Trivy knows a flaw by the version that fixes it: one without a fix cannot be written.';

const causes = [
  ['foreign_vendor', 'Packages that others have signed or built are judged by their names.'],
  ['bought_channel', 'A system with LTSS, ESPOS or a product such as SLES for SAP is judged as one without.'],
  [
    'unstated_epoch',
    'SUSE names builds without their epochs: a package that has one is above every fix in Trivy.',
  ],
  ['unparsable_version', 'A version that is no version of an rpm is compared all the same.'],
] as const;

/** Systems by their CPEs, and SUSE's words for a severity. */
function suseCsaf(namespace: string, vendor: string): CsafLayout {
  return {
    name: namespace,
    vendor,
    namespace,
    pages: susePages,
    system: (platform, claim) => {
      const { distro, ...system } = csafRelease(platform, claim, ['suse', platform.os.id]);
      if (claim.channel !== undefined) return system;
      const own = { ...system, cpe: suseCpe(platform.os.id as SuseSystem, platform.os.version!) };
      // A package URL names the day of a snapshot of Tumbleweed: its packages are found by the system alone.
      return isRolling(platform.os.id) || distro === undefined ? own : { ...own, distro };
    },
    severityWords: { critical: 'critical', high: 'important', medium: 'moderate', low: 'low' },
  };
}

/** Package URLs of SUSE's systems and of openSUSE's have namespaces of their own, and so have their documents. */
export const suseExports: readonly DistroExport[] = [
  suseExport('suse', 'SUSE'),
  suseExport('opensuse', 'openSUSE'),
];

function suseExport(namespace: 'suse' | 'opensuse', vendor: string): DistroExport {
  return {
    ids: suseSystems.filter((system) => systemFacts[system].purl === namespace),
    trivy: suseTrivy,
    csaf: suseCsaf(namespace, vendor),
    releases: (platform, feed) => [releaseOf(platform, feed)],
  };
}

function releaseOf(platform: FeedPlatform, feed: Feed): ReleaseExport {
  const { osv, grype, clair, notus } = suseNames(platform);
  return {
    subject: 'binary',
    lines: () => suseLines(feed, platform),
    osv,
    ...(grype === undefined ? {} : { grype: [grype] }),
    ...(clair === undefined ? {} : { clair }),
    ...(notus === undefined ? {} : { notus, notusArchitectures }),
  };
}

/** The binaries of a release as they are judged without LTSS and other products. */
function* suseLines(feed: Feed, { id }: Pick<FeedPlatform, 'id'>): Generator<ExportLine> {
  const streams = [{ at: 0, stream: mainChannel }];
  for (const { name, rows, guessed } of binaryRows(feed, id, streams)) {
    if (rows.length > 0) yield { package: name, rows, ...(guessed ? { guessed: true as const } : {}) };
  }
}
