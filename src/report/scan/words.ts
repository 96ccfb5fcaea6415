import type { FixState } from '../../model/feed/index.ts';
import {
  isMalicious,
  malicious,
  type Uncovered,
  type UncoveredPackage,
  type ViewedVerdict,
} from '../../model/verdict/index.ts';
import { type Flaw, flawsOf, packageNames } from './flaws.ts';

const stateWords: Record<FixState, string> = {
  available: 'fix available',
  none_yet: 'no fix yet',
  fix_deferred: 'fix deferred',
  will_not_fix: 'will not be fixed',
  end_of_life: 'out of support',
  other_channel: 'fixed in another channel',
};

/** `fix available (DSA-5343-1)`: the state of a verdict, with the reason and the advisories. */
export function stateText(verdict: ViewedVerdict): string {
  return `${stateWord(verdict)}${stateDetails(verdict)}`;
}

/** ` (minor, DSA-5343-1)`: reason, channel, advisories and marks, if there are any. */
export function stateDetails({ reason, channel, advisories, marks }: ViewedVerdict): string {
  let details = reason ?? '';
  const add = (text: string) => {
    details = details === '' ? text : `${details}, ${text}`;
  };
  if (channel !== undefined && channel !== reason) add(channel);
  advisories.forEach(add);
  // The state says it.
  marks.filter((mark) => mark !== malicious).forEach(add);
  return details === '' ? '' : ` (${details.replaceAll('_', ' ')})`;
}

/** The state alone. A malicious package is to be removed, whatever is fixed. */
export function stateWord({
  status,
  fixState,
  marks,
}: Pick<ViewedVerdict, 'status' | 'fixState' | 'marks'>): string {
  if (status === 'affected' && isMalicious({ marks })) return 'MALICIOUS PACKAGE: remove it';
  return status === 'affected' ? stateWords[fixState!] : status.replaceAll('_', ' ');
}

/** The version that repairs it, or the one of another channel; undefined: there is none. */
export function fixVersion({ status, fixState, fixedVersion }: ViewedVerdict): string | undefined {
  return status === 'affected' && (fixState === 'available' || fixState === 'other_channel')
    ? fixedVersion
    : undefined;
}

/** The remedy for a flaw: `Upgrade libssl3, openssl to 3.0.8-1 (DSA-5343-1).` */
export function remedyText(flaw: Flaw): string {
  const notLifted = notLiftedText(flaw);
  return `${vendorRemedy(flaw)}${notLifted === '' ? '' : ` ${notLifted}`}`;
}

/** The remedy alone, without what the user's policy makes of it. */
export function vendorRemedy({ verdicts }: Flaw): string {
  return flawsOf(verdicts).map(remedyOf).join(' ');
}

/** VEX that is not applied, because the policy gives its issuer no right: `VEX of … is not applied: not affected.` */
function notLiftedText({ verdicts }: Flaw): string {
  const found = verdicts.flatMap(({ notLifted }) => notLifted ?? []);
  const texts = new Set(
    found.map(
      ({ where, reason }) =>
        `VEX that is not applied, as its issuer has no right to lift this: ${reason} (${where}).`,
    ),
  );
  return [...texts].join(' ');
}

function remedyOf(flaw: Flaw): string {
  const { verdict } = flaw;
  const { fixState, status, advisories, channel } = verdict;
  const fix = fixVersion(verdict);
  const by = advisories.length > 0 ? ` (${advisories.join(', ')})` : '';
  if (status === 'affected' && isMalicious(verdict)) {
    const other = fix === undefined ? '' : `, or replace it by ${fix}`;
    return `Remove ${packageNames(flaw).join(', ')}${other}: it was published to do harm${by}.`;
  }
  if (fix !== undefined && fixState === 'available')
    return `Upgrade ${packageNames(flaw).join(', ')} to ${fix}${by}.`;
  if (fix !== undefined)
    return `Fixed in ${fix}${channel === undefined ? '' : ` of ${channel}`}${by}, which this image does not get.`;
  if (status === 'under_investigation') return 'The vendor has not looked into it yet.';
  return status === 'affected' ? `There is no fix to install: ${stateWords[fixState!]}.` : stateWord(verdict);
}

/** Why the default view does not list flaws. */
export const uncoveredWords: Record<Uncovered, string> = {
  not_covered: 'no data',
  other_origin: 'no data: built elsewhere',
  unparsable_version: 'version cannot be compared',
  half_installed: 'only half installed',
  undecidable: 'cannot be judged',
};

/** The same of a package: `no data: …` with the reason. */
export function uncoveredText({ reason, detail }: Pick<UncoveredPackage, 'reason' | 'detail'>): string {
  const words = uncoveredWords[reason];
  if (detail === undefined) return words;
  return reason === 'not_covered' ? `${words}: ${detail}` : `${words} (${detail})`;
}

/** Kinds of references that name one thing on the machine that the scan ran on. */
const fileKinds = /^(?:dir|docker-archive|oci|oci-archive|tar|sbom):/;
const nameKinds = /^(?:registry|docker|podman|container):/;

/**
 * The name of an image without what changes from night to night: its digest, its tag, the folder that it lies in. Alerts
 * and tests of a CI system are the same ones as long as their names are.
 */
export function stableImageName(reference: string): string {
  const bare = reference.replace(/@sha256:[0-9a-f]+$/, '');
  if (!fileKinds.test(bare)) return clean(bare.replace(nameKinds, '').replace(/:[^/:]*$/, ''));
  const path = bare.replace(fileKinds, '').replace(/\/+$/, '');
  const file = path.slice(path.lastIndexOf('/') + 1);
  return clean(file.replace(/:[^:]*$/, '').replace(/\.(?:tar|tgz|tar\.gz)$/, ''));
}

function clean(name: string): string {
  return name.replace(/[^A-Za-z0-9._/-]/g, '-').replace(/^[./-]+/, '') || 'image';
}
