import { createHash } from 'node:crypto';
import { applyDelta, type Delta, makeDelta } from '../../../src/publish/delta/delta.ts';
import { type FeedPart, splitFeed } from '../../../src/publish/feed/part.ts';
import { writeNight } from '../../publish/support/publisher.ts';
import { damageJson } from '../mutate.ts';
import type { Target } from '../target.ts';

interface Nights {
  before: FeedPart;
  delta: Delta;
}

let made: Nights | undefined;
/** Two nights of a small feed and what leads from one to the other; made when they are asked for. */
function nights(): Nights {
  const part = (directory: string) => splitFeed(directory, { oval: false, content: false })[0]!;
  if (!made) {
    const before = part(writeNight(12, { 'package-0005': '2.0-1' }));
    // A build that is new, and one of a claim that stays.
    const fixed = { 'package-0003': '2.0-1', 'package-0005': '2.0-2' };
    const after = part(writeNight(14, fixed, ['package-0001'], { old: 40 }));
    made = { before, delta: makeDelta(before, after) };
  }
  return made;
}

export const deltaTargets: readonly Target[] = [
  {
    name: 'delta',
    seeds: async () => ({ delta: Buffer.from(JSON.stringify(nights().delta)) }),
    mutate: damageJson,
    async run(input) {
      const { before, delta } = nights();
      const given = parsed(input);
      // A caller has compared it with what was signed.
      if (given?.to !== delta.to) return undefined;
      const { manifestText } = applyDelta(before, given);
      return createHash('sha256').update(manifestText).digest('hex');
    },
    kept: {
      'the state that it starts from is a number': ({ delta }) =>
        Buffer.from(String(delta).replace(/"from":"[0-9a-f]+"/, '"from":0')),
      'the build of a claim is told twice': ({ delta }) =>
        Buffer.from(String(delta).replace(/"=":\[(\[.*?\])/, '"=":[$1,$1')),
      'the place of a claim with another build is a text': ({ delta }) =>
        Buffer.from(String(delta).replace(/("=":\[\[\d+,"[^"]+")/, '$1,"first"')),
    },
    judge: (found, sound) =>
      found === sound ? undefined : `a manifest of sha256 ${found}, signed was ${sound}`,
  },
];

function parsed(input: Buffer): Delta | undefined {
  try {
    return JSON.parse(input.toString('utf8')) as Delta;
  } catch {
    return undefined;
  }
}
