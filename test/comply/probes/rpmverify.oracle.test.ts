import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, chownSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wantedInspection, wantedPredicate } from '../../../src/comply/files/wanted-files.ts';
import { OvalEngine } from '../../../src/comply/oval/engine.ts';
import { lookupOf } from '../../../src/comply/oval/lookup.ts';
import type { OvalDocument } from '../../../src/comply/oval/model.ts';
import { readOval } from '../../../src/comply/oval/read-oval.ts';
import { imageCollector } from '../../../src/comply/probes/image-collector.ts';
import { wantedFiles } from '../../../src/comply/probes/wanted.ts';
import { openImage } from '../../../src/image/index.ts';
import { inventoryWanted } from '../../../src/inventory/index.ts';
import { hasOracle, isRoot } from '../../support/oracles.ts';
import { readOscapResults } from '../../support/oscap-results.ts';
import { removeRpmRoot, rpmFile, rpmRoot } from '../../support/rpm-install.ts';

const ready = hasOracle('oscap', 'rpm', 'tar') && isRoot();

const program = '%attr(755,root,root)';

/** A line of %files, and what is done to the file. */
const files: { name: string; attributes: string; act(path: string): void }[] = [
  { name: 'as packaged', attributes: program, act: () => {} },
  { name: 'another content', attributes: program, act: (path) => writeFileSync(path, 'elif 1') },
  { name: 'a byte more', attributes: '%config', act: (path) => appendFileSync(path, 'x') },
  { name: 'another mode', attributes: program, act: (path) => chmodSync(path, 0o4700) },
  { name: 'another owner', attributes: program, act: (path) => chownSync(path, 7, 8) },
  {
    name: 'a link in its place',
    attributes: program,
    act: (path) => replace(path, () => symlinkSync('x', path)),
  },
  {
    name: 'a directory in its place',
    attributes: program,
    act: (path) => replace(path, () => mkdirSync(path)),
  },
  {
    name: 'a ghost',
    attributes: `%ghost ${program}`,
    act: (path) => writeFileSync(path, 'any', { mode: 0o600 }),
  },
  {
    name: 'left open by the packager',
    attributes: '%verify(not md5 size mode)',
    act: (path) => appendFileSync(path, 'x'),
  },
];

const attributes = [
  'size_differs',
  'mode_differs',
  'md5_differs',
  'link_mismatch',
  'ownership_differs',
  'group_differs',
];

const rows = files.flatMap(({ name }, file) =>
  attributes.map((attribute, at) => ({ name, file, attribute, id: 100 + 10 * file + at })),
);

const oval = 'http://oval.mitre.org/XMLSchema/oval-definitions-5';

/** A definition for each file and attribute: it passes. Of a path that is equal, oscap makes a second, wrong item. */
const source = `<oval_definitions xmlns="${oval}" xmlns:linux="${oval}#linux" xmlns:oval="http://oval.mitre.org/XMLSchema/oval-common-5">
<generator><oval:schema_version>5.11</oval:schema_version><oval:timestamp>2026-01-01T00:00:00</oval:timestamp></generator>
<definitions>${rows.map(({ id }) => `<definition id="oval:x:def:${id}" version="1" class="compliance"><metadata><title>t</title><description>d</description></metadata><criteria><criterion test_ref="oval:x:tst:${id}"/></criteria></definition>`).join('')}</definitions>
<tests>${rows.map(({ id, file }) => `<linux:rpmverifyfile_test id="oval:x:tst:${id}" version="1" check="all" check_existence="at_least_one_exists" comment="c"><linux:object object_ref="oval:x:obj:${file + 1}"/><linux:state state_ref="oval:x:ste:${id}"/></linux:rpmverifyfile_test>`).join('')}</tests>
<objects>${files.map((_, at) => `<linux:rpmverifyfile_object id="oval:x:obj:${at + 1}" version="1">${anyPackage()}<linux:filepath operation="pattern match">^${rpmFile(at)}$</linux:filepath></linux:rpmverifyfile_object>`).join('')}</objects>
<states>${rows.map(({ id, attribute }) => `<linux:rpmverifyfile_state id="oval:x:ste:${id}" version="1"><linux:${attribute}>pass</linux:${attribute}></linux:rpmverifyfile_state>`).join('')}</states>
</oval_definitions>`;

describe.skipIf(!ready)('rpmverifyfile, by oscap on a directory and by us on an image of layers', () => {
  let root: string;
  const results: Record<'oscap' | 'layers' | 'unhashed', Map<string, string>> = {
    oscap: new Map(),
    layers: new Map(),
    unhashed: new Map(),
  };
  beforeAll(async () => {
    root = rpmRoot(files.map((file) => file.attributes));
    for (const [at, { act }] of files.entries()) act(join(root, rpmFile(at)));
    writeFileSync(join(root, '../oval.xml'), source);
    const document = readOval(Buffer.from(source), 'oval.xml');
    results.oscap = await byOscap(root);
    results.layers = await byUs(root, document, true);
    results.unhashed = await byUs(root, document, false);
  });
  afterAll(() => removeRpmRoot(root));

  it.each(rows)('$name: $attribute', ({ id }) => {
    const expected = results.oscap.get(`oval:x:def:${id}`);

    expect(expected).toMatch(/^(true|false)$/);
    expect(results.layers.get(`oval:x:def:${id}`)).toBe(expected);
  });

  it('is not known where nothing was hashed', () => {
    const digests = rows.filter(({ attribute }) => attribute === 'md5_differs');
    const found = digests.map(({ id }) => results.unhashed.get(`oval:x:def:${id}`));

    // Of a link, a directory, a ghost and what the packager leaves open no content is compared.
    expect(found).toEqual([...Array(5).fill('unknown'), 'true', 'true', 'true', 'true']);
  });
});

async function byOscap(root: string): Promise<Map<string, string>> {
  const folder = join(root, '..');
  const env = { ...process.env, OSCAP_PROBE_ROOT: root };
  execFileSync('oscap', ['oval', 'eval', '--results', 'results.xml', 'oval.xml'], {
    cwd: folder,
    env,
    stdio: 'pipe',
  });
  return (await readOscapResults(join(folder, 'results.xml'))).definitions;
}

/** On the root as a tar: what its layers do not keep is known only by what was hashed while they went by. */
async function byUs(root: string, document: OvalDocument, hashed: boolean): Promise<Map<string, string>> {
  const tar = join(root, '../root.tar');
  execFileSync('tar', ['-cf', tar, '-C', root, '.']);
  const wanted = wantedFiles([document], new Map());
  const isWanted = wantedPredicate(wanted);
  const inspection = hashed ? wantedInspection(wanted) : undefined;
  const image = await openImage(tar, {
    wanted: (path) => inventoryWanted(path) || isWanted(path),
    ...(inspection === undefined ? {} : { inspection }),
  });
  const collect = imageCollector({ files: image.files, env: [], packages: () => [] });
  const engine = new OvalEngine({ document: lookupOf(document), collect });
  return new Map(rows.map(({ id }) => [`oval:x:def:${id}`, engine.definition(`oval:x:def:${id}`)]));
}

function anyPackage(): string {
  const names = ['name', 'epoch', 'version', 'release', 'arch'];
  return names.map((name) => `<linux:${name} operation="pattern match">.*</linux:${name}>`).join('');
}

function replace(path: string, put: () => void): void {
  rmSync(path);
  put();
}
