import { type FeedOrigin, isFeedAddress } from '../model/verdict/index.ts';

/** `feed /srv/feed (signed: came by pull)`: which feed was used, and whether it is signed. */
export function feedText({ directory, chosen, signed }: FeedOrigin): string {
  if (signed)
    return `feed ${directory} (signed: ${isFeedAddress(directory) ? 'checked as it is read' : 'came by pull'})`;
  return chosen === 'working_directory'
    ? `feed ${directory} (not signed: ./out of the working directory, since no feed was pulled)`
    : `feed ${directory} (not signed)`;
}
