import { HttpAsker, MesosOperator, parseMasters } from '@vibrissa/mesos';

import type { MesosAccess } from '../containers/mesos/mesos-connection.ts';

/** Asks the leading master as an operator does, without a framework; rejects when nobody has answered in time. */
export async function askMaster<T>(
  { auth, masters, tls }: MesosAccess,
  timeoutMs: number,
  ask: (operator: MesosOperator, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const http = new HttpAsker({ ...(auth && { credentials: auth }), ...(tls && { tls }) });
  try {
    const detector = parseMasters(masters, { timeoutMs });
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      const operator = new MesosOperator({ http, masters: () => detector.detect(signal) });
      return await ask(operator, signal);
    } finally {
      await detector.close();
    }
  } finally {
    await http.close();
  }
}
