import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { schemaErrors } from '../../src/validate/json-schema.ts';
import { benchmark, lineCheck, rule } from '../comply/support/small-content.ts';
import { debianRelease, project, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { runHere } from '../support/command.ts';
import { bookworm, trixie, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
let feed: string;
let image: string;
/** A feed without platforms. */
let empty: string;

beforeAll(() => {
  const flaw = { status: 'affected', fixState: 'none_yet', severity: 'high' } as const;
  const repaired = { status: 'fixed', fixed: '2', severity: 'high', advisories: ['DSA-5000-1'] } as const;
  const roster = new Map(['a', 'b'].map((name) => [name, { version: '1', binaries: [] }]));
  feed = writeSmallFeed([
    {
      platform: bookworm,
      data: { roster },
      statements: [
        { vulnerability: 'CVE-2024-0001', package: 'a', ...flaw },
        { ...repaired, vulnerability: 'CVE-2024-0003', package: 'a' },
        { ...repaired, vulnerability: 'CVE-2024-0004', package: 'a' },
      ],
    },
    {
      platform: trixie,
      data: { roster },
      statements: [
        { vulnerability: 'CVE-2024-0002', package: 'c', ...flaw },
        { vulnerability: 'TEMP-0000001-ABCDEF', package: 'c', ...flaw },
      ],
    },
  ]);
  empty = writeSmallFeed([]);
  image = rootWith({
    'etc/os-release': debianRelease('12', 'bookworm'),
    'var/lib/dpkg/status': stanza('a', '1') + stanza('b', '1') + stanza('foreign', '1'),
  });
  writeFileSync(at('malformed.xml'), '<oval_definitions');
  writeFileSync(at('text'), 'nothing of the kind');
  writeFileSync(at('empty.tar'), new Uint8Array(10_240));
});

type Situation = [situation: string, line: string, code: number, said: RegExp];

/** `IMAGE`, `FEED` and `FOLDER` stand for the paths above. What other files test is not repeated here. */
const situations: readonly Situation[] = [
  ['no command', '', 2, /^Usage: scapfeed COMMAND/m],
  ['a command that is not there', 'scna IMAGE', 2, /no command scna .*\n.*scapfeed scan/s],
  ['a command by the name of what every object has', 'constructor', 2, /no command constructor /],
  ['a report format that is not there', 'scan IMAGE --feed FEED -o jsno', 2, /no output format jsno/],
  ['a report format of others', 'scan IMAGE --feed FEED -o yaml', 2, /The formats are table, json, /],
  ['a report without a name', 'scan IMAGE --feed FEED -o json=', 2, /names no file/],
  ['two reports on stdout', 'scan IMAGE --feed FEED -o json=- -o table', 2, /only one -o can go to stdout/],
  [
    'two platforms of one image',
    'scan IMAGE --feed FEED --platform debian-12 --platform linux/amd64 --platform debian-11',
    2,
    /an image has one platform, found debian-12 and debian-11 \[USAGE\]/,
  ],
  [
    'two images of an index',
    'scan IMAGE --feed FEED --platform linux/amd64 --platform linux/arm64',
    2,
    /an image has one platform, found linux\/amd64 and linux\/arm64 \[USAGE\]/,
  ],
  [
    'the id of a platform for an index',
    'verify IMAGE --platform debian-12',
    2,
    /expected OS\/ARCH, found debian-12/,
  ],
  [
    'a file in place of a report format',
    'scan IMAGE --feed FEED -o FOLDER/scan.html',
    2,
    /write it as -o html=.*scan\.html/,
  ],
  ...[
    'tailor --page FOLDER/text -o html=FOLDER/page.html',
    'tailor --page FOLDER/text -o html',
    'fix --content FOLDER/text -o bash=FOLDER/fix.sh',
    'compile FOLDER/text -o json=FOLDER/compiled.json',
    'fleet export -o JSON',
  ].map((line): [string, string, number, RegExp] => [
    `a report format where -o is a file: ${line}`,
    line,
    2,
    /--output: expected FILE, found .*one format: write it as -o FILE/s,
  ]),
  [
    'a report where nothing can be written',
    'inventory IMAGE -o json=FOLDER/none/report.json',
    2,
    /OUTPUT_NOT_WRITABLE/,
  ],
  ['a report on a full disk', 'inventory IMAGE -o json=/dev/full', 2, /ENOSPC.*OUTPUT_NOT_WRITABLE/],
  ['an image that is not there', 'inventory dir:FOLDER/none', 2, /IMAGE_NOT_FOUND/],
  ...[
    'FOLDER/none.tar',
    './none.tar',
    '../none',
    'none.tar',
    'none.tar.gz',
    'none.tgz',
    'none.json',
    'none.spdx.json.gz',
    '~/none',
    'none/',
  ].map((path): [string, string, number, RegExp] => [
    `a path where nothing is: ${path}`,
    `inventory ${path}`,
    2,
    /no such file: .*none.* \[IMAGE_NOT_FOUND\]/,
  ]),
  [
    'an age that begins with a dash',
    'scan IMAGE --feed FEED --max-age -1d',
    2,
    /argument is ambiguous \[USAGE\]\n.*--max-age=-VALUE/,
  ],
  [
    'an image that is none',
    'inventory docker-archive:FOLDER/text',
    2,
    /expected a tar, found text \[IMAGE_MALFORMED\].*docker save/s,
  ],
  [
    'a tar without files',
    'inventory FOLDER/empty.tar',
    2,
    /found an empty tar: it has no files \[IMAGE_MALFORMED\].*next: check that the command that wrote it \(docker save/s,
  ],
  [
    'pull: a place without its option',
    'pull https://x.example',
    2,
    /write it as --from https:\/\/x\.example/,
  ],
  [
    'bundle: a place without its option',
    'bundle FOLDER',
    2,
    /found 1 argument \[USAGE\].*write it as --from /s,
  ],
  ['an age that is none', 'scan IMAGE --feed FEED --max-age x', 2, /write it as 36h, 7d or 7 \(days\)/],
  ['explain: a flaw', 'explain IMAGE CVE-2024-0001 a --feed FEED --max-age 0', 0, /^$/],
  ['explain: a flaw of other packages', 'explain IMAGE CVE-2024-0002 a --feed FEED --max-age 0', 0, /^$/],
  ['explain: an id of the vendor', 'explain IMAGE TEMP-0000001-ABCDEF a --feed FEED --max-age 0', 0, /^$/],
  ['explain: an advisory', 'explain IMAGE DSA-5000-1 a --feed FEED --max-age 0', 0, /^$/],
  [
    'explain: an advisory of another package',
    'explain IMAGE DSA-5000-1 b --feed FEED --max-age 0',
    2,
    /DSA-5000-1 is no vulnerability.*write it as CVE/s,
  ],
  [
    'explain: a CVE that nothing names',
    'explain IMAGE CVE-1999-0001 a --feed FEED --max-age 0',
    4,
    /not covered: nothing in this feed names CVE-1999-0001/,
  ],
  [
    'explain: nonsense',
    'explain IMAGE nonsense a --feed FEED --max-age 0',
    2,
    /no vulnerability that this feed knows.*write it as CVE/s,
  ],
  [
    'explain: a CVE in small letters',
    'explain IMAGE cve-2024-0001 a --feed FEED --max-age 0',
    2,
    /did you mean CVE-2024-0001\?/,
  ],
  [
    'explain: a package that is not installed',
    'explain IMAGE CVE-2024-0001 z --feed FEED --max-age 0',
    2,
    /USAGE/,
  ],
  [
    'explain: a package without data',
    'explain IMAGE CVE-2024-0001 foreign --feed FEED --max-age 0',
    4,
    /^not covered: .*package/,
  ],
  [
    'explain: no package, one of the image without data',
    'explain IMAGE CVE-2024-0001 --feed FEED --max-age 0',
    4,
    /^not covered: 1 package/,
  ],
  ['explain: no package, nonsense', 'explain IMAGE nonsense --feed FEED --max-age 0', 2, /no vulnerability/],
  ['explain: an old feed', 'explain IMAGE CVE-2024-0001 a --feed FEED --max-age 1h', 3, /FEED_STALE/],
  ['feeds: none', 'feeds --feed FOLDER/none', 3, /FEED_MISSING/],
  ['diff: html for one image', 'diff FEED FEED --inventory IMAGE -o html', 2, /html shows two feeds/],
  ['diff: html for two feeds', 'diff FEED FEED -o html', 0, /^$/],
  ['diff: folders that are not there', 'diff out.old out.new --feed FEED', 2, /there is no folder out.old/],
  ['diff: a feed that is not there', 'diff FEED FOLDER/none', 3, /FEED_MISSING/],
  ['diff: an inventory that is none', 'diff FEED FEED --inventory FOLDER/text.json', 2, /USAGE|NOT_FOUND/],
  ['validate: a document that is wrong', 'validate FOLDER/malformed.xml', 1, /^$/],
  [
    'validate: a file that is not there',
    'validate FOLDER/none.xml',
    2,
    /\[[A-Z_]+\].*specify an XML file, or the folder of a feed/s,
  ],
  ['one argument too few', 'explain IMAGE', 2, /found 1 argument \[USAGE\]/],
  ['compile: content that is not there', 'compile FOLDER/none.xml', 3, /CONTENT_MISSING/],
  ['compile: content that is none', 'compile FOLDER/text', 3, /CONTENT_MALFORMED/],
  ['comply: content that is not there', 'comply IMAGE --content FOLDER/none.xml', 3, /CONTENT_MISSING/],
  ['fix: results that are none', 'fix --results FOLDER/text', 2, /USAGE/],
  ['verify: packages without a list', 'verify IMAGE', 4, /PACKAGE_DATABASE_UNREADABLE/],
  ['build: no snapshots', 'build --offline --snapshots FOLDER/none --out FOLDER/out', 3, /SNAPSHOT_MISSING/],
  [
    'build: a mirror that is not there',
    'build --mirror FOLDER/none --out FOLDER/out',
    2,
    /no such folder: .*none/,
  ],
  [
    'build: the sample without its colon',
    'build --mirror sample --out FOLDER/out',
    2,
    /no such folder: .*\/sample \[USAGE\]\s+next: did you mean --mirror sample:\?/,
  ],
  [
    'build: the server of a mirror without a scheme',
    'build --mirror mirror.example.test:8443/vendors --out FOLDER/out',
    2,
    /or a server by its address: --mirror https:\/\/mirror\.example\.test:8443\/vendors\n/,
  ],
  [
    'snapshots: of a folder that is not there',
    'snapshots --snapshots FOLDER/none',
    2,
    /no such folder: .*none/,
  ],
  ['snapshots: of a mirror that is not there', 'snapshots --mirror FOLDER/none', 2, /no such folder: .*none/],
  ['feeds: a variable that was empty', 'feeds --feed=', 2, /--feed: expected a value, found nothing/],
  ['build: a variable that was empty', 'build --offline --out=', 2, /--out: expected a value, found nothing/],
  ['snapshots: a variable that was empty', 'snapshots --snapshots=', 2, /--snapshots: expected a value/],
  ['scan: a variable that was empty', 'scan IMAGE --feed=', 2, /--feed: expected a value, found nothing/],
  [
    'two reports in one file',
    'inventory IMAGE -o json=FOLDER/same -o table=FOLDER/./same',
    2,
    /two reports go to .*same/,
  ],
  [
    'fix: results in another form',
    'fix --results FOLDER/malformed.xml',
    2,
    /are not JSON.*\n.*comply … -o json/s,
  ],
  ['fix: results that are not there', 'fix --results FOLDER/none', 2, /cannot be read/],
  ['validate: a feed without platforms', 'validate EMPTY', 3, /no platform: nothing can be judged/],
  ['build: a source that is not there', 'build --source debain', 2, /did you mean debian\?/],
  [
    'build: an output that is somebody else',
    'build --offline --snapshots FOLDER --out FOLDER',
    2,
    /contains other files.*\[OUTPUT_NOT_WRITABLE\]/,
  ],
  [
    'pull: a folder that is not there',
    'pull --from FOLDER/none --out FOLDER/pulled',
    3,
    /TRUST_ROOT_MISSING|FETCH/,
  ],
  ['keys: a role that is not there', 'keys rotate --keys FOLDER/none --role none', 2, /\[[A-Z_]+\]/],
];

const wordsOf = (text: string) =>
  text
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => word.replace('EMPTY', empty).replace('IMAGE', image).replace('FEED', feed))
    .map((word) => word.replace('FOLDER', folder));

async function expectEnd(...[, text, code, said]: Situation): Promise<void> {
  const result = text === '' ? scapfeed([]) : await runHere(wordsOf(text));
  expect(result.err).toMatch(said);
  expect(result.err).not.toContain('INTERNAL');
  expect(result.err).not.toContain('\\u000a');
  expect(result.code).toBe(code);
}

describe('the exit code by situation', () => {
  it.each(situations)('%s', (...situation) => expectEnd(...situation));

  // Each tries again for seven seconds: both at once.
  it.concurrent.each([
    'inventory registry:127.0.0.1:1/app:1',
    'explain registry:127.0.0.1:1/app:1 CVE-2024-0001 a --feed FEED',
  ])('a registry that cannot be reached: %s', (text) =>
    expectEnd(
      'a registry that cannot be reached',
      text,
      2,
      /the image cannot be fetched.*\[IMAGE_UNREACHABLE\].*check the network and the proxy settings/s,
    ),
  );

  it.each([0, 1, 2, 3, 4])('%d is what the process ends with', (code) => {
    const [, text, , said] = situations.find((one) => one[1] !== '' && one[2] === code)!;
    const ended = scapfeed(wordsOf(text));

    expect(ended.err).toMatch(said);
    expect(ended.code).toBe(code);
  });
});

describe('what is odd but possible is told as such, and not as an internal error', () => {
  const odd: Record<string, string> = {
    'a folder': '',
    'a text': 'text',
    'JSON that is null': 'null',
    'a manifest whose lists hold nothing': '{"format":2,"platforms":[null],"outputs":[null]}',
    'a manifest without most of it': '{"format":2,"platforms":[],"outputs":[]}',
    'results whose rules are nothing': '{"rules":[null],"benchmark":{}}',
  };
  const paths = Object.entries(odd).map(([what, text], at) => {
    const feedOfIt = join(folder, `odd${at}`);
    mkdirSync(feedOfIt);
    if (text === '') mkdirSync(join(feedOfIt, 'manifest.json'));
    else writeFileSync(join(feedOfIt, 'manifest.json'), text);
    return [what, feedOfIt] as const;
  });

  it.each(paths)('%s', async (_, path) => {
    for (const words of [
      ['feeds', '--feed', path],
      ['scan', image, '--feed', path],
      ['diff', feed, path],
      ['validate', '--rebuild', path],
      ['validate', path],
      ['compile', join(path, 'manifest.json')],
      ['fix', '--results', join(path, 'manifest.json')],
      ['inventory', image, '-o', `json=${join(at('text'), 'x')}`],
      ['diff', feed, feed, '--inventory', join(path, 'manifest.json')],
    ]) {
      const { code, err } = await runHere(words);
      expect(err, words.join(' ')).toMatch(/^scapfeed: .* \[[A-Z_]+\]$/m);
      expect(err, words.join(' ')).not.toContain('INTERNAL');
      expect([2, 3], words.join(' ')).toContain(code);
    }
  });

  it.each(['abc', '', '-1', '1.5', '253402300800', '99999999999999'])(
    'SOURCE_DATE_EPOCH of "%s"',
    async (text) => {
      writeFileSync(at('content.xml'), benchmark(rule('root')));
      writeFileSync(at('oval.xml'), lineCheck('/etc/os-release', '^ID=debian$'));
      for (const words of [
        ['comply', image, '--content', at('content.xml')],
        ['tailor', at('ours.xml'), '--content', at('content.xml'), '--unselect', 'root'],
        ['build', '--offline', '--snapshots', folder, '--out', at('built')],
        ['publish', '--feed', feed, '--to', at('published')],
        ['keys', 'make', '--keys', at('keys')],
      ]) {
        const { code, err } = await runHere(words, {
          SOURCE_DATE_EPOCH: text,
          SCAPFEED_PASSPHRASE: 'correct horse battery',
        });
        expect(err).toContain(`SOURCE_DATE_EPOCH is ${text || 'empty'}, expected seconds since 1970 [USAGE]`);
        expect(code).toBe(2);
      }
    },
  );

  it('a working directory that is gone', () => {
    const command = `mkdir gone && cd gone && rmdir ../gone && exec "${process.execPath}" "${join(project, 'dist/cli.cjs')}" scan "${image}"`;
    const { status, stderr } = spawnSync('bash', ['-c', command], { cwd: folder, encoding: 'utf8' });

    expect(stderr).toMatch(/^scapfeed: .*\[[A-Z_]+\]$/m);
    expect(stderr).not.toContain('INTERNAL');
    expect([2, 3]).toContain(status);
  });
});

describe('explain of a directory', () => {
  it('has no line for the layer', () => {
    const { out } = scapfeed(['explain', image, 'CVE-2024-0001', 'a', '--feed', feed, '--max-age', '0']);
    expect(out).toMatch(/^ {2}installed /m);
    expect(out).not.toMatch(/^ {2}layer/m);
  });
});

describe('explain of an advisory', () => {
  it('tells each vulnerability that it fixes in the package', () => {
    const { out } = scapfeed(['explain', image, 'DSA-5000-1', 'a', '--feed', feed, '--max-age', '0']);

    expect(out).toContain('CVE-2024-0003 in a on debian-12: affected, fix available');
    expect(out).toContain('CVE-2024-0004 in a on debian-12: affected, fix available');
    expect(out).not.toContain('CVE-2024-0001');
  });
});

describe('explain without a package', () => {
  const whole = rootWith({
    'etc/os-release': debianRelease('12', 'bookworm'),
    'var/lib/dpkg/status': stanza('a', '1') + stanza('a-tools', '1', { Source: 'a' }) + stanza('b', '1'),
  });
  const ask = (id: string, ...args: string[]) =>
    scapfeed(['explain', whole, id, '--feed', feed, '--max-age', '0', ...args]);

  it('lists the packages that the vulnerability has a verdict for, and how to ask why', () => {
    const { out, code } = ask('CVE-2024-0001');
    expect(code).toBe(0);
    expect(out).toMatch(/^a:amd64 +1 +high +no fix yet/m);
    expect(out).toMatch(/^a-tools:amd64 +1 +high +no fix yet/m);
    expect(out).not.toMatch(/^b:/m);
    const [, next] = /^why: scapfeed (explain dir:\S+ CVE-2024-0001 a .+)$/m.exec(out)!;
    const why = scapfeed(next!.split(' '));
    expect(why.out).toContain('CVE-2024-0001 in a');
    expect(why.code).toBe(0);
    const more = ask('CVE-2024-0001', '--no-cache', '-o', 'table', '--platform', 'debian-12');
    expect(more.out).toMatch(/^why: .+ a --feed \S+ --max-age 0 --no-cache --platform debian-12$/m);
    const document = JSON.parse(ask('CVE-2024-0001', '-o', 'json').out);
    expect(schemaErrors('explained-packages', document)).toEqual([]);
    expect(document.packages).toHaveLength(2);
  });

  it('lists what an advisory fixes; of other releases it says that there is nothing here; 4 where nothing names it', () => {
    expect(ask('DSA-5000-1').out.match(/fix available/g)).toHaveLength(4);
    expect(ask('CVE-2024-0002')).toMatchObject({
      code: 0,
      out: expect.stringContaining(
        'the feed has no statement about CVE-2024-0002 in a package of this image',
      ),
    });
    expect(ask('CVE-1999-0001')).toMatchObject({
      code: 4,
      err: expect.stringContaining('nothing in this feed names CVE-1999-0001'),
    });
  });
});

describe('explain as JSON', () => {
  it('keeps its schema, for a verdict, for silence, and for what no feed names', () => {
    const explain = (id: string) =>
      JSON.parse(scapfeed(['explain', image, id, 'a', '--feed', feed, '--max-age', '0', '-o', 'json']).out);

    for (const id of ['CVE-2024-0001', 'CVE-2024-0002', 'CVE-1999-0001']) {
      expect(schemaErrors('explanation', explain(id))).toEqual([]);
    }
    expect(explain('CVE-2024-0001').verdicts[0].verdict).toMatchObject({
      status: 'affected',
      severity: 'high',
    });
    expect(explain('CVE-2024-0002')).toMatchObject({ known: true, verdicts: [] });
    expect(explain('CVE-1999-0001')).toMatchObject({ known: false, verdicts: [] });
  });
});

describe('a report in a file', () => {
  const write = (file: string) => scapfeed(['inventory', image, '-o', `json=${file}`]);

  it('-o json=- is stdout, and makes no file of that name', () => {
    const cwd = temporaryFolder();
    const { out, code } = scapfeed(['inventory', image, '-o', 'json=-'], {}, cwd);

    expect(JSON.parse(out).packages).toHaveLength(3);
    expect(readdirSync(cwd)).toEqual([]);
    expect(code).toBe(0);
  });

  it('replaces the old one as a whole and leaves nothing beside it', () => {
    const here = temporaryFolder();
    writeFileSync(join(here, 'report.json'), 'x'.repeat(1_000_000), { mode: 0o600 });
    symlinkSync('report.json', join(here, 'link.json'));

    expect(write(join(here, 'link.json')).code).toBe(0);
    expect(JSON.parse(readFileSync(join(here, 'report.json'), 'utf8')).packages).toHaveLength(3);
    expect(readdirSync(here).sort()).toEqual(['link.json', 'report.json']);
  });

  it('that cannot be written to its end leaves the old one', () => {
    const here = temporaryFolder();
    const many = Array.from({ length: 500 }, (_, n) => stanza(`p${n}`, '1')).join('');
    const root = rootWith({
      'etc/os-release': debianRelease('12', 'bookworm'),
      'var/lib/dpkg/status': many,
    });
    writeFileSync(join(here, 'report.json'), 'the old report');
    // No file may grow beyond 8 kB: the report has more.
    const command = `ulimit -f 8; exec "${process.execPath}" "${join(project, 'dist/cli.cjs')}" inventory "${root}" -o json=report.json`;
    const { status } = spawnSync('bash', ['-c', command], { cwd: here });

    expect(status).not.toBe(0);
    expect(readFileSync(join(here, 'report.json'), 'utf8')).toBe('the old report');
  });
});
