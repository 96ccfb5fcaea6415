import {
  branchElement,
  bucketFlag,
  bucketHeader,
  leafElement,
  maxInline,
  maxKey,
  pageFlags,
  pageHeader,
  pageSize,
  writePageHeader,
} from './format.ts';

/** Takes the pages of a file in the order in which they are finished. */
export interface PageSink {
  /** Number of the next page. */
  readonly next: number;
  /** A whole number of pages. */
  write(page: Buffer): void;
}

interface Item {
  flags: number;
  key: Buffer;
  value: Buffer;
}

/** A finished page, by its first key. */
interface Child {
  /** Its bytes as Latin-1: a small buffer would keep the memory of all that was allocated beside it. */
  key: string;
  page: number;
}

/** A bucket that is finished: what stands for it in its parent. */
export interface BuiltBucket {
  value: Buffer;
}

/** A bucket in work: its pairs and sub-buckets are added in the order of their keys' bytes. */
export class Bucket {
  readonly #pages: PageSink;
  /** The pairs of the page in work. */
  #items: Item[] = [];
  #size = pageHeader;
  #children: Child[] = [];
  #last: Buffer | undefined;
  #hasBuckets = false;

  constructor(pages: PageSink) {
    this.#pages = pages;
  }

  put(key: string, value: string | Buffer): void {
    this.#add({ flags: 0, key: Buffer.from(key), value: Buffer.from(value) });
  }

  /** Adds a sub-bucket, which `fill` fills. */
  bucket(key: string, fill: (bucket: Bucket) => void): void {
    this.place(key, this.build(fill));
  }

  /** Writes a sub-bucket that is placed later: buckets can be finished in another order than that of their keys. */
  build(fill: (bucket: Bucket) => void): BuiltBucket {
    const child = new Bucket(this.#pages);
    fill(child);
    return { value: child.#finish() };
  }

  place(key: string, { value }: BuiltBucket): void {
    this.#hasBuckets = true;
    this.#add({ flags: bucketFlag, key: Buffer.from(key), value });
  }

  /** Writes what is left and returns the root page. */
  finishAsRoot(): number {
    this.#flush();
    return this.#root();
  }

  /** Writes what is left, and returns the value that stands for the bucket in its parent. */
  #finish(): Buffer {
    const header = Buffer.alloc(bucketHeader);
    if (this.#children.length === 0 && !this.#hasBuckets && this.#size <= maxInline)
      return Buffer.concat([header, leafPage(0, this.#items, this.#size)]);
    this.#flush();
    header.writeBigUInt64LE(BigInt(this.#root()), 0);
    return header;
  }

  #add(item: Item): void {
    if (item.key.length === 0 || item.key.length > maxKey)
      throw new RangeError(`a key of ${item.key.length} bytes`);
    if (this.#last && Buffer.compare(this.#last, item.key) >= 0)
      throw new RangeError(`keys out of order: ${this.#last}, ${item.key}`);
    this.#last = item.key;
    const size = leafElement + item.key.length + item.value.length;
    if (this.#size + size > pageSize && this.#items.length > 0) this.#flush();
    this.#items.push(item);
    this.#size += size;
  }

  /** Writes the page in work; an empty bucket has one empty page. */
  #flush(): void {
    if (this.#items.length === 0 && this.#children.length > 0) return;
    const id = this.#pages.next;
    const key = this.#items[0]?.key.toString('latin1') ?? '';
    this.#pages.write(wholePages(leafPage(id, this.#items, this.#size)));
    this.#children.push({ key, page: id });
    this.#items = [];
    this.#size = pageHeader;
  }

  /** Writes branch pages until one page stands over all others. */
  #root(): number {
    let level = this.#children;
    while (level.length > 1) {
      const above: Child[] = [];
      for (const group of branchGroups(level)) {
        const id = this.#pages.next;
        this.#pages.write(wholePages(branchPage(id, group)));
        above.push({ key: group[0]!.key, page: id });
      }
      level = above;
    }
    return level[0]!.page;
  }
}

function leafPage(id: number, items: readonly Item[], size: number): Buffer {
  const page = Buffer.alloc(size);
  writePageHeader(page, { id, flags: pageFlags.leaf, count: items.length, overflow: overflowOf(size) });
  let element = pageHeader;
  let data = pageHeader + items.length * leafElement;
  for (const { flags, key, value } of items) {
    page.writeUInt32LE(flags, element);
    page.writeUInt32LE(data - element, element + 4);
    page.writeUInt32LE(key.length, element + 8);
    page.writeUInt32LE(value.length, element + 12);
    data += key.copy(page, data);
    data += value.copy(page, data);
    element += leafElement;
  }
  return page;
}

function branchPage(id: number, children: readonly Child[]): Buffer {
  const size = children.reduce((sum, { key }) => sum + branchElement + key.length, pageHeader);
  const page = Buffer.alloc(size);
  writePageHeader(page, { id, flags: pageFlags.branch, count: children.length, overflow: overflowOf(size) });
  let element = pageHeader;
  let data = pageHeader + children.length * branchElement;
  for (const { key, page: child } of children) {
    page.writeUInt32LE(data - element, element);
    page.writeUInt32LE(key.length, element + 4);
    page.writeBigUInt64LE(BigInt(child), element + 8);
    data += page.write(key, data, 'latin1');
    element += branchElement;
  }
  return page;
}

/** Children of one branch page after the other: as many as fit, at least two, so that the tree gets lower. */
function* branchGroups(children: readonly Child[]): Generator<Child[]> {
  let group: Child[] = [];
  let size = pageHeader;
  for (const child of children) {
    const own = branchElement + child.key.length;
    if (group.length >= 2 && size + own > pageSize) {
      yield group;
      group = [];
      size = pageHeader;
    }
    group.push(child);
    size += own;
  }
  yield group;
}

function overflowOf(size: number): number {
  return Math.max(0, Math.ceil(size / pageSize) - 1);
}

function wholePages(page: Buffer): Buffer {
  const size = Math.max(1, Math.ceil(page.length / pageSize)) * pageSize;
  return page.length === size ? page : Buffer.concat([page, Buffer.alloc(size - page.length)]);
}
