import { join } from 'node:path';

import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';

import type { Finding } from '../base/finding.ts';
import type { Config } from '../config/schema.ts';
import { readOwnerFile, writeOwnerFile } from './owner-file.ts';

const recordSchema = Type.Object({
  frameworkId: Type.String(),
  masters: Type.String(),
  role: Type.String(),
  /** Absent: the platform's own. Mesos keeps that of the framework's first subscription. */
  user: Type.Optional(Type.String()),
  /** What all containers together could take, found at the last start whose master told its agents. */
  userMemoryMb: Type.Optional(Type.Integer()),
});

/** Where a framework subscribed last, and as what. */
export type FrameworkRecord = Static<typeof recordSchema>;

export function frameworkRecordPath(dataDir: string): string {
  return join(dataDir, 'mesos', 'framework.json');
}

function writeRecord(dataDir: string, record: FrameworkRecord): void {
  writeOwnerFile(frameworkRecordPath(dataDir), JSON.stringify(record));
}

/** Undefined: never subscribed; or the file is damaged, which only costs its comfort. */
export function readFrameworkRecord(dataDir: string): FrameworkRecord | undefined {
  const text = readOwnerFile(frameworkRecordPath(dataDir));
  try {
    const value: unknown = JSON.parse(text ?? '');
    return Value.Check(recordSchema, value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Writes down that the framework has subscribed. */
export function keepFrameworkRecord({ dataDir, mesos }: Config, frameworkId: string): void {
  const former = readFrameworkRecord(dataDir);
  const isSame = former?.frameworkId === frameworkId;
  const user = isSame ? former.user : mesos.user;
  const record: FrameworkRecord = {
    frameworkId,
    masters: mesos.masterUrl,
    role: mesos.role,
    ...(user !== undefined && { user }),
    ...(former?.userMemoryMb !== undefined && { userMemoryMb: former.userMemoryMb }),
  };
  writeRecord(dataDir, record);
}

/** Writes down what was found for a start that finds no master. */
export function keepUserMemory(dataDir: string, userMemoryMb: number): void {
  const record = readFrameworkRecord(dataDir);
  if (record !== undefined) writeRecord(dataDir, { ...record, userMemoryMb });
}

const RENEW = 'To renew all of it: stop, vibrissa mesos teardown --yes, start.';

/** What has changed since the framework subscribed last, and does not change with it. */
export function changedSince(record: FrameworkRecord, { mesos }: Config): readonly Finding[] {
  const findings: Finding[] = [];
  const warn = (what: string, mend: string): void => void findings.push({ level: 'warning', what, mend });
  if (record.role !== mesos.role) {
    warn(
      `mesos.role was ${record.role} at the last start and is ${mesos.role} now: tasks that run already keep resources of the role ${record.role}.`,
      RENEW,
    );
  }
  if (record.user !== mesos.user) {
    const named = (user: string | undefined): string => user ?? "not set (the platform's own user)";
    warn(
      `mesos.user was ${named(record.user)} when the framework was made and is ${named(mesos.user)} now: Mesos changes neither the user of a framework nor that of tasks that run already.`,
      RENEW,
    );
  }
  if (record.masters !== mesos.masterUrl) {
    warn(
      `The masters were ${record.masters} at the last start. If ${mesos.masterUrl} is another cluster, tasks of the last run go on in the first one until their failover timeout.`,
      `If so: stop, and remove them with: vibrissa mesos teardown --yes --mesos-master ${record.masters}`,
    );
  }
  return findings;
}
