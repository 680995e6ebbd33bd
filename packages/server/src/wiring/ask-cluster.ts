import { askInstance, type InstanceQuestion } from '../administration/ask-instance.ts';
import type { ClusterReport } from '../administration/cluster-report.ts';
import { CLUSTER_PATH } from '../administration/cluster-route.ts';
import { systemClock } from '../base/clock.ts';
import type { Refused } from './administer-data-directory.ts';
import { askDataDirectory } from './ask-data-directory.ts';
import { readClusterReport } from './read-cluster-report.ts';

/** Whom to ask: instances by their addresses, one after the other until one answers; without any, a platform. */
export interface ClusterQuestion extends Omit<InstanceQuestion, 'clock'> {
  readonly addresses: readonly URL[];
  readonly dataDir: string;
}

export interface ClusterAnswer {
  /** Absent: nobody has answered. */
  readonly report?: ClusterReport;
  /** The address that has answered. */
  readonly from?: string;
  /** Of those that were asked in vain. */
  readonly failures: readonly Refused[];
}

const plainReasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ECONNRESET: 'it closed the connection',
  EHOSTUNREACH: 'there is no way to it from here',
  ENETUNREACH: 'there is no way to it from here',
  ENOTFOUND: 'no such host is known',
  EAI_AGAIN: 'the name server does not answer',
  ETIMEDOUT: 'it does not answer',
  EPROTO: 'it does not speak TLS',
};

function whySilent(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (code.startsWith('HPE_')) return `it does not speak HTTP (${code})`;
  const plain = plainReasons[code];
  return plain === undefined ? message : `${plain} (${code})`;
}

async function askAt(address: URL, question: ClusterQuestion): Promise<ClusterReport | Refused> {
  const { signal, token } = question;
  const url = new URL(address);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}${CLUSTER_PATH}`;
  try {
    const reply = await askInstance(url, { clock: systemClock, signal, token });
    return readClusterReport(reply, { who: address.origin, hasToken: token !== undefined });
  } catch (error) {
    return {
      refused: `${address.origin} does not tell who leads: ${whySilent(error)}.`,
      mend: 'See that the instance runs, and that this is the address of its admin listener; or name more instances.',
    };
  }
}

/** Who leads, as one of those that are asked knows it. */
export async function askCluster(question: ClusterQuestion): Promise<ClusterAnswer> {
  const failures: Refused[] = [];
  for (const address of question.addresses) {
    const heard = await askAt(address, question);
    if (!('refused' in heard)) return { report: heard, from: address.origin, failures };
    failures.push(heard);
    if (question.signal?.aborted) break;
  }
  if (question.addresses.length > 0) return { failures };
  const reply = await askDataDirectory(question.dataDir, CLUSTER_PATH);
  const report =
    'refused' in reply ? reply : readClusterReport(reply, { who: 'The platform', hasToken: false });
  return 'refused' in report ? { failures: [report] } : { report, failures };
}
