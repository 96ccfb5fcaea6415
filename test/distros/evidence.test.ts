import { describe, expect, it } from 'vitest';
import { sourceOf } from '../../src/distros/builds.ts';
import { createHttp } from '../../src/io/http/create-http.ts';
import { expandEvidence, type Statement, splitEvidence } from '../../src/model/feed/index.ts';
import type { EvidenceDocument } from '../../src/sources/contract.ts';
import { openSnapshotStore } from '../../src/sources/snapshots.ts';
import { collectingSink } from '../support/sources.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { writeAlpineMirror } from './alpine/world.ts';
import { avg, writeArchMirror } from './arch/world.ts';
import { pair, writeMirror } from './debian/world.ts';
import { dhiRecord, writeDhiMirror } from './dhi/world.ts';
import { writeEchoMirror } from './echo/world.ts';
import { writeAlmaMirror } from './rebuild/almalinux/world.ts';
import { writeAnolisMirror } from './rebuild/anolis/world.ts';
import { writeAzureMirror } from './rebuild/azurelinux/world.ts';
import { writeBottlerocketMirror } from './rebuild/bottlerocket/world.ts';
import { bodhiUpdate, writeFedoraMirror } from './rebuild/fedora/world.ts';
import { writeOpenEulerMirror } from './rebuild/openeuler/world.ts';
import { writeOracleMirror } from './rebuild/oracle/world.ts';
import { writePhotonMirror } from './rebuild/photon/world.ts';
import { writeRockyMirror } from './rebuild/rocky/world.ts';
import { fixRecord, writeCleanstartMirror } from './rolling/records-world.ts';
import { writeRollingMirror } from './rolling/world.ts';

/** The records of a vendor, by number, in the order of its document. Each has a version of its own. */
const versionOf = (number: number) => `3.0.${number}`;
const cveOf = (number: number) => `CVE-2024-${number}`;
const erratum = (id: string, number: number) => ({
  id,
  name: id,
  cves: [cveOf(number)],
  packages: [`openssl-1:${versionOf(number)}-1.el9_3.x86_64`],
});

const mirrors: Readonly<Record<string, (numbers: readonly number[]) => string>> = {
  almalinux: (numbers) =>
    writeAlmaMirror({ errata: { 9: numbers.map((number) => erratum(`ALSA-2024:${number}`, number)) } }),
  rocky: (numbers) =>
    writeRockyMirror({ advisories: numbers.map((number) => erratum(`RLSA-2024:${number}`, number)) }),
  oracle: (numbers) =>
    writeOracleMirror({
      8: numbers.map((number) => ({
        id: `ELSA-2024-${number}`,
        cves: [cveOf(number)],
        releases: { 8: { x86_64: [`openssl < 1:${versionOf(number)}-1.el8`] } },
      })),
    }),
  fedora: (numbers) => {
    const updates = numbers.map((number) =>
      bodhiUpdate({
        id: `FEDORA-2024-${number}`,
        packages: [`openssl-1:${versionOf(number)}-1.fc43.x86_64`],
        bugs: [`${cveOf(number)} openssl: a flaw`],
      }),
    );
    return writeFedoraMirror({ 43: { x86_64: updates, aarch64: [] } });
  },
  anolis: (numbers) =>
    writeAnolisMirror({
      23: numbers.map((number) => ({
        id: `ANSA-2025:${number}`,
        cves: [cveOf(number)],
        rows: [`openssl < 0:${versionOf(number)}-1.an23`],
      })),
    }),
  arch: (numbers) =>
    writeArchMirror(numbers.map((number) => avg(number, 'openssl', { fixed: `${versionOf(number)}-1` }))),
  bottlerocket: (numbers) =>
    writeBottlerocketMirror(
      numbers.map((number) => ({
        ...{ id: `BRSA-${number}`, cves: [cveOf(number)] },
        packages: [`openssl-1:${versionOf(number)}-1.br1.x86_64`],
      })),
    ),
  cleanstart: (numbers) =>
    writeCleanstartMirror(
      numbers.map((number) => fixRecord(number, 'openssl', `${versionOf(number)}-r0`, [cveOf(number)])),
    ),
  dhi: (numbers) =>
    writeDhiMirror(
      numbers.map((number) =>
        dhiRecord(cveOf(number), 'openssl', 'deb 13', {
          events: [{ introduced: '0' }, { fixed: `${versionOf(number)}-1` }],
        }),
      ),
    ),
  echo: (numbers) =>
    writeEchoMirror({
      openssl: Object.fromEntries(
        numbers.map((number) => [cveOf(number), { fixed_version: `${versionOf(number)}-1` }]),
      ),
    }),
  openeuler: (numbers) =>
    writeOpenEulerMirror(
      numbers.map((number) => ({
        cve: cveOf(number),
        fixed: { '24.03-LTS': [`openssl-${versionOf(number)}-1.oe2403.x86_64`] },
      })),
    ),
  photon: (numbers) =>
    writePhotonMirror({
      5: numbers.map((number) => ({
        page: `5.0-${number % 2}`,
        cves: [cveOf(number)],
        rows: [`openssl < 0:${versionOf(number)}-1.ph5`],
      })),
    }),
  azurelinux: (numbers) =>
    writeAzureMirror({
      'azurelinux-3.0': numbers.map((number) => ({
        id: number,
        cve: cveOf(number),
        name: `source-${number % 3}`,
        builds: [`< 0:${versionOf(number)}-1.azl3`],
      })),
    }),
  alpine: (numbers) => {
    const secfixes = numbers.map((number) => [
      `source-${number}`,
      { [`${versionOf(number)}-r0`]: [cveOf(number)] },
    ]);
    return writeAlpineMirror({
      'v3.20/main': { secfixes: Object.fromEntries(secfixes) },
      'v3.20/community': { secfixes: {} },
    });
  },
  wolfi: (numbers) =>
    writeRollingMirror(
      'wolfi',
      Object.fromEntries(
        numbers.map((number) => [`source-${number}`, { [`${versionOf(number)}-r0`]: [cveOf(number)] }]),
      ),
    ),
  debian: (numbers) => {
    const dla = numbers.flatMap((number) => [
      `[10 Oct 2023] DLA-${number}-1 openssl - security update`,
      `\t{${cveOf(number)}}`,
      `\t[stretch] - openssl ${versionOf(number)}-1`,
    ]);
    const tracker = pair('other', cveOf(9999), { bookworm: { status: 'open', urgency: 'low' } });
    return writeMirror({ tracker, dla: `${dla.join('\n')}\n` });
  },
};

