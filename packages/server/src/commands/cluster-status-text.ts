import type { ClusterReport } from '../administration/cluster-report.ts';
import { clusterHeadRows, nameOf, secondsText, shortId } from './cluster-head-rows.ts';
import { spanText } from './plain-words.ts';
import { tableText, wrapped, type Column } from './table-text.ts';

/** Of a file or a pipe. */
const WIDTH = 100;
/** Narrower ones break lines. */
const LEAST_WIDTH = 80;
const WIDEST = 160;
const MARGIN = 11;
const SHOWN_CHANGES = 5;
/** What the other columns of the members' table take at most, with their gaps. */
const BESIDE_ADDRESS = 60;

export interface ShownCluster {
  readonly nowMs: number;
  /** Of the terminal; absent: a file or a pipe. */
  readonly columns?: number;
  /** The address that was asked; absent: the platform of a data directory. */
  readonly from?: string;
}

function problemsText({ framework, problems }: ClusterReport, width: number): string {
  const all = [...problems, ...(framework?.problems ?? [])];
  if (all.length === 0) return '';
  const entries = all.map(
    ({ code, mend, message }) =>
      `${wrapped(`${code}: ${message}`, width, '  ')}${wrapped(`mend: ${mend}`, width, '    ')}`,
  );
  return `Problems:\n${entries.join('')}\n`;
}

function headText(report: ClusterReport, shown: ShownCluster, width: number): string {
  const margin = ' '.repeat(MARGIN);
  return clusterHeadRows(report, shown)
    .map(([name, text]) => name.padEnd(MARGIN) + wrapped(text, width, margin).trimStart())
    .join('');
}

function memberColumns(width: number, knowsLogs: boolean): readonly Column[] {
  return [
    { heading: 'MEMBER', atMost: 9 },
    { heading: 'ADDRESS', atMost: width - BESIDE_ADDRESS },
    { heading: 'STATE' },
    { heading: 'ROLE' },
    { heading: 'VERSION', atMost: 8 },
    { heading: 'SINCE', atMost: 11 },
    ...(knowsLogs ? [{ heading: 'BEHIND', align: 'right' } as const] : []),
  ];
}

function versionOf({ version }: { readonly [key: string]: unknown }): string {
  return typeof version === 'string' || typeof version === 'number' ? String(version) : '–';
}

function membersText({ log, members }: ClusterReport, nowMs: number, width: number): string {
  if (members.length === 0) return '';
  const knowsLogs = members.some(({ matched }) => matched !== undefined);
  const rows = members.map(({ address, id, isLeader, isSelf, matched, meta, role, since, state }) => [
    `${shortId(id)}${isSelf ? '*' : ''}`,
    address,
    state,
    isLeader ? 'leader' : role,
    versionOf(meta),
    spanText(Math.max(0, nowMs - since)),
    ...(knowsLogs ? [matched === undefined ? '–' : String(Math.max(0, log.last - matched))] : []),
  ]);
  return `\n${tableText(memberColumns(width, knowsLogs), rows, width)}`;
}

const changeColumns: readonly Column[] = [
  { heading: 'EPOCH', align: 'right' },
  { heading: 'SINCE', atMost: 11 },
  { heading: 'TOOK', align: 'right' },
  { heading: 'LEADER', atMost: 28 },
  { heading: 'BEFORE' },
];

function changesText(report: ClusterReport, nowMs: number, width: number): string {
  const newest = report.changes.slice(-SHOWN_CHANGES).toReversed();
  // One leader since there is a cluster: the head has said it.
  if (newest.length < 2) return '';
  const rows = newest.map(({ at, epoch, former, leader, tookMs }) => [
    String(epoch),
    spanText(Math.max(0, nowMs - at)),
    tookMs === undefined ? '–' : secondsText(tookMs),
    nameOf(report, leader),
    former === undefined ? '–' : nameOf(report, former),
  ]);
  return `\nThe newest changes of leader:\n${tableText(changeColumns, rows, width)}`;
}

/** The report as lines of at most `columns` characters, or 80 where that is fewer: problems first. */
export function clusterStatusText(report: ClusterReport, shown: ShownCluster): string {
  const width = Math.min(WIDEST, Math.max(LEAST_WIDTH, shown.columns ?? WIDTH));
  const { nowMs } = shown;
  const tables = `${membersText(report, nowMs, width)}${changesText(report, nowMs, width)}`;
  return `${problemsText(report, width)}${headText(report, shown, width)}${tables}`;
}
