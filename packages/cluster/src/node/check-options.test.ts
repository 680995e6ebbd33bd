import { describe, expect, test } from 'vitest';

import { staticSeeds } from '../discovery/static-seeds.ts';
import { checkOptions } from './check-options.ts';
import type { ClusterOptions } from './cluster-options.ts';

const good: ClusterOptions = {
  name: 'test',
  secrets: ['sixteen characters'],
  listen: { host: '10.0.0.1', port: 7946 },
  seeds: staticSeeds(['10.0.0.1:7946']),
};

const cyclic: { itself?: object } = {};
cyclic.itself = cyclic;

describe('what is wrong with the options is said, and how to mend it', () => {
  test.each([
    [{ name: ' ' }, '`name` is missing. Give the cluster a name'],
    [{ secret: 'sixteen characters' }, '`secret` is no option. There are name, secrets,'],
    [{ secrets: undefined }, '`secrets` is missing. Give all instances the same list'],
    [{ secrets: 'sixteen characters' }, '`secrets` is missing. Give all instances the same list'],
    [{ secrets: [undefined] }, 'A secret has less than 16 characters, or is none.'],
    [{ secrets: ['sixteen characters', 'short'] }, 'A secret has less than 16 characters'],
    [{ listen: undefined }, "`listen.host` is missing. Give `listen` as { host: '10.0.0.3', port: 7946 }."],
    [{ listen: '10.0.0.1:7946' }, '`listen.host` is missing.'],
    [{ listen: { host: '10.0.0.1', port: '7946' } }, '`listen.port` is "7946". Give a whole number'],
    [{ listen: { host: '10.0.0.1', port: Number('x') } }, '`listen.port` is NaN. Give a whole number'],
    [{ listen: { host: '10.0.0.1', port: 65_536 } }, '`listen.port` is 65536. Give a whole number from 1 to'],
    [{ advertise: { host: undefined, port: 7946 } }, '`advertise.host` is missing.'],
    [{ advertise: { host: '10.0.0.1', port: 1.5 } }, '`advertise.port` is 1.5.'],
    [{ seeds: undefined }, '`seeds` is no source of seeds. Give what staticSeeds,'],
    [{ seeds: ['10.0.0.1:7946'] }, '`seeds` is no source of seeds.'],
    [{ instances: '3' }, '`instances` is "3". Say how many there are to be'],
    [{ instances: 0 }, '`instances` is 0.'],
    [{ storage: '/var/lib/x' }, '`storage` keeps nothing. Give what FileStorage.open'],
    [{ meta: cyclic }, '`meta` can not be said in JSON.'],
    [{ meta: { protocol: 2 } }, '`meta.protocol` is what the cluster itself tells'],
    [{ timing: 'quick' }, '`timing` is "quick".'],
  ])('%j', (change, message) => {
    const given = { ...good, ...change } as ClusterOptions;
    expect(() => checkOptions(given)).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }));
    expect(() => checkOptions(given)).toThrow(message);
  });
});

test('what an instance tells of itself is refused when it is too much for gossip', () => {
  const meta = { version: 'x'.repeat(512) };
  expect(() => checkOptions({ ...good, meta })).toThrow('`meta` has more than 512 bytes as JSON.');
});

describe('an address that nobody can reach', () => {
  test.each(['0.0.0.0', '::'])('is not told to the others: %s', (host) => {
    const listen = { host, port: 7946 };
    expect(() => checkOptions({ ...good, listen })).toThrow(
      `\`listen.host\` is ${host}, where no other instance can reach this one. Give \`advertise\``,
    );
    const advertise = { host: 'one.example.com', port: 7946 };
    expect(checkOptions({ ...good, listen, advertise })).toMatchObject({ listen, advertise });
    expect(() => checkOptions({ ...good, advertise: listen })).toThrow(`\`advertise.host\` is ${host}`);
  });
});
