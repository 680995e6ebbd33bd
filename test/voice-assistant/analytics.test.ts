import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { analytics, type RunningServer, visitMaker, visits } from './example-modules.ts';

const { figuresOf, parseVisits } = visits;
const TODAY = '2017-09-15'; // a Friday

const few = parseVisits(
  [
    'day,visitor,pages',
    '2017-07-31,ann,1',
    '2017-08-01,ann,2',
    '2017-08-27,bob,8',
    '2017-08-31,bob,3',
    '2017-09-03,cid,7',
    '2017-09-04,ann,1',
    '2017-09-04,bob,2',
    '2017-09-10,ann,5',
    '2017-09-11,ann,100',
    '',
  ].join('\n'),
);

describe('figures of visits', () => {
  it('of last week are those from Monday to Sunday, a page view each', () => {
    expect(figuresOf(few, { measure: 'page-views', period: 'last-week', today: TODAY })).toEqual({
      from: '2017-09-04',
      to: '2017-09-10',
      total: 8,
      before: 10,
      busiest: { day: '2017-09-10', count: 5 },
    });
  });

  it('count a visitor once, however often that person came', () => {
    expect(figuresOf(few, { measure: 'visitors', period: 'last-week', today: TODAY })).toMatchObject({
      total: 2,
      before: 2,
      busiest: { day: '2017-09-04', count: 2 },
    });
  });

  it('of last month are those of the calendar’s month', () => {
    expect(figuresOf(few, { measure: 'page-views', period: 'last-month', today: TODAY })).toMatchObject({
      from: '2017-08-01',
      to: '2017-08-31',
      total: 13,
      before: 1,
    });
  });

  it.each([
    ['2017-09-11', '2017-09-04', '2017-09-10'],
    ['2017-09-10', '2017-08-28', '2017-09-03'],
    ['2018-01-01', '2017-12-25', '2017-12-31'],
  ])('on %s last week is %s to %s', (today, from, to) => {
    const all = parseVisits(visitMaker.makeVisits({ today, seed: 1 }));
    expect(figuresOf(all, { measure: 'visitors', period: 'last-week', today })).toMatchObject({ from, to });
  });

  it.each([
    ['2018-01-15', '2017-12-01', '2017-12-31'],
    ['2020-03-31', '2020-02-01', '2020-02-29'],
  ])('on %s last month is %s to %s', (today, from, to) => {
    const all = parseVisits(visitMaker.makeVisits({ today, seed: 1 }));
    expect(figuresOf(all, { measure: 'visitors', period: 'last-month', today })).toMatchObject({ from, to });
  });

  it('are none when nobody came', () => {
    expect(figuresOf(few, { measure: 'visitors', period: 'last-week', today: '2020-01-01' })).toBeUndefined();
  });
});

test('a seed and a day give the same visits each time, and others give others', () => {
  const { makeVisits } = visitMaker;
  expect(makeVisits({ today: TODAY, seed: 7 })).toBe(makeVisits({ today: TODAY, seed: 7 }));
  expect(makeVisits({ today: TODAY, seed: 8 })).not.toBe(makeVisits({ today: TODAY, seed: 7 }));
});

test('a line that is no visit is named by its number', () => {
  expect(() => parseVisits('day,visitor,pages\n2017-09-04,ann,1\n2017-09-04,ann\n')).toThrow(
    'line 3 is not day,visitor,pages: 2017-09-04,ann',
  );
});

describe('the analytics service', () => {
  let directory: string;
  let server: RunningServer;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'voice-analytics-'));
    const file = join(directory, 'visits.csv');
    writeFileSync(file, visitMaker.makeVisits({ today: TODAY, seed: 7 }));
    server = await analytics.serveAnalytics({ file, today: TODAY, key: 'sesame', host: '127.0.0.1' });
  });

  afterAll(async () => {
    await server?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(server.url + path, {
      headers: { authorization: 'Bearer sesame' },
      ...init,
    });
    return [response.status, await response.json()];
  };

  it('answers with the figures of its file', async () => {
    expect(await ask('/figures?measure=page-views&period=last-week')).toEqual([
      200,
      {
        measure: 'page-views',
        period: 'last-week',
        from: '2017-09-04',
        to: '2017-09-10',
        total: 2136,
        before: 2117,
        busiest: { day: '2017-09-04', count: 404 },
      },
    ]);
  });

  it.each([
    ['/figures?measure=page-views', 400, 'period is one of last-week, last-month.'],
    ['/figures?measure=__proto__&period=last-week', 400, 'measure is one of page-views, visitors.'],
    ['/visitors', 404, 'There is only /figures.'],
    ['//', 400, 'The address can’t be read.'],
  ])('answers %s with %i: %s', async (path, status, error) => {
    expect(await ask(path)).toEqual([status, { error }]);
  });

  it('tells nothing without its key', async () => {
    for (const authorization of ['', 'Bearer', 'Bearer sesamf', 'Basic sesame'])
      expect(await ask('/figures?measure=visitors&period=last-week', { headers: { authorization } })).toEqual(
        [401, { error: 'The key is missing or wrong.' }],
      );
  });

  it('is only read', async () => {
    expect((await ask('/figures?measure=visitors&period=last-week', { method: 'POST' }))[0]).toBe(405);
  });
});
