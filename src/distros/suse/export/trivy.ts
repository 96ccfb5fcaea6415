import type { ExportLine } from '../../../export/rows/rows.ts';
import type { TrivyContext, TrivyLayout } from '../../../export/rows/trivy-layout.ts';
import type { FeedPlatform } from '../../../model/index.ts';
import { debBucket } from '../../shared/export/trivy-deb.ts';
import type { SuseSystem } from '../rule/systems.ts';
import { suseLines } from './lines.ts';

const source = {
  ID: 'suse-cvrf',
  Name: 'SUSE CSAF-VEX, compiled by scapfeed',
  URL: 'https://ftp.suse.com/pub/projects/security/csaf-vex/',
};

/** A bucket of each release, by binary package: what is below a fix. */
export const suseTrivy: TrivyLayout = {
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
