import { junitSuite } from '../scan/junit.ts';
import { resultsJunit } from './results-junit.ts';
import { type MergedScan, scanning } from './scan.ts';

export const mergedJunit: MergedScan = {
  part: (report) => junitSuite(report, `${report.name}.`),
  whole: ({ targets }) => resultsJunit(targets, scanning),
};
