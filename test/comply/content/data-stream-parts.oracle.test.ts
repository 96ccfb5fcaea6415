import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readContent } from '../../../src/comply/content/read-content.ts';
import { rootWith, scapfeed } from '../../support/cli.ts';
import { hasOracle } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { benchmark, lineCheck, rule } from '../support/small-content.ts';

const time = '2026-01-01T00:00:00';
const rule1 = 'xccdf_x_rule_root';

const component = (id: string, inside: string) =>
  `<ds:component id="${id}" timestamp="${time}">${inside}</ds:component>`;
const reference = (id: string, href: string, catalog = '') =>
  `<ds:component-ref id="${id}" xlink:href="${href}">${catalog}</ds:component-ref>`;
const catalogOf = (name: string, uri: string) =>
  `<cat:catalog><cat:uri name="${name}" uri="${uri}"/></cat:catalog>`;

function collection(
  id: string,
  references: { checklists: string; checks: string } | undefined,
  inside: string,
): string {
  const lists = references
    ? `<ds:data-stream id="scap_x_datastream_${id}" scap-version="1.2" use-case="CONFIGURATION"><ds:checklists>${references.checklists}</ds:checklists><ds:checks>${references.checks}</ds:checks></ds:data-stream>`
    : '';
  return `<ds:data-stream-collection xmlns:ds="http://scap.nist.gov/schema/scap/source/1.2" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:cat="urn:oasis:names:tc:entity:xmlns:xml:catalog" id="scap_x_collection_${id}" schematron-version="1.2">${lists}${inside}</ds:data-stream-collection>`;
}

const checklist = benchmark(rule('root'));
const definitions = lineCheck('/etc/ssh/sshd_config', '^PermitRootLogin no$');
const tailoring = `<Tailoring xmlns="http://checklists.nist.gov/xccdf/1.2" id="xccdf_x_tailoring_one"><benchmark href="#scap_x_cref_benchmark"/><version time="${time}">1</version><Profile id="xccdf_x_profile_none"><title>None</title><select idref="${rule1}" selected="false"/></Profile></Tailoring>`;

const ref = 'scap_x_cref_';
const comp = 'scap_x_comp_';
const benchmarkRef = (href: string) =>
  reference(`${ref}benchmark`, href, catalogOf('oval.xml', `#${ref}oval`));
const tailoringRef = reference(
  `${ref}tailoring`,
  `#${comp}tailoring`,
  catalogOf('benchmark.xml', `#${ref}benchmark`),
);

/** Files of a publisher: the file to judge by, other files beside it, and files of a folder of their own. */
interface Layout {
  name: string;
  stream: string;
  beside?: Record<string, string>;
  localFiles?: Record<string, string>;
  args?: string[];
}

const layouts: Layout[] = [
  {
    name: 'the first checklist is a tailoring',
    stream: collection(
      'main',
      {
        checklists: tailoringRef + benchmarkRef(`#${comp}benchmark`),
        checks: reference(`${ref}oval`, `#${comp}oval`),
      },
      component(`${comp}tailoring`, tailoring) +
        component(`${comp}benchmark`, checklist) +
        component(`${comp}oval`, definitions),
    ),
  },
  {
    name: 'the checklist is a component of another file',
    stream: collection(
      'main',
      {
        checklists: benchmarkRef(`file:other.xml#${comp}benchmark`),
        checks: reference(`${ref}oval`, `#${comp}oval`),
      },
      component(`${comp}oval`, definitions),
    ),
    beside: { 'other.xml': collection('other', undefined, component(`${comp}benchmark`, checklist)) },
  },
  {
    name: 'checklist and checks are components of another file',
    stream: collection(
      'main',
      {
        checklists: benchmarkRef(`file:other.xml#${comp}benchmark`),
        checks: reference(`${ref}oval`, `file:other.xml#${comp}oval`),
      },
      '',
    ),
    beside: {
      'other.xml': collection(
        'other',
        undefined,
        component(`${comp}benchmark`, checklist) + component(`${comp}oval`, definitions),
      ),
    },
  },
  {
    name: 'the checks are a whole file of the folder of local files',
    stream: collection(
      'main',
      {
        checklists: benchmarkRef(`#${comp}benchmark`),
        checks: reference(`${ref}oval`, 'https://example.org/oval.xml'),
      },
      component(`${comp}benchmark`, checklist),
    ),
    localFiles: { 'oval.xml': definitions },
  },
  {
    name: 'the checklist is a component of another file, and the checks a file of the folder of local files',
    stream: collection(
      'main',
      {
        checklists: benchmarkRef(`file:other.xml#${comp}benchmark`),
        checks: reference(`${ref}oval`, 'https://example.org/oval.xml'),
      },
      '',
    ),
    beside: { 'other.xml': collection('other', undefined, component(`${comp}benchmark`, checklist)) },
    localFiles: { 'oval.xml': definitions },
  },
  {
    name: 'the checks are a remote file, which is in the folder of local files under the name of the catalog',
    stream: collection(
      'main',
      {
        checklists: benchmarkRef(`#${comp}benchmark`),
        checks: reference(`${ref}oval`, 'https://example.org/definitions?of=ssh'),
      },
      component(`${comp}benchmark`, checklist),
    ),
    localFiles: { 'oval.xml': definitions },
  },
];

