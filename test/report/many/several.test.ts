import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { schemaErrors } from '../../../src/validate/json-schema.ts';
import { imageLayout, writeFiles } from '../../image/support/make-image.ts';
import { file } from '../../image/support/make-tar.ts';
import { debianRelease, scapfeed, stanza } from '../../support/cli.ts';
import { bookworm, trixie, writeSmallFeed } from '../../support/small-feed.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { hostile } from '../scan/support/hostile-scan.ts';

const roster = new Map(['curl', 'zlib', 'bash'].map((name) => [name, { version: '1', binaries: [] }]));
const statements = [
  { vulnerability: 'CVE-2024-5555', package: 'curl', status: 'fixed', fixed: '8', severity: 'critical' },
  { vulnerability: 'CVE-2023-4', package: 'zlib', status: 'affected', fixState: 'none_yet', severity: 'low' },
] as const;
const feed = writeSmallFeed([
  { platform: bookworm, data: { roster }, statements },
  { platform: trixie, data: { roster }, statements },
]);
// Damaged where only images of this platform look.
const damaged = join(feed, 'index/debian-13.jsonl');
writeFileSync(damaged, readFileSync(damaged, 'utf8').replaceAll('zlib', 'zlip'));

const folder = temporaryFolder();

/** An image in the folder, by its name. */
function image(name: string, packages: string, release = debianRelease('12', 'bookworm')): string {
  for (const [path, text] of [
    ['etc/os-release', release],
    ['var/lib/dpkg/status', packages],
  ] as const) {
    mkdirSync(join(folder, name, path, '..'), { recursive: true });
    writeFileSync(join(folder, name, path), text);
  }
  return name;
}

/** By what a scan of each alone ends with, under `--fail-on high`. */
const images = {
  0: image('fine', stanza('zlib', '1')),
  1: image('flawed', stanza('curl', '7') + stanza('zlib', '1')),
  2: 'nowhere.tar',
  3: image('damaged', stanza('zlib', '5'), debianRelease('13', 'trixie')),
  4: image('uncovered', stanza('foreign', '1') + stanza('bash', '5')),
} as const;
const all = Object.values(images);
image('bare', stanza('bash', '5'));

const scan = (args: readonly string[], input = '') =>
  scapfeed(
    ['scan', ...args, '--feed', feed, '--fail-on', 'high', '--allow-unrated', '--max-age', '0'],
    {},
    folder,
    input,
  );

interface Document {
  exitCode: number;
  totals: Record<string, unknown>;
  repeated: string[];
  exceptions: { policy?: { entries: { state: string; verdicts: number }[] }; baseline?: object };
  targets: {
    target: string;
    name: string;
    exitCode: number;
    result?: { image: { reference: string }; verdicts: { vulnerability: string; ignored?: object }[] };
    error?: { code: string };
  }[];
}
const json = (...args: string[]) => JSON.parse(scan([...args, '-o', 'json']).out) as Document;

describe('the exit code of several images', () => {
  const order = [2, 3, 4, 1, 0] as const;
  const subsets = Array.from({ length: 31 }, (_, nth) =>
    order.filter((_code, bit) => (nth + 1) & (1 << bit)),
  );

  it.each(subsets.map((codes) => [codes]))('is the first of 2, 3, 4, 1 among %j', (codes) => {
    const { code, out } = scan([...codes.map((one) => images[one]), '-o', 'json', '--targets', '/dev/null']);

    expect(code).toBe(codes[0]);
    expect((JSON.parse(out) as Document).targets.map(({ exitCode }) => exitCode)).toEqual(codes);
  });
});

describe('the JSON of several images', () => {
  const document = json(...all);

  it('keeps its schema, and has the images in the order given, each as it is alone', () => {
    expect(schemaErrors('scan-results', document)).toEqual([]);
    expect(document.targets.map(({ target }) => target)).toEqual(all);
    for (const { target, result } of document.targets)
      if (result) expect(result).toEqual(JSON.parse(scan([target, '-o', 'json']).out));
  });

  it('sums up, counts a vulnerability once, and never takes an unread image for a clean one', () => {
    expect(document.totals).toMatchObject({
      targets: 5,
      passed: 1,
      failed: 1,
      notCovered: 1,
      notScanned: 2,
      flaws: 3,
      vulnerabilities: 2,
      severities: { critical: 1, low: 2 },
    });
    expect(document.targets.flatMap(({ error }) => error?.code ?? [])).toEqual([
      'IMAGE_NOT_FOUND',
      'FEED_CORRUPT',
    ]);
  });

  it('is the same bytes twice, and of one image that is asked for as several', () => {
    expect(scan([...all, '-o', 'json']).out).toBe(scan([...all, '-o', 'json']).out);
    expect(json('--targets', '/dev/null', 'fine').targets).toHaveLength(1);
    expect(json('f[i]ne').targets.map(({ target }) => target)).toEqual(['fine']);
  });
});

