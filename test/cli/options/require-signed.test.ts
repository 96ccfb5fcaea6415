import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { schemaErrors } from '../../../src/validate/json-schema.ts';
import { startServer } from '../../image/support/fake-registry.ts';
import { legacyPayload, SignedImage } from '../../signatures/support/signed-image.ts';
import { ecKeys, publicPem, signByKey, statementOf } from '../../signatures/support/sigstore-instance.ts';
import { debianRelease, project, rootWith, scapfeed, stanza } from '../../support/cli.ts';
import { bookworm, writeSmallFeed } from '../../support/small-feed.ts';
import { smallStream } from '../../support/small-stream.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const { publicKey, privateKey } = ecKeys();
const files = {
  'etc/os-release': debianRelease('12', 'bookworm'),
  'var/lib/dpkg/status': stanza('bash', '5.2.15-2+b2', { Source: 'bash (5.2.15-2)' }),
  'var/lib/dpkg/info/bash.list': '/.\n',
};
const policies = {
  'anything.json': '{"default":[{"type":"insecureAcceptAnything"}]}',
  'reject.json': '{"default":[{"type":"reject"}]}',
  'broken.json': '{"default":[]}',
};

let folder: string;
let feed: string;
const images: Record<string, string> = {};

beforeAll(() => {
  folder = temporaryFolder('require-signed');
  const roster = new Map([['bash', { version: '1', binaries: [] }]]);
  const statements = [
    {
      vulnerability: 'CVE-2022-3715',
      package: 'bash',
      status: 'affected',
      fixState: 'none_yet',
      severity: 'high',
    },
  ] as const;
  feed = writeSmallFeed([{ platform: bookworm, data: { roster }, statements }]);
  writeFileSync(join(folder, 'key.pub'), publicPem(publicKey));
  writeFileSync(join(folder, 'other.pub'), publicPem(ecKeys().publicKey));
  for (const [name, text] of Object.entries(policies)) writeFileSync(join(folder, name), text);
  const signed = new SignedImage('signed', files);
  signed.attachBundle(signed.manifest.digest, signByKey(statementOf(signed.manifest.digest), privateKey));
  const wrong = new SignedImage('wrong', files);
  wrong.tag(`${wrong.manifest.digest.replace(':', '-')}.sig`, [
    {
      bytes: legacyPayload(wrong.other.digest),
      mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json',
    },
  ]);
  images['signed'] = `oci:${signed.layout()}:1`;
  images['wrong'] = `oci:${wrong.layout()}:1`;
  images['unsigned'] = `oci:${new SignedImage('unsigned', files).layout()}:1`;
  images['root'] = `dir:${rootWith(files)}`;
});

function scan(image: string, ...options: string[]) {
  const own = ['scan', images[image]!, '--feed', feed, '--max-age', '0', '-o', 'json'];
  return scapfeed([...own, ...options], {}, folder);
}

describe('a scan', () => {
  it.each<[string, number, string, string[], string | undefined]>([
    ['of an image signed as required', 0, 'signed', ['--signed-by', 'key.pub'], 'signed'],
    [
      'of one with a flaw too',
      1,
      'signed',
      ['--signed-by', 'key.pub', '--fail-on', 'high', '--allow-unrated'],
      'signed',
    ],
    [
      'of one by either of two keys',
      0,
      'signed',
      ['--signed-by', 'other.pub', '--signed-by', 'key.pub'],
      'signed',
    ],
    ['of an image that somebody else signed', 1, 'signed', ['--signed-by', 'other.pub'], 'refused'],
    ['of a signature of another image', 1, 'wrong', ['--signed-by', 'key.pub'], 'refused'],
    ['of an unsigned image', 4, 'unsigned', ['--signed-by', 'key.pub'], 'unsigned'],
    [
      'of an unsigned image with a flaw',
      4,
      'unsigned',
      ['--signed-by', 'key.pub', '--fail-on', 'high', '--allow-unrated'],
      'unsigned',
    ],
    [
      'where the policy asks for nothing',
      0,
      'unsigned',
      ['--require-signed', 'anything.json'],
      'not_required',
    ],
    ['where the policy rejects', 1, 'signed', ['--require-signed', 'reject.json'], 'rejected'],
    ['that does not ask', 0, 'unsigned', [], undefined],
  ])('%s ends with %d', (_, code, image, options, verdict) => {
    const result = scan(image, ...options);

    expect(result.err).not.toContain('error');
    const found = JSON.parse(result.out) as { signed?: { verdict: string }; verdicts: unknown[] };
    expect(schemaErrors('scan-result', found)).toEqual([]);
    expect(found.signed?.verdict).toBe(verdict);
    expect(found.verdicts).toHaveLength(1);
    expect(result.code).toBe(code);
  });

  it('tells who signed, and why another signature is refused', () => {
    const { signed } = JSON.parse(scan('signed', '--signed-by', 'key.pub').out) as { signed: unknown };
    expect(signed).toMatchObject({
      signatures: [{ state: 'verified', signer: expect.stringMatching(/^sha256:/) }],
    });

    const { signed: refused } = JSON.parse(scan('wrong', '--signed-by', 'key.pub').out) as {
      signed: unknown;
    };
    expect(refused).toMatchObject({ signatures: [{ state: 'refused', refusal: { code: 'SIGNS_OTHER' } }] });
  });

  it('says so in the table and on stderr', () => {
    const own = ['scan', images['wrong']!, '--feed', feed, '--max-age', '0', '--signed-by', 'key.pub'];
    const { out, err } = scapfeed(own, {}, folder);

    const reason =
      /^signatures: not signed as required: 1 signature is refused: SIGNS_OTHER: it signs another image \(.+\)$/m;
    expect(out).toMatch(reason);
    expect(err).toMatch(reason);
  });

  it.each<[string, number, RegExp, string, string[]]>([
    [
      'a root file system, which has no signatures',
      2,
      /a registry or an OCI layout/,
      'root',
      ['--signed-by', 'key.pub'],
    ],
    ['a policy that is none', 3, /TRUST_POLICY_INVALID/, 'signed', ['--require-signed', 'broken.json']],
    ['a key that is not there', 3, /TRUST_ROOT_MISSING/, 'signed', ['--signed-by', 'none.pub']],
    [
      'a policy and a key',
      2,
      /omit one of them/,
      'signed',
      ['--signed-by', 'key.pub', '--require-signed', 'reject.json'],
    ],
  ])('of %s ends with %d', (_, code, words, image, options) => {
    const result = scan(image, ...options);

    expect(result.err).toMatch(words);
    expect(result).toMatchObject({ code, out: '' });
  });
});

