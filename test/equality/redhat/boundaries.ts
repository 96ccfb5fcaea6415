import { platformOf, redHatDefinition } from '../../../src/distros/redhat/definition.ts';
import type { Collector } from '../../../src/feed/compile/index.ts';
import type { Claim, Statement } from '../../../src/model/feed/index.ts';
import type { RpmPackage } from '../../prove/trial.ts';
import type { RhelRelease } from './roots.ts';

type Row = Pick<Claim, 'status'> & Partial<Claim>;

/** Rows around an installed version, each list for one vulnerability: limits, streams, channels, architectures, states. */
function rowsAround(evr: string, arch: string, minor: number, folded: boolean): Record<string, Row[]> {
  const fixed = (version: string, more: Partial<Claim> = {}): Row => ({
    status: 'fixed',
    fixed: version,
    ...more,
  });
  const open = (fixState: Claim['fixState'] & string, more: Partial<Claim> = {}): Row =>
    ({ status: 'affected', fixState, ...more }) as Row;
  const [above, below] = [`${evr}.1`, `${evr}~`];
  return {
    'CVE-2026-10001': [fixed(evr)],
    'CVE-2026-10002': [fixed(above)],
    'CVE-2026-10003': [fixed(below)],
    // SOURCERPM has no epoch: a source's is not compared.
    'CVE-2026-10004': [fixed(folded ? `${evr}^1` : `9${evr}`)],
    'CVE-2026-10005': [fixed(below, { minor: minor - 1 }), fixed(above, { minor: minor + 1 })],
    'CVE-2026-10006': [fixed(above, { minor: 0 }), fixed(below, { minor })],
    'CVE-2026-10007': [fixed(above, { minor, channel: 'eus' }), open('other_channel')],
    'CVE-2026-10008': [fixed(evr, { minor, channel: 'eus' }), fixed(above, { minor: minor + 2 })],
    'CVE-2026-10009': [fixed(above, { arch: [arch] })],
    'CVE-2026-10010': [fixed(above, { arch: ['ia64'] })],
    'CVE-2026-10011': [open('none_yet')],
    'CVE-2026-10012': [open('will_not_fix'), { status: 'not_affected', minor }],
    'CVE-2026-10013': [{ status: 'not_affected' }],
    'CVE-2026-10014': [{ status: 'under_investigation' }],
  };
}

/** Statements at the boundaries of every package of a list; binaries with a version of their own have rows of their own. */
export function boundaryStatements(
  collector: Collector,
  packages: readonly RpmPackage[],
  { major, minor }: RhelRelease,
): void {
  const platform = platformOf(`rhel-${major}`, redHatDefinition);
  const binaries = new Map<string, Set<string>>();
  const said = new Set<string>();
  const statements: Statement[] = [];
  for (const item of packages) {
    if (item.name === 'gpg-pubkey') continue;
    const { source, versionRelease } = lookupOf(item);
    const folded = versionRelease === `${item.version}-${item.release}`;
    const name = folded ? source : item.name;
    if (folded) binaries.set(source, (binaries.get(source) ?? new Set()).add(item.name));
    const module = item.modularitylabel?.split(':').slice(0, 2).join(':');
    const key = `${name} ${folded} ${module}`;
    if (said.has(key)) continue;
    said.add(key);
    const evr = `${item.epoch ?? 0}:${item.version}-${item.release}`;
    for (const [vulnerability, rows] of Object.entries(rowsAround(evr, item.arch, minor, folded))) {
      for (const row of rows) {
        statements.push({
          ...row,
          vulnerability,
          platform: platform.id,
          package: name,
          severity: 'medium',
          evidence: 'x#/x',
          subject: folded ? 'source' : 'binary',
          ...(module === undefined ? {} : { module }),
        });
      }
    }
  }
  const sorted = [...binaries].map(([source, names]) => [source, [...names].sort()] as const);
  collector.platform(platform, { inputs: [], binaries: new Map(sorted) });
  for (const statement of statements) {
    collector.ledger.use();
    collector.statement(statement);
  }
}

export function lookupOf({ sourcerpm }: RpmPackage): { source: string; versionRelease: string } {
  const [, source = '', versionRelease = ''] = /^(.+)-([^-]+-[^-]+)\.(?:no)?src\.rpm$/.exec(sourcerpm) ?? [];
  return { source, versionRelease };
}
