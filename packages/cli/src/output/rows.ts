import { jsonMembers, readKeyValues } from '../values/json-text.ts';
import { fitRows, type FixedColumn } from './fit-rows.ts';

const NAME_WIDTH = 70;
const statusWords = ['success', 'application error', 'developer error', 'internal error'];

/** The part of an entity's document that a list shows. */
export interface ListedEntity {
  readonly namespace: string;
  readonly name: string;
  readonly publish: boolean;
  readonly status: string;
  /** Annotations' values as JSON text. */
  readonly annotations: ReadonlyMap<string, string>;
}

/** An activation in a list. */
export interface ListedActivation extends ListedEntity {
  readonly activationId: string;
  readonly version: string;
  /** Epoch milliseconds. */
  readonly start: number;
  readonly durationMs: number;
  readonly statusCode: number;
}

function text(json: string | undefined): string {
  return json?.startsWith('"') ? (JSON.parse(json) as string) : '';
}

export function readEntity(json: string): ListedEntity {
  const members = jsonMembers(json);
  return {
    namespace: text(members.get('namespace')),
    name: text(members.get('name')),
    publish: members.get('publish') === 'true',
    status: text(members.get('status')),
    annotations: readKeyValues(members.get('annotations')),
  };
}

export function readActivation(json: string): ListedActivation {
  const members = jsonMembers(json);
  return {
    ...readEntity(json),
    activationId: text(members.get('activationId')),
    version: text(members.get('version')),
    start: Number(members.get('start') ?? 0),
    durationMs: Number(members.get('duration') ?? 0),
    statusCode: Number(members.get('statusCode') ?? 0),
  };
}

function fullName({ namespace, name }: ListedEntity): string {
  return `/${namespace}/${name}`;
}

/** How a list shows its entities. */
interface EntityRows {
  readonly columns: readonly FixedColumn[];
  readonly cells: (entity: ListedEntity) => string[];
}

const nameColumn: FixedColumn = { width: NAME_WIDTH };
const lastColumn: FixedColumn = { width: 0 };

export const entityRows = {
  packages: {
    columns: [nameColumn, lastColumn],
    cells: (entity) => [fullName(entity), entity.publish ? 'shared' : 'private'],
  },
  actions: {
    columns: [nameColumn, { width: 0 }, lastColumn],
    cells: (entity) => [fullName(entity), 'private', text(entity.annotations.get('exec'))],
  },
  triggers: { columns: [nameColumn, lastColumn], cells: (entity) => [fullName(entity), 'private'] },
  rules: {
    columns: [nameColumn, { width: 20 }, lastColumn],
    cells: (entity) => [fullName(entity), 'private', entity.status],
  },
} as const satisfies Readonly<Record<string, EntityRows>>;

/** Entities of one sort, a line each. */
export function entityLines(
  { columns, cells }: EntityRows,
  entities: readonly ListedEntity[],
  terminalWidth: number | undefined,
): string[] {
  return fitRows(entities.map(cells), columns, terminalWidth);
}

/** Case does not matter, as in OpenWhisk's `wsk`. */
export function byName(left: ListedEntity, right: ListedEntity): number {
  const [first, second] = [fullName(left).toLowerCase(), fullName(right).toLowerCase()];
  if (first === second) return 0;
  return first < second ? -1 : 1;
}

function pad2(value: number): string {
  return String(value).padStart(2, '0');
}

/** `2024-03-01 07:05:09`, in the time zone of the machine. */
export function formatDateTime(epochMs: number): string {
  const date = new Date(epochMs);
  const day = [date.getFullYear(), pad2(date.getMonth() + 1), pad2(date.getDate())].join('-');
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(pad2).join(':')}`;
}

/** `12ms`, `1.234s`, `2m3.5s`, `1h0m0s`, as Go prints a duration. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s';
  if (ms < 1000) return `${ms}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor((ms % 3_600_000) / 60_000);
  const seconds = `${(ms % 60_000) / 1000}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}

/** At most `length` characters, with dots in the middle. */
export function truncateMiddle(word: string, length: number): string {
  if (word.length <= length) return word;
  const head = Math.ceil(length / 2);
  const tail = length - 3 - head;
  return `${word.slice(0, head)}...${word.slice(word.length - tail)}`;
}

function activationColumns(activation: ListedActivation): string[] {
  const { namespace, name, version, annotations } = activation;
  return [
    formatDateTime(activation.start),
    activation.activationId,
    text(annotations.get('kind')) || 'unknown',
    annotations.has('initTime') ? 'cold' : 'warm',
    formatDuration(activation.durationMs),
    statusWords[activation.statusCode] ?? 'success',
    `${truncateMiddle(namespace, 20)}/${truncateMiddle(name, 30)}:${truncateMiddle(version, 20)}`,
  ];
}

const header = ['Datetime', 'Activation ID', 'Kind', 'Start', 'Duration', 'Status', 'Entity'];
const activationColumnWidths: readonly FixedColumn[] = [
  { width: 19, rank: 1 },
  { width: 32 },
  { width: 9, rank: 4 },
  { width: 5, rank: 3 },
  { width: 10, rank: 2 },
  { width: 17 },
  { width: 0 },
];

/** The header and the rows of a list of activations, in columns. */
export function activationTable(
  activations: readonly ListedActivation[],
  terminalWidth: number | undefined,
): string[] {
  const rows = activations.map(activationColumns);
  const longestKind = Math.max(0, ...rows.map((row) => row[2]?.length ?? 0));
  const columns = activationColumnWidths.map((column, index) =>
    index === 2 ? { ...column, width: Math.max(column.width, longestKind) } : column,
  );
  return fitRows([header, ...rows], columns, terminalWidth);
}
