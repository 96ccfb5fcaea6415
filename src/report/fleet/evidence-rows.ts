import type {
  EvidenceImage,
  EvidencePackage,
  EvidenceUnknown,
  EvidenceVerdict,
  FleetEvidence,
} from '../../model/fleet/index.ts';
import { plural, thousands } from '../text-table.ts';

/** A verdict about a package of an image, with the nights on which it began and ended. */
export interface EvidenceRow {
  names: string[];
  image: EvidenceImage;
  package: EvidencePackage;
  verdict: EvidenceVerdict;
  from: string;
  to: string | null;
  state: 'open' | 'waived' | 'ended' | 'not open';
}

/** Each verdict of each image, with the names that the image had at the time. */
export function evidenceRows(evidence: FleetEvidence): EvidenceRow[] {
  const dates = new Map(evidence.nights.map(({ run, started }) => [run, started]));
  const dateOf = (run: number) => dates.get(run) ?? `run ${run}`;
  return evidence.images.flatMap((image) =>
    image.packages.flatMap((pkg) =>
      pkg.verdicts.map((verdict) => ({
        ...{ names: namesOf(evidence, image.digest), image, package: pkg, verdict },
        from: dateOf(verdict.from),
        to: verdict.to === null ? null : dateOf(verdict.to),
        state: stateOf(image, verdict),
      })),
    ),
  );
}

/** Names that stood for an image at the time. */
export function namesOf({ names }: FleetEvidence, digest: string): string[] {
  return names.flatMap(({ reference, removed, images }) =>
    removed === null && images.some((each) => each.digest === digest && each.until === null)
      ? [reference]
      : [],
  );
}

function stateOf({ waivers }: EvidenceImage, { to, status, hidden }: EvidenceVerdict): EvidenceRow['state'] {
  if (to !== null) return 'ended';
  if (status !== 'affected' || hidden !== null) return 'not open';
  return waivers.length > 0 ? 'waived' : 'open';
}

/** `fixed in 1.2`, `no fix yet`. */
export function fixText({ fixState, fixedVersion }: EvidenceVerdict): string {
  if (fixState === 'available') return `fixed in ${fixedVersion ?? 'a version that is not named'}`;
  return (fixState ?? '-').replaceAll('_', ' ');
}

/** The counts of a document, in a line. Images without a name at the time count as replaced. */
export function evidenceSummary(evidence: FleetEvidence): string {
  const standing = evidence.images.filter(({ digest }) => namesOf(evidence, digest).length > 0);
  const open = standing.filter((image) => image.open);
  const waived = open.filter(({ waivers }) => waivers.length > 0).length;
  const parts = [
    `open in ${plural(open.length, 'image')}${waived > 0 ? `, waived in ${thousands(waived)} of them` : ''}`,
    `${thousands(evidence.images.length - standing.length)} replaced or removed`,
    `not known of ${plural(evidence.unknown.length, 'name')}`,
  ];
  return parts.join('; ');
}

const states: Readonly<Record<EvidenceUnknown['state'], string>> = {
  unread: 'could not be read',
  waiting: 'not judged yet',
  uncovered: 'not covered',
  partly: 'judged in part',
};

export function unknownText({ state, detail }: EvidenceUnknown): string {
  return `${states[state]}: ${detail}`;
}

export function absenceText({ from, to, reason }: FleetEvidence['absent'][number]): string {
  const days = from === to ? from : `${from} to ${to}`;
  return `${days}: ${reason === 'no_run' ? 'no run ended' : 'runs are no longer kept'}`;
}
