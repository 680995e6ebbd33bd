import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { loadConfig } from '../config/load.ts';
import {
  changedSince,
  frameworkRecordPath,
  keepFrameworkRecord,
  keepUserMemory,
  readFrameworkRecord,
} from './framework-record.ts';

let dataDir: string;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'vibrissa-framework-record-'));
  mkdirSync(join(dataDir, 'mesos'));
});

afterEach(() => rmSync(dataDir, { recursive: true }));

function configOf(...sets: string[]) {
  const { config } = loadConfig({
    env: {},
    flags: [],
    sets: [`dataDir=${dataDir}`, 'mesos.masterUrl=http://a:5050', ...sets],
    machine: { memoryMb: 8192, homeDirectory: '/root' },
  });
  return config;
}

function changes(...sets: string[]): string[] {
  const record = readFrameworkRecord(dataDir);
  return record ? changedSince(record, configOf(...sets)).map(({ what }) => what) : ['no record'];
}

test('a framework that comes back as what it was has changed nothing', () => {
  keepFrameworkRecord(configOf('mesos.role=web', 'mesos.user=app'), 'f1');
  expect(changes('mesos.role=web', 'mesos.user=app')).toEqual([]);
  expect(statSync(frameworkRecordPath(dataDir)).mode & 0o777).toBe(0o600);
});

test('masters, role and user that are others are told, each with what it was', () => {
  keepFrameworkRecord(configOf('mesos.role=web'), 'f1');
  expect(changes('mesos.role=db', 'mesos.user=app', 'mesos.masterUrl=http://b:5050')).toEqual([
    expect.stringMatching(/^mesos\.role was web .* is db now/),
    expect.stringMatching(/^mesos\.user was not set .* is app now/),
    expect.stringMatching(/^The masters were http:\/\/a:5050 .* If http:\/\/b:5050 is another cluster/),
  ]);
});

test('the user of a framework stays what it was made with, as Mesos has it; role and masters follow', () => {
  keepFrameworkRecord(configOf('mesos.user=app'), 'f1');
  keepFrameworkRecord(configOf('mesos.user=other', 'mesos.role=web', 'mesos.masterUrl=http://b:5050'), 'f1');
  expect(readFrameworkRecord(dataDir)).toEqual({
    frameworkId: 'f1',
    masters: 'http://b:5050',
    role: 'web',
    user: 'app',
  });
  keepFrameworkRecord(configOf('mesos.user=other'), 'f2');
  expect(readFrameworkRecord(dataDir)).toMatchObject({ frameworkId: 'f2', user: 'other' });
});

test('without a record, or with a damaged one, nothing is known', () => {
  expect(readFrameworkRecord(dataDir)).toBeUndefined();
  for (const damaged of ['', '{"frameworkId": "f1"', '{"frameworkId": 7}']) {
    writeFileSync(frameworkRecordPath(dataDir), damaged);
    expect(readFrameworkRecord(dataDir)).toBeUndefined();
  }
});

test('the memory that was found stays for a start that finds no master', () => {
  keepUserMemory(dataDir, 4096);
  expect(readFrameworkRecord(dataDir)).toBeUndefined();
  keepFrameworkRecord(configOf(), 'f1');
  keepUserMemory(dataDir, 4096);
  keepFrameworkRecord(configOf('mesos.role=web'), 'f2');
  expect(readFrameworkRecord(dataDir)).toMatchObject({ frameworkId: 'f2', role: 'web', userMemoryMb: 4096 });
});
