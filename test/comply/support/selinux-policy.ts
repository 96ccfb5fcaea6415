const word = (...values: number[]) => {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [at, value] of values.entries()) bytes.writeUInt32LE(value, 4 * at);
  return bytes;
};
const bitmap = (...words: bigint[]) => {
  const parts = words.map((bits, at) => {
    const bytes = Buffer.alloc(12);
    bytes.writeUInt32LE(64 * at);
    bytes.writeBigUInt64LE(bits, 4);
    return bytes;
  });
  return Buffer.concat([word(64, 64 * words.length, words.length), ...parts]);
};
const text = (value: string) => Buffer.from(value, 'latin1');
const table = (entries: Buffer[]) => Buffer.concat([word(entries.length, entries.length), ...entries]);

/** A binary policy of version 33 with a little of everything up to its booleans, and the levels and the count of rules that follow. */
export function selinuxPolicy(booleans: Readonly<Record<string, boolean>>, version = 33): Buffer {
  const name = 'SE Linux';
  const permission = Buffer.concat([word(4, 1), text('read')]);
  const common = Buffer.concat([word(4, 1, 1, 1), text('file'), permission]);
  const terms = [word(4, 1, 1), word(5, 2, 1), bitmap(1n), bitmap(1n), bitmap(), word(0), word(2, 0, 0)];
  const constraint = Buffer.concat([word(1, 3), ...terms]);
  const fileClass = [
    word(4, 4, 1, 1, 1, 1),
    text('filefile'),
    permission,
    constraint,
    word(0),
    word(0, 0, 0, 0),
  ];
  const role = Buffer.concat([word(8, 1, 0), text('object_r'), bitmap(), bitmap(3n, 1n)]);
  const type = Buffer.concat([word(6, 1, 1, 0), text('file_t')]);
  const user = [
    word(4, 1, 0),
    text('root'),
    bitmap(1n),
    word(2, 1, 1),
    bitmap(),
    bitmap(3n),
    word(1),
    bitmap(),
  ];
  const level = Buffer.concat([word(2, 0), text('s0'), word(1), bitmap(1n)]);
  const category = Buffer.concat([word(2, 1, 0), text('c0')]);
  const states = Object.entries(booleans).map(([key, on], at) =>
    Buffer.concat([word(at + 1, on ? 1 : 0, key.length), text(key)]),
  );
  return Buffer.concat([
    word(0xf97cff8c, name.length),
    text(name),
    word(version, 1, 8, 9),
    bitmap(1n),
    bitmap(),
    ...[[common], [Buffer.concat(fileClass)], [role], [type], [Buffer.concat(user)]].map(table),
    ...[states, [level], [category]].map(table),
    word(1),
  ]);
}
