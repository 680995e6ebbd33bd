import { emptyAnswer, textAnswer, type HttpAnswer } from '../http/answer.ts';
import type { ActiveRule } from '../faults/fault-rules.ts';
import type { RouteTable } from '../http/route-table.ts';
import type { MasterSnapshot } from '../master/snapshot.ts';
import { renderPage, type PageAgent } from './render-page.ts';

/** What the page is made of. */
export interface PageContext {
  /** Undefined: this master doesn't lead. */
  readonly snapshot: () => MasterSnapshot | undefined;
  /** Of the leading master. */
  readonly leaderUrl: () => string | undefined;
  readonly agents: () => readonly PageAgent[];
  readonly faults: () => readonly ActiveRule[];
  readonly now: () => number;
}

function answer(context: PageContext): HttpAnswer {
  const snapshot = context.snapshot();
  if (snapshot) {
    return {
      status: 200,
      headers: [['Content-Type', 'text/html; charset=utf-8']],
      body: renderPage({
        snapshot,
        agents: context.agents(),
        faults: context.faults(),
        now: context.now(),
      }),
    };
  }
  const leader = context.leaderUrl();
  return leader === undefined
    ? textAnswer(503, 'No leader elected')
    : emptyAnswer(307, [['Location', `${leader}/`]]);
}

/** Serves the page at `/`; who doesn't lead sends to who does. */
export function addPageRoute(table: RouteTable, context: PageContext): void {
  table.add(['/'], (exchange) => exchange.answer(answer(context)));
}
