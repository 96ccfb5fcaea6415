import type { Statement } from '../../model/index.ts';
import type { SourcedRow } from './merge.ts';

/** A settled row in the words of the model. */
export function rowStatement(vulnerability: string, row: SourcedRow): Statement {
  const { stream, status, subject, name, module, fixed, fixState, reason, severity, advisories, channelFix } =
    row;
  const arch = limitingArch(row);
  const marks = [...(row.inferred ? ['inferred'] : []), ...(row.stale ? ['stale'] : [])];
  return {
    vulnerability,
    platform: stream.platform,
    package: name,
    status,
    ...(fixed === undefined ? {} : { fixed }),
    ...(fixState === undefined ? {} : { fixState }),
    ...(reason === undefined ? {} : { reason }),
    severity,
    ...(advisories ? { advisories } : {}),
    ...(marks.length > 0 ? { marks } : {}),
    subject,
    ...(module === undefined ? {} : { module }),
    ...(arch ? { arch } : {}),
    ...(stream.channel === undefined ? {} : { channel: stream.channel }),
    ...(channelFix === undefined ? {} : { channelFix }),
    ...(stream.minor === undefined ? {} : { minor: stream.minor }),
    evidence: evidenceOf(vulnerability, row),
  };
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
