import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type ChosenContent, requireApplicable } from '../acts/comply-image.ts';
import { wantedInspection, wantedPredicate } from '../comply/index.ts';
import type { ProfileOutcome } from '../fleet/comply/results.ts';
import { inventoryWanted } from '../inventory/index.ts';
import { isScapfeedError, ScapfeedError } from '../model/index.ts';
import type { Feed } from '../runtime/index.ts';
import type { OptionValues } from './option.ts';
import { type complyingOptions, evaluate, openChosenContent } from './options/complying.ts';
import type { ChosenFeed } from './options/feed-choice.ts';
import type { readingOptions } from './options/fleet-run.ts';
import { imageChoice, openChosenImage } from './options/image-choice.ts';
import type { Terminal } from './terminal.ts';
import { toolVersion } from './version.ts';

type Given = OptionValues<typeof readingOptions>;

/** Evaluates the images of a fleet by profiles of the feed's content, or of a file. */
export class FleetComplying {
  readonly #given: Given & { content?: string | undefined };
  readonly #terminal: Terminal;
  readonly #opened = new Map<string, Promise<ChosenContent>>();

  constructor(given: Given & { content?: string | undefined }, terminal: Terminal) {
    this.#given = given;
    // What a single evaluation says on the way is not about the fleet.
    this.#terminal = { ...terminal, err: () => undefined, note: () => undefined, progress: () => undefined };
  }

  /** Results by the same content and the same program need not be made again. */
  contentKey({ manifest }: Pick<Feed, 'manifest'>): string {
    const { content } = this.#given;
    const documents =
      content === undefined
        ? (manifest.content ?? []).map(({ product, document }) => `${product} ${document.sha256}`).sort()
        : [hash('sha256', readFileSync(content))];
    return hash('sha256', JSON.stringify([toolVersion, documents]));
  }

  /** @returns why there is no result, where nothing of the content is for the image */
  async evaluate(
    feed: Feed,
    reference: string,
    profile: string,
  ): Promise<{ digest?: string; outcome: ProfileOutcome }> {
    const given = { ...this.#given, profile } as OptionValues<typeof complyingOptions> & Given;
    const contents = await this.#content(feed, profile, given);
    const contentWanted = wantedPredicate(contents.wanted);
    const inspection = wantedInspection(contents.wanted);
    const image = await openChosenImage(reference, {
      ...imageChoice(given, (file) => inventoryWanted(file) || contentWanted(file), this.#terminal.env),
      ...(inspection === undefined ? {} : { inspection }),
    });
    try {
      const digest = image.digest === undefined ? {} : { digest: image.digest };
      return {
        ...digest,
        outcome: outcomeOf(() => evaluate(contents, image, given, this.#terminal).result),
      };
    } finally {
      image.close();
    }
  }

  #content(
    feed: Feed,
    profile: string,
    given: OptionValues<typeof complyingOptions>,
  ): Promise<ChosenContent> {
    const key = `${feed.digest()} ${profile}`;
    const opened = this.#opened.get(key) ?? openChosenContent('fleet run', given, () => chosen(feed));
    this.#opened.set(key, opened);
    return opened;
  }
}

/** For messages alone: where the content is from. */
function chosen(feed: Feed): ChosenFeed {
  const { directory, manifest } = feed;
  return { ...feed, origin: { directory, created: manifest.created, chosen: 'option', signed: false } };
}

function outcomeOf(make: () => ReturnType<typeof evaluate>['result']): ProfileOutcome {
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
