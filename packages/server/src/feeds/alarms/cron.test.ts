import { seededRandom } from '@vibrissa/testkit';
import { expect, it } from 'vitest';
import { readCron } from './cron.ts';

it.each([
  ['* * * *', 'it has 4 fields; five are needed, or six with seconds in front.'],
  ['daily', 'it has 1 field; five are needed, or six with seconds in front.'],
  ['', 'it has 0 fields; five are needed, or six with seconds in front.'],
  ['* * * * * * *', 'it has 7 fields; five are needed, or six with seconds in front.'],
  ['61 * * * *', "field 1 (minute) is '61': Invalid value for minute: 61."],
  ['* 25 * * *', "field 2 (hour) is '25': Invalid value for hour: 25."],
  ['* * 5-1 * *', "field 3 (day of month) is '5-1': From value is larger than to value: '5-1'."],
  ['0 * * * * 9', "field 6 (day of week) is '9': Invalid value for dayOfWeek: 9."],
  ['*/0 * * * *', "field 1 (minute) is '*/0': Syntax error, illegal stepping: 0."],
])('the expression "%s" is refused with the field and the reason', (expression, reason) => {
  const problem = `cron pattern '${expression}' is not valid: ${reason}`;
  expect(readCron(expression)).toEqual({ ok: false, problem });
});

it('an unknown time zone is refused by its name', () => {
  const problem = "timezone 'Mars/Olympus' is not known: give a name such as Europe/Berlin.";
  expect(readCron('* * * * *', 'Mars/Olympus')).toEqual({ ok: false, problem });
});

it('an expression that is far too long is refused unread', () => {
  const reading = readCron(`${'1,'.repeat(5_000_000)}1 * * * *`);
  expect(reading).toMatchObject({ ok: false, problem: expect.stringContaining('longer than 256') as string });
});

it('whatever is given as an expression is read or refused with a text', () => {
  const pieces = [
    '*',
    '/',
    '-',
    ',',
    '5',
    '61',
    'MON',
    'JAN',
    'L',
    '#',
    '?',
    'W',
    ' ',
    '@',
    'ä',
    '\0',
    '__proto__',
    '*/7',
  ];
  const seed = 20_261_122;
  const random = seededRandom(seed);
  let read = 0;
  for (let round = 0; round < 3000; round++) {
    const length = Math.floor(random() * 14);
    const text = Array.from({ length }, () => pieces[Math.floor(random() * pieces.length)]).join('');
    const reading = readCron(random() < 0.5 ? text : `${text} * * * *`);
    if (reading.ok) read += 1;
    else expect(reading.problem, `seed ${seed}: ${text}`).toMatch(/^cron pattern '/);
  }
  expect(read).toBeGreaterThan(10);
});
