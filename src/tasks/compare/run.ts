import { basename } from 'node:path';
import { type ComparedResults, compareResults } from '../../compare/compare.ts';
import type { OtherResult } from '../../compare/other-result.ts';
import { ovalResult } from '../../compare/oval-result.ts';
import { readOtherResult } from '../../compare/read-result.ts';
import { evaluateOval, readOvalContent, wantedPredicate } from '../../comply/index.ts';
import { inventoryWanted, readInventory } from '../../inventory/index.ts';
import { type Image, type Inventory, isOfEcosystem, type Wanted } from '../../model/inventory/index.ts';
import type { FeedOrigin, Gap } from '../../model/verdict/index.ts';
import { type JudgeOptions, judge, requirePackages } from '../../runtime/index.ts';
import { readContentBytes } from '../content/bytes.ts';
import type { EvaluatedSubject } from '../eval/run.ts';
import type { ChosenFeed } from '../feed.ts';
import { systemOf } from '../image/system.ts';
import { toolVersion } from '../tool-version.ts';

/** The other side of a comparison: one result of another scanner, or a vendor's own OVAL definitions, by its file. */
export interface OtherFile {
  kind: 'trivy' | 'grype' | 'content';
  file: string;
}

/** The differences between two scanners on an image, with their causes. */
export interface ComparedImage extends ComparedResults {
  feed: FeedOrigin;
  image: string;
  /** The system that the other scanner detected. */
  system: string | null;
  platform: string;
  /** Reasons why scapfeed does not know the whole image: what only the other scanner has may be true. */
  gaps: readonly Gap[];
}

/**
 * The other side's findings. `open` opens the image once more for the files that its content reads, or has the SBOM in its place.
 */
export async function otherResult(
  { kind, file }: OtherFile,
  open: (wanted: Wanted) => Promise<EvaluatedSubject>,
  date: Date,
): Promise<OtherResult> {
  if (kind !== 'content') return readOtherResult(kind, file);
  const content = readOvalContent(await readContentBytes(file), { name: basename(file), where: file });
  const contentWanted = wantedPredicate(content.wanted);
  const { image, inventory } = await open((path) => inventoryWanted(path) || contentWanted(path));
  try {
    const now = Math.floor(date.getTime() / 1000);
    const system = systemOf(image, () => inventory ?? readInventory(image.files));
    const { oval: _, ...evaluated } = evaluateOval(content, system, { now, all: true });
    return ovalResult({
      tool: { name: 'scapfeed', version: toolVersion },
      image: { reference: image.reference },
      content: content.info,
      time: new Date(now * 1000).toISOString(),
      ...evaluated,
    });
  } finally {
    image.close();
  }
}

export function compareWith(
  other: OtherResult,
  feed: ChosenFeed,
  image: Image,
  inventory: Inventory,
  how: JudgeOptions,
): ComparedImage {
  requirePackages(inventory, image.reference);
  const { platform, verdicts, uncovered, gaps } = judge(feed, inventory, { ...how, all: true });
  const own = {
    ...{ verdicts, uncovered, platform: platform.id },
    packages: [...inventory.packages, ...(inventory.languages ?? [])],
    ecosystems: new Set(
      feed.manifest.platforms.map(({ id }) => id).filter((id) => isOfEcosystem({ type: id })),
    ),
  };
  return {
    feed: feed.origin,
    image: image.reference,
    system: other.system ?? null,
    platform: platform.id,
    gaps,
    ...compareResults(own, other),
  };
}