describe('what names several images', () => {
  const tars = join(folder, 'tars');
  mkdirSync(tars);
  for (const name of ['b.tar', 'a.tar', 'c.txt']) writeFileSync(join(tars, name), 'no image');
  const targetsOf = (args: string[], input = '') => {
    const { out } = scan([...args, '-o', 'json'], input);
    return (JSON.parse(out) as Document).targets.map(({ target }) => target);
  };

  it('a pattern is every file that it matches, sorted, with its scheme', () => {
    expect(targetsOf(['tars/*.tar'])).toEqual(['tars/a.tar', 'tars/b.tar']);
    expect(targetsOf(['docker-archive:tars/*.tar', 'fine'])).toEqual([
      'docker-archive:tars/a.tar',
      'docker-archive:tars/b.tar',
      'fine',
    ]);
  });

  it('without a gate, an image is scanned and has passed nothing', () => {
    const page = join(temporaryFolder(), 'page.html');
    const args = ['flawed', 'bare', '--feed', feed, '--max-age', '0', '-o', 'table', '-o', `html=${page}`];
    const { out } = scapfeed(['scan', ...args, '-o', `markdown=${page}.md`], {}, folder);
    expect(out).toContain('2 images: 2 scanned in full, 0 failed, 0 scanned in part, 0 not scanned');
    expect(out).toMatch(/^flawed .* scanned$/m);
    expect(out).toMatch(/^bare .* no flaws$/m);
    expect(readFileSync(page, 'utf8')).toContain('<dt>Scanned</dt><dd>2</dd>');
    expect(readFileSync(`${page}.md`, 'utf8')).toMatch(/^\| <code>flawed<\/code> .* scanned \|$/m);
  });

  it('without a gate, one with packages of languages that the feed does not judge is not scanned in full', () => {
    writeFiles(join(folder, image('javascript', stanza('bash', '5'))), {
      'app/node_modules/x/package.json': Buffer.from('{"name": "x", "version": "1.0.0"}'),
    });
    const { code, out } = scapfeed(
      ['scan', 'javascript', 'bare', '--feed', feed, '--max-age', '0'],
      {},
      folder,
    );
    expect(code).toBe(0);
    expect(out).toContain('2 images: 1 scanned in full, 1 not judged in full, 0 failed, 0 scanned in part');
  });

  it('a pattern that matches nothing is an error among the images', () => {
    const { code, out } = scan(['none/*.tar', 'fine']);
    expect(code).toBe(2);
    expect(out).toContain('no file matches none/*.tar [IMAGE_NOT_FOUND]');
    expect(out).toContain('2 images: 1 passed, 0 failed, 0 scanned in part, 1 not scanned');
  });

  it('a list has one a line, comments and patterns; - is stdin; what is repeated is scanned once, and said', () => {
    const list = '\ufeff# ours\r\n  fine # the first\r\n\r\nflawed\ntars/*.tar\nfine\n';
    writeFileSync(join(folder, 'list.txt'), list);
    const expected = ['flawed', 'fine', 'tars/a.tar', 'tars/b.tar'];

    expect(targetsOf(['flawed', '--targets', 'list.txt'])).toEqual(expected);
    expect(targetsOf(['flawed', '--targets', '-'], list)).toEqual(expected);
    expect(json('flawed', '--targets', 'list.txt').repeated).toEqual(['flawed', 'fine']);
    expect(scan(['fine', 'fine']).out).toContain('given more than once, and scanned once: fine');
  });

  it.each([
    [['--targets', 'list-empty.txt'], /names no image/],
    [['--targets', 'list-none.txt'], /the list of images cannot be read/],
    [['--targets', 'tars'], /the list of images cannot be read/],
    [['--targets', '/dev/zero'], /it has more than 4 MB/],
    [['flawed', '--targets', '/dev/null', '-o', 'json={name}.x', '-o', 'csv=flawed.x'], /two reports go to /],
    [['--targets', '-', '-'], /stdin can be read once only/],
    [['-', 'sbom:-'], /stdin can be read once only/],
    [[], /expected IMAGE\.\.\. \[OPTIONS\], found 0 arguments/],
    [['fine', ''], /IMAGE: expected a value/],
  ])('%j is wrong use', (args, said) => {
    writeFileSync(join(folder, 'list-empty.txt'), '# nothing\n');
    const { code, err } = scan(args, '# nothing');
    expect(err).toMatch(said);
    expect(code).toBe(2);
  });

  it('a file whose own name looks like a pattern is a file', () => {
    image('odd[1]', stanza('zlib', '1'));
    const { out } = scan(['odd[1]', '-o', 'json']);
    expect(JSON.parse(out).format).toBe('scapfeed/scan-result/1');
  });
});

