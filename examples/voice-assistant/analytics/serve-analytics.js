import { timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { listen } from '../listen.js';
import { figuresOf, names, parseVisits } from './visits.js';

const isKey = (given, key) => given.length === key.length && timingSafeEqual(given, key);

/** The status and the body that answer a request. */
function answer({ method, url, headers }, { visits, today, key }) {
  const { pathname, searchParams } = new URL(url, 'http://analytics');
  if (!isKey(Buffer.from(headers.authorization ?? ''), Buffer.from(`Bearer ${key}`)))
    return [401, { error: 'The key is missing or wrong.' }];
  if (pathname !== '/figures') return [404, { error: 'There is only /figures.' }];
  if (method !== 'GET') return [405, { error: 'Figures are read by GET.' }];
  const question = { measure: searchParams.get('measure'), period: searchParams.get('period') };
  for (const [name, known] of Object.entries(names))
    if (!known.includes(question[name])) return [400, { error: `${name} is one of ${known.join(', ')}.` }];
  const figures = figuresOf(visits, { ...question, today });
  return figures === undefined
    ? [404, { error: 'There are no figures of that time.' }]
    : [200, { ...question, ...figures }];
}

/**
 * The analytics service: `GET /figures?measure=page-views|visitors&period=last-week|last-month`, with the key as a
 * bearer token. Its data are a CSV file (`day,visitor,pages`); periods lie before `today` (YYYY-MM-DD).
 * @param {{file: string, today: string, key: string, host: string, port?: number}} options
 */
export async function serveAnalytics({ file, today, key, host, port }) {
  const visits = parseVisits(await readFile(file, 'utf8'));
  const server = createServer((request, response) => {
    let said;
    try {
      said = answer(request, { visits, today, key });
    } catch {
      said = [400, { error: 'The address can’t be read.' }];
    }
    const [status, body] = said;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  return listen(server, { host, port });
}
