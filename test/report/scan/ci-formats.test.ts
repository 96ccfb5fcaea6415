import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';
import { debianRelease, rootWith, scapfeed, stanza } from '../../support/cli.ts';
import { dataPath, hasData } from '../../support/data.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { hostile, hostileScan } from './support/hostile-scan.ts';
import { sampleScan } from './support/sample-scan.ts';

const sample = sampleScan();
const clean = ['--severity', 'critical', '--only-fixed', '--fail-on', 'critical'];

interface Element {
  name: string;
  attributes: Record<string, string>;
  children: Element[];
}

/** The document as a tree; throws if it is not well-formed. */
function parseXml(text: string): Element {
  const root: Element = { name: '', attributes: {}, children: [] };
  const path = [root];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name, attributes, children: [] };
    path.at(-1)!.children.push(element);
    path.push(element);
  });
  parser.on('closetag', () => path.pop());
  parser.write(text).close();
  return root.children[0]!;
}

it('SARIF says where the tool is from', () => {
  const [run] = JSON.parse(sample.scan('-o', 'sarif').out).runs;
  expect(run.tool.driver).toMatchObject({
    name: 'scapfeed',
    informationUri: expect.stringMatching(/^https:/),
  });
});

it('SPDX says of which list of licences its ids are: that of the library', () => {
  const { creationInfo } = JSON.parse(sample.scan('-o', 'spdx').out);
  const list = createRequire(import.meta.url).resolve('@cyclonedx/cyclonedx-library');
  const schema = join(
    list.slice(0, list.lastIndexOf('cyclonedx-library')),
    'cyclonedx-library/res/schema/spdx.SNAPSHOT.schema.json',
  );
  const { $comment } = JSON.parse(readFileSync(schema, 'utf8'));
  expect($comment).toMatch(new RegExp(`-${creationInfo.licenseListVersion}\\.\\d+$`));
});

describe('JUnit', () => {
  const suite = (text: string) => parseXml(text).children[0]!;
  const cases = ({ children }: Element) => children.filter(({ name }) => name === 'testcase');

  it('has a test for each flaw, named without a version, that fails by the policy', () => {
    const result = suite(sample.scan('-o', 'junit', '--fail-on', 'high').out);

    expect(result.attributes).toMatchObject({ tests: '4', failures: '2', skipped: '2', errors: '0' });
    expect(
      cases(result).map(({ attributes, children }) => [
        attributes['classname'],
        attributes['name'],
        children[0]!.name,
      ]),
    ).toEqual([
      ['curl', 'CVE-2024-5555', 'failure'],
      ['openssl', 'CVE-2023-0286', 'failure'],
      ['zlib', 'CVE-2023-45853', 'skipped'],
      ['bash', 'CVE-2022-3715', 'skipped'],
    ]);
  });

  it('is never empty: an image without flaws is a test that passes', () => {
    const result = suite(sample.scan('-o', 'junit', '--severity', 'medium', '--only-fixed', '--all').out);
    expect(cases(result).length).toBeGreaterThan(0);
    const none = suite(scapfeed(['verify', sample.image, '--allow-uncovered', '-o', 'junit']).out);
    expect(cases(none).length).toBe(Number(none.attributes['tests']));
  });

  it('has an error for what is not known', () => {
    const { scan } = sampleScan({}, [
      'Package: strange\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n\n',
    ]);
    expect(suite(scan('-o', 'junit').out).attributes['errors']).toBe('1');
    const { attributes, children } = suite(scan('-o', 'junit', '--allow-uncovered').out);
    expect(attributes).toMatchObject({ tests: '5', failures: '4', errors: '0', skipped: '1' });
    const [accepted] = children.filter((child) => child.attributes['name'] === 'uncovered_packages');
    expect(accepted!.children).toMatchObject([
      {
        name: 'skipped',
        attributes: { message: '1 without data in this feed (accepted by --allow-uncovered)' },
      },
    ]);
  });

  it('stays well-formed with hostile names', () => {
    expect(cases(suite(hostileScan('-o', 'junit').out))).toHaveLength(7);
  });
});

