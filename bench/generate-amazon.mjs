// Amazon's lists of updates at full size, as a mirror: all channels of three releases, each with its list of mirrors and repomd.xml.
// Sizes are those of the real lists of February 2025, of which 70 % are at hand, and what came since at their rate. Deterministic.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const cdn = 'cdn.amazonlinux.com';
const topics = Array.from({ length: 38 }, (_, at) => `topic${at}`);

/** The address of a list of mirrors -> its updates, the share of them that are debug packages, and what their builds end with. */
const channels = {
  'repo.us-west-2.amazonaws.com/2018.03/updates/x86_64/mirror.list': [1900, 0.1, 'amzn1'],
  [`${cdn}/2/core/latest/x86_64/mirror.list`]: [2300, 0.25, 'amzn2'],
  ...Object.fromEntries(
    topics.map((topic) => [`${cdn}/2/extras/${topic}/latest/x86_64/mirror.list`, [50, 0.4, 'amzn2']]),
  ),
  [`${cdn}/al2023/core/mirrors/latest/x86_64/mirror.list`]: [1700, 0.58, 'amzn2023'],
  [`${cdn}/al2023/kernel-livepatch/mirrors/latest/x86_64/mirror.list`]: [60, 0, 'amzn2023'],
  [`${cdn}/al2023/nvidia/mirrors/latest/x86_64/mirror.list`]: [20, 0, 'amzn2023'],
};

const sources = 600;

/** The binaries of a source, eleven on average. */
export function binariesOf(source) {
  const count = source % 25 === 0 ? 60 : 1 + ((source * 5) % 18);
  return Array.from({ length: count }, (_, at) => `source${source}${at === 0 ? '' : `-part${at}`}`);
}

/** Writes all channels; returns their updates and the bytes of the lists before they are packed. */
export function generateAmazon(mirror, share = 1) {
  const write = (path, content) => {
    mkdirSync(dirname(join(mirror, path)), { recursive: true });
    writeFileSync(join(mirror, path), content);
  };
  const made = { updates: 0, bytes: 0 };
  write(
    `${cdn}/2/extras-catalog.json`,
    JSON.stringify({ topics: topics.map((n) => ({ n, inst: [n], versions: ['stable'] })) }),
  );
  for (const [list, [count, debug, ending]] of Object.entries(channels)) {
    const base = list
      .replace('repo.us-west-2.', 'packages.us-west-2.')
      .replace('latest', '2.0')
      .replace(/mirror\.list$/, '0a1b2c3d');
    const updates = Math.ceil(count * share);
    const text = listOf(list, updates, debug, ending);
    const packed = gzipSync(text);
    write(list, `https://${base}\n`);
    write(`${base}/repodata/updateinfo.xml.gz`, packed);
    write(`${base}/repodata/repomd.xml`, repomdOf(packed));
    made.updates += updates;
    made.bytes += text.length;
  }
  return made;
}

function repomdOf(packed) {
  const digest = createHash('sha256').update(packed).digest('hex');
  return `<?xml version="1.0" encoding="UTF-8"?>
<repomd xmlns="http://linux.duke.edu/metadata/repo">
  <revision>1790000000</revision>
  <data type="updateinfo">
    <checksum type="sha256">${digest}</checksum>
    <location href="repodata/updateinfo.xml.gz"/>
    <timestamp>1790000000</timestamp>
    <size>${packed.length}</size>
  </data>
</repomd>
`;
}

function listOf(list, count, debug, ending) {
  // Topics have packages of their own, and some of core's.
  const topic = /extras\/topic(\d+)/.exec(list)?.[1];
  const first = topic === undefined ? 0 : Number(topic) * 7;
  const range = topic === undefined ? sources : 8;
  const updates = Array.from({ length: count }, (_, at) =>
    updateOf(at, { source: first + (at % range), round: Math.floor(at / range), debug, ending, topic }),
  );
  return `<?xml version="1.0"?>\n<updates>\n${updates.join('')}</updates>\n`;
}

function updateOf(at, { source, round, debug, ending, topic }) {
  const year = 2018 + (at % 9);
  const id = `ALAS${topic === undefined ? '' : `TOPIC${topic}`}-${year}-${1000 + at}`;
  const severity = ['low', 'medium', 'important', 'critical'][at % 4];
  const cves = Array.from({ length: 1 + (at % 5) }, (_, nth) => `CVE-${year}-${10_000 + at * 5 + nth}`);
  const version = `${topic === undefined ? 1 : 2 + (Number(topic) % 3)}.${round}`;
  const release = `${1 + (at % 30)}.${ending}.0.${at % 4}`;
  const packages = binariesOf(source).flatMap((name, nth) => {
    const names = (nth * 7 + at) % 100 < debug * 100 ? [name, `${name}-debuginfo`] : [name];
    return names.flatMap((each) =>
      ['x86_64', 'aarch64'].map((arch) => packageOf(each, version, release, arch)),
    );
  });
  const told = cves.map(
    (cve) =>
      `${cve}:\n\tA flaw was found in source${source}: number ${at} of its parser reads out of bounds when it is given crafted input, which lets a local user crash it. The highest threat from this vulnerability is to system availability.\n${1_500_000 + at}: \n${cve} source${source}: out-of-bounds read\n`,
  );
  return `  <update author="linux-security@amazon.com" from="linux-security@amazon.com" status="final" type="security" version="1.4">
    <id>${id}</id>
    <title>Amazon Linux - ${id}: ${severity} priority package update for source${source}</title>
    <issued date="${year}-${String(1 + (at % 12)).padStart(2, '0')}-26 17:17:00"/>
    <updated date="${year}-${String(1 + (at % 12)).padStart(2, '0')}-26 22:32:00"/>
    <severity>${severity}</severity>
    <description>Package updates are available for Amazon Linux that fix the following vulnerabilities:
${told.join('\n')}</description>
    <references>
${cves.map((cve) => `      <reference href="http://cve.mitre.org/cgi-bin/cvename.cgi?name=${cve}" id="${cve}" title="" type="cve"/>\n`).join('')}    </references>
    <pkglist>
      <collection short="amazon-linux">
        <name>Amazon Linux</name>
${packages.join('')}      </collection>
    </pkglist>
  </update>
`;
}

function packageOf(name, version, release, arch) {
  return `        <package arch="${arch}" epoch="0" name="${name}" release="${release}" version="${version}">
          <filename>Packages/${name}-${version}-${release}.${arch}.rpm</filename>
        </package>
`;
}
