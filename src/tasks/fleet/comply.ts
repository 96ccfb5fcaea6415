import { hash } from 'node:crypto';
import { wantedInspection, wantedPredicate } from '../../comply/index.ts';
import type { ProfileOutcome } from '../../fleet/complying.ts';
import { inventoryWanted, readInventory } from '../../inventory/index.ts';
import { readContentPart } from '../../io/read-at-most.ts';
import type { ComplianceResult } from '../../model/compliance/index.ts';
import { isScapfeedError, ScapfeedError } from '../../model/error.ts';
import type { Image, Inspection, Wanted } from '../../model/inventory/index.ts';
import type { Feed } from '../../runtime/index.ts';
import { requireApplicable } from '../comply/gate.ts';
import { type ChosenContent, complyImage, contentOfFeed, contentOfFile } from '../comply/run.ts';
import type { ChosenFeed } from '../feed.ts';
import { toolVersion } from '../tool-version.ts';

/** Options for evaluating the images of a fleet. */
export interface FleetEvaluation {
  /** A file of SCAP content; absent: the feed's for the image's release. */
  content: string | undefined;
  /** The date of an evaluation. */
  now(): Date;
  open(reference: string, wanted: Wanted, inspection: Inspection | undefined): Promise<Image>;
}

/** Evaluates the images of a fleet by profiles of the feed's content, or of a file. */
export class FleetComplying {
  readonly #how: FleetEvaluation;
  readonly #opened = new Map<string, Promise<ChosenContent>>();

  constructor(how: FleetEvaluation) {
    this.#how = how;
  }

  /** Results by the same content and the same program need not be made again. */
  contentKey({ manifest }: Pick<Feed, 'manifest'>): string {
    const { content } = this.#how;
    const documents =
      content === undefined
        ? (manifest.content ?? []).map(({ product, document }) => `${product} ${document.sha256}`).sort()
        : [hash('sha256', readContentPart(content))];
    return hash('sha256', JSON.stringify([toolVersion, documents]));
  }

  /** @returns why there is no result, where nothing of the content is for the image */
  async evaluate(
    feed: Feed,
    reference: string,
    profile: string,
  ): Promise<{ digest?: string; outcome: ProfileOutcome }> {
    const contents = await this.#content(feed, profile);
    const contentWanted = wantedPredicate(contents.wanted);
    const wanted = (file: string) => inventoryWanted(file) || contentWanted(file);
    const image = await this.#how.open(reference, wanted, wantedInspection(contents.wanted));
    try {
      const digest = image.digest === undefined ? {} : { digest: image.digest };
      return { ...digest, outcome: outcomeOf(() => this.#result(contents, image, profile)) };
    } finally {
      image.close();
    }
  }

  #result(contents: ChosenContent, image: Image, profile: string): ComplianceResult {
    const inventory = () => readInventory(image.files, image.labels);
    const date = this.#how.now();
    return complyImage(contents, image, { profile, tailoring: undefined, date, inventory }).result;
  }

  #content(feed: Feed, profile: string): Promise<ChosenContent> {
    const key = `${feed.digest()} ${profile}`;
    const opened = this.#opened.get(key) ?? this.#open(feed, profile);
    this.#opened.set(key, opened);
    return opened;
  }

  async #open(feed: Feed, profile: string): Promise<ChosenContent> {
    const { content } = this.#how;
    if (content !== undefined) return contentOfFile({ file: content });
    return contentOfFeed(chosen(feed), { profile, product: undefined, platform: undefined });
  }
}

/** For messages alone: where the content is from. */
function chosen(feed: Feed): ChosenFeed {
  const { directory, manifest } = feed;
  return { ...feed, origin: { directory, created: manifest.created, chosen: 'option', signed: false } };
}

function outcomeOf(make: () => ComplianceResult): ProfileOutcome {
  try {
    const result = make();
    requireApplicable(result);
    if (result.unfinished !== undefined)
      throw new ScapfeedError({ code: 'CONTENT_MALFORMED', message: result.unfinished });
    const rules = result.rules
      .filter(({ result: found }) => found !== 'notselected')
      .map(({ id, title, severity, result: found }) => ({ rule: id, title, severity, result: found }));
    return { score: result.scores[0]?.score ?? null, counts: result.counts, rules };
  } catch (error) {
    if (!isScapfeedError(error)) throw error;
    return { code: error.code, message: error.message };
  }
}
