import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { sampleScan } from '../report/scan/support/sample-scan.ts';
import { debianRelease, project, rootWith, stanza } from '../support/cli.ts';
import { runHere } from '../support/command.ts';
import { hasOracle } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';

const examples = resolve(import.meta.dirname, '../../examples');
const read = (path: string) => readFileSync(join(examples, path), 'utf8');
const sample = sampleScan();

/** Runs a step as the runner does: in a folder of its own, with `scapfeed` and `npx` on the path. */
function runStep(script: string, env: Record<string, string>) {
  const folder = temporaryFolder();
  const bin = temporaryFolder();
  const command = `#!/bin/sh\nexec "${process.execPath}" "${join(project, 'dist/cli.cjs')}" "$@"\n`;
  writeFileSync(join(bin, 'scapfeed'), command);
  writeFileSync(join(bin, 'npx'), `#!/bin/sh\nshift 2\nexec "${join(bin, 'scapfeed')}" "$@"\n`);
  for (const name of ['scapfeed', 'npx']) chmodSync(join(bin, name), 0o755);
  const { status, stdout, stderr } = spawnSync('bash', ['-e', '-c', script], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: `${bin}:${process.env['PATH']}`, SCAPFEED_FEED: sample.feed, HOME: folder, ...env },
  });
  const has = (name: string) =>
    existsSync(join(folder, name)) && readFileSync(join(folder, name), 'utf8').length > 0;
  return { status, stdout, stderr, has };
}

/** The feed of the test is of a fixed day, and has no ratings. */
const withSample = (script: string) =>
  script.replace(/(scapfeed(?:@\S+)? scan)/, '$1 --max-age 0 --allow-unrated');

// GitHub's recipe calls the action, whose steps test/jobs/recipes.test.ts runs.
describe('the scan of each recipe, run', () => {
  it('GitLab CI: fails for the flaw, and leaves the reports that the job names', () => {
    const { scan } = parse(read('gitlab-ci/scan.gitlab-ci.yml')) as {
      scan: { script: string[]; artifacts: { paths: string[]; reports: Record<string, string> } };
    };

    const { status, stderr, has } = runStep(withSample(scan.script.join('\n')), {
      IMAGE: `dir:${sample.image}`,
    });
    expect(status, stderr).toBe(1);
    const named = [...scan.artifacts.paths, ...Object.values(scan.artifacts.reports)];
    expect(named.filter((name) => !has(name))).toEqual([]);
  });

  it('Jenkins: fails for the flaw, and leaves the reports that the pipeline names', () => {
    const pipeline = read('jenkins/Jenkinsfile');
    const steps = [...pipeline.matchAll(/sh '([^']+)'/g)].map(([, script]) => script!);
    const scan = steps.find((script) => script.includes('scapfeed@') && script.includes(' scan '))!;

    const { status, stderr, has } = runStep(withSample(scan.replace('--feed feed', '')), {
      IMAGE: `dir:${sample.image}`,
    });
    expect(status, stderr).toBe(1);
    const named = [...pipeline.matchAll(/(?:junit|artifacts:) '([^']+)'/g)].map(([, name]) => name!);
    expect(named).toEqual(['scan.xml', 'scan.html']);
    expect(named.filter((name) => !has(name))).toEqual([]);
  });
});

/** The parts of a declarative pipeline that may stand in each block (Jenkins, "Pipeline Syntax"). */
const blocks: Readonly<Record<string, readonly string[]>> = {
  '': ['pipeline'],
  pipeline: ['agent', 'environment', 'stages', 'post'],
  environment: ['IMAGE', 'FEED'],
  stages: ['stage'],
  stage: ['steps'],
  steps: ['sh'],
  post: ['always'],
  always: ['junit', 'archiveArtifacts'],
};

it('the Jenkinsfile has only what a declarative pipeline may have, each in its place', () => {
  const path = [''];
  for (const line of read('jenkins/Jenkinsfile').split('\n')) {
    const text = line.trim();
    if (text === '' || text.startsWith('//')) continue;
    if (text === '}') {
      path.pop();
      continue;
    }
    const word = /^\w+/.exec(text)![0];
    expect(blocks[path.at(-1)!], text).toContain(word);
    if (text.endsWith('{')) path.push(word);
  }
  expect(path).toEqual(['']);
});

interface SentRequest {
  url: string;
  token: string;
  body: string;
}

