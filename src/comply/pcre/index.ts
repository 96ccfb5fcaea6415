export { DeadlineError, isStackOverflow, usedMilliseconds, withDeadline } from './deadline.ts';
export { compilePattern, type Pattern, type PatternMatch } from './pattern.ts';
export { PatternError } from './pattern-error.ts';
export type { PcreFlags } from './syntax.ts';
