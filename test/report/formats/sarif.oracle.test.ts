import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import type { ComplianceResult, OvalEvaluation } from '../../../src/model/compliance/index.ts';
import { complianceSubject } from '../../../src/report/comply/subject.ts';
import { evaluationSubject } from '../../../src/report/eval/subject.ts';
import { sarifLog } from '../../../src/report/formats/sarif.ts';
import type { EntryRule, ReportSubject } from '../../../src/report/subject.ts';
import { debianRelease, project, rootWith, scapfeed, stanza } from '../../support/cli.ts';
import { npmCommand } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { hostileScan } from '../scan/support/hostile-scan.ts';
import { sampleScan } from '../scan/support/sample-scan.ts';
import { sampleResult } from '../support/sample-compliance.ts';

interface Sarif {
  runs: {
    results: {
      ruleId: string;
      suppressions?: object[];
      partialFingerprints: { primaryLocationLineHash: string };
      locations: {
        physicalLocation: { artifactLocation: { uri: string } };
        logicalLocations: { name: string }[];
      }[];
    }[];
    tool: { driver: { rules: { id: string; properties: Record<string, string> }[] } };
    invocations: {
      toolExecutionNotifications: { descriptor: { id: string }; message: { text: string } }[];
    }[];
  }[];
}

const multitool = npmCommand('sarif-multitool');

/** Findings of Microsoft's validator, by the schema, SARIF's rules and those of GitHub's code scanning. */
function findings(text: string): string[] {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'x.sarif'), text);
  const args = ['validate', 'x.sarif', '--output', 'out.sarif', '--rule-kind', 'Sarif;Ghas'];
  const { stdout } = spawnSync(multitool!, [...args, '--level', 'Error;Warning', '--log', 'ForceOverwrite'], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: '1' },
  });
  expect(stdout).toContain('Analysis completed successfully');
  const { runs } = JSON.parse(readFileSync(join(folder, 'out.sarif'), 'utf8')) as {
    runs: { results: { ruleId: string; message: { id?: string; arguments?: string[] } }[] }[];
  };
  return (
    runs
      .flatMap(({ results }) => results)
      .map(({ ruleId, message }) => `${ruleId} ${message.id} ${message.arguments?.join(' ')}`)
      // The project has no address to give yet.
      .filter((found) => !found.startsWith('SARIF2005'))
  );
}

const sample = sampleScan();
const scanned = sample.scan('-o', 'sarif').out;
const several = (...args: string[]) => sample.scan(sampleScan().image, 'missing.tar', ...args);

/** A file that no package brought, and a policy that says why it is there. */
function verified(format: string): string {
  const root = rootWith({
    'etc/os-release': debianRelease('12', 'bookworm'),
    'var/lib/dpkg/status': stanza('bash', '5.2.15-2'),
    'app/server': '#!/bin/sh\n',
    'app/other': '#!/bin/sh\n',
  });
  for (const name of ['server', 'other']) chmodSync(join(root, 'app', name), 0o755);
  const policy = join(temporaryFolder(), 'scapfeed.yaml');
  writeFileSync(
    policy,
    'verify:\n  allow:\n    - path: /app/server\n      reason: ours\n      until: 2999-01-01\n',
  );
  return scapfeed(['verify', root, '--allow-uncovered', '--policy', policy, '-o', format]).out;
}

function waived(): ComplianceResult {
  const result = sampleResult();
  const [first, ...rest] = result.rules;
  return {
    ...result,
    rules: [{ ...first!, waived: { by: 'policy', reason: 'behind a proxy', where: 'p' } }, ...rest],
  };
}

const evaluation: OvalEvaluation = {
  tool: { name: 'scapfeed', version: '1.0.0' },
  image: { reference: 'oci:image' },
  content: { name: 'x.xml', sha256: '0'.repeat(64), documents: [{ schemaVersion: '5.11', platforms: [] }] },
  time: '2026-01-01T00:00:00.000Z',
  packages: 3,
  applies: 'yes',
  inventory: [],
  counts: { vulnerability: { true: 1, error: 1 } },
  definitions: (['true', 'error'] as const).map((result, at) => ({
    id: `oval:x:def:${at}`,
    version: '1',
    class: 'vulnerability',
    title: 'A flaw in bash.',
    description: 'What it is about.',
    result,
    severity: 'high',
    vulnerabilities: ['CVE-2024-0001'],
    references: [{ source: 'CVE', id: 'CVE-2024-0001', url: 'https://example.test/CVE-2024-0001' }],
    evidence: [],
  })),
};

describe('SARIF of what a policy accepts', () => {
  const suppressionsOf = (text: string) =>
    (JSON.parse(text) as Sarif).runs[0]!.results.map(({ suppressions }) => suppressions);

  it('is suppressed with its reason', () => {
    const accepted = { kind: 'external', status: 'accepted' };
    expect(suppressionsOf(verified('sarif'))).toEqual([
      undefined,
      [{ ...accepted, justification: 'ignored by the policy: ours (until 2999-01-01)' }],
    ]);
    expect(suppressionsOf([...sarifLog(complianceSubject({ result: waived() }))].join(''))).toEqual([
      [{ ...accepted, justification: 'ignored by the policy: behind a proxy' }],
    ]);
  });

  it('is a skipped test in JUnit, and in JSON apart from the deviations', () => {
    expect(verified('junit')).toMatch(/tests="3" failures="1" errors="1" skipped="1"/);
    expect(verified('junit')).toContain(
      '<skipped message="ignored by the policy: ours (until 2999-01-01)"/>',
    );
    const result = JSON.parse(verified('json')) as {
      accepted: { path: string; ignored: { reason: string } }[];
    };
    const schema = readFileSync(join(project, 'schemas/verification.schema.json'), 'utf8');
    const validate = new Ajv2020({ allErrors: true, strict: false }).compile(JSON.parse(schema) as object);
    validate(result);
    expect(validate.errors ?? []).toEqual([]);
    expect(result.accepted.map(({ path, ignored }) => [path, ignored.reason])).toEqual([
      ['/app/server', 'ours'],
    ]);
  });
});