/** Runs a script that sends reports to a server, and gives what came. `answer`: by the address and the number of requests before. */
async function runAgainst(
  args: readonly string[],
  answer: (url: string, before: number) => object,
  environment: (server: string) => Record<string, string>,
) {
  const requests: SentRequest[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const { url = '', headers } = request;
      const body = JSON.stringify(answer(url, requests.length));
      const token = headers.authorization ?? headers['x-api-key'] ?? '';
      requests.push({ url, token: String(token), body: Buffer.concat(pieces).toString() });
      response.writeHead(200).end(body);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const folder = temporaryFolder();
  const bin = temporaryFolder();
  const command = `#!/bin/sh\nshift\nexec "${process.execPath}" "${join(project, 'dist/cli.cjs')}" scan --max-age 0 "$@"\n`;
  writeFileSync(join(bin, 'scapfeed'), command);
  chmodSync(join(bin, 'scapfeed'), 0o755);
  const child = spawn('sh', args, {
    cwd: folder,
    env: {
      ...{ PATH: `${bin}:${process.env['PATH']}`, HOME: folder, SCAPFEED_FEED: sample.feed },
      ...environment(`http://127.0.0.1:${port}`),
    },
    stdio: 'ignore',
  });
  const [code] = (await once(child, 'exit')) as [number];
  server.close();
  return { code, requests };
}

describe.skipIf(!hasOracle('curl', 'jq'))('the recipe for Dependency-Track, run against a server', () => {
  const run = (image: string) =>
    runAgainst(
      [join(examples, 'dependency-track/upload.sh'), image, 'shop', '1'],
      (url, before) => {
        if (url === '/api/v1/bom') return { token: 't1' };
        return url === '/api/v1/event/token/t1' ? { processing: before < 2 } : {};
      },
      (server) => ({ DTRACK_URL: server, DTRACK_API_KEY: 'secret', DTRACK_PAUSE: '0' }),
    );

  it('gives it the components, waits, and gives it VEX', async () => {
    const { code, requests } = await run(`dir:${sample.image}`);
    expect(code).toBe(0);
    const event = '/api/v1/event/token/t1';
    expect(requests.map(({ url }) => url)).toEqual(['/api/v1/bom', event, event, '/api/v1/vex']);
    expect(new Set(requests.map(({ token }) => token))).toEqual(new Set(['secret']));
    expect(requests[0]!.body).toMatch(/name="projectName"\r\n\r\nshop\r\n/);
    expect(requests.at(-1)!.body).toContain('"name": "NVD"');
  });

  it('sends nothing where there is no result', async () => {
    expect(await run('dir:/nowhere')).toEqual({ code: 2, requests: [] });
  });
});

describe.skipIf(!hasOracle('curl'))('the recipe for DefectDojo, run against a server', () => {
  const run = (image: string) =>
    runAgainst(
      [join(examples, 'defectdojo/reimport.sh'), image, 'shop'],
      () => ({}),
      (server) => ({ DEFECTDOJO_URL: server, DEFECTDOJO_TOKEN: 'secret' }),
    );

  it('sends the findings of a scan that fails its gate', async () => {
    const { code, requests } = await run(`dir:${sample.image}`);
    expect(code).toBe(0);
    expect(requests).toHaveLength(1);
    const [{ url, token, body }] = requests as [SentRequest];
    expect([url, token]).toEqual(['/api/v2/reimport-scan/', 'Token secret']);
    expect(body).toMatch(/name="scan_type"\r\n\r\nGeneric Findings Import\r\n/);
    expect(body).toMatch(/name="close_old_findings"\r\n\r\ntrue\r\n/);
    const [, report] = /filename="scapfeed.json"\r\nContent-Type: application\/json\r\n\r\n(.*?)\r\n--/s.exec(
      body,
    )!;
    expect((JSON.parse(report!) as { findings: object[] }).findings.length).toBeGreaterThan(1);
  });

  it('sends nothing where there is no result', async () => {
    expect(await run('dir:/nowhere')).toEqual({ code: 2, requests: [] });
  });
});

describe.skipIf(!hasOracle('jq'))('the recipe for Jira', () => {
  const recipe = join(examples, 'jira/issues.jq');
  const findings = async (image: string) =>
    (await runHere(['scan', image, '--max-age', '0', '--feed', sample.feed, '-o', 'generic-findings'])).out;
  const issues = (input: string, ...args: string[]) => {
    const { status, stdout, stderr } = spawnSync('jq', ['-r', ...args, '-f', recipe], {
      ...{ input, encoding: 'utf8' },
    });
    expect(status, stderr).toBe(0);
    return stdout;
  };

  it('makes an issue of each finding that nobody put aside, and none of those that are known', async () => {
    const report = await findings(`dir:${sample.image}`);
    const all = JSON.parse(report) as { findings: { active?: boolean; unique_id_from_tool: string }[] };
    const active = all.findings.filter((finding) => finding.active !== false);
    expect(active.length).toBeGreaterThan(1);
    const csv = issues(report);
    expect(csv).toMatch(/^"Summary","Issue Type","Priority","Description","Labels","External id"\n/);
    const ids = active.map((finding) => finding.unique_id_from_tool);
    // Descriptions have more than one line: a row ends with its id.
    expect([...csv.matchAll(/,"scapfeed","([^"]+)"$/gm)].map(([, id]) => id)).toEqual(ids);
    expect(csv).toMatch(/^"CVE-[^"]+ in [^"]+","Bug","(Highest|High|Medium|Low|Lowest)","/m);
    const known = join(temporaryFolder(), 'ids.json');
    writeFileSync(known, JSON.stringify(ids.slice(1)));
    const left = issues(report, '--slurpfile', 'known', known);
    expect([...left.matchAll(/,"scapfeed","([^"]+)"$/gm)].map(([, id]) => id)).toEqual(ids.slice(0, 1));
  });

  it('makes no cell that a spreadsheet takes for a formula, as in our own CSV', () => {
    const texts = ['=1+1', '+1', '-1', '@x', ' =1', '\t=1', '\r=1', '\tx', '\uff1d1', 'a=1', '<-'];
    const report = {
      findings: texts.map((title) => ({ title, severity: 'High', unique_id_from_tool: 'f1' })),
    };
    const cells = [...issues(JSON.stringify(report)).matchAll(/^"([^"]*)","Bug",/gm)];
    expect(cells.map(([, title]) => title)).toEqual([
      ...["'=1+1", "'+1", "'-1", "'@x", "' =1", "'\t=1", "'\r=1", "'\tx", "'\uff1d1", 'a=1', '<-'],
    ]);
  });

  it('takes only findings', () => {
    expect(spawnSync('jq', ['-r', '-f', recipe], { input: '{}', encoding: 'utf8' }).status).not.toBe(0);
  });
});

describe('the recipe for base images', () => {
  const compare = (before: string, after: string) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'old.Dockerfile'), before);
    writeFileSync(join(folder, 'Dockerfile'), after);
    return runStep(
      `cd ${folder} && sh ${join(examples, 'base-images/compare.sh')} old.Dockerfile Dockerfile`,
      { TRANSPORT: 'dir:', SCAPFEED_MAX_AGE: '0' },
    );
  };

  it('says what the newer base of the last stage changes, through the names of stages', () => {
    const older = rootWith({
      'etc/os-release': debianRelease('12', 'bookworm'),
      'var/lib/dpkg/status': stanza('zlib1g', '1'),
    });
    const file = (base: string) =>
      `# a comment\nFROM --platform=linux/amd64 golang:1.26 AS build\nRUN true\nfrom ${base} as base\nFROM base\nCOPY --from=build /x /x\n`;
    const { status, stdout, stderr } = compare(file(older), file(sample.image));
    expect(stderr).not.toContain('no plain name');
    expect([0, 4]).toContain(status);
    expect(stdout).toContain('<code>upgraded</code> | <code>zlib1g');
    expect(compare(file(older), file(older))).toMatchObject({ status: 0, stdout: '' });
  });

  it('ends with an error where FROM is a variable, or nothing', () => {
    for (const text of ['ARG BASE=debian:12\nFROM $BASE\n', 'FROM scratch\n', '']) {
      const { status, stderr } = compare('FROM debian:12\n', text);
      expect([status, stderr]).toEqual([3, expect.stringContaining('no plain name of an image')]);
    }
  });

  it('asks for digests, without which nobody proposes a newer build of a tag', () => {
    expect(JSON.parse(read('base-images/renovate.json')).extends).toContain('docker:pinDigests');
    const { version, updates } = parse(read('base-images/dependabot.yml'));
    expect([version, updates[0]['package-ecosystem']]).toEqual([2, 'docker']);
  });
});
