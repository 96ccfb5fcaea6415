import data from '../../feeds/enrichment.json' with { type: 'json' };

/** `feeds/enrichment.json`: where ratings, known exploitation and EPSS are published. */
export interface EnrichmentDefinition {
  cveRecords: {
    /** GitHub's description of the newest release. */
    latest: string;
    /** Where the files of all releases are. */
    downloads: string;
    /** After so many days of deltas the whole archive is fetched again. */
    deltaDays: number;
  };
  nvd: {
    feeds: string;
    firstYear: number;
    /** Feeds of the last eight days' changes. */
    updates: readonly string[];
    /** For this many days after a year's feed was fetched, the feeds of changes replace a new fetch. */
    fullDays: number;
  };
  kev: { url: string };
  /** The same list at each; the first one that has it is read. */
  eukev: { urls: readonly [string, ...string[]] };
  /** The same file at each; the first one that answers is read. */
  epss: { urls: readonly [string, ...string[]] };
}

/** A test checks it by schemas/enrichment-definition.schema.json. */
export const definition = data as unknown as EnrichmentDefinition;
