import type { Option, OptionTable } from '../../tasks/option.ts';
import { type ParameterOf, parameterName } from '../../tasks/parameters.ts';
import { count, flag, listOf, type OptionShape, oneOf, type RequiredShape, required, text } from './shape.ts';

type ShapesOf<Table> = {
  readonly [Name in keyof Table as ParameterOf<Name, Table[Name]>]: Table[Name] extends { required: true }
    ? RequiredShape
    : OptionShape & { readonly isRequired?: never };
};

/** The shapes of a command's options as parameters of the library, without those of the command line alone. */
export function shapesOf<Table extends OptionTable>(table: Table): ShapesOf<Table> {
  const entries = Object.entries(table).flatMap(([name, option]) => {
    const { parameter = parameterName(name) } = option;
    return parameter === null ? [] : [[parameter, shapeOf(option)] as const];
  });
  return Object.fromEntries(entries) as ShapesOf<Table>;
}

function shapeOf(option: Option): OptionShape {
  const one = shapeOfOne(option);
  const shape = option.repeatable ? listOf(one) : one;
  return option.required ? required(shape) : shape;
}

function shapeOfOne({ kind, words, isOpen }: Option): OptionShape {
  if (kind === 'flag') return flag;
  if (kind === 'number' || kind === 'duration') return count;
  return kind === 'choice' && words && !isOpen ? oneOf(words) : text;
}
