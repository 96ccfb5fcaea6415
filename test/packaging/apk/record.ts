/** A record of apk's database, with a file: `apkRecord('libssl3', '3.3.1-r3', { o: 'openssl' })`. */
export function apkRecord(
  name: string,
  version: string,
  fields: Readonly<Record<string, string>> = {},
): string {
  const { A = 'x86_64', o = name, ...more } = fields;
  const head = {
    C: 'Q1aaaaaaaaaaaaaaaaaaaaaaaaaaa=',
    P: name,
    V: version,
    A,
    S: '1',
    I: '2',
    T: `what ${name} is`,
    o,
  };
  const lines = Object.entries({ ...head, ...more }).map(([letter, value]) => `${letter}:${value}\n`);
  return `${lines.join('')}F:usr/share/${name}\nR:file\na:0:0:644\nZ:Q1bbbbbbbbbbbbbbbbbbbbbbbbbbb=\n\n`;
}
