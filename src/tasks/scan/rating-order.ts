import { type RatingSource, ratingSources } from '../../model/feed/index.ts';
import { choice, type Option, repeatable } from '../option.ts';

/** `--severity-from nvd,vendor`: sources of ratings, each once, in the order in which they are asked. */
export function ratingOrder(help: string): Option<RatingSource[] | undefined> {
  const named = repeatable(choice(ratingSources, help, { metavar: 'SOURCE', noun: 'source of ratings' }), {
    commas: true,
  });
  return {
    ...named,
    read: (texts, as) => {
      const order = named.read(texts, as);
      return order && [...new Set(order)];
    },
  };
}
