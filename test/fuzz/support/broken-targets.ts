import { ScapfeedError } from '../../../src/model/error.ts';
import { shorterList, type Table, type Target } from '../target.ts';

const sound = Buffer.from('a\nb\nc\n');

/** Targets with one fault each, which the harness must find at the fifth case; the last has none. */
function broken(name: string, fault: () => string | Promise<string>): Target {
  let calls = 0;
  return {
    name,
    seeds: async () => ({ sound }),
    mutate: (seed) => seed,
    judge: shorterList,
    async run(input) {
      calls += 1;
      // The first call is for the sound input itself.
      return calls === 6 ? fault() : input.toString();
    },
  };
}

const held: Buffer[] = [];

const broke: readonly Target[] = [
  broken('internal', () => {
    throw new TypeError('x is not a function');
  }),
  broken('hang', () => {
    for (;;);
  }),
  broken('never', () => new Promise(() => setInterval(() => {}, 1000))),
  broken('emptied', () => new Promise(() => {})),
  broken('growth', () => {
    for (let at = 0; at < 2; at += 1) held.push(Buffer.alloc(2 ** 27, 1));
    return sound.toString();
  }),
  broken('exit', () => process.exit(3)),
  broken('shorter', () => 'a\nb\n'),
  broken('sound', () => {
    throw new ScapfeedError({ code: 'IMAGE_MALFORMED', message: 'refused', where: 'here' });
  }),
];

export const targets: Table = Object.fromEntries(broke.map(({ name }) => [name, async () => broke]));
