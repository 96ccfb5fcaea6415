import type { Statement } from '../../model/index.ts';
import type { SourcedRow } from './merge.ts';

/** A settled row in the words of the model. A build makes a million of them: fields are set one by one, not spread. */
export function rowStatement(vulnerability: string, row: SourcedRow): Statement {
  const { stream } = row;
  const statement: Statement = {
    vulnerability,
    platform: stream.platform,
    package: row.name,
    status: row.status,
    severity: row.severity,
    subject: row.subject,
    evidence: evidenceOf(vulnerability, row),
  };
  if (row.fixed !== undefined) statement.fixed = row.fixed;
  if (row.fixState !== undefined) statement.fixState = row.fixState;
  if (row.reason !== undefined) statement.reason = row.reason;
  if (row.advisories) statement.advisories = row.advisories;
  if (row.inferred || row.stale) statement.marks = marksOf(row);
  if (row.module !== undefined) statement.module = row.module;
  const arch = limitingArch(row);
  if (arch) statement.arch = arch;
  if (stream.channel !== undefined) statement.channel = stream.channel;
  if (row.channelFix !== undefined) statement.channelFix = row.channelFix;
  if (stream.minor !== undefined) statement.minor = stream.minor;
  return statement;
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
 * A VEX document is named by its vulnerability, so that one template serves all; an erratum by itself, and there only
 * the list of its vulnerabilities, since each stands at another index.
 */
function evidenceOf(vulnerability: string, { document, status, inferred }: SourcedRow): string {
  const { tree, path } = document;
  if (tree === 'redhat-advisories') return `${tree}#${path}/vulnerabilities`;
  const usual = path === `${vulnerability.slice(4, 8)}/${vulnerability.toLowerCase()}.json`;
  const key = inferred ? 'fixed' : statusKeys[status];
  return `${tree}#${usual ? '{year}/{cve}.json' : path}/vulnerabilities/0/product_status/${key}`;
}

const mainArchitectures = ['aarch64', 'ppc64le', 's390x', 'x86_64'];

/** Architectures are worth telling where they are not simply all that the release is built for. */
function limitingArch({ arch, subject, archMatters }: SourcedRow): string[] | undefined {
  if (!arch || arch.includes('noarch') || (subject === 'source' && !archMatters)) return undefined;
  return mainArchitectures.every((name) => arch.includes(name)) ? undefined : arch;
}
