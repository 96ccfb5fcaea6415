/** Numbers from 0 up to a bound, the same ones in each run. */
export type Random = (below: number) => number;

/** A small generator (mulberry32): the seed decides all that follows. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

type Node = Record<string, unknown> | unknown[];

/** Wrong values, by mistake or by malice: each type, both ends of its range, and names that are special in JavaScript. */
const odd: readonly ((random: Random) => unknown)[] = [
  () => null,
  () => undefined,
  () => 0,
  () => -1,
  () => 1e308,
  () => true,
  () => '',
  () => '\u0000\u001b[2J\u202e',
  () => '%E0%A4%A',
  () => 'x'.repeat(5000),
  () => '../../etc/passwd',
  () => [],
  () => [null],
  () => ({}),
  () => JSON.parse('{"__proto__":{"fixed":"1"},"constructor":1,"toString":null}'),
  (random) => Array.from({ length: 1 + random(50) }, () => ({ a: [[{}]] })),
];

/** A copy of a JSON document in which some places hold something else. */
export function mutateJson(document: unknown, random: Random, times: number): unknown {
  const copy: { root: unknown } = { root: structuredClone(document) };
  for (let time = 0; time < 1 + random(times); time++) {
    const places = placesOf(copy);
    const { parent, key } = places[random(places.length)]!;
    const kind = random(odd.length + 2);
    const target = parent as Record<string, unknown>;
    if (kind === odd.length) {
      const other = places[random(places.length)]!;
      target[key] = structuredClone((other.parent as Record<string, unknown>)[other.key]);
    } else if (kind === odd.length + 1 && Array.isArray(parent)) parent.push(structuredClone(target[key]));
    else target[key] = odd[Math.min(kind, odd.length - 1)]!(random);
  }
  return JSON.parse(JSON.stringify(copy)).root;
}

/** Every place below a document, but at most some thousands of a large one. */
function placesOf(root: Node): { parent: Node; key: string }[] {
  const places: { parent: Node; key: string }[] = [];
  const open: Node[] = [root];
  for (let parent = open.pop(); parent && places.length < 20_000; parent = open.pop()) {
    for (const key of Object.keys(parent)) {
      places.push({ parent, key });
      const child = (parent as Record<string, unknown>)[key];
      if (typeof child === 'object' && child !== null) open.push(child as Node);
    }
  }
  return places;
}
