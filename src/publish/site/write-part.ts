import { someAtOnce } from '../../io/at-once.ts';
import { feedFormat, isContentPath } from '../../model/feed/index.ts';
import type { Encoding } from '../../published/names.ts';
import { targetPath } from '../../published/names.ts';
import { contentPatch, patchName } from '../delta/content-patch.ts';
import { makeDelta, type OldPart } from '../delta/delta.ts';
import { compress } from '../feed/encoding.ts';
import { isOffsets, sha256 } from '../feed/lines.ts';
import type { FeedPart } from '../feed/part.ts';
import type { TargetInfo } from '../tuf/metadata.ts';
import type { Site } from './layout.ts';
import { fileInfo } from './sign-site.ts';
import type { PublishedPart } from './state.ts';

/** An earlier state of a platform, from which a delta may lead to the new one. */
export interface EarlierPart {
  published: PublishedPart;
  open(): Promise<OldPart & Pick<FeedPart, 'load'>>;
}

export interface WrittenPart {
  part: PublishedPart;
  /** Whole files and deltas: what the platform's role signs. */
  targets: Record<string, TargetInfo>;
}

/** Writes a platform's targets, each under its digest. Content that is there already is neither compressed nor written. */
export async function writePart(
  site: Site,
  part: FeedPart,
  earlier: readonly EarlierPart[],
  dates: ReadonlyMap<string, string>,
  encodings: readonly Encoding[],
): Promise<WrittenPart> {
  const last = earlier[0];
  const known = last ? await knownFiles(last) : new Map<string, string>();
  const targets: Record<string, TargetInfo> = {};
  const files = part.manifest.outputs.filter(({ path }) => !isOffsets(path));
  await someAtOnce(
    files.flatMap((file) => encodings.map((encoding) => ({ ...file, encoding }))),
    async ({ path, sha256: digest, encoding }) => {
      const name = `${part.platform}/${path}.${encoding}`;
      const reused = known.get(path) === digest ? last!.published.targets[name] : undefined;
      targets[name] =
        reused && site.has(targetPath(name, reused.hashes.sha256))
          ? reused
          : await writeTarget(site, name, await part.load(path), encoding);
    },
  );
  for (const encoding of encodings) {
    const name = `${part.platform}/manifest.json.${encoding}`;
    const text = Buffer.from(part.manifestText);
    const info = await writeTarget(site, name, text, encoding);
    targets[name] = { ...info, custom: { sha256: sha256(text), size: text.length } };
  }
  const deltas = await writeDeltas(site, part, earlier, wholeSize(targets));
  return {
    part: {
      manifest: sha256(part.manifestText),
      targets: sorted(targets),
      inputs: Object.fromEntries(dates),
    },
    targets: { ...targets, ...deltas, ...(await writePatches(site, part, earlier, targets)) },
  };
}

/** They are ready in no certain order; what is written of them is the same for the same feed. */
function sorted(targets: Readonly<Record<string, TargetInfo>>): Record<string, TargetInfo> {
  return Object.fromEntries(Object.entries(targets).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Name of the delta that starts from a state. */
export function deltaName(platform: string, from: string): string {
  return `${platform}/delta/${from.slice(0, 16)}.json.br`;
}

async function knownFiles({ open }: EarlierPart): Promise<Map<string, string>> {
  const { manifestText } = await open();
  const { outputs } = JSON.parse(manifestText) as FeedPart['manifest'];
  return new Map(outputs.map((output) => [output.path, output.sha256]));
}

async function writeDeltas(
  site: Site,
  part: FeedPart,
  earlier: readonly EarlierPart[],
  whole: number,
): Promise<Record<string, TargetInfo>> {
  const deltas: Record<string, TargetInfo> = {};
  const to = sha256(part.manifestText);
  for (const { published, open } of earlier) {
    const name = deltaName(part.platform, published.manifest);
    if (published.manifest === to || deltas[name]) continue;
    const old = await open();
    if (formatOf(old) !== feedFormat) continue;
    const text = Buffer.from(JSON.stringify(makeDelta(old, part)));
    const bytes = await compress(text, 'br');
    // A delta that saves nothing only lengthens the list that every client reads.
    if (bytes.length * 2 > whole) continue;
    deltas[name] = { ...(await store(site, name, bytes)), custom: { size: text.length } };
  }
  return deltas;
}

/** Patches of benchmarks from their earlier versions, where they are less than half of the whole. */
async function writePatches(
  site: Site,
  part: FeedPart,
  earlier: readonly EarlierPart[],
  targets: Readonly<Record<string, TargetInfo>>,
): Promise<Record<string, TargetInfo>> {
  const patches: Record<string, TargetInfo> = {};
  for (const { path, sha256: digest } of part.manifest.outputs.filter(({ path }) => isContentPath(path))) {
    const whole = Math.min(
      ...Object.entries(targets).flatMap(([name, { length }]) =>
        name.startsWith(`${part.platform}/${path}.`) ? length : [],
      ),
    );
    for (const { open } of earlier) {
      const { manifestText, load } = await open();
      const { outputs } = JSON.parse(manifestText) as FeedPart['manifest'];
      const from = outputs.find((output) => output.path === path)?.sha256;
      if (from === undefined || from === digest) continue;
      const name = patchName(part.platform, path, from);
      if (patches[name]) continue;
      const bytes = contentPatch(await load(path), await part.load(path));
      if (bytes.length * 2 > whole) continue;
      patches[name] = { ...(await store(site, name, bytes)), custom: { size: bytes.length } };
    }
  }
  return patches;
}

function formatOf({ manifestText }: OldPart): number {
  return (JSON.parse(manifestText) as FeedPart['manifest']).format;
}

function wholeSize(targets: Readonly<Record<string, TargetInfo>>): number {
  const brotli = Object.entries(targets).filter(([name]) => /\/index\/.*\.(br|zst)$/.test(name));
  return brotli.reduce((sum, [, { length }]) => sum + length, 0);
}

async function writeTarget(
  site: Site,
  name: string,
  content: Buffer,
  encoding: Encoding,
): Promise<TargetInfo> {
  return store(site, name, await compress(content, encoding));
}

async function store(site: Site, name: string, bytes: Buffer): Promise<TargetInfo> {
  const info = fileInfo(bytes);
  const path = targetPath(name, info.hashes.sha256);
  if (!site.has(path)) await site.write(path, bytes);
  return info;
}