describe.skipIf(!hasOracle('oscap'))('a data stream in parts', () => {
  const root = rootWith({ 'etc/ssh/sshd_config': 'PermitRootLogin no\n' });

  it.each(layouts)('$name', ({ stream, beside = {}, localFiles, args = [] }) => {
    const folder = temporaryFolder();
    const local = join(folder, 'local');
    mkdirSync(local);
    const path = join(folder, 'stream.xml');
    writeFileSync(path, stream);
    for (const [name, text] of Object.entries(beside)) writeFileSync(join(folder, name), text);
    for (const [name, text] of Object.entries(localFiles ?? {})) writeFileSync(join(local, name), text);
    const options = [...args, ...(localFiles ? ['--local-files', local] : [])];

    const run = scapfeed(['comply', `dir:${root}`, '--content', path, ...options, '-o', 'json']);
    expect(run.err).toBe('');
    const { rules } = JSON.parse(run.out) as { rules: { id: string; result: string }[] };
    expect(rules.map(({ id, result }) => [id, result])).toEqual([[rule1, 'pass']]);
    expect(oscapResults(path, root, options)).toEqual([[rule1, 'pass']]);
  });
});

describe('a data stream that lacks a part', () => {
  const judge = (stream: string, ...options: string[]) => {
    const path = join(temporaryFolder(), 'stream.xml');
    writeFileSync(path, stream);
    return scapfeed(['comply', `dir:${rootWith({})}`, '--content', path, ...options, '-o', 'json']);
  };

  it('says where the file of its checklist may be put', () => {
    const checklists =
      benchmarkRef(`file:gone.xml#${comp}benchmark`) + reference(`${ref}second`, `#${comp}benchmark`);
    const stream = collection('main', { checklists, checks: '' }, component(`${comp}benchmark`, checklist));
    const { code, err } = judge(stream);
    expect(code).toBe(3);
    expect(err).toContain(`leads to file:gone.xml#${comp}benchmark: there is no such file [CONTENT_MISSING]`);
    expect(err).toContain('--local-files');
  });

  it.each(['https://example.org/%zz', 'https://example.org/%00', '.', 'x'.repeat(5000)])(
    'leaves out a check whose file can have no name: %s',
    (href) => {
      const checks = reference(`${ref}oval`, href);
      const inside = component(`${comp}benchmark`, checklist);
      const stream = collection('main', { checklists: benchmarkRef(`#${comp}benchmark`), checks }, inside);
      const { code, out } = judge(stream, '--local-files', temporaryFolder());
      expect([code, (JSON.parse(out) as { counts: unknown }).counts]).toEqual([0, { notchecked: 1 }]);
    },
  );

  it('judges by the benchmark of a tailoring that --checklist names', () => {
    const { stream } = layouts[0] as Layout;
    const { code, out } = judge(stream, '--checklist', `${ref}tailoring`, '--profile', 'none');
    const { counts } = JSON.parse(out) as { counts: unknown };
    expect([code, counts]).toEqual([0, { notselected: 1 }]);
  });
});

function oscapResults(path: string, root: string, options: readonly string[]): string[][] {
  const results = join(temporaryFolder(), 'results.xml');
  const args = ['xccdf', 'eval', '--skip-validation', ...options, '--results', results, path];
  const run = spawnSync('oscap', args, { encoding: 'utf8', env: { ...process.env, OSCAP_PROBE_ROOT: root } });
  if (run.status !== 0) throw new Error(`oscap ended with ${run.status ?? run.signal}: ${run.stderr}`);
  const found = readFileSync(results, 'utf8').matchAll(
    /<rule-result idref="([^"]+)"[\s\S]*?<result>([^<]+)<\/result>/g,
  );
  return [...found].map(([, id = '', result = '']) => [id, result]);
}

describe('a data stream whose names could mean two things', () => {
  const other = lineCheck('/etc/ssh/sshd_config', '.*');
  const two = reference(`${ref}oval`, `#${comp}oval`) + reference(`${ref}other`, `#${comp}other`);
  const parts =
    component(`${comp}benchmark`, checklist) +
    component(`${comp}oval`, definitions) +
    component(`${comp}other`, other);
  const list = (catalog: string) => reference(`${ref}benchmark`, `#${comp}benchmark`, catalog);
  const usual = list(catalogOf('oval.xml', `#${ref}oval`));
  const of = (checklists: string, checks: string, inside: string) =>
    readContent(Buffer.from(collection('main', { checklists, checks }, inside)), 'x.xml');

  it.each([
    ['components of one id', two, parts + component(`${comp}oval`, other), /two of scap_x_comp_oval/],
    [
      'contents of one component',
      two,
      parts.replace('</oval_definitions>', `</oval_definitions>${other}`),
      /a component has one content/,
    ],
    ['references of one id', two + reference(`${ref}oval`, `#${comp}other`), parts, /ids are unique, found/],
  ])('is refused for two %s', (_, checks, inside, message) => {
    expect(() => of(usual, checks, inside)).toThrow(message);
  });

  it('a catalog means the first entry of a name, and a component is one of its namespace', () => {
    const catalog = catalogOf('oval.xml', `#${ref}oval`).replace(
      '</cat:catalog>',
      `<cat:uri name="oval.xml" uri="#${ref}other"/></cat:catalog>`,
    );
    const foreign = `<z:component xmlns:z="urn:z" id="${comp}oval">${other}</z:component>`;
    const { documents } = of(list(catalog), two, parts + foreign);
    const objects = [...documents].map(([name, { objects: found }]) => [name, JSON.stringify(found)]);
    expect(objects).toEqual([[`${comp}oval`, expect.stringContaining('^PermitRootLogin no$')]]);
  });
});
