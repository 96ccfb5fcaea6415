import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileDigest } from '../../../src/io/digest.ts';
import { targetPath } from '../../../src/published/names.ts';
import { hasOracle, hasPythonTuf } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { daysLater, makePublisher, writeNight } from '../support/publisher.ts';
import { metadata, roleFile } from '../support/two-nights.ts';
import { tufClient } from './client.ts';

/** Of the system, which has Debian's python3-tuf. */
const python = '/usr/bin/python3';
const program = join(import.meta.dirname, 'cases.py');

interface Case {
  name: string;
  /** Why our client refuses what the last step has. */
  gap: string | null;
  /** Why python-tuf decides otherwise. */
  otherwise: string | null;
  /** A client comes to a server that has the content of the folder with the step's number; days after the day of signing. */
  steps: { accepted: boolean; target: string | null; day: number }[];
}

/** A client's answer to a step, and the versions that it then trusts. */
interface Answer {
  error: string | null;
  trusted: Record<string, number>;
}

interface JudgedCase extends Case {
  folder: string;
  /** By step: what python-tuf's client said. */
  judged: Answer[];
}

/** Repositories by other software, a folder each. */
function makeCases(): JudgedCase[] {
  const out = temporaryFolder();
  execFileSync(python, [program, 'write', out]);
  const judged = JSON.parse(
    execFileSync(python, [program, 'judge', out], { encoding: 'utf8' }),
  ) as Answer[][];
  return readdirSync(out)
    .sort()
    .map((name, at) => {
      const folder = join(out, name);
      const told = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')) as Case;
      return { ...told, folder, judged: judged[at]! };
    });
}

function trusted(folder: string): Record<string, number> {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const version = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8')).signed.version;
  return Object.fromEntries(names.map((name) => [name.slice(0, -5), version(name)]));
}

describe.skipIf(!hasPythonTuf())("TUF's workflow of clients, with repositories of python-tuf", () => {
  const cases = hasPythonTuf() ? makeCases() : [];
  let served = '';
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url!);
    const file = join(served, decodeURIComponent(request.url!.slice(1)));
    if (existsSync(file)) response.end(readFileSync(file));
    else response.writeHead(404).end();
  });
  let url = '';

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.close();
  });

  /** The command line of a client that keeps its state in `kept`. */
  function commandLine(kept: string, target: string | null): string[] {
    const options = ['--metadata-dir', kept, '--metadata-url', `${url}/metadata/`];
    if (target === null) return [...options, 'refresh'];
    const files = ['--target-base-url', `${url}/targets/`, '--target-dir', join(kept, 'files')];
    return [...options, '--target-name', target, ...files, 'download'];
  }

  const initial = (kept: string, { folder }: JudgedCase) => [
    '--metadata-dir',
    kept,
    'init',
    join(folder, 'root.json'),
  ];

  it.each(cases)('$name', async (judgedCase) => {
    const { name, gap, otherwise, steps, folder, judged } = judgedCase;
    const kept = temporaryFolder();
    await tufClient(initial(kept, judgedCase), daysLater(0));
    for (const [at, { accepted, target, day }] of steps.entries()) {
      served = join(folder, String(at));
      const where = `${name}, step ${at + 1}`;
      const isLast = at === steps.length - 1;
      const error = await tufClient(commandLine(kept, target), daysLater(day)).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      // Each refusal is one of ours, with its code; nothing else ends a client.
      if (error !== undefined) expect(error, where).toMatchObject({ code: expect.any(String) });
      expect(error === undefined, where).toBe(isLast && gap !== null ? false : accepted);
      const judge = judged[at]!;
      if (isLast && otherwise !== null) expect(trusted(kept), where).not.toEqual(judge.trusted);
      else {
        expect(judge.error === null, `python-tuf: ${where}`).toBe(accepted);
        if (gap === null) expect(trusted(kept), where).toEqual(judge.trusted);
      }
    }
  });

  it('gaps are listed with their reasons, and those of the suite beside the client', () => {
    const document = readFileSync('docs/accuracy.md', 'utf8');
    for (const { gap } of cases) if (gap !== null) expect(document).toContain(gap);
    expect(document).toContain('test/publish/tuf/client.ts');
  });

  it.skipIf(!hasOracle('faketime'))('by the command line of tuf-conformance, with its clock', async () => {
    const download = cases.find(({ name }) => name.startsWith('5.7 a target is downloaded'))!;
    const kept = temporaryFolder();
    /** Exit code. */
    const client = (args: string[]) =>
      new Promise<number>((resolve) => {
        const command = [process.execPath, '--disable-warning=ExperimentalWarning', clientProgram, ...args];
        const env = { ...process.env, TZ: 'UTC' };
        execFile('faketime', ['2026-11-21 00:00:00', ...command], { env }, (error) =>
          resolve(Number(error?.code ?? 0)),
        );
      });
    requests.length = 0;
    served = join(download.folder, '0');
    expect(await client(initial(kept, download))).toBe(0);
    expect(requests).toEqual([]);
    expect(await client(commandLine(kept, null))).toBe(0);
    const asked = ['2.root.json', 'timestamp.json', '1.snapshot.json', '1.targets.json'];
    expect(requests).toEqual(asked.map((name) => `/metadata/${name}`));
    const { target } = download.steps[0]!;
    expect(await client(commandLine(kept, target))).toBe(0);
    const files = () =>
      readdirSync(join(kept, 'files')).map((name) => readFileSync(join(kept, 'files', name), 'utf8'));
    expect(files()).toEqual(['the first content']);
    // A target already present is not fetched again, and is replaced when it changes.
    requests.length = 0;
    expect(await client(commandLine(kept, target))).toBe(0);
    expect(requests).toEqual(['/metadata/2.root.json', '/metadata/timestamp.json']);
    served = join(download.folder, '2');
    expect(await client(commandLine(kept, target))).toBe(0);
    expect(files()).toEqual(['the second content, which is longer']);
    expect(await client(commandLine(kept, 'debian-12/none.json'))).toBe(1);
  });
});

