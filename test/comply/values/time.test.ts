import { describe, expect, it } from 'vitest';
import { secondsOf } from '../../../src/comply/values/time.ts';

describe('secondsOf', () => {
  it.each([
    ['2024-02-29', 'year_month_day', 1_709_164_800],
    ['20240229T010000', 'year_month_day', 1_709_168_400],
    ['29/02/2024', 'day_month_year', 1_709_164_800],
    ['02/29/2024 01:00:00', 'month_day_year', 1_709_168_400],
    ['Feb, 29 2024', 'month_day_year', 1_709_164_800],
    ['February, 29 2024 01:00:00', 'month_day_year', 1_709_168_400],
    ['133536384000000000', 'win_filetime', 1_709_164_800],
    ['0x1da6aa23ce90000', 'win_filetime', 1_709_164_800],
    ['01DA6AA23CE90000', 'win_filetime', 1_709_164_800],
    ['20240229010000.000000+060', 'cim_datetime', 1_709_164_800],
    ['20240228190000.123456-300', 'cim_datetime', 1_709_164_800],
    ['20240229000000.******+000', 'cim_datetime', 1_709_164_800],
    ['2024-02-29 00:00:00:000', 'cim_datetime', 1_709_164_800],
    // Unknown forms are errors (TimeDifferenceFunctionType), not another time than was meant.
    ['1709164800', 'cim_datetime', undefined],
    ['20240229000000.******+***', 'cim_datetime', undefined],
    ['00000001000000.000000:000', 'cim_datetime', undefined],
    ['2023-02-29', 'year_month_day', undefined],
    ['24-02-29', 'year_month_day', undefined],
    ['2024-02/29', 'year_month_day', undefined],
    ['29 feb 2024', 'day_month_year', undefined],
    ['2024-02-29 24:00:00', 'year_month_day', undefined],
    ['yesterday', 'year_month_day', undefined],
  ])('%s as %s', (text, format, expected) => {
    expect(secondsOf(text, format)).toBe(expected);
  });
});
