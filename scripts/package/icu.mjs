// Node's Unicode data (ICU) without the languages that no output of ours is in, as Node's own configuration `small-icu` has it:
// 28 MB in the middle of the file, where the blob of the executable goes.

/** Tables of languages, whole or by subject (curr/de.res). Tables of no language stay: zones, encodings, root. */
const ofLanguage =
  /^(?:(?:brkitr|coll|curr|lang|rbnf|region|translit|unit|zone)\/)?(?!en|res_index)[a-z]{2,3}(?:_\w*)?\.res$/;
/** udata.h, DataHeader and UDataInfo. */
const magic = 0x27da;
const formatAt = 12;
const aligned = 16;

/**
 * Replaces the data in an ELF file of Node by those of English. Returns where the room begins and ends that this leaves: it is
 * loaded, read-only and zeroed.
 */
export function keepEnglish(node, offset, size) {
  const data = node.subarray(offset, offset + size);
  const tableAt = data.readUInt16LE(0);
  if (data.readUInt16LE(2) !== magic || data.toString('latin1', formatAt, formatAt + 4) !== 'CmnD')
    throw new Error('expected the common data of ICU');
  const kept = itemsOf(data.subarray(tableAt)).filter(({ name }) => !ofLanguage.test(withoutPackage(name)));
  const small = Buffer.concat([data.subarray(0, tableAt), tableOf(kept)]);
  data.fill(0);
  small.copy(data);
  return { start: offset + small.length, end: offset + size };
}

/** The items in the order of their names, which is that of their bytes as well: an item ends where the next begins. */
function itemsOf(table) {
  const count = table.readUInt32LE(0);
  const begins = (index) => table.readUInt32LE(8 + 8 * index);
  return Array.from({ length: count }, (_, index) => {
    const nameAt = table.readUInt32LE(4 + 8 * index);
    const name = table.toString('latin1', nameAt, table.indexOf(0, nameAt));
    return { name, bytes: table.subarray(begins(index), index + 1 < count ? begins(index + 1) : undefined) };
  });
}

function tableOf(items) {
  const head = 4 + 8 * items.length;
  const names = Buffer.from(items.map(({ name }) => `${name}\0`).join(''), 'latin1');
  const parts = [Buffer.alloc(head), names, Buffer.alloc(-(head + names.length) & (aligned - 1))];
  parts[0].writeUInt32LE(items.length, 0);
  let nameAt = head;
  let at = head + names.length + parts[2].length;
  for (const [index, { name, bytes }] of items.entries()) {
    parts[0].writeUInt32LE(nameAt, 4 + 8 * index);
    parts[0].writeUInt32LE(at, 8 + 8 * index);
    nameAt += name.length + 1;
    const padding = Buffer.alloc(-bytes.length & (aligned - 1));
    parts.push(bytes, padding);
    at += bytes.length + padding.length;
  }
  return Buffer.concat(parts);
}

/** icudt78l/curr/de.res -> curr/de.res */
function withoutPackage(name) {
  return name.replace(/^icudt\d+l\//, '');
}