const clientProgram = join(import.meta.dirname, 'client.ts');

describe.skipIf(!hasPythonTuf())('a feed that we publish, read by python-tuf', () => {
  it('downloads each target of a platform, and each export', async () => {
    const publisher = await makePublisher();
    const directory = temporaryFolder();
    const outputs: { path: string; size: number; sha256: string }[] = [];
    for (const path of ['debsecan/list', 'csaf/a/b/c.json']) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), path);
      outputs.push({ path, ...(await fileDigest(join(directory, path))) });
    }
    await publisher.publish([writeNight(60)]);
    await publisher.publish([writeNight(60, { 'package-0003': '2.0-1' })], {
      date: daysLater(1),
      exports: { directory, created: '', targets: ['debsecan', 'csaf'], outputs },
    });
    const { site } = publisher;
    const targets = ['debian-12', 'feed'].flatMap((role) => {
      const { signed } = JSON.parse(metadata(site, roleFile(site, role)));
      return Object.entries<{ length: number; hashes: { sha256: string } }>(signed.targets);
    });
    const names = targets.map(([name]) => name);
    expect(names).toContain('feed/exports/csaf/a/b/c.json');
    expect(names).toContain('debian-12/manifest.json.br');
    const root = join(temporaryFolder(), 'root.json');
    writeFileSync(root, publisher.root);
    const download = () =>
      execFileSync(python, [program, 'download', site, root, daysLater(1).toISOString(), ...names], {
        encoding: 'utf8',
        stdio: 'pipe',
      });
    expect(download()).toBe(targets.map(([name, { length }]) => `${name} ${length}\n`).join(''));
    const [name, { hashes, length }] = targets[0]!;
    writeFileSync(join(site, targetPath(name, hashes.sha256)), Buffer.alloc(length));
    expect(download).toThrow(/LengthOrHashMismatchError/);
  });
});
