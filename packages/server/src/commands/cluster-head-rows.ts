import type { ClusterReport } from '../administration/cluster-report.ts';
import { leaderlessStandingText } from './cluster-standing-text.ts';
import { amount, spanText } from './plain-words.ts';

const SHORT_ID = 8;
/** Members' ids are long and random; a name of a machine is told whole. */
const LONGEST_NAME = 31;
const TENTHS_BELOW_MS = 10_000;

type Row = readonly [name: string, text: string];
type Framework = NonNullable<ClusterReport['framework']>;

/** The beginning of an id tells members apart. */
export function shortId(id: string): string {
  return id.length > LONGEST_NAME ? id.slice(0, SHORT_ID) : id;
}

/** What people call a member: its address, or its id when it has gone. */
export function nameOf({ members }: ClusterReport, id: string): string {
  return members.find((member) => member.id === id)?.address ?? shortId(id);
}

/** A span in which tenths of seconds count: `180 ms`, `3.1 s`, `12 seconds`. */
export function secondsText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < TENTHS_BELOW_MS ? `${(ms / 1000).toFixed(1)} s` : spanText(ms);
}

function leaderText(report: ClusterReport, nowMs: number): string {
  const { leader } = report;
  if (leader === undefined) return leaderlessStandingText(report);
  const { address, epoch, id, since } = leader;
  const who = address === '' ? shortId(id) : `${address} (${shortId(id)})`;
  return `${who}, epoch ${epoch}, for ${spanText(Math.max(0, nowMs - since))}`;
}

function leaseText({ instances, leader, standing }: ClusterReport): string | undefined {
  if (leader === undefined) return undefined;
  if (leader.leaseMs !== undefined) {
    return `good for ${secondsText(leader.leaseMs)} without another heartbeat`;
  }
  if (standing !== 'leading') return 'known to the leader alone: its own admin listener tells';
  return instances === 1 ? 'as long as it runs' : 'not confirmed by a majority yet';
}

function selfText({ leader, self, standing }: ClusterReport): string {
  const who = `${self.address} (${shortId(self.id)})`;
  // Where nobody leads, what it is has been said.
  if (leader === undefined) return who;
  return `${who}, which ${standing === 'leading' ? 'leads' : 'follows'}`;
}

function logText({ log }: ClusterReport): string | undefined {
  if (log.last === 0) return undefined;
  const { applied, committed, first, last, term } = log;
  return `applied ${applied}, committed ${committed}, last ${last}; kept from ${first}; term ${term}`;
}

function mesosText({ master, masters, subscribed }: Framework): string {
  const where = masters === undefined ? '' : `${masters}, `;
  if (!subscribed) return `${where}NOT SUBSCRIBED`;
  const { id, version } = master ?? {};
  const parts = [
    ...(id === undefined ? [] : [`master ${id}`]),
    ...(version === undefined ? [] : [`version ${version}`]),
  ];
  return `${where}subscribed${parts.length > 0 ? ` (${parts.join(', ')})` : ''}`;
}

function tasksText({ tasks }: Framework): string {
  const present = Object.entries(tasks).filter(([, count]) => count > 0);
  const total = present.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return 'none';
  return `${total}: ${present.map(([standing, count]) => `${count} ${standing}`).join(', ')}`;
}

/** Who led first has not come after anybody: that was no failover. */
function failoverText(report: ClusterReport, nowMs: number): string | undefined {
  const change = report.changes.at(-1);
  const last =
    report.framework?.lastFailover ?? (change && { ...change, from: change.former, to: change.leader });
  if (last?.from === undefined) return undefined;
  const after = 'subscribedAfterMs' in last ? last.subscribedAfterMs : undefined;
  const took = last.tookMs === undefined ? '' : `, in ${secondsText(last.tookMs)}`;
  const again = after === undefined ? '' : `; subscribed again ${secondsText(after)} later`;
  const ago = spanText(Math.max(0, nowMs - last.at));
  return `${ago} ago, from ${nameOf(report, last.from)} to ${nameOf(report, last.to)}${took}${again}`;
}

function rowsOfFramework(framework: Framework | undefined): readonly Row[] {
  if (framework === undefined) return [];
  return [
    ['framework', `${framework.name}, ${framework.id ?? 'without an id yet'}`],
    ['Mesos', mesosText(framework)],
    ['tasks', tasksText(framework)],
  ];
}

function row(name: string, text: string | undefined): readonly Row[] {
  return text === undefined ? [] : [[name, text]];
}

/** What is told above the tables, each with its name. */
export function clusterHeadRows(
  report: ClusterReport,
  { from, nowMs }: { readonly from?: string; readonly nowMs: number },
): readonly Row[] {
  const { clusterId, instances, name, refusedPackets } = report;
  const id = clusterId === undefined ? '' : ` (${clusterId})`;
  const count = instances === 0 ? '' : `, ${amount(instances, 'instance')}`;
  return [
    ['leader', leaderText(report, nowMs)],
    ...row('lease', leaseText(report)),
    ['cluster', `${name}${id}${count}`],
    ...row('asked', from),
    ['answers', selfText(report)],
    ...rowsOfFramework(report.framework),
    ...row('log', logText(report)),
    ...row('failover', failoverText(report, nowMs)),
    ...row(
      'refused',
      refusedPackets === 0 ? undefined : `${amount(refusedPackets, 'packet')} from strangers`,
    ),
  ];
}