describe("GitLab's container scanning report", () => {
  const schema = JSON.parse(
    readFileSync(join(import.meta.dirname, 'support/gitlab-container-scanning-15.0.7.schema.json'), 'utf8'),
  ) as object;
  const validate = new Ajv2020({ allErrors: true, strict: false }).compile(schema);

  it.each([
    ['the sample', sample.scan('-o', 'gitlab').out],
    ['everything', sample.scan('-o', 'gitlab', '--all').out],
    ['nothing', sample.scan('-o', 'gitlab', ...clean).out],
    ['hostile texts', hostileScan('-o', 'gitlab').out],
  ])('keeps the schema: %s', (_, text) => {
    validate(JSON.parse(text));
    expect(validate.errors ?? []).toEqual([]);
  });

  it.skipIf(!hasData('reports'))(
    'is no stricter than a report of another scanner that GitLab takes, but for two rules',
    () => {
      const theirs = 'reports/aquasecurity+trivy/integration/testdata/alpine-310.gitlab.golden';
      validate(JSON.parse(readFileSync(dataPath(theirs), 'utf8')));
      // Ids that are UUIDs, and an image with a tag or digest: theirs is of an archive.
      const fields = (validate.errors ?? []).map(({ instancePath }) => instancePath.replace(/\d+/, '*'));
      expect([...new Set(fields)].sort()).toEqual([
        '/vulnerabilities/*/id',
        '/vulnerabilities/*/location/image',
      ]);
    },
  );

  it('has a finding for each installed package, with an id that stays', () => {
    const ids = () => {
      const { vulnerabilities } = JSON.parse(sample.scan('-o', 'gitlab').out) as {
        vulnerabilities: { id: string }[];
      };
      return vulnerabilities.map(({ id }) => id);
    };
    expect(ids()).toHaveLength(5);
    expect(new Set(ids()).size).toBe(5);
    expect(ids()).toEqual(ids());
  });
});

describe("annotations in a GitHub workflow's log", () => {
  it('are errors by the policy, warnings otherwise, and the totals', () => {
    const lines = sample.scan('-o', 'github', '--fail-on', 'high').out.trimEnd().split('\n');
    expect(lines.map((line) => line.slice(0, line.indexOf(' ')))).toEqual([
      '::error',
      '::error',
      '::warning',
      '::warning',
      '::notice',
    ]);
    expect(lines[1]).toBe(
      '::error title=CVE-2023-0286 (high) in openssl::libssl3, openssl 3.0.7-1: Upgrade libssl3, openssl to 3.0.8-1 (DSA-5343-1).',
    );
    expect(lines.at(-1)).toContain(
      '4 flaws (1 critical, 1 high, 1 low, 1 unknown) in 5 packages, 2 with a fix to install',
    );
  });

  it('hold no command of a stranger: each line is one of ours, its parts are escaped', () => {
    const { out } = hostileScan('-o', 'github');
    const lines = out.trimEnd().split('\n');
    expect(lines).toHaveLength(7);
    for (const line of lines)
      expect(line).toMatch(/^::(?:error|warning|notice) title=[^:,\r\n]*::[^\r\n\x1b]*$/);
  });

  it('are at most as many as GitHub shows, and say how many are missing', () => {
    const many = Array.from(
      { length: 30 },
      (_, at) =>
        `Package: x${at}\nStatus: install ok installed\nArchitecture: amd64\nSource: bash (5.2.15-2)\nVersion: 5.2.15-2\n\n`,
    );
    const { out } = sampleScan({}, many).scan('-o', 'github', '--all');
    expect(out.match(/^::error/gm)!.length).toBeLessThanOrEqual(10);
  });
});

