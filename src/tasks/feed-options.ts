import { age, flag, group, type Option, path } from './option.ts';

/** Options of every command that reads a feed. */
export const feedOptions = group('Feed', {
  feed: {
    ...path(
      'DIR|URL',
      'the feed (default: SCAPFEED_FEED, then the pulled feed, then ./out if you own it). Results show the ' +
        'feed and whether a pull verified its signatures',
    ),
    variable: 'command' as const,
  },
});

/** Default maximum age of vendor data, in milliseconds. */
export const usualMaxAge = 7 * 86_400_000;

const anyOrLess = age('refuse vendor data older than this: 36h, 7d or 7 (days); 0 for any age (default: 7d)');

/** Maximum age of vendor data, in milliseconds; undefined: any age. */
const maxAge: Option<number | undefined> = {
  ...anyOrLess,
  read: (texts, as) => {
    const limit = texts.length === 0 ? usualMaxAge : anyOrLess.readOne(texts.at(-1)!, as);
    return Number.isFinite(limit) ? limit : undefined;
  },
};

/** Of commands that judge by a feed. */
export const ageOptions = group('Feed', { 'max-age': maxAge });

/** Of commands that can read a published feed without a pull. */
export const publishedFeedOptions = group('Feed', {
  'trust-root': {
    ...path(
      'FILE',
      "for --feed URL: the publisher's root.json, obtained from a trusted source other than the feed; needed once",
    ),
    // A value set for all commands is meant for `pull`; a feed in a folder has no trust root.
    variable: 'nobody' as const,
  },
});

/** Of `config set feed`: how a root that is unknown here is trusted. */
export const newFeedOptions = group('config set', {
  'trust-root': {
    ...path(
      'FILE',
      "the publisher's root.json, obtained from a trusted source other than the feed, in place of the question",
    ),
    variable: 'nobody' as const,
  },
  yes: { ...flag('trust the root that the feed offers, without a question'), variable: 'nobody' as const },
});
