/** A package as a test wants it in an rpm database. */
export interface RpmSpec {
  name: string;
  version: string;
  release: string;
  epoch?: number;
  arch?: string;
  sourceRpm?: string;
  vendor?: string;
  modularityLabel?: string;
  /** Tag 268: an OpenPGP signature of header only. */
  rsaHeader?: Buffer;
  /** Any further tags, as [tag, type, data, count]. */
  more?: readonly TagData[];
  /** Bytes of description, to give the header a size. */
  padding?: number;
}

type TagData = readonly [tag: number, type: number, data: Buffer, count: number];

/** An rpm header without its magic, as databases keep it. */
export function rpmHeader(spec: RpmSpec): Buffer {
  const tags = [
    text(1000, spec.name),
    text(1001, spec.version),
    text(1002, spec.release),
    ...(spec.epoch === undefined ? [] : [int32(1003, spec.epoch)]),
    ...(spec.padding ? [text(1005, 'x'.repeat(spec.padding))] : []),
    ...(spec.vendor === undefined ? [] : [text(1011, spec.vendor)]),
    ...(spec.arch === undefined ? [] : [text(1022, spec.arch)]),
    ...(spec.sourceRpm === undefined ? [] : [text(1044, spec.sourceRpm)]),
    ...(spec.modularityLabel === undefined ? [] : [text(5096, spec.modularityLabel)]),
    ...(spec.rsaHeader === undefined ? [] : [binary(268, spec.rsaHeader)]),
    ...(spec.more ?? []),
  ];
  return headerOf(tags);
}

export function headerOf(tags: readonly TagData[]): Buffer {
  const index: Buffer[] = [];
  const data: Buffer[] = [];
  let offset = 0;
  for (const [tag, type, bytes, count] of tags) {
    const padding = type === 4 ? (4 - (offset % 4)) % 4 : 0;
    data.push(Buffer.alloc(padding), bytes);
    offset += padding;
    index.push(numbers(tag, type, offset, count));
    offset += bytes.length;
  }
  return Buffer.concat([numbers(tags.length, offset), ...index, ...data]);
}

export function text(tag: number, value: string): TagData {
  return [tag, 6, Buffer.from(`${value}\0`), 1];
}

export function int32(tag: number, value: number): TagData {
  return [tag, 4, numbers(value), 1];
}

export function binary(tag: number, value: Buffer): TagData {
  return [tag, 7, value, value.length];
}

export function stringArray(tag: number, values: readonly string[]): TagData {
  return [tag, 8, Buffer.from(values.map((value) => `${value}\0`).join('')), values.length];
}

function numbers(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value, 4 * i);
  return bytes;
}
