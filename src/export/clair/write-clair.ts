import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Feed } from '../../feed/read/feed.ts';
import { vulnerabilityLines } from '../../feed/read/whole-file.ts';
import { clairSeverities, type Vulnerability, vendorWord } from '../../model/feed/index.ts';
import { type NamedRelease, releasesWith } from '../releases.ts';
import type { ClairNames } from '../rows/distro-export.ts';
import type { ExportRow } from '../rows/rows.ts';
import type { ExportTarget, TargetWork } from '../target.ts';

export const clairTarget: ExportTarget = { name: 'clair', title: 'Clair', write: writeClair };

/** `updates.json.gz`, which `clairctl import-updaters` reads. */
async function writeClair(work: TargetWork): Promise<void> {
  const releases = releasesWith(work.feed, work.inexact, 'Clair', ({ clair }) => clair);
  const out = createWriteStream(join(work.folder, 'updates.json.gz'));
  await pipeline(piecesOf(releases, work), createGzip({ level: 6 }), out);
}

const pieceLength = 1 << 20;

/** One operation per release, whose values follow each other: the reader ends an operation where the reference changes. */
function* piecesOf(releases: readonly NamedRelease<ClairNames>[], work: TargetWork): Generator<string> {
  const texts = new VulnerabilityTexts(work.feed);
  let text = '';
  for (const [done, release] of releases.entries()) {
    const { updater } = release.names;
    work.progress('writing Clair', { done, total: releases.length, unit: 'platforms' });
    const { updated } = release.platform;
    const head = {
      Updater: updater,
      Fingerprint: updated,
      Date: updated,
      Ref: uuidOf(`${updater} ${updated}`),
      Kind: 'vulnerability',
    };
    const start = `${JSON.stringify(head).slice(0, -1)},"Vuln":{`;
    for (const vulnerability of vulnerabilitiesOf(release, work, texts)) {
      text += `${start}${vulnerability}}}\n`;
      if (text.length < pieceLength) continue;
      yield text;
      text = '';
    }
  }
  yield text;
}

/** The members of each vulnerability's object, as JSON. */
function* vulnerabilitiesOf(
  { platform, release, names }: NamedRelease<ClairNames>,
  { feed, inexact }: TargetWork,
  texts: VulnerabilityTexts,
): Generator<string> {
  for (const { package: name, rows } of release.lines()) {
    for (const row of rows) {
      if (row.status === 'not_affected' || row.status === 'fixed') continue;
      noteInexact(platform.id, name, row, inexact);
      inexact.wrote(platform.id, row.ids.length);
      const links = linksText(row.advisories.flatMap((advisory) => feed.advisory(advisory)?.url ?? []));
      const ends = names.places.map((place) =>
        members({
          ...ratingOf(row),
          updater: names.updater,
          package: packageOf(name, release.subject, row),
          ...place,
          ...(row.arch === undefined ? {} : { arch_op: 'pattern match' }),
        }),
      );
      for (const id of row.ids) {
        const start = texts.of(id, links);
        for (const end of ends) yield `${start},${end}`;
      }
    }
  }
}

/** The texts that all rows of a vulnerability share, as JSON: made once, as a vulnerability has rows in most releases. */
class VulnerabilityTexts {
  readonly #texts = new Map<string, VulnerabilityText>();

  constructor(feed: Feed) {
    for (const details of vulnerabilityLines(feed)) this.#texts.set(details.id, textOf(details));
  }

  /** With links in addition to its own. */
  of(id: string, more: string): string {
    const { facts, links } = this.#texts.get(id) ?? textOf({ id });
    return `${facts},"links":"${links}${links === '' || more === '' ? '' : ' '}${more}"`;
  }
}

interface VulnerabilityText {
  facts: string;
  links: string;
}

function textOf({ id, description = '', references = [], published }: Vulnerability): VulnerabilityText {
  const known = published === undefined ? Number.NaN : Date.parse(published);
  const issued = Number.isNaN(known) ? '0001-01-01T00:00:00Z' : new Date(known).toISOString();
  return { facts: members({ id: '', name: id, description, issued }), links: linksText(references) };
}

/** Separated by blanks; without the quotes of a JSON string. */
function linksText(urls: readonly string[]): string {
  return JSON.stringify(urls.filter((url) => !/\s/.test(url)).join(' ')).slice(1, -1);
}

/** An object's JSON without its braces. */
function members(value: object): string {
  return JSON.stringify(value).slice(1, -1);
}

function ratingOf(row: ExportRow) {
  const severity = vendorWord(row);
  return {
    severity: severity === 'unknown' ? '' : severity,
    normalized_severity: clairSeverities[severity],
    fixed_in_version: row.fixed ?? '',
  };
}

function packageOf(name: string, subject: 'source' | 'binary', { module = '', arch }: ExportRow): object {
  return { id: '', name, version: '', kind: subject, module, arch: arch?.join('|') ?? '' };
}

/** A reference that is the same for the same data, as a UUID of version 8 (RFC 9562). */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(`scapfeed clair ${text}`).digest('hex');
  const variant = '89ab'[Number.parseInt(hex[16]!, 16) % 4]!;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function noteInexact(platform: string, name: string, row: ExportRow, inexact: TargetWork['inexact']): void {
  const { ids, status, fixState, severalFixes } = row;
  if (status === 'under_investigation') inexact.item(platform, 'under_investigation', notDecided, name, ids);
  if (fixState !== undefined && fixState !== 'available' && fixState !== 'none_yet')
    inexact.item(platform, fixState, noState, name, ids);
  if (severalFixes) inexact.item(platform, 'several_channels', severalChannels, name, ids);
}

const notDecided = 'The vendor has not decided yet; Clair has no word for it and says vulnerable.';
const noState = 'Clair has no word for why there is no fix, or for a fix that the system may not get.';
const severalChannels = 'Of fixes in several channels the lowest is written.';
