import { imageCollector } from '../probes/image-collector.ts';
import { evidenceOf } from '../result/evidence.ts';
import { ovalData } from '../result/oval-data.ts';
import type { EvaluationParts } from './evaluate-compiled.ts';

/** Everything that an evaluation can need. */
export const allParts: EvaluationParts = { collector: imageCollector, evidenceOf, ovalData };
