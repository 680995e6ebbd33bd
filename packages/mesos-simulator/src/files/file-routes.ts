import { createReadStream } from 'node:fs';

import { emptyAnswer, jsonAnswer, noSuchFile, textAnswer } from '../http/answer.ts';
import type { Exchange } from '../http/exchange.ts';
import type { RouteTable } from '../http/route-table.ts';
import { describeFile, type DescribedFile } from './describe-file.ts';
import { VirtualFiles } from './virtual-files.ts';

/** The query's `path`, or the 400 that Mesos answers without one. */
function pathOf(exchange: Exchange): string | undefined {
  const path = exchange.query.get('path');
  if (path === null || path === '') {
    exchange.answer(textAnswer(400, "Expecting 'path=value' in query.\n"));
    return undefined;
  }
  return path;
}

function numberOf(exchange: Exchange, name: string): number | undefined | 'invalid' {
  const text = exchange.query.get(name);
  if (text === null) return undefined;
  return /^-?\d+$/.test(text) ? Number(text) : 'invalid';
}

/** The size is told by an offset of -1, by none, and beyond the end by what was asked. */
async function read(files: VirtualFiles, exchange: Exchange): Promise<void> {
  const path = pathOf(exchange);
  if (path === undefined) return;
  const offset = numberOf(exchange, 'offset');
  const length = numberOf(exchange, 'length');
  if (offset === 'invalid' || length === 'invalid') {
    const name = offset === 'invalid' ? 'offset' : 'length';
    return exchange.answer(
      textAnswer(
        400,
        `Failed to parse ${name}: Failed to convert '${exchange.query.get(name)}' to number.\n`,
      ),
    );
  }
  const asksSize = offset === undefined || offset === -1;
  const slice = await files.read(path, asksSize ? -1 : offset, length === -1 ? undefined : length);
  if (!slice) return exchange.answer(noSuchFile);
  const answer = asksSize ? { data: '', offset: slice.size } : { data: slice.data.toString(), offset };
  exchange.answer(jsonAnswer(answer, exchange.query.get('jsonp')));
}

async function browse(files: VirtualFiles, exchange: Exchange): Promise<void> {
  const path = pathOf(exchange);
  if (path === undefined) return;
  const found = await files.browse(path);
  if (!found) return exchange.answer(noSuchFile);
  const described: DescribedFile[] = await Promise.all(found.map(describeFile));
  exchange.answer(jsonAnswer(described, exchange.query.get('jsonp')));
}

async function download(files: VirtualFiles, exchange: Exchange): Promise<void> {
  const path = pathOf(exchange);
  if (path === undefined) return;
  const real = await files.resolve(path);
  const slice = real === undefined ? undefined : await files.read(path, -1);
  if (real === undefined || !slice) return exchange.answer(noSuchFile);
  const pieces: Buffer[] = [];
  for await (const piece of createReadStream(real) as AsyncIterable<Buffer>) pieces.push(piece);
  exchange.answer({
    ...emptyAnswer(200, [
      ['Content-Disposition', `attachment; filename=${VirtualFiles.nameOf(path)}`],
      ['Content-Type', 'application/octet-stream'],
    ]),
    body: Buffer.concat(pieces),
  });
}

/** Serves `/files/*`. */
export function addFileRoutes(table: RouteTable, files: VirtualFiles): void {
  table
    .add(['/files/read', '/files/read.json'], (exchange) => read(files, exchange))
    .add(['/files/browse', '/files/browse.json'], (exchange) => browse(files, exchange))
    .add(['/files/download', '/files/download.json'], (exchange) => download(files, exchange))
    .add(['/files/debug', '/files/debug.json'], (exchange) => exchange.answer(jsonAnswer(files.list())));
}