describe('Markdown', () => {
  it('says what to upgrade and folds the flaws away', () => {
    const { out } = sample.scan('-o', 'markdown', '--fail-on', 'high');
    expect(out).toMatch(/^### ❌ <code>/);
    expect(out).toContain('**Upgrade 2 source packages, and 2 flaws go:**');
    expect(out).toContain('<summary>All 4 flaws</summary>');
  });

  it('has no markup, mention, reference or line of a stranger', () => {
    const { out } = hostileScan('-o', 'markdown');
    const outside = out.replaceAll(/<code>[^<]*<\/code>|&#\d+;/g, '');
    expect(outside).not.toMatch(/[@#]\w|<(?!\/?(?:details|summary|sub)>)|javascript|forged|`(?!-o json`)/);
    for (const row of out.split('\n').filter((line) => line.startsWith('| <code>CVE')))
      expect(row.split('|')).toHaveLength(8);
  });
});

describe('packages without data that the policy accepts', () => {
  const strange = stanza('strange', '1') + stanza('stranger', '1');
  const none = (args: string[]) =>
    scapfeed([
      ...['scan', rootWith({ ...release, 'var/lib/dpkg/status': strange }), '--feed', sample.feed],
      ...['--max-age', '0', '--allow-uncovered', ...args],
    ]);
  const some = (args: string[]) =>
    sampleScan({}, [strange]).scan('--allow-uncovered', '--severity', 'critical', '--only-fixed', ...args);
  const release = { 'etc/os-release': debianRelease('12', 'bookworm') };
  const accepted = '2 packages without data in this feed (accepted by --allow-uncovered)';

  it('are said on stderr', () => {
    for (const scan of [none, some])
      expect(scan([])).toMatchObject({ code: 0, err: expect.stringContaining(`policy: ${accepted}\n`) });
  });

  it('are in the headline of Markdown, which is not clean', () => {
    const [head] = none(['-o', 'markdown']).out.split('\n');
    expect(head).toMatch(/^### ℹ️ /);
    expect(head).toContain(`: nothing was judged; ${accepted}`);
    const left = ['--vex', clearing()];
    expect(some(['-o', 'markdown', ...left]).out).toMatch(
      new RegExp(`^### ℹ️ .*: no flaws .*in 6 judged packages; ${accepted.replace(/[()]/g, '\\$&')}\n`),
    );
    expect(
      sample.scan('-o', 'markdown', '--severity', 'critical', '--only-fixed', '--vex', clearing()).out,
    ).toMatch(/^### ✅ .*: no flaws/);
  });

  it.each([
    ['table', /^no flaws to show: no package was judged\n[\s\S]*0 packages judged, 2 not covered\n/m],
    ['html', /not about the whole image[\s\S]*uncovered packages: 2 without data/],
    ['junit', /<skipped message="2 without data in this feed \(accepted by --allow-uncovered\)"\/>/],
    ['sarif', /not about the whole image: 2 without data/],
    ['gitlab', /uncovered_packages: 2 without data/],
    ['github', /not covered%3A uncovered packages::2 without data/],
    ['csv', /stranger,.*not_covered/],
    ['json', /"detail": "2 without data in this feed"/],
  ])('are in %s', (format, told) => {
    const { code, out } = none(['-o', format]);
    expect(code).toBe(0);
    expect(out).toMatch(told);
  });

  it('are in templates', () => {
    const file = join(temporaryFolder(), 'x.txt');
    writeFileSync(file, '{{#gaps}}{{detail}}{{/gaps}}');
    expect(none(['-o', `template=${file}`]).out).toBe('2 without data in this feed');
  });
});

/** A statement that the one critical flaw with a fix is not there. */
function clearing(): string {
  const file = join(temporaryFolder(), 'vex.json');
  const statement = {
    vulnerability: { name: 'CVE-2024-5555' },
    products: [{ '@id': 'pkg:deb/debian/curl' }],
    status: 'not_affected',
    justification: 'component_not_present',
  };
  const head = { '@context': 'https://openvex.dev/ns/v0.2.0', '@id': 'https://example.test/1', version: 1 };
  const vex = { ...head, author: 'x', timestamp: '2026-01-01T00:00:00Z', statements: [statement] };
  writeFileSync(file, JSON.stringify(vex));
  return file;
}

describe('CSV', () => {
  /** A reader by RFC 4180 of its own. */
  function parse(text: string): string[][] {
    const rows: string[][] = [[]];
    let rest = text;
    while (rest !== '') {
      const quoted = /^"((?:[^"]|"")*)"(,|\r\n)/.exec(rest);
      const plain = /^([^,\r\n"]*)(,|\r\n)/.exec(rest);
      const [all, cell, end] = (quoted ?? plain)!;
      rows.at(-1)!.push(quoted ? cell!.replaceAll('""', '"') : cell!);
      rest = rest.slice(all.length);
      if (end === '\r\n' && rest !== '') rows.push([]);
    }
    return rows;
  }

  it('has a line for each verdict', () => {
    const [head, ...rows] = parse(sample.scan('-o', 'csv').out);
    expect(rows).toHaveLength(5);
    expect(new Set(rows.map((row) => row.length))).toEqual(new Set([head!.length]));
    expect(rows[1]!.slice(0, 8)).toEqual([
      ...['CVE-2023-0286', 'high', '7.4', 'openssl', 'libssl3', 'amd64', '3.0.7-1', '3.0.8-1'],
    ]);
  });

  it('has no cell that a spreadsheet takes for a formula', () => {
    const { out } = hostileScan('-o', 'csv');
    const rows = parse(out);
    expect(rows).toHaveLength(8);
    expect(rows.flat().filter((cell) => /^\s*[=+\-@]/.test(cell))).toEqual([]);
    expect(rows.flat()).toContain("'=1+1");
    expect(out).not.toContain('\x1b');
  });
});

it('hostile texts are hostile', () => {
  expect(hostile).toContain('</script>');
});
