import { createHash } from 'node:crypto';
import { isJsonObject, jsonMembers, jsonObject } from '../../values/json-text.ts';
import type { Piece, Styled } from '../../output/output.ts';
import { MANAGED, nounOf, type Entity } from '../entity.ts';
import type { Change } from './compare.ts';
import { maskJson } from './mask.ts';
import type { Operation } from './plan.ts';

const VALUE_SHOWN = 100;

function sizeOf(bytes: number): string {
  return bytes < 1024 ? `${bytes} bytes` : `${(bytes / 1024).toFixed(1)} KiB`;
}

/** Code is told by its size and the beginning of its digest: enough to see that it is the same. */
function codeText(json: string): string {
  const code = String(JSON.parse(json));
  const digest = createHash('sha256').update(code).digest('hex').slice(0, 12);
  return `${sizeOf(Buffer.byteLength(code))}, sha256 ${digest}`;
}

function valueText(field: string, json: string | undefined, secrets: ReadonlySet<string>): string {
  if (json === undefined) return 'none';
  if (field === 'exec.code') return codeText(json);
  if (field === MANAGED && isJsonObject(json))
    return `project ${jsonMembers(json).get('__OW_PROJECT_NAME') ?? ''}`;
  const masked = maskJson(field.split('.').at(-1) ?? field, json, secrets);
  return masked.length <= VALUE_SHOWN ? masked : `${masked.slice(0, VALUE_SHOWN)}…`;
}

function shownField(field: string): string {
  return field.replace(/^exec\./, '');
}

function changeLine({ field, before, after }: Change, secrets: ReadonlySet<string>): string {
  const [old, now] = [valueText(field, before, secrets), valueText(field, after, secrets)];
  return `      ${shownField(field)}: ${old} → ${now}${old === now ? ' (changed)' : ''}`;
}

const marks: Readonly<Record<Operation['type'], Styled | string>> = {
  create: { style: 'green', text: '+' },
  update: { style: 'bold', text: '~' },
  delete: { style: 'red', text: '-' },
  keep: '!',
  unchanged: { style: 'dim', text: '=' },
};

function count(operations: readonly Operation[], type: Operation['type']): number {
  return operations.filter((operation) => operation.type === type).length;
}

/** `1 to create, 2 to change, 0 to delete, 3 unchanged`. */
function summaryText(operations: readonly Operation[]): string {
  const parts = [
    `${count(operations, 'create')} to create`,
    `${count(operations, 'update')} to change`,
    `${count(operations, 'delete')} to delete`,
    `${count(operations, 'unchanged')} unchanged`,
  ];
  return parts.join(', ');
}

function headOf(entity: Entity): string {
  return ` ${nounOf(entity)} ${entity.name}`;
}

/** The plan for people, a line for each entity and each field that changes, in the order of the steps. */
export function renderPlan(operations: readonly Operation[], secrets: ReadonlySet<string>): Piece[][] {
  const lines = operations.flatMap((operation): Piece[][] => {
    const head: Piece[] = ['  ', marks[operation.type], headOf(operation.entity)];
    if (operation.type === 'keep') return [[...head, ` stays: ${operation.reason}`]];
    if (operation.type !== 'update') return [head];
    return [head, ...operation.changes.map((change) => [changeLine(change, secrets)])];
  });
  return [...lines, [`Plan: ${summaryText(operations)}.`]];
}

function changeJson({ field, before, after }: Change, secrets: ReadonlySet<string>): string {
  const value = (json: string | undefined): string | undefined => {
    if (json === undefined) return undefined;
    return field === 'exec.code'
      ? JSON.stringify(codeText(json))
      : maskJson(field.split('.').at(-1) ?? field, json, secrets);
  };
  return jsonObject([
    ['field', JSON.stringify(shownField(field))],
    ['before', value(before)],
    ['after', value(after)],
  ]);
}

/** The plan for programs: one JSON object for each step. */
export function planJson(operations: readonly Operation[], secrets: ReadonlySet<string>): string[] {
  return operations.map((operation) =>
    jsonObject([
      ['operation', JSON.stringify(operation.type)],
      ['kind', JSON.stringify(nounOf(operation.entity))],
      ['name', JSON.stringify(operation.entity.name)],
      [
        'changes',
        operation.type === 'update'
          ? `[${operation.changes.map((change) => changeJson(change, secrets)).join(',')}]`
          : undefined,
      ],
      ['reason', operation.type === 'keep' ? JSON.stringify(operation.reason) : undefined],
    ]),
  );
}