/** The statements of a mirror, and the vendor's text behind each. */
async function readMirror(id: string, mirror: string) {
  const http = createHttp({ mirror });
  const store = openSnapshotStore(temporaryFolder());
  const source = sourceOf(id)!;
  const sink = collectingSink(id);
  const inputs = await source.fetch({ http, store, now: new Date('2026-11-24'), progress: () => {} });
  await http.close();
  await source.read(inputs, store, sink);
  const behind = async ({ evidence, advisories, ...ids }: Statement) => {
    const told = expandEvidence(evidence, { ...ids, advisory: advisories?.[0] ?? '' });
    const { input, pointer } = splitEvidence(told);
    const from = inputs.find((known) => known.id === input)!;
    const document = await source.evidence(from, pointer, inputs, store);
    return document && textAt(document);
  };
  return { statements: sink.statements, behind };
}

describe.each(Object.entries(mirrors))('evidence of %s', (source, mirror) => {
  it('does not change when the vendor writes new records above the old ones, and still finds the record', async () => {
    const newer = Array.from({ length: 120 }, (_, at) => 2000 + at);
    const before = await readMirror(source, mirror([1000]));
    const after = await readMirror(source, mirror([...newer, 1000]));

    const now = after.statements.find(({ vulnerability }) => vulnerability === cveOf(1000))!;
    expect(now).toEqual(before.statements.find(({ vulnerability }) => vulnerability === cveOf(1000)));

    const other = after.statements.find(({ vulnerability }) => vulnerability === cveOf(2007))!;
    expect(await after.behind(now)).toContain(versionOf(1000));
    expect(await after.behind(now)).not.toContain(versionOf(2007));
    expect(await after.behind(other)).toContain(versionOf(2007));
  });

  it('that the documents do not have is not found', async () => {
    const { statements, behind } = await readMirror(source, mirror([1000]));
    const known = statements.find(({ vulnerability }) => vulnerability === cveOf(1000))!;
    const strange = { ...known, package: 'zebra', vulnerability: 'CVE-1999-1', advisories: ['X-1'] };
    expect([await behind(known), await behind(strange)]).toEqual([expect.any(String), undefined]);
  });
});

/** A line, a JSON value or the whole document. */
function textAt({ bytes, pointer }: EvidenceDocument): string {
  const text = bytes.toString();
  if (pointer.startsWith('line:')) return text.split('\n')[Number(pointer.slice(5)) - 1]!;
  if (text.startsWith('<')) return text;
  let value: unknown = JSON.parse(text);
  for (const key of pointer.split('/').slice(1)) value = (value as Record<string, unknown>)[key];
  return JSON.stringify(value);
}
