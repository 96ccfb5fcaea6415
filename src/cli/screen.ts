import type { Environment } from '../model/environment.ts';

/** Capabilities of the terminal behind stdout. */
export interface Screen {
  color: boolean;
  /** It turns a marked text into a link (OSC 8). */
  links: boolean;
  /** Undefined: there is no terminal, and no width is set. */
  columns?: number;
  /** Lines that fit on it; undefined: it is no terminal that a pager could use. */
  rows?: number;
}

interface TerminalSize {
  columns?: number;
  rows?: number;
}

const usualColumns = 80;
const usualRows = 24;

/** Narrower ones would break every word. */
const fewestColumns = 20;

/**
 * Reads the environment as other tools do. `size` is undefined if stdout is no terminal. FORCE_COLOR is stronger than NO_COLOR,
 * as in Node; COLUMNS is stronger than the terminal's own width.
 */
export function screenOf(env: Environment, size: TerminalSize | undefined): Screen {
  const isShown = size !== undefined && env['TERM'] !== 'dumb';
  const columns = columnsOf(env, size);
  return {
    color: forced(env['FORCE_COLOR']) ?? (isShown && !env['NO_COLOR']),
    links: forced(env['FORCE_HYPERLINK']) ?? (isShown && showsLinks(env)),
    ...(columns === undefined ? {} : { columns }),
    // Behind a CI system's terminal, a pager would wait forever.
    ...(isShown && !env['CI'] ? { rows: size.rows || usualRows } : {}),
  };
}

function forced(text: string | undefined): boolean | undefined {
  if (!text) return undefined;
  return text !== '0' && text !== 'false';
}

function columnsOf(env: Environment, size: TerminalSize | undefined): number | undefined {
  const named = /^\d{1,5}$/.test(env['COLUMNS'] ?? '') ? Number(env['COLUMNS']) : 0;
  const columns = named || (size && (size.columns || usualColumns));
  return columns && Math.max(columns, fewestColumns);
}

/** Terminals that are known to have hyperlinks. tmux and screen, old ones of which show the bare codes, name themselves in TERM. */
function showsLinks(env: Environment): boolean {
  const { TERM = '', TERM_PROGRAM = '', VTE_VERSION = '', KONSOLE_VERSION = '' } = env;
  if (/^(?:screen|tmux)/.test(TERM)) return false;
  return (
    ['iTerm.app', 'WezTerm', 'ghostty', 'Hyper', 'vscode', 'mintty'].includes(TERM_PROGRAM) ||
    /^xterm-(?:kitty|ghostty)$|^(?:alacritty|foot|contour)/.test(TERM) ||
    Number(VTE_VERSION) >= 5000 ||
    Number(KONSOLE_VERSION) >= 201200 ||
    Boolean(env['WT_SESSION'])
  );
}
