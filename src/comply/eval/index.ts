export type { OvalContent } from './content.ts';
export { type Evaluated, type EvaluationSettings, evaluateOval } from './evaluate.ts';
export { readOvalContent } from './read-content.ts';
