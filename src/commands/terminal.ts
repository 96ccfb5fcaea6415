/** Where a command writes: results to out, everything else to err; progress only where a person looks on. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Shows one line in place of the last one; nothing when stderr is no terminal. */
  progress(text: string): void;
  /** Whether results may carry colour. */
  readonly color: boolean;
  readonly columns: number;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export function processTerminal(): Terminal {
  const { env, stdout, stderr } = process;
  const color = stdout.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  const live = stderr.isTTY === true && !env['CI'];
  let shown = false;
  const clear = () => {
    if (shown) stderr.write('\r\x1b[K');
    shown = false;
  };
  return {
    out(text) {
      clear();
      stdout.write(text);
    },
    err(text) {
      clear();
      stderr.write(text);
    },
    progress(text) {
      if (!live) return;
      clear();
      stderr.write(text.slice(0, (stderr.columns ?? 80) - 1));
      shown = true;
    },
    color,
    columns: stdout.columns ?? 120,
    env,
  };
}
