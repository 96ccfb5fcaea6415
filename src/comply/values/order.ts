import type { Comparison } from '../../model/order.ts';
import { type OvalResult, truth } from './result.ts';

/** The result of an order operation from a three-way comparison; `undefined` is an error. */
export function byOrder(operation: string, order: Comparison): OvalResult {
  if (order === undefined) return 'error';
  switch (operation) {
    case 'equals':
      return truth(order === 0);
    case 'not equal':
      return truth(order !== 0);
    case 'greater than':
      return truth(order > 0);
    case 'greater than or equal':
      return truth(order >= 0);
    case 'less than':
      return truth(order < 0);
    case 'less than or equal':
      return truth(order <= 0);
    default:
      return 'error';
  }
}
