import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { vendorOval } from '../../comply/support/vendor-oval.ts';
import { openBrowser } from '../../support/browser.ts';
import { debianRelease, project, scapfeed, stanza } from '../../support/cli.ts';
import { hasOracle } from '../../support/oracles.ts';
import { bookworm, trixie, writeSmallFeed } from '../../support/small-feed.ts';
import { smallStream } from '../../support/small-stream.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const folder = temporaryFolder('several-commands');
const save = (name: string, text: string) => {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

interface ImageFiles {
  release?: string;
  version?: string;
  settings?: string;
  lists?: boolean;
  more?: Readonly<Record<string, string>>;
}

/** A root file system of two packages, by its name. */
function image(
  name: string,
  { release = debianRelease('12', 'bookworm'), version = '8', ...of }: ImageFiles,
) {
  const files: Record<string, string> = {
    'etc/os-release': release,
    'var/lib/dpkg/status': stanza('curl', version) + (of.lists === false ? '' : stanza('acme-release', '9')),
    'etc/small.conf': of.settings ?? 'setting1 = yes\nsetting2 = yes\nsetting3 = yes\n',
    ...of.more,
  };
  if (of.lists !== false) {
    for (const pkg of ['curl', 'acme-release']) {
      files[`var/lib/dpkg/info/${pkg}.list`] = '/.\n';
      files[`var/lib/dpkg/info/${pkg}.md5sums`] = '';
    }
  }
  for (const [path, text] of Object.entries(files)) save(`${name}/${path}`, text);
  for (const path of Object.keys(of.more ?? {})) chmodSync(join(folder, name, path), 0o755);
  return name;
}

/** By what each command ends with on each alone. */
const images = {
  0: image('fine', {}),
  1: image('flawed', {
    version: '7',
    settings: 'setting1 = no\n',
    more: { 'opt/run.sh': '#!/bin/sh\n' },
  }),
  2: 'nowhere.tar',
  // Without lists of files, of another release, without the vendor's package.
  4: image('uncovered', { release: debianRelease('13', 'trixie'), lists: false }),
} as const;
const all = Object.values(images);

const roster = new Map(['curl', 'acme-release'].map((name) => [name, { version: '1', binaries: [] }]));
const flaw = { vulnerability: 'CVE-2024-5555', package: 'curl', status: 'fixed', fixed: '8' } as const;
const statements = [{ ...flaw, severity: 'critical' }] as const;
const feed = writeSmallFeed([
  { platform: bookworm, data: { roster }, statements },
  { platform: trixie, data: { roster }, statements },
]);
const stream = save('ssg-small-ds.xml', smallStream());
const oval = save(
  'vendor.xml',
  vendorOval([{ number: 1001, package: 'curl', below: '0:8', severity: 'Important' }], { type: 'deb' }),
);
const compiled = join(folder, 'vendor.jsonl');
scapfeed(['compile', oval, '-o', compiled]);

/** Each command with its gate, and what a report says of `flawed`. */
const commands = {
  verify: { args: ['--fail-on', 'any', '--no-policy'], found: '/opt/run.sh' },
  comply: { args: ['--content', stream, '--profile', 'base', '--fail-on', 'any'], found: 'Setting 1' },
  eval: { args: ['--content', oval, '--fail-on', 'any'], found: 'CVE-2026-1001' },
  check: {
    args: [
      ...['--feed', feed, '--max-age', '0', '--content', stream, '--profile', 'base'],
      ...['--fail-on', 'any', '--fail-on-rule', 'any'],
    ],
    found: 'CVE-2024-5555',
  },
} as const;
type Name = keyof typeof commands;
const names = Object.keys(commands) as Name[];
const env = { SOURCE_DATE_EPOCH: '1767225600' };
const run = (name: Name, args: readonly string[], input = '') =>
  scapfeed([name, ...args, ...commands[name].args], env, folder, input);

interface Document {
  command: string;
  exitCode: number;
  totals: Record<string, unknown>;
  repeated: string[];
  targets: { target: string; name: string; exitCode: number; result?: object; error?: { code: string } }[];
}
const schema = (name: string) =>
  JSON.parse(readFileSync(join(project, `schemas/${name}.schema.json`), 'utf8')) as object;

describe.each(names)('%s of several images', { timeout: 60_000 }, (name) => {
  const sets = [[2, 4, 1, 0], [4, 1, 0], [1, 0], [0], [4, 0], [2, 0]] as const;

  it.each(sets.map((codes) => [codes]))('ends with the first of 2, 4, 1 among %j', (codes) => {
    const { code, out } = run(name, [
      ...codes.map((one) => images[one]),
      ...['--targets', '/dev/null', '-o', 'json'],
    ]);
    expect(code).toBe(codes[0]);
    expect((JSON.parse(out) as Document).targets.map(({ exitCode }) => exitCode)).toEqual(codes);
  });

  it('an image that is not judged is one error of the log, with its code and its remedy', () => {
    const { err } = run(name, [images[2], images[0], '-o', 'json=/dev/null', '--log', 'json']);
    const errors = err
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { level: string; time: string })
      .filter(({ level }) => level === 'error');
    expect(errors).toMatchObject([
      { target: images[2], code: 'IMAGE_NOT_FOUND', remedy: expect.any(String) as string },
    ]);
    expect(run(name, [images[2], images[0], '-o', 'json=/dev/null']).err).toMatch(
      /^nowhere\.tar: .*\[IMAGE_NOT_FOUND\]\nnowhere\.tar: {3}/m,
    );
  });

  it('the JSON keeps its schema, and has each image as it is alone', () => {
    const document = JSON.parse(run(name, [...all, '-o', 'json']).out) as Document;
    const ajv = new Ajv2020({ allErrors: true, strict: false });
    formats.default(ajv);
    ajv.addSchema(schema('verification')).addSchema(schema('compliance'));
    const validate = ajv.compile(schema('results'));
    validate(document);
    expect(validate.errors ?? []).toEqual([]);
    expect(document.command).toBe(name);
    expect(document.targets.map(({ target }) => target)).toEqual(all);
    for (const { target, result } of document.targets)
      if (result) expect(result).toEqual(JSON.parse(run(name, [target, '-o', 'json']).out));
    expect(document.totals).toMatchObject({ targets: 4, passed: 1, failed: 1, notCovered: 1, notJudged: 1 });
  });

  it('every format has every image, what was found, and why one was not judged; twice the same bytes', () => {
    const here = temporaryFolder();
    const written = name === 'verify' ? ['json', 'sarif', 'junit'] : ['json', 'html'];
    if (name === 'comply' || name === 'eval') written.push('sarif', 'junit');
    const outputs = (to: string) => written.flatMap((format) => ['-o', `${format}=${here}/${to}.${format}`]);
    const { out, code } = run(name, [...all, ...outputs('a'), '-o', 'table']);
    run(name, [...all, ...outputs('b'), '-o', 'table=/dev/null']);
    expect(code).toBe(2);
    for (const format of ['table', ...written]) {
      const text = format === 'table' ? out : readFileSync(join(here, `a.${format}`), 'utf8');
      for (const one of all) expect(text, format).toContain(one);
      expect(text, format).toContain(commands[name].found);
      expect(text, format).toContain('IMAGE_NOT_FOUND');
      if (format !== 'table') expect(readFileSync(join(here, `b.${format}`), 'utf8')).toBe(text);
    }
    expect(out).toMatch(/^4 images: 1 passed, 1 failed, 1 not covered, 1 not /m);
    const rows = out.slice(out.lastIndexOf('IMAGE '));
    expect(rows.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it('an image that had no gate passed none', () => {
    const args = commands[name].args.filter((arg) => !/^(?:--fail-on.*|any)$/.test(arg));
    const done = { verify: 'verified', comply: 'judged', eval: 'evaluated', check: 'checked' }[name];
    const page = join(temporaryFolder(), 'page.html');
    const outputs = ['-o', 'table', ...(name === 'verify' ? [] : ['-o', `html=${page}`])];
    const { out } = scapfeed([name, images[0], images[1], ...args, ...outputs], env, folder);
    expect(out).toContain(`2 images: 2 ${done}, 0 failed,`);
    expect(out).toMatch(new RegExp(`^flawed .* ${done}$`, 'm'));
    if (name !== 'verify') expect(readFileSync(page, 'utf8')).toContain(`<dd>2 ${done}, 0 failed,`);
  });

  it('a file for each image is what a run on it alone writes; what is given twice is read once', () => {
    const here = temporaryFolder();
    const { err } = run(name, ['fine', 'flawed', 'fine', 'nowhere.tar', '-o', `json=${here}/{name}.json`]);
    expect(readdirSync(here).sort()).toEqual(['fine.json', 'flawed.json']);
    expect(readFileSync(join(here, 'flawed.json'), 'utf8')).toBe(run(name, ['flawed', '-o', 'json']).out);
    expect(err).toContain('nowhere.tar: no such file: nowhere.tar [IMAGE_NOT_FOUND]');
    expect(run(name, ['fine', 'fine']).out).toMatch(/^given more than once, and [a-z]+ once: fine$/m);
  });

  it('needs an image, and takes patterns and lists', () => {
    expect(run(name, [])).toMatchObject({ code: 2, err: expect.stringContaining('found 0 arguments') });
    const withoutFeed = scapfeed([name, ...(name === 'eval' ? ['--content', 'none'] : [])], {
      SCAPFEED_FEED: '/none',
    });
    expect(withoutFeed).toMatchObject({ code: 2, err: expect.stringContaining('found 0 arguments') });
    const { out } = run(name, ['f[il]*', '--targets', '-', '-o', 'json'], '# ours\nnowhere.tar\n');
    expect((JSON.parse(out) as Document).targets.map(({ target }) => target)).toEqual([
      ...['fine', 'flawed', 'nowhere.tar'],
    ]);
  });
});

describe('JUnit and SARIF of several images', () => {
  it.each(['verify', 'comply', 'eval'] as const)('%s: no two tests of one name, a category each', (name) => {
    const text = run(name, [...all, '-o', 'junit']).out;
    // Images that were not judged are errors of their own suites: the one without a file, and the one of another release.
    const red = text.split('<testsuite ').filter((suite) => / errors="[1-9]/.test(suite));
    for (const image of [images[2], images[4]]) expect(red.some((suite) => suite.includes(image))).toBe(true);
    if (name !== 'verify') {
      const alone = run(name, [images[4], '-o', 'junit']);
      expect(alone.code).toBe(4);
      expect(alone.out).toMatch(
        / errors="1".*name="the content is about this image"><error message="nothing applies/s,
      );
      expect(run(name, [images[0], '-o', 'junit']).out).toMatch(/ errors="0".*this image"\/>/s);
    }
    const tests = [...text.matchAll(/<testcase classname="([^"]*)" name="([^"]*)"/g)].map(([test]) => test);
    expect(new Set(tests).size).toBe(tests.length);
    expect(text.match(/<testsuite /g)).toHaveLength(4);
    const { runs } = JSON.parse(run(name, [...all, '-o', 'sarif']).out) as {
      runs: { automationDetails: { id: string } }[];
    };
    const ids = runs.map(({ automationDetails: { id } }) => id);
    expect(ids[0]).toBe(`scapfeed-${name}-targets/`);
    expect(new Set(ids).size).toBe(4);
  });
});

describe('formats about one image', () => {
  it.each([
    ['comply', 'arf', 'xml'],
    ['comply', 'xccdf', 'xml'],
    ['eval', 'oval', 'xml'],
  ] as const)('%s -o %s is one for each', (name, format, ending) => {
    const { code, err } = run(name, ['fine', 'flawed', '-o', format]);
    expect(code).toBe(2);
    expect(err).toContain(`write one for each: -o ${format}={name}.${format}.${ending}`);
    const here = temporaryFolder();
    run(name, ['fine', 'flawed', '-o', `${format}=${here}/{name}.xml`]);
    expect(readFileSync(join(here, 'flawed.xml'), 'utf8')).toBe(run(name, ['flawed', '-o', format]).out);
  });
});

describe('inventory of several images', () => {
  const inventory = (...args: string[]) => scapfeed(['inventory', ...args], env, folder);

  it('has all of them in JSON and table, and SBOMs for each', () => {
    const { code, out } = inventory('fine', 'flawed', '-o', 'json');
    expect(code).toBe(0);
    const { targets, totals } = JSON.parse(out) as Document;
    for (const { target, result } of targets)
      expect(result).toEqual(JSON.parse(inventory(target, '-o', 'json').out));
    expect(totals).toMatchObject({ passed: 2, counts: { packages: 4 } });
    expect(inventory('fine', 'nowhere.tar').out).toContain(
      '2 images: 1 read, 0 failed, 0 not covered, 1 not read',
    );

    expect(inventory('fine', 'flawed', '-o', 'spdx').err).toContain('-o spdx={name}.spdx.json');
    const here = temporaryFolder();
    expect(inventory('fine', 'flawed', 'nowhere.tar', '-o', `spdx=${here}/{name}.json`).code).toBe(2);
    expect(readFileSync(join(here, 'fine.json'), 'utf8')).toBe(inventory('fine', '-o', 'spdx').out);
  });
});

describe('compiled OVAL and several images', () => {
  it('gives what the document gives', () => {
    const of = (content: string) =>
      (
        JSON.parse(scapfeed(['eval', ...all, '--content', content, '-o', 'json'], env, folder).out) as {
          targets: { result?: { definitions: unknown; counts: unknown } }[];
        }
      ).targets.map(({ result }) => [result?.definitions, result?.counts]);
    expect(of(compiled)).toEqual(of(oval));
  });
});

describe('a policy and several images', () => {
  it('an entry that one image uses is not unused', () => {
    const accepted = save(
      'accept.yaml',
      'verify:\n  allow:\n    - path: /opt/run.sh\n      reason: ours\n    - path: /usr/none\n      reason: y\n',
    );
    const { out } = scapfeed(
      ['verify', 'fine', 'flawed', '--policy', accepted, '--fail-on', 'any'],
      env,
      folder,
    );
    expect(out.match(/unused/g)).toHaveLength(1);
    expect(out).toMatch(/accept\.yaml: 2 entries, 1 used/);
  });
});

describe.skipIf(!hasOracle('chromium-headless-shell'))('the page of several images in Chromium', () => {
  it.each(['comply', 'eval', 'check'] as const)(
    '%s: has all, is searched at once, and its ids are its own',
    async (name) => {
      const page = join(folder, `${name}.html`);
      run(name, [
        'flawed',
        'dir:flawed',
        'fine',
        'nowhere.tar',
        '-o',
        `html=${page}`,
        '-o',
        'table=/dev/null',
      ]);
      const browser = await openBrowser();
      try {
        const tab = await browser.newPage();
        const complaints: string[] = [];
        tab.on('pageerror', (error) => complaints.push(error.message));
        tab.on('console', (message) => complaints.push(message.text()));
        await tab.goto(pathToFileURL(page).href);
        const ids = await tab.locator('[id]').evaluateAll((all) => all.map(({ id }) => id));
        expect(new Set(ids).size).toBe(ids.length);
        expect(await tab.locator('section[id^=image-]').count()).toBe(4);
        const before = await tab.locator('.rule:visible').count();
        await tab.fill('input[type=search]', commands[name].found);
        const after = await tab.locator('.rule:visible').count();
        expect(after).toBeGreaterThan(0);
        expect(after).toBeLessThanOrEqual(before);
        await tab.setViewportSize({ width: 390, height: 800 });
        expect(await tab.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
        expect(complaints).toEqual([]);
      } finally {
        await browser.close();
      }
    },
  );
});