describe.skipIf(!multitool)("SARIF, judged by Microsoft's validator with GitHub's rules", () => {
  it.each([
    ['a scan', () => scanned],
    ['a scan of everything', () => sample.scan('--all', '-o', 'sarif').out],
    [
      'a scan without findings',
      () => sample.scan('--severity', 'critical', '--only-fixed', '-o', 'sarif').out,
    ],
    ['a scan of several images', () => several('-o', 'sarif').out],
    ['a scan of hostile texts', () => hostileScan('-o', 'sarif').out],
    ['a verification', () => scapfeed(['verify', sample.image, '--allow-uncovered', '-o', 'sarif']).out],
    ['a verification with a policy', () => verified('sarif')],
    [
      'an evaluation of rules, one of them waived',
      () => [...sarifLog(complianceSubject({ result: waived() }))].join(''),
    ],
    ['an evaluation of definitions', () => [...sarifLog(evaluationSubject({ evaluation }))].join('')],
  ])('%s', (_, make) => {
    expect(findings(make())).toEqual([]);
  });
});

describe('SARIF of a scan', () => {
  const [run] = (JSON.parse(scanned) as Sarif).runs;

  it('gives the same fingerprints and paths when versions, tags and folders change', () => {
    const other = sampleScan({}, []);
    const prints = (text: string) =>
      (JSON.parse(text) as Sarif).runs[0]!.results.map(({ partialFingerprints }) => partialFingerprints);

    expect(prints(sample.scan('-o', 'sarif').out)).toEqual(prints(scanned));
    expect(prints(other.scan('-o', 'sarif').out)).toHaveLength(prints(scanned).length);
    expect(new Set(prints(scanned).map((print) => JSON.stringify(print))).size).toBe(run!.results.length);
  });

  it('has the packages of a flaw as logical locations', () => {
    const openssl = run!.results.find(({ ruleId }) => ruleId === 'CVE-2023-0286')!;
    expect(openssl.locations[0]!.logicalLocations.map(({ name }) => name)).toEqual(['libssl3', 'openssl']);
    expect(openssl.locations[0]!.physicalLocation.artifactLocation.uri).toMatch(/\/var\/lib\/dpkg\/status$/);
  });

  it('gives GitHub the severity that was decided', () => {
    const severity = (id: string) =>
      run!.tool.driver.rules.find((rule) => rule.id === id)!.properties['security-severity'];
    expect(severity('CVE-2023-0286')).toBe('7.4');
    expect(severity('CVE-2024-5555')).toBe('9.8');
    expect(severity('CVE-2023-45853')).toBe('2.0');
    expect(severity('CVE-2022-3715')).toBeUndefined();
  });

  it('says what it does not show', () => {
    const ids = run!.invocations[0]!.toolExecutionNotifications.map(({ descriptor }) => descriptor.id);
    expect(ids).toEqual(['hidden-unimportant', 'hidden-unsettled']);
  });
});

describe("GitHub's limits", () => {
  const rule = (id: string, full: string): EntryRule => ({
    id,
    short: id,
    full,
    help: { text: full, markdown: full },
    level: 'error',
    tags: [],
  });
  const run = (count: number, text: (at: number) => string): ReportSubject => ({
    toolVersion: '0',
    category: 'x',
    notices: [],
    facts: {},
    entries: Array.from({ length: count }, (_, at) => ({
      ruleId: `R${at}`,
      rule: () => rule(`R${at}`, text(at)),
      state: 'found' as const,
      severity: 'high',
      level: 'error' as const,
      message: `finding ${at}`,
      path: 'x',
      places: [],
      identity: [String(at)],
    })),
  });

  it('cuts at 25,000 results and says how many are missing', () => {
    const text = [...sarifLog(run(25_010, () => 'same'))].join('');
    const { results, invocations } = (JSON.parse(text) as Sarif).runs[0]!;
    expect(results).toHaveLength(25_000);
    expect(invocations[0]!.toolExecutionNotifications.at(-1)!.message.text).toMatch(/^10 more findings/);
  });

  it('cuts at 10 MB of gzip', () => {
    let seed = 1;
    const noise = () => {
      let text = '';
      while (text.length < 3000) {
        seed = (seed * 1103515245 + 12345) % 2147483648;
        text += seed.toString(36);
      }
      return text;
    };
    const text = [...sarifLog(run(6000, noise))].join('');
    const { results } = (JSON.parse(text) as Sarif).runs[0]!;
    expect(gzipSync(text).length).toBeLessThan(10_000_000);
    expect(results.length).toBeGreaterThan(1000);
    expect(results.length).toBeLessThan(6000);
  });
});
