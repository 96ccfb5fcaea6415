import type { Option } from '../../tasks/option.ts';
import { type ParametersOf, parameterName } from '../../tasks/parameters.ts';
import { count, flag, listOf, type OptionShape, oneOf, text } from './shape.ts';

type ShapesOf<Table> = {
  readonly [Name in keyof ParametersOf<Table>]: OptionShape & { readonly isRequired?: never };
};

/** The shapes of a command's options as parameters of the library. */
export function shapesOf<Table extends Readonly<Record<string, Option>>>(table: Table): ShapesOf<Table> {
  const entries = Object.entries(table).map(([name, option]) => [parameterName(name), shapeOf(option)]);
  return Object.fromEntries(entries) as ShapesOf<Table>;
}

function shapeOf(option: Option): OptionShape {
  const one = shapeOfOne(option);
  return option.repeatable ? listOf(one) : one;
}

function shapeOfOne({ kind, words }: Option): OptionShape {
  if (kind === 'flag') return flag;
  if (kind === 'number' || kind === 'duration') return count;
  return kind === 'choice' && words ? oneOf(words) : text;
}