describe('check', () => {
  it.each<[string, number, string]>([
    ['signed', 0, 'signed'],
    ['wrong', 1, 'refused'],
    ['unsigned', 4, 'unsigned'],
  ])('of an image that is %s ends with %d', (image, code, verdict) => {
    const own = ['check', images[image]!, '--feed', feed, '--max-age', '0', '--profile', 'only'];
    writeFileSync(join(folder, 'content.xml'), smallStream({ rules: 1, profiles: { only: [1] } }));
    const result = scapfeed(
      [...own, '--content', 'content.xml', '--signed-by', 'key.pub', '-o', 'json'],
      {},
      folder,
    );

    const found = JSON.parse(result.out) as { scan: { signed?: { verdict: string } } };
    expect(found.scan.signed?.verdict).toBe(verdict);
    expect(result.code).toBe(code);
  });
});

describe('verify', () => {
  const schema = JSON.parse(
    readFileSync(join(project, 'schemas/verification.schema.json'), 'utf8'),
  ) as object;
  const validate = new Ajv2020({ strict: true, allErrors: true, strictRequired: false }).compile(schema);

  it.each<[string, number, string]>([
    ['signed', 0, 'signed'],
    ['wrong', 1, 'refused'],
    ['unsigned', 4, 'unsigned'],
  ])('of an image that is %s ends with %d', (image, code, verdict) => {
    const options = ['--signed-by', 'key.pub', '--allow', '/**', '-o', 'json'];
    const result = scapfeed(['verify', images[image]!, ...options], {}, folder);

    const found = JSON.parse(result.out) as { signed: { verdict: string } };
    validate(found);
    expect(validate.errors).toBeNull();
    expect(found.signed.verdict).toBe(verdict);
    expect(result.code).toBe(code);
  });
});

describe.each<[string, readonly string[], readonly string[]]>([
  ['scan', ['table', 'json', 'sarif', 'junit', 'html', 'markdown', 'gitlab', 'github', 'csv'], []],
  ['verify', ['table', 'json', 'sarif', 'junit'], ['--allow', '/**']],
  ['comply', ['table', 'json', 'sarif', 'junit', 'html'], ['--content', 'content.xml', '--profile', 'only']],
  ['check', ['table', 'json', 'html'], ['--content', 'content.xml', '--profile', 'only']],
])('every report of %s says that an image is not signed as required', (command, formats, own) => {
  it.each(formats)('%s', (format) => {
    writeFileSync(join(folder, 'content.xml'), smallStream({ rules: 1, profiles: { only: [1] } }));
    const of = /scan|check/.test(command) ? ['--feed', feed, '--max-age', '0'] : [];
    const [signed, wrong, unsigned] = ['signed', 'wrong', 'unsigned'].map((image) =>
      scapfeed([command, images[image]!, ...of, ...own, '--signed-by', 'key.pub', '-o', format], {}, folder),
    );
    expect(signed!.out).not.toMatch(/not signed as required|no signature was found|"unsigned"/);
    expect(wrong!.out).toMatch(/SIGNS(?:_|&#95;)OTHER/);
    expect(unsigned!.out).toMatch(/no signature was found|"unsigned"/);
    expect([signed, wrong, unsigned].map((result) => result!.code)).toEqual([0, 1, 4]);
  });
});

it('an image that is replaced after its signatures were checked is refused', async () => {
  const [first, second] = ['before', 'after'].map((name) => new SignedImage(name, files));
  first!.attachBundle(first!.manifest.digest, signByKey(statementOf(first!.manifest.digest), privateKey));
  const [signed, unsigned] = [await first!.serve(true), await second!.serve(true)];
  let asked = 0;
  // The tag is asked for by each of the two: whose signatures are looked for, and what is scanned.
  const { host } = await startServer(({ url }, response) => {
    if (/manifests\/1$/.test(url)) asked += 1;
    const from = asked < 2 ? signed : unsigned;
    response.writeHead(307, { location: `http://${from.host}${url}` }).end();
  });
  const own = ['scan', `${host}/lab/x:1`, '--feed', feed, '--max-age', '0', '--insecure-registry', host];
  const hosts = [signed, unsigned].flatMap((server) => ['--insecure-registry', server.host]);
  const args = [join(project, 'dist/cli.cjs'), ...own, ...hosts, '--no-cache', '--signed-by', 'key.pub'];
  const run = promisify(execFile)(process.execPath, args, { cwd: folder });

  await expect(run).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/IMAGE_DIGEST_MISMATCH/),
  });
});
