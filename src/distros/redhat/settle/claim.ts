import type { Claim } from '../../../model/index.ts';
import { limitingArchitectures } from '../../../packaging/index.ts';
import type { SourcedRow } from './sourced-row.ts';

/**
 * Converts a settled row to a claim; equal rows give equal JSON. A build makes half a million of them, so fields are set one
 * by one, not spread.
 */
export function rowClaim(vulnerability: string, row: SourcedRow): Claim {
  const { stream } = row;
  const claim: Claim = {
    status: row.status,
    severity: row.severity,
    subject: row.subject,
    evidence: evidenceOf(vulnerability, row),
  };
  if (row.fixed !== undefined) claim.fixed = row.fixed;
  if (row.fixState !== undefined) claim.fixState = row.fixState;
  if (row.reason !== undefined) claim.reason = row.reason;
  if (row.advisories) claim.advisories = row.advisories;
  if (row.inferred || row.stale) claim.marks = marksOf(row);
  if (row.module !== undefined) claim.module = row.module;
  const arch = limitingArch(row);
  if (arch) claim.arch = arch;
  if (stream.channel !== undefined) claim.channel = stream.channel;
  if (row.channelFix !== undefined) claim.channelFix = row.channelFix;
  if (stream.minor !== undefined) claim.minor = stream.minor;
  return claim;
}

function marksOf({ inferred, stale }: SourcedRow): string[] {
  return [...(inferred ? ['inferred'] : []), ...(stale ? ['stale'] : [])];
}

const statusKeys = {
  fixed: 'fixed',
  affected: 'known_affected',
  not_affected: 'known_not_affected',
  under_investigation: 'under_investigation',
} as const;

/**
 * VEX documents are named by their vulnerability, so one template is enough for all. An erratum is named by its id, and
 * evidence points to its list of vulnerabilities, because their indexes differ.
 */
function evidenceOf(vulnerability: string, { document, status, inferred }: SourcedRow): string {
  const { tree, path } = document;
  if (tree === 'redhat-advisories') return `${tree}#${path}/vulnerabilities`;
  const usual = path === `${vulnerability.slice(4, 8)}/${vulnerability.toLowerCase()}.json`;
  const key = inferred ? 'fixed' : statusKeys[status];
  return `${tree}#${usual ? '{year}/{cve}.json' : path}/vulnerabilities/0/product_status/${key}`;
}

/** The architectures, if they are not all that the release is built for. */
function limitingArch({ arch, subject, archMatters }: SourcedRow): string[] | undefined {
  if (!arch || (subject === 'source' && !archMatters)) return undefined;
  return limitingArchitectures(arch);
}
