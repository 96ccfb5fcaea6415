import { deviationKinds } from '../../model/index.ts';
import { choice, flag, repeatable, text } from '../option.ts';

/** Options that decide what a comparison of files accepts, lists and fails for. */
export const verifyOptions = {
  'fail-on': repeatable(
    choice([...deviationKinds, 'any'], 'exit 1 if there is a deviation of this kind: %', {
      metavar: 'KIND',
      noun: 'kind of deviation',
    }),
    { commas: true },
  ),
  allow: repeatable(text('PATTERN', 'ignore paths like this: /app/**, /usr/local/bin/*')),
  'allow-uncovered': flag('accept packages that have no list of their files'),
  all: flag('list every deviation, and permissions that packages explain'),
};