describe('a report of several images', () => {
  const report = (format: string, ...args: string[]) => scan([...all, ...args, '-o', format]).out;

  it.each(['table', 'markdown', 'html', 'csv', 'junit', 'gitlab', 'github', 'sarif', 'json'])(
    '%s has every image, its flaws, and why one was not scanned',
    (format) => {
      const text = report(format).replaceAll('&#95;', '_').replaceAll('&#45;', '-');
      for (const name of all) expect(text).toContain(name);
      expect(text).toContain('CVE-2024-5555');
      expect(text).toContain('IMAGE_NOT_FOUND');
      expect(text).toContain('FEED_CORRUPT');
    },
  );

  it('the table is read in 80 columns', () => {
    const long = 'x'.repeat(100);
    const { out } = scan([...all, `${long}.tar`]);
    const overview = out.slice(out.indexOf('IMAGE '));
    expect(overview.split('\n').filter((line) => line.length > 80 && !line.includes('notes'))).toEqual([]);
    expect(overview).toMatch(/^flawed +1 +0 +0 +1 +0 +1 +failed$/m);
    expect(overview).toMatch(/^all 6 +1 +0 +0 +2 +0 +1 *$/m);
  });

  it('JUnit has a suite for each image, and no two tests of one name', () => {
    const text = report('junit');
    expect([...text.matchAll(/<testsuite name="([^"]*)"/g)].map(([, name]) => name)).toEqual(all);
    const tests = [...text.matchAll(/<testcase classname="([^"]*)" name="([^"]*)"/g)].map(([test]) => test);
    expect(new Set(tests).size).toBe(tests.length);
    expect(text).toContain('<testcase classname="nowhere.scapfeed"'.replace('nowhere', 'nowhere.tar'));
  });

  it("GitLab's report keeps its schema, has the image of each finding, and did not succeed", () => {
    const path = join(import.meta.dirname, '../scan/support/gitlab-container-scanning-15.0.7.schema.json');
    const validate = new Ajv2020({ allErrors: true, strict: false }).compile(
      JSON.parse(readFileSync(path, 'utf8')) as object,
    );
    const document = JSON.parse(report('gitlab')) as {
      scan: { status: string };
      vulnerabilities: { id: string; location: { image: string } }[];
    };
    validate(document);
    expect(validate.errors ?? []).toEqual([]);
    expect(document.scan.status).toBe('failure');
    expect(document.vulnerabilities.map(({ location }) => location.image)).toEqual([
      'fine:fine',
      'flawed:flawed',
      'flawed:flawed',
    ]);
    expect(new Set(document.vulnerabilities.map(({ id }) => id)).size).toBe(3);
  });

  it('CSV says in every line which image it is about', () => {
    const [head, ...rows] = report('csv').trimEnd().split('\r\n');
    expect(head).toMatch(/^target,vulnerability,/);
    expect(rows.map((row) => row.slice(0, row.indexOf(',')))).toEqual([
      'fine',
      'flawed',
      'flawed',
      'nowhere.tar',
      'damaged',
      'uncovered',
    ]);
  });

  it('a comment of 150 images is one that GitHub takes', () => {
    const many = Array.from({ length: 150 }, (_, nth) => `missing-${nth}.tar`);
    const text = scan(['flawed', ...many, '-o', 'markdown']).out;
    expect(text.length).toBeLessThan(65_536);
    expect(text).toContain('and 51 more images');
    expect(text).toContain('CVE-2024-5555');
  });

  it('annotations are ten of a kind, from each image in turn', () => {
    const lines = report('github', '--fail-on', 'any').trimEnd().split('\n');
    expect(lines.filter((line) => line.startsWith('::error')).length).toBeLessThanOrEqual(10);
    expect(lines[0]).toMatch(/^::error title=not scanned%3A nowhere\.tar::/);
    expect(lines.some((line) => line.startsWith('::error title=flawed%3A CVE-2024-5555'))).toBe(true);
  });

  it('a template sees the images and the totals', () => {
    const template = join(folder, 'lines.txt');
    writeFileSync(
      template,
      '{{totals.flaws}}{{#targets}} {{target}}={{exitCode}}{{#error}}:{{code}}{{/error}}{{#flaws}}/{{vulnerability}}{{/flaws}}{{/targets}}',
    );
    expect(report(`template=${template}`)).toBe(
      '3 fine=0/CVE-2023-4 flawed=1/CVE-2024-5555/CVE-2023-4 nowhere.tar=2:IMAGE_NOT_FOUND damaged=3:FEED_CORRUPT uncovered=4',
    );
  });

  it.each([
    'cyclonedx',
    'cyclonedx-1.7',
    'cyclonedx-vex',
    'spdx',
    'openvex',
    'csaf',
    'copa',
    'dependency-track',
    'generic-findings',
  ])('%s describes one image: a file for each, the same as of a scan of it alone', (format) => {
    const { code, err } = scan(['fine', 'flawed', '-o', format]);
    expect(code).toBe(2);
    expect(err).toContain(`write one for each: -o ${format}={name}.${format}.json`);

    const here = temporaryFolder();
    const { code: whole } = scan([
      ...['fine', 'flawed', 'nowhere.tar', '-o', `${format}=${here}/{name}.json`, '-o', 'table=/dev/null'],
    ]);
    expect(whole).toBe(2);
    expect(readdirSync(here).sort()).toEqual(['fine.json', 'flawed.json']);
    expect(readFileSync(join(here, 'flawed.json'), 'utf8')).toBe(scan(['flawed', '-o', format]).out);
  });

  it('SARIF of more images than GitHub takes runs is a file for each', () => {
    const many = Array.from({ length: 20 }, (_, nth) => `missing-${nth}.tar`);
    const { code, err } = scan([...many, '-o', 'sarif']);
    expect(code).toBe(2);
    expect(err).toContain('-o sarif={name}.sarif');
  });

  it('SARIF has a category of alerts for each image, and one for those that were not scanned', () => {
    const { runs } = JSON.parse(report('sarif')) as {
      runs: { automationDetails: { id: string }; results: unknown[] }[];
    };
    expect(runs.map(({ automationDetails, results }) => [automationDetails.id, results.length])).toEqual([
      ['scapfeed-scan-targets/', 2],
      ['scapfeed-scan/fine/', 1],
      ['scapfeed-scan/flawed/', 2],
      ['scapfeed-scan/uncovered/', 0],
    ]);
  });
});

describe('names of images', () => {
  it('stay without tag and folder as long as that tells them apart', () => {
    image('a/app', stanza('zlib', '1'));
    image('b/app', stanza('zlib', '1'));
    const names = (...args: string[]) => json(...args).targets.map(({ name }) => name);

    expect(names('a/app', 'dir:fine')).toEqual(['app', 'fine']);
    expect(names('a/app', 'dir:b/app')).toEqual(['a/app', 'b/app']);
    expect(names('a/app', 'dir:a/app')).toEqual(['a/app', 'a/app-2']);
  });
});

describe('exceptions and several images', () => {
  it('an entry that one image uses is not unused; each image has its own in JSON', () => {
    const policy = join(folder, 'p.yaml');
    writeFileSync(
      policy,
      'ignore:\n  - vulnerability: CVE-2024-5555\n    reason: x\n  - vulnerability: CVE-1999-1\n    reason: y\n',
    );
    const { code, out } = scan(['fine', 'flawed', '--policy', policy]);
    expect(code).toBe(0);
    expect(out.match(/unused/g)).toHaveLength(1);
    expect(out).toMatch(/p\.yaml: 2 entries, 1 used/);
    expect(json('fine', 'flawed', '--policy', policy).exceptions.policy!.entries).toMatchObject([
      { state: 'used', verdicts: 1 },
      { state: 'unused', verdicts: 0 },
    ]);
  });

  it('a statement of VEX that one image uses is not unused', () => {
    const vex = join(folder, 'v.json');
    const statement = (name: string) => ({
      vulnerability: { name },
      products: [{ '@id': 'pkg:deb/debian/curl@7' }],
      status: 'not_affected',
      justification: 'component_not_present',
    });
    writeFileSync(
      vex,
      JSON.stringify({
        '@context': 'https://openvex.dev/ns/v0.2.0',
        '@id': 'https://example.test/1',
        author: 'x',
        timestamp: '2026-01-01T00:00:00Z',
        version: 1,
        statements: [statement('CVE-2024-5555'), statement('CVE-1999-1')],
      }),
    );
    const { code, out } = scan(['fine', 'flawed', 'uncovered', '--allow-uncovered', '--vex', vex]);
    expect(code).toBe(0);
    expect(out).toContain('2 statements, 1 used');
    expect(out.match(/unused: /g)).toHaveLength(1);
  });

  it('a baseline is matched by image; one that it does not know has new flaws only', () => {
    const former = join(folder, 'former.json');
    writeFileSync(former, scan(['fine', 'flawed', '-o', 'json']).out);
    image('second', stanza('curl', '7'));

    expect(scan(['flawed', 'fine', '--baseline', former]).code).toBe(0);
    expect(scan(['flawed', '--baseline', former]).code).toBe(0);
    const { code, out } = scan(['flawed', 'second', '--baseline', former]);
    expect(code).toBe(1);
    expect(out).toContain(`no baseline at ${former}: it knows no image second: every flaw is new`);
    const one = join(folder, 'one.json');
    writeFileSync(one, scan(['flawed', '-o', 'json']).out);
    expect(scan(['flawed', 'fine', '--baseline', one]).code).toBe(0);
    expect(scan(['flawed', 'second', '--baseline', one]).code).toBe(1);
  });
});

describe('several images with packages that nobody judged, where the policy accepts that', () => {
  const accepted = (format: string, ...images: string[]) =>
    scan([...images, '--allow-uncovered', '--targets', '/dev/null', '-o', format]);
  const alone = image('alone', stanza('foreign', '1'));

  it('are not called clean in Markdown', () => {
    expect(accepted('markdown', alone).out).toMatch(
      /^### ℹ️ 1 image: nothing was judged, and 1 image not judged in full: 1 package without data \(accepted by --allow-uncovered\)\n/,
    );
    const { code, out } = accepted('markdown', 'bare', alone, 'uncovered');
    expect(code).toBe(0);
    expect(out).toMatch(
      /^### ℹ️ 3 images: no flaws in 2 judged packages, and 2 images not judged in full: 2 packages without data/,
    );
    expect(out).toContain('<summary>alone: not judged</summary>');
    expect(out).toContain('<summary>bare: no flaws</summary>');
    expect(out).toContain('<summary>uncovered: passed</summary>');
    expect(accepted('markdown', 'bare').out).toMatch(/^### ✅ 1 image: no flaws\n/);
  });

  it('are not judged in the overview, which has 80 columns, nor in the notice of a workflow', () => {
    const { out } = accepted(
      'table',
      alone,
      image('a-name-that-is-longer-than-its-column', stanza('foreign', '1')),
    );
    expect(out).toMatch(/^alone .* not judged$/m);
    const overview = out.slice(out.indexOf('IMAGE')).split('\n');
    for (const line of overview) expect(line.length, line).toBeLessThanOrEqual(80);
    expect(accepted('github', alone).out).toContain(
      'alone: 0 flaws, not judged, 1 package without data in this feed (accepted by --allow-uncovered)',
    );
  });

  it('are skipped tests in JUnit, by its schema', () => {
    const { out } = accepted('junit', alone, 'uncovered');
    expect(out.match(/<skipped message="1 without data/g)).toHaveLength(2);
    expect(out).not.toContain('no flaw and no gap');
  });
});

describe('images of each kind at once', () => {
  it('archives, layouts, folders and SBOMs', () => {
    const layer = [
      file('etc/os-release', debianRelease('12', 'bookworm')),
      file('var/lib/dpkg/status', stanza('curl', '7')),
    ];
    writeFiles(join(folder, 'layout'), imageLayout({ layers: [layer] }));
    const bom = join(folder, 'bom.json');
    scan(['flawed', '-o', `cyclonedx=${bom}`, '-o', 'table=/dev/null']);
    const { targets } = json('oci:layout', `sbom:${bom}`, 'fine');
    expect(targets.map(({ exitCode }) => exitCode)).toEqual([1, 1, 0]);
  });
});

describe('hostile names of images', () => {
  it.each(['table', 'markdown', 'html', 'csv', 'junit', 'gitlab', 'github', 'sarif', 'json'])(
    'inject nothing into %s',
    (format) => {
      const name = hostile.replaceAll('\n', ' ').replaceAll('/', '_').slice(0, 150);
      const { out } = scan([name, '=1+1', 'fine', '-o', format]);
      if (format === 'html' || format === 'markdown' || format === 'junit')
        expect(out).not.toContain('<img src=x');
      expect(out).not.toContain('\x1b');
      expect(out).not.toMatch(/^::error::forged/m);
      if (format === 'csv') expect(out).not.toMatch(/(^|,)=1\+1/m);
      if (format === 'html') expect(out.match(/<script>/g)).toHaveLength(1);
    },
  );
});
