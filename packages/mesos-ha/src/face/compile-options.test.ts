import { describe, expect, test } from 'vitest';

import { SharedCluster } from '../../test/shared-cluster.ts';
import { compileOptions } from './compile-options.ts';
import type { ClusteredOptions } from './options.ts';

const good: ClusteredOptions = {
  cluster: new SharedCluster().join('one'),
  masters: 'http://127.0.0.1:5050',
  framework: { name: 'test' },
};

function problemOf(change: object): string {
  try {
    compileOptions({ ...good, ...change });
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('they were taken');
}

describe('what is wrong with the options is said, and how to mend it', () => {
  test.each([
    [{ cluster: undefined }, 'options.cluster is no cluster: give what ClusterNode.open resolves with.'],
    [{ state: {} }, 'options.state is not for a framework of several instances'],
    [{ mayAct: () => true }, "the cluster's lease says who may act"],
    [{ framework: { name: 'test', id: 'mine' } }, 'options.framework.id is given'],
    [{ tasks: { unknown: 'kill' } }, 'options.tasks.unknown is given'],
    [{ outcomes: { keepMs: -1 } }, 'options.outcomes.keepMs must be a number of at least 0'],
    [{ giveWayMs: 0 }, 'options.giveWayMs must be a number above 0'],
    [{ giveWayMs: Number.NaN }, 'options.giveWayMs must be a number above 0'],
    [{ outcomes: { keep: 1 } }, 'options.outcomes.keep is no option'],
    [{ framwork: {} }, 'framwork'],
    [{ masters: undefined }, 'options.masters is missing'],
  ])('%j', (change, message) => {
    expect(problemOf(change)).toContain(message);
    expect(problemOf(change)).toMatch(/^The framework can't be opened: /);
  });
});

test('what is left out has its default', () => {
  const { outcomes, roles, principal } = compileOptions(good);
  expect({ outcomes, roles, principal }).toEqual({
    outcomes: { keepMs: 600_000, keepMost: 10_000 },
    roles: ['*'],
    principal: undefined,
  });
  const auth = { principal: 'app', secret: 's' };
  expect(compileOptions({ ...good, auth })).toMatchObject({ principal: 'app' });
});
