import { describe, expect, it } from 'vitest';

import { leading, memberOf, NOW, without } from '../../test/cluster/recorded-report.ts';
import type { ClusterReport } from '../administration/cluster-report.ts';
import { clusterStatusText } from './cluster-status-text.ts';

function textOf(report: ClusterReport, columns = 80, from?: string): string {
  return clusterStatusText(report, { nowMs: NOW, columns, ...(from !== undefined && { from }) });
}

/** What stands beside a name in the head, without its line breaks. */
function told(text: string, name: string): string {
  const entry = new RegExp(`^${name} +(.*(?:\\n {11}.*)*)`, 'm').exec(text)?.[1] ?? '';
  return entry.replaceAll(/\s+/g, ' ');
}

function widest(text: string): number {
  return Math.max(...text.split('\n').map((line) => line.length));
}

const long = 'a-machine-with-a-long-name.in.a.far.zone.example.com:31946';

/** Each standing with the longest that instances may say of themselves. */
const reports: readonly [ClusterReport['standing'], ClusterReport][] = [
  ['leading', leading],
  ['following', { ...leading, standing: 'following' }],
  ['founding', without('founding', [memberOf('a', { isSelf: true, role: 'outside', address: long })])],
  ['joining', without('joining', [memberOf('a', { isSelf: true }), memberOf('b', { address: long })])],
  ['leaderless', without('leaderless', [memberOf('a', { isSelf: true }), memberOf('b', { state: 'dead' })])],
  ['closed', without('closed', [memberOf('a', { isSelf: true, state: 'left' })])],
];

describe('who leads, as text', () => {
  it('is told by the leader in 80 columns: lease, framework, log, failover, members, former leaders', () => {
    expect(textOf(leading, 80, 'http://10.0.0.2:8081')).toBe(`\
leader     10.0.0.2:7946 (b17e0c44), epoch 7, for 12 minutes
lease      good for 1.3 s without another heartbeat
cluster    sleepers (5c0ffee5c0ffee5c0ffee5c0ffee5c0f), 3 instances
asked      http://10.0.0.2:8081
answers    10.0.0.2:7946 (b17e0c44), which leads
framework  sleepers, sleepers-6f3a91
Mesos      subscribed (master 8d7c-master, version 1.11.0)
tasks      4: 1 waiting, 3 running
log        applied 1204, committed 1204, last 1204; kept from 1001; term 7
failover   12 minutes ago, from 10.0.0.1:7946 to 10.0.0.2:7946, in 3.1 s;
           subscribed again 410 ms later

MEMBER     ADDRESS        STATE  ROLE     VERSION  SINCE       BEHIND
0a1b2c3d   10.0.0.1:7946  dead   voter    2.4.0    12 minutes      24
b17e0c44*  10.0.0.2:7946  alive  leader   2.4.0    90 minutes       0
c9d0e1f2   10.0.0.3:7946  alive  learner  –        40 seconds       0

The newest changes of leader:
EPOCH  SINCE         TOOK  LEADER         BEFORE
    7  12 minutes   3.1 s  10.0.0.2:7946  10.0.0.1:7946
    6  80 minutes  140 ms  10.0.0.1:7946  10.0.0.3:7946
    3  90 minutes       –  10.0.0.3:7946  –
`);
  });

  it.each(reports)('fits 80 columns where an instance is %s', (_, report) => {
    const text = textOf({
      ...report,
      problems: [{ code: 'X', message: 'no '.repeat(90), mend: 'do '.repeat(90) }],
    });
    expect(widest(text)).toBeLessThanOrEqual(80);
    expect(widest(clusterStatusText(report, { nowMs: NOW, columns: 400 }))).toBeLessThanOrEqual(160);
  });

  it('puts problems first, those of the framework among them, each with its mend', () => {
    const problem = { code: 'EVEN_COUNT', message: 'Of two instances both are needed.', mend: 'Run 3.' };
    const noMaster = { code: 'NO_MASTER', message: 'There is no subscription.', mend: 'Look at the master.' };
    const framework = { ...leading.framework!, subscribed: false, problems: [noMaster] };
    const text = textOf({ ...leading, problems: [problem], framework });
    expect(text).toMatch(
      /^Problems:\n {2}EVEN_COUNT: Of two instances both are needed\.\n {4}mend: Run 3\.\n {2}NO_MASTER: .*\n {4}mend: .*\n\nleader /,
    );
    expect(told(text, 'Mesos')).toBe('NOT SUBSCRIBED');
  });

  it('says of an instance that follows that the leader alone knows its lease', () => {
    const { leaseMs: _, ...leader } = leading.leader!;
    const text = textOf({ ...leading, standing: 'following', leader });
    expect(told(text, 'leader')).toBe('10.0.0.2:7946 (b17e0c44), epoch 7, for 12 minutes');
    expect(told(text, 'lease')).toContain('the leader alone');
    expect(told(text, 'answers')).toBe('10.0.0.2:7946 (b17e0c44), which follows');
  });

  it('leaves out how far the logs of others are where the leader alone knows', () => {
    const members = [memberOf('a', { isSelf: true }), memberOf('b', { isLeader: true })];
    expect(textOf({ ...leading, standing: 'following', members, changes: [] })).toContain(`
MEMBER     ADDRESS        STATE  ROLE    VERSION  SINCE
0a1b2c3d*  10.0.0.1:7946  alive  voter   2.4.0    90 minutes
b17e0c44   10.0.0.2:7946  alive  leader  2.4.0    90 minutes
`);
  });

  it('says while a cluster is being founded how many instances have met, and how many it takes', () => {
    const alone = without('founding', [memberOf('a', { isSelf: true, role: 'outside' })]);
    expect(told(textOf(alone), 'leader')).toBe(
      'NOBODY: the cluster is being founded. Of 3 instances 2 must have met for a while; 1 is here (10.0.0.1:7946)',
    );
    expect(told(textOf({ ...alone, instances: 0 }), 'leader')).toContain('not known yet; 1 is here');
  });

  it('says where nobody leads which voters are missing, and how many were not met', () => {
    const members = [
      memberOf('a', { isSelf: true }),
      memberOf('b', { state: 'dead' }),
      memberOf('c', { state: 'suspect' }),
    ];
    expect(told(textOf(without('leaderless', members)), 'leader')).toContain(
      'From here 1 of 3 voters can be reached; missing: 10.0.0.2:7946, 10.0.0.3:7946',
    );
    expect(told(textOf(without('leaderless', members.slice(0, 1))), 'leader')).toContain(
      '1 of 1 voter can be reached; 2 instances not met yet',
    );
  });

  it('says of one that joins whom it reaches', () => {
    const self = memberOf('a', { isSelf: true, role: 'outside' });
    expect(told(textOf(without('joining', [self, memberOf('b')])), 'leader')).toMatch(
      /^NOBODY that this instance knows of\. .* admit it; it reaches 10\.0\.0\.2:7946$/,
    );
    expect(told(textOf(without('joining', [self])), 'leader')).toContain('it reaches none of its members');
  });

  it('takes neither the first leader nor the lack of a log for news', () => {
    const [first] = leading.changes;
    const { framework: _, ...cluster } = leading;
    const log = { first: 0, last: 0, committed: 0, applied: 0, term: 1 };
    const text = textOf({ ...cluster, log, changes: [first!] });
    for (const absent of ['failover', 'log', 'framework', 'Mesos', 'The newest changes']) {
      expect(text).not.toContain(absent);
    }
  });
});
