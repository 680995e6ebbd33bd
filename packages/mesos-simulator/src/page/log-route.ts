import { noSuchFile, textAnswer } from '../http/answer.ts';
import type { Exchange } from '../http/exchange.ts';
import type { RouteTable } from '../http/route-table.ts';
import type { VirtualFiles } from '../files/virtual-files.ts';

const SHOWN_BYTES = 64 * 1024;

async function show(exchange: Exchange, files: VirtualFiles): Promise<void> {
  const path = exchange.query.get('path') ?? '';
  const size = (await files.read(path, -1))?.size;
  if (size === undefined) return exchange.answer(noSuchFile);
  const slice = await files.read(path, Math.max(0, size - SHOWN_BYTES));
  exchange.answer(textAnswer(200, slice?.data.toString() ?? '', [['X-Content-Type-Options', 'nosniff']]));
}

/** Serves `/log?path=`: the end of a file as a browser shows it, for the page's links. */
export function addLogRoute(table: RouteTable, files: VirtualFiles): void {
  table.add(['/log'], (exchange) => show(exchange, files));
}
