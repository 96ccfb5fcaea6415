import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import type { Spill } from './rows/trivy-layout.ts';

const pieceBytes = 1 << 18;

/** Sorted lines in a temporary file: a key and a value without line ends, separated by a tab. */
export class SpillFile implements Spill {
  readonly #path: string;
  readonly #file: number;
  #pending: string[] = [];
  #pendingLength = 0;

  constructor(path: string) {
    this.#path = path;
    this.#file = openSync(path, 'wx+');
  }

  add(key: string, value: string): void {
    const line = `${JSON.stringify(key)}\t${value}\n`;
    this.#pending.push(line);
    this.#pendingLength += line.length;
    if (this.#pendingLength >= pieceBytes) this.#flush();
  }

  *read(): Generator<readonly [key: string, value: string]> {
    this.#flush();
    for (const line of this.#lines()) {
      const tab = line.indexOf('\t');
      yield [JSON.parse(line.slice(0, tab)) as string, line.slice(tab + 1)];
    }
  }

  remove(): void {
    closeSync(this.#file);
    rmSync(this.#path, { force: true });
  }

  *#lines(): Generator<string> {
    const piece = Buffer.allocUnsafe(pieceBytes);
    let rest = Buffer.alloc(0);
    let position = 0;
    for (;;) {
      const read = readSync(this.#file, piece, 0, piece.length, position);
      if (read === 0) return;
      position += read;
      const bytes = Buffer.concat([rest, piece.subarray(0, read)]);
      let start = 0;
      for (let end = bytes.indexOf(0x0a); end !== -1; end = bytes.indexOf(0x0a, start)) {
        yield bytes.toString('utf8', start, end);
        start = end + 1;
      }
      rest = Buffer.from(bytes.subarray(start));
    }
  }

  #flush(): void {
    const bytes = Buffer.from(this.#pending.join(''));
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    this.#pending = [];
    this.#pendingLength = 0;
  }
}
