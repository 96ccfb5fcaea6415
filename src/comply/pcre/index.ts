export { DeadlineError, isStackOverflow, usedMilliseconds, withDeadline } from './deadline.ts';
export { compilePattern, type Pattern, type PatternMatch } from './pattern.ts';
export { PatternError, type PcreFlags } from './syntax.ts';
export { translatePcre } from './translate.ts';
