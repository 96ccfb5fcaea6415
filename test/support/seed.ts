import { configureGlobal, readConfigureGlobal } from 'fast-check';
import { turn } from './trials.ts';

// A run that fails can be made again: the generated cases of a commit are the same on each machine.
configureGlobal({ ...readConfigureGlobal(), seed: turn | 0 });
