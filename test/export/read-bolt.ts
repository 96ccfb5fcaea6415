/** A bbolt file as plain objects: a second reading of the format, by its description and not by our writer. */
export interface BoltTree {
  [key: string]: string | BoltTree;
}

const page = 4096;

export function readBolt(file: Buffer): BoltTree {
  const meta = file.subarray(page + 16);
  if (meta.readUInt32LE(0) !== 0xed0cdaed || meta.readUInt32LE(4) !== 2) throw new Error('no meta page');
  if (meta.readBigUInt64LE(40) !== BigInt(file.length / page)) throw new Error('high water mark');
  return bucketAt(file, Number(meta.readBigUInt64LE(16)));
}

function bucketAt(file: Buffer, id: number): BoltTree {
  const tree: BoltTree = Object.create(null);
  const start = id * page;
  if (file.readBigUInt64LE(start) !== BigInt(id)) throw new Error(`page ${id} has another id`);
  readPage(file, file.subarray(start), tree);
  return { ...tree };
}

function readPage(file: Buffer, bytes: Buffer, tree: BoltTree): void {
  const [flags, count] = [bytes.readUInt16LE(8), bytes.readUInt16LE(10)];
  for (let at = 0; at < count; at++) {
    const element = 16 + at * 16;
    if (flags === 1) {
      const child = Number(bytes.readBigUInt64LE(element + 8));
      readPage(file, file.subarray(child * page), tree);
      continue;
    }
    const key = element + bytes.readUInt32LE(element + 4);
    const value = key + bytes.readUInt32LE(element + 8);
    const content = bytes.subarray(value, value + bytes.readUInt32LE(element + 12));
    tree[bytes.toString('utf8', key, value)] =
      bytes.readUInt32LE(element) === 1 ? subBucket(file, content) : content.toString('utf8');
  }
}

function subBucket(file: Buffer, value: Buffer): BoltTree {
  const root = Number(value.readBigUInt64LE(0));
  if (root !== 0) return bucketAt(file, root);
  const tree: BoltTree = Object.create(null);
  readPage(file, value.subarray(16), tree);
  return { ...tree };
}
